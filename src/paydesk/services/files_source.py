"""Invoices from imported files: the cache is all there is, and says how old it is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from paydesk.domain.errors import KnownError
from paydesk.domain.invoice import Customer, Invoice
from paydesk.services.ports import Cache, Imports


class FilesSource:
    """The invoice source of an agency that has no service of AMS360: what was imported last."""

    def __init__(self, cache: Cache, imports: Imports) -> None:
        self._cache = cache
        self._imports = imports

    def invoice(self, number: str) -> Invoice | None:
        """The invoice as the file had it; one that a newer file lacked is closed."""
        self._need_a_file()
        return self._cache.invoice(number)

    def customer(self, number: str) -> Customer | None:
        """The customer, with the ZIP where a file told it."""
        self._need_a_file()
        return self._cache.customer(number)

    def open_invoices(self, customer: Customer) -> Sequence[Invoice]:
        """What the customer owed when the file was made."""
        self._need_a_file()
        return self._cache.open_invoices(customer.number)

    def customers_changed(self, since: datetime) -> Sequence[Customer]:
        """Raises KnownError: a file does not tell."""
        raise KnownError("An imported file does not tell which customers changed.")

    def _need_a_file(self) -> None:
        """Raise KnownError before anything was imported: an empty cache is no answer."""
        if not any(run.finished_at and not run.undone_at for run in self._imports.runs(9)):
            raise KnownError(
                "No open receivables have been imported yet.",
                "Export them from AMS360, then: paydesk import FILE.",
            )
