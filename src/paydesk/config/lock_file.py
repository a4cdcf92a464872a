"""A lock that one program holds at a time. The operating system releases it however that program ends."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from paydesk.config.files import is_held, open_private, reason
from paydesk.domain.errors import KnownError

if sys.platform == "win32":
    import errno
    import msvcrt

    def lock(file: BinaryIO) -> None:
        """Lock the file until it is closed. Raises OSError at once if another program has it."""
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError as error:
            # EACCES by Microsoft's page of _locking. Wine 10 sets no number.
            raise OSError(error.errno or errno.EACCES, error.strerror) from None

else:
    import fcntl

    def lock(file: BinaryIO) -> None:
        """Lock the file until it is closed. Raises OSError at once if another program has it."""
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


SETUP = "setup.lock"
"""Name of the lock under which a folder's keys and ledgers are made. The file stays: if it were removed, two
programs could hold the lock, one of them on the removed file."""

WAIT_S = 120.0
"""Seconds to wait for the other program, whose keychain may ask a person twice (``keychain.ANSWER_S``)."""

_LOOK_S = 0.02

_held = threading.local()


@contextlib.contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Keep every other program from making keys or ledgers in that folder. May be nested.

    Raises KnownError if another program is at it for ``WAIT_S``, or if the lock cannot be written.
    """
    path = folder.resolve() / SETUP
    mine: set[Path] = _held.__dict__.setdefault("paths", set())
    if path in mine:
        yield
        return
    with _locked(path):
        mine.add(path)
        try:
            yield
        finally:
            mine.discard(path)


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = os.fdopen(open_private(path, os.O_RDWR | os.O_CREAT), "r+b")
    except OSError as error:
        raise _not_locked(path, error) from None
    with file:
        _wait_for(file, path)
        yield


def _wait_for(file: BinaryIO, path: Path) -> None:
    until = time.monotonic() + WAIT_S
    while True:
        try:
            lock(file)
        except OSError as error:
            if not is_held(error):
                raise _not_locked(path, error) from None
        else:
            return
        if time.monotonic() > until:
            raise KnownError(
                f"Another PayDesk is setting up the folder {path.parent}.",
                "Wait until it has started, or close it. Then try again.",
            )
        time.sleep(_LOOK_S)


def _not_locked(path: Path, error: OSError) -> KnownError:
    return KnownError(
        f"PayDesk can't save in the folder {path.parent} ({reason(error)}).",
        "Ask your administrator for permission to save there.",
        "Check that you may write there, or choose another with --basedir.",
    )
