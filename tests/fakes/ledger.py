"""Real ledgers, in real files and on a real server, opened as by several desks."""

from __future__ import annotations

import functools
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

import sqlalchemy as sa

from paydesk.store.cache.cache import SqlCache
from paydesk.store.database.migrate import prepare
from paydesk.store.database.postgres import open_postgres
from paydesk.store.database.sqlite import open_sqlite
from paydesk.store.ledger.ledger import SqlLedger
from tests.fakes.postgres import Database
from tests.fakes.world import StillClock

KEY = bytes(range(32))

_first: dict[tuple[str, object], sa.Engine] = {}
"""The first engine of each driver."""


class LedgerMaker:
    """Opens desks on one ledger file, each with its own connections."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.place = str(path)
        self.locks = path.parent / "desks"
        self.clock = StillClock()
        self._open: list[SqlLedger] = []
        self._engines: list[sa.Engine] = []

    def __call__(self, desk: str, user: str = "Dana") -> tuple[SqlLedger, SqlCache]:
        """Return a desk's ledger and cache."""
        engine = self.engine()
        prepare(engine, "training", self.place)
        ledger = SqlLedger(
            engine, self.clock, desk=desk, user=user, host="test", path=self.place, locks=self.locks
        )
        self._open.append(ledger)
        return ledger, SqlCache(engine, self.place)

    @property
    def address(self) -> str:
        """The ledger's path or address, for a desk in another process."""
        return str(self.path)

    def engine(self) -> sa.Engine:
        """Open further connections to the ledger. They close together with it."""
        engine = share_statements(self._connect())
        self._engines.append(engine)
        return engine

    def admin_engine(self) -> sa.Engine:
        """Open connections that may change everything, as somebody who tampers with the ledger."""
        return self.engine()

    def owner_engine(self) -> sa.Engine:
        """Open connections of the ledger's owner, for `paydesk verify --redact`."""
        return self.engine()

    def _connect(self) -> sa.Engine:
        if not self.path.exists():
            self.path.write_bytes(_empty_ledger())
            self.path.chmod(0o600)
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


def share_statements(engine: sa.Engine) -> sa.Engine:
    """Let the engine reuse the SQL that the first of its kind has built, and return it.

    Otherwise the first payment of each test builds it anew, which takes 20 ms.
    """
    first = _first.setdefault((engine.name, engine.dialect.dbapi), engine)
    engine.dialect = engine.pool._dialect = first.dialect
    engine._compiled_cache = first._compiled_cache
    return engine


@functools.cache
def _empty_ledger() -> bytes:
    """Return the file of a ledger without payments. A copy is made in no time, its tables take 45 ms."""
    with tempfile.TemporaryDirectory(prefix="paydesk-ledger-") as folder:
        path = Path(folder, "empty.ledger")
        engine = open_sqlite(path, KEY)
        prepare(engine, "training", str(path))
        engine.dispose()
        return path.read_bytes()


class ServerLedgerMaker(LedgerMaker):
    """Opens desks on one database of a PostgreSQL server. The test's clock moves the server's."""

    def __init__(self, database: Database, path: Path) -> None:
        super().__init__(path)
        self.database = database
        self.place = database.place
        self.clock = database.clock

    @property
    def address(self) -> str:
        """The address of the database, for a desk in another process."""
        return self.database.url.render_as_string(hide_password=False)

    def admin_engine(self) -> sa.Engine:
        """Open connections of the server's administrator."""
        return self._opened(self.database.admin_url)

    def owner_engine(self) -> sa.Engine:
        """Open connections of the ledger's owner."""
        return self._opened(self.database.owner_url)

    def _opened(self, url: sa.URL) -> sa.Engine:
        engine = share_statements(open_postgres(url))
        self._engines.append(engine)
        return engine

    def _connect(self) -> sa.Engine:
        return open_postgres(self.database.url)
