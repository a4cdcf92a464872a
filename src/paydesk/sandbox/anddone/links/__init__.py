"""Unique payment links: their orders, and the replies about them."""
