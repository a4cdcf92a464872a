"""Follow the chain of events at a start: the newest before a payment, the others beside the payments."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import sqlalchemy as sa

from paydesk.store.database import words
from paydesk.store.database.checkpoint import BEGINNING, Checkpoint, Link
from paydesk.store.database.errors import known_errors
from paydesk.store.database.sqlite import READ
from paydesk.store.tables import events, schema

NEWEST = 2_000
"""Events to follow before the first payment: those of a day or more. It takes a tenth of a second."""
_PIECE, _REST_S = 200, 0.005
"""Events to follow at once, and the pause after them, so that the window and payments get their turn."""
_NEWEST_ROWS = 50
_e = schema.event.c


class ChainCheck:
    """Follows the chain. Raises LedgerDamaged at the first event that is not as it was written."""

    def __init__(self, engine: sa.Engine, place: str, checkpoint: Checkpoint) -> None:
        self._read = engine.execution_options(**READ)
        self._place = place
        self._checkpoint = checkpoint
        self._stopped = threading.Event()

    def stop(self) -> None:
        """End ``follow`` after the current piece. The next start begins there again."""
        self._stopped.set()

    def require_newest(self) -> None:
        """Follow the newest events to the one that the ledger names as its last, in one snapshot."""
        with known_errors(self._place), self._read.begin() as connection:
            query = sa.select(schema.event).order_by(_e.seq.desc()).limit(NEWEST)
            rows = connection.execute(query).mappings().all()[::-1]
            link = Link(0, rows[0]["prev_hash"]) if rows else BEGINNING
            link = self._followed(rows, link)
            if events.head(connection) != link.hash:
                raise words.history_changed(self._place, events.LAST_DIFFERS)

    def follow(self) -> None:
        """Follow all events since the checkpoint, piece by piece, and move it to the last one."""
        link = self._begin()
        while not self._stopped.wait(_REST_S):
            with known_errors(self._place), self._read.begin() as connection:
                query = sa.select(schema.event).where(_e.seq > link.seq).order_by(_e.seq).limit(_PIECE)
                rows = connection.execute(query).mappings().all()
            link = self._followed(rows, link)
            if len(rows) < _PIECE:
                break
        self._checkpoint.write(link)

    def _begin(self) -> Link:
        """Return the checkpoint, or the beginning if the ledger does not have that event."""
        link = self._checkpoint.read()
        query = sa.select(_e.seq).where(_e.seq == link.seq, _e.hash == link.hash)
        with known_errors(self._place), self._read.begin() as connection:
            return link if connection.execute(query).first() else BEGINNING

    def _followed(self, rows: Sequence[sa.RowMapping], link: Link) -> Link:
        for row in rows:
            fault = events.fault_of(row, link.hash)
            if fault:
                raise words.history_changed(self._place, fault)
            link = Link(row["seq"], row["hash"])
        return link


_WRITTEN = (
    schema.payment, schema.payment_line, schema.hold, schema.attempt, schema.receipt, schema.posting,
    schema.event,
)  # fmt: skip


def read_newest(connection: sa.Connection) -> None:
    """Read the newest rows of the tables that a payment writes, because its rows come beside them."""
    for table in _WRITTEN:
        newest = ", ".join(f"{column.name} DESC" for column in table.primary_key.columns)
        query = f"SELECT * FROM {table.name} ORDER BY {newest} LIMIT {_NEWEST_ROWS}"  # noqa: S608 - ours
        connection.exec_driver_sql(query).all()
