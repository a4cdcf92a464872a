"""The main window, its status bar and its background work."""
