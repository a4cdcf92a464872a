"""Advice about a payment: what is known, what to do, and what never to do.

One function, ``case_of``, chooses one case from the states of the payment and of its receipt's posting. The
sentences, the actions and the buttons all follow from that case, so two advices can never contradict.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto

from paydesk.domain.errors import BugError
from paydesk.domain.payment import OPEN, PAID, Difference, Payment, State
from paydesk.domain.posting import Posting, PostingState
from paydesk.domain.refund import Refund, RefundState, SeenRefund
from paydesk.services.desk import words


class Case(Enum):
    """The one thing about a payment that a person has to know now."""

    HELD = auto()
    OFFERED = auto()
    """Somebody may pay it at an address."""
    CLOSING = auto()
    """Its address is being taken back."""
    SUBMITTED = auto()
    UNKNOWN = auto()
    LATE = auto()
    VOIDING = auto()
    CHARGED_OTHERWISE = auto()
    FEE_NOT_TOLD = auto()
    """The processor does not tell its fee consistently."""
    RETURNED = auto()
    CHARGED_BACK = auto()
    PARTLY_REFUNDED = auto()
    REFUND_UNKNOWN = auto()
    REFUND_DOUBTFUL = auto()
    """The processor lists a refund that may be ours."""
    REFUND_FAILED = auto()
    REFUND_TO_ENTER = auto()
    """A part went back, and its receipt in the agency system is to be adjusted."""
    REFUND_WISHED = auto()
    TO_REVERSE = auto()
    """Its money went back, and its receipt is, or may be, in the agency system."""
    IN_FILE = auto()
    POSTING_UNCLEAR = auto()
    POSTING_REFUSED = auto()
    BY_HAND = auto()
    POSTING_WAITS = auto()
    LETTER_DUE = auto()
    """The letter that proves the consent to a bank debit was not printed."""
    DECIDED = auto()
    """Nobody has to do anything."""


class Action(Enum):
    """An action that an advice asks for or offers."""

    WAIT = auto()
    CHECK_NOW = auto()
    TAKE_BACK = auto()
    """Take its payment link or page back."""
    TELL_CUSTOMER = auto()
    COMPARE = auto()
    """Compare the amount with the processor's portal."""
    ACKNOWLEDGE = auto()
    VOID = auto()
    TAKE_AGAIN = auto()
    LOOK_THERE = auto()
    """Look in the agency system."""
    IMPORT_FILE = auto()
    POST_AGAIN = auto()
    ENTER_BY_HAND = auto()
    SAY_POSTED = auto()
    """Press "Mark as entered"."""
    SAY_FILE_POSTED = auto()
    """Press "Mark whole file"."""
    REVERSE = auto()
    SAY_REVERSED = auto()
    PRINT_LETTER = auto()
    SAY_REFUND_ENTERED = auto()
    """Press "Mark as done" once nothing is left to do about a refund."""
    SAY_REFUND_IS_OURS = auto()
    """Say if a refund that the processor lists is ours."""
    REFUND = auto()


STUCK = frozenset({PostingState.UNCLEAR, PostingState.REFUSED, PostingState.BY_HAND})
"""States of a posting in which only a person moves it on."""

LAST_HOUR_S = 3600
_LAST_HOUR = timedelta(seconds=LAST_HOUR_S)

_A = Action
OPPOSITES = frozenset(
    frozenset(pair)
    for pair in (
        (_A.POST_AGAIN, _A.ENTER_BY_HAND),
        (_A.POST_AGAIN, _A.WAIT),
        (_A.POST_AGAIN, _A.IMPORT_FILE),
        (_A.ENTER_BY_HAND, _A.WAIT),
        (_A.ENTER_BY_HAND, _A.IMPORT_FILE),
        (_A.SAY_POSTED, _A.SAY_REVERSED),
        *((keeps, ends)
          for keeps in (_A.POST_AGAIN, _A.ENTER_BY_HAND, _A.SAY_POSTED, _A.SAY_FILE_POSTED, _A.IMPORT_FILE)
          for ends in (_A.REVERSE, _A.VOID, _A.TAKE_AGAIN)),
        *((_A.TAKE_AGAIN, open_) for open_ in (_A.WAIT, _A.CHECK_NOW, _A.VOID)),
    )
)  # fmt: skip
"""Pairs of actions that no advice has together, because the second would undo or repeat the first."""

_ACTIONS: Mapping[Case, frozenset[Action]] = {
    Case.HELD: frozenset({_A.WAIT}),
    Case.OFFERED: frozenset({_A.WAIT, _A.TAKE_BACK}),
    Case.CLOSING: frozenset({_A.WAIT}),
    Case.SUBMITTED: frozenset({_A.WAIT}),
    Case.UNKNOWN: frozenset({_A.WAIT, _A.CHECK_NOW}),
    Case.LATE: frozenset({_A.VOID}),
    Case.VOIDING: frozenset({_A.WAIT, _A.CHECK_NOW}),
    Case.CHARGED_OTHERWISE: frozenset({_A.TELL_CUSTOMER, _A.VOID, _A.ACKNOWLEDGE}),
    Case.FEE_NOT_TOLD: frozenset({_A.COMPARE, _A.ACKNOWLEDGE}),
    Case.RETURNED: frozenset({_A.TELL_CUSTOMER, _A.TAKE_AGAIN}),
    Case.CHARGED_BACK: frozenset({_A.TELL_CUSTOMER}),
    Case.PARTLY_REFUNDED: frozenset({_A.LOOK_THERE}),
    Case.REFUND_UNKNOWN: frozenset({_A.WAIT}),
    Case.REFUND_DOUBTFUL: frozenset({_A.COMPARE, _A.SAY_REFUND_IS_OURS}),
    Case.REFUND_FAILED: frozenset({_A.TELL_CUSTOMER, _A.SAY_REFUND_ENTERED}),
    Case.REFUND_TO_ENTER: frozenset({_A.LOOK_THERE, _A.SAY_REFUND_ENTERED}),
    Case.REFUND_WISHED: frozenset({_A.REFUND}),
    Case.TO_REVERSE: frozenset({_A.LOOK_THERE, _A.REVERSE, _A.SAY_REVERSED}),
    Case.IN_FILE: frozenset({_A.LOOK_THERE, _A.IMPORT_FILE, _A.SAY_POSTED, _A.SAY_FILE_POSTED}),
    Case.POSTING_WAITS: frozenset({_A.WAIT}),
    Case.BY_HAND: frozenset({_A.ENTER_BY_HAND, _A.SAY_POSTED}),
    Case.LETTER_DUE: frozenset({_A.PRINT_LETTER}),
    Case.DECIDED: frozenset(),
}
"""Actions of the cases that do not depend on whether the receipt may be posted again."""


@dataclass(frozen=True, slots=True)
class Advice:
    """Sentences for the clerk, and the actions that they ask for. ``never`` may be empty."""

    known: str
    do: str
    never: str = ""
    case: Case = Case.DECIDED
    actions: frozenset[Action] = frozenset()


def case_of(
    payment: Payment,
    posting: Posting | None = None,
    *,
    letter_due: bool = False,
    refund: Refund | None = None,
    doubtful: SeenRefund | None = None,
) -> Case:
    """Return the one case of a payment. The money comes before the receipt, and that before the letter."""
    case = _case_of_money(payment, posting)
    if refund is not None and case not in _BEFORE_REFUNDS:
        return _case_of_refund(refund, doubtful)
    taken = payment.state in PAID
    return Case.LETTER_DUE if letter_due and taken and case is Case.DECIDED else case


_BEFORE_REFUNDS = frozenset({Case.LATE, Case.VOIDING, Case.CHARGED_BACK, Case.RETURNED})
"""Cases that a person has to know before anything about a refund."""


def _case_of_refund(refund: Refund, doubtful: SeenRefund | None) -> Case:
    match refund.state:
        case RefundState.UNKNOWN:
            return Case.REFUND_UNKNOWN if doubtful is None else Case.REFUND_DOUBTFUL
        case RefundState.FAILED:
            return Case.REFUND_FAILED
        case RefundState.WISHED:
            return Case.REFUND_WISHED
        case _:
            return Case.REFUND_TO_ENTER


def _case_of_money(payment: Payment, posting: Posting | None) -> Case:
    """Return the case of the money and its receipt."""
    match payment.state:
        case State.HELD:
            return Case.HELD
        case State.OFFERED:
            return Case.OFFERED
        case State.CLOSING:
            return Case.CLOSING
        case State.SUBMITTED:
            return Case.SUBMITTED
        case State.UNKNOWN:
            return Case.UNKNOWN
        case State.LATE:
            return Case.LATE
        case State.VOIDING:
            return Case.VOIDING
        case State.VOIDED | State.RETURNED | State.REFUNDED | State.CHARGED_BACK:
            to_reverse = posting is not None and posting.state is not PostingState.WITHDRAWN
            return Case.TO_REVERSE if to_reverse else _CAME_BACK.get(payment.state, Case.DECIDED)
        case State.PARTLY_REFUNDED:
            return Case.PARTLY_REFUNDED
        case _:
            return _case_of_taken(payment, posting) if payment.state in PAID else Case.DECIDED


_CAME_BACK = {State.RETURNED: Case.RETURNED, State.CHARGED_BACK: Case.CHARGED_BACK}


def _case_of_taken(payment: Payment, posting: Posting | None) -> Case:
    """Return the case of money that was taken, and is neither late nor going back."""
    match payment.difference:
        case Difference.AMOUNT | Difference.ROUNDING:
            return Case.CHARGED_OTHERWISE
        case Difference.OTHER_FEE:
            return Case.FEE_NOT_TOLD
        case Difference.NOT_TOLD | Difference.NONE:
            receipt = _case_of_receipt(posting)
    compare = receipt is Case.DECIDED and payment.difference is Difference.NOT_TOLD
    return Case.FEE_NOT_TOLD if compare else receipt


def _case_of_receipt(posting: Posting | None) -> Case:
    """Return the case of a receipt whose money is as it should be."""
    if posting is None:
        return Case.DECIDED
    if posting.in_deposit_file:
        return Case.IN_FILE
    match posting.state:
        case PostingState.UNCLEAR:
            return Case.POSTING_UNCLEAR
        case PostingState.REFUSED:
            return Case.POSTING_REFUSED
        case PostingState.BY_HAND:
            return Case.BY_HAND
        case PostingState.WAITING if posting.held_up:
            return Case.POSTING_WAITS
        case _:
            return Case.DECIDED


def needs_attention(payment: Payment, now: datetime, after: timedelta) -> bool:
    """Return True if a person has to look: late, being voided, wrong amount charged, or open for too long.

    ``after`` is the longest time it may be open. ``now`` (UTC) decides only what is shown, never anything
    about the money. An offer is shown in its last hour, unless it lives no longer.
    """
    if payment.state is State.OFFERED:
        until = payment.offered_until
        return until is not None and payment.offer_life_s > 2 * LAST_HOUR_S and until - now <= _LAST_HOUR
    if payment.state is State.CLOSING:
        return now - (payment.closing_at or now) >= after
    if payment.state in OPEN:
        return abs(now - (payment.submitted_at or payment.held_at)) >= after
    return payment.state in (State.LATE, State.VOIDING) or payment.difference is not Difference.NONE


def advice(
    payment: Payment,
    posting: Posting | None = None,
    *,
    may_post_again: bool = False,
    letter_due: bool = False,
    refund: Refund | None = None,
    doubtful: SeenRefund | None = None,
) -> Advice:
    """Return the one advice about a payment, its receipt, its letter and its refund."""
    case = case_of(payment, posting, letter_due=letter_due, refund=refund, doubtful=doubtful)
    if refund is not None and case in _TEXTS_OF_REFUNDS:
        return Advice(*_TEXTS_OF_REFUNDS[case](payment, refund, doubtful), case, _ACTIONS[case])
    texts = _texts_of_payment(case, payment, posting) or _texts_of_posting(case, posting, may_post_again)
    return Advice(*texts, case, _actions(case, may_post_again))


def _texts_of_payment(case: Case, payment: Payment, posting: Posting | None) -> words.Texts | None:
    """Return the sentences of a case that is about the money, or None."""
    match case:
        case Case.HELD:
            return words.held(payment)
        case Case.OFFERED:
            return words.offered(payment)
        case Case.CLOSING:
            return words.closing(payment)
        case Case.SUBMITTED:
            return words.submitted(payment)
        case Case.UNKNOWN:
            return words.unknown(payment)
        case Case.LATE:
            return words.late(payment)
        case Case.VOIDING:
            return words.voiding(payment)
        case Case.CHARGED_OTHERWISE:
            return words.charged_otherwise(payment, receipt_waits=_is_stuck(posting))
        case Case.FEE_NOT_TOLD:
            return words.fee_not_told(payment)
        case Case.RETURNED:
            return words.returned(payment)
        case Case.CHARGED_BACK:
            return words.charged_back(payment)
        case Case.PARTLY_REFUNDED:
            return words.partly_refunded(payment)
        case Case.LETTER_DUE:
            return words.letter_due(payment)
        case Case.DECIDED:
            return words.DECIDED
        case _:
            return None


def _texts_of_posting(case: Case, posting: Posting | None, may_post_again: bool) -> words.Texts:
    """Return the sentences of a case that is about the receipt."""
    if posting is None:
        raise BugError(f"{case} without a posting")
    match case:
        case Case.TO_REVERSE:
            return words.receipt_to_reverse(posting)
        case Case.IN_FILE:
            return words.receipt_in_file(posting)
        case Case.POSTING_UNCLEAR:
            return words.unclear_receipt(posting, may_post_again=may_post_again)
        case Case.POSTING_REFUSED:
            return words.refused_receipt(posting, may_post_again=may_post_again)
        case Case.BY_HAND:
            return words.receipt_by_hand(posting)
        case Case.POSTING_WAITS:
            return words.waiting_receipt(posting)
        case _:
            raise BugError(f"{case} is not about a receipt")


_TEXTS_OF_REFUNDS: Mapping[Case, Callable[[Payment, Refund, SeenRefund | None], words.Texts]] = {
    Case.REFUND_UNKNOWN: words.refund_unknown,
    Case.REFUND_DOUBTFUL: words.refund_doubtful,
    Case.REFUND_FAILED: words.refund_failed,
    Case.REFUND_TO_ENTER: words.refund_to_enter,
    Case.REFUND_WISHED: words.refund_wished,
}


def _is_stuck(posting: Posting | None) -> bool:
    return posting is not None and posting.state in STUCK


def _actions(case: Case, may_post_again: bool) -> frozenset[Action]:
    if case is Case.POSTING_UNCLEAR:
        then = _A.POST_AGAIN if may_post_again else _A.ENTER_BY_HAND
        return frozenset({_A.LOOK_THERE, _A.SAY_POSTED, then})
    if case is Case.POSTING_REFUSED:
        return frozenset(
            {_A.LOOK_THERE, _A.SAY_POSTED, _A.POST_AGAIN if may_post_again else _A.ENTER_BY_HAND}
        )
    return _ACTIONS[case]
