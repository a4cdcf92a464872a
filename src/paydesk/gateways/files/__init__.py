"""Reports of open receivables, and deposit files."""
