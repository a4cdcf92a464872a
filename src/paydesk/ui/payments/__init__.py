"""The Payments and Needs attention pages."""
