"""Maintenance of a ledger: integrity check, free disk space and backups."""

from __future__ import annotations

import logging
from pathlib import Path

import sqlalchemy as sa

from paydesk.config.system_log import SystemLog
from paydesk.domain.errors import KnownError
from paydesk.store.database.backup import Backups
from paydesk.store.database.chain_check import ChainCheck, read_newest
from paydesk.store.database.checkpoint import Checkpoint
from paydesk.store.database.disk import SpareSpace, require_room
from paydesk.store.database.errors import known_errors
from paydesk.store.database.head_file import HeadFile
from paydesk.store.database.integrity import require_whole
from paydesk.store.database.sqlite import READ, driver, wal_is_safe
from paydesk.store.database.start_check import StartCheck

log = logging.getLogger(__name__)


class NoMaintenance:
    """Maintenance that does nothing, and the interface of the others."""

    def before_hold(self) -> None:
        """Raise LedgerError if nothing may be charged on the ledger."""

    def free_space(self) -> None:
        """Free disk space for an approval that a full disk cannot take."""

    def committed(self, head: str, *, money: bool) -> None:
        """Note the hash of the newest event. ``money`` is True if money moved since the hash before it."""

    def tick(self) -> None:
        """Do due maintenance. Called at intervals, never from the UI thread."""

    def close(self) -> None:
        """Wait for running maintenance."""


class Maintenance(NoMaintenance):
    """Maintenance of a ledger on a server: checks that it is whole, and still has this desk's records."""

    patient = False
    """True if payments wait for the check of the whole ledger."""

    def __init__(
        self,
        engine: sa.Engine,
        place: str,
        head_file: HeadFile,
        checkpoint: Checkpoint,
        system_log: SystemLog | None,
    ) -> None:
        self._engine = engine
        self._place = place
        self._head_file = head_file
        self._system_log = system_log
        self._chain = ChainCheck(engine, place, checkpoint)
        self._check = StartCheck(
            self._require_usable, self._require_whole, self._chain.follow, patient=self.patient
        )

    def before_hold(self) -> None:
        """Wait for the check made at the start, but not longer than it may take (``start_check``)."""
        self._check.require()

    def committed(self, head: str, *, money: bool) -> None:
        """Write the newest event's hash outside the ledger: to the head file and, for money, to the log.

        The log is the system's, which this user cannot change. It gets its line later, in a thread.
        """
        self._head_file.write(head)
        if money and self._system_log is not None:
            self._system_log.say(f"The ledger {self._place} ends with event {head}.")

    def tick(self) -> None:
        """Close the head file. The next event opens it again, in case it or its disk was replaced."""
        self._head_file.close()

    def close(self) -> None:
        """End the check made at the start, and close the head file."""
        self._chain.stop()
        self._check.join()
        self._head_file.close()
        if self._system_log is not None:
            self._system_log.close()

    def _require_usable(self) -> None:
        """Check what payments need now: this desk's last event, the newest events, the newest rows."""
        with known_errors(self._place), self._engine.execution_options(**READ).begin() as connection:
            self._head_file.require(connection, self._place)
            read_newest(connection)
        self._chain.require_newest()

    def _require_whole(self) -> None:
        """Check everything else: nothing here, because a server checks each page when it reads it."""


class FileMaintenance(Maintenance):
    """Maintenance of a ledger file: its pages, its disk, and a daily backup."""

    def __init__(
        self,
        engine: sa.Engine,
        path: Path,
        head_file: HeadFile,
        checkpoint: Checkpoint,
        system_log: SystemLog | None,
        spare: SpareSpace,
        backups: Backups,
    ) -> None:
        self._path = path
        self._spare = spare
        self._backups = backups
        # In a rollback journal, a check of the whole file would keep the commit of a payment waiting.
        self.patient = not wal_is_safe(driver().sqlite_version_info)
        super().__init__(engine, str(path), head_file, checkpoint, system_log)

    def before_hold(self) -> None:
        """Require free disk space first, because an approval has to be written."""
        require_room(self._path.parent)
        super().before_hold()

    def free_space(self) -> None:
        """Remove the spare file."""
        self._spare.drop()

    def tick(self) -> None:
        """Fill the spare file and make the daily backup, if the ledger was found sound."""
        super().tick()
        if not self._check.passed:
            return
        self._spare.fill()
        try:
            if self._backups.due():
                self._backups.make(self._engine)
        except KnownError as error:  # the desk continues, and doctor and the log report it
            log.warning("no backup: %s", error.sentence)

    def _require_whole(self) -> None:
        require_whole(self._engine, self._place)
