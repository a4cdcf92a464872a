"""No read that a screen or a timer makes goes through all payments, on either engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from paydesk.domain.invoices.invoice import Invoice
from paydesk.domain.money import Money
from paydesk.domain.payment import OPEN, Payment, State
from paydesk.domain.posting import PostingChannel, PostingState
from paydesk.domain.typed.payment_search import Wanted
from paydesk.services.ports.ledger import Attempt
from paydesk.store.ledger.ledger import SqlLedger
from paydesk.store.ledger.outbox import SqlOutbox
from tests.fakes.ledger import LedgerMaker
from tests.fakes.world import START, Counter

GROWING = ("payment", "payment_line", "hold", "attempt", "receipt", "void", "posting", "event")
"""The tables that grow with every payment."""

INVOICE = Invoice("50123", "1001", "Sample Bakery LLC", Money(100_00), Money(100_00), START)

Read = Callable[[SqlLedger, SqlOutbox, Payment], object]
READS: dict[str, Read] = {
    "undecided": lambda ledger, _outbox, _paid: ledger.undecided(),
    "needs attention": lambda ledger, _outbox, _paid: ledger.payments(
        limit=500, states=(*OPEN, State.LATE, State.VOIDING)
    ),
    "background": lambda ledger, _outbox, _paid: ledger.payments(
        limit=100, states=(State.SUBMITTED, State.UNKNOWN)
    ),
    "charged otherwise": lambda ledger, _outbox, _paid: ledger.charged_otherwise(),
    "a difference acknowledged": lambda ledger, _outbox, paid: ledger.acknowledge([paid.id], "compared"),
    "came back": lambda ledger, _outbox, _paid: ledger.came_back(START - timedelta(days=14)),
    "letters due": lambda ledger, _outbox, _paid: ledger.letters_due(
        START - timedelta(days=14), START + timedelta(days=1)
    ),
    "one day": lambda ledger, _outbox, _paid: ledger.payments_between(START, START + timedelta(days=1)),
    "bank debits": lambda ledger, _outbox, _paid: ledger.uncleared(START, 0, 5, None),
    "settled bank debits": lambda ledger, _outbox, _paid: ledger.uncleared(
        START, 7, 5, START - timedelta(days=75)
    ),
    "one payment": lambda ledger, _outbox, paid: ledger.payment(paid.id),
    "a search not indexed yet": lambda ledger, _outbox, _paid: ledger.payments(
        limit=9, matching="dana 50123"
    ),
    "a search": lambda ledger, _outbox, _paid: (
        [*iter(ledger.index_payments, False)],
        ledger.payments(limit=9, matching="dana 50123"),
    ),
    "a search in a month": lambda ledger, _outbox, _paid: (
        [*iter(ledger.index_payments, False)],
        ledger.payments(limit=9, matching=Wanted((("wdana*",),), START, START + timedelta(days=31))),
    ),
    "a month": lambda ledger, _outbox, _paid: ledger.payments(
        limit=9, matching=Wanted((), START, START + timedelta(days=31)), before=7
    ),
    "the oldest of a search": lambda ledger, _outbox, _paid: (
        [*iter(ledger.index_payments, False)],
        ledger.payments(limit=9, matching=Wanted((("xtapproved",), ("wdana*",))), after=0),
    ),
    "sums of a day": lambda ledger, _outbox, _paid: ledger.sums(Wanted((), START, START + timedelta(days=1))),
    "sums of a filtered day": lambda ledger, _outbox, _paid: (
        [*iter(ledger.index_payments, False)],
        ledger.sums(Wanted((("xtapproved",),), START, START + timedelta(days=1))),
    ),
    "by reference": lambda ledger, _outbox, paid: ledger.find(paid.reference),
    "by charge": lambda ledger, _outbox, paid: ledger.find_charged(paid.processor_ref),
    "its refunds": lambda ledger, _outbox, paid: ledger.refunds_of([paid.id]),
    "refunds followed": lambda ledger, _outbox, _paid: ledger.followed_refunds(),
    "refunds to look at": lambda ledger, _outbox, _paid: ledger.refunds_to_look_at(),
    "refunds of a day": lambda ledger, _outbox, _paid: ledger.refunded_between(
        START, START + timedelta(days=1)
    ),
    "went back on a day": lambda ledger, _outbox, _paid: ledger.went_back_between(
        START, START + timedelta(days=1)
    ),
    "returned debits": lambda ledger, _outbox, _paid: ledger.returned_debits(START - timedelta(days=180)),
    "its events": lambda ledger, _outbox, paid: ledger.events(paid.id),
    "its receipt": lambda ledger, _outbox, paid: ledger.receipt(paid.id),
    "statuses of invoices": lambda ledger, _outbox, _paid: ledger.statuses([INVOICE]),
    "postings to send": lambda _ledger, outbox, _paid: outbox.postings(
        (PostingState.WAITING, PostingState.UNCLEAR), limit=2000
    ),
    "count to enter by hand": lambda _ledger, outbox, _paid: outbox.count_by_hand(),
    "postings to enter by hand": lambda _ledger, outbox, _paid: outbox.postings((PostingState.BY_HAND,)),
    "postings that are stuck": lambda _ledger, outbox, _paid: outbox.stuck(),
    "receipts to reverse": lambda _ledger, outbox, _paid: outbox.to_take_back(),
    "receipts without a note": lambda _ledger, outbox, _paid: outbox.without_note(),
    "a deposit file": lambda _ledger, outbox, _paid: outbox.handed_over("D-0001"),
    "postings of payments": lambda _ledger, outbox, paid: outbox.of([paid.id, paid.id + 1]),
    "a heartbeat": lambda ledger, _outbox, _paid: ledger.beat(),
    "a posting to send": lambda _ledger, outbox, paid: outbox.take(paid.id, PostingChannel.EMS, {}),
    "a receipt that the balances prove": lambda _ledger, outbox, paid: (
        outbox.take(paid.id, PostingChannel.EMS, {}),
        outbox.prove(paid.id, START, {}),
    ),
    "another payment of the invoice": lambda ledger, _outbox, paid: ledger.hold(
        replace(paid.draft, lines=(replace(paid.draft.lines[0], invoice_number=None),)),
        "PDOTHER",
        Attempt("fingerprint", lambda declines: None),
    ),
}


@pytest.mark.parametrize("read", READS.values(), ids=READS)
def test_no_read_goes_through_all_payments(counter: Counter, new_ledger: LedgerMaker, read: Read) -> None:
    counter.source.owe("50123", 100_00)
    paid = counter.pay("50123")
    with _asked(counter.ledger) as asked:
        read(counter.ledger, SqlOutbox(counter.ledger.transactions), paid)
    assert asked
    plan = [step for said in asked for step in _plan(new_ledger.engine(), *said)]
    assert not [step for step in plan if _goes_through_all(step)]


@pytest.mark.parametrize("limit", [10, 100])
def test_the_newest_payments_are_read_from_the_end(
    counter: Counter, new_ledger: LedgerMaker, limit: int
) -> None:
    with _asked(counter.ledger) as asked:
        counter.ledger.payments(limit=limit)
    plan = _plan(new_ledger.engine(), *asked[0])
    assert not [step for step in plan if "TEMP B-TREE" in step or "Sort" in step]


@contextmanager
def _asked(ledger: SqlLedger) -> Iterator[list[tuple[str, Any]]]:
    """Collect the statements that the ledger runs, except those that insert rows."""
    said: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, text: str, values: Any, *_more: Any) -> None:
        if text.startswith(("SELECT", "UPDATE")):
            said.append((text, values))

    sa.event.listen(ledger.transactions.engine, "before_cursor_execute", note)
    yield said
    sa.event.remove(ledger.transactions.engine, "before_cursor_execute", note)


def _plan(engine: sa.Engine, text: str, values: Any) -> list[str]:
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            return [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values)]
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")  # with few rows it would always scan
        return [row[0] for row in connection.exec_driver_sql(f"EXPLAIN {text}", values)]


def _goes_through_all(step: str) -> bool:
    """Return True for a scan of a growing table, or of a whole index of it that is not a small one."""
    if "(payment_id<?)" in step or "(payment_id>?)" in step:  # a range of an index of all rows
        return True
    words = step.split()
    if "Seq Scan on" in step:
        return step.split("Seq Scan on ")[1].split(maxsplit=1)[0] in GROWING
    return words[0] == "SCAN" and words[1] in GROWING and not any(name in step for name in SMALL)


SMALL = (
    "uq_void_open",
    "ix_posting_unfinished",
    "ix_posting_by_hand",
    "ix_posting_stuck",
    "ix_posting_without_note",
    "ix_posting_to_reverse",
)
"""Indexes of a few rows: SQLite may go through the whole of one."""
