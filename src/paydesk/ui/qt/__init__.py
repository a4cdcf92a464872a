"""Worker threads, garbage collection, and a workaround for a bug of PySide6."""
