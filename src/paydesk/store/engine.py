"""Open a ledger file: driver, key, pragmas, version gate; or refuse in plain words."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Mapping
from copy import copy
from functools import cache, cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.pool import QueuePool

from paydesk.domain.errors import BugError, KnownError

try:
    from sqlcipher3 import dbapi2 as _sqlcipher
except ImportError:  # no wheel for this platform: the standard library's, without encryption
    _sqlcipher = None

READ = {"paydesk_read": True}
"""Execution option of an engine that only reads: it takes no write lock."""

_PLAIN_HEADER = b"SQLite format 3\x00"
_BUSY_TIMEOUT_MS = 5000


class Dialect(SQLiteDialect_pysqlite):
    """SQLite that begins by itself, and takes the lock first, always: see ``do_begin``.

    A listener for the event of the same name would cost a tenth of every statement.
    """

    supports_statement_cache = True
    begin = "BEGIN IMMEDIATE"

    def initialize(self, connection: sa.Connection) -> None:
        """Learn of the first connection what SQLite it is, for the engines that read, too."""
        super().initialize(connection)
        super(Dialect, self._reading).initialize(connection)

    def do_begin(self, dbapi_connection: Any) -> None:
        """A deferred BEGIN would fail at the upgrade instead of waiting."""
        dbapi_connection.execute(self.begin)

    def set_engine_execution_options(self, engine: sa.Engine, opts: Mapping[str, Any]) -> None:
        """An engine that only reads takes no lock."""
        super().set_engine_execution_options(engine, opts)
        if opts.get("paydesk_read"):
            engine.dialect = self._reading

    @cached_property
    def _reading(self) -> Dialect:
        """One for all engines that read, which makes the text of each query once."""
        dialect = copy(self)
        dialect.begin = "BEGIN"
        return dialect

    def set_connection_execution_options(self, connection: sa.Connection, opts: Mapping[str, Any]) -> None:
        """Refuse what would have no effect."""
        if "paydesk_read" in opts:
            raise BugError("READ is an option of an engine, not of a connection")
        super().set_connection_execution_options(connection, opts)


registry.register("sqlite.paydesk", __name__, Dialect.__name__)


def driver() -> ModuleType:
    """The one SQLite driver of this process: SQLCipher's where its wheel exists."""
    return sqlite3 if _sqlcipher is None else _sqlcipher


def wal_is_safe(version: tuple[int, int, int]) -> bool:
    """Whether this SQLite is free of the WAL-reset fault (sqlite.org/wal.html, read 2026-08).

    Fixed in 3.51.3 and in 3.50.7 and 3.44.6 of the older lines; 3.52.0 was withdrawn.
    """
    if version == (3, 52, 0):
        return False
    return version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51, 0) or (3, 44, 6) <= version < (3, 45, 0)


def open_sqlite(path: Path, key: bytes | None) -> sa.Engine:
    """An engine on the ledger file; ``key`` (32 bytes) encrypts it where SQLCipher is there.

    Raises KnownError when the file is not a ledger this program can read. Touches no
    existing file before that is known.
    """
    dbapi = driver()
    plain = is_plain(path)

    def connect() -> Any:
        connection = dbapi.connect(str(path), timeout=_BUSY_TIMEOUT_MS / 1000, check_same_thread=False)
        connection.isolation_level = None  # SQLAlchemy's begin event decides how to begin
        unlock(connection, None if plain else key)
        _set_pragmas(connection, dbapi.sqlite_version_info)
        return connection

    return sa.create_engine(
        "sqlite+paydesk://",
        module=dbapi,
        creator=connect,
        poolclass=QueuePool,
        pool_size=8,
        pool_use_lifo=True,
    )


def unlock(connection: Any, key: bytes | None) -> None:
    """Give a new connection the ledger's key, where SQLCipher is there to use it."""
    if _sqlcipher is not None and key is not None:
        connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
        connection.execute("PRAGMA cipher_log_level = NONE")


def is_plain(path: Path) -> bool:
    """Whether the file is a database that is not encrypted."""
    with contextlib.suppress(FileNotFoundError), path.open("rb") as file:
        return file.read(16) == _PLAIN_HEADER
    return False


def _set_pragmas(connection: Any, version: tuple[int, int, int]) -> None:
    """Set what durability and integrity rest on, and read it back."""
    wal = wal_is_safe(version)
    wanted = {
        "journal_mode": "wal" if wal else "delete",
        "synchronous": 2 if wal else 3,  # FULL with WAL; EXTRA also syncs the folder of the journal
        "fullfsync": 1,
        "checkpoint_fullfsync": 1,
        "foreign_keys": 1,
        "trusted_schema": 0 if _full_text_is_innocuous() else 1,
        "cell_size_check": 1,
        "busy_timeout": _BUSY_TIMEOUT_MS,
    }
    for name, value in wanted.items():
        connection.execute(f"PRAGMA {name} = {value}")
        got = connection.execute(f"PRAGMA {name}").fetchone()
        if got is None or str(got[0]).lower() != str(value):
            raise KnownError(
                f"The ledger database cannot be used safely ({name} is {got[0] if got else 'unknown'}).",
                "Keep the ledger on a local disk, not in a network or cloud folder.",
            )


@cache
def _full_text_is_innocuous() -> bool:
    """Whether a trigger may write to a full-text index in a schema that is not trusted.

    SQLite 3.40 does not let it, and the search index is written that way; SQLCipher's, which is newer, does.
    """
    with contextlib.closing(driver().connect(":memory:")) as connection:
        connection.execute("PRAGMA trusted_schema = 0")
        connection.execute("CREATE TABLE written (word)")
        connection.execute("CREATE VIRTUAL TABLE found USING fts5 (word)")
        connection.execute(
            "CREATE TRIGGER find AFTER INSERT ON written BEGIN INSERT INTO found VALUES (new.word); END"
        )
        try:
            connection.execute("INSERT INTO written VALUES ('a')")
        except driver().OperationalError:
            return False
    return True


def make_private(path: Path) -> None:
    """Let only this user read the file (no effect on Windows, where the profile folder guards it)."""
    if os.name == "posix" and path.exists():
        try:
            path.chmod(0o600)
        except OSError as error:
            raise KnownError(
                f"The ledger {path} cannot be written ({error.strerror}).", "Check that you may write there."
            ) from None
