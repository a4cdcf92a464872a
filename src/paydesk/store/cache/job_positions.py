"""Positions of background jobs, stored by name in the ledger database."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from paydesk.store.database.errors import known_errors
from paydesk.store.database.sqlite import READ
from paydesk.store.tables import positions


class Progress:
    """Positions by name. Raises KnownError if the ledger database is unreachable."""

    def __init__(self, engine: sa.Engine, path: str) -> None:
        self._engine = engine
        self._read = engine.execution_options(**READ)
        self._path = path

    def get(self, name: str) -> Mapping[str, str]:
        """Return the last position saved, empty if there is none or it is unreadable."""
        with known_errors(self._path), self._read.connect() as connection:
            return positions.get(connection, name)

    def put(self, connection: sa.Connection, name: str, held: Mapping[str, str]) -> None:
        """Save a position in the transaction of the work itself."""
        positions.put(connection, name, held)

    def save(self, name: str, held: Mapping[str, str]) -> None:
        """Save a position in its own transaction."""
        with known_errors(self._path), self._engine.begin() as connection:
            self.put(connection, name, held)
