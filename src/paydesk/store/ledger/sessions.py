"""Desk sessions in the ledger: running, ended and crashed desks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from paydesk.services.ports.ledger import Undecided
from paydesk.store.database.desk_locks import DeskLocks
from paydesk.store.ledger.reading import lines_in
from paydesk.store.tables import queries, rows, schema

LEASE = timedelta(minutes=10)
"""Lease of a desk. PayDesk treats a desk without a heartbeat for this time as gone (docs/safety.md)."""


class DeskSession:
    """The session of one running desk, and its knowledge of the others'."""

    def __init__(self, locks: DeskLocks) -> None:
        self._locks = locks
        self._lock = locks.take()
        self.id = 0

    def start(self, connection: sa.Connection, who: tuple[str, str], now: datetime) -> None:
        """Record that the desk runs. ``who`` is desk and user."""
        self._end_crashed(connection, now)
        values = {"desk": who[0], "user": who[1], "host": self._locks.host, "lock": self._lock}
        made = connection.execute(
            sa.insert(schema.desk_session).values(**values, started_at=now, seen_at=now)
        )
        key = made.inserted_primary_key
        assert key is not None
        self.id = int(key[0])

    def beat(self, connection: sa.Connection, now: datetime) -> None:
        """Record the heartbeat."""
        connection.execute(queries.BEAT, {"wanted": self.id, "now": now})
        self._end_crashed(connection, now)

    def end(self, connection: sa.Connection, now: datetime) -> None:
        """Record its end."""
        connection.execute(queries.END_SESSIONS, {"wanted": [self.id], "now": now})

    def let_go(self) -> None:
        """Release the lock, even if the end could not be recorded."""
        self._locks.let_go()

    def alive(self, row: Mapping[str, Any] | sa.RowMapping, now: datetime) -> bool:
        """Return True if the desk of a session still runs, by its lock on this computer or by its lease."""
        if row["ended_at"] is not None:
            return False
        held = self._locks.held(row["host"], row["lock"])
        seen_at: datetime = row["seen_at"]
        return now - seen_at < LEASE if held is None else held

    def _end_crashed(self, connection: sa.Connection, now: datetime) -> None:
        """End the sessions of this computer whose program no longer runs."""
        running = connection.execute(queries.RUNNING_HERE, {"host": self._locks.host}).mappings().all()
        crashed = [row for row in running if self._locks.held(self._locks.host, row["lock"]) is False]
        if crashed:
            connection.execute(queries.END_SESSIONS, {"wanted": [row["id"] for row in crashed], "now": now})
            for row in crashed:
                self._locks.forget(row["lock"])


_p, _s, _v = schema.payment.c, schema.desk_session.c, schema.void.c
_UNDECIDED = (
    queries.PAYMENTS.add_columns(_s.seen_at, _s.ended_at, _s.host, _s.lock)
    .join(schema.desk_session, _s.id == _p.session_id)
    .where(_p.decided_at.is_(None), _p.state.in_(queries.OPEN_STATES))
    .order_by(_p.id)
)
# Without this subquery SQLite scans every payment: it never reorders the left side of a LEFT JOIN.
_BEING_VOIDED = sa.select(_v.payment_id).where(_v.ended_at.is_(None)).correlate(None)
_VOIDING = (
    queries.PAYMENTS.add_columns(
        _s.seen_at, _s.ended_at, _s.host, _s.lock, _s.id.label("asked_by"), _v.asked_at,
        _v.id.label("void_attempt"),
    )
    .join(schema.void, _v.payment_id == _p.id)
    .join(schema.desk_session, _s.id == _v.session_id)
    .where(_v.ended_at.is_(None), _p.id.in_(_BEING_VOIDED))
    .order_by(_p.id)
)  # fmt: skip


def undecided(connection: sa.Connection, session: DeskSession, now: datetime) -> Sequence[Undecided]:
    """Return the open payments, then those being voided, each with the status of its desk."""
    found = connection.execute(_UNDECIDED).mappings().all()
    voiding = connection.execute(_VOIDING).mappings().all()
    lines = lines_in(connection, [row["id"] for row in (*found, *voiding)])
    return [
        Undecided(
            payment=rows.payment_from(row, lines.get(row["id"], []), row["receipt_number"] or ""),
            mine=owner == session.id,
            owner_alive=session.alive(row, now),
            age_s=(now - began_at).total_seconds(),
            void_attempt=attempt,
        )
        for row, owner, began_at, attempt in (
            *((row, row["session_id"], row["submitted_at"] or row["held_at"], 0) for row in found),
            *((row, row["asked_by"], row["asked_at"], row["void_attempt"]) for row in voiding),
        )
    ]
