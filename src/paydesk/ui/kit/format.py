"""Amounts, dates and names as the screen writes them. Words are in ``words``."""

from __future__ import annotations

from datetime import date, datetime, tzinfo

from paydesk.domain import dates
from paydesk.domain.money import Money
from paydesk.domain.payment import Payment
from paydesk.domain.typed.plain_texts import apart


def zone_of(name: str) -> tzinfo:
    """Return the time zone with that IANA name."""
    from zoneinfo import ZoneInfo  # imported with the desk, after the window is shown

    return ZoneInfo(name)


def money(amount: Money) -> str:
    """Return ``1,234.50``, for tables."""
    return str(amount)


def dollars(amount: Money) -> str:
    """Return ``$1,234.50``, for an amount outside a table."""
    return amount.shown


def day(on: date | None) -> str:
    """Return ``Mar 5, 2026``, or a dash."""
    return dates.short_date(on) if on else "–"


def time_of_day(at: datetime, zone: tzinfo) -> str:
    """Return ``9:41 AM`` in the agency's time zone."""
    return dates.time_of_day(at.astimezone(zone))


def phone(text: str) -> str:
    """Return ten digits as ``(617) 555-0142``, and any other spelling as it is."""
    digits = text.strip()
    if len(digits) != 10 or not (digits.isascii() and digits.isdecimal()):
        return apart(text)
    return f"({digits[:3]}) {digits[3:6]}-{digits[6:]}"


def count(number: int, noun: str) -> str:
    """Return ``1 invoice`` or ``3 invoices``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def payer(payment: Payment) -> str:
    """Return the customer's name, or the payer's if there is no customer."""
    return payment.draft.payer.customer_name or payment.draft.payer.name


def named(payment: Payment) -> str:
    """Return that name for a sentence beside other words."""
    return apart(payer(payment))
