"""The cache: customers and invoices as last seen, the search over them, and imported files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from paydesk.domain.invoices.importing import CustomerRow, ImportRun, InvoiceRow, Remembered, Scope
from paydesk.domain.invoices.invoice import Customer, Invoice
from paydesk.domain.money import ZERO, Money


@dataclass(frozen=True, slots=True)
class Forgotten:
    """Rows removed for a customer. ``kept`` counts the invoices that stay because a payment names them."""

    customers: int
    invoices: int
    kept: int


@dataclass(frozen=True, slots=True)
class OpenSums:
    """A customer's open invoices as last seen: the debts, and the credits as positive sums."""

    count: int = 0
    owed: Money = ZERO
    credits: int = 0
    credit: Money = ZERO


NO_SUMS = OpenSums()


class Cache(Protocol):
    """Customers and invoices as last seen. Raises KnownError if the ledger database is unreachable."""

    def invoice(self, number: str) -> Invoice | None:
        """Return the invoice as last seen, or None."""
        ...

    def customer(self, number: str) -> Customer | None:
        """Return the customer as last seen, or None."""
        ...

    def open_invoices(self, customer_number: str) -> Sequence[Invoice]:
        """Return the customer's invoices with a balance, as last seen."""
        ...

    def keep(self, invoice: Invoice) -> None:
        """Keep one reading. An older reading never replaces a newer one."""
        ...

    def keep_all(self, customer: Customer, invoices: Sequence[Invoice], read_at: datetime) -> None:
        """Keep all that a customer owes, read at ``read_at``.

        Every other invoice of the customer is closed.
        """
        ...

    def index_next(self) -> bool:
        """Index the next rows that an import wrote. Returns False if none are left."""
        ...

    def drop_closed(self, before: datetime) -> int:
        """Remove some invoices that were closed, and last read, before then. Returns 0 if none are left."""
        ...

    def forget(self, number: str) -> Forgotten:
        """Remove a customer's rows. Invoices that payments name keep only their sums."""
        ...


class SearchIndex(Protocol):
    """Search in the cache by the terms of ``domain.invoices.search_terms``. Raises KnownError."""

    def customers(self, terms: Sequence[Sequence[str]], limit: int, *, whole: bool = False) -> list[Customer]:
        """Return customers with one of each group of terms. Its first may be a prefix unless ``whole``."""
        ...

    def invoices(self, terms: Sequence[Sequence[str]], limit: int, *, whole: bool = False) -> list[Invoice]:
        """Return open invoices with one of each group of terms, as ``customers`` does."""
        ...

    def similar(self, word: str, longest: int | None) -> list[str]:
        """Return words of names that share a piece with this one and have about as many letters, or more.

        ``longest`` is their maximum length, or None for any length.
        """
        ...

    def sums(self, numbers: Sequence[str]) -> Mapping[str, OpenSums]:
        """Return the sums of these customers' open invoices. Our own payments are not taken off."""
        ...

    def with_payments(self, numbers: Sequence[str]) -> list[Invoice]:
        """Return these customers' open invoices that any payment of ours names."""
        ...

    def numbered(self, number: str) -> Invoice | None:
        """Return the invoice with that very number, open or closed, or None."""
        ...

    def paid(self, beginning: str, limit: int) -> list[Invoice]:
        """Return invoices that a payment of ours names, and whose numbers begin with these digits."""
        ...


class RefreshQueue(Protocol):
    """Customers a refresh still has to read. Raises KnownError if the ledger database is unreachable."""

    def get(self, name: str) -> Mapping[str, str]:
        """Return the values saved under that name, empty if there are none."""
        ...

    def save(self, name: str, held: Mapping[str, str]) -> None:
        """Save the values durably under that name."""
        ...

    def count(self, before: datetime, due_from: date, due_until: date) -> int:
        """Count customers with open invoices last read before ``before`` and due between these dates.

        Invoices without a due date count as well.
        """
        ...

    def next(self, after: str, before: datetime, due_from: date, due_until: date) -> str | None:
        """Return the number of the next of these customers after that number, or None."""
        ...


class Imports(Protocol):
    """Imported files in the cache. Raises KnownError if the ledger database is unreachable."""

    def remembered(self, shape: str) -> Remembered | None:
        """Return a person's answers for files of this shape, or None."""
        ...

    def remember(self, shape: str, remembered: Remembered) -> None:
        """Save a person's answers for files of this shape."""
        ...

    def customer_name(self, number: str) -> str:
        """Return the name of a customer as last seen, or ``""``."""
        ...

    def runs(self, limit: int = 50) -> Sequence[ImportRun]:
        """Return the newest imports first."""
        ...

    def begin(self, file_name: str, digest: str, shape: str, scope: Scope, as_of: datetime) -> ImportRun:
        """Start an import. Raises KnownError while another one is unfinished."""
        ...

    def add(
        self, run: ImportRun, invoices: Sequence[InvoiceRow], customers: Sequence[CustomerRow]
    ) -> tuple[set[str], set[str]] | None:
        """Write one chunk. Returns None if all of it was written.

        Else returns two sets of numbers: those that were in an earlier chunk, and those PayDesk read later
        than the file, or that a newer file lacked. These rows were left out. Of a number that is twice in
        this chunk, the first row was written.
        """
        ...

    def withdraw(self, run: ImportRun, numbers: Sequence[str]) -> Mapping[str, Money]:
        """Restore these invoices to what they were before this import.

        Returns the balances it had written.
        """
        ...

    def customers(self, run: ImportRun) -> int:
        """Count the customers that the import named, each once."""
        ...

    def newest(self, run: ImportRun) -> ImportRun | None:
        """Return an import of other invoices whose balances are as new as this one's, or newer, or None."""
        ...

    def zeroed(self, run: ImportRun) -> Sequence[str]:
        """Return the open invoices of earlier files that owe nothing by this one."""
        ...

    def missing(self, run: ImportRun) -> tuple[int, int]:
        """Count the open invoices of earlier files that this one lacks, and all open ones it
        compares with.
        """
        ...

    def finish(self, run: ImportRun) -> ImportRun:
        """End an import, and save its counts and why it closes nothing.

        It closes if ``unproven`` is empty.
        """
        ...

    def close(self, run: ImportRun, count: int) -> ImportRun:
        """Close the invoices that a finished import lacks. Raises KnownError if they are not ``count``."""
        ...

    def undo(self, run_id: int) -> ImportRun:
        """Restore the rows that the newest import overwrote. Raises KnownError for any other import."""
        ...
