"""The folder of PayDesk's files belongs to one person, and nobody else may look into it.

Windows gives a folder in the profile such rights by itself. ``windows_rights`` is for one elsewhere, named by
``--basedir``.
"""

from __future__ import annotations

import errno
import os
import shlex
import stat
from pathlib import Path

from paydesk.config import windows_rights
from paydesk.domain.errors import KnownError

_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH
_LARGEST = 1_000_000
"""Most bytes of a file of settings or keys."""


def keep_private(base: Path) -> None:
    """Take the rights of everybody else from the folder. A folder that is not there yet is made later.

    Raises KnownError for a folder of another person, who could exchange its files, and for one into which
    others could write, if it holds a link or somebody else's file.
    """
    if os.name == "nt":
        windows_rights.keep_private(base, Path.home())
        return
    if not base.exists():
        return
    found = base.stat()
    if found.st_uid != os.geteuid():
        raise KnownError(
            f"The folder {base} belongs to another user of this computer.",
            "Start PayDesk as that user, or ask your administrator.",
            "Start PayDesk as that user, or choose a folder of your own with --basedir.",
        )
    if found.st_mode & _OTHERS_WRITE:
        _require_ours(base)
    if found.st_mode & _OTHERS:
        _close(base, stat.S_IMODE(found.st_mode) & ~_OTHERS)


def read_own(file: Path) -> bytes:
    """Return the content of a file that decides where money goes. Raises OSError, also for a huge one.

    Raises KnownError if somebody else could have written it.
    """
    if not stat.S_ISREG(file.stat().st_mode):  # a pipe or a device may never end
        raise OSError(errno.EINVAL, "it is not a file")
    with file.open("rb") as opened:
        if os.name != "nt":
            _require_safe(file, os.fstat(opened.fileno()))
        content = opened.read(_LARGEST + 1)
    if len(content) > _LARGEST:
        raise OSError(errno.EFBIG, "it is larger than any settings")
    return content


def _require_safe(file: Path, found: os.stat_result) -> None:
    if found.st_uid not in (os.geteuid(), 0):
        raise KnownError(
            f"The file {file} belongs to another user of this computer.",
            "Ask your administrator to check it.",
            "Check every entry of it, save it as a file of your own, then start again.",
        )
    group = found.st_mode & stat.S_IWGRP and not _is_own_group(found.st_gid)
    if group or found.st_mode & stat.S_IWOTH:
        raise KnownError(
            f"Other users of this computer can change the file {file}.",
            "Ask your administrator to check it.",
            f"Check every entry of it, then run: chmod 600 {shlex.quote(str(file))}",
        )


def _is_own_group(group_id: int) -> bool:
    """Return True for a group that has this user's name and nobody else: some systems make one for each."""
    import grp  # does not exist on Windows
    import pwd

    try:
        user, group = pwd.getpwuid(os.geteuid()).pw_name, grp.getgrgid(group_id)
    except KeyError:
        return False
    return group.gr_name == user and set(group.gr_mem) <= {user}


def _require_ours(base: Path) -> None:
    """Raise KnownError for a link or another user's file in a folder into which others could write."""
    for folder, folders, files in os.walk(base):
        for name in (*folders, *files):
            path = Path(folder, name)
            if path.is_symlink() or path.lstat().st_uid != os.geteuid():
                raise KnownError(
                    f"Other users of this computer could write into the folder {base}, and {path} is not "
                    "a file of yours.",
                    "Ask your administrator to check it.",
                    "Look at it, remove it if you did not put it there, then start again.",
                )


def _close(base: Path, mode: int) -> None:
    try:
        base.chmod(mode)
    except OSError as error:
        raise KnownError(
            f"Other users of this computer can open the folder {base}, and that can't be changed: {error}.",
            "Ask your administrator for another folder.",
            "Choose a folder of your own with --basedir.",
        ) from None
    if base.stat().st_mode & _OTHERS:  # a file system without rights, such as an exchange drive's
        raise KnownError(
            f"Other users of this computer can open the folder {base}: its disk has no permissions.",
            "Ask your administrator for another folder.",
            "Choose a folder on this computer's own disk with --basedir.",
        )
