"""Positions of background jobs in the ledger database, so that they resume after a restart."""

from __future__ import annotations

import json
from collections.abc import Mapping

import sqlalchemy as sa

from paydesk.store.tables import schema
from paydesk.store.tables.upsert import insert_for


def get(connection: sa.Connection, name: str) -> Mapping[str, str]:
    """Return the last position saved, empty if there is none or it is unreadable."""
    query = sa.select(schema.progress.c.value).where(schema.progress.c.name == name)
    try:
        held = json.loads(connection.execute(query).scalar() or "{}")
    except (ValueError, RecursionError):
        return {}
    return {str(key): str(value) for key, value in held.items()} if isinstance(held, dict) else {}


def put(connection: sa.Connection, name: str, held: Mapping[str, str]) -> None:
    """Save a position in the transaction of the work itself."""
    insert = insert_for(connection, schema.progress)
    statement = insert.on_conflict_do_update(
        index_elements=[schema.progress.c.name], set_={"value": insert.excluded.value}
    )
    connection.execute(statement, {"name": name, "value": json.dumps(dict(held), sort_keys=True)})
