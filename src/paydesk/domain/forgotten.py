"""What was removed of a customer who is to be forgotten."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How much of a customer was removed, and how many invoices stay because a payment names them."""

    customers: int
    invoices: int
    kept: int
