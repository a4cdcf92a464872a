"""Backups of a ledger file: copied by SQLite, verified before they count, the last few kept."""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

from paydesk.config.files import patiently
from paydesk.store.database import words
from paydesk.store.database.disk import ROOM_BYTES
from paydesk.store.database.errors import known_errors
from paydesk.store.database.integrity import require_whole
from paydesk.store.database.sqlite import READ, driver, is_plain, open_sqlite, unlock
from paydesk.store.tables import events

DAY_S = 86_400.0
KEPT = 14

_DATED = "????-??-??-??????"
"""Date and time in a backup's name. Anything shorter would take another ledger's backups for this one's."""


class Backups:
    """The backups of one ledger file, in a folder beside it. The ledger's key opens them."""

    def __init__(self, ledger: Path, key: bytes | None, keep: int) -> None:
        self._ledger = ledger
        self._key = key
        self._keep = keep
        self.folder = ledger.parent / "backups"

    def made(self) -> list[Path]:
        """Return all backups, oldest first."""
        return sorted(self.folder.glob(f"{self._ledger.stem}-{_DATED}.ledger"))

    def due(self) -> bool:
        """Return True if no backup is from the last day. One dated in the future (wrong clock) is ignored."""
        now = time.time()
        return not any(0 <= now - path.stat().st_mtime < DAY_S for path in self.made())

    def make(self, engine: sa.Engine) -> Path:
        """Copy the ledger while it is in use, verify the copy, and remove the oldest.

        Raises LedgerError if no good copy could be made, and then keeps the older ones.
        """
        try:
            self.folder.mkdir(exist_ok=True)
            self._require_room()
            name = f"{self._ledger.stem}-{datetime.now(UTC):%Y-%m-%d-%H%M%S}"
            fresh = self.folder / f"{name}.{os.urandom(8).hex()}.part"
            try:
                self._copy(engine, fresh)
                self._prove(fresh)
                done = self.folder / f"{name}.ledger"
                patiently(lambda: fresh.replace(done))
            finally:
                _remove(fresh)
            for old in self.made()[: -self._keep]:
                _remove(old)
        except OSError as error:
            raise words.backup_not_written(self.folder, error) from None
        return done

    def _require_room(self) -> None:
        size, free = self._ledger.stat().st_size, shutil.disk_usage(self.folder).free
        if free < size + 2 * ROOM_BYTES:
            raise words.no_room_for_backup(self.folder)

    def _copy(self, engine: sa.Engine, target: Path) -> None:
        os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        with known_errors(str(self._ledger)), engine.execution_options(**READ).connect() as connection:
            source = connection.connection.driver_connection
            assert source is not None
            with contextlib.closing(driver().connect(str(target))) as copy:
                unlock(copy, None if is_plain(self._ledger) else self._key)
                source.backup(copy)

    def _prove(self, copy: Path) -> None:
        engine = open_sqlite(copy, self._key)
        try:
            require_whole(engine, str(copy), thorough=True)
            with known_errors(str(copy)), engine.execution_options(**READ).connect() as connection:
                fault = next(events.faults(connection), None)
            if fault:
                raise words.backup_damaged(self._ledger, fault)
        finally:
            engine.dispose()
        with copy.open("rb+") as file:
            os.fsync(file.fileno())


def _remove(path: Path) -> None:
    for suffix in ("", "-wal", "-shm", "-journal"):
        with contextlib.suppress(OSError):
            path.with_name(path.name + suffix).unlink()
