"""Charges and postings that need a person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from paydesk.domain.outcome import Reason
from paydesk.domain.payment import OPEN, Payment, State
from paydesk.domain.posting import Posting
from paydesk.domain.refund import Refund, RefundState, SeenRefund, refund_opens_on
from paydesk.services.desk.advice import Advice, advice, needs_attention
from paydesk.services.ports.ledger import Ledger
from paydesk.services.posting.post import Post

CAME_BACK_FOR = timedelta(days=14)
"""Time for which a returned payment is shown. Its receipt in AMS360 is shown until it is reversed."""

LETTER_FOR = timedelta(days=14)
"""Time for which a letter that was not printed is shown. By then the debit has long settled."""

MOST = 500
"""Maximum number of undecided payments to read."""


@dataclass(frozen=True, slots=True)
class OpenItem:
    """A payment that needs a person: for its charge, its ``posting`` into AMS360, or its letter.

    ``may_post_again`` is True if "Retry posting" is offered. ``letter_due`` is True if the
    letter that proves the consent was never printed.
    """

    payment: Payment
    charge: bool
    posting: Posting | None = None
    may_post_again: bool = False
    letter_due: bool = False
    refund: Refund | None = None
    """A refund of it that needs a person."""
    doubtful: SeenRefund | None = None
    """One that the processor lists, and that may be this refund."""

    @property
    def advice(self) -> Advice:
        """The one advice about the payment, its receipt and its letter."""
        return advice(
            self.payment,
            self.posting,
            may_post_again=self.may_post_again,
            letter_due=self.letter_due,
            refund=self.refund,
            doubtful=self.doubtful,
        )


def open_items(
    ledger: Ledger,
    post: Post,
    now: datetime,
    after: timedelta,
    doubtful: Mapping[int, SeenRefund] = MappingProxyType({}),
) -> list[OpenItem]:
    """Read from the ledger everything a person has to look at: charges before postings, oldest first.

    ``now`` is UTC. A payment open for longer than ``after`` is included. An unclear charge is included at
    once, because a clerk who closed its dialog looks for it here.
    """
    undecided = ledger.payments(limit=MOST, states=(*OPEN, State.LATE, State.VOIDING))
    otherwise = ledger.charged_otherwise()
    charges = {
        payment.id: payment
        for payment in (*undecided, *otherwise)
        if payment.state is State.UNKNOWN or needs_attention(payment, now, after)
    }
    charges |= {payment.id: payment for payment in ledger.came_back(now - CAME_BACK_FOR) if _is_told(payment)}
    to_look_at = {
        one.payment_id: one for one in ledger.refunds_to_look_at() if _needs_person(ledger, one, now)
    }
    charges |= {number: ledger.payment(number) for number in to_look_at if number not in charges}
    postings = {posting.payment.id: posting for posting in post.attention()}
    letters = {payment.id: payment for payment in ledger.letters_due(now - LETTER_FOR, now - after)}
    payments = letters | {number: posting.payment for number, posting in postings.items()} | charges
    again = {number for number, posting in postings.items() if post.may_post_again(posting)}
    found = [
        OpenItem(
            payments[number],
            number in charges,
            postings.get(number),
            number in again,
            number in letters,
            to_look_at.get(number),
            doubtful.get(to_look_at[number].id) if number in to_look_at else None,
        )
        for number in sorted(payments)
    ]
    return sorted(found, key=lambda matter: not matter.charge)


def _is_told(payment: Payment) -> bool:
    """Return True if nothing but the payment itself tells that its money went back.

    A refund of a part is a row of its own until somebody has adjusted the receipt. After a refund of all, the
    receipt is a row until it is reversed.
    """
    if payment.state is State.PARTLY_REFUNDED:
        return payment.reason_code is Reason.DISPUTED
    return payment.state is not State.REFUNDED


def _needs_person(ledger: Ledger, refund: Refund, now: datetime) -> bool:
    """Return True if a refund is unclear, failed, or is to be entered, or if one can be asked for now."""
    if refund.state is RefundState.WISHED:
        opens = refund_opens_on(ledger.payment(refund.payment_id))
        return opens is None or opens <= now.date()
    return True
