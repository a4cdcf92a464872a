"""Settings, keys, paths, the log and the system clock."""
