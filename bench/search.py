"""Search as typed in a large cache."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from time import perf_counter

import sqlalchemy as sa

from paydesk.config.clock import SystemClock
from paydesk.services.invoices.search import Search
from paydesk.store.cache.search import SearchIndex, SearchIndexer
from paydesk.store.database.migrate import prepare
from paydesk.store.database.sqlite import open_sqlite
from paydesk.store.ledger.ledger import SqlLedger
from paydesk.store.tables import schema

INVOICES = 1_000_000
KEY = bytes(range(32))
READ_AT = datetime(2026, 8, 14, 14, 0, tzinfo=UTC)
_FIRST = (
    "James Mary Robert Patricia John Jennifer Michael Linda David Elizabeth William Barbara Richard Susan"
)
_TRADE = "Bakery Plumbing Roofing Dental Landscaping Transport Electric Construction Consulting Farms Realty"
_KIND = "LLC Inc Co Group Partners Services"
_SYLLABLES = "ber man sen ro la ti kow dor hal fin mac ley ster win ga mor net shaw cal ren dix tor vel"


def measure(invoices: int = INVOICES, keystrokes: int = 2_000) -> list[float]:
    """Return the seconds of each keystroke's search among that many invoices."""
    with tempfile.TemporaryDirectory() as folder:
        engine = filled(Path(folder, "bench.ledger"), invoices)
        walk = SearchIndexer(engine, "bench")
        while walk.step():
            pass
        ledger = SqlLedger(engine, SystemClock(), desk="bench", user="bench", host="bench", path="bench")
        seconds = list(_times(Search(SearchIndex(engine, "bench"), ledger), invoices, keystrokes))
        engine.dispose()
    return seconds


def _times(search: Search, invoices: int, keystrokes: int) -> Iterator[float]:
    typed = keys_typed(invoices)
    for _ in range(keystrokes):
        text = next(typed)
        started = perf_counter()
        search.find(text)
        yield perf_counter() - started


def keys_typed(invoices: int) -> Iterator[str]:
    """Yield the field's text after each key, for names right or misspelled, phones, policies and numbers."""
    chance = random.Random(7)
    while True:
        number = chance.randrange(invoices)
        name = name_of(number // 3)
        place = chance.randrange(1, len(name) - 1)
        whole = chance.choice(
            [
                name,
                name.lower(),
                name[:place] + name[place + 1 :],
                name[:place] + chance.choice("aeiourst") + name[place + 1 :],
                _phone(number // 3),
                _policy(number),
                str(10_000 + number),
                f"{_cents(number) / 100:.2f}",
            ]
        )
        yield from (whole[:length] for length in range(1, len(whole) + 1))


def filled(path: Path, invoices: int) -> sa.Engine:
    """Create a ledger with that many open invoices, three per customer, written as an import writes them."""
    engine = open_sqlite(path, KEY)
    prepare(engine, "training", str(path))
    with engine.begin() as connection:
        connection.execute(
            sa.insert(schema.customer), [_customer(number) for number in range(invoices // 3 + 1)]
        )
        for start in range(0, invoices, 50_000):
            numbers = range(start, min(start + 50_000, invoices))
            connection.execute(sa.insert(schema.invoice), [_invoice(number) for number in numbers])
    return engine


def _customer(number: int) -> dict[str, object]:
    return {
        "number": str(1000 + number),
        "name": name_of(number),
        "zip_code": "02108",
        "phones": _phone(number),
        "read_at": READ_AT,
    }


def _invoice(number: int) -> dict[str, object]:
    return {
        "number": str(10_000 + number),
        "customer_number": str(1000 + number // 3),
        "customer_name": name_of(number // 3),
        "amount_cents": _cents(number),
        "balance_cents": _cents(number),
        "read_at": READ_AT,
        "due_date": (READ_AT + timedelta(days=number % 120 - 60)).date(),
        "description": "Renewal premium",
        "policy_number": _policy(number),
    }


@lru_cache(maxsize=10)
def name_of(number: int) -> str:
    """Return the name of a person (one half) or a business, with some sixteen thousand surnames."""
    chance = random.Random(number)
    surname = "".join(chance.choices(_SYLLABLES.split(), k=chance.choice((2, 3)))).title()
    if number % 2:
        return f"{chance.choice(_FIRST.split())} {surname}"
    return f"{surname} {chance.choice(_TRADE.split())} {chance.choice(_KIND.split())}"


def _phone(number: int) -> str:
    return f"({200 + number * 7 % 700}) {200 + number * 13 % 800}-{number * 37 % 10_000:04d}"


def _policy(number: int) -> str:
    return f"{('BOP', 'HO', 'CA', 'WC')[number % 4]}-{number * 7919 % 10_000_000:07d}-{20 + number % 7}"


def _cents(number: int) -> int:
    return 1_000 + number * 104_729 % 500_000
