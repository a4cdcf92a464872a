"""A number, or a customer number and a ZIP, to what is owed: the cache at once, then the source."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from paydesk.domain.errors import KnownError
from paydesk.domain.invoice import Customer, Invoice, customer_number_in, invoice_number_in, zip5
from paydesk.domain.selection import Row
from paydesk.domain.tender import holds_card_number
from paydesk.services.ports import Cache, Clock, InvoiceSource, Ledger


@dataclass(frozen=True, slots=True)
class Found:
    """What a lookup shows; ``others`` are the customer's other open invoices, offered beside.

    ``read_at`` (UTC) is when the oldest reading shown was taken; ``cached`` says that the
    live answer is still to come.
    """

    rows: tuple[Row, ...]
    others: tuple[Row, ...]
    customer: Customer | None
    read_at: datetime
    cached: bool = False


class NotFound(KnownError):
    """A clear answer: there is nothing to show for what was typed. Every other KnownError means no answer."""


class SecondIdentifierNeeded(NotFound):
    """The customer has no ZIP on file: a name or a phone number has to match instead."""


class Lookup:
    """Finds invoices, in the invoice source and in what was seen of it before."""

    def __init__(self, source: InvoiceSource, cache: Cache, ledger: Ledger, clock: Clock) -> None:
        self._source = source
        self._cache = cache
        self._ledger = ledger
        self._clock = clock

    def cached_by_invoice(self, text: str) -> Found | None:
        """The invoice as last seen, or None; never leaves this computer."""
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
        """The invoice and the customer's other open ones, as AMS360 has them now.

        Raises KnownError when there is none, or when AMS360 cannot answer.
        """
        number = _invoice_number(text)
        read_at = self._clock.now()
        invoice = self._source.invoice(number)
        if invoice is None:
            raise NotFound(
                f"There is no invoice {number} in AMS360.",
                "Check the number, or look the customer up by number and ZIP (F3).",
            )
        self._cache.keep(invoice)
        customer = self._source.customer(invoice.customer_number) or _customer_of(invoice)
        open_invoices = self._source.open_invoices(customer)
        self._cache.keep_all(customer, open_invoices, read_at)
        others = [other for other in open_invoices if other.number != invoice.number]
        return self._found([invoice], others, customer)

    def cached_by_customer(self, number: str, zip_code: str, second: str = "") -> Found | None:
        """All open invoices of the customer as last seen, or None."""
        customer = self._cache.customer(_customer_number(number))
        if customer is None:
            return None
        _check_identity(customer, zip_code, second)
        return self._found(self._cache.open_invoices(customer.number), [], customer, cached=True)

    def by_customer(self, number: str, zip_code: str, second: str = "") -> Found:
        """All open invoices of the customer, as AMS360 has them now.

        ``second`` is a name or phone number, for a customer without a ZIP on file; that it
        was used is recorded. Raises KnownError when number and ZIP do not match, saying
        nothing of the customer, or when AMS360 cannot answer.
        """
        wanted = _customer_number(number)
        read_at = self._clock.now()
        customer = self._source.customer(wanted)
        if customer is None:
            raise _no_match()
        by_second = _check_identity(customer, zip_code, second)
        if by_second:
            self._ledger.note(None, "identified", {"customer": customer.number, "by": by_second})
        open_invoices = self._source.open_invoices(customer)
        self._cache.keep_all(customer, open_invoices, read_at)
        return self._found(open_invoices, [], customer)

    def remark(self, found: Found) -> Found:
        """The same invoices with the ledger's marks read again."""
        marked = self._rows([row.invoice for row in (*found.rows, *found.others)])
        return replace(found, rows=marked[: len(found.rows)], others=marked[len(found.rows) :])

    def invoice_for(self, reference: str) -> Row | None:
        """The open invoice an anytime payment's reference names, or None."""
        number = invoice_number_in(reference)
        invoice = self._source.invoice(number) if number else None
        row = self._rows([invoice])[0] if invoice else None
        return row if row is not None and row.payable else None

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
        marks = self._ledger.marks(invoices) if invoices else {}
        return tuple(Row(invoice, marks.get(invoice.number)) for invoice in invoices)


def _invoice_number(text: str) -> str:
    if holds_card_number(text):
        raise KnownError(
            "That looks like a card number.", "It was not looked up. A card is typed after Take payment (F9)."
        )
    number = invoice_number_in(text)
    if not number:
        raise NotFound("That is not an invoice number.", "Type its digits, for example 50123.")
    return number


def _customer_number(text: str) -> str:
    number = "" if holds_card_number(text) else customer_number_in(text)
    if not number:
        raise NotFound("That is not a customer number.", "Type its digits, for example 1001.")
    return number


def _customer_of(invoice: Invoice) -> Customer:
    return Customer(invoice.customer_number, invoice.customer_name, source_id=invoice.customer_source_id)


def _no_match() -> NotFound:
    # The same words whether the number or the ZIP is wrong: nothing of the customer is told.
    return NotFound(
        "Customer number and ZIP do not match.", "Ask for both again, or look up an invoice number (F2)."
    )


def _check_identity(customer: Customer, zip_code: str, second: str) -> str:
    """Raise KnownError unless the caller is proven; the second identifier used, or ``""``."""
    on_file = zip5(customer.zip_code)
    if on_file:
        if zip5(zip_code) != on_file:
            raise _no_match()
        return ""
    if not second.strip():
        raise SecondIdentifierNeeded(
            "This customer has no ZIP on file.",
            "Ask for the name or phone number on the account and type it.",
        )
    if _digits(second) and any(_digits(second)[-10:] == _digits(phone)[-10:] for phone in customer.phones):
        return "phone"
    if len(_plain(second)) >= 3 and _plain(second) == _plain(customer.name):
        return "name"
    raise NotFound("That does not match this customer.", "Ask for the name as it stands on the invoice.")


def _digits(text: str) -> str:
    return re.sub(r"[^0-9]", "", text)


def _plain(text: str) -> str:
    """Letters and digits only, accents and case off, for comparing names."""
    letters = unicodedata.normalize("NFKD", text).casefold()
    return "".join(letter for letter in letters if letter.isalnum())
