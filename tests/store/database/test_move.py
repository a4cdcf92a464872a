"""Move a ledger from its file to a server: everything, or nothing."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from paydesk.domain.errors import KnownError
from paydesk.domain.payment import State
from paydesk.store.database.desk_locks import DeskLocks
from paydesk.store.database.errors import LedgerError
from paydesk.store.database.migrate import prepare
from paydesk.store.database.move import Place, move
from paydesk.store.tables import schema
from paydesk.store.verify.verify import verify
from tests.fakes.ledger import LedgerMaker, ServerLedgerMaker
from tests.fakes.postgres import PostgresServer
from tests.fakes.world import Counter


@pytest.fixture
def ledger_kind() -> str:
    """Use SQLite, because a move begins at a file."""
    return "sqlite"


@pytest.fixture
def moved(postgres_server: PostgresServer, tmp_path: Path) -> Iterator[ServerLedgerMaker]:
    """Return the server's ledger."""
    with (
        postgres_server.database() as database,
        ServerLedgerMaker(database, tmp_path / "server" / "x") as maker,
    ):
        yield maker


@pytest.fixture
def busy(counter: Counter) -> Counter:
    """Return a desk that has taken payments of several kinds, all decided."""
    for number in ("50123", "50124", "50125"):
        counter.source.owe(number, 100_00)
    counter.pay("50123", "50124")
    counter.processor.decline_next("Declined.")
    counter.pay("50125")
    counter.ledger.count_copy(1)
    return counter


def do_move(source: LedgerMaker, target: LedgerMaker) -> dict[str, int]:
    """Move as the command does."""
    return move(
        Place(source.engine(), source.place),
        Place(target.admin_engine(), target.place),
        DeskLocks(source.locks, "test"),
    )


def contents(engine: sa.Engine) -> dict[str, list[dict[str, object]]]:
    """Return every row of every table, in the order of its key."""
    with engine.begin() as connection:
        return {
            table.name: [
                dict(row)
                for row in connection.execute(
                    sa.select(table).order_by(*table.primary_key.columns)
                ).mappings()
            ]
            for table in schema.metadata.sorted_tables
        }


def test_every_row_arrives_and_the_desk_goes_on(
    busy: Counter, new_ledger: LedgerMaker, moved: ServerLedgerMaker
) -> None:
    new_ledger.close()
    before = contents(new_ledger.engine())
    counts = do_move(new_ledger, moved)
    assert counts["payment"] == 2
    assert contents(moved.engine()) == before
    assert verify(moved.engine(), moved.place, None).wrong == ()
    with pytest.raises(KnownError, match="was moved to 127"):
        prepare(new_ledger.engine(), "training", new_ledger.place)
    there = Counter(*moved("Front-1"), busy.source, busy.processor, busy.clock)
    there.source.owe("50200", 10_00)
    assert there.pay("50200").receipt_number == "R-000002"
    assert not there.lookup.by_invoice("50123").rows[0].payable
    assert verify(moved.engine(), moved.place, None).wrong == ()


def test_it_waits_for_open_payments_and_open_desks(
    busy: Counter, new_ledger: LedgerMaker, moved: ServerLedgerMaker
) -> None:
    empty = contents(moved.engine())
    busy.source.owe("50200", 10_00)
    busy.processor.lose_next_request()
    assert busy.pay("50200").state is State.UNKNOWN
    with pytest.raises(KnownError, match=r"Payment PD\w+ is not decided yet; the ledger was not moved"):
        do_move(new_ledger, moved)
    busy.resolve.all()
    for seconds in (61, 1, 301):
        busy.clock.move(seconds)
        busy.resolve.all()
    assert busy.ledger.undecided() == []
    with pytest.raises(KnownError, match="PayDesk is open at desk Front-1; the ledger was not moved"):
        do_move(new_ledger, moved)
    assert contents(moved.engine()) == empty
    new_ledger.close()
    do_move(new_ledger, moved)


def test_a_ledger_in_use_is_no_target(
    busy: Counter, new_ledger: LedgerMaker, moved: ServerLedgerMaker
) -> None:
    moved("Front-2")
    new_ledger.close()
    with pytest.raises(KnownError, match="in use already: its table desk_session is not empty"):
        do_move(new_ledger, moved)
    prepare(new_ledger.engine(), "training", new_ledger.place)


def test_a_move_that_breaks_off_leaves_both_as_they_were(
    busy: Counter, new_ledger: LedgerMaker, moved: ServerLedgerMaker
) -> None:
    new_ledger.close()
    empty, full = contents(moved.engine()), contents(new_ledger.engine())
    for end in itertools.count(1, 5):
        statements = itertools.count(1)
        target = moved.admin_engine()

        def cut(*_: object, end: int = end, statements: itertools.count[int] = statements) -> None:
            if next(statements) == end:
                moved.database.cut_connections()

        sa.event.listen(target, "before_cursor_execute", cut)
        if did_move(new_ledger, target):
            break
        assert contents(moved.engine()) == empty
        assert contents(new_ledger.engine()) == full
    assert end > 20
    assert contents(moved.engine()) == full


def did_move(source: LedgerMaker, target: sa.Engine) -> bool:
    """Return True if the move succeeded. If not, the message must be that the server is unreachable."""
    try:
        move(Place(source.engine(), "here"), Place(target, "there"), DeskLocks(None, "test"))
    except LedgerError as trouble:
        return "there can't be reached" not in trouble.sentence
    return True
