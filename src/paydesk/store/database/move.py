"""Move a ledger from its file to a server, with every row or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from paydesk.store.database import words
from paydesk.store.database.desk_locks import DeskLocks
from paydesk.store.database.errors import known_errors
from paydesk.store.database.migrate import MOVED
from paydesk.store.tables import events, queries, schema

_CHUNK = 2000
_OWN = {"info", "counter"}
"""Tables in which a new ledger already has rows."""


@dataclass(frozen=True, slots=True)
class Place:
    """A ledger database and its name in sentences."""

    engine: sa.Engine
    name: str


def move(source: Place, target: Place, locks: DeskLocks) -> dict[str, int]:
    """Copy all rows, verify the copy, and close the file. Returns the number of rows by table.

    Nobody can write to the file meanwhile. Raises KnownError, and changes neither, while a
    payment is undecided or a desk is open on the file, or if the server's ledger is not
    empty.
    """
    with known_errors(source.name), source.engine.begin() as old:
        _require_quiet(old, locks)
        with known_errors(target.name), target.engine.begin() as new:
            new.exec_driver_sql("SET LOCAL statement_timeout = 0")
            _require_empty(new, target.name)
            counts = {table.name: _copy(old, new, table) for table in schema.metadata.sorted_tables}
            _set_sequences(new)
            _prove(old, new)
        # Last, because if this fails, the file is still a whole ledger, and the server's can be emptied.
        old.execute(sa.insert(schema.info).values(key=MOVED, value=target.name))
    return counts


def _require_quiet(old: sa.Connection, locks: DeskLocks) -> None:
    undecided = sa.select(schema.payment.c.reference).where(
        schema.payment.c.state.in_(queries.UNSETTLED_STATES)
    )
    reference = old.execute(undecided).scalar()
    if reference is not None:
        raise words.undecided(reference)
    session = schema.desk_session
    for row in old.execute(sa.select(session).where(session.c.ended_at.is_(None))).mappings():
        if locks.held(row["host"], row["lock"]):
            raise words.desk_open(row["desk"])


def _require_empty(new: sa.Connection, name: str) -> None:
    for table in schema.metadata.sorted_tables:
        any_row = sa.select(sa.literal(1)).select_from(table).limit(1)
        if table.name not in _OWN and new.execute(any_row).first():
            raise words.in_use(name, table.name)


def _copy(old: sa.Connection, new: sa.Connection, table: sa.Table) -> int:
    if table.name in _OWN:
        new.execute(sa.delete(table))
    copied = 0
    for rows in _chunks(old, table):
        new.execute(sa.insert(table), rows)
        copied += len(rows)
    return copied


def _chunks(old: sa.Connection, table: sa.Table) -> Iterator[list[dict[str, Any]]]:
    query = sa.select(table).order_by(*table.primary_key.columns).execution_options(yield_per=_CHUNK)
    for rows in old.execute(query).mappings().partitions():
        yield [dict(row) for row in rows]


def _set_sequences(new: sa.Connection) -> None:
    """Set the server's id sequences to continue after the highest id."""
    for table in schema.metadata.sorted_tables:
        column = table.autoincrement_column
        if column is not None:
            new.execute(
                sa.text(
                    f"SELECT setval(pg_get_serial_sequence('{table.name}', '{column.name}'), "  # noqa: S608 - ours
                    f"(SELECT coalesce(max({column.name}), 0) + 1 FROM {table.name}), false)"
                )
            )


def _prove(old: sa.Connection, new: sa.Connection) -> None:
    """Raise KnownError unless the copy has the same row counts, a sound event chain and the same head."""
    for table in schema.metadata.sorted_tables:
        query = sa.select(sa.func.count()).select_from(table)
        if old.execute(query).scalar() != new.execute(query).scalar():
            raise words.copy_incomplete(table.name)
    head = sa.select(schema.info.c.value).where(schema.info.c.key == events.HEAD)
    fault = next(events.faults(new), None)
    if fault or old.execute(head).scalar() != new.execute(head).scalar():
        raise words.copy_damaged(fault)
