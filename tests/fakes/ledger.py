"""Real ledgers, in real files and on a real server, opened as several desks would."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Self

import sqlalchemy as sa

from paydesk.store.cache import InvoiceCache
from paydesk.store.engine import open_sqlite
from paydesk.store.ledger import SqlLedger
from paydesk.store.migrate import prepare
from paydesk.store.postgres import open_postgres
from tests.fakes.postgres import Database
from tests.fakes.world import StillClock

KEY = bytes(range(32))


class LedgerMaker:
    """Opens desks on one ledger file, each with connections of its own."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.place = str(path)
        self.locks = path.parent / "desks"
        self.clock = StillClock()
        self._open: list[SqlLedger] = []
        self._engines: list[sa.Engine] = []

    def __call__(self, desk: str, user: str = "Dana") -> tuple[SqlLedger, InvoiceCache]:
        """A desk's ledger and cache."""
        engine = self.engine()
        prepare(engine, "training", self.place)
        ledger = SqlLedger(
            engine, self.clock, desk=desk, user=user, host="test", path=self.place, locks=self.locks
        )
        self._open.append(ledger)
        return ledger, InvoiceCache(engine, self.place)

    @property
    def address(self) -> str:
        """The ledger's file or address, for a desk in another process."""
        return str(self.path)

    def engine(self) -> sa.Engine:
        """Connections of their own to the same ledger, let go of with it."""
        engine = self._connect()
        self._engines.append(engine)
        return engine

    def _connect(self) -> sa.Engine:
        return open_sqlite(self.path, KEY)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close every desk."""
        while self._open:
            self._open.pop().close()
        while self._engines:
            self._engines.pop().dispose()


class ServerLedgerMaker(LedgerMaker):
    """Opens desks on one database of a PostgreSQL server, whose clock the test's clock moves."""

    def __init__(self, database: Database, path: Path) -> None:
        super().__init__(path)
        self.database = database
        self.place = database.place
        self.clock = database.clock

    @property
    def address(self) -> str:
        """The address of the database, for a desk in another process."""
        return self.database.url.render_as_string(hide_password=False)

    def _connect(self) -> sa.Engine:
        return open_postgres(self.database.url)
