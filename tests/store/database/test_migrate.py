"""Upgrade a ledger, and refuse a database that is not ours."""

from __future__ import annotations

import contextlib
import itertools
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from paydesk.domain.errors import KnownError
from paydesk.store.database import migrate
from paydesk.store.database.migrate import prepare
from paydesk.store.database.postgres import open_postgres
from paydesk.store.database.sqlite import open_sqlite
from paydesk.store.tables import events, schema
from tests.fakes import newer_schema, old_ledger
from tests.fakes.ledger import KEY, LedgerMaker
from tests.fakes.postgres import PostgresServer


def not_an_engines_own(name: str | None, _kind: str, _parents: object) -> bool:
    """Return False for the full-text index: a table in SQLite, an index in PostgreSQL, in no model."""
    return not (name or "").startswith(("search_index", "payment_index"))


def test_the_migrations_build_exactly_the_tables_of_the_schema(new_ledger: LedgerMaker) -> None:
    new_ledger("Front-1")
    with new_ledger.engine().connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_name": not_an_engines_own})
        assert compare_metadata(context, schema.metadata) == []
    scripts = ScriptDirectory(str(Path(migrate.__file__).parent / "migrations"))
    assert scripts.get_heads() == [schema.HEAD]


def test_a_ledger_of_the_other_world_is_refused(new_ledger: LedgerMaker) -> None:
    new_ledger("Front-1")
    with pytest.raises(KnownError, match="belongs to the training desk; this is the live desk"):
        prepare(new_ledger.engine(), "live", "test.ledger")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("UPDATE alembic_version SET version_num = '9999'", "9999"),
        ("DELETE FROM alembic_version", None),
    ],
)
def test_a_ledger_of_a_newer_version_or_of_none_is_refused_and_left_as_it_is(
    new_ledger: LedgerMaker, change: str, says: str | None
) -> None:
    new_ledger("Front-1")
    engine = new_ledger.admin_engine()
    with engine.begin() as connection:
        connection.exec_driver_sql(change)
    with pytest.raises(KnownError, match="from a newer PayDesk"):
        prepare(engine, "training", "test.ledger")
    with engine.begin() as connection:
        with pytest.raises(KnownError, match="from a newer PayDesk"):
            migrate.check_version(connection, "test.ledger")
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() == says


def test_a_database_of_another_program_is_refused(empty: sa.Engine) -> None:
    with empty.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE recipes (id INTEGER)")
    with pytest.raises(KnownError, match="not a PayDesk ledger"):
        prepare(empty, "training", "test.ledger")
    with empty.begin() as connection:
        assert sa.inspect(connection).get_table_names() == ["recipes"]


@pytest.fixture
def empty(ledger_kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[sa.Engine]:
    """Return an empty database."""
    with contextlib.ExitStack() as opened:
        if ledger_kind == "sqlite":
            engine = open_sqlite(tmp_path / "empty.ledger", KEY)
        else:
            server: PostgresServer = request.getfixturevalue("postgres_server")
            engine = open_postgres(opened.enter_context(server.database("template0")).owner_url)
        yield engine
        engine.dispose()


class Killed(Exception):
    """The process ends here."""


def test_an_upgrade_ended_at_any_statement_leaves_the_old_ledger(
    empty: sa.Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old_ledger.build(empty)
    newer_schema.install(tmp_path, monkeypatch)
    before = contents(empty)
    for end in itertools.count(1):
        statements = itertools.count(1)

        def kill(*_: object, end: int = end, statements: Iterator[int] = statements) -> None:
            if next(statements) == end:
                raise Killed

        sa.event.listen(empty, "before_cursor_execute", kill)
        try:
            prepare(empty, "training", "test.ledger")
            break
        except Killed:
            sa.event.remove(empty, "before_cursor_execute", kill)
            assert contents(empty) == before
    assert end > 20
    sa.event.remove(empty, "before_cursor_execute", kill)
    with empty.begin() as connection:
        assert list(events.faults(connection)) == []
        assert migrate.version_of(connection) == newer_schema.VERSION
        assert connection.exec_driver_sql("SELECT color FROM posting").scalar() == "red"
        assert connection.execute(sa.select(schema.payment.c.reference)).scalars().all() == [
            "PD0000000000000000OLD"
        ]


def contents(engine: sa.Engine) -> dict[str, list[object]]:
    """Return every row of every table."""
    tables = sa.MetaData()
    with engine.begin() as connection:
        tables.reflect(connection)
        return {
            table.name: [tuple(row) for row in connection.execute(sa.select(table))]
            for table in tables.sorted_tables
        }


def test_desks_that_start_together_on_an_empty_server_build_one_ledger(
    postgres_server: PostgresServer,
) -> None:
    with postgres_server.database("template0") as database:
        together = threading.Barrier(4)
        failed: list[Exception] = []

        def start() -> None:
            engine = open_postgres(database.owner_url)
            together.wait()
            try:
                prepare(engine, "training", database.place)
            except Exception as error:
                failed.append(error)
            engine.dispose()

        threads = [threading.Thread(target=start) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failed == []
        assert database.run("SELECT value FROM info WHERE key = 'world'") == [("training",)]
