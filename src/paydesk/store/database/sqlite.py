"""Open a ledger file with its driver, key and pragmas, or refuse it."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import sqlalchemy as sa
from sqlalchemy.pool import QueuePool

from paydesk.store.database import words

try:
    from sqlcipher3 import dbapi2 as _sqlcipher
except ImportError:  # no wheel for this platform: use the standard library's SQLite, without encryption
    _sqlcipher = None

READ = {"paydesk_read": True}
"""Execution option of an engine that only reads, here or on a server. Each of its transactions sees one state
of the ledger, and takes no write lock."""

_PLAIN_HEADER = b"SQLite format 3\x00"
_BUSY_TIMEOUT_MS = 5000


def driver() -> ModuleType:
    """Return the one SQLite driver of this process: SQLCipher's if its wheel exists."""
    return sqlite3 if _sqlcipher is None else _sqlcipher


def wal_is_safe(version: tuple[int, int, int]) -> bool:
    """Return True if this SQLite is free of the WAL-reset bug (sqlite.org/wal.html, read 2026-08).

    Fixed in 3.51.3, and in 3.50.7 and 3.44.6 of the older lines. 3.52.0 was withdrawn.
    """
    if version == (3, 52, 0):
        return False
    return version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51, 0) or (3, 44, 6) <= version < (3, 45, 0)


def open_sqlite(path: Path, key: bytes | None) -> sa.Engine:
    """Return an engine on the ledger file. ``key`` (32 bytes) encrypts it if SQLCipher is installed.

    Raises KnownError if the file is no ledger this program can read. Changes no existing
    file before that is known.
    """
    dbapi = driver()
    plain = is_plain(path)

    def connect() -> Any:
        connection = dbapi.connect(str(path), timeout=_BUSY_TIMEOUT_MS / 1000, check_same_thread=False)
        connection.isolation_level = None  # the driver must not begin transactions, because ``_begin`` does
        unlock(connection, None if plain else key)
        _set_pragmas(connection, dbapi.sqlite_version_info)
        return connection

    engine = sa.create_engine(
        "sqlite://", module=dbapi, creator=connect, poolclass=QueuePool, pool_size=8, pool_use_lifo=True
    )
    sa.event.listen(engine, "begin", _begin)
    return engine


def _begin(connection: sa.Connection) -> None:
    """Take the write lock at once: a deferred BEGIN would fail when upgrading the lock instead of waiting.

    The recipe is SQLAlchemy's own (docs, SQLite, "Enabling Non-Legacy SQLite Transactional Modes").
    """
    reads = connection.get_execution_options().get("paydesk_read")
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def unlock(connection: Any, key: bytes | None) -> None:
    """Set the ledger's key on a new connection, if SQLCipher is installed."""
    if _sqlcipher is not None and key is not None:
        connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
        connection.execute("PRAGMA cipher_log_level = NONE")


def is_plain(path: Path) -> bool:
    """Return True if the file is an unencrypted database."""
    with contextlib.suppress(FileNotFoundError), path.open("rb") as file:
        return file.read(16) == _PLAIN_HEADER
    return False


def _set_pragmas(connection: Any, version: tuple[int, int, int]) -> None:
    """Set the pragmas that durability and integrity depend on, and read them back."""
    wal = wal_is_safe(version)
    wanted = {
        "journal_mode": "wal" if wal else "delete",
        "synchronous": 2 if wal else 3,  # FULL with WAL. EXTRA also syncs the folder of the journal.
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
            raise words.unsafe_driver(name, got[0] if got else "unknown")


@cache
def _full_text_is_innocuous() -> bool:
    """Return True if a trigger may write to a full-text index while ``trusted_schema`` is off.

    The search index is written by a trigger. SQLite 3.40 forbids that. SQLCipher's newer SQLite allows it.
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
    """Allow only this user to read the file. No effect on Windows, where the profile folder protects it."""
    if os.name == "posix" and path.exists():
        try:
            path.chmod(0o600)
        except OSError as error:
            raise words.file_not_writable(path, error) from None
