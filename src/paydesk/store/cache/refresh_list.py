"""The customers that a refresh of the cache still has to read, and the refresh's position."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from paydesk.store.cache.job_positions import Progress
from paydesk.store.database.errors import known_errors
from paydesk.store.database.sqlite import READ
from paydesk.store.tables import schema


class RefreshQueue:
    """The customers of a refresh, by number. Raises KnownError if the ledger database is unreachable."""

    def __init__(self, engine: sa.Engine, path: str) -> None:
        self._read = engine.execution_options(**READ)
        self._path = path
        self._progress = Progress(engine, path)

    def get(self, name: str) -> Mapping[str, str]:
        """See the port, RefreshQueue.get."""
        return self._progress.get(name)

    def save(self, name: str, held: Mapping[str, str]) -> None:
        """See the port, RefreshQueue.save."""
        self._progress.save(name, held)

    def count(self, before: datetime, due_from: date, due_until: date) -> int:
        """Count customers with open invoices last read before ``before`` and due between these dates.

        Invoices without a due date count, too.
        """
        number = schema.invoice.c.customer_number
        query = sa.select(sa.func.count(number.distinct())).where(_waiting(before, due_from, due_until))
        return int(self._scalar(query) or 0)

    def next(self, after: str, before: datetime, due_from: date, due_until: date) -> str | None:
        """Return the next of these customers after that number, or None."""
        number = schema.invoice.c.customer_number
        waiting = _waiting(before, due_from, due_until)
        found = self._scalar(sa.select(number).where(number > after, waiting).order_by(number).limit(1))
        return None if found is None else str(found)

    def _scalar(self, query: sa.Select[Any]) -> Any:
        with known_errors(self._path), self._read.connect() as connection:
            return connection.execute(query).scalar()


def _waiting(before: datetime, due_from: date, due_until: date) -> sa.ColumnElement[bool]:
    table = schema.invoice
    due = sa.or_(table.c.due_date.between(due_from, due_until), table.c.due_date.is_(None))
    return sa.and_(table.c.balance_cents != 0, table.c.read_at < before, due)
