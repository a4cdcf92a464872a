"""Payments, holds, voids, returns and the outbox."""
