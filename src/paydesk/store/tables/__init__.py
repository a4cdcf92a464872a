"""The tables, their rows and statements, and the hash-chained events."""
