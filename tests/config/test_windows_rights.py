"""The folder's rights on Windows, by the documented answers of ``whoami`` and ``icacls``."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from paydesk.config import windows_rights
from paydesk.domain.errors import KnownError

DANA = "S-1-5-21-1004336348-1177238915-682003330-1001"
CLOSED = f"D:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;FA;;;{DANA})"
DRIVE = "D:AI(A;OICIID;FA;;;BA)(A;OICIID;FA;;;SY)(A;OICIID;0x1301bf;;;AU)(A;OICIID;0x1200a9;;;BU)"
"""A folder on a second drive: every user who signed in may change its files."""


class Windows:
    """A computer on which the folder has these rights, and after a change those."""

    def __init__(self, before: str, after: str = CLOSED, sid: str = DANA) -> None:
        self.rights, self._after, self._sid = before, after, sid
        self.said: list[list[str]] = []
        self.mark = b"\xff\xfe"

    def run(self, arguments: Sequence[str]) -> str:
        """Answer as the program does."""
        self.said.append(list(arguments))
        if arguments[0] == "whoami.exe":
            return f'"front-1\\dana","{self._sid}"\r\n' if self._sid else "ERROR: Unable to get user\r\n"
        assert arguments[0] == "icacls.exe"
        if arguments[2] == "/save":
            text = f"{Path(arguments[1]).name}\r\n{self.rights}\r\n"
            Path(arguments[3]).write_bytes(self.mark + text.encode("utf-16-le"))
        else:
            self.rights = self._after
        return "Successfully processed 1 files\r\n"

    @property
    def changes(self) -> list[list[str]]:
        return [said for said in self.said if said[0] == "icacls.exe" and "/save" not in said]


@pytest.fixture
def base(tmp_path: Path) -> Path:
    return tmp_path / "elsewhere" / "PayDesk"


@pytest.fixture
def profile(basedir: Path) -> Path:
    return basedir


def test_a_folder_in_the_profile_is_left_to_windows(profile: Path) -> None:
    windows = Windows(DRIVE)
    windows_rights.keep_private(profile / "AppData" / "PayDesk", profile, windows.run)
    assert windows.said == []


def test_a_folder_elsewhere_is_made_and_closed(base: Path, profile: Path) -> None:
    windows = Windows(DRIVE)
    windows_rights.keep_private(base, profile, windows.run)
    assert windows.changes == [
        [
            "icacls.exe", str(base), "/inheritance:r", "/grant:r", f"*{DANA}:(OI)(CI)F",
            "*S-1-5-18:(OI)(CI)F", "*S-1-5-32-544:(OI)(CI)F", "/Q",
        ]
    ]  # fmt: skip
    assert os.listdir(base) == [], "the list of rights is removed again"
    windows_rights.keep_private(base, profile, windows.run)
    assert len(windows.changes) == 1, "nothing is left to do at the next start"


@pytest.mark.parametrize("mark", [b"", b"\xff\xfe"])
@pytest.mark.parametrize(
    "rights",
    [
        CLOSED,
        f"D:P(A;OICI;FA;;;{DANA})",
        f"D:PAI(A;OICIIO;FA;;;CO)(A;OICI;FA;;;S-1-5-18)(A;OICI;FA;;;S-1-5-32-544)(A;OICI;FA;;;{DANA})",
        f"D:PAI(D;OICI;FA;;;BU)(A;OICI;FA;;;{DANA})S:(AU;SAFA;FA;;;WD)",
    ],
)
def test_a_closed_folder_is_left_alone(rights: str, mark: bytes, base: Path, profile: Path) -> None:
    windows = Windows(rights)
    windows.mark = mark
    windows_rights.keep_private(base, profile, windows.run)
    assert windows.changes == []


@pytest.mark.parametrize(
    "rights",
    [
        "D:(A;;0x1200a9;;;WD)",
        "D:(A;OICI;FR;;;S-1-5-21-1004336348-1177238915-682003330-1002)",
        f"D:(XA;;FX;;;AU;(@User.x==1))(A;;FA;;;{DANA})",
        "D:(OA;;CR;00299570-246d-11d0-a768-00aa006e0529;;BU)",
        "D:NO_ACCESS_CONTROL",
        DRIVE,
    ],
)
def test_a_folder_that_others_keep_is_refused(rights: str, base: Path, profile: Path) -> None:
    windows = Windows(DRIVE, rights)
    with pytest.raises(KnownError, match="Other users of this computer can open the folder") as said:
        windows_rights.keep_private(base, profile, windows.run)
    assert said.value.admin == f'Run: icacls "{base}" /reset   Then start PayDesk again.'


def test_the_computers_own_administrator_is_this_user(base: Path, profile: Path) -> None:
    sid = DANA.replace("-1001", "-500")
    windows = Windows("D:PAI(A;OICI;FA;;;LA)", sid=sid)
    windows_rights.keep_private(base, profile, windows.run)
    assert windows.changes == []
    other = Windows("D:PAI(A;OICI;FA;;;LA)")
    windows_rights.keep_private(base, profile, other.run)
    assert len(other.changes) == 1


def test_a_windows_that_does_not_answer_refuses_nothing(
    base: Path, profile: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(_arguments: Sequence[str]) -> str:
        raise subprocess.TimeoutExpired("icacls.exe", 20)

    for run in (fails, Windows(DRIVE, sid="").run, Windows("no list").run):
        windows_rights.keep_private(base, profile, run)
    assert caplog.text.count("the rights of the folder are not known") == 3


def test_only_a_program_of_the_system_is_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if sys.platform == "win32":
        assert windows_rights._own_sid(windows_rights.run_of_system).startswith("S-1-")
        return
    system = tmp_path / "System32"
    system.mkdir()
    (system / "whoami.exe").write_text("#!/bin/sh\necho system $1\n")
    (system / "whoami.exe").chmod(0o700)
    planted = tmp_path / "planted"
    planted.mkdir()
    (planted / "whoami.exe").write_text("#!/bin/sh\necho planted\n")
    (planted / "whoami.exe").chmod(0o700)
    monkeypatch.setenv("SYSTEMROOT", str(tmp_path))
    monkeypatch.setenv("PATH", str(planted), prepend=os.pathsep)
    assert windows_rights.run_of_system(["whoami.exe", "/user"]) == "system /user\n"
