"""How far work in the background has come: a few texts under a name, in the ledger database."""

from __future__ import annotations

import json
from collections.abc import Mapping

import sqlalchemy as sa

from paydesk.store import schema
from paydesk.store.engine import READ
from paydesk.store.trouble import trouble_in_words
from paydesk.store.upsert import insert_for


class Progress:
    """Positions by name. Raises KnownError when the ledger database is away."""

    def __init__(self, engine: sa.Engine, path: str) -> None:
        self._engine = engine
        self._read = engine.execution_options(**READ)
        self._path = path

    def get(self, name: str) -> Mapping[str, str]:
        """What was put last; empty when nothing was, or when it cannot be read."""
        query = sa.select(schema.progress.c.value).where(schema.progress.c.name == name)
        with trouble_in_words(self._path), self._read.connect() as connection:
            found = connection.execute(query).scalar()
        try:
            held = json.loads(found or "{}")
        except ValueError:
            return {}
        return {str(key): str(value) for key, value in held.items()} if isinstance(held, dict) else {}

    def put(self, connection: sa.Connection, name: str, held: Mapping[str, str]) -> None:
        """Put it in the transaction of the work itself."""
        insert = insert_for(connection, schema.progress)
        statement = insert.on_conflict_do_update(
            index_elements=[schema.progress.c.name], set_={"value": insert.excluded.value}
        )
        connection.execute(statement, {"name": name, "value": json.dumps(dict(held), sort_keys=True)})

    def save(self, name: str, held: Mapping[str, str]) -> None:
        """Put it in a transaction of its own."""
        with trouble_in_words(self._path), self._engine.begin() as connection:
            self.put(connection, name, held)
