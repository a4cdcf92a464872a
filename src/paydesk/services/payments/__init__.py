"""Authorize, resolve, reconcile and void payments."""
