"""Words that several pages share, and those of the kit's own widgets."""

from __future__ import annotations

from datetime import date, datetime, timedelta, tzinfo
from pathlib import Path
from typing import assert_never

from paydesk.domain.payment import Payment, ReferenceKind
from paydesk.domain.quote import Quote
from paydesk.domain.tender import TenderKind
from paydesk.domain.typed.plain_texts import apart
from paydesk.domain.vendors import AGENCY_SYSTEM
from paydesk.domain.world import World, WorldKind
from paydesk.services.ports import payment_words
from paydesk.services.ports.payment_words import TENDERS
from paydesk.ui.kit.format import day, dollars, time_of_day

PROGRAM = "PayDesk"


# The banner of a desk that is not live.
def banner(world: World) -> str:
    """Return what payments mean in a world, or ``""`` if they are real."""
    match world.kind:
        case WorldKind.LIVE:
            return ""
        case WorldKind.TRAINING:
            return "TRAINING: no money moves"
        case WorldKind.TEST:
            return "TEST HOST: no money moves"
        case WorldKind.OTHER:
            return f"NOT LIVE: {world.host} – payments may not be real"
        case never:
            assert_never(never)


# Times.
TODAY, YESTERDAY = "today", "yesterday"


def moment(at: datetime, zone: tzinfo, today: date) -> str:
    """Return ``today 9:41 AM``, ``yesterday 4:05 PM`` or ``Mar 5, 2026, 4:05 PM``."""
    on = at.astimezone(zone).date()
    near = {today: TODAY, today - timedelta(days=1): YESTERDAY}
    return f"{near.get(on) or f'{day(on)},'} {time_of_day(at, zone)}"


def age(read_at: datetime, now: datetime, zone: tzinfo) -> str:
    """Return ``as of 9:41 AM``, with the day if that is not today."""
    today = now.astimezone(zone).date()
    fresh = read_at.astimezone(zone).date() == today
    return f"as of {time_of_day(read_at, zone) if fresh else moment(read_at, zone, today)}"


# Payment methods.
_SHORT_TENDERS = {**TENDERS, TenderKind.ACH: "Bank account"}
_SHORTEST_TENDERS = {**TENDERS, TenderKind.ACH: "ACH"}
_SHORT_BRANDS = {"American Express": "Amex"}

NO_FEE = "no fee"


def tender(kind: TenderKind) -> str:
    """Return ``Credit card``, ``Debit card`` or ``Bank account (ACH)``."""
    return TENDERS[kind]


def short_tender(kind: TenderKind) -> str:
    """Return ``Credit card``, ``Debit card`` or ``Bank account``."""
    return _SHORT_TENDERS[kind]


def fee(quote: Quote) -> str:
    """Return ``fee $43.75``, or ``no fee``."""
    return f"fee {dollars(quote.fee)}" if quote.fee else NO_FEE


def ending(means: str, last4: str) -> str:
    """Return ``Visa ending 1111``."""
    return f"{means} ending {last4}"


# A payment.
REFERENCE_KINDS = {
    ReferenceKind.POLICY: "Policy",
    ReferenceKind.INVOICE: "Invoice",
    ReferenceKind.OTHER: "Other",
}
INVOICE, INVOICES = "Invoice", "Invoices"
WITHOUT_INVOICE = "No invoice"


def outcome(payment: Payment) -> str:
    """Return the outcome of a payment in a word or two."""
    return payment_words.outcome(payment)


def paid_with(payment: Payment) -> str:
    """Return ``Visa ending 1111`` or ``Bank account ending 6789``, or only the tender if no more is known."""
    if not payment.last4:
        return tender(payment.draft.kind)
    return ending(payment.brand or short_tender(payment.draft.kind), payment.last4)


def paid_with_short(payment: Payment) -> str:
    """Return ``Visa 1111`` or ``ACH 6789``, for a narrow column."""
    name = _SHORT_BRANDS.get(payment.brand, payment.brand) or _SHORTEST_TENDERS[payment.draft.kind]
    return f"{name} {payment.last4}".strip()


def paid_for(payment: Payment) -> str:
    """Return ``Invoice 50123``, ``Invoices 50123, 50124``, or the anytime payment's reference."""
    draft = payment.draft
    if draft.invoice_numbers:
        noun = INVOICE if len(draft.invoice_numbers) == 1 else INVOICES
        return f"{noun} {', '.join(draft.invoice_numbers)}"
    kind = f"{REFERENCE_KINDS[draft.reference_kind]} " if draft.reference_kind else ""
    return f"{kind}{draft.reference_value}".strip() or WITHOUT_INVOICE


def paid_for_short(payment: Payment) -> str:
    """Return ``50123, 50124``, or the reference, for a narrow column."""
    return ", ".join(payment.draft.invoice_numbers) or paid_for(payment)


# The columns of a list of payments, by name.
PAYMENT_COLUMNS = {
    "state": "Status",
    "when": "Date",
    "payer": "Customer",
    "what": "Invoice/Ref.",
    "tender": "Method",
    "total": "Total",
    "receipt": "Receipt",
    "posting": AGENCY_SYSTEM.name,
}

# A list: its menu, and its title of a sorted column for screen readers.
COPY = "Copy"
COPY_ALL = "Copy all lines"
OPEN = "Open"
SELECT_ALL = "Select all"
SORT_BY = "Sort by"
FIRST_ORDER = "Original order"


def copy_rows(number: int) -> str:
    """Return ``Copy row``, or ``Copy 3 rows``."""
    return "Copy row" if number == 1 else f"Copy {number:,} rows"


def copy_cell(text: str) -> str:
    """Return the menu's item that copies one cell, with the beginning of its text."""
    beginning = text if len(text) <= 30 else text[:29] + "…"
    return f"Copy “{apart(beginning)}”".replace("&", "&&")  # a menu takes one for the mark of a key


def sorted_by(title: str, *, down: bool) -> str:
    """Return a column's title with its order, as a screen reader says it."""
    return f"{title}, sorted {'descending' if down else 'ascending'}"


# Widgets: the notice above a page, a card number in another field.
DISMISS = "Dismiss this message"
COPY_DETAILS = "Copy details"
CARD_NUMBER_REMOVED = "That looks like a card number. It was not searched or saved."
CARD_SWIPED = (
    "PayDesk can't read card swipes. Nothing was saved. Enter the card number in the payment window (F9)."
)
CARD_SWIPED_HERE = "PayDesk can't read card swipes. Nothing was saved. Enter the card number."

# The dialog about a bug in PayDesk.
BUG_TITLE = "Something went wrong in PayDesk."
BUG_PAYMENT_RUNNING = "If you were taking a payment, check Needs attention before you take it again."
BUG_CLOSE = "Close"


def please_report(reference: str, log_file: Path | None) -> str:
    """Return the request to report a bug, with its reference in the log."""
    where = f" Log file: {log_file}." if log_file else ""
    return f"Report this to your administrator with reference {reference}.{where}"
