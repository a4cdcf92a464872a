"""Open a ledger: driver, key, pragmas, version gate, migrations; or refuse in plain words."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import sqlalchemy as sa
from sqlalchemy.pool import QueuePool

from paydesk.domain.errors import KnownError
from paydesk.store import schema

try:
    from sqlcipher3 import dbapi2 as _sqlcipher
except ImportError:  # no wheel for this platform: the standard library's, without encryption
    _sqlcipher = None

READ = {"paydesk_read": True}
"""Execution option of a connection that only reads: it takes no write lock."""

_PLAIN_HEADER = b"SQLite format 3\x00"
_BUSY_TIMEOUT_MS = 5000


class LedgerTrouble(KnownError):
    """The ledger cannot be read or written just now; a COMMIT may or may not have happened."""


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
    encrypted = _sqlcipher is not None and key is not None and not _is_plain(path)

    def connect() -> Any:
        connection = dbapi.connect(str(path), timeout=_BUSY_TIMEOUT_MS / 1000, check_same_thread=False)
        connection.isolation_level = None  # SQLAlchemy's begin event decides how to begin
        if encrypted and key is not None:
            connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
            connection.execute("PRAGMA cipher_log_level = NONE")
        _set_pragmas(connection, dbapi.sqlite_version_info)
        return connection

    engine = sa.create_engine("sqlite://", module=dbapi, creator=connect, poolclass=QueuePool, pool_size=8)
    sa.event.listen(engine, "begin", _begin)
    return engine


def _is_plain(path: Path) -> bool:
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
        "trusted_schema": 0,
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


def _begin(connection: sa.Connection) -> None:
    # The lock comes first, always: a deferred BEGIN fails at the upgrade instead of waiting.
    read = connection.get_execution_options().get("paydesk_read", False)
    connection.exec_driver_sql("BEGIN" if read else "BEGIN IMMEDIATE")


@contextlib.contextmanager
def trouble_in_words(path: str) -> Iterator[None]:
    """Turn the database's errors into sentences; the original stays in the log only."""
    try:
        yield
    except sa.exc.DBAPIError as error:
        raise LedgerTrouble(*_words(str(error.orig), path)) from error


def _words(message: str, path: str) -> tuple[str, str]:
    low = message.lower()
    if "full" in low:
        return "The disk is full: the ledger could not be written.", "Free some space, then try again."
    if "readonly" in low or "read-only" in low or "unable to open" in low:
        return f"The ledger {path} cannot be written.", "Check that you may write to that folder."
    if "locked" in low or "busy" in low:
        return "The ledger is busy: another program holds it.", "Wait a moment and try again."
    if "not a database" in low or "malformed" in low or "corrupt" in low or "hmac" in low:
        return (
            f"The ledger {path} is damaged or has another key; it was left as it is.",
            "Do not take payments on this desk. Restore the newest backup, or ask your administrator.",
        )
    return (
        f"The ledger does not answer ({message.splitlines()[0][:120]}).",
        "Try again; if it stays, restart PayDesk.",
    )


def prepare(engine: sa.Engine, world: str, path: str) -> None:
    """Make the schema current and check that the ledger belongs to this ``world``.

    Raises KnownError, and changes nothing, for a ledger of a newer version or of the
    other world.
    """
    with trouble_in_words(path):
        with engine.connect().execution_options(**READ) as connection, connection.begin():
            tables = set(sa.inspect(connection).get_table_names())
            version = _version(connection, tables)
            found = _world(connection, tables)
        if found not in (None, world):
            raise KnownError(
                f"The ledger {path} belongs to the {found} desk; this is the {world} desk.",
                "Choose the other ledger in the settings. Training and live money never share one.",
            )
        if version == schema.HEAD:
            return
        if tables and version is None:
            raise KnownError(f"{path} is not a PayDesk ledger; it was left as it is.", "Choose another file.")
        _upgrade(engine, version, path)
        if found is None:
            with engine.begin() as connection:
                connection.execute(sa.insert(schema.info).values(key="world", value=world))


def _version(connection: sa.Connection, tables: set[str]) -> str | None:
    if "alembic_version" not in tables:
        return None
    found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    return None if found is None else str(found)


def _world(connection: sa.Connection, tables: set[str]) -> str | None:
    if "info" not in tables:
        return None
    query = sa.select(schema.info.c.value).where(schema.info.c.key == "world")
    return connection.execute(query).scalar()


def _upgrade(engine: sa.Engine, version: str | None, path: str) -> None:
    # Alembic costs a tenth of a second to import: only a new or an old ledger needs it.
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if version is not None and version not in known:
        raise KnownError(
            f"The ledger {path} was written by a newer PayDesk (version {version}); it was left as it is.",
            "Install the newest PayDesk on this computer.",
        )
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def make_private(path: Path) -> None:
    """Let only this user read the file (no effect on Windows, where the profile folder guards it)."""
    if os.name == "posix" and path.exists():
        path.chmod(0o600)
