"""Folders that a cloud service synchronizes. SQLite's files must not be there.

A sync program copies the ledger and its journal one after the other, locks them, and puts older copies back
(sqlite.org/howtocorrupt.html, section 2; omadia#934, joplin#703). Found by what the services set and write on
Windows and macOS, by the names they give their folders, and by the files they leave in them.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

_NAMES = {
    "OneDrive": r"OneDrive( - .+)?",
    "Dropbox": r"(My )?Dropbox( \(.+\))?",
    "iCloud": r"iCloud ?Drive|com~apple~CloudDocs|iCloud~.+",
    "Google Drive": r"Google ?Drive( \(.+\))?|(My Drive|Mi unidad|Mon Drive)( \(.+\))?|Shared drives",
    "Box": r"(?-i:Box|Box Sync)",
    "Nextcloud": r"Nextcloud|ownCloud",
    "pCloud": r"pCloud ?Drive|pCloud Sync",
    "MEGA": r"MEGA|MEGAsync",
    "Proton Drive": r"Proton ?Drive",
}
"""Each service, and the names of the folders that its program makes, whole and in any case."""

_MARKS = {
    ".849C9593-D756-4E56-8D6E-42412F2A707B": "OneDrive",
    ".dropbox": "Dropbox",
    ".dropbox.cache": "Dropbox",
    ".tmp.drivedownload": "Google Drive",
    ".tmp.driveupload": "Google Drive",
    ".nextcloudsync.log": "Nextcloud",
    ".owncloudsync.log": "Nextcloud",
    ".stfolder": "Syncthing",
}
"""Files that a service leaves at the top of its folder."""

_SOMEBODYS = "a cloud service"
_CLOUD_TAG, _CLOUD_TAG_MASK = 0x9000001A, 0xFFFF0FFF
"""IO_REPARSE_TAG_CLOUD and its variants (winnt.h): a folder of the Windows Cloud Files API."""


def service_of(folder: Path, environ: Mapping[str, str] = os.environ, home: Path | None = None) -> str | None:
    """Return the name of the service that synchronizes the folder, or None if none is known to.

    The folder need not exist. Links are followed, and count by their own name, too.
    """
    home = Path(os.path.expanduser("~")) if home is None else home
    for place in dict.fromkeys((Path(os.path.abspath(folder)), folder.resolve())):
        found = by_setting(place, environ, home) or by_name(place.parts)
        found = found or _by_team(place, home) or _by_mark(place)
        if found:
            return found
    return None


def by_name(parts: Sequence[str]) -> str | None:
    """Return the service by the names of a folder and those above it."""
    for at, part in enumerate(parts):
        before = [one.casefold() for one in parts[max(at - 2, 0) : at]]
        if before == ["library", "cloudstorage"]:  # macOS: ~/Library/CloudStorage/Dropbox-Personal
            return _service_in_cloud_storage(part)
        if before[-1:] == ["library"] and part.casefold() == "mobile documents":
            return "iCloud"
        for service, pattern in _NAMES.items():
            if re.fullmatch(pattern, part, re.IGNORECASE):
                return service
    return None


def _service_in_cloud_storage(part: str) -> str:
    name, dash, _account = part.partition("-")
    known = {"GoogleDrive": "Google Drive", "iCloudDrive": "iCloud"} | {one: one for one in _NAMES}
    return known.get(name, name if dash else _SOMEBODYS)


def by_setting(folder: Path, environ: Mapping[str, str], home: Path) -> str | None:
    """Return the service that says of itself that it synchronizes the folder."""
    for service, root in _told(environ, home):
        if _inside(folder, root):
            return service
    return None


def _told(environ: Mapping[str, str], home: Path) -> Iterator[tuple[str, Path]]:
    """Yield the folders that services have written down: for programs, and for themselves."""
    for name in ("OneDrive", "OneDriveConsumer", "OneDriveCommercial"):
        if environ.get(name):
            yield "OneDrive", Path(environ[name])
    for folder in (environ.get("APPDATA"), environ.get("LOCALAPPDATA")):
        if folder:
            yield from _dropbox_folders(Path(folder) / "Dropbox" / "info.json")
    yield from _dropbox_folders(home / ".dropbox" / "info.json")
    for name in ("Desktop", "Documents"):  # macOS, where both can be in iCloud: it links to them
        linked = home / "Library" / "Mobile Documents" / "com~apple~CloudDocs" / name
        with contextlib.suppress(OSError):
            if os.path.samefile(linked, home / name):
                yield "iCloud", home / name


def _dropbox_folders(info: Path) -> Iterator[tuple[str, Path]]:
    """Yield the folders in Dropbox's info.json (help.dropbox.com, "Locate the Dropbox folder")."""
    with contextlib.suppress(OSError, ValueError, RecursionError):
        accounts = json.loads(info.read_text(encoding="utf-8"))
        for account in accounts.values() if isinstance(accounts, dict) else ():
            path = account.get("path") if isinstance(account, dict) else None
            if isinstance(path, str) and path:
                yield "Dropbox", Path(path)


def _by_team(folder: Path, home: Path) -> str | None:
    """Return Dropbox for a team's folder, such as ``~/Elm Street Dropbox``."""
    parts = Path(os.path.normcase(folder)).parts
    at = len(Path(os.path.normcase(home)).parts)
    inside = _inside(folder, home) and len(parts) > at
    return "Dropbox" if inside and parts[at].casefold().endswith(" dropbox") else None


def _by_mark(folder: Path) -> str | None:
    """Return the service by what it left in the folder or one above it."""
    for place in (folder, *folder.parents):
        if _is_cloud_folder(place):
            return _SOMEBODYS
        for mark, service in _MARKS.items():
            # A folder ``.dropbox`` is the program's own, in the user's home.
            found = place / mark
            if found.is_file() if mark == ".dropbox" else os.path.lexists(found):
                return service
    return None


def _is_cloud_folder(folder: Path) -> bool:
    """Return True if Windows says that a provider of cloud files has this folder."""
    if sys.platform != "win32":
        return False
    with contextlib.suppress(OSError):
        return (os.lstat(folder).st_reparse_tag & _CLOUD_TAG_MASK) == _CLOUD_TAG
    return False


def _inside(folder: Path, root: Path) -> bool:
    """Return True if the folder is the other one or below it. Follows links of ``root``."""
    mine = Path(os.path.normcase(folder))
    return any(
        mine.is_relative_to(os.path.normcase(one)) for one in (root, root.resolve()) if one.is_absolute()
    )
