"""The window: it asks and shows, and decides nothing."""
