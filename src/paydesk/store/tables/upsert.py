"""INSERT with ON CONFLICT for each engine."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite


def insert_for(connection: sa.Connection, table: sa.Table) -> Any:
    """Return an INSERT with ON CONFLICT. The two dialects share its methods, but no type."""
    return insert_in(connection.dialect.name, table)


def insert_in(dialect: str, table: sa.Table) -> Any:
    """Return the INSERT of ``insert_for`` for a dialect by name, for a statement that is cached."""
    insert: Any = postgresql.insert if dialect == "postgresql" else sqlite.insert
    return insert(table)
