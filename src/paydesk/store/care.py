"""What a ledger needs beside its tables: proof that it is whole, room on the disk, and backups."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

import sqlalchemy as sa

from paydesk.domain.errors import KnownError
from paydesk.store.backup import Backups
from paydesk.store.disk import Ballast, require_room
from paydesk.store.engine import READ
from paydesk.store.integrity import require_whole
from paydesk.store.trouble import LedgerDamaged, LedgerTrouble, trouble_in_words
from paydesk.store.witness import Witness

log = logging.getLogger(__name__)


class Unattended:
    """A ledger that nobody looks after."""

    def before_claim(self) -> None:
        """Raise LedgerTrouble when the ledger may not be charged on."""

    def make_room(self) -> None:
        """Let an approval be written that the disk has no room for."""

    def committed(self, head: str) -> None:
        """Hear of the newest event."""

    def tick(self) -> None:
        """Do what is due; called now and then, never from the UI thread."""

    def close(self) -> None:
        """Wait for what is still running."""


class Care(Unattended):
    """Looks after a ledger on a server: only that it still holds what this desk has recorded."""

    def __init__(self, engine: sa.Engine, place: str, witness: Witness) -> None:
        self._engine = engine
        self._place = place
        self._witness = witness
        self._trouble: KnownError | None = None
        self._checked = threading.Thread(target=self._check, name="ledger check", daemon=True)
        self._checked.start()

    def before_claim(self) -> None:
        """Wait for the check of the start, and repeat it when the ledger could not be read then."""
        self._checked.join()
        if self._trouble is not None and not isinstance(self._trouble, LedgerDamaged):
            self._check()
        if self._trouble is not None:
            raise self._trouble

    def committed(self, head: str) -> None:
        """Remember the newest event outside of the ledger too."""
        self._witness.write(head)

    def tick(self) -> None:
        """Open the file beside the ledger anew: another may stand there, or its disk was away."""
        self._witness.close()

    def close(self) -> None:
        """Wait for the check of the start, and let go of the file beside the ledger."""
        self._checked.join()
        self._witness.close()

    def _check(self) -> None:
        try:
            self._require_whole()
            self._trouble = None
        except KnownError as error:
            log.error("%s", error.sentence)
            self._trouble = error
        except Exception as error:  # a fault of ours must not pass for a whole ledger
            log.exception("the ledger could not be checked")
            self._trouble = LedgerTrouble(f"The ledger could not be checked ({type(error).__name__}).")

    def _require_whole(self) -> None:
        with trouble_in_words(self._place), self._engine.execution_options(**READ).connect() as connection:
            self._witness.require(connection, self._place)


class FileCare(Care):
    """Looks after a ledger file: its pages, the disk under it, and a backup a day."""

    def __init__(
        self, engine: sa.Engine, path: Path, witness: Witness, ballast: Ballast, backups: Backups
    ) -> None:
        self._path = path
        self._ballast = ballast
        self._backups = backups
        super().__init__(engine, str(path), witness)

    def before_claim(self) -> None:
        """Ask for room first: what gets approved has to be written."""
        require_room(self._path.parent)
        super().before_claim()

    def make_room(self) -> None:
        """Give up the room that was kept back."""
        self._ballast.drop()

    def tick(self) -> None:
        """Keep room back, and make the backup of the day, of a ledger that was found whole."""
        super().tick()
        if self._checked.is_alive() or self._trouble is not None:
            return
        self._ballast.fill()
        try:
            if self._backups.due():
                self._backups.make(self._engine)
        except KnownError as error:  # the desk goes on; doctor and the log say so
            log.warning("no backup: %s", error.sentence)

    def _require_whole(self) -> None:
        require_whole(self._engine, self._place)
        super()._require_whole()
