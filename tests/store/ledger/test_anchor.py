"""Each receipt names the event that recorded it, and the system's log gets it once it is on the disk."""

from __future__ import annotations

from pathlib import Path

import pytest

from paydesk.config import system_log
from paydesk.domain.events import EventKind
from paydesk.domain.money import Money
from paydesk.domain.outcome import Approved
from paydesk.domain.payment import State
from paydesk.domain.receipt import Paper, ReceiptKind
from paydesk.receipts.pdf import render
from paydesk.services.payments.receipts import Receipts
from paydesk.store.cache.cache import SqlCache
from paydesk.store.database.opening import open_file
from paydesk.store.ledger.ledger import SqlLedger
from tests.fakes.ledger import KEY, LedgerMaker
from tests.fakes.world import LETTERHEAD, Counter, FakeProcessor, FakeSource, StillClock


def hash_of(counter: Counter, payment_id: int, kind: EventKind) -> str:
    """Return the hash of the payment's event of that kind."""
    with counter.ledger.transactions.read() as connection:
        return str(
            connection.exec_driver_sql(
                f"SELECT hash FROM event WHERE payment_id = {payment_id} AND kind = '{kind.value}'"
            ).scalar_one()
        )


def test_the_anchor_is_the_approval_and_stays_it(counter: Counter) -> None:
    for number in ("50123", "50124"):
        counter.source.owe(number, 100_00)
    assert counter.ledger.head() == "0" * 64
    first = counter.pay("50123")
    approval = hash_of(counter, first.id, EventKind.AUTHORIZED)
    assert counter.ledger.receipt(first.id).anchor == approval == counter.ledger.head()
    receipts = Receipts(counter.ledger, render)
    printed = receipts.pdf(first.id, Paper.LETTER, reprint=False)
    second = counter.pay("50124")
    counter.ledger.count_copy(first.id)
    assert counter.ledger.head() not in (approval, counter.ledger.receipt(second.id).anchor)
    assert receipts.pdf(first.id, Paper.LETTER, reprint=False) == printed
    assert counter.ledger.receipt(first.id).anchor == approval


def test_a_void_has_its_own_anchor(counter: Counter) -> None:
    counter.source.owe("50123", 100_00)
    payment = counter.pay("50123")
    counter.resolve.voids.void(payment.id, "Wrong invoice")
    void = counter.ledger.receipt(payment.id, ReceiptKind.VOID)
    assert void.anchor == hash_of(counter, payment.id, EventKind.VOIDED)
    approval = hash_of(counter, payment.id, EventKind.AUTHORIZED)
    assert counter.ledger.receipt(payment.id).anchor == approval


def test_a_late_charge_is_anchored_where_it_was_found(counter: Counter) -> None:
    counter.source.owe("50123", 100_00)
    counter.processor.refuse_next_connection()
    payment = counter.pay("50123")
    outcome = Approved("txn-1", payment.draft.quote.total, rounded="103.5001")
    late = counter.ledger.record(payment, outcome, LETTERHEAD.receipt_for)
    assert late.state is State.LATE
    receipt = counter.ledger.receipt(payment.id)
    assert receipt.anchor == hash_of(counter, payment.id, EventKind.ROUNDED), "the newest of that moment"


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the lines of the system's log."""
    lines: list[str] = []
    monkeypatch.setattr(system_log, "writer", lambda: lines.append)
    return lines


def live_counter(path: Path, world: str) -> Counter:
    """Return a desk on a ledger file as a program opens it."""
    store, clock = open_file(path, world, lambda _path: KEY), StillClock()
    ledger = SqlLedger(
        store.engine, clock, desk="Front-1", user="Dana", host="test", path=store.place,
        maintenance=store.maintenance,
    )  # fmt: skip
    counter = Counter(ledger, SqlCache(store.engine, store.place), FakeSource(clock), FakeProcessor(), clock)
    counter.source.owe("50123", 100_00)
    return counter


def test_the_system_s_log_gets_what_moved_money_after_its_commit(tmp_path: Path, written: list[str]) -> None:
    path = tmp_path / "live.ledger"
    counter = live_counter(path, "live")
    counter.processor.decline_next("No.")
    counter.pay("50123")
    payment = counter.pay("50123")
    counter.resolve.voids.void(payment.id, "Wrong invoice")
    anchors = [
        counter.ledger.receipt(payment.id, kind).anchor for kind in (ReceiptKind.PAYMENT, ReceiptKind.VOID)
    ]
    counter.ledger.count_copy(payment.id)
    head = counter.ledger.head()
    counter.ledger.close()
    assert len(written) == 2, "no line for a hold, a decline or a copy"
    assert written[0] == f"The ledger {path} ends with event {anchors[0]}."
    assert written[1].startswith(f"The ledger {path} ends with event ")
    assert head not in written[1]


def test_a_commit_that_failed_is_not_in_the_log(tmp_path: Path, written: list[str]) -> None:
    counter = live_counter(tmp_path / "live.ledger", "live")
    on = counter.ledger.transactions

    def die() -> None:
        with on.write() as connection:
            on.event(connection, None, EventKind.AUTHORIZED, counter.clock.now())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        die()
    on.note(None, EventKind.FORGOTTEN, {})
    counter.ledger.close()
    assert written == []


def test_a_log_that_fails_stops_no_charge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise OSError("no log here")

    monkeypatch.setattr(system_log, "writer", fail)
    counter = live_counter(tmp_path / "live.ledger", "live")
    assert counter.pay("50123").state is State.AUTHORIZED
    counter.ledger.close()


def test_training_says_nothing_to_the_system(tmp_path: Path, written: list[str]) -> None:
    counter = live_counter(tmp_path / "training.ledger", "training")
    assert counter.pay("50123").charged == Money(103_50)
    counter.ledger.close()
    assert written == []


def test_two_desks_see_one_head(counter: Counter, new_ledger: LedgerMaker) -> None:
    counter.source.owe("50123", 100_00)
    counter.pay("50123")
    other, _cache = new_ledger("Front-2")
    assert other.head() == counter.ledger.head()
