"""The last event of the chain, kept beside the ledger too: a ledger that was cut short contradicts it."""

from __future__ import annotations

import contextlib
import os
import re
import threading
from pathlib import Path
from typing import BinaryIO

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
        self._file: BinaryIO | None = None
        self._writing = threading.Lock()

    def write(self, head: str) -> None:
        """Remember the newest event. Not being able to is no reason to stop a payment."""
        with contextlib.suppress(OSError), self._writing:
            file = self._opened()
            file.seek(0)
            file.write(f"{head}\n".encode())  # in place, at once, of one length: never half of two

    def close(self) -> None:
        """Let go of the file."""
        with self._writing:
            if self._file is not None:
                self._file.close()
                self._file = None

    def _opened(self) -> BinaryIO:
        """The file, kept open: opening it each time would slow down the commit that follows, too."""
        if self._file is not None and not os.fstat(self._file.fileno()).st_nlink:
            self._file.close()  # somebody has put another one in its place
            self._file = None
        if self._file is None:
            self._file = os.fdopen(os.open(self._path, _FLAGS, 0o600), "r+b", buffering=0)
        return self._file

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
