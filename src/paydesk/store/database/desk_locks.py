"""Lock files that a running PayDesk holds, to detect a crashed desk at once.

The operating system releases the lock when the process ends, however it ends. A crashed desk
on another computer shows later, by its lease.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path
from typing import BinaryIO

from paydesk.config.files import open_private
from paydesk.config.lock_file import lock
from paydesk.store.database import words


class DeskLocks:
    """The lock files of one base folder. Without a folder there are none, and only the lease counts."""

    def __init__(self, folder: Path | None, host: str) -> None:
        self._folder = folder
        self.host = host
        self._mine: tuple[Path, BinaryIO] | None = None

    def take(self) -> str:
        """Lock a new file for this desk and return its name. Raises KnownError if none can be written."""
        if self._folder is None:
            return ""
        # Letters first: ``verify`` would take 16 hex digits that are all decimal for a card number.
        token = secrets.token_hex(8)
        # A letter in the middle: 16 decimal digits in one piece could look like a card number to `verify`.
        path = self._folder / f"desk{token[:8]}x{token[8:]}.lock"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            file = os.fdopen(open_private(path, os.O_RDWR | os.O_CREAT | os.O_EXCL), "r+b")
            lock(file)
        except OSError as error:
            raise words.folder_not_writable(self._folder, error) from None
        self._mine = (path, file)
        return path.name

    def held(self, host: str, name: str) -> bool | None:
        """Return True if the desk with that lock still runs, and None if this computer cannot tell."""
        if self._folder is None or not name or host != self.host:
            return None
        if self._mine is not None and name == self._mine[0].name:
            return True
        try:
            # Open for writing, because some network file systems lock no other files.
            file = os.fdopen(open_private(self._folder / os.path.basename(name), os.O_RDWR), "r+b")
        except OSError:
            return None
        with file:
            try:
                lock(file)
            except OSError:
                return True
        return False

    def forget(self, name: str) -> None:
        """Remove the file of a desk that ended."""
        if self._folder is not None and name:
            with contextlib.suppress(OSError):
                (self._folder / os.path.basename(name)).unlink()

    def let_go(self) -> None:
        """Unlock and remove this desk's own file."""
        if self._mine is not None:
            path, file = self._mine
            self._mine = None
            file.close()
            with contextlib.suppress(OSError):
                path.unlink()
