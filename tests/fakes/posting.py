"""An agency system that takes receipts, and whose answers can get lost."""

from __future__ import annotations

from collections import deque
from dataclasses import replace

from paydesk.domain.money import Money
from paydesk.domain.posting import (
    AgencyReceipt,
    MayHaveArrived,
    NotReceived,
    Posted,
    PostingChannel,
    PostingRules,
    PostOutcome,
    Refused,
)
from paydesk.services.post import Post
from paydesk.store.postings import SqlOutbox
from tests.fakes.world import FakeSource, StillClock

EMS = PostingRules(PostingChannel.EMS)


class FakeSink:
    """Lowers the source's balances, unless told that the request does not arrive."""

    def __init__(self, source: FakeSource) -> None:
        self._source = source
        self._next: deque[tuple[bool, PostOutcome | Exception]] = deque()
        self.receipts: list[AgencyReceipt] = []
        """What was carried out."""
        self.notes: list[AgencyReceipt] = []
        self.note_answers: list[PostOutcome] = []
        """What the next notes are answered, without being written."""

    def next(self, answer: PostOutcome | Exception, *, arrives: bool = False) -> None:
        """The next receipt is answered like this, carried out or not."""
        self._next.append((arrives, answer))

    def lose_next_reply(self) -> None:
        """The next receipt is posted, and its answer never comes."""
        self.next(MayHaveArrived("silence"), arrives=True)

    def lose_next_request(self) -> None:
        """The next receipt never arrives, and nobody can tell."""
        self.next(MayHaveArrived("silence"))

    def refuse_next_connection(self) -> None:
        """The next receipt surely is not sent."""
        self.next(NotReceived("AMS360 cannot be reached."))

    def refuse_next(self, reason: str) -> None:
        """The next receipt is refused."""
        self.next(Refused(reason))

    def post(self, receipt: AgencyReceipt) -> PostOutcome:
        """Carry it out and answer, as scripted."""
        arrives, answer = self._next.popleft() if self._next else (True, Posted(f"a-{len(self.receipts)}"))
        if arrives:
            self.receipts.append(receipt)
            for number, amount in receipt.by_invoice.items():
                self.fall(number, amount)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def note(self, receipt: AgencyReceipt) -> PostOutcome:
        """Remember the note."""
        if self.note_answers:
            return self.note_answers.pop(0)
        self.notes.append(receipt)
        return Posted("n-1")

    def fall(self, number: str, amount: Money) -> None:
        """Lower a balance, as a receipt does, whoever enters it."""
        invoice = self._source.invoices[number]
        self._source.invoices[number] = replace(invoice, balance=invoice.balance - amount)


def poster(
    outbox: SqlOutbox, sink: FakeSink, source: FakeSource, clock: StillClock, rules: PostingRules = EMS
) -> Post:
    """A worker of the outbox."""
    return Post(outbox, sink, source, clock, rules, "America/New_York")
