"""Invoices from imported files, read from the cache."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from datetime import datetime

from paydesk.domain.errors import KnownError
from paydesk.domain.invoices.invoice import Customer, Invoice
from paydesk.services.invoices import import_words, words
from paydesk.services.ports.agency import CustomerSource, NamesFound
from paydesk.services.ports.cache import Cache, Imports


class FilesSource:
    """The invoice source of an agency without EMS: the newest import.

    ``customers`` is the service that knows customers, if there is one. While it is unreachable, the file is
    used.
    """

    def __init__(self, cache: Cache, imports: Imports, customers: CustomerSource | None = None) -> None:
        self._cache = cache
        self._imports = imports
        self._customers = customers

    def invoice(self, number: str) -> Invoice | None:
        """Return the invoice as the file had it. One that a newer file lacked is closed."""
        self._need_a_file()
        return self._cache.invoice(number)

    def customer(self, number: str) -> Customer | None:
        """Return the customer, with the ZIP if the service or a file has it."""
        self._need_a_file()
        if self._customers is not None:
            with contextlib.suppress(KnownError):
                found = self._customers.customer(number)
                if found is not None:
                    return found
        return self._cache.customer(number)

    def open_invoices(self, customer: Customer) -> Sequence[Invoice]:
        """Return the invoices the customer owed when the file was made."""
        self._need_a_file()
        return self._cache.open_invoices(customer.number)

    def customers_changed(self, since: datetime) -> Sequence[Customer]:
        """Raise KnownError: a file does not tell which customers changed."""
        raise import_words.no_changes_in_file()

    def customers_named(self, name: str) -> NamesFound:
        """Raise CannotSearch: a file holds nobody whom the desk's own search does not find."""
        raise words.no_name_search()

    def _need_a_file(self) -> None:
        """Raise KnownError until something was imported: an empty cache is no answer."""
        if not any(run.finished_at and not run.undone_at for run in self._imports.runs(9)):
            raise import_words.no_file_yet()
