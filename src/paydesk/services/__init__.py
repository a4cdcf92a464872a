"""Use cases, one a module. They reach the outside world only through ``ports``."""
