"""The HTTP server of the emulators, with its faults."""
