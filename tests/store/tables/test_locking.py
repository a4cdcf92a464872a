"""On a server, every write of several invoices locks them in the order of the holds."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

import pytest
import sqlalchemy as sa

from paydesk.domain.errors import KnownError
from paydesk.domain.invoices.importing import ImportRun, InvoiceRow, Scope
from paydesk.domain.invoices.invoice import Customer, Invoice
from paydesk.domain.money import ZERO, Money
from paydesk.store.cache.cache import SqlCache
from paydesk.store.cache.imports import SqlImports
from paydesk.store.cache.retention import Retention
from paydesk.store.tables import queries, schema
from tests.fakes.ledger import ServerLedgerMaker
from tests.fakes.world import START

NUMBERS = ("9", "10")
"""Invoices whose lock order is first 10, then 9, by code points. The table has them in the other order."""
BAKERY = Customer("1001", "Sample Bakery LLC", "c-1")
SOME_S = 20.0

Work = Callable[[], object]


@pytest.fixture
def ledger_kind() -> str:
    """Use PostgreSQL, because SQLite locks everything at once."""
    return "postgresql"


class Cache:
    """Two invoices of a file, and the background work that may touch them."""

    def __init__(self, maker: ServerLedgerMaker) -> None:
        _, self.cache = maker("Front-1")
        engine = maker.engine()
        self.imports = SqlImports(engine, maker.clock, who=("Back-1", "Dana"), path=maker.place)
        self.retention = Retention(engine, maker.place)
        self.run = self.begin(START - timedelta(days=2))
        for number in NUMBERS:
            self.imports.add(self.run, [row(number)], [])

    def begin(self, as_of: datetime) -> ImportRun:
        return self.imports.begin("open.csv", f"{as_of}", "shape", Scope.WHOLE, as_of)

    def works(self, name: str) -> Work:
        """Prepare the work of that name. It writes both invoices in one transaction."""
        if name == "undo an import":
            return lambda: self.imports.undo(self.run.id)
        self.imports.finish(replace(self.run, accepted=2, open_total=Money(200_00)))
        match name:
            case "forget a customer":
                return lambda: self.retention.forget(BAKERY.number)
            case "drop closed invoices":
                close(self.cache)
                return lambda: self.retention.drop_closed(START + timedelta(days=800))
            case "import a file over them":
                later = self.begin(START - timedelta(days=1))
                return lambda: self.imports.add(later, [row(number) for number in NUMBERS], [])
            case "close what a file lacks":
                empty = self.begin(START - timedelta(days=1))
                return lambda: self.imports.finish(empty)
        raise AssertionError(name)


def row(number: str) -> InvoiceRow:
    return (number, BAKERY.number, BAKERY.name, 100_00, 100_00, None, None, "", "", "")


def close(cache: SqlCache) -> None:
    for number in NUMBERS:
        cache.keep(Invoice(number, BAKERY.number, BAKERY.name, Money(100_00), ZERO, START))


@pytest.mark.parametrize(
    "name",
    [
        "import a file over them",
        "close what a file lacks",
        "undo an import",
        "drop closed invoices",
        "forget a customer",
    ],
)
def test_background_work_and_a_hold_never_wait_in_a_circle(name: str, new_ledger: ServerLedgerMaker) -> None:
    """A desk that has locked the first invoice gets the second, too, while the work waits for the first."""
    work, failures = Cache(new_ledger).works(name), list[Exception]()
    thread = threading.Thread(target=lambda: caught(work, failures))
    with new_ledger.engine().begin() as desk:
        # below deadlock_timeout (1 s by default), after which the server looks for deadlocks
        desk.exec_driver_sql("SET LOCAL lock_timeout = '900ms'")
        desk.execute(queries.LOCK_INVOICES, {"numbers": ["10"]})
        thread.start()
        wait_until_it_waits(new_ledger)
        desk.execute(queries.LOCK_INVOICES, {"numbers": ["9"]})
    thread.join(SOME_S)
    assert not thread.is_alive()
    assert failures == []


def test_two_desks_cannot_begin_an_import_at_once(new_ledger: ServerLedgerMaker) -> None:
    """One desk is still in its transaction when the other begins. The other waits, and then finds it."""
    cache, failures = Cache(new_ledger), list[Exception]()
    cache.imports.finish(replace(cache.run, accepted=2, open_total=Money(200_00)))
    thread = threading.Thread(target=lambda: caught(lambda: cache.begin(START), failures))
    with new_ledger.engine().begin() as desk:
        run: dict[str, sa.ColumnElement[Any]] = {
            one.name: one for one in schema.import_run.c if one.name != "id"
        }
        run["finished_at"] = sa.null()
        desk.execute(sa.insert(schema.import_run).from_select(list(run), sa.select(*run.values())))
        thread.start()
        wait_until_it_waits(new_ledger)
    thread.join(SOME_S)
    (failure,) = failures
    assert isinstance(failure, KnownError)
    assert "is not finished" in failure.sentence


def caught(work: Work, failures: list[Exception]) -> None:
    try:
        work()
    except Exception as error:
        failures.append(error)


def wait_until_it_waits(maker: ServerLedgerMaker) -> None:
    waiting = sa.text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    end_s = monotonic() + SOME_S
    with maker.engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        while not connection.execute(waiting).scalar_one():
            assert monotonic() < end_s, "the work never waited for the desk"
