"""A ledger file in its folder, opened and closed by desks as the program does it."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from paydesk.domain.errors import KnownError
from paydesk.domain.payment import State
from paydesk.store.cache.cache import SqlCache
from paydesk.store.database.opening import Store, open_file
from paydesk.store.ledger.ledger import SqlLedger
from tests.fakes.ledger import KEY
from tests.fakes.world import Counter, FakeProcessor, FakeSource, StillClock


@dataclass
class Opened:
    """A desk on a ledger file, opened as the program does."""

    store: Store
    ledger: SqlLedger
    counter: Counter


class Site:
    """One ledger file and its surroundings. Desks open and close it."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "desk" / "live.ledger"
        self.clock = StillClock()
        self.processor = FakeProcessor()
        self.source = FakeSource(self.clock)
        for number in ("50123", "50140", "50200"):
            self.source.owe(number, 100_00)

    @contextlib.contextmanager
    def opened(self, path: Path | None = None) -> Iterator[Opened]:
        """Open a desk, and close it at the end."""
        at = path or self.path
        store = open_file(at, "training", lambda _: KEY)
        ledger = SqlLedger(
            store.engine,
            self.clock,
            desk="Front-1",
            user="Dana",
            host="test",
            path=store.place,
            maintenance=store.maintenance,
        )
        cache = SqlCache(store.engine, store.place)
        try:
            yield Opened(store, ledger, Counter(ledger, cache, self.source, self.processor, self.clock))
        finally:
            ledger.close()

    def taken(self, *numbers: str) -> None:
        """Pay these invoices, and close the desk."""
        with self.opened() as desk:
            for number in numbers:
                assert desk.counter.pay(number).state is State.AUTHORIZED

    def crashed(self, *numbers: str) -> Path:
        """Return a copy of the ledger as after a crash, with these payments in the -wal file only."""
        copy = self.path.parent.with_name("crashed")
        with self.opened() as desk:
            desk.store.maintenance.close()
            for number in numbers:
                desk.counter.pay(number)
            shutil.copytree(self.path.parent, copy)
        return copy / self.path.name

    def refuses(self, match: str | None = None, path: Path | None = None) -> bool:
        """Check that the ledger is refused at the first hold or earlier.

        Returns True if it was at the opening.
        """
        charged, opened = len(self.processor.sales), []

        def charge() -> None:
            with self.opened(path) as desk:
                opened.append(desk)
                desk.counter.pay("50200")

        with pytest.raises(KnownError, match=match):
            charge()
        assert len(self.processor.sales) == charged
        return not opened
