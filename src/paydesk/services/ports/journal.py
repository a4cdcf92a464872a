"""The journal of offers, outside the ledger. It remembers addresses that a restored ledger has lost."""

from __future__ import annotations

from typing import Protocol

from paydesk.domain.payment import Payment


class OfferJournal(Protocol):
    """Remembers every address that was ever shown, durably."""

    def add(self, payment: Payment) -> None:
        """Write down an address before anybody sees it. A repeat is harmless. Raises KnownError."""
        ...
