"""Customers and invoices as last seen, and the search in them."""
