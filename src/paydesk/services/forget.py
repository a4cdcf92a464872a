"""Forget a customer: what was cached goes, what the ledger recorded stays."""

from __future__ import annotations

from typing import Protocol

from paydesk.domain.errors import KnownError
from paydesk.domain.forgotten import Forgotten
from paydesk.domain.invoice import customer_number_in
from paydesk.services.ports import Ledger


class CustomerRows(Protocol):
    """The cached rows. Raises KnownError when the ledger database is away."""

    def forget(self, number: str) -> Forgotten:
        """Remove what is cached of a customer; of invoices that payments name, everything but the sums."""
        ...


class Forget:
    """Removes customers from the cache, and records that it was done."""

    def __init__(self, rows: CustomerRows, ledger: Ledger) -> None:
        self._rows = rows
        self._ledger = ledger

    def customer(self, text: str) -> Forgotten:
        """Forget the customer with that number. Raises KnownError when it is no customer number."""
        number = customer_number_in(text)
        if not number:
            raise KnownError("That is not a customer number.", "Type its digits, for example 1001.")
        forgotten = self._rows.forget(number)
        self._ledger.note(None, "forgotten", {"customer": number, "invoices": str(forgotten.invoices)})
        return forgotten
