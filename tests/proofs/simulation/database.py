"""The ledger's database in memory. Its COMMIT can fail, or succeed and report an error."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.pool import StaticPool

from paydesk.store.database.migrate import prepare

PLACE = "the simulated ledger"


class Connection(sqlite3.Connection):
    """One connection for all desks. Their transactions never overlap, as with SQLite's own lock."""

    writing = False
    on_commit: Callable[[], None] | None = None
    """Called instead of COMMIT in a writing transaction. It calls ``really_commit``, or raises."""

    def commit(self) -> None:
        """Call the hook, or COMMIT without one."""
        if self.writing and self.in_transaction and self.on_commit is not None:
            self.on_commit()
        else:
            super().commit()

    def really_commit(self) -> None:
        """COMMIT."""
        super().commit()

    def close(self) -> None:
        """Stay open: a killed desk's driver drops its connection, but the data must stay."""
        if self.in_transaction:
            super().rollback()


class Database:
    """An engine on one in-memory ledger, reset for every history."""

    def __init__(self) -> None:
        self.away: Callable[[bool], bool] | None = None
        """Returns True if a transaction (argument: a writing one) must fail at its begin."""
        self.raw = sqlite3.connect(":memory:", check_same_thread=False, factory=Connection)
        self.raw.isolation_level = None
        self.raw.execute("PRAGMA foreign_keys = 1")
        self.raw.create_function("fail", 0, _fail)
        self.engine = sa.create_engine(
            "sqlite://", module=sqlite3, creator=lambda: self.raw, poolclass=StaticPool
        )
        sa.event.listen(self.engine, "begin", self._begin)
        prepare(self.engine, "training", PLACE)
        self._empty = self.raw.serialize()

    def begin_anew(self) -> None:
        """Reset the ledger to empty."""
        self.away = self.raw.on_commit = None
        self.raw.close()
        self.raw.deserialize(self._empty)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Return the rows that a new reader would see."""
        return self.raw.execute(query).fetchall()

    def _begin(self, connection: sa.Connection) -> None:
        read = connection.get_execution_options().get("paydesk_read", False)
        if self.away is not None and self.away(not read):
            connection.exec_driver_sql("SELECT fail()")
        self.raw.writing = not read
        connection.exec_driver_sql("BEGIN" if read else "BEGIN IMMEDIATE")


def _fail() -> None:
    raise OSError
