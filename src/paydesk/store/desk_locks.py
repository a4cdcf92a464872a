"""A file of this computer that is locked as long as a PayDesk runs: how a crashed one is told at once.

The operating system lets go of the lock when the process ends, however it ends. A lease says
the same of desks on other computers, only later.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import sys
from pathlib import Path
from typing import BinaryIO

from paydesk.domain.errors import KnownError

if sys.platform == "win32":
    import msvcrt

    def _lock(file: BinaryIO) -> None:
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(file: BinaryIO) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


class DeskLocks:
    """The lock files of one base folder; without a folder there are none, and only the lease counts."""

    def __init__(self, folder: Path | None, host: str) -> None:
        self._folder = folder
        self.host = host
        self._mine: tuple[Path, BinaryIO] | None = None

    def take(self) -> str:
        """Lock a new file for this desk and tell its name. Raises KnownError when none can be written."""
        if self._folder is None:
            return ""
        # Letters before the digits: sixteen lucky ones would read as a card number to ``verify``.
        path = self._folder / f"desk{secrets.token_hex(8)}.lock"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            file = path.open("wb")
            _lock(file)
        except OSError as error:
            raise KnownError(
                f"The folder {self._folder} cannot be written ({error.strerror}).",
                "Check that you may write there, or choose another with --basedir.",
            ) from None
        self._mine = (path, file)
        return path.name

    def held(self, host: str, name: str) -> bool | None:
        """Whether the desk with that lock still runs; None when this computer cannot tell."""
        if self._folder is None or not name or host != self.host:
            return None
        if self._mine is not None and name == self._mine[0].name:
            return True
        try:
            # For writing: some network file systems lock nothing else. Never made anew.
            file = (self._folder / os.path.basename(name)).open("r+b")
        except OSError:
            return None
        with file:
            try:
                _lock(file)
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
