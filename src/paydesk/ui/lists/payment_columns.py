"""Columns of payments, the same in every list of payments."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, tzinfo
from typing import TYPE_CHECKING

from paydesk.domain.dates import near_date
from paydesk.domain.money import Money
from paydesk.domain.payment import Payment, State
from paydesk.services.ports.payment_words import only_submitted
from paydesk.ui.kit import format as fmt
from paydesk.ui.kit import words
from paydesk.ui.lists.model import Column, Sorting

if TYPE_CHECKING:
    from paydesk.domain.posting import Posting

STATE_ICONS = {
    State.HELD: ("clock", "muted"),
    State.OFFERED: ("sent", "link"),
    State.CLOSING: ("clock", "warning"),
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
    State.CHARGED_BACK: ("alert", "danger"),
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """The first column, which shows a payment's outcome: its text, and its icon with a tint."""

    text: Callable[[Payment], str]
    icon: Callable[[Payment], tuple[str, str]]


def sign(payment: Payment) -> tuple[str, str]:
    """Return the icon and tint of a payment's outcome. An accepted bank debit has its own."""
    return ("sent", "link") if only_submitted(payment) else STATE_ICONS[payment.state]


BY_STATE = Outcome(words.outcome, sign)


NEWEST_FIRST = Sorting("when", down=True)
"""The usual order: as the payments were taken, the last one first."""
OLDEST_FIRST = Sorting("when")

PostingOf = Callable[[Payment], "Posting | None"]
"""Returns the posting of a listed payment, if it has one."""


def columns(
    zone: tzinfo, today: Callable[[], date], outcome: Outcome, posting_of: PostingOf
) -> list[Column[Payment]]:
    """Return the columns of a payment, with the agency's times in ``zone``."""
    from paydesk.ui.kit import postings  # the list of the last payments needs none, and shows sooner

    def when(payment: Payment) -> str:
        on = near_date(payment.held_at.astimezone(zone).date(), today())
        return f"{on}, {fmt.time_of_day(payment.held_at, zone)}"

    title = words.PAYMENT_COLUMNS
    return [
        Column("state", title["state"], outcome.text, icon=outcome.icon),
        Column("when", title["when"], when, lambda payment: payment.id, down=True),
        Column("payer", title["payer"], fmt.payer, lambda payment: fmt.payer(payment).casefold()),
        Column("what", title["what"], words.paid_for_short, most=MOST_WHAT),
        Column("tender", title["tender"], words.paid_with_short),
        Column("total", title["total"], _total, _cents, right=True, down=True),
        Column(
            "receipt",
            title["receipt"],
            lambda payment: payment.receipt_number or "–",
            lambda payment: payment.receipt_number,
            down=True,
        ),
        Column(
            "posting",
            title["posting"],
            lambda payment: postings.short_word(posting_of(payment)),
            lambda payment: postings.short_word(posting_of(payment)) if posting_of(payment) else None,
            tint=lambda payment: postings.tint(posting_of(payment)),
        ),
    ]


MOST_WHAT = 150
"""Most width of many invoice numbers, in device-independent pixels. The details show all."""
SPARE = ("tender", "what", "receipt", "posting")
"""Columns to hide in this order if space is short. The details show them."""


def paid(payment: Payment) -> Money:
    """Return the charged amount, or the quoted one while that is not known."""
    return payment.draft.quote.total if payment.charged is None else payment.charged


def _total(payment: Payment) -> str:
    return fmt.money(paid(payment))


def _cents(payment: Payment) -> int:
    return paid(payment).cents
