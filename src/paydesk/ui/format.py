"""Amounts, dates and states as the words people read and say; every wording exactly once."""

from __future__ import annotations

import unicodedata
from datetime import date, datetime, timedelta, tzinfo
from typing import assert_never

from paydesk.domain.invoice import Due, DueStatus, Invoice, due_status
from paydesk.domain.money import Money
from paydesk.domain.payment import GIVEN_BACK, Payment, State
from paydesk.domain.posting import Posting, PostingState
from paydesk.domain.quote import OverLimit, Quote
from paydesk.domain.selection import Mark, Row
from paydesk.domain.tender import TenderKind

_TENDERS = {
    TenderKind.CREDIT_CARD: "Credit card",
    TenderKind.DEBIT_CARD: "Debit card",
    TenderKind.ACH: "Bank account (ACH)",
}

_STATES = {
    State.CLAIMED: "Starting",
    State.SUBMITTED: "Being charged",
    State.AUTHORIZED: "Approved",
    State.DECLINED: "Declined",
    State.UNKNOWN: "No clear answer",
    State.RELEASED: "Not charged",
    State.NOT_CHARGED: "Proven not charged",
    State.LATE: "Charged late",
    State.VOIDING: "Being voided",
    State.VOIDED: "Voided",
    State.SETTLED: "Settled",
    State.PARTLY_REFUNDED: "Partly refunded",
    State.REFUNDED: "Refunded",
    State.RETURNED: "Returned by the bank",
}

_POSTINGS = {
    PostingState.WAITING: "Waiting",
    PostingState.POSTED: "Posted",
    PostingState.UNCLEAR: "Unclear",
    PostingState.REFUSED: "Refused",
    PostingState.WITHDRAWN: "Not to post",
}

_SHORT_BRANDS = {"American Express": "Amex"}


def zone_of(name: str) -> tzinfo:
    """The time zone with that IANA name."""
    from zoneinfo import ZoneInfo  # loaded with the desk, after the window is shown

    return ZoneInfo(name)


def money(amount: Money) -> str:
    """``1,234.50``, for tables."""
    return str(amount)


def dollars(amount: Money) -> str:
    """``$1,234.50``, where the amount stands alone."""
    return f"-${-amount}" if amount.cents < 0 else f"${amount}"


def day(on: date | None) -> str:
    """``Mar 5, 2026``, or a dash."""
    return f"{on:%b} {on.day}, {on.year}" if on else "–"


def time_of_day(at: datetime, zone: tzinfo) -> str:
    """``9:41 AM`` in the agency's zone."""
    local = at.astimezone(zone)
    return f"{local.hour % 12 or 12}:{local:%M} {'AM' if local.hour < 12 else 'PM'}"


def moment(at: datetime, zone: tzinfo, today: date) -> str:
    """``today 9:41 AM``, ``yesterday 4:05 PM``, ``Mar 5, 2026 4:05 PM``."""
    on = at.astimezone(zone).date()
    near = {today: "today", today - timedelta(days=1): "yesterday"}
    return f"{near.get(on) or day(on)} {time_of_day(at, zone)}"


def count(number: int, noun: str) -> str:
    """``1 invoice``, ``3 invoices``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def due(status: DueStatus) -> str:
    """``Overdue 23 days``; says by itself what red and an icon say too."""
    match status.due:
        case Due.OVERDUE:
            return f"Overdue {count(status.days, 'day')}"
        case Due.TODAY:
            return "Due today"
        case Due.LATER:
            return f"Due in {count(status.days, 'day')}"
        case Due.NO_DATE:
            return "No due date"
        case Due.NOTHING_OWED:
            return "Nothing owed"
        case Due.CREDIT:
            return "Credit"
        case _:
            assert_never(status.due)


def mark(of: Mark, zone: tzinfo, today: date) -> str:
    """``Paid today 9:41 AM by Dana at Front-1, receipt R-000123``, or who is paying it now."""
    at = moment(of.at, zone, today)
    if of.being_paid and of.state is State.UNKNOWN:
        return f"Sent {at} by {of.user} at {of.desk}, no clear answer yet"
    if of.being_paid:
        return f"Being paid at desk {of.desk}"
    if of.state in GIVEN_BACK:
        what = "Voided" if of.state is State.VOIDED else "Sent back by the bank"
        return f"{what}; receipt {of.receipt_number} has to be reversed in AMS360"
    receipt = f", receipt {of.receipt_number}" if of.receipt_number else ""
    return f"Paid {at}{_how(of)} by {of.user} at {of.desk}{receipt}"


def _how(of: Mark) -> str:
    if not of.last4:
        return ""
    means = of.brand or (tender(of.tender).removesuffix(" (ACH)") if of.tender else "account")
    return f" with {means} ending {of.last4}"


def why_not_payable(row: Row, zone: tzinfo, today: date) -> str:
    """Why the row cannot be ticked, or ``""``."""
    if row.payable:
        return ""
    if row.mark is not None:
        return mark(row.mark, zone, today)
    return due(due_status(row.invoice, today))


def row_status(row: Row, zone: tzinfo, today: date) -> str:
    """The status cell of an invoice: how due it is, or why it cannot be paid."""
    return why_not_payable(row, zone, today) or due(due_status(row.invoice, today))


def is_overdue(invoice: Invoice, today: date) -> bool:
    """It is shown in red."""
    return due_status(invoice, today).due is Due.OVERDUE


def tender(kind: TenderKind) -> str:
    """``Credit card``, ``Debit card``, ``Bank account (ACH)``."""
    return _TENDERS[kind]


def fee(quote: Quote) -> str:
    """``fee 43.75``, or ``no fee``."""
    return f"fee {quote.fee}" if quote.fee else "no fee"


def over_limit(over: OverLimit) -> str:
    """``Limit 15,000.00: 3,400.00 too much``."""
    return f"Limit {over.limit}: {over.excess} too much"


def state(of: State) -> str:
    """A payment's state in a word or two."""
    return _STATES[of]


def only_submitted(payment: Payment) -> bool:
    """The bank took the debit in and may still return it: accepted, but not yet money."""
    return payment.state is State.AUTHORIZED and payment.draft.kind is TenderKind.ACH


def outcome(payment: Payment) -> str:
    """What became of a payment, in a word or two."""
    return "Submitted" if only_submitted(payment) else state(payment.state)


def posting(of: Posting | None) -> str:
    """Where a receipt stands on its way into AMS360, in a word."""
    return _POSTINGS[of.state] if of else "–"


def paid_with(payment: Payment) -> str:
    """``Visa ending 1111``, ``Bank account ending 6789``; the tender alone while nothing is known."""
    if not payment.last4:
        return tender(payment.draft.kind)
    return f"{payment.brand or tender(payment.draft.kind).removesuffix(' (ACH)')} ending {payment.last4}"


def paid_with_short(payment: Payment) -> str:
    """``Visa 1111``, ``ACH 6789``, for a narrow column."""
    name = _SHORT_BRANDS.get(payment.brand, payment.brand)
    name = name or ("ACH" if payment.draft.kind is TenderKind.ACH else tender(payment.draft.kind))
    return f"{name} {payment.last4}".strip()


def paid_for(payment: Payment) -> str:
    """``Invoice 50123``, ``Invoices 50123, 50124``, or the anytime payment's reference."""
    numbers = payment.draft.invoice_numbers
    if numbers:
        return f"{'Invoice' if len(numbers) == 1 else 'Invoices'} {', '.join(numbers)}"
    kind = payment.draft.reference_kind
    named = (
        f"{kind.value.capitalize()} {payment.draft.reference_value}"
        if kind
        else payment.draft.reference_value
    )
    return named.strip() or "Without invoice"


def paid_for_short(payment: Payment) -> str:
    """``50123, 50124``, or the reference, for a narrow column."""
    return ", ".join(payment.draft.invoice_numbers) or paid_for(payment)


def payer(payment: Payment) -> str:
    """The customer's name, or the payer's where there is no customer."""
    return payment.draft.payer.customer_name or payment.draft.payer.name


def apart(name: str) -> str:
    """A name inside a sentence: one that runs from right to left must not pull the words after it along."""
    backwards = any(unicodedata.bidirectional(letter) in ("R", "AL") for letter in name)
    return f"\u2068{name}\u2069" if backwards else name


def age(read_at: datetime, now: datetime, zone: tzinfo) -> str:
    """``as of 9:41 AM``; older than today says the day too."""
    return f"as of {moment(read_at, zone, now.astimezone(zone).date()).removeprefix('today ')}"
