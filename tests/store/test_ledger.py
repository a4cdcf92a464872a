"""What the ledger itself holds to, whatever the services do."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from paydesk.domain.errors import BugError, KnownError
from paydesk.domain.outcome import Declined, Unclear
from paydesk.domain.payment import State
from paydesk.services.ports import InvoiceTaken, StaleMove
from paydesk.store import events, schema
from tests.fakes.ledger import LedgerMaker
from tests.fakes.world import LETTERHEAD, Counter


def test_the_index_alone_refuses_a_second_open_claim(counter: Counter, new_ledger: LedgerMaker) -> None:
    counter.source.owe("50123", 100_00)
    payment = counter.ledger.claim(counter.draft("50123"), "PDFIRST")
    engine = new_ledger.engine()
    copied = [
        column for column in schema.payment.c if column.name not in ("id", "reference", "processor_ref")
    ]
    second = sa.insert(schema.payment).from_select(
        ["reference", *(column.name for column in copied)], sa.select(sa.literal("PDSECOND"), *copied)
    )
    claim = sa.insert(schema.claim).values(payment_id=payment.id + 1, invoice_number="50123", open=True)
    with engine.begin() as connection:
        connection.execute(second)
        with pytest.raises(sa.exc.IntegrityError):
            connection.execute(claim)


def test_events_cannot_be_changed_or_deleted(counter: Counter, new_ledger: LedgerMaker) -> None:
    counter.source.owe("50123", 100_00)
    counter.pay("50123")
    engine = new_ledger.engine()
    for statement in ("UPDATE event SET kind = 'nothing'", "DELETE FROM event"):
        with pytest.raises(sa.exc.DBAPIError, match="append-only"), engine.begin() as connection:
            connection.exec_driver_sql(statement)


def test_every_move_writes_one_event_and_the_chain_holds(counter: Counter, new_ledger: LedgerMaker) -> None:
    counter.source.owe("50123", 100_00)
    counter.processor.lose_next_reply()
    payment = counter.pay("50123")
    counter.reconcile.all()
    kinds = [happening.kind for happening in counter.ledger.events(payment.id)]
    assert kinds == ["claimed", "submitted", "unknown", "authorized"]
    engine = new_ledger.engine()
    previous = events.GENESIS
    with engine.connect() as connection:
        for row in connection.execute(sa.select(schema.event).order_by(schema.event.c.seq)).mappings():
            assert row["prev_hash"] == previous
            who = (row["desk"], row["user"])
            previous = events.event_hash(
                previous, row["payment_id"], row["at"], who, row["kind"], row["body"]
            )
            assert row["hash"] == previous


def test_only_legal_moves(counter: Counter) -> None:
    counter.source.owe("50123", 100_00)
    payment = counter.pay("50123")
    with pytest.raises(StaleMove):
        counter.ledger.release(payment.id, "no")
    with pytest.raises(StaleMove):
        counter.ledger.record(payment.id, Declined("D", "no"), LETTERHEAD.receipt_for)
    assert counter.ledger.record(payment.id, Unclear("?"), LETTERHEAD.receipt_for).state is State.AUTHORIZED


def test_a_claim_needs_what_is_owed(counter: Counter) -> None:
    counter.source.owe("50123", 100_00)
    draft = counter.draft("50123")
    counter.ledger.claim(draft, "PDFIRST")
    with pytest.raises(InvoiceTaken, match="Invoice 50123 is being paid at desk Front-1 by Dana"):
        counter.ledger.claim(draft, "PDSECOND")


def test_copies_are_counted(counter: Counter) -> None:
    counter.source.owe("50123", 100_00)
    payment = counter.pay("50123")
    assert [counter.ledger.count_copy(payment.id) for _ in range(3)] == [1, 2, 3]


def test_payments_are_found_by_what_people_remember(counter: Counter) -> None:
    counter.source.owe("50123", 100_00)
    counter.source.owe("50140", 20_00)
    first, second = counter.pay("50123"), counter.pay("50140")
    for typed in ("R-000001", "50123", "#50123", first.reference):
        assert [payment.id for payment in counter.ledger.payments(limit=9, matching=typed)] == [first.id]
    for typed in ("0007", "dana", "bakery 1001", ""):
        assert [payment.id for payment in counter.ledger.payments(limit=9, matching=typed)] == [
            second.id,
            first.id,
        ]
    for typed in ("%", "_", "\\"):
        assert counter.ledger.payments(limit=9, matching=typed) == []
    assert counter.ledger.find(first.reference) == first
    assert counter.ledger.find("PDNONE") is None


def test_a_payment_without_approval_has_no_receipt(counter: Counter) -> None:
    counter.source.owe("50123", 100_00)
    counter.processor.decline_next("no")
    payment = counter.pay("50123")
    with pytest.raises(KnownError, match="no receipt"):
        counter.ledger.receipt(payment.id)
    with pytest.raises(BugError):
        counter.ledger.payment(payment.id + 1)


def test_a_dead_desks_claim_is_given_back_after_its_lease(counter: Counter, new_ledger: LedgerMaker) -> None:
    counter.source.owe("50123", 100_00)
    draft = counter.draft("50123")
    counter.ledger.claim(draft, "PDFIRST")
    other = Counter(*new_ledger("Front-2"), counter.source, counter.processor, counter.clock)
    assert other.reconcile.all() == []
    counter.clock.move(601)
    assert [payment.state for payment in other.reconcile.all()] == [State.RELEASED]
    assert other.pay("50123").state is State.AUTHORIZED
