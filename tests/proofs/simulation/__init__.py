"""Deterministic simulation: the real protocol takes payments while everything around it fails."""
