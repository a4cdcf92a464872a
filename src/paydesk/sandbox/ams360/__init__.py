"""The emulator of AMS360: EMS and WSAPI."""
