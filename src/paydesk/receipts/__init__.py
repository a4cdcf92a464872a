"""Receipts on paper: a receipt value in, PDF bytes out."""
