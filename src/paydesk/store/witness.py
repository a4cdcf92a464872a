"""The last event of the chain, kept beside the ledger too: a ledger that was cut short contradicts it."""

from __future__ import annotations

import contextlib
import os
import re
import threading
from pathlib import Path

import sqlalchemy as sa

from paydesk.store import schema
from paydesk.store.events import GENESIS
from paydesk.store.trouble import LedgerDamaged

_FLAGS = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0)
_LINE = re.compile(r"[0-9a-f]{64}\n")


class Witness:
    """A file with the hash of the last event this desk has written."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None
        self._writing = threading.Lock()

    def write(self, head: str) -> None:
        """Remember the newest event. Not being able to is no reason to stop a payment.

        The file is kept open, and not asked about: Linux dates what is written after a question
        exactly, and the next commit would have that much more to sync.
        """
        with contextlib.suppress(OSError), self._writing:
            if self._file is None:
                self._file = os.open(self._path, _FLAGS, 0o600)
            os.lseek(self._file, 0, os.SEEK_SET)
            os.write(self._file, f"{head}\n".encode())  # in place, at once, of one length: never half of two

    def close(self) -> None:
        """Let go of the file; the next event is written to the one that stands there then."""
        with contextlib.suppress(OSError), self._writing:
            file, self._file = self._file, None
            if file is not None:
                os.close(file)

    def read(self) -> str | None:
        """The newest event this desk knows of; None when there is no (readable) file."""
        try:
            text = self._path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            return None
        return text.strip() if _LINE.fullmatch(text) else None

    def missing_in(self, connection: sa.Connection) -> bool:
        """Whether this desk has recorded something that the ledger does not hold."""
        head = self.read()
        if head is None or head == GENESIS:
            return False
        found = connection.execute(sa.select(schema.event.c.seq).where(schema.event.c.hash == head)).first()
        return found is None

    def require(self, connection: sa.Connection, place: str) -> None:
        """Raise LedgerDamaged when the ledger lacks what this desk has recorded in it."""
        if self.missing_in(connection):
            raise LedgerDamaged(
                f"The ledger {place} lacks payments that this desk has recorded: an older copy took its "
                "place, or a part of it is gone.",
                "Do not take payments on this desk. Ask your administrator (docs/ledger.md, Restoring).",
            )
