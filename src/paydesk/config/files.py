"""Whole files: written completely or not at all, with second tries while another program holds them.

A virus scanner, a backup or a sync program may hold a file for a moment after it was written. Windows then
refuses to open, replace or remove it (sharing violation; hermes-webui#5196, Chia-Network#8589).
"""

from __future__ import annotations

import contextlib
import errno
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

PATIENCE_S = 2.0
"""Seconds for which a held file is tried again. Scanners let go within one."""

_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.01, 0.25
_HELD = {errno.EACCES, errno.EPERM, errno.EBUSY, errno.ETXTBSY, errno.EAGAIN}
_HELD_ON_WINDOWS = {5, 32, 33, 1224}
"""ERROR_ACCESS_DENIED, _SHARING_VIOLATION, _LOCK_VIOLATION and _USER_MAPPED_FILE (winerror.h)."""

_PLAIN = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
"""Flags for a file that is no link: somebody could have put a link there that leads to another file."""

Result = TypeVar("Result")


def write_whole(path: Path, data: bytes, *, private: bool = False) -> None:
    """Replace the file, so that a crash or an error leaves the old one or the new one.

    ``private`` lets only this user read it, and replaces a link instead of following it. Takes at most about
    ``PATIENCE_S`` while another program holds it. Raises OSError, and leaves the old file, if it cannot be
    written.
    """
    if path.exists() and not path.is_file():  # a pipe or a device: there is nothing to replace
        path.write_bytes(data)
        return
    target = path if private else path.resolve()
    fresh = target.with_name(f"{target.name}.{os.urandom(8).hex()}.new")
    try:
        patiently(lambda: _write(fresh, data, 0o600 if private else 0o666))
        patiently(lambda: fresh.replace(target))
    finally:
        with contextlib.suppress(OSError):
            fresh.unlink()
    _sync_folder(target.parent)


def write_new(path: Path, data: bytes) -> None:
    """Write a file that only this user may read. Raises FileExistsError if there is one, and OSError."""
    patiently(lambda: _write(path, data, 0o600))
    _sync_folder(path.parent)


def read_private(path: Path) -> bytes:
    """Return the content of a file of PayDesk's own. Raises OSError, also for a link."""
    with os.fdopen(open_private(path, os.O_RDONLY), "rb") as file:
        return file.read()


def open_private(path: Path, flags: int) -> int:
    """Return the handle of a file of PayDesk's own. Raises OSError for a link."""
    return os.open(path, flags | _PLAIN, 0o600)


def patiently(act: Callable[[], Result]) -> Result:
    """Return what ``act`` returns, and try again while another program holds its file. Raises OSError."""
    until, wait_s = time.monotonic() + PATIENCE_S, _FIRST_WAIT_S
    while True:
        try:
            return act()
        except OSError as error:
            if not is_held(error) or time.monotonic() + wait_s > until:
                raise
        time.sleep(wait_s)
        wait_s = min(2 * wait_s, _LONGEST_WAIT_S)


def is_held(error: OSError) -> bool:
    """Return True if another program may hold the file. A missing right looks the same."""
    return error.errno in _HELD or getattr(error, "winerror", None) in _HELD_ON_WINDOWS


def reason(error: OSError) -> str:
    """Return why a file could not be read or written, in words for a sentence."""
    if is_held(error):
        return "another program is using it, or you don't have permission to change it"
    known = {
        errno.ENOSPC: "the disk is full",
        errno.EDQUOT: "your disk quota is full",
        errno.EROFS: "the disk is write-protected",
        errno.ENOENT: "its folder does not exist",
        errno.ENOTDIR: "its folder does not exist",
        errno.EISDIR: "a folder has that name",
        errno.ENAMETOOLONG: "its name is too long",
        errno.ELOOP: "it is a link to another file",
    }
    return known.get(error.errno or 0, error.strerror or type(error).__name__)


def _write(fresh: Path, data: bytes, mode: int) -> None:
    # Nobody else made this file before, and nobody made it a link.
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _PLAIN, mode)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        with contextlib.suppress(OSError):
            fresh.unlink()
        raise


def _sync_folder(folder: Path) -> None:
    """Make the new name durable. Windows does that by itself and opens no folders."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
