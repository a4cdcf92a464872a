"""Verify a ledger against its invariants."""
