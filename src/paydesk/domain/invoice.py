"""What a customer owes: customers, invoices, and how due an invoice is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum, auto

from paydesk.domain.money import ZERO, Money


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer of the agency as AMS360 knows it; ``number`` is what people say aloud."""

    number: str
    name: str
    source_id: str = ""
    zip_code: str = ""
    phones: tuple[str, ...] = ()
    email: str = ""


@dataclass(frozen=True, slots=True)
class Invoice:
    """One invoice and what is still owed on it, as read from its source at ``read_at`` (UTC).

    ``read_at`` is the moment the reading *started*, so that a payment posted later is
    never taken to be contained in ``balance``. Dates are the agency's calendar dates.
    """

    number: str
    customer_number: str
    customer_name: str
    amount: Money
    balance: Money
    read_at: datetime
    invoice_date: date | None = None
    due_date: date | None = None
    description: str = ""
    policy_number: str = ""
    insurer: str = ""
    source_id: str = ""
    customer_source_id: str = ""


class Due(Enum):
    """How due an invoice is on a day."""

    OVERDUE = auto()
    TODAY = auto()
    LATER = auto()
    NO_DATE = auto()
    NOTHING_OWED = auto()
    CREDIT = auto()


@dataclass(frozen=True, slots=True)
class DueStatus:
    """How due, and by how many calendar ``days`` (past for OVERDUE, ahead for LATER)."""

    due: Due
    days: int = 0


def due_status(invoice: Invoice, today: date) -> DueStatus:
    """How due the invoice is on ``today``, a date in the agency's time zone."""
    if invoice.balance < ZERO:
        return DueStatus(Due.CREDIT)
    if invoice.balance == ZERO:
        return DueStatus(Due.NOTHING_OWED)
    if invoice.due_date is None:
        return DueStatus(Due.NO_DATE)
    days = (invoice.due_date - today).days
    if days < 0:
        return DueStatus(Due.OVERDUE, -days)
    return DueStatus(Due.LATER, days) if days else DueStatus(Due.TODAY)


def zip5(text: str) -> str:
    """The first five digits of a ZIP in any spelling, or ``""`` when there are fewer."""
    digits = re.sub(r"[^0-9]", "", text)
    return digits[:5] if len(digits) >= 5 else ""


_MOST_DIGITS = 10
"""AMS360 keeps its numbers as 32-bit integers; anything longer is something else."""


def invoice_number_in(text: str) -> str:
    """The invoice number in what was typed, pasted or scanned, or ``""`` when there is none.

    Takes ``50123``, ``# 50 123``, ``INV-050123``, a pasted line that names the invoice, and
    keeps a multi-entity suffix (``50123-2``). Leading zeros do not count: AMS360 numbers
    are whole numbers (AMS360 invoice table, InvNo).
    """
    line = next((part.strip() for part in text.splitlines() if part.strip()), "")
    named = re.search(
        r"(?i)\binv(?:oice)?\b\.?\s*(?:no\.?|number|num\.?|#)?\s*[:#-]*\s*(\d[\d ]*)(?:-(\d{1,2})\b)?", line
    )
    found = named or re.fullmatch(r"(?i)[#\s]*(?:inv[-#. ]*)?(\d[\d ]*)(?:-(\d{1,2}))?\W*", line)
    if found is None:
        found = re.search(r"(?<![\d.,$-])(\d{3,})(?:-(\d{1,2})\b)?(?![\d.,]*\d)", line)
    if found is None:
        return ""
    digits = _joined(found[1])
    return f"{digits}-{found[2]}" if digits and found[2] else digits


def _joined(digits: str) -> str:
    """One number out of digits with spaces: ``50 123`` is one, of ``50123 50140`` the first counts."""
    groups = digits.split()
    if any(len(group) > 3 for group in groups):
        groups = groups[:1]
    number = "".join(groups).lstrip("0")
    return number if len(number) <= _MOST_DIGITS else ""


def customer_number_in(text: str) -> str:
    """The customer number in what was typed: digits, without ``#``, spaces or leading zeros."""
    found = re.fullmatch(
        r"(?i)[#\s]*(?:cust(?:omer)?\.?\s*(?:no\.?|number|#)?[-:\s#]*)?(\d[\d ]*)\W*", text.strip()
    )
    return _joined(found[1]) if found else ""
