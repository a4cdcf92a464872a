"""Import of a million open invoices against its floor: sqlite3's ``executemany`` of the same rows."""

from __future__ import annotations

import csv
import json
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from time import perf_counter, process_time, sleep

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from bench.memory import most_memory
from paydesk.config.clock import SystemClock
from paydesk.gateways.files.reports import ReportFile
from paydesk.services.invoices.cache_upkeep import Upkeep
from paydesk.services.invoices.importing import Importing
from paydesk.store.cache.cache import SqlCache
from paydesk.store.cache.imports import SqlImports
from paydesk.store.database.migrate import prepare
from paydesk.store.database.sqlite import open_sqlite
from paydesk.store.tables import schema
from paydesk.wiring.desk import UPKEEP_S

ROWS = 1_000_000
_HEADINGS = (
    "Invoice #", "Customer #", "Customer Name", "Zip Code", "Inv Date", "Due Date", "Amount", "Balance",
    "Description", "Policy #",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Measured:
    """Seconds of an import and of its floor, in wall-clock and CPU time, and the import's peak memory.

    ``search_s`` are the seconds until its rows are searchable, and ``search_memory`` is the peak then.
    """

    import_s: float
    floor_s: float
    import_cpu_s: float
    floor_cpu_s: float
    memory: int
    search_s: float = 0.0
    search_memory: int = 0


def measure(rows: int = ROWS, rounds: int = 3) -> Measured:
    """Import a file into a new ledger, as ``paydesk import`` does, and insert its rows by the floor.

    Returns the best of each. The two alternate, so that a busy machine disturbs both alike. Each round
    has its own process, whose memory nothing else has grown.
    """
    found = [_elsewhere(rows) for _ in range(rounds)]
    return Measured(
        min(one.import_s for one in found),
        min(one.floor_s for one in found),
        min(one.import_cpu_s for one in found),
        min(one.floor_cpu_s for one in found),
        max(one.memory for one in found),
    )


def searchable(rows: int = ROWS) -> Measured:
    """Import a file into a new ledger, and make its rows searchable as the background of a desk does."""
    return _elsewhere(rows, "searchable")


def _elsewhere(rows: int, *more: str) -> Measured:
    command = [sys.executable, "-m", "bench.import_rows", str(rows), *more]
    env = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"the measured import broke off: {done.stderr[-2000:]}")
    return Measured(**json.loads(done.stdout))


def _round(rows: int, *, search: bool = False) -> Measured:
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder)
        file = base / "open.csv"
        _write_file(file, rows)
        engine = open_sqlite(base / "bench.ledger", os.urandom(32))
        importing = _importing(engine)
        started, cpu_started = perf_counter(), process_time()
        report = importing.run(importing.preview(file))
        import_s, import_cpu_s = perf_counter() - started, process_time() - cpu_started
        assert (report.run.accepted, report.rejects) == (rows, ())
        memory = most_memory()  # before the floor, which keeps all its rows in memory
        if search:
            search_s = _make_searchable(engine)
            return Measured(import_s, 0.0, import_cpu_s, 0.0, memory, search_s, most_memory())
        floor_s, floor_cpu_s = _floor(base / "floor.db", rows)
        return Measured(import_s, floor_s, import_cpu_s, floor_cpu_s, memory)


def _make_searchable(engine: sa.Engine) -> float:
    """Do the upkeep of a desk until all is searchable, with its pauses, and return the seconds."""
    cache = SqlCache(engine, "bench")
    upkeep = Upkeep(cache, SystemClock(), timedelta(days=10_000))
    started = perf_counter()
    while cache.index_next():
        upkeep.tick()
        sleep(UPKEEP_S)
    return perf_counter() - started


def _importing(engine: sa.Engine) -> Importing:
    prepare(engine, "training", "bench")
    clock = SystemClock()
    imports = SqlImports(engine, clock, who=("Bench", "bench"), path="bench")
    return Importing(imports, ReportFile, clock, "America/Chicago")


def _invoices(rows: int) -> Iterator[tuple[int, int, str, str, date, date, int, int, str, str]]:
    """Yield invented invoices, about three per customer, the same ones every time."""
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
    """Return a name. One in twenty has a comma, so that the CSV quotes it."""
    return f"Customer {customer} & Sons{',' if customer % 20 == 0 else ''} LLC"


def _write_file(file: Path, rows: int) -> None:
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(_HEADINGS)
        for number, customer, name, zip_code, day, due, amount, balance, text, policy in _invoices(rows):
            dates = (f"{day:%m/%d/%Y}", f"{due:%m/%d/%Y}")
            money = (f"{amount / 100:.2f}", f"{balance / 100:.2f}")
            writer.writerow((number, customer, name, zip_code, *dates, *money, text, policy))


def _floor(path: Path, rows: int) -> tuple[float, float]:
    """Return the wall-clock and CPU seconds of executemany of the finished rows into the same tables."""
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
    started, cpu_started = perf_counter(), process_time()
    with connection:
        connection.executemany(into_invoice, finished)
        connection.executemany(into_customer, customers)
    took = perf_counter() - started, process_time() - cpu_started
    connection.close()
    return took


if __name__ == "__main__":
    print(json.dumps(asdict(_round(int(sys.argv[1]), search="searchable" in sys.argv))), flush=True)
