"""Bringing a ledger up to date, and refusing what is none of ours."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from paydesk.domain.errors import KnownError
from paydesk.store import migrate, schema
from paydesk.store.migrate import prepare
from paydesk.store.postgres import open_postgres
from tests.fakes.ledger import LedgerMaker
from tests.fakes.postgres import PostgresServer


def not_an_engines_own(name: str | None, _kind: str, _parents: object) -> bool:
    """The full-text index is a kind of table in SQLite, an index in PostgreSQL, and in no model."""
    return not (name or "").startswith("search_index")


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


def test_a_ledger_of_a_newer_version_is_refused_and_left_as_it_is(new_ledger: LedgerMaker) -> None:
    new_ledger("Front-1")
    engine = new_ledger.engine()
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(KnownError, match="written by a newer PayDesk"):
        prepare(engine, "training", "test.ledger")
    with engine.begin() as connection:
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() == "9999"


def test_a_database_of_another_program_is_refused(new_ledger: LedgerMaker) -> None:
    engine = new_ledger.engine()
    with engine.begin() as connection:
        for table in reversed(sa.inspect(connection).get_table_names()):  # the server's template has some
            connection.exec_driver_sql(
                f"DROP TABLE {table} CASCADE" if engine.name != "sqlite" else "SELECT 1"
            )
        connection.exec_driver_sql("CREATE TABLE recipes (id INTEGER)")
    with pytest.raises(KnownError, match="not a PayDesk ledger"):
        prepare(engine, "training", "test.ledger")
    with engine.begin() as connection:
        assert sa.inspect(connection).get_table_names() == ["recipes"]


def test_desks_that_start_together_on_an_empty_server_build_one_ledger(
    postgres_server: PostgresServer,
) -> None:
    with postgres_server.database("template0") as database:
        together = threading.Barrier(4)
        failed: list[Exception] = []

        def start() -> None:
            engine = open_postgres(database.url)
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
