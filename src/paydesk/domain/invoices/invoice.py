"""Customers and invoices, and how due an invoice is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum, auto

from paydesk.domain.money import ZERO, Money
from paydesk.domain.typed.digits import digits_in
from paydesk.domain.typed.plain_texts import tidy


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer of the agency as AMS360 knows it. ``number`` is the one people say aloud."""

    number: str
    name: str
    source_id: str = ""
    zip_code: str = ""
    phones: tuple[str, ...] = ()
    email: str = ""

    def __post_init__(self) -> None:
        """Somebody wrote these texts into the agency system: "CC 4111… exp 12/27 per phone call"."""
        tidy(self, "number", "source_id")


@dataclass(frozen=True, slots=True)
class Invoice:
    """One invoice and its balance, as read from its source at ``read_at`` (UTC).

    ``read_at`` is the *start* of the reading, so that PayDesk never assumes ``balance`` to contain a
    payment posted later. Dates are the agency's calendar dates.
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

    def __post_init__(self) -> None:
        """See Customer."""
        tidy(self, "number", "customer_number", "source_id", "customer_source_id")


class Due(Enum):
    """The urgency of an invoice on a day."""

    OVERDUE = auto()
    TODAY = auto()
    LATER = auto()
    NO_DATE = auto()
    NOTHING_OWED = auto()
    CREDIT = auto()


@dataclass(frozen=True, slots=True)
class DueStatus:
    """The urgency and its calendar ``days`` (past for OVERDUE, ahead for LATER)."""

    due: Due
    days: int = 0


def due_status(invoice: Invoice, today: date) -> DueStatus:
    """Return the urgency of the invoice on ``today``, a date in the agency's time zone."""
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
    """Return the first five digits of a ZIP in any spelling, or ``""`` if there are fewer."""
    digits = digits_in(text)
    return digits[:5] if len(digits) >= 5 else ""
