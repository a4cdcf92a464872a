"""Customers and invoices as last seen, so that the desk can answer when AMS360 is away."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa

from paydesk.domain.invoice import Customer, Invoice
from paydesk.store import queries, rows, schema
from paydesk.store.engine import READ
from paydesk.store.prepared import Prepared
from paydesk.store.search import index_customers, index_invoices
from paydesk.store.trouble import trouble_in_words
from paydesk.store.upsert import insert_in

_BY_NUMBER = sa.select(schema.invoice).where(schema.invoice.c.number == sa.bindparam("wanted"))
_CUSTOMER = sa.select(schema.customer).where(schema.customer.c.number == sa.bindparam("wanted"))
_OWING = (
    sa.select(schema.invoice)
    .where(schema.invoice.c.customer_number == sa.bindparam("wanted"), schema.invoice.c.balance_cents != 0)
    .order_by(schema.invoice.c.due_date, schema.invoice.c.number)
)
_AHEAD = timedelta(hours=1)
"""A kept reading this much newer than a fresh one was dated by a clock that was wrong, and gives way."""


class InvoiceCache:
    """What the invoice source answered, kept in the ledger database with the time it was read."""

    def __init__(self, engine: sa.Engine, path: str) -> None:
        self._engine = engine
        self._read = engine.execution_options(**READ)
        self._path = path

    def invoice(self, number: str) -> Invoice | None:
        """The invoice as last seen."""
        found = self._rows(_BY_NUMBER, number)
        return rows.invoice_from(found[0]) if found else None

    def customer(self, number: str) -> Customer | None:
        """The customer as last seen."""
        found = self._rows(_CUSTOMER, number)
        return rows.customer_from(found[0]) if found else None

    def open_invoices(self, customer_number: str) -> Sequence[Invoice]:
        """The customer's invoices with a balance, as last seen."""
        return [rows.invoice_from(row) for row in self._rows(_OWING, customer_number)]

    def keep(self, invoice: Invoice) -> None:
        """Keep one reading; an older one never replaces a newer one."""
        with trouble_in_words(self._path), self._engine.begin() as connection:
            store_invoices(connection, [invoice])
            index_invoices(connection, [invoice])

    def keep_all(self, customer: Customer, invoices: Sequence[Invoice], read_at: datetime) -> None:
        """Keep all that a customer owes, read at ``read_at``; what is not among it is closed."""
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
        with trouble_in_words(self._path), self._engine.begin() as connection:
            if connection.dialect.name != "sqlite":  # BEGIN IMMEDIATE locked all of SQLite
                numbers = [invoice.number for invoice in invoices]
                connection.execute(
                    queries.LOCK_INVOICES_READ, {"numbers": numbers, "customer": customer.number}
                )
            store_invoices(connection, invoices)
            upsert = _upsert(connection.dialect.name, schema.customer)
            upsert.execute(connection, rows.customer_values(customer, read_at) | {"ahead": read_at + _AHEAD})
            connection.execute(gone)
            index_customers(connection, [customer])
            index_invoices(connection, invoices)

    def _rows(self, query: sa.Select[Any], wanted: str) -> Sequence[sa.RowMapping]:
        with trouble_in_words(self._path), self._read.connect() as connection:
            return connection.execute(query, {"wanted": wanted}).mappings().all()


def store_invoices(connection: sa.Connection, invoices: Sequence[Invoice]) -> None:
    """Write readings of invoices, in a fixed order so that two desks cannot block one another."""
    if invoices:
        values = [
            rows.invoice_values(invoice) | {"ahead": invoice.read_at + _AHEAD}
            for invoice in sorted(invoices, key=lambda one: one.number)
        ]
        _upsert(connection.dialect.name, schema.invoice).execute_many(connection, values)


@cache
def _upsert(dialect: str, table: sa.Table) -> Prepared:
    statement = insert_in(dialect, table)
    new = statement.excluded
    kept = ("number", "import_id")
    columns = {column.name: new[column.name] for column in table.columns if column.name not in kept}
    return Prepared(
        statement.on_conflict_do_update(
            index_elements=[column.name for column in table.primary_key],
            set_=columns,
            where=sa.or_(
                table.c.read_at <= new.read_at,
                table.c.read_at > sa.bindparam("ahead", type_=schema.Utc),
            ),
        )
    )
