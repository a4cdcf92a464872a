"""The agency system: the source of invoices and customers, and the sink of receipts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from paydesk.domain.errors import KnownError
from paydesk.domain.invoices.invoice import Customer, Invoice
from paydesk.domain.posting import AgencyReceipt, PostOutcome


class CustomerSource(Protocol):
    """A service that knows customers and their ZIPs. Raises KnownError if it cannot answer."""

    def customer(self, number: str) -> Customer | None:
        """Return the customer with that number, or None if there is none."""
        ...


class InvoiceSource(CustomerSource, Protocol):
    """The source of invoices. Every method raises KnownError if it cannot answer."""

    def invoice(self, number: str) -> Invoice | None:
        """Return the invoice with that number, paid or not, or None if there is none."""
        ...

    def open_invoices(self, customer: Customer) -> Sequence[Invoice]:
        """Return what the customer owes the agency: not canceled, not direct bill, balance not zero."""
        ...


@dataclass(frozen=True, slots=True)
class NamesFound:
    """Customers that the source found by name. ``more`` tells that it has others."""

    customers: tuple[Customer, ...]
    more: bool = False


class CannotSearch(KnownError):
    """The source has no search by name. Asking it again is of no use."""


class NameSearch(Protocol):
    """A source that may be able to search customers by name."""

    def customers_named(self, name: str) -> NamesFound:
        """Return the customers of that name, or of one that contains it.

        Raises CannotSearch if the source cannot search, and KnownError if it does not answer. The list may
        hold others, too.
        """
        ...


class Changes(Protocol):
    """A list of the customers that changed. Raises KnownError if the source has none."""

    def customers_changed(self, since: datetime) -> Sequence[Customer]:
        """Return the customers changed since then (UTC). The list may hold others, too."""
        ...


class NoteSink(Protocol):
    """The destination of audit notes about payments. Never raises for a failure of the network."""

    def note(self, receipt: AgencyReceipt) -> PostOutcome:
        """Write a note of the receipt onto its customer."""
        ...


class ReceiptSink(NoteSink, Protocol):
    """The destination of receipts. Never raises for a failure of the network or of the agency system."""

    def post(self, receipt: AgencyReceipt) -> PostOutcome:
        """Post the receipt, once."""
        ...
