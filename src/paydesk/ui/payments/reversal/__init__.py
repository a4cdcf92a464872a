"""Void or refund a payment, and ask for the reason of what only a person may do."""
