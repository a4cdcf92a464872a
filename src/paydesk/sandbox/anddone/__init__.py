"""The emulator of AndDone."""
