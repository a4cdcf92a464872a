"""Desk sessions in the ledger: who runs, who ended, and who crashed."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from paydesk.store import queries, schema
from paydesk.store.desk_locks import DeskLocks

LEASE = timedelta(minutes=10)
"""A desk not heard of for this long is taken for gone (DESIGN 3, locks)."""


class DeskSession:
    """The session of one running desk, and what it can tell of the others'."""

    def __init__(self, locks: DeskLocks) -> None:
        self._locks = locks
        self._lock = locks.take()
        self.id = 0

    def start(self, connection: sa.Connection, who: tuple[str, str], now: datetime) -> None:
        """Record that the desk runs; ``who`` is desk and user."""
        self._end_crashed(connection, now)
        values = {"desk": who[0], "user": who[1], "host": self._locks.host, "lock": self._lock}
        made = connection.execute(
            sa.insert(schema.desk_session).values(**values, started_at=now, seen_at=now)
        )
        key = made.inserted_primary_key
        assert key is not None
        self.id = int(key[0])

    def beat(self, connection: sa.Connection, now: datetime) -> None:
        """Record that it still runs."""
        connection.execute(queries.BEAT, {"wanted": self.id, "now": now})
        self._end_crashed(connection, now)

    def end(self, connection: sa.Connection, now: datetime) -> None:
        """Record its end."""
        connection.execute(queries.END_SESSIONS, {"wanted": [self.id], "now": now})

    def let_go(self) -> None:
        """Unlock, whether or not the end could be recorded."""
        self._locks.let_go()

    def alive(self, row: sa.RowMapping, now: datetime) -> bool:
        """Whether the desk of a session still runs: by its lock on this computer, by its lease elsewhere."""
        if row["ended_at"] is not None:
            return False
        held = self._locks.held(row["host"], row["lock"])
        return now - row["seen_at"] < LEASE if held is None else held

    def _end_crashed(self, connection: sa.Connection, now: datetime) -> None:
        """End the sessions of this computer whose program no longer runs."""
        running = connection.execute(queries.RUNNING_HERE, {"host": self._locks.host}).mappings().all()
        crashed = [row for row in running if self._locks.held(self._locks.host, row["lock"]) is False]
        if crashed:
            connection.execute(queries.END_SESSIONS, {"wanted": [row["id"] for row in crashed], "now": now})
            for row in crashed:
                self._locks.forget(row["lock"])
