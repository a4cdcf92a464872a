"""Open a ledger file: what is refused, the messages, and that a refused file stays unchanged."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa

from paydesk.domain.errors import KnownError
from paydesk.store.database import sqlite as store
from paydesk.store.database.errors import known_errors
from paydesk.store.database.migrate import prepare
from paydesk.store.tables import schema
from tests.fakes.ledger import KEY, LedgerMaker


@pytest.fixture
def ledger_kind() -> str:
    """Use SQLite, because these tests are about files."""
    return "sqlite"


@pytest.mark.parametrize("version", [(3, 51, 3), (3, 53, 4), (3, 50, 7), (3, 44, 6)])
def test_wal_on_a_sqlite_without_the_reset_fault(version: tuple[int, int, int]) -> None:
    assert store.wal_is_safe(version)


@pytest.mark.parametrize("version", [(3, 40, 1), (3, 51, 2), (3, 52, 0), (3, 50, 6), (3, 44, 5), (3, 45, 0)])
def test_rollback_journal_on_the_others(version: tuple[int, int, int]) -> None:
    assert not store.wal_is_safe(version)


def test_pragmas_are_set_on_every_connection(tmp_path: Path) -> None:
    engine = store.open_sqlite(tmp_path / "new.ledger", KEY).execution_options(**store.READ)
    with engine.connect() as first, engine.connect() as second:  # two connections of the pool
        for connection in (first, second):
            assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
            assert connection.exec_driver_sql("PRAGMA synchronous").scalar() in (2, 3)
    engine.dispose()


def test_a_reader_takes_no_lock_and_a_writer_takes_it_first(tmp_path: Path) -> None:
    engine = store.open_sqlite(tmp_path / "new.ledger", KEY)
    reading = engine.execution_options(**store.READ)
    begun: list[str] = []
    sa.event.listen(engine, "before_cursor_execute", lambda *given: begun.append(given[2]))
    with reading.begin(), reading.begin():
        pass
    with engine.begin() as writer:
        writer.exec_driver_sql("CREATE TABLE one (id INTEGER)")
    assert begun == ["BEGIN", "BEGIN", "BEGIN IMMEDIATE", "CREATE TABLE one (id INTEGER)"]
    engine.dispose()


def test_an_encrypted_ledger_shows_nothing_and_opens_with_its_key_only(new_ledger: LedgerMaker) -> None:
    if store.driver() is sqlite3:
        pytest.skip("no SQLCipher wheel on this platform: the ledger is not encrypted")
    new_ledger("Front-1")
    assert b"SQLite format 3" not in new_ledger.path.read_bytes()
    before = new_ledger.path.read_bytes()
    stranger = store.open_sqlite(new_ledger.path, bytes(32))
    with pytest.raises(KnownError, match="damaged or has another key"):
        prepare(stranger, "training", "test.ledger")
    stranger.dispose()
    assert new_ledger.path.read_bytes() == before


def test_a_file_that_is_no_ledger_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "letter.ledger"
    path.write_bytes(b"Dear Sir or Madam, " * 400)
    engine = store.open_sqlite(path, KEY)
    with pytest.raises(KnownError, match="damaged or has another key"):
        prepare(engine, "training", str(path))
    engine.dispose()
    assert path.read_bytes() == b"Dear Sir or Madam, " * 400


def test_a_database_of_another_program_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.ledger"
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE recipes (id INTEGER)")
    other.close()
    engine = store.open_sqlite(path, KEY)
    with pytest.raises(KnownError, match="not a PayDesk ledger"):
        prepare(engine, "training", str(path))
    engine.dispose()


def test_a_full_disk_is_said_in_words(tmp_path: Path) -> None:
    engine = store.open_sqlite(tmp_path / "new.ledger", KEY)
    prepare(engine, "training", "new.ledger")
    with engine.begin() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
        full = sa.insert(schema.info).values(key="spare", value="x" * 100_000)
        with pytest.raises(KnownError, match="The disk is full"), known_errors("new.ledger"):
            connection.execute(full)
    engine.dispose()
