"""The ledger's own rules, whatever the services do."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine.default import DefaultDialect

from paydesk.domain.errors import BugError, KnownError
from paydesk.domain.events import EventKind
from paydesk.domain.money import Money
from paydesk.domain.outcome import Approved, Declined, Reason, Unclear
from paydesk.domain.payment import Payment, PaymentLine, State
from paydesk.services.ports.ledger import InvoiceTaken, StaleMove
from paydesk.store.database.errors import LedgerError
from paydesk.store.ledger.outbox import SqlOutbox
from paydesk.store.ledger.transactions import Transactions
from paydesk.store.tables import events, schema
from paydesk.store.verify.verify import verify
from tests.fakes.every_field import filled
from tests.fakes.ledger import LedgerMaker
from tests.fakes.world import BAKERY, LETTERHEAD, Counter


def test_the_index_alone_refuses_a_second_open_hold(counter: Counter, new_ledger: LedgerMaker) -> None:
    counter.source.owe("50123", 100_00)
    payment = counter.ledger.hold(counter.draft("50123"), "PDFIRST")
    engine = new_ledger.engine()
    copied = [
        column for column in schema.payment.c if column.name not in ("id", "reference", "processor_ref")
    ]
    second = sa.insert(schema.payment).from_select(
        ["reference", *(column.name for column in copied)], sa.select(sa.literal("PDSECOND"), *copied)
    )
    hold = sa.insert(schema.hold).values(payment_id=payment.id + 1, invoice_number="50123", open=True)
    with engine.begin() as connection:
        connection.execute(second)
        with pytest.raises(sa.exc.IntegrityError):
            connection.execute(hold)


def test_events_cannot_be_changed_or_deleted(counter: Counter, new_ledger: LedgerMaker) -> None:
    counter.source.owe("50123", 100_00)
    counter.pay("50123")
    engine = new_ledger.admin_engine()
    for statement in ("UPDATE event SET kind = 'nothing'", "DELETE FROM event"):
        with pytest.raises(sa.exc.DBAPIError, match="append-only"), engine.begin() as connection:
            connection.exec_driver_sql(statement)


def test_every_move_writes_one_event_and_the_chain_holds(counter: Counter, new_ledger: LedgerMaker) -> None:
    counter.source.owe("50123", 100_00)
    counter.processor.lose_next_reply()
    payment = counter.pay("50123")
    counter.resolve.all()
    kinds = [happening.kind for happening in counter.ledger.events(payment.id)]
    assert kinds == ["held", "submitted", "unknown", "authorized"]
    engine = new_ledger.engine()
    previous = events.GENESIS
    with engine.connect() as connection:
        for row in connection.execute(sa.select(schema.event).order_by(schema.event.c.seq)).mappings():
            assert row["prev_hash"] == previous
            previous = events.hash_of(row)
            assert row["hash"] == previous


def test_every_field_of_a_payment_line_is_kept(counter: Counter) -> None:
    counter.source.owe("50123", 100_00)
    draft = counter.draft("50123")
    amount, read_at = draft.quote.subtotal, draft.lines[0].read_at
    line = filled(PaymentLine, amount=amount, owed=amount, invoice_number="50123", read_at=read_at)
    payment = counter.ledger.hold(replace(draft, lines=(line,)), "PDFIRST")
    assert counter.ledger.payment(payment.id).draft.lines == (line,)


def test_only_legal_moves(counter: Counter) -> None:
    counter.source.owe("50123", 100_00)
    payment = counter.pay("50123")
    with pytest.raises(StaleMove):
        counter.ledger.release(payment.id, "no", Reason.GIVEN_UP)
    with pytest.raises(StaleMove):
        counter.ledger.record(payment, Declined("D", "no"), LETTERHEAD.receipt_for)
    assert counter.ledger.record(payment, Unclear("?"), LETTERHEAD.receipt_for).state is State.AUTHORIZED


APPROVED = Approved("txn-1", Money(103_50), Money(3_50), "123456", "Visa", "0007")
GONE = Unclear("The desk \0 that sent it stopped.")


def submitted(counter: Counter) -> Payment:
    """Return a payment whose charge is under way, with characters that no engine stores."""
    counter.source.owe("50123", 100_00)
    draft = counter.draft("50123")
    payer = replace(draft.payer, name="Zoë \0 O'Neil \ud800", phone="555\0")
    lines = tuple(replace(line, description="Renewal \ud800 «A»") for line in draft.lines)
    held = counter.ledger.hold(replace(draft, payer=payer, lines=lines), "PDFIRST")
    assert counter.ledger.payment(held.id) == held
    return counter.ledger.submit(held, "PDFIRST-1", "tok\0", [])


@pytest.mark.parametrize("outcome", [APPROVED, Declined("D", "No \0 funds"), GONE])
def test_what_is_handed_back_is_what_the_ledger_holds(
    counter: Counter, outcome: Approved | Declined | Unclear
) -> None:
    payment = submitted(counter)
    assert counter.ledger.payment(payment.id) == payment
    recorded = counter.ledger.record(payment, outcome, LETTERHEAD.receipt_for)
    assert counter.ledger.payment(payment.id) == recorded
    if isinstance(outcome, Approved):
        receipt = counter.ledger.receipt(payment.id)
        assert receipt == replace(LETTERHEAD.receipt_for(recorded), anchor=receipt.anchor)
        assert receipt.anchor == counter.ledger.head()
        assert counter.ledger.receipt(payment.id).payer_name == "Zoë O'Neil"


@pytest.mark.parametrize(
    ("meanwhile", "outcome", "state"),
    [
        ((GONE,), APPROVED, State.AUTHORIZED),
        ((GONE,), Declined("D", "no"), State.DECLINED),
        ((GONE,), GONE, State.UNKNOWN),
        ((GONE, "not charged"), APPROVED, State.LATE),
        ((GONE, "not charged"), GONE, State.NOT_CHARGED),
        ((APPROVED,), APPROVED, State.AUTHORIZED),
        ((APPROVED,), GONE, State.AUTHORIZED),
        ((Declined("D", "no"),), APPROVED, State.LATE),
    ],
)
def test_an_outcome_meets_the_payment_where_another_desk_has_put_it(
    counter: Counter,
    meanwhile: tuple[Approved | Declined | Unclear | str, ...],
    outcome: Approved | Declined | Unclear,
    state: State,
) -> None:
    payment = moved = submitted(counter)
    for step in meanwhile:
        if isinstance(step, str):
            moved = counter.ledger.not_charged(payment.id, step)
        else:
            moved = counter.ledger.record(moved, step, LETTERHEAD.receipt_for)
    recorded = counter.ledger.record(payment, outcome, LETTERHEAD.receipt_for)
    assert (recorded, recorded.state) == (counter.ledger.payment(payment.id), state)
    approvals = [APPROVED for one in (*meanwhile, outcome) if one == APPROVED]
    assert recorded.receipt_number == ("R-000001" if approvals else "")


def test_a_hold_needs_what_is_owed(counter: Counter) -> None:
    counter.source.owe("50123", 100_00)
    draft = counter.draft("50123")
    counter.ledger.hold(draft, "PDFIRST")
    with pytest.raises(InvoiceTaken, match="Invoice 50123 is being paid by Dana at Front-1"):
        counter.ledger.hold(draft, "PDSECOND")


def test_a_commit_that_failed_keeps_nothing_locked(
    counter: Counter, new_ledger: LedgerMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    counter.source.owe("50123", 100_00)
    draft = counter.draft("50123")
    other, _cache = new_ledger("Front-2")
    commit: Any = DefaultDialect.do_commit
    failures = ["disk I/O error"]

    def fails_once(dialect: DefaultDialect, connection: Any) -> None:
        if failures:
            raise dialect.loaded_dbapi.OperationalError(failures.pop())
        commit(dialect, connection)

    monkeypatch.setattr(DefaultDialect, "do_commit", fails_once)
    with pytest.raises(LedgerError):
        counter.ledger.hold(draft, "PDFIRST")
    assert not failures
    assert other.find("PDFIRST") is None
    assert other.hold(draft, "PDSECOND").state is State.HELD
    with pytest.raises(InvoiceTaken, match="Front-2"):
        counter.ledger.hold(draft, "PDTHIRD")


def test_letters_that_no_engine_keeps_hide_no_payment(counter: Counter) -> None:
    counter.source.owe("50123", 100_00)
    draft, [reading] = counter.draft("50123"), counter.source.open_invoices(BAKERY)
    counter.cache.keep(replace(reading, number="50\0123"))
    draft = replace(draft, lines=tuple(replace(line, invoice_number="50\0123") for line in draft.lines))
    held = counter.ledger.hold(draft, "PDFIRST")
    with pytest.raises(InvoiceTaken, match="is being paid by"):
        counter.ledger.hold(draft, "PDSECOND")
    submitted = counter.ledger.submit(held, "PDFIRST-1", "tok", [])
    counter.ledger.record(submitted, APPROVED, LETTERHEAD.receipt_for)
    with pytest.raises(InvoiceTaken, match="was already paid by"):
        counter.ledger.hold(draft, "PDTHIRD")


def test_any_name_of_a_desk_and_a_person_can_be_kept(
    counter: Counter, new_ledger: LedgerMaker, tmp_path: Path
) -> None:
    counter.source.owe("50123", 100_00)
    ledger, cache = new_ledger("Fr\0nt", "Da\udcffna")  # as Python decodes a login name with invalid bytes
    strange = Counter(ledger, cache, counter.source, counter.processor, counter.clock)
    payment = strange.pay("50123")
    assert (payment.desk, payment.user) == ("Fr\ufffdnt", "Da\ufffdna")
    assert payment == ledger.payment(payment.id)
    outbox = SqlOutbox(
        Transactions(new_ledger.engine(), counter.clock, who=("Fr\0nt", "Da\udcffna"), place="here")
    )
    outbox.entered_by_hand(payment.id, "done")
    assert verify(new_ledger.engine(), new_ledger.place, None).wrong == ()


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


def test_a_dead_desks_hold_is_given_back_after_its_lease(counter: Counter, new_ledger: LedgerMaker) -> None:
    counter.source.owe("50123", 100_00)
    draft = counter.draft("50123")
    counter.ledger.hold(draft, "PDFIRST")
    other = Counter(*new_ledger("Front-2"), counter.source, counter.processor, counter.clock)
    assert other.resolve.all() == []
    counter.clock.move(601)
    assert [payment.state for payment in other.resolve.all()] == [State.RELEASED]
    assert other.pay("50123").state is State.AUTHORIZED


def test_a_second_approval_by_another_charge_is_a_bug(counter: Counter) -> None:
    counter.source.owe("50123", 100_00)
    payment = counter.pay("50123")
    approved = Approved("txn-other", payment.draft.quote.total, payment.draft.quote.fee, "1", "Visa", "0007")
    with pytest.raises(BugError, match="approved twice"):
        counter.ledger.record(payment, approved, LETTERHEAD.receipt_for)


def test_a_read_sees_one_state_of_the_ledger(counter: Counter, new_ledger: LedgerMaker) -> None:
    """Another desk writes between two statements of it."""
    reader = Transactions(new_ledger.engine(), counter.clock, who=("Front-2", "Lee"), place=new_ledger.place)
    count = sa.select(sa.func.count()).select_from(schema.event)
    with reader.read() as connection:
        before = connection.execute(count).scalar_one()
        counter.ledger.note(None, EventKind.IDENTIFIED, {"customer": "1001", "by": "phone"})
        assert connection.execute(count).scalar_one() == before
    with reader.read() as connection:
        assert connection.execute(count).scalar_one() == before + 1
