"""The check at a start: what a payment waits for, what is checked beside it, and what stops the desk."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from paydesk.domain.errors import KnownError
from paydesk.domain.events import EventKind
from paydesk.store.database import chain_check, maintenance, start_check, words
from paydesk.store.database.chain_check import ChainCheck
from paydesk.store.database.checkpoint import BEGINNING, Checkpoint, Link
from paydesk.store.database.errors import LedgerDamaged, LedgerError
from paydesk.store.database.opening import open_file
from paydesk.store.database.start_check import StartCheck
from paydesk.store.tables import events, schema
from tests.fakes.ledger import KEY, LedgerMaker
from tests.fakes.world import Counter

LONG_S = 20.0


def nothing() -> None:
    """Find nothing."""


def damage() -> None:
    raise words.damaged("the ledger")


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    """Return a gate that a check waits at."""
    made = threading.Event()
    yield made
    made.set()


def test_a_payment_waits_for_the_whole_check_of_a_small_ledger() -> None:
    def whole() -> None:
        time.sleep(0.05)
        damage()

    with pytest.raises(LedgerDamaged):
        StartCheck(nothing, whole, nothing, patient=False).require()


def test_a_payment_does_not_wait_long_for_the_check_of_a_large_ledger(
    gate: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(start_check, "PATIENCE_S", 0.01)

    def whole() -> None:
        gate.wait(LONG_S)
        damage()

    check = StartCheck(nothing, whole, nothing, patient=False)
    check.require()
    assert not check.passed
    gate.set()
    check.join()
    assert not check.passed
    with pytest.raises(LedgerDamaged):  # from now on, no payment begins
        check.require()


def test_no_payment_begins_before_the_quick_check(
    gate: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(start_check, "PATIENCE_S", 0.0)

    def quick() -> None:
        gate.wait(LONG_S)
        damage()

    check = StartCheck(quick, nothing, nothing, patient=False)
    threading.Timer(0.05, gate.set).start()
    with pytest.raises(LedgerDamaged):
        check.require()


def test_a_payment_does_not_wait_for_what_is_checked_beside_it(gate: threading.Event) -> None:
    def beside() -> None:
        gate.wait(LONG_S)
        damage()

    check = StartCheck(nothing, nothing, beside, patient=True)
    check.require()
    gate.set()
    check.join()
    with pytest.raises(LedgerDamaged):
        check.require()


def test_a_patient_check_is_waited_for(gate: threading.Event, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(start_check, "PATIENCE_S", 0.0)

    def whole() -> None:
        gate.wait(LONG_S)
        damage()

    check = StartCheck(nothing, whole, nothing, patient=True)
    threading.Timer(0.05, gate.set).start()
    with pytest.raises(LedgerDamaged):
        check.require()


def test_a_ledger_that_was_out_of_reach_is_checked_again() -> None:
    away: list[KnownError] = [LedgerError("The ledger does not answer."), LedgerError("Still not.")]
    looked: list[str] = []

    def quick() -> None:
        if away:
            raise away.pop(0)

    check = StartCheck(quick, lambda: looked.append("all"), nothing, patient=True)
    check.join()
    assert not check.passed
    with pytest.raises(LedgerError, match="Still not"):
        check.require()
    check.require()
    check.join()
    assert looked == ["all"]
    assert check.passed


def test_a_bug_in_the_check_is_no_sound_ledger() -> None:
    def quick() -> None:
        raise ZeroDivisionError

    with pytest.raises(LedgerError, match="couldn't be checked"):
        StartCheck(quick, nothing, nothing, patient=True).require()


# ---- the chain --------------------------------------------------------------------------


@pytest.fixture
def chain(counter: Counter, new_ledger: LedgerMaker, tmp_path: Path) -> ChainCheck:
    """Return the check of a ledger with three payments, of which only the newest events are read first."""
    for number in ("50123", "50140", "50141"):
        counter.source.owe(number, 100_00)
        counter.pay(number)
    return ChainCheck(new_ledger.engine(), "the ledger", Checkpoint(tmp_path / "checked"))


def change(engine: sa.Engine, seq: int) -> None:
    """Change an event behind its guard."""
    sqlite = engine.dialect.name == "sqlite"
    with engine.begin() as connection:
        guard = "DROP TRIGGER event_no_update" if sqlite else "ALTER TABLE event DISABLE TRIGGER ALL"
        connection.exec_driver_sql(guard)
        event = schema.event
        connection.execute(sa.update(event).where(event.c.seq == seq).values(body="{}"))


def test_a_sound_chain_is_followed_to_its_end(
    chain: ChainCheck, new_ledger: LedgerMaker, tmp_path: Path
) -> None:
    chain.require_newest()
    chain.follow()
    with new_ledger.engine().connect() as connection:
        last = connection.execute(sa.select(schema.event).order_by(schema.event.c.seq.desc())).first()
    assert last is not None
    assert Checkpoint(tmp_path / "checked").read() == Link(last.seq, last.hash)
    chain.follow()


def test_an_event_of_another_desk_during_the_check_is_no_damage(
    chain: ChainCheck, counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The check reads the events, and then what the ledger names as its last one."""
    real = events.head

    def a_moment_later(connection: sa.Connection) -> str | None:
        counter.ledger.note(None, EventKind.IDENTIFIED, {"customer": "1001", "by": "phone"})
        return real(connection)

    monkeypatch.setattr(events, "head", a_moment_later)
    chain.require_newest()


def test_an_empty_ledger_is_sound(new_ledger: LedgerMaker, tmp_path: Path) -> None:
    new_ledger("Front-1")
    chain = ChainCheck(new_ledger.engine(), "the ledger", Checkpoint(tmp_path / "checked"))
    chain.require_newest()
    chain.follow()
    assert Checkpoint(tmp_path / "checked").read() == BEGINNING


def test_a_changed_event_is_found_at_once_if_it_is_new_and_later_if_it_is_old(
    chain: ChainCheck, new_ledger: LedgerMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chain_check, "NEWEST", 3)
    monkeypatch.setattr(chain_check, "_PIECE", 2)
    engine = new_ledger.admin_engine()
    change(engine, 2)
    chain.require_newest()
    with pytest.raises(LedgerDamaged, match="Event 2 was changed after it was written"):
        chain.follow()
    change_again = sa.update(schema.event).where(schema.event.c.seq == 9).values(body="{}")
    with engine.begin() as connection:
        connection.execute(change_again)
    with pytest.raises(LedgerDamaged, match="Event 9 was changed"):
        chain.require_newest()


def test_removed_events_are_found_at_once(chain: ChainCheck, new_ledger: LedgerMaker) -> None:
    change(new_ledger.admin_engine(), 99)
    engine, seq = new_ledger.admin_engine(), schema.event.c.seq
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("DROP TRIGGER event_no_delete")
        connection.execute(sa.delete(schema.event).where(seq == 9))
    with pytest.raises(LedgerDamaged, match="The last event is not the one"):
        chain.require_newest()


def test_a_check_that_was_stopped_begins_where_it_ended(
    chain: ChainCheck, new_ledger: LedgerMaker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chain_check, "_PIECE", 2)
    chain.stop()
    chain.follow()
    checkpoint = Checkpoint(tmp_path / "checked")
    assert checkpoint.read() == BEGINNING
    again = ChainCheck(new_ledger.engine(), "the ledger", checkpoint)
    again.follow()
    assert checkpoint.read().seq == 9


@pytest.mark.parametrize("text", ["", "rubbish", "9 " + "0" * 63 + "\n", "7 " + "a" * 64 + "\n", "\udcff"])
def test_a_checkpoint_that_is_not_of_this_ledger_is_not_believed(
    chain: ChainCheck, new_ledger: LedgerMaker, tmp_path: Path, text: str
) -> None:
    (tmp_path / "checked").write_bytes(text.encode(errors="surrogateescape"))
    change(new_ledger.admin_engine(), 2)
    with pytest.raises(LedgerDamaged, match="Event 2"):
        chain.follow()


def test_a_checkpoint_that_cannot_be_written_is_no_trouble(chain: ChainCheck, tmp_path: Path) -> None:
    (tmp_path / "checked").mkdir()
    chain.follow()


# ---- a file -----------------------------------------------------------------------------


def test_a_desk_stops_when_the_check_beside_it_finds_damage(
    tmp_path: Path, gate: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(start_check, "PATIENCE_S", 0.01)

    def require_whole(_engine: sa.Engine, place: str) -> None:
        gate.wait(LONG_S)
        raise words.damaged(place)

    monkeypatch.setattr(maintenance, "require_whole", require_whole)
    monkeypatch.setattr(maintenance, "wal_is_safe", lambda _version: True)
    store = open_file(tmp_path / "live.ledger", "live", lambda _path: KEY)
    store.maintenance.before_hold()
    gate.set()
    store.maintenance.close()
    with pytest.raises(LedgerDamaged):
        store.maintenance.before_hold()
    store.engine.dispose()


def test_a_file_with_a_rollback_journal_is_checked_before_the_first_payment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(start_check, "PATIENCE_S", 0.0)
    monkeypatch.setattr(maintenance, "wal_is_safe", lambda _version: False)

    def require_whole(_engine: sa.Engine, place: str) -> None:
        time.sleep(0.05)
        raise words.damaged(place)

    monkeypatch.setattr(maintenance, "require_whole", require_whole)
    store = open_file(tmp_path / "live.ledger", "live", lambda _path: KEY)
    with pytest.raises(LedgerDamaged):
        store.maintenance.before_hold()
    store.maintenance.close()
    store.engine.dispose()
