"""Simulates a system that SQLCipher has no wheel for. Python finds this module first."""

raise ImportError("a test hides it")
