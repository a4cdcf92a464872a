"""One HTTP call: deadlines, retries, typed fields and messages."""
