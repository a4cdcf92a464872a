"""Filters of a list of payments: days, status, payment method, person, posted or not, customer.

Each but the days is a term of the search index, of a kind of its own: a person called Late is no late
payment.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from paydesk.domain.payment import Payment, State
from paydesk.domain.posting import PostingState
from paydesk.domain.tender import TenderKind
from paydesk.domain.typed.days import Days

FACET = "x"
"""First letter of these terms. The second one is for what they tell."""
_LONGEST = 60
_AS_LETTERS = str.maketrans("0123456789abcdef", "abcdefghijklmnop")


class Status(StrEnum):
    """A payment's state as a list is filtered by it: one value for states that mean the same to a person."""

    APPROVED = "approved"
    SUBMITTED = "submitted"
    """A bank debit that was accepted, and may still be returned."""
    SETTLED = "settled"
    OFFERED = "offered"
    """Waiting for somebody to pay by link or on the processor's page."""
    DECLINED = "declined"
    UNCLEAR = "unclear"
    """Being charged, or without a clear answer."""
    NOT_CHARGED = "notcharged"
    LATE = "late"
    VOIDING = "voiding"
    VOIDED = "voided"
    REFUNDED = "refunded"
    RETURNED = "returned"
    CHARGED_BACK = "chargedback"


def status_of(payment: Payment) -> Status:
    """Return the status of a payment."""
    match payment.state:
        case State.AUTHORIZED:
            return Status.SUBMITTED if payment.draft.kind is TenderKind.ACH else Status.APPROVED
        case State.OFFERED | State.CLOSING:
            return Status.OFFERED
        case State.HELD | State.SUBMITTED | State.UNKNOWN:
            return Status.UNCLEAR
        case State.RELEASED | State.NOT_CHARGED:
            return Status.NOT_CHARGED
        case State.PARTLY_REFUNDED | State.REFUNDED:
            return Status.REFUNDED
        case State.SETTLED:
            return Status.SETTLED
        case State.DECLINED:
            return Status.DECLINED
        case State.LATE:
            return Status.LATE
        case State.VOIDING:
            return Status.VOIDING
        case State.VOIDED:
            return Status.VOIDED
        case State.RETURNED:
            return Status.RETURNED
        case State.CHARGED_BACK:
            return Status.CHARGED_BACK
        case never:
            assert_never(never)


NOT_POSTED = (PostingState.WAITING, PostingState.UNCLEAR, PostingState.REFUSED, PostingState.BY_HAND)
"""States of a receipt that belongs into the agency system and is not known to be there."""


@dataclass(frozen=True, slots=True)
class PaymentFilter:
    """Narrows a list of payments. What is None or "" narrows nothing."""

    days: Days | None = None
    status: Status | None = None
    method: TenderKind | None = None
    person: str = ""
    posted: bool | None = None
    customer: str = ""

    @property
    def anything(self) -> bool:
        """True if every payment passes."""
        return self == PaymentFilter()

    @property
    def groups(self) -> tuple[tuple[str, ...], ...]:
        """Terms of the search index. A payment needs one of each group."""
        found: list[tuple[str, ...]] = []
        if self.status is not None:
            found.append((_status(self.status),))
        if self.method is not None:
            found.append((_method(self.method),))
        if self.person:
            found.append((_text("u", self.person),))
        if self.posted is not None:
            found.append(tuple(map(_posting, (PostingState.POSTED,) if self.posted else NOT_POSTED)))
        if self.customer:
            found.append((_text("c", self.customer),))
        return tuple(found)


def facets(payment: Payment, posting: PostingState | None) -> Iterator[str]:
    """Yield the terms by which filters find a payment, with the state of its posting."""
    yield _status(status_of(payment))
    yield _method(payment.draft.kind)
    yield _text("u", payment.user)
    if payment.draft.payer.customer_number:
        yield _text("c", payment.draft.payer.customer_number)
    if posting is not None:
        yield _posting(posting)


def _status(status: Status) -> str:
    return f"{FACET}t{status.value}"


def _method(kind: TenderKind) -> str:
    return f"{FACET}m{_letters(kind.value)}"


def _posting(state: PostingState) -> str:
    return f"{FACET}p{_letters(state.value)}"


def _letters(value: str) -> str:
    return "".join(letter for letter in value.casefold() if letter.isalnum())


def _text(kind: str, text: str) -> str:
    """Return the term of a text as it is. The index takes letters, and no digits could look like a card."""
    return f"{FACET}{kind}{text.encode('utf-8', 'replace').hex().translate(_AS_LETTERS)[:_LONGEST]}"
