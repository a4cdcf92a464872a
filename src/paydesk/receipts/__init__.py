"""Paper: a receipt value in, PDF bytes out."""
