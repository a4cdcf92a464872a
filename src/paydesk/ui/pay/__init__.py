"""The payment dialog."""
