"""The disk of a ledger file: free space, spare space, and refusal of network and synchronized folders."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from paydesk.config.files import open_private
from paydesk.store.database import cloud_folders, words

ROOM_BYTES = 32 * 2**20
"""Free bytes required before a payment begins, because an approval has to be written."""

SPARE_BYTES = 8 * 2**20

_NETWORK_TYPES = {
    "afpfs", "afs", "ceph", "cifs", "davfs", "fuse.gcsfuse", "fuse.glusterfs", "fuse.google-drive-ocamlfuse",
    "fuse.gvfsd-fuse", "fuse.onedriver", "fuse.rclone", "fuse.s3fs", "fuse.sshfs", "gfs2",
    "glusterfs", "lustre", "ncpfs", "nfs", "nfs4", "ocfs2", "prl_fs", "smb3", "smbfs", "vboxsf", "webdav",
}  # fmt: skip
"""File systems on which locks or shared memory do not work for SQLite (sqlite.org/wal.html)."""


def require_room(folder: Path) -> None:
    """Raise LedgerError unless the disk has room for a payment."""
    try:
        free = shutil.disk_usage(folder).free
    except OSError as error:
        raise words.folder_not_readable(folder, error) from None
    if free < ROOM_BYTES:
        raise words.little_space(free, ROOM_BYTES)


class SpareSpace:
    """A file that reserves disk space, to be removed when a full disk cannot take an approval."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def fill(self) -> None:
        """Write the file if there is enough space. A failure is ignored."""
        with contextlib.suppress(OSError):
            if self._path.exists() and self._path.stat().st_size == SPARE_BYTES:
                return
            if shutil.disk_usage(self._path.parent).free < ROOM_BYTES + SPARE_BYTES:
                return
            with os.fdopen(open_private(self._path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), "wb") as file:
                file.write(os.urandom(SPARE_BYTES))  # random, so that no file system can compress it
                file.flush()
                os.fsync(file.fileno())

    def drop(self) -> None:
        """Remove the file."""
        with contextlib.suppress(OSError):
            self._path.unlink()


def refuse_shared(folder: Path) -> None:
    """Raise KnownError for a folder on another computer, or one that a cloud service synchronizes.

    SQLite's locks do not work there, and a synchronized file may be replaced by an older copy.
    """
    if _is_network(folder.resolve()):
        raise words.on_another_computer(folder)
    service = cloud_folders.service_of(folder)
    if service is not None:
        raise words.synchronized(folder, service)


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
    """Yield folder and type of each mount in ``/proc/self/mountinfo`` (proc(5))."""
    for line in text.splitlines():
        before, found, after = line.partition(" - ")
        fields = before.split(" ")
        if found and len(fields) > 4:
            folder = re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), fields[4])
            yield folder, after.split(" ")[0]


def mac_mounts(text: str) -> Iterable[tuple[str, str]]:
    """Yield folder and type of each mount in the output of ``mount`` on macOS."""
    for found in re.finditer(r"^.* on (/.*) \((\w+)[,)]", text, re.MULTILINE):
        yield found[1], found[2]


def type_of_mount(folder: str, mounts: Iterable[tuple[str, str]]) -> str:
    """Return the type of the innermost mount that holds the folder. Of two on one folder the later counts."""
    best, kind = -1, ""
    for mounted, found in mounts:
        inside = folder == mounted or folder.startswith(mounted.rstrip("/") + "/")
        if inside and len(mounted) >= best:
            best, kind = len(mounted), found
    return kind
