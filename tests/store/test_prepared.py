"""Prepared writes do what SQLAlchemy's own execution does, on every engine."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
import sqlalchemy as sa

from paydesk.domain.errors import BugError
from paydesk.store import schema
from paydesk.store.prepared import Prepared
from tests.fakes.ledger import LedgerMaker

_i = schema.invoice.c
ROW = {
    "number": "50123",
    "customer_number": "10\0 01",
    "amount_cents": 2**40,
    "balance_cents": -5,
    "read_at": datetime(2026, 8, 14, 23, 30, 0, 7, tzinfo=timezone(timedelta(hours=-5))),
    "due_date": date(2026, 9, 1),
    "invoice_date": None,
    "description": "%s %(number)s :name ? é \ud800",
}


@pytest.fixture
def connection(new_ledger: LedgerMaker) -> Iterator[sa.Connection]:
    """A transaction on an empty ledger."""
    new_ledger("Front-1")
    with new_ledger.engine().connect() as connection:
        connection.begin()
        yield connection


def rows(connection: sa.Connection) -> list[tuple[object, ...]]:
    """All invoices, but for their number."""
    columns = [column for column in _i if column.name != "number"]
    return [tuple(row) for row in connection.execute(sa.select(*columns).order_by(_i.number))]


def test_a_row_is_written_as_sqlalchemy_writes_it(connection: sa.Connection) -> None:
    connection.execute(sa.insert(schema.invoice), ROW)
    insert = Prepared(sa.insert(schema.invoice))
    insert.execute(connection, ROW | {"number": "50140"})
    insert.execute_many(connection, [ROW | {"number": number} for number in ("50150", "50160")])
    one, *others = rows(connection)
    assert others == [one] * 3
    assert datetime(2026, 8, 15, 4, 30, 0, 7, tzinfo=UTC) in one


def test_constants_names_and_what_is_returned(connection: sa.Connection) -> None:
    connection.execute(sa.insert(schema.invoice), ROW)
    taken_off = Prepared(
        sa.update(schema.invoice)
        .where(_i.number == sa.bindparam("wanted"), _i.balance_cents != 0)
        .values(balance_cents=_i.balance_cents - 7)
        .returning(_i.balance_cents)
    )
    assert taken_off.value(connection, {"wanted": "50123"}) == -12
    with pytest.raises(ValueError, match="not enough"):
        taken_off.value(connection, {"wanted": "50140"})
    assert taken_off.value(connection, {"insurer": "Harbor \0", "wanted": "50123"}) == -19
    assert connection.execute(sa.select(_i.insurer)).scalar_one() == "Harbor \ufffd"
    swap = Prepared(sa.update(schema.invoice).where(_i.balance_cents == sa.bindparam("before")))
    assert swap.execute(connection, {"before": -12, "balance_cents": 3}) == 0
    assert swap.execute(connection, {"before": -19, "balance_cents": 3}) == 1


def test_what_the_engine_refuses_is_said_as_sqlalchemy_says_it(connection: sa.Connection) -> None:
    insert = Prepared(sa.insert(schema.invoice))
    insert.execute(connection, ROW)
    with pytest.raises(sa.exc.IntegrityError, match="invoice"):
        insert.execute(connection, ROW)
    connection.rollback()
    with connection.begin(), pytest.raises(sa.exc.IntegrityError, match="invoice"):
        insert.execute_many(connection, [ROW, ROW])


def test_outside_of_a_transaction_nothing_is_written(connection: sa.Connection) -> None:
    connection.rollback()
    with pytest.raises(BugError, match="transaction"):
        Prepared(sa.insert(schema.invoice)).execute(connection, ROW)


def test_a_value_too_many_or_too_few_is_refused(connection: sa.Connection) -> None:
    wanted = Prepared(sa.update(schema.invoice).where(_i.number == sa.bindparam("wanted")))
    with pytest.raises(BugError, match="no_such"):
        Prepared(sa.insert(schema.invoice)).execute(connection, ROW | {"no_such": 1})
    with pytest.raises(BugError, match="wanted"):
        wanted.execute(connection, {"balance_cents": 0})
