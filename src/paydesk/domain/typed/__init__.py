"""Readers of texts that people type, paste, scan and swipe: digits, card numbers, invoice numbers."""
