"""A deterministic world in which the real protocol takes payments while everything goes wrong."""
