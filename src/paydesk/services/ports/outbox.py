"""The outbox: receipts to post into the agency system."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from paydesk.domain.money import Money
from paydesk.domain.posting import Posting, PostingChannel, PostingState, PostOutcome


class Outbox(Protocol):
    """The postings in the ledger: one method, one transaction. Raises KnownError if it is unreachable."""

    def postings(self, states: Iterable[PostingState], *, limit: int = 500) -> Sequence[Posting]:
        """Return the postings in these states, oldest payment first. None may be posted or withdrawn."""
        ...

    def stuck(self, *, limit: int = 500) -> Sequence[Posting]:
        """Return refused and unclear postings, and those waiting with a reason or in a file, oldest first."""
        ...

    def count_by_hand(self) -> int:
        """Return the number of postings that a person enters into the agency system."""
        ...

    def posting(self, payment_id: int) -> Posting | None:
        """Return the posting of a payment, or None if it has none."""
        ...

    def of(self, payment_ids: Iterable[int]) -> Mapping[int, Posting]:
        """Return the postings of these payments, by payment."""
        ...

    def take(self, payment_id: int, channel: PostingChannel, before: Mapping[str, Money]) -> bool:
        """Make durable that the posting is about to be sent. Returns False if another desk has it."""
        ...

    def record_outcome(self, payment_id: int, outcome: PostOutcome) -> Posting:
        """Record the outcome of a posting that was sent."""
        ...

    def prove(self, payment_id: int, read_at: datetime, evidence: Mapping[str, str]) -> Posting:
        """Record the posting as posted, proven by balances whose reading started at ``read_at`` (UTC)."""
        ...

    def entered_by_hand(self, payment_id: int, note: str) -> Posting:
        """Record that a person confirmed: the receipt is in the agency system."""
        ...

    def stop(self, payment_id: int, state: PostingState, reason: str) -> Posting:
        """Record the posting as refused, to enter by hand, or withdrawn, without having been sent."""
        ...

    def to_take_back(self) -> Sequence[Posting]:
        """Return postings that are, or may be, in the agency system though their money was given back."""
        ...

    def taken_back(self, payment_id: int, note: str) -> Posting:
        """Record that a person confirmed: the agency system no longer has a receipt whose money went back."""
        ...

    def explain(self, payment_id: int, reason: str) -> None:
        """Record why a posting still waits."""
        ...

    def wait_again(self, payment_id: int, evidence: Mapping[str, str]) -> Posting:
        """Move the posting back to waiting, after a person asked for it and it was found safe."""
        ...

    def without_note(self, *, limit: int = 20) -> Sequence[Posting]:
        """Return waiting postings that were neither sent nor noted yet, oldest payment first."""
        ...

    def take_note(self, payment_id: int) -> bool:
        """Make durable that its note is about to be written. Returns False if another desk has it."""
        ...

    def give_note_back(self, payment_id: int, why: str) -> None:
        """Record that the note surely did not arrive. It may be written later."""
        ...

    def hand_over(self, payment_ids: Sequence[int], deposit: str) -> Sequence[Posting]:
        """Assign waiting postings to a deposit file.

        Returns those assigned, without any that another desk has.
        """
        ...

    def handed_over(self, deposit: str) -> Sequence[Posting]:
        """Return the postings in a deposit file, oldest first."""
        ...

    def next_deposit(self) -> str:
        """Return the number of the next deposit file, such as D-0001. No number is used twice."""
        ...
