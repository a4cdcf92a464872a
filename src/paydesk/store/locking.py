"""Rows that are written together are locked first, all in one order: then nobody waits in a circle."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa


def lock_in_order(connection: sa.Connection, column: sa.Column[str], values: Sequence[str]) -> None:
    """Lock the rows that have these values, in the order of ``queries.LOCK_INVOICES``.

    SQLite needs none of it: BEGIN IMMEDIATE locked everything.
    """
    if connection.dialect.name != "sqlite" and values:
        rows = sa.select(column).where(column.in_(values)).order_by(sa.collate(column, "C"))
        connection.execute(rows.with_for_update())
