"""Sessions: which desk runs, which crashed, and which desk may finish another's payments."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from paydesk.domain.payment import State
from paydesk.services.ports.ledger import InvoiceTaken
from paydesk.store.database.desk_locks import DeskLocks
from paydesk.store.tables import schema
from paydesk.store.verify.card_shapes import looks_like_card
from tests.fakes.ledger import LedgerMaker
from tests.fakes.world import Counter

ROOT = Path(__file__).parents[3]


@contextlib.contextmanager
def doomed_desk(maker: LedgerMaker, steps: str, locks: Path) -> Iterator[subprocess.Popen[str]]:
    """Start a desk in another process that has held, or held and submitted, the payment of 50123."""
    words = ["-m", "tests.store.ledger.doomed_desk", maker.address, str(locks), steps, str(maker.clock.s)]
    path = os.pathsep.join([os.environ.get("PYTHONPATH", ""), str(ROOT / "src"), str(ROOT)])
    with subprocess.Popen(
        [sys.executable, *words], env=os.environ | {"PYTHONPATH": path}, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline().strip().isdigit()
            yield process
        finally:
            process.kill()


def open_sessions(maker: LedgerMaker) -> list[str]:
    """Return the desks that the ledger counts as running."""
    session = schema.desk_session.c
    with maker.engine().begin() as connection:
        query = sa.select(session.desk).where(session.ended_at.is_(None)).order_by(session.id)
        return list(connection.execute(query).scalars())


def test_a_killed_desks_hold_is_given_back_at_once(counter: Counter, new_ledger: LedgerMaker) -> None:
    counter.source.owe("50123", 100_00)
    draft = counter.draft("50123")
    with doomed_desk(new_ledger, "hold", new_ledger.locks) as process:
        assert counter.resolve.all() == [], "its desk runs"
        with pytest.raises(InvoiceTaken, match="being paid by Kim at Doomed"):
            counter.ledger.hold(draft, "PDOTHER")
        process.kill()
        process.wait()
        assert [payment.state for payment in counter.resolve.all()] == [State.RELEASED]
    assert counter.pay("50123").state is State.AUTHORIZED


def test_a_killed_desks_charge_becomes_unknown_at_once(counter: Counter, new_ledger: LedgerMaker) -> None:
    counter.source.owe("50123", 100_00)
    counter.processor.away = True
    with doomed_desk(new_ledger, "submit", new_ledger.locks) as process:
        counter.resolve.all()
        assert [found.payment.state for found in counter.ledger.undecided()] == [State.SUBMITTED]
        process.kill()
        process.wait()
        counter.resolve.all()
        assert [found.payment.state for found in counter.ledger.undecided()] == [State.UNKNOWN]


def test_a_desk_of_another_computer_is_gone_after_its_lease(
    counter: Counter, new_ledger: LedgerMaker
) -> None:
    counter.source.owe("50123", 100_00)
    with doomed_desk(new_ledger, "hold", new_ledger.locks.with_name("another computer")) as process:
        process.kill()
        process.wait()
    [found] = counter.ledger.undecided()
    assert found.owner_alive, "nobody here can tell yet"
    new_ledger.clock.move(601)
    [found] = counter.ledger.undecided()
    assert not found.owner_alive
    assert [payment.state for payment in counter.resolve.all()] == [State.RELEASED]


def test_crashed_sessions_are_ended_by_the_next_start_and_beat(new_ledger: LedgerMaker) -> None:
    first, _ = new_ledger("Front-1")
    with doomed_desk(new_ledger, "hold", new_ledger.locks) as process:
        first.beat()
        assert open_sessions(new_ledger) == ["Front-1", "Doomed"]
        process.kill()
        process.wait()
    first.beat()
    assert open_sessions(new_ledger) == ["Front-1"]
    assert len(list(new_ledger.locks.iterdir())) == 1


def test_two_desks_on_one_computer_are_both_alive_until_they_end(new_ledger: LedgerMaker) -> None:
    first, _ = new_ledger("Front-1")
    second, _ = new_ledger("Front-2")
    assert open_sessions(new_ledger) == ["Front-1", "Front-2"]
    second.close()
    first.beat()
    assert open_sessions(new_ledger) == ["Front-1"]


def test_a_lock_is_told_apart_by_computer_and_name(tmp_path: Path) -> None:
    desk, other = DeskLocks(tmp_path, "here"), DeskLocks(tmp_path, "here")
    name = desk.take()
    assert (desk.held("here", name), other.held("here", name)) == (True, True)
    assert other.held("elsewhere", name) is None
    assert other.held("here", "never.lock") is None
    assert other.held("here", "../" + name) is True, "a name is no path"
    desk.let_go()
    assert other.held("here", name) is None


def test_no_name_of_a_lock_reads_as_a_card_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sixteen hexadecimal digits can all be decimal, and the ledger keeps the name."""
    monkeypatch.setattr(
        "paydesk.store.database.desk_locks.secrets.token_hex", lambda _size: "4111111111111111"
    )
    desk = DeskLocks(tmp_path, "here")
    assert not looks_like_card(desk.take())
    desk.let_go()


def test_what_is_undecided_is_found_without_going_through_all_payments(tmp_path: Path) -> None:
    """The query runs every few seconds, on a ledger of many years."""
    with LedgerMaker(tmp_path / "test.ledger") as ledgers:
        ledger, _ = ledgers("Front-1")
        asked: list[str] = []
        engine = ledgers.engine()
        sa.event.listen(
            ledger.transactions.engine, "before_cursor_execute", lambda *said: asked.append(said[2])
        )
        ledger.undecided()
        with engine.connect() as connection:
            plans = [
                row[3]
                for text in asked
                if " void " in text or "decided_at IS NULL" in text
                for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", ("x",) * text.count("?"))
            ]
    assert any("ix_payment_undecided" in step for step in plans)
    assert any("uq_void_open" in step for step in plans)
    assert not [step for step in plans if step.startswith("SCAN payment")]
