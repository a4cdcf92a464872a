"""The database of a ledger in memory, made in a millisecond. Its disk can fail."""

from __future__ import annotations

import functools
import sqlite3
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.pool import QueuePool, StaticPool

from paydesk.store.database.migrate import prepare
from paydesk.store.database.sqlite import READ

PLACE = "the test's ledger"


class _Cursor(sqlite3.Cursor):
    """A cursor whose statements fail as told."""

    def execute(self, statement: str, *values: Any) -> _Cursor:
        self._fail(statement)
        super().execute(statement, *values)
        return self

    def executemany(self, statement: str, values: Any, /) -> _Cursor:
        self._fail(statement)
        super().executemany(statement, values)
        return self

    def _fail(self, statement: str) -> None:
        assert isinstance(self.connection, _Connection)
        if self.connection.fails(statement):
            raise sqlite3.OperationalError("disk I/O error")


class _Connection(sqlite3.Connection):
    """The only connection to its database, which is lost with it."""

    fails: Callable[[str], bool] = staticmethod(lambda _statement: False)

    def cursor(self, factory: object = None) -> _Cursor:  # type: ignore[override]  # one kind is enough
        return super().cursor(_Cursor)

    def close(self) -> None:
        """Stay open: a desk that ends closes its connections, and the next desk finds the data."""

    def really_close(self) -> None:
        super().close()


@dataclass(frozen=True)
class _Template:
    """An empty ledger, and the compiled statements that all copies share.

    Without them SQLAlchemy compiles for every engine anew, which takes 20 ms for the first payment.
    """

    content: bytes
    dialect: sa.Dialect
    compiled: dict[Any, Any]


class MemoryLedger:
    """The database of a new ledger. The desks and threads of a test take its one connection in turn."""

    def __init__(self) -> None:
        template = _template()
        self._raw = raw = _connection()
        raw.deserialize(template.content)

        def connect() -> Any:
            return raw

        self.engine = sa.Engine(
            QueuePool(connect, pool_size=1, max_overflow=0), template.dialect, sa.URL.create("sqlite"),
            execution_options={"compiled_cache": template.compiled},
        )  # fmt: skip
        sa.event.listen(self.engine, "begin", _begin)
        weakref.finalize(self.engine, raw.really_close).atexit = False  # a thread may still be using it

    def fail(self, which: Callable[[str], bool] = lambda _statement: True) -> None:
        """Let these statements fail from now on, as on a disk that does not answer."""
        self._raw.fails = which

    def recover(self) -> None:
        """Let everything succeed again."""
        self._raw.fails = lambda _statement: False


@functools.cache
def _template() -> _Template:
    raw = _connection()
    engine = sa.create_engine("sqlite://", module=sqlite3, creator=lambda: raw, poolclass=StaticPool)
    sa.event.listen(engine, "begin", _begin)
    prepare(engine, "training", PLACE)
    content = raw.serialize()
    raw.really_close()
    return _Template(content, engine.dialect, {})


def _connection() -> _Connection:
    raw = sqlite3.connect(":memory:", check_same_thread=False, factory=_Connection)
    raw.isolation_level = None  # ``_begin`` begins the transactions
    raw.execute("PRAGMA foreign_keys = 1")
    return raw


def _begin(connection: sa.Connection) -> None:
    reads = READ.items() <= connection.get_execution_options().items()
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")
