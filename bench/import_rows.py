"""A file of a million open invoices against its floor: sqlite3's ``executemany`` of the same rows."""

from __future__ import annotations

import csv
import os
import random
import resource
import sqlite3
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from time import perf_counter

from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from paydesk.clock import SystemClock
from paydesk.gateways.ams_files import ReportFile
from paydesk.gateways.ams_rows import Converter
from paydesk.services.importing import Importing
from paydesk.store import schema
from paydesk.store.engine import open_sqlite
from paydesk.store.imports import SqlImports
from paydesk.store.migrate import prepare

ROWS = 1_000_000
_HEADINGS = (
    "Invoice #", "Customer #", "Customer Name", "Zip Code", "Inv Date", "Due Date", "Amount", "Balance",
    "Description", "Policy #",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Measured:
    """Seconds of an import and of its floor; ``grown_bytes`` is what the import added to the process."""

    rows: int
    import_s: float
    floor_s: float
    grown_bytes: int

    @property
    def ratio(self) -> float:
        """How many times the floor the import takes; the bar is 2.5."""
        return self.import_s / self.floor_s


def measure(rows: int = ROWS, rounds: int = 3) -> Measured:
    """Import a file into a new ledger, as ``paydesk import`` does, and insert its rows; the best of each.

    Alternating, so that a machine busy with other things disturbs both sides alike.
    """
    found = [_round(rows) for _ in range(rounds)]
    return Measured(
        rows,
        min(one.import_s for one in found),
        min(one.floor_s for one in found),
        found[0].grown_bytes,  # later rounds find the memory of the first floor still with the process
    )


def _round(rows: int) -> Measured:
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder)
        file = base / "open.csv"
        _write_file(file, rows)
        importing = _importing(base / "bench.ledger")
        before = _resident()
        started = perf_counter()
        report = importing.run(importing.preview(file))
        import_s = perf_counter() - started
        assert (report.run.accepted, report.rejects) == (rows, ())
        grown = _resident() - before  # before the floor, which holds all of its rows at once
        return Measured(rows, import_s, _floor(base / "floor.db", rows), grown)


def _importing(ledger: Path) -> Importing:
    engine = open_sqlite(ledger, os.urandom(32))
    prepare(engine, "training", str(ledger))
    clock = SystemClock()
    imports = SqlImports(engine, clock, who=("Bench", "bench"), path=str(ledger))
    return Importing(
        imports, ReportFile, lambda header, text: Converter(header, text_only=text), clock, "America/Chicago"
    )


def _invoices(rows: int) -> Iterator[tuple[int, int, str, str, date, date, int, int, str, str]]:
    """Made-up invoices, some three of each customer, the same ones every time."""
    made = random.Random(360)
    today = date(2026, 8, 14)
    for at in range(rows):
        customer = 1_000 + at // 3
        amount = made.randrange(10_00, 5_000_00)
        due = today + timedelta(days=made.randrange(-90, 60))
        yield (
            100_000 + at, customer, _name(customer), f"{customer % 90_000 + 10_000}",
            due - timedelta(days=30), due, amount, amount - made.randrange(0, 5_00), "Renewal premium",
            f"BOP-{at % 9_973:04d}-{at % 97:02d}",
        )  # fmt: skip


def _name(customer: int) -> str:
    """One in twenty has a comma, and stands in quotes."""
    return f"Customer {customer} & Sons{',' if customer % 20 == 0 else ''} LLC"


def _write_file(file: Path, rows: int) -> None:
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(_HEADINGS)
        for number, customer, name, zip_code, day, due, amount, balance, text, policy in _invoices(rows):
            dates = (f"{day:%m/%d/%Y}", f"{due:%m/%d/%Y}")
            money = (f"{amount / 100:.2f}", f"{balance / 100:.2f}")
            writer.writerow((number, customer, name, zip_code, *dates, *money, text, policy))


def _floor(path: Path, rows: int) -> float:
    """Seconds of executemany of the finished invoices and customers into the ledger's own tables."""
    connection = sqlite3.connect(path)
    for statement in ("PRAGMA journal_mode = wal", "PRAGMA synchronous = full"):
        connection.execute(statement)
    dialect = sqlite.dialect()
    for table in (schema.customer, schema.invoice):
        connection.execute(str(CreateTable(table).compile(dialect=dialect)))
    for index in schema.invoice.indexes:
        connection.execute(str(CreateIndex(index).compile(dialect=dialect)))
    read_at = f"{datetime(2026, 8, 14, tzinfo=UTC):%Y-%m-%d %H:%M:%S.%f}"
    finished = [
        (
            str(number),
            str(customer),
            name,
            amount,
            balance,
            read_at,
            day.isoformat(),
            due.isoformat(),
            text,
            policy,
            1,
        )
        for number, customer, name, _zip, day, due, amount, balance, text, policy in _invoices(rows)
    ]
    customers = [
        (f"{number}", name, zip_code, read_at, 1)
        for number, name, zip_code in dict.fromkeys((row[1], row[2], row[3]) for row in _invoices(rows))
    ]
    into_invoice = (
        "INSERT INTO invoice (number, customer_number, customer_name, amount_cents, balance_cents, read_at,"
        " invoice_date, due_date, description, policy_number, import_id) VALUES (?,?,?,?,?,?,?,?,?,?,?)"
    )
    into_customer = "INSERT INTO customer (number, name, zip_code, read_at, import_id) VALUES (?,?,?,?,?)"
    started = perf_counter()
    with connection:
        connection.executemany(into_invoice, finished)
        connection.executemany(into_customer, customers)
    took = perf_counter() - started
    connection.close()
    return took


def _resident() -> int:
    """Bytes of this process in memory at its highest so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


if __name__ == "__main__":
    found = measure()
    print(
        f"{found.rows:,} rows: {found.import_s:.2f} s, floor {found.floor_s:.2f} s, ratio {found.ratio:.2f},"
    )
    print(f"memory grown by {found.grown_bytes / 1e6:.0f} MB")
