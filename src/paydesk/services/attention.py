"""What a person has to look at: charges and postings that did not end by themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from paydesk.domain.errors import BugError
from paydesk.domain.payment import GIVEN_BACK, OPEN, Payment, State
from paydesk.domain.posting import Posting, PostingState
from paydesk.services.advice import Advice, advice, needs_attention
from paydesk.services.ports import Ledger
from paydesk.services.post import Post

CAME_BACK_FOR = timedelta(days=14)
"""A payment that the bank sent back is shown for so long; its receipt in AMS360 until it is reversed."""

MOST = 500
"""So many undecided payments are looked at."""


@dataclass(frozen=True, slots=True)
class Matter:
    """A payment to look at: for its charge, for its ``posting`` into AMS360, or for both.

    ``may_post_again`` says whether "post again" is offered for the posting.
    """

    payment: Payment
    charge: bool
    posting: Posting | None = None
    may_post_again: bool = False

    @property
    def advice(self) -> tuple[Advice, ...]:
        """What is known, what to do and what never; the money first."""
        said = [advice(self.payment)] if self.charge else []
        if self.posting is not None:
            said.append(posting_advice(self.posting, may_post_again=self.may_post_again))
        return tuple(said)


def open_matters(ledger: Ledger, post: Post, now: datetime, after: timedelta) -> list[Matter]:
    """Everything to look at, charges before postings, the oldest first; reads the ledger. ``now`` is UTC.

    A payment that is open for longer than ``after`` is among them; an unclear charge is at once,
    before it is old enough to need anybody: whoever closed its dialog looks for it here.
    """
    undecided = ledger.payments(limit=MOST, states=(*OPEN, State.LATE, State.VOIDING))
    otherwise = ledger.charged_otherwise()
    charges = {
        payment.id: payment
        for payment in (*undecided, *otherwise)
        if payment.state is State.UNKNOWN or needs_attention(payment, now, after)
    }
    charges |= {payment.id: payment for payment in ledger.came_back(now - CAME_BACK_FOR)}
    postings = {posting.payment.id: posting for posting in post.attention()}
    payments = {number: posting.payment for number, posting in postings.items()} | charges
    again = {number for number, posting in postings.items() if post.may_post_again(posting)}
    found = [
        Matter(payments[number], number in charges, postings.get(number), number in again)
        for number in sorted(payments)
    ]
    return sorted(found, key=lambda matter: not matter.charge)


def posting_advice(posting: Posting, *, may_post_again: bool) -> Advice:
    """What is known of a receipt that is not in AMS360 yet, what to do, and what never."""
    receipt = (
        f"Receipt {posting.payment.receipt_number} ({posting.payment.draft.quote.subtotal} without the fee)"
    )
    if posting.payment.state in GIVEN_BACK:
        return _taken_back(posting, receipt)
    if posting.in_deposit_file:
        return _in_a_file(posting, receipt)
    match posting.state:
        case PostingState.UNCLEAR:
            return Advice(
                f"{receipt} was sent to AMS360, but it may not have arrived. {posting.reason}".strip(),
                "Look in AMS360 whether the customer has it. If so, press It is in AMS360; if it surely is "
                "not there, "
                + (
                    "press Post again: PayDesk reads the balances first."
                    if may_post_again
                    else "enter it there by hand, then press It is in AMS360."
                ),
                "Do not enter it by hand before you have looked: it would be there twice.",
            )
        case PostingState.REFUSED:
            return Advice(
                f"{receipt} is not in AMS360. {posting.reason}".strip(),
                ("Put that right and press Post again, or enter" if may_post_again else "Enter")
                + " it in AMS360 by hand and press It is in AMS360.",
                "Do not charge the customer again: this payment was taken.",
            )
        case PostingState.WAITING:
            return Advice(
                f"{receipt} has been waiting for AMS360. {posting.reason}".strip(),
                "PayDesk keeps trying. If AMS360 answers otherwise, show this to your administrator.",
                "Do not enter it in AMS360 by hand while it waits: PayDesk would post it, too.",
            )
        case _:
            raise BugError(f"nothing to do about a posting that is {posting.state}")


def _in_a_file(posting: Posting, receipt: str) -> Advice:
    """What is done about a deposit file that nobody has confirmed."""
    deposit = posting.sink_ref
    return Advice(
        f"{receipt} stands in deposit file {deposit}, written {posting.sent_age_s // 3600:,.0f} hours ago, "
        "and nobody has said that it was imported.",
        f"Look under Deposits in AMS360's Bank Center whether {deposit} was imported. If so, say it of the "
        f"whole file with “paydesk deposit --imported {deposit}”, or press It is in AMS360 for this receipt. "
        f"If not, import it now; “paydesk deposit --again {deposit}” writes the same file once more.",
        "Do not import the file twice, and do not enter its receipts by hand as well.",
    )


def _taken_back(posting: Posting, receipt: str) -> Advice:
    """What is done about a receipt in AMS360 whose money was given back."""
    where = "is" if posting.state is PostingState.POSTED else "may be"
    voided = posting.payment.state is State.VOIDED
    what = "its payment was voided" if voided else "the bank sent its payment back"
    return Advice(
        f"{receipt} {where} in AMS360, and {what}: no money stands behind it.",
        f"Reverse receipt {posting.payment.receipt_number} in AMS360, so that its invoices are owed again, "
        "then press It is reversed. If it surely is not there, press that as well.",
        "Do not take these invoices for paid.",
    )
