"""The event kinds of the ledger's audit trail."""

from __future__ import annotations

from enum import StrEnum

from paydesk.domain.payment import State
from paydesk.domain.refund import RefundState


class EventKind(StrEnum):
    """The kind of an event. Never rename one: ledgers keep its text, and their hashes cover it."""

    # A payment entered a state.
    HELD = State.HELD.value
    OFFERED = State.OFFERED.value
    CLOSING = State.CLOSING.value
    SUBMITTED = State.SUBMITTED.value
    AUTHORIZED = State.AUTHORIZED.value
    DECLINED = State.DECLINED.value
    UNKNOWN = State.UNKNOWN.value
    RELEASED = State.RELEASED.value
    NOT_CHARGED = State.NOT_CHARGED.value
    LATE = State.LATE.value
    VOIDING = State.VOIDING.value
    VOIDED = State.VOIDED.value
    SETTLED = State.SETTLED.value
    PARTLY_REFUNDED = State.PARTLY_REFUNDED.value
    REFUNDED = State.REFUNDED.value
    RETURNED = State.RETURNED.value
    CHARGED_BACK = State.CHARGED_BACK.value
    # Other events of a payment.
    CHARGED_FROM_CACHE = "charged_from_cache"
    ROUNDED = "rounded"
    ACKNOWLEDGED = "acknowledged"
    EXTRA_VOIDING = "extra_voiding"
    EXTRA_VOIDED = "extra_voided"
    EXTRA_NOT_VOIDED = "extra_not_voided"
    EXPIRED = "expired"
    REFUND_WISHED = "refund_wished"
    REFUND_DROPPED = "refund_dropped"
    REFUND_SUBMITTED = "refund_submitted"
    REFUND_UNKNOWN = "refund_unknown"
    REFUND_ACCEPTED = "refund_accepted"
    REFUND_DONE = "refund_done"
    REFUND_FAILED = "refund_failed"
    REFUND_REFUSED = "refund_refused"
    REFUND_NOT_MADE = "refund_not_made"
    REFUND_ENTERED = "refund_entered"
    """A person did what was left to do about a refund."""
    REPRINTED = "reprinted"
    CONSENT_PRINTED = "consent_printed"
    # Posting of its receipt to the agency system.
    POSTING = "posting"
    POSTED = "posted"
    NOT_POSTED_YET = "not_posted_yet"
    POSTING_UNCLEAR = "posting_unclear"
    POSTING_REFUSED = "posting_refused"
    POSTING_BY_HAND = "posting_by_hand"
    POSTING_WITHDRAWN = "posting_withdrawn"
    POST_AGAIN = "post_again"
    TAKEN_BACK = "taken_back"
    NOTING = "noting"
    NOT_NOTED_YET = "not_noted_yet"
    # Events without a payment.
    IDENTIFIED = "identified"
    FORGOTTEN = "forgotten"
    ACCEPTED = "accepted"
    JOINED = "joined"
    REDACTED = "redacted"
    """Card data was taken out of a text that the ledger had kept. It may be of a payment."""
    # Never written: how this version reads a kind that a newer version added.
    NEWER = "newer"

    @classmethod
    def _missing_(cls, value: object) -> EventKind | None:
        return cls.NEWER if isinstance(value, str) else None

    @classmethod
    def of(cls, state: State) -> EventKind:
        """Return the kind of the event that a move into ``state`` writes."""
        return cls(state.value)

    @classmethod
    def of_refund(cls, state: RefundState) -> EventKind:
        """Return the kind of the event that a refund's move into ``state`` writes."""
        return cls(f"refund_{state.value}")


MONEY_MOVED = frozenset(
    {
        EventKind.AUTHORIZED, EventKind.LATE, EventKind.VOIDED, EventKind.RETURNED, EventKind.PARTLY_REFUNDED,
        EventKind.REFUNDED, EventKind.CHARGED_BACK, EventKind.REFUND_ACCEPTED, EventKind.REFUND_DONE,
    }
)  # fmt: skip
"""Kinds of events after which the system's log gets the newest hash."""
