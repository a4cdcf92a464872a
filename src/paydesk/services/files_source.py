"""Invoices from imported files: the cache is all there is, and says how old it is."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from paydesk.domain.errors import KnownError
from paydesk.domain.invoice import Customer, Invoice
from paydesk.services.ports import Cache, Imports


class Customers(Protocol):
    """A service that knows customers and their ZIPs, but no invoices, as WSAPI does."""

    def customer(self, number: str) -> Customer | None:
        """The customer; None when there is none. Raises KnownError."""
        ...


class FilesSource:
    """The invoice source of an agency without EMS: what was imported last.

    ``customers`` tells who they are, where a service does; while it is away, the file does.
    """

    def __init__(self, cache: Cache, imports: Imports, customers: Customers | None = None) -> None:
        self._cache = cache
        self._imports = imports
        self._customers = customers

    def invoice(self, number: str) -> Invoice | None:
        """The invoice as the file had it; one that a newer file lacked is closed."""
        self._need_a_file()
        return self._cache.invoice(number)

    def customer(self, number: str) -> Customer | None:
        """The customer, with the ZIP where the service or a file told it."""
        self._need_a_file()
        if self._customers is not None:
            with contextlib.suppress(KnownError):
                found = self._customers.customer(number)
                if found is not None:
                    return found
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
