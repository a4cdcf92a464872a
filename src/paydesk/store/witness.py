"""The last event of the chain, kept beside the ledger too: a ledger that was cut short contradicts it."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path

import sqlalchemy as sa

from paydesk.store import schema
from paydesk.store.events import GENESIS
from paydesk.store.trouble import LedgerDamaged

_LINE = re.compile(r"[0-9a-f]{64}\n")


class Witness:
    """A file with the hash of the last event this desk has written."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def write(self, head: str) -> None:
        """Remember the newest event. Not being able to is no reason to stop a payment."""
        line = f"{head}\n".encode()
        with contextlib.suppress(OSError):
            try:
                with self._path.open("r+b") as file:  # in place and of one length: never half of two
                    file.write(line)
            except FileNotFoundError:
                self._path.write_bytes(line)

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
