"""The last event up to which this computer has followed the chain of events, kept outside the ledger."""

from __future__ import annotations

import contextlib
import os
import re
from dataclasses import dataclass
from pathlib import Path

from paydesk.config.files import open_private
from paydesk.store.tables.events import GENESIS

_LINE = re.compile(r"(\d{1,18}) ([0-9a-f]{64})\n", re.ASCII)


@dataclass(frozen=True, slots=True)
class Link:
    """An event of the chain: its number and its hash."""

    seq: int
    hash: str


BEGINNING = Link(0, GENESIS)


class Checkpoint:
    """A file with the last event that was checked. Without it, the chain is followed from its beginning."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> Link:
        """Return the event, or the beginning if there is no readable file."""
        try:
            found = _LINE.fullmatch(self._path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError):
            return BEGINNING
        return Link(int(found[1]), found[2]) if found else BEGINNING

    def write(self, link: Link) -> None:
        """Keep the event. A failure is ignored: the next check is longer, and no weaker."""
        with contextlib.suppress(OSError):
            handle = open_private(self._path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            with os.fdopen(handle, "wb") as file:
                file.write(f"{link.seq} {link.hash}\n".encode())
