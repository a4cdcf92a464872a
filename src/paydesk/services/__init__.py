"""Verbs: one use case each, talking to the world through ``ports``."""
