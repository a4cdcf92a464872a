"""PayDesk: the payment desk of an independent insurance agency."""

__version__ = "0.1.0"
