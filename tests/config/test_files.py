"""Files that other programs hold for a while: tried again within limits, and never half written."""

from __future__ import annotations

import ast
import errno
import os
import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from paydesk.config import files
from paydesk.config.files import patiently, reason, write_whole
from paydesk.config.keys import KeyStore
from paydesk.domain.errors import KnownError
from tests.sources import together, tree

ROOT = Path(__file__).resolve().parents[2]


class Scanner:
    """A virus scanner that holds each file for its first accesses."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, times: int, error: Callable[[], OSError]) -> None:
        self.left, self.error, self.tries = times, error, 0
        self._real = os.replace, os.open
        monkeypatch.setattr(os, "replace", self._replace)

    def _replace(self, source: Path, target: Path) -> None:
        self.tries += 1
        if self.left > 0:
            self.left -= 1
            raise self.error()
        self._real[0](source, target)


def sharing_violation() -> OSError:
    error = PermissionError(13, "The process cannot access the file because it is being used")
    error.winerror = 32  # type: ignore[attr-defined]
    return error


def mapped() -> OSError:
    error = OSError(errno.EINVAL, "a user-mapped section is open")
    error.winerror = 1224  # type: ignore[attr-defined]
    return error


HELD = [
    pytest.param(sharing_violation, id="sharing violation"),
    pytest.param(lambda: PermissionError(13, "Access is denied"), id="access denied"),
    pytest.param(lambda: OSError(errno.EBUSY, "Device or resource busy"), id="busy"),
    pytest.param(mapped, id="mapped"),
]


@pytest.mark.parametrize("error", HELD)
@pytest.mark.parametrize("times", [1, 2, 5])
def test_a_held_file_is_written_as_soon_as_it_is_free(
    times: int, error: Callable[[], OSError], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "keys.json"
    file.write_text("old")
    scanner = Scanner(monkeypatch, times, error)
    write_whole(file, b"new")
    assert file.read_text() == "new"
    assert scanner.tries == times + 1
    assert os.listdir(tmp_path) == ["keys.json"]


@pytest.mark.parametrize("error", HELD)
def test_a_file_that_stays_held_is_left_as_it_was(
    error: Callable[[], OSError], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "keys.json"
    file.write_text("old")
    Scanner(monkeypatch, 10_000, error)
    began = time.monotonic()
    with pytest.raises(OSError) as said:  # noqa: PT011
        write_whole(file, b"new")
    assert 1.0 < time.monotonic() - began < 4.0
    assert reason(said.value) == "another program is using it, or you don't have permission to change it"
    assert file.read_text() == "old"
    assert list(tmp_path.glob("*.new")) == []


def test_other_errors_are_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scanner = Scanner(monkeypatch, 10, lambda: OSError(errno.ENOSPC, "No space left on device"))
    with pytest.raises(OSError, match="No space") as said:
        write_whole(tmp_path / "day.csv", b"new")
    assert scanner.tries == 1
    assert reason(said.value) == "the disk is full"
    assert list(tmp_path.glob("day*")) == []


def test_a_held_file_is_read_as_soon_as_it_is_free(tmp_path: Path) -> None:
    left = [3]

    def read() -> str:
        if left[0]:
            left[0] -= 1
            raise PermissionError(13, "used by another process")
        return "content"

    assert patiently(read) == "content"


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    real, link = tmp_path / "real.csv", tmp_path / "link.csv"
    real.write_text("old")
    link.symlink_to(real)
    if not link.is_symlink():
        pytest.skip("Wine makes no links")
    write_whole(link, b"new")
    assert link.is_symlink()
    assert real.read_text() == "new"


@pytest.mark.skipif(os.name != "posix", reason="a device with a path")
def test_a_device_is_written_to_and_not_replaced() -> None:
    write_whole(Path(os.devnull), b"new")
    assert not Path(os.devnull).is_file()


def test_a_new_file_may_be_read_by_others_unless_it_is_private(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        write_whole(tmp_path / "day.csv", b"x")
        write_whole(tmp_path / "keys.json", b"x", private=True)
    finally:
        os.umask(before)
    if os.name == "posix":
        assert (tmp_path / "day.csv").stat().st_mode & 0o777 == 0o644
        assert (tmp_path / "keys.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(errno.EROFS, "x"), "the disk is write-protected"),
        (FileNotFoundError(errno.ENOENT, "x"), "its folder does not exist"),
        (IsADirectoryError(errno.EISDIR, "x"), "a folder has that name"),
        (OSError(errno.ENAMETOOLONG, "x"), "its name is too long"),
        (OSError(errno.EIO, "Input/output error"), "Input/output error"),
        (OSError(), "OSError"),
    ],
)
def test_a_reason_in_words(error: OSError, said: str) -> None:
    assert reason(error) == said


def test_keys_outlive_a_scanner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first three tries are refused, as in the trial that gave a traceback."""
    store = KeyStore(tmp_path / "keys.json")
    Scanner(monkeypatch, 3, sharing_violation)
    store.set("anddone-api-key", "abc", in_file=True)
    assert store.get("anddone-api-key") == "abc"


def test_keys_that_cannot_be_written_are_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = KeyStore(tmp_path / "keys.json")
    store.set("anddone-api-key", "old", in_file=True)
    monkeypatch.setattr(files, "PATIENCE_S", 0.05)
    Scanner(monkeypatch, 10_000, sharing_violation)
    with pytest.raises(KnownError, match="another program is using it") as said:
        store.set("anddone-api-key", "new", in_file=True)
    assert said.value.next_step.endswith("try again.")
    assert store.get("anddone-api-key") == "old"


ELSEWHERE = {
    "config/files.py": "the one place",
    "sandbox/state.py": "emulators may not import config",
    "tour/__init__.py": "a program for developers",
    "tour/clerk.py": "a program for developers",
    "store/database/backup.py": "SQLite writes the copy; its name is changed patiently",
}


@together
def test_every_whole_file_is_written_in_one_way() -> None:
    """A write or rename elsewhere would have no second try."""
    found = set()
    for file in (ROOT / "src" / "paydesk").rglob("*.py"):
        for node in ast.walk(tree(file)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                name = node.func.attr
                renames = name in ("replace", "rename") and len(node.args) == 1 and not node.keywords
                if renames or name in ("write_text", "write_bytes", "renames"):
                    found.add(file.relative_to(ROOT / "src" / "paydesk").as_posix())
    assert found <= set(ELSEWHERE)


OPENED_ELSEWHERE = {
    "config/files.py": "the one place",
    "store/database/backup.py": "a fresh file with a random name, and its own copy",
    "tour/clerk.py": "a program for developers",
}


@together
def test_every_file_is_opened_for_writing_in_one_way() -> None:
    """``open_private`` follows no link. Another call could write into a file that a link leads to."""
    found = set()
    for file in (ROOT / "src" / "paydesk").rglob("*.py"):
        for node in ast.walk(tree(file)):
            if isinstance(node, ast.Call) and opens_for_writing(node):
                found.add(file.relative_to(ROOT / "src" / "paydesk").as_posix())
    assert found <= set(OPENED_ELSEWHERE), found - set(OPENED_ELSEWHERE)


def opens_for_writing(call: ast.Call) -> bool:
    """Return True for ``os.open``, and for an ``open`` with a mode that writes into a file that is there."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    owner = call.func.value if isinstance(call.func, ast.Attribute) else None
    if name == "open" and isinstance(owner, ast.Name) and owner.id == "os":
        return True
    texts = [
        one.value for one in ast.walk(call) if isinstance(one, ast.Constant) and isinstance(one.value, str)
    ]
    return name == "open" and any(re.fullmatch(r"[rwabt+]*[wa+][rwabt+]*", text) for text in texts)


@pytest.mark.parametrize(
    ("code", "writes"),
    [
        ("open(path, 'w')", True),
        ("path.open('ab')", True),
        ("path.open(mode='r+b')", True),
        ("os.open(path, os.O_RDWR)", True),
        ("path.open('rb')", False),
        ("path.open('x')", False),
        ("path.open('xb+')", False),
        ("path.open()", False),
        ("open_private(path, 1)", False),
    ],
)
def test_a_call_that_writes_is_recognized(code: str, writes: bool) -> None:
    call = ast.parse(code, mode="eval").body
    assert isinstance(call, ast.Call)
    assert opens_for_writing(call) is writes
