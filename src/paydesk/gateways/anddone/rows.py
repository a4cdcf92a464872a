"""Rows of AndDone's list of payments, each read by itself.

A fault of one row must not stop payments that the row is not about. A row that cannot be read in full counts
as live, with an unknown amount, the invoice numbers of every text in it, and those texts themselves.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from paydesk.domain.money import Money
from paydesk.domain.typed.numbers import scanned
from paydesk.gateways.anddone import enums, names
from paydesk.gateways.anddone.transaction import (
    Capture,
    capture_of,
    key_or_blank,
    required,
    text_or_blank,
)
from paydesk.gateways.http.fields import Fields, WrongAnswer
from paydesk.gateways.http.json_text import from_json

_HALF_A_CENT = Decimal("0.005")
_NOTHING = Capture(None, None, None, "")
_INVOICE = re.compile(r"(?:(?i:inv(?:oice)?)[-#:.]*)?0*([1-9]\d{0,11}(?:-\d{1,2})?)")
_FEWEST_DIGITS = 3
"""Of a number in another word. Fewer are hardly an invoice's."""
_BETWEEN_PARTS = re.compile(r"[^\w#:=.-]+|_")
_ANY_NUMBER = re.compile(r"(?<![0-9])0*([1-9]\d{0,11})(?:-\d{1,2})?(?![0-9])")
_PAIR = re.compile(r"(?<![^;|&\n])([^=:;|&\n]++)[=:]\s*+([^;|&\n]*+)")
"""A ``name=value`` part. It never goes back, so that a long text costs no more than its length."""
_OPAQUE = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
"""A UUID. Its digits are no invoice numbers."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of AndDone's list of payments, whoever took them."""

    id: str
    status: str
    reference: str
    amount: Money | None
    capture: Capture
    at: datetime | None
    origin: str
    invoice_numbers: frozenset[str]
    rounded: str = ""
    link_id: str = ""
    texts: tuple[str, ...] = ()
    """Every text of the row, if it could not be read in full."""

    @classmethod
    def of(cls, fields: Fields) -> Row:
        """Read a row."""
        try:
            return cls._read(fields)
        except WrongAnswer:
            return cls._unreadable(fields)

    @classmethod
    def _read(cls, fields: Fields) -> Row:
        capture = capture_of(fields, text_too=True)
        return cls(
            id=required(fields, "transactionId"),
            status=enums.named(fields.text("transactionStatus"), enums.STATUSES),
            reference=fields.text("merchantReference") or fields.text("referenceNo"),
            amount=fields.money("amount", text_too=True, within=_HALF_A_CENT),
            capture=capture,
            at=_moment(fields),
            origin=enums.named(text_or_blank(fields, "transactionOrigin"), enums.ORIGINS),
            invoice_numbers=frozenset(_invoice_numbers(fields)),
            rounded=fields.fraction("amount") or capture.rounded,
            link_id=text_or_blank(fields, "paymentLinkId"),
        )

    @classmethod
    def _unreadable(cls, fields: Fields) -> Row:
        texts = tuple(_texts_in(fields.held()))
        return cls(
            id=key_or_blank(fields, "transactionId"),
            status=enums.named(text_or_blank(fields, "transactionStatus"), enums.STATUSES),
            reference=text_or_blank(fields, "merchantReference") or text_or_blank(fields, "referenceNo"),
            amount=None,
            capture=_NOTHING,
            at=_moment(fields),
            origin=enums.named(text_or_blank(fields, "transactionOrigin"), enums.ORIGINS),
            invoice_numbers=frozenset(_any_numbers(texts)),
            link_id=text_or_blank(fields, "paymentLinkId"),
            texts=texts or ("",),
        )


def payments_in(rows: Iterable[Fields]) -> Iterator[Row]:
    """Yield the rows that are payments. Only rows that say plainly that they are none are skipped."""
    for fields in rows:
        operation = enums.named(text_or_blank(fields, "operationType"), enums.OPERATIONS)
        if operation.lower() not in names.NO_SALES:
            yield Row.of(fields)


def refunded_in(fields: Fields) -> str:
    """Return the id of the payment that a row refunds, or ``""`` if it does not say so."""
    operation = enums.named(text_or_blank(fields, "operationType"), enums.OPERATIONS)
    return text_or_blank(fields, "referenceTransactionId") if operation.lower() == names.REFUND else ""


def _moment(fields: Fields) -> datetime | None:
    """Return the row's time, which is only shown, or None if it is unreadable."""
    try:
        return fields.moment("transactionDate")
    except WrongAnswer:
        return None


def _invoice_numbers(row: Fields) -> Iterator[str]:
    """Yield invoice numbers from every place a row can carry them."""
    for name in names.INVOICE_FIELDS:
        yield from _numbers_in(row.text(name), of_invoices=name in names.ONLY_INVOICES)
    for name in names.FREE_TEXTS:
        for key, text in _pairs_at(row, name):
            if "invoice" in key.lower():
                yield from _numbers_in(text, of_invoices=True)


def _numbers_in(text: str, *, of_invoices: bool) -> Iterator[str]:
    """Yield the numbers that stand free. ``of_invoices``: if none does, those in words, too: ``50123A``."""
    plain = scanned(text)
    parts = (_INVOICE.fullmatch(part.strip("#:=.-")) for part in _BETWEEN_PARTS.split(plain))
    free = [found[1] for found in parts if found]
    yield from free
    if of_invoices and not free:
        yield from (number for number in _any_numbers((plain,)) if len(number) >= _FEWEST_DIGITS)


def _pairs_at(row: Fields, name: str) -> Iterator[tuple[str, str]]:
    """Yield free pairs: an object, a list of such, or one that came back as text of any length."""
    held = row.held().get(name.lower(), "")
    if isinstance(held, Mapping | list):
        yield from _pairs_of(held)
    elif isinstance(held, str):
        yield from _pairs(held)
    else:
        raise row.wrong(name)


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    """Yield free pairs that came back as text: JSON, or ``name=value`` parts."""
    held: object = None
    with contextlib.suppress(WrongAnswer):
        held = from_json(text or "{}")
    if isinstance(held, dict | list):
        yield from _pairs_of(held)
    else:
        yield from _PAIR.findall(text)


def _pairs_of(held: Mapping[str, object] | list[object]) -> Iterator[tuple[str, str]]:
    """Yield the pairs of an object, and of a list's items, whose names may be values: ``{"name": …}``."""
    if isinstance(held, Mapping):
        for key, value in held.items():
            yield key, " ".join(_texts_in(value))
        return
    for item in held:
        texts = " ".join(_texts_in(item))
        yield texts, texts
        if isinstance(item, Mapping | list):
            yield from _pairs_of(item)


def _any_numbers(texts: Iterable[str]) -> Iterator[str]:
    """Yield every number of a few digits in these texts, with its suffix and without."""
    for text in texts:
        for found in _ANY_NUMBER.finditer(_OPAQUE.sub(" ", text)):
            yield found[1]
            yield found[0].lstrip("0")


def _texts_in(value: object) -> Iterator[str]:
    """Yield every text and whole number at any depth."""
    match value:
        case str():
            yield value
        case bool() | None:
            return
        case int():
            yield str(value)
        case Decimal() if value == value.to_integral_value():
            yield f"{value:.0f}"
        case Mapping():
            for held in value.values():
                yield from _texts_in(held)
        case list():
            for held in value:
                yield from _texts_in(held)
        case _:
            return
