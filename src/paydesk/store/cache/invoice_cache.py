"""Customers and invoices as last seen, so that the desk can answer while AMS360 is unreachable."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa

from paydesk.domain.invoices.invoice import Customer, Invoice
from paydesk.store.cache.search import index_customers, index_invoices
from paydesk.store.database.errors import known_errors
from paydesk.store.database.sqlite import READ
from paydesk.store.tables import queries, rows, schema
from paydesk.store.tables.upsert import insert_in

_BY_NUMBER = sa.select(schema.invoice).where(schema.invoice.c.number == sa.bindparam("wanted"))
_CUSTOMER = sa.select(schema.customer).where(schema.customer.c.number == sa.bindparam("wanted"))
_OWING = (
    sa.select(schema.invoice)
    .where(schema.invoice.c.customer_number == sa.bindparam("wanted"), schema.invoice.c.balance_cents != 0)
    .order_by(schema.invoice.c.due_date, schema.invoice.c.number)
)
_AHEAD = timedelta(hours=1)
"""Tolerance for clocks. A cached reading this much newer than a fresh one had a wrong clock.

The fresh one then replaces it.
"""


class InvoiceCache:
    """Answers of the invoice source, kept in the ledger database with the time of their reading."""

    def __init__(self, engine: sa.Engine, path: str) -> None:
        self._engine = engine
        self._read = engine.execution_options(**READ)
        self._path = path

    def invoice(self, number: str) -> Invoice | None:
        """See Cache.invoice."""
        found = self._rows(_BY_NUMBER, number)
        return rows.invoice_from(found[0]) if found else None

    def customer(self, number: str) -> Customer | None:
        """See Cache.customer."""
        found = self._rows(_CUSTOMER, number)
        return rows.customer_from(found[0]) if found else None

    def open_invoices(self, customer_number: str) -> Sequence[Invoice]:
        """See Cache.open_invoices."""
        return [rows.invoice_from(row) for row in self._rows(_OWING, customer_number)]

    def keep(self, invoice: Invoice) -> None:
        """See Cache.keep."""
        with known_errors(self._path), self._engine.begin() as connection:
            store_invoices(connection, [invoice])
            index_invoices(connection, [invoice])

    def keep_all(self, customer: Customer, invoices: Sequence[Invoice], read_at: datetime) -> None:
        """See Cache.keep_all."""
        table = schema.invoice
        gone = (
            sa.update(table)
            .where(
                table.c.customer_number == customer.number,
                table.c.number.not_in([invoice.number for invoice in invoices]),
                table.c.balance_cents != 0,
                table.c.read_at <= read_at,
            )
            .values(balance_cents=0, read_at=read_at)
        )
        with known_errors(self._path), self._engine.begin() as connection:
            if connection.dialect.name != "sqlite":  # BEGIN IMMEDIATE locked all of SQLite
                numbers = [invoice.number for invoice in invoices]
                connection.execute(
                    queries.LOCK_INVOICES_READ, {"numbers": numbers, "customer": customer.number}
                )
            store_invoices(connection, invoices)
            upsert = _upsert(connection.dialect.name, schema.customer)
            connection.execute(upsert, rows.customer_values(customer, read_at) | {"ahead": read_at + _AHEAD})
            connection.execute(gone)
            index_customers(connection, [customer])
            index_invoices(connection, invoices)

    def _rows(self, query: sa.Select[Any], wanted: str) -> Sequence[sa.RowMapping]:
        with known_errors(self._path), self._read.connect() as connection:
            return connection.execute(query, {"wanted": wanted}).mappings().all()


def store_invoices(connection: sa.Connection, invoices: Sequence[Invoice]) -> None:
    """Write readings of invoices, in a fixed order so that desks cannot deadlock."""
    if invoices:
        values = [
            rows.invoice_values(invoice) | {"ahead": invoice.read_at + _AHEAD}
            for invoice in sorted(invoices, key=lambda one: one.number)
        ]
        connection.execute(_upsert(connection.dialect.name, schema.invoice), values)


@cache
def _upsert(dialect: str, table: sa.Table) -> Any:
    statement = insert_in(dialect, table)
    new = statement.excluded
    kept = ("number", "import_id")
    columns = {column.name: new[column.name] for column in table.columns if column.name not in kept}
    return statement.on_conflict_do_update(
        index_elements=[column.name for column in table.primary_key],
        set_=columns,
        where=sa.or_(
            table.c.read_at <= new.read_at, table.c.read_at > sa.bindparam("ahead", type_=schema.Utc)
        ),
    )
