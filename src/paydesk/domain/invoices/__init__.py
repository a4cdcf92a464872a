"""Invoices: balances, selection, search terms and imports."""
