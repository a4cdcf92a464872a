"""Lock rows in one fixed order, so that desks cannot deadlock."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa


def lock_in_order(connection: sa.Connection, column: sa.Column[str], values: Sequence[str]) -> None:
    """Lock the rows that have these values, in the order of ``queries.LOCK_INVOICES``.

    SQLite does nothing here, because BEGIN IMMEDIATE has locked the whole database.
    """
    if connection.dialect.name != "sqlite" and values:
        rows = sa.select(column).where(column.in_(values)).order_by(sa.collate(column, "C"))
        connection.execute(rows.with_for_update())
