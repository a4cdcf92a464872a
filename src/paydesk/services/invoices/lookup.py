"""Look up what is owed, by invoice number or by customer number and ZIP: first the cache, then the source."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from paydesk.domain.errors import KnownError
from paydesk.domain.events import EventKind
from paydesk.domain.invoices.customer_check import CustomerCheck, compare
from paydesk.domain.invoices.invoice import Customer, Invoice, zip5
from paydesk.domain.invoices.selection import Row
from paydesk.domain.typed.card_numbers import holds_card_data
from paydesk.domain.typed.numbers import customer_number_in, invoice_number_in
from paydesk.domain.typed.phones import us_numbers
from paydesk.services.invoices import words
from paydesk.services.ports.agency import InvoiceSource
from paydesk.services.ports.cache import Cache
from paydesk.services.ports.clock import Clock
from paydesk.services.ports.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Found:
    """The result of a lookup. ``others`` are the customer's other open invoices.

    ``read_at`` (UTC) is the time of the oldest reading in it. ``cached`` is True if the live answer is still
    to come.
    """

    rows: tuple[Row, ...]
    others: tuple[Row, ...]
    customer: Customer | None
    read_at: datetime
    cached: bool = False


class NotFound(KnownError):
    """A clear answer: nothing matches the entry. Of the other errors, only CannotBePaid is an answer."""


class EntryIncomplete(NotFound):
    """Nothing was looked up: a part of the entry is missing, or is no number."""


class SecondIdentifierNeeded(NotFound):
    """The customer has no ZIP on file. A name or a phone number has to match instead."""


class Lookup:
    """Lookup of invoices, in the invoice source and in its earlier answers.

    ``imported`` is True if the source is a list that somebody imported: it may lack an invoice.
    """

    def __init__(
        self, source: InvoiceSource, cache: Cache, ledger: Ledger, clock: Clock, *, imported: bool = False
    ) -> None:
        self._source = source
        self._imported = imported
        self._cache = cache
        self._ledger = ledger
        self._clock = clock

    def cached_by_invoice(self, text: str) -> Found | None:
        """Return the invoice as last seen, or None. Never uses the network."""
        number = _invoice_number(text)
        invoice = self._cache.invoice(number)
        if invoice is None:
            return None
        others = [
            other for other in self._cache.open_invoices(invoice.customer_number) if other.number != number
        ]
        customer = self._cache.customer(invoice.customer_number) or _customer_of(invoice)
        return self._found([invoice], others, customer, cached=True)

    def by_invoice(self, text: str) -> Found:
        """Return the invoice and the customer's other open ones, as AMS360 has them now.

        Raises NotFound if there is none, and KnownError if AMS360 cannot answer.
        """
        number = _invoice_number(text)
        read_at = self._clock.now()
        invoice = self._source.invoice(number)
        if invoice is None:
            raise NotFound(*(words.not_imported(number) if self._imported else words.no_invoice(number)))
        self._cache.keep(invoice)
        customer = self._source.customer(invoice.customer_number) or _customer_of(invoice)
        open_invoices = self._source.open_invoices(customer)
        self._cache.keep_all(customer, open_invoices, read_at)
        others = [other for other in open_invoices if other.number != invoice.number]
        return self._found([invoice], others, customer)

    def cached_by_customer(self, number: str, zip_code: str, second: str = "") -> Found | None:
        """Return all open invoices of the customer as last seen, or None."""
        customer = self._cache.customer(_customer_number(number))
        if customer is None:
            return None
        _check_identity(customer, zip_code, second)
        return self._found(self._cache.open_invoices(customer.number), [], customer, cached=True)

    def by_customer(self, number: str, zip_code: str, second: str = "") -> Found:
        """Return all open invoices of the customer, as AMS360 has them now.

        ``second`` is a name or phone number, for a customer without a ZIP on file. Its use is recorded.
        Raises NotFound if number and ZIP do not match, with a message that reveals nothing about the
        customer. Raises KnownError if AMS360 cannot answer.
        """
        wanted = _customer_number(number)
        read_at = self._clock.now()
        customer = self._source.customer(wanted)
        if customer is None:
            raise _not_identified(zip_code)
        by_second = _check_identity(customer, zip_code, second)
        if by_second:
            self._ledger.note(None, EventKind.IDENTIFIED, {"customer": customer.number, "by": by_second})
        open_invoices = self._source.open_invoices(customer)
        self._cache.keep_all(customer, open_invoices, read_at)
        return self._found(open_invoices, [], customer)

    def remark(self, found: Found) -> Found:
        """Return the same invoices with the ledger's statuses read again."""
        marked = self._rows([row.invoice for row in (*found.rows, *found.others)])
        return replace(found, rows=marked[: len(found.rows)], others=marked[len(found.rows) :])

    def invoice_for(self, reference: str) -> Row | None:
        """Return the open invoice that an anytime payment's reference names, or None."""
        number = invoice_number_in(reference)
        invoice = self._source.invoice(number) if number else None
        row = self._rows([invoice])[0] if invoice else None
        return row if row is not None and row.payable else None

    def check_customer(self, text: str, payer: str) -> CustomerCheck:
        """Compare the customer number that a payer gave with the account.

        Raises KnownError if AMS360 cannot answer.
        """
        return compare(self._source.customer(_customer_number(text)), payer)

    def _found(
        self,
        rows: Sequence[Invoice],
        others: Sequence[Invoice],
        customer: Customer | None,
        *,
        cached: bool = False,
    ) -> Found:
        marked = self._rows([*rows, *others])
        read_at = min((row.invoice.read_at for row in marked), default=self._clock.now())
        return Found(marked[: len(rows)], marked[len(rows) :], customer, read_at, cached)

    def _rows(self, invoices: Sequence[Invoice]) -> tuple[Row, ...]:
        statuses = self._ledger.statuses(invoices) if invoices else {}
        return tuple(Row(invoice, statuses.get(invoice.number)) for invoice in invoices)


def _invoice_number(text: str) -> str:
    if holds_card_data(text):
        raise words.card_number()
    number = invoice_number_in(text)
    if not number:
        raise EntryIncomplete(*words.NOT_AN_INVOICE_NUMBER)
    return number


def _customer_number(text: str) -> str:
    number = "" if holds_card_data(text) else customer_number_in(text)
    if not number:
        raise EntryIncomplete(*words.NOT_A_CUSTOMER_NUMBER)
    return number


def _customer_of(invoice: Invoice) -> Customer:
    return Customer(invoice.customer_number, invoice.customer_name, source_id=invoice.customer_source_id)


def _not_identified(zip_code: str) -> NotFound:
    return NotFound(*words.NO_MATCH) if zip_code.strip() else EntryIncomplete(*words.ZIP_NEEDED)


def _check_identity(customer: Customer, zip_code: str, second: str) -> str:
    """Return the second identifier used, or ``""``. Raises NotFound unless the caller is identified."""
    on_file = zip5(customer.zip_code)
    if on_file:
        if zip5(zip_code) != on_file:
            raise _not_identified(zip_code)
        return ""
    if not second.strip():
        raise SecondIdentifierNeeded(*words.NO_ZIP)
    said = us_numbers(second)
    if said and any(said & us_numbers(phone) for phone in customer.phones):
        return "phone"
    if len(_plain(second)) >= 3 and _plain(second) == _plain(customer.name):
        return "name"
    raise NotFound(*words.NO_SECOND_MATCH)


def _plain(text: str) -> str:
    """Return letters and digits only, without accents and case, to compare names."""
    letters = unicodedata.normalize("NFKD", text).casefold()
    return "".join(letter for letter in letters if letter.isalnum())
