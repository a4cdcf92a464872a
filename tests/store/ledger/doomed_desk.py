"""A desk in its own process that begins a payment and then waits to be killed."""

from __future__ import annotations

import sys
import time
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa

from paydesk.store.cache.cache import SqlCache
from paydesk.store.database.postgres import open_postgres
from paydesk.store.database.sqlite import open_sqlite
from paydesk.store.ledger.ledger import SqlLedger
from tests.fakes.ledger import KEY
from tests.fakes.world import START, Counter, FakeProcessor, FakeSource, StillClock


class LaterClock(StillClock):
    """The test's clock at its present time."""

    def __init__(self, elapsed_s: float) -> None:
        super().__init__()
        self.at, self.s = START + timedelta(seconds=elapsed_s), elapsed_s


def main(place: str, locks: str, steps: str, elapsed_s: str) -> None:
    """Take the payment of invoice 50123 as far as ``steps`` says, print its id, and wait."""
    clock = LaterClock(float(elapsed_s))
    engine: sa.Engine = open_postgres(sa.make_url(place)) if "://" in place else open_sqlite(Path(place), KEY)
    ledger = SqlLedger(engine, clock, desk="Doomed", user="Kim", host="test", path=place, locks=Path(locks))
    source = FakeSource(clock)
    source.owe("50123", 100_00)
    counter = Counter(ledger, SqlCache(engine, place), source, FakeProcessor(), clock)
    payment = counter.ledger.hold(counter.draft("50123"), "PDDOOMED")
    if steps == "submit":
        fresh = source.invoice("50123")
        assert fresh is not None
        counter.ledger.submit(payment, "PDDOOMED-1", "tok-doomed", [fresh])
    print(payment.id, flush=True)
    time.sleep(600)


if __name__ == "__main__":
    main(*sys.argv[1:])
