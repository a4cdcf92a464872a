"""Backups of a ledger file: copied by the engine, proven before they count, the last few kept."""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

from paydesk.store import events
from paydesk.store.disk import ROOM_BYTES
from paydesk.store.engine import READ, driver, is_plain, open_sqlite, unlock
from paydesk.store.integrity import require_whole
from paydesk.store.trouble import LedgerDamaged, LedgerTrouble, trouble_in_words

DAY_S = 86_400.0
KEPT = 14


class Backups:
    """The backups of one ledger file, in a folder beside it; they open with the ledger's key."""

    def __init__(self, ledger: Path, key: bytes | None, keep: int) -> None:
        self._ledger = ledger
        self._key = key
        self._keep = keep
        self.folder = ledger.parent / "backups"

    def made(self) -> list[Path]:
        """All there are, oldest first."""
        return sorted(self.folder.glob(f"{self._ledger.stem}-*.ledger"))

    def due(self) -> bool:
        """Whether none was made within the last day; one dated ahead by a wrong clock does not count."""
        now = time.time()
        return not any(0 <= now - path.stat().st_mtime < DAY_S for path in self.made())

    def make(self, engine: sa.Engine) -> Path:
        """Copy the ledger while it is in use, prove the copy, and let the oldest go.

        Raises LedgerTrouble when no good copy could be made; older ones are then left alone.
        """
        try:
            self.folder.mkdir(exist_ok=True)
            self._require_room()
            name = f"{self._ledger.stem}-{datetime.now(UTC):%Y-%m-%d-%H%M%S}"
            fresh = self.folder / f"{name}.{os.getpid()}.part"
            try:
                self._copy(engine, fresh)
                self._prove(fresh)
                done = self.folder / f"{name}.ledger"
                fresh.replace(done)
            finally:
                _remove(fresh)
            for old in self.made()[: -self._keep]:
                _remove(old)
        except OSError as error:
            raise LedgerTrouble(
                f"No backup could be written to {self.folder} ({error.strerror}).",
                "Check that you may write there and that there is room.",
            ) from None
        return done

    def _require_room(self) -> None:
        size, free = self._ledger.stat().st_size, shutil.disk_usage(self.folder).free
        if free < size + 2 * ROOM_BYTES:
            raise LedgerTrouble(
                f"There is no room for a backup of the ledger in {self.folder}.", "Free some space."
            )

    def _copy(self, engine: sa.Engine, target: Path) -> None:
        os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        with trouble_in_words(str(self._ledger)), engine.execution_options(**READ).connect() as connection:
            source = connection.connection.driver_connection
            assert source is not None
            with contextlib.closing(driver().connect(str(target))) as copy:
                unlock(copy, None if is_plain(self._ledger) else self._key)
                source.backup(copy)

    def _prove(self, copy: Path) -> None:
        engine = open_sqlite(copy, self._key)
        try:
            require_whole(engine, str(copy), thorough=True)
            with trouble_in_words(str(copy)), engine.execution_options(**READ).connect() as connection:
                fault = next(events.faults(connection), None)
            if fault:
                raise LedgerDamaged(
                    f"The ledger {self._ledger} could not be backed up: {fault}",
                    "Do not take payments on this desk. Run `paydesk verify`.",
                )
        finally:
            engine.dispose()
        with copy.open("rb+") as file:
            os.fsync(file.fileno())


def _remove(path: Path) -> None:
    for suffix in ("", "-wal", "-shm", "-journal"):
        with contextlib.suppress(OSError):
            path.with_name(path.name + suffix).unlink()
