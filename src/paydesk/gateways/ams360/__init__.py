"""AMS360's EMS and WSAPI services. Everything the vendor may rename is in ``names``."""
