"""Removal from the cache: closed invoices after a time, and customers to be forgotten."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from paydesk.domain.invoices.search_terms import TermKind, is_vocabulary, words_in
from paydesk.services.ports.cache import Forgotten
from paydesk.store.cache.search import CUSTOMER, INVOICE, SearchIndex, forget
from paydesk.store.database.errors import known_errors
from paydesk.store.database.sqlite import READ
from paydesk.store.tables import schema
from paydesk.store.tables.locking import lock_in_order

_STEP = 300
_invoice, _customer = schema.invoice, schema.customer
_TEXTS = [
    column.name for column in _invoice.c if isinstance(column.type, schema.Words) and not column.primary_key
]
"""Columns of an invoice that can name a customer: all its texts."""
_paid_for = sa.or_(
    sa.exists().where(schema.payment_line.c.invoice_number == _invoice.c.number),
    sa.exists().where(schema.hold.c.invoice_number == _invoice.c.number),
)
"""Condition that a payment names the invoice. Its row stays as long as the payment."""


class Retention:
    """Removes rows of the cache, never of the ledger. Raises KnownError if the database is unreachable."""

    def __init__(self, engine: sa.Engine, path: str) -> None:
        self._engine = engine
        self._read = engine.execution_options(**READ)
        self._path = path

    def drop_closed(self, before: datetime) -> int:
        """Remove some invoices that were closed, and last read, before then. Returns 0 if none are left.

        It removes few at a time, so that no desk waits. Customers without any invoice follow, then the
        copies of rows that imports of that time overwrote.
        """
        closed = sa.and_(_invoice.c.balance_cents == 0, _invoice.c.read_at < before, ~_paid_for)
        idle = sa.and_(
            _customer.c.read_at < before,
            ~sa.exists().where(_invoice.c.customer_number == _customer.c.number),
        )
        return (
            self._drop(_invoice, closed, INVOICE)
            or self._drop(_customer, idle, CUSTOMER)
            or self._drop_copies(before)
        )

    def _drop(self, table: sa.Table, condition: sa.ColumnElement[bool], kind: str) -> int:
        with known_errors(self._path):
            with self._read.connect() as connection:  # without the write lock, so that no payment waits
                query = sa.select(table.c.number).where(condition).limit(_STEP)
                numbers = sorted(connection.execute(query).scalars())
            if not numbers:
                return 0
            with self._engine.begin() as connection:
                lock_in_order(connection, table.c.number, numbers)  # then the delete sees new payments
                gone = sa.delete(table).where(table.c.number.in_(numbers), condition)
                count = connection.execute(gone).rowcount
                forget(connection, [kind + number for number in numbers])
        return count

    def _drop_copies(self, before: datetime) -> int:
        old = sa.select(schema.import_run.c.id).where(schema.import_run.c.finished_at < before)
        with known_errors(self._path), self._engine.begin() as connection:
            for copies in (schema.invoice_before, schema.customer_before):
                connection.execute(sa.delete(copies).where(copies.c.run_id.in_(old)))
        return 0

    def forget(self, number: str) -> Forgotten:
        """Remove a customer from the cache. Invoices that payments name keep only their sums."""
        mine = _invoice.c.customer_number == number
        with known_errors(self._path), self._engine.begin() as connection:
            names = set(
                connection.execute(sa.select(_customer.c.name).where(_customer.c.number == number)).scalars()
            )
            names |= set(
                connection.execute(sa.select(_invoice.c.customer_name).distinct().where(mine)).scalars()
            )
            numbers = sorted(connection.execute(sa.select(_invoice.c.number).where(mine)).scalars())
            lock_in_order(connection, _invoice.c.number, numbers)
            gone = connection.execute(sa.delete(_invoice).where(mine, ~_paid_for)).rowcount
            kept = connection.execute(
                sa.update(_invoice).where(mine).values(dict.fromkeys(_TEXTS, ""))
            ).rowcount
            customers = connection.execute(sa.delete(_customer).where(_customer.c.number == number)).rowcount
            before = schema.invoice_before
            connection.execute(sa.delete(before).where(before.c.customer_number == number))
            people = schema.customer_before
            connection.execute(sa.delete(people).where(people.c.number == number))
            forget(connection, [CUSTOMER + number, *(INVOICE + one for one in numbers)])
        self._forget_words({word for name in names for word in words_in(name) if is_vocabulary(word)})
        return Forgotten(customers, gone, kept)

    def _forget_words(self, words: set[str]) -> None:
        """Remove words of names that no other customer has, so that no search suggests them."""
        index = SearchIndex(self._engine, self._path)
        unused = [
            word for word in sorted(words) if not index.customers([[TermKind.NAME + word]], 1, whole=True)
        ]
        if unused:
            table = schema.search_word
            with known_errors(self._path), self._engine.begin() as connection:
                connection.execute(sa.delete(table).where(table.c.word.in_(unused)))
