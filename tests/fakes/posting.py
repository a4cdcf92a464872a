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
from paydesk.services.posting.post import Post
from paydesk.store.ledger.outbox import SqlOutbox
from tests.fakes.world import FakeSource, StillClock

EMS = PostingRules(PostingChannel.EMS)


class FakeSink:
    """Lowers the source's balances, unless the test makes the request get lost."""

    def __init__(self, source: FakeSource) -> None:
        self._source = source
        self._next: deque[tuple[bool, PostOutcome | Exception]] = deque()
        self.receipts: list[AgencyReceipt] = []
        """Receipts that were posted."""
        self.notes: list[AgencyReceipt] = []
        self.note_answers: list[PostOutcome] = []
        """Answers to the next notes, which are then not written."""

    def next(self, answer: PostOutcome | Exception, *, arrives: bool = False) -> None:
        """Answer the next receipt like this, posted or not."""
        self._next.append((arrives, answer))

    def lose_next_reply(self) -> None:
        """Post the next receipt and lose its answer."""
        self.next(MayHaveArrived("silence"), arrives=True)

    def lose_next_request(self) -> None:
        """Lose the next receipt, with an answer that leaves this open."""
        self.next(MayHaveArrived("silence"))

    def refuse_next_connection(self) -> None:
        """Refuse the connection for the next receipt, so that it surely is not sent."""
        self.next(NotReceived("AMS360 can't be reached."))

    def refuse_next(self, reason: str) -> None:
        """Refuse the next receipt."""
        self.next(Refused(reason))

    def post(self, receipt: AgencyReceipt) -> PostOutcome:
        """Post the receipt and answer as scripted."""
        arrives, answer = self._next.popleft() if self._next else (True, Posted(f"a-{len(self.receipts)}"))
        if arrives:
            self.receipts.append(receipt)
            for number, amount in receipt.by_invoice.items():
                self.fall(number, amount)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def note(self, receipt: AgencyReceipt) -> PostOutcome:
        """Keep the note."""
        if self.note_answers:
            return self.note_answers.pop(0)
        self.notes.append(receipt)
        return Posted("n-1")

    def fall(self, number: str, amount: Money) -> None:
        """Lower a balance as a receipt does, whoever enters it."""
        invoice = self._source.invoices[number]
        self._source.invoices[number] = replace(invoice, balance=invoice.balance - amount)


def poster(
    outbox: SqlOutbox, sink: FakeSink, source: FakeSource, clock: StillClock, rules: PostingRules = EMS
) -> Post:
    """Return a worker of the outbox."""
    return Post(outbox, sink, source, clock, rules, "America/New_York")
