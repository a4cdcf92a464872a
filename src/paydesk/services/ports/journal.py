"""The journal of offers, outside of the ledger: what a restored ledger does not know, it must not forget."""

from __future__ import annotations

from typing import Protocol

from paydesk.domain.payment import Payment


class OfferJournal(Protocol):
    """Remembers every address that was ever shown, durably."""

    def add(self, payment: Payment) -> None:
        """Write down the address of a payment, before anybody sees it, or once more. Raises KnownError."""
        ...
