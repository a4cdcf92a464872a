"""Real ledgers on real files, opened as several desks would."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Self

from paydesk.store.cache import InvoiceCache
from paydesk.store.engine import open_sqlite, prepare
from paydesk.store.ledger import SqlLedger
from tests.fakes.world import StillClock

KEY = bytes(range(32))


class LedgerMaker:
    """Opens desks on one ledger file, each with connections of its own."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.clock = StillClock()
        self._open: list[SqlLedger] = []

    def __call__(self, desk: str, user: str = "Dana") -> tuple[SqlLedger, InvoiceCache]:
        """A desk's ledger and cache."""
        engine = open_sqlite(self.path, KEY)
        prepare(engine, "training", str(self.path))
        ledger = SqlLedger(engine, self.clock, desk=desk, user=user, host="test", path=str(self.path))
        self._open.append(ledger)
        return ledger, InvoiceCache(engine, str(self.path))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for ledger in self._open:
            ledger.close()
