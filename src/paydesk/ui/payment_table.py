"""Payments as rows: how a payment is said in a table, wherever payments are listed."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from paydesk.domain.money import Money
from paydesk.domain.payment import Payment, State
from paydesk.ui import format as words
from paydesk.ui.models import Column

STATE_ICONS = {
    State.CLAIMED: ("clock", "muted"),
    State.SUBMITTED: ("clock", "warning"),
    State.AUTHORIZED: ("check-circle", "good"),
    State.SETTLED: ("check-circle", "good"),
    State.DECLINED: ("cross-circle", "danger"),
    State.UNKNOWN: ("question", "warning"),
    State.RELEASED: ("undo", "muted"),
    State.NOT_CHARGED: ("undo", "muted"),
    State.LATE: ("alert", "danger"),
    State.VOIDING: ("clock", "warning"),
    State.VOIDED: ("undo", "muted"),
    State.PARTLY_REFUNDED: ("undo", "muted"),
    State.REFUNDED: ("undo", "muted"),
    State.RETURNED: ("alert", "danger"),
}


def columns(zone: ZoneInfo) -> list[Column[Payment]]:
    """What is shown of a payment, the agency's times in ``zone``."""

    def when(payment: Payment) -> str:
        local = payment.claimed_at.astimezone(zone)
        return f"{local:%b} {local.day}  {words.time_of_day(payment.claimed_at, zone)}"

    return [
        Column(
            "state",
            "Outcome",
            lambda payment: words.state(payment.state),
            icon=lambda payment: STATE_ICONS[payment.state],
        ),
        Column("when", "Taken", when, lambda payment: payment.claimed_at),
        Column("payer", "Customer", words.payer, lambda payment: words.payer(payment).casefold()),
        Column("what", "For", words.paid_for),
        Column("tender", "Paid with", words.paid_with),
        Column("total", "Total", lambda payment: words.money(paid(payment)), _cents, right=True),
        Column("receipt", "Receipt", lambda payment: payment.receipt_number or "–"),
        Column("by", "Taken by", lambda payment: f"{payment.user}, {payment.desk}"),
    ]


WIDTHS = {
    "state": 176, "when": 136, "what": 190, "tender": 176, "total": 104, "receipt": 100, "by": 136,
}  # fmt: skip


def paid(payment: Payment) -> Money:
    """What was charged, or, while nothing is known, what was to be."""
    return payment.draft.quote.total if payment.charged is None else payment.charged


def _cents(payment: Payment) -> int:
    return paid(payment).cents
