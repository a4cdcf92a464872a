"""Find, search, refresh and import invoices."""
