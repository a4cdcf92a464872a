"""The INSERT of each engine that knows what to do with a row that is there already."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite


def insert_for(connection: sa.Connection, table: sa.Table) -> Any:
    """An INSERT with ON CONFLICT; the two dialects share its methods, but no type."""
    return insert_in(connection.dialect.name, table)


def insert_in(dialect: str, table: sa.Table) -> Any:
    """The same for a dialect by its name, for a statement that is kept."""
    insert: Any = postgresql.insert if dialect == "postgresql" else sqlite.insert
    return insert(table)
