"""The user interface. It asks and shows, and leaves every decision to the services."""
