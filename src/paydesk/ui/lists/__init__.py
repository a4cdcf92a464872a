"""The list of the window: sized by content, sorted, grouped by day, copied and saved."""
