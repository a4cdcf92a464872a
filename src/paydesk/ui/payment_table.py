"""Payments as rows: how a payment is said in a table, wherever payments are listed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import tzinfo

from paydesk.domain.money import Money
from paydesk.domain.payment import Payment, State
from paydesk.domain.posting import Posting, PostingState
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


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the first column says what became of a payment: its words, and its icon with a tint."""

    text: Callable[[Payment], str]
    icon: Callable[[Payment], tuple[str, str]]


def sign(payment: Payment) -> tuple[str, str]:
    """The icon and tint of what became of a payment; a bank debit on its way has its own."""
    return ("sent", "link") if words.only_submitted(payment) else STATE_ICONS[payment.state]


BY_STATE = Outcome(words.outcome, sign)


PostingOf = Callable[[Payment], Posting | None]
"""The posting of a listed payment, where it has one."""

_POSTING_TINTS = {
    PostingState.POSTED: "good",
    PostingState.WAITING: "muted",
    PostingState.WITHDRAWN: "muted",
    PostingState.UNCLEAR: "warning",
    PostingState.REFUSED: "danger",
}


def posting_tint(of: Posting | None) -> str:
    """The colour of a posting's word."""
    return _POSTING_TINTS[of.state] if of else "muted"


def columns(zone: tzinfo, outcome: Outcome, posting_of: PostingOf) -> list[Column[Payment]]:
    """What is shown of a payment, the agency's times in ``zone``."""

    def when(payment: Payment) -> str:
        local = payment.claimed_at.astimezone(zone)
        return f"{local:%b} {local.day}  {words.time_of_day(payment.claimed_at, zone)}"

    return [
        Column("state", "Outcome", outcome.text, icon=outcome.icon),
        Column("when", "Taken", when, lambda payment: payment.claimed_at),
        Column("payer", "Customer", words.payer, lambda payment: words.payer(payment).casefold()),
        Column("what", "Invoices", words.paid_for_short),
        Column("tender", "Paid with", words.paid_with_short),
        Column("total", "Total", lambda payment: words.money(paid(payment)), _cents, right=True),
        Column("receipt", "Receipt", lambda payment: payment.receipt_number or "–"),
        Column(
            "ams360",
            "AMS360",
            lambda payment: words.posting(posting_of(payment)),
            tint=lambda payment: posting_tint(posting_of(payment)),
        ),
    ]


WIDTHS = {
    "state": 158, "when": 134, "what": 134, "tender": 134, "total": 94, "receipt": 90, "ams360": 76
}  # fmt: skip
SPARE = ("ams360", "what", "receipt", "tender")
"""What is left out where there is too little room; the details say it."""


def paid(payment: Payment) -> Money:
    """What was charged, or, while nothing is known, what was to be."""
    return payment.draft.quote.total if payment.charged is None else payment.charged


def _cents(payment: Payment) -> int:
    return paid(payment).cents
