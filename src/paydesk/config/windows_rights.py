r"""The rights of PayDesk's folder on Windows, if it is not in the user's profile.

A folder such as ``D:\PayDesk`` gets the rights of its drive, where every user of the computer may change
files. ``icacls`` leaves it to this user, the system and the administrators. Its options are those of
Microsoft's page (learn.microsoft.com, windows-commands/icacls, read 2026-11). This was never tried on
Windows.
"""

from __future__ import annotations

import contextlib
import logging
import os
import re
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

from paydesk.domain.errors import KnownError

log = logging.getLogger(__name__)

Run = Callable[[Sequence[str]], str]
"""Runs a program of the system and returns what it prints. Raises OSError or SubprocessError."""

_SYSTEM, _ADMINISTRATORS = "S-1-5-18", "S-1-5-32-544"
_HARMLESS = {_SYSTEM, _ADMINISTRATORS, "SY", "BA", "CO", "OW", "S-1-3-0", "S-1-3-4"}
"""System, administrators, and who makes or owns a file. SDDL has short names for the well-known ones."""
_ENTRY = re.compile(r"\((X?A|OA);([^;)]*);[^;)]*;[^;)]*;[^;)]*;([^;)]+)[;)]")
_SID = re.compile(r"S-1-[0-9-]+")
_EVERYBODY = "WD"


def run_of_system(arguments: Sequence[str]) -> str:
    """Run a program of System32, and none of the same name in another folder."""
    program = Path(os.environ.get("SYSTEMROOT", r"C:\Windows"), "System32", arguments[0])
    done = subprocess.run(  # noqa: S603 - ours, with a whole path
        [str(program), *arguments[1:]],
        capture_output=True,
        text=True,
        errors="replace",
        timeout=20,
        check=True,
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )
    return done.stdout


def keep_private(base: Path, profile: Path, run: Run = run_of_system) -> None:
    """Take the rights of other users from a folder outside the profile. Makes it if it is not there.

    Raises KnownError if others keep rights. Where Windows does not answer, only the log says so.
    """
    if base.resolve().is_relative_to(profile.resolve()):
        return
    try:
        base.mkdir(parents=True, exist_ok=True)
        mine = _own_sid(run)
        if not _others(base, mine, run):
            return
        everything = "(OI)(CI)F"
        grants = [f"*{sid}:{everything}" for sid in (mine, _SYSTEM, _ADMINISTRATORS)]
        run(["icacls.exe", str(base), "/inheritance:r", "/grant:r", *grants, "/Q"])
        left = _others(base, mine, run)
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        log.warning("the rights of the folder are not known: %s", type(error).__name__)
        return
    if left:
        raise KnownError(
            f"Other users of this computer can open the folder {base}.",
            "Ask your administrator to reset its permissions.",
            f'Run: icacls "{base}" /reset   Then start PayDesk again.',
        )


def _own_sid(run: Run) -> str:
    """Return the number by which Windows knows this user. Raises ValueError."""
    found = _SID.search(run(["whoami.exe", "/user", "/fo", "csv", "/nh"]))
    if found is None:
        raise ValueError("no SID")
    return found[0]


def _others(base: Path, mine: str, run: Run) -> set[str]:
    """Return who else may open the folder. Raises ValueError if the answer cannot be read."""
    saved = base / f"rights.{os.urandom(8).hex()}.new"
    try:
        run(["icacls.exe", str(base), "/save", str(saved), "/Q"])
        listed = _text(saved.read_bytes())
    finally:
        with contextlib.suppress(OSError):
            saved.unlink()
    found = next((line for line in listed.splitlines() if line.startswith("D:")), None)
    if found is None:
        raise ValueError("no list of rights")
    if "NO_ACCESS_CONTROL" in found:
        return {_EVERYBODY}
    own = {mine, *(["LA"] if mine.endswith("-500") else [])}
    return {who for _kind, _flags, who in _ENTRY.findall(found)} - own - _HARMLESS


def _text(saved: bytes) -> str:
    return saved.decode("utf-16" if saved[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-16-le")
