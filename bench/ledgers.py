"""Ledgers full of cached invoices, made in seconds because the database generates its own rows."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from paydesk.store.database import sqlite
from paydesk.store.database.migrate import prepare

KEY = bytes(range(32))
FIRST, PER_CUSTOMER = 1_000_000, 5
"""First invoice number, and number of invoices per customer."""

_COUNT = "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {count})"
_INVOICES = f"""
{_COUNT}
INSERT INTO invoice (
    number, customer_number, customer_name, amount_cents, balance_cents, read_at, invoice_date, due_date,
    description, policy_number, insurer, source_id, customer_source_id
)
SELECT {FIRST} + i, 10000 + i / {PER_CUSTOMER}, 'Customer ' || (10000 + i / {PER_CUSTOMER}) || ' LLC',
    4500 + i * 37 % 390000, 4500 + i * 37 % 390000, '2026-08-14 14:00:00.000000',
    date('2026-06-01', i % 60 || ' days'), date('2026-07-01', i % 60 || ' days'),
    'Commercial auto premium, installment ' || (i % 12 + 1), 'CA-' || (i % 9000 + 1000) || '-' || (i % 30),
    'Harbor Mutual', printf('%032x', i), printf('%032x', i / {PER_CUSTOMER})
FROM n
"""
_CUSTOMERS = f"""
{_COUNT}
INSERT INTO customer (number, name, zip_code, phones, email, source_id, read_at)
SELECT 10000 + i, 'Customer ' || (10000 + i) || ' LLC', printf('%05d', i % 99999),
    '617555' || printf('%04d', i % 9999), 'customer' || i || '@people.example', printf('%032x', i),
    '2026-08-14 14:00:00.000000'
FROM n
"""


def make(path: Path, invoices: int) -> None:
    """Create a training ledger with that many open invoices cached, five per customer."""
    opened = sqlite.open_sqlite(path, KEY)
    prepare(opened, "training", str(path))
    opened.dispose()
    if not invoices:
        return
    with filling(path) as connection:
        connection.execute(_INVOICES.format(count=invoices))
        connection.execute(_CUSTOMERS.format(count=-(-invoices // PER_CUSTOMER)))


@contextlib.contextmanager
def filling(path: Path) -> Iterator[Any]:
    """Open one transaction of the bare driver, in which a ledger is filled."""
    connection = sqlite.driver().connect(str(path), isolation_level=None)
    if sqlite.driver().__name__.startswith("sqlcipher3"):
        connection.execute(f"PRAGMA key = \"x'{KEY.hex()}'\"")
    # Nothing here must survive a crash, and opening the file as PayDesk does restores its own pragmas.
    for pragma in (
        "journal_mode = DELETE",
        "journal_mode = OFF",
        "synchronous = OFF",
        "cache_size = -1000000",
    ):
        connection.execute(f"PRAGMA {pragma}").fetchall()
    connection.execute("BEGIN")
    yield connection
    connection.execute("COMMIT")
    connection.execute("PRAGMA journal_mode = DELETE").fetchall()
    connection.close()
