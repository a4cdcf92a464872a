"""Forget a customer: remove what was cached, keep what the ledger recorded."""

from __future__ import annotations

from paydesk.domain.errors import KnownError
from paydesk.domain.events import EventKind
from paydesk.domain.typed.numbers import customer_number_in
from paydesk.services.invoices import words
from paydesk.services.ports.cache import Cache, Forgotten
from paydesk.services.ports.ledger import Ledger
from paydesk.services.ports.rights import EVERYONE, Right, Rights


class Forget:
    """Removes customers from the cache, and records the removal."""

    def __init__(self, cache: Cache, ledger: Ledger, rights: Rights = EVERYONE) -> None:
        self._cache = cache
        self._ledger = ledger
        self._rights = rights

    def customer(self, text: str) -> Forgotten:
        """Forget the customer with that number. Raises KnownError if it is not a customer number."""
        self._rights.require(Right.FORGET)
        number = customer_number_in(text)
        if not number:
            raise KnownError(*words.NOT_A_CUSTOMER_NUMBER)
        forgotten = self._cache.forget(number)
        self._ledger.note(
            None, EventKind.FORGOTTEN, {"customer": number, "invoices": str(forgotten.invoices)}
        )
        return forgotten
