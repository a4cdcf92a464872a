"""The Day end page and its printed sheet."""
