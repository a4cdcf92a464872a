"""AndDone's Secure API. Everything the vendor may rename is in ``names``."""
