"""The disk under a ledger file: room on it, room kept back on it, and whether it is this computer's own."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from paydesk.domain.errors import KnownError
from paydesk.store.trouble import LedgerTrouble

ROOM_BYTES = 32 * 2**20
"""Free room a payment asks for before it begins: what is approved has to be written."""

BALLAST_BYTES = 8 * 2**20

_NETWORK_TYPES = {
    "afpfs", "afs", "ceph", "cifs", "davfs", "fuse.glusterfs", "fuse.rclone", "fuse.sshfs", "gfs2",
    "glusterfs", "lustre", "ncpfs", "nfs", "nfs4", "ocfs2", "prl_fs", "smb3", "smbfs", "vboxsf", "webdav",
}  # fmt: skip
"""File systems whose locks or shared memory do not hold for SQLite (sqlite.org/wal.html)."""


def require_room(folder: Path) -> None:
    """Raise LedgerTrouble unless there is room for a payment."""
    try:
        free = shutil.disk_usage(folder).free
    except OSError as error:
        raise LedgerTrouble(
            f"The folder of the ledger, {folder}, cannot be read ({error.strerror}).",
            "Nothing was charged. Check that it is still there.",
        ) from None
    if free < ROOM_BYTES:
        raise LedgerTrouble(
            f"Only {free // 2**20} MB are free on the disk of the ledger; "
            f"a payment asks for {ROOM_BYTES // 2**20} MB.",
            "Nothing was charged. Free some space, then try again.",
        )


class Ballast:
    """A file that takes up room until a full disk would keep an approval from being written."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def fill(self) -> None:
        """Take the room up, where there is plenty; failing to is no error."""
        with contextlib.suppress(OSError):
            if self._path.exists() and self._path.stat().st_size == BALLAST_BYTES:
                return
            if shutil.disk_usage(self._path.parent).free < ROOM_BYTES + BALLAST_BYTES:
                return
            with self._path.open("wb") as file:
                file.write(os.urandom(BALLAST_BYTES))  # nothing that a file system could compress
                file.flush()
                os.fsync(file.fileno())

    def drop(self) -> None:
        """Give the room up."""
        with contextlib.suppress(OSError):
            self._path.unlink()


def refuse_network(folder: Path) -> None:
    """Raise KnownError for a folder on another computer, where it can be told: locks do not hold there."""
    if _is_network(folder.resolve()):
        raise KnownError(
            f"The folder {folder} is on another computer: a ledger file could be damaged there.",
            "Keep it on a disk of this computer. Several desks share one through PostgreSQL (ledger_url).",
        )


def _is_network(folder: Path) -> bool:
    if sys.platform == "win32":
        import ctypes

        drive = folder.drive
        remote = 4  # DRIVE_REMOTE
        return drive.startswith("\\\\") or ctypes.windll.kernel32.GetDriveTypeW(drive + "\\") == remote
    mounts: Iterable[tuple[str, str]] = ()
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        if sys.platform == "darwin":
            said = subprocess.run(["/sbin/mount"], capture_output=True, text=True, timeout=5, check=True)
            mounts = mac_mounts(said.stdout)
        else:
            mounts = linux_mounts(Path("/proc/self/mountinfo").read_text(errors="replace"))
    return type_of_mount(str(folder), mounts) in _NETWORK_TYPES


def linux_mounts(text: str) -> Iterable[tuple[str, str]]:
    """Folder and type of each mount in ``/proc/self/mountinfo`` (proc(5))."""
    for line in text.splitlines():
        before, found, after = line.partition(" - ")
        fields = before.split(" ")
        if found and len(fields) > 4:
            folder = re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), fields[4])
            yield folder, after.split(" ")[0]


def mac_mounts(text: str) -> Iterable[tuple[str, str]]:
    """Folder and type of each mount in what ``mount`` prints on macOS."""
    for found in re.finditer(r"^.* on (/.*) \((\w+)[,)]", text, re.MULTILINE):
        yield found[1], found[2]


def type_of_mount(folder: str, mounts: Iterable[tuple[str, str]]) -> str:
    """The type of the innermost mount that holds the folder; of two on the same folder, the later."""
    best, kind = -1, ""
    for mounted, found in mounts:
        inside = folder == mounted or folder.startswith(mounted.rstrip("/") + "/")
        if inside and len(mounted) >= best:
            best, kind = len(mounted), found
    return kind
