"""Find an anchor in a ledger: an event whose hash was printed, or written to the system's log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from paydesk.store.database.errors import known_errors
from paydesk.store.database.sqlite import READ
from paydesk.store.tables import events, schema

_e = schema.event.c


@dataclass(frozen=True, slots=True)
class Anchored:
    """The event of an anchor. ``before`` and ``after`` count the other events."""

    seq: int
    at: datetime
    before: int
    after: int
    fault: str
    """Sentence about the first event up to it that is not as it was written, or ``""``."""


def find(engine: sa.Engine, place: str, digits: str) -> Anchored | None:
    """Return the event whose hash begins with these hex digits, or None. Raises LedgerError."""
    with known_errors(place), engine.execution_options(**READ).begin() as connection:
        # A range, not LIKE: the index of the hashes serves it on both engines.
        found = sa.select(_e.seq, _e.at).where(_e.hash >= digits, _e.hash < digits + "g").order_by(_e.seq)
        row = connection.execute(found).mappings().first()
        if row is None:
            return None
        count = sa.select(sa.func.count()).select_from(schema.event)
        before, after = (
            int(connection.execute(count.where(where)).scalar_one())
            for where in (_e.seq < row["seq"], _e.seq > row["seq"])
        )
        return Anchored(row["seq"], row["at"], before, after, _first_fault(connection, row["seq"]))


def _first_fault(connection: sa.Connection, last: int) -> str:
    """Follow the chain up to that event."""
    before = events.GENESIS
    query = sa.select(schema.event).where(_e.seq <= last).order_by(_e.seq)
    for row in connection.execute(query.execution_options(yield_per=1000)).mappings():
        fault = events.fault_of(row, before)
        if fault:
            return fault
        before = row["hash"]
    return ""
