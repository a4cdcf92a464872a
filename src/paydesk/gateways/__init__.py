"""Adapters to the vendors and to files: AndDone moves money, AMS360 has the invoices."""
