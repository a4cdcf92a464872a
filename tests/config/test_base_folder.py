"""The folder of PayDesk's files is closed to everybody else."""

from __future__ import annotations

import logging
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from paydesk.config import base_folder, log, settings_file
from paydesk.config.keys import KeyStore
from paydesk.config.paths import Paths
from paydesk.config.settings import Settings
from paydesk.domain.errors import KnownError
from paydesk.store.database.checkpoint import Checkpoint, Link
from paydesk.store.database.disk import SpareSpace
from paydesk.store.database.head_file import HeadFile

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has ACLs, not modes")


@pytest.mark.parametrize("mode", [0o755, 0o777, 0o770, 0o701, 0o750])
def test_an_open_folder_is_closed(tmp_path: Path, mode: int) -> None:
    tmp_path.chmod(mode)
    base_folder.keep_private(tmp_path)
    assert stat.S_IMODE(tmp_path.stat().st_mode) == mode & 0o700


def test_a_folder_that_is_not_there_is_left_alone(tmp_path: Path) -> None:
    base_folder.keep_private(tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_a_folder_of_another_user_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: tmp_path.stat().st_uid + 1)
    with pytest.raises(KnownError, match="belongs to another user"):
        base_folder.keep_private(tmp_path)


def test_a_folder_that_cannot_be_closed_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tmp_path.chmod(0o755)
    monkeypatch.setattr(Path, "chmod", lambda *_: None)
    with pytest.raises(KnownError, match="its disk has no permissions"):
        base_folder.keep_private(tmp_path)


@pytest.mark.parametrize("place", ["settings.toml", "logs/paydesk.log", "desks", "live.ledger.head"])
def test_a_link_in_a_folder_that_was_open_to_others_is_refused(tmp_path: Path, place: str) -> None:
    base = tmp_path / "base"
    (base / place).parent.mkdir(parents=True)
    (base / place).symlink_to(tmp_path / "victim")
    base_folder.keep_private(base)  # nobody else could have put it there
    base.chmod(0o777)
    for _ in range(2):
        with pytest.raises(KnownError, match="is not a file of yours"):
            base_folder.keep_private(base)
    (base / place).unlink()
    base_folder.keep_private(base)
    assert stat.S_IMODE(base.stat().st_mode) == 0o700


def test_another_users_file_in_a_folder_that_was_open_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = tmp_path / "base"
    base.mkdir()
    (base / "settings.toml").touch()
    base.chmod(0o770)
    real = Path.lstat

    def of_another(path: Path) -> os.stat_result:
        found = list(real(path))
        found[stat.ST_UID] += 1
        return os.stat_result(found)

    monkeypatch.setattr(Path, "lstat", of_another)
    with pytest.raises(KnownError, match=r"settings.toml is not a file of yours"):
        base_folder.keep_private(base)


# ---- files that decide where money goes ---------------------------------------------------------


@pytest.mark.parametrize("mode", [0o666, 0o602, 0o622, 0o777])
@pytest.mark.parametrize("name", ["settings.toml", "training.toml", "keys.json"])
def test_a_file_that_others_may_change_is_refused(tmp_path: Path, name: str, mode: int) -> None:
    paths = Paths(tmp_path)
    reads: dict[str, Callable[[], object]] = {
        "settings.toml": lambda: settings_file.load(paths.settings),
        "training.toml": lambda: settings_file.with_choices(Settings(), paths.training_choices, "", ""),
        "keys.json": lambda: KeyStore.of(paths).get("anddone-api-key"),
    }
    file = tmp_path / name
    file.write_text('{"anddone-api-key": "abc"}' if name == "keys.json" else "[agency]\nname = 'Elm'\n")
    file.chmod(mode)
    with pytest.raises(KnownError, match="Other users of this computer can change the file") as said:
        reads[name]()
    assert said.value.admin.endswith(f"chmod 600 {file}")
    file.chmod(0o644)
    if name != "training.toml":
        reads[name]()


def test_a_file_of_another_user_is_refused_and_one_of_the_administrator_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "settings.toml"
    file.write_text("[agency]\nname = 'Elm'\n")
    if file.stat().st_uid == 0:
        monkeypatch.setattr(os, "geteuid", lambda: 1000)
        assert base_folder.read_own(file)
    real = os.fstat

    def of_another(handle: int) -> os.stat_result:
        found = list(real(handle))
        found[stat.ST_UID] = 4711
        return os.stat_result(found)

    monkeypatch.setattr(os, "fstat", of_another)
    with pytest.raises(KnownError, match="belongs to another user"):
        base_folder.read_own(file)


@pytest.mark.parametrize(
    ("group", "members", "ours"),
    [("dana", [], True), ("dana", ["dana"], True), ("dana", ["kim"], False), ("staff", [], False)],
)
def test_a_group_of_this_user_alone_is_nobody_else(
    tmp_path: Path, group: str, members: list[str], ours: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Debian, Ubuntu and Fedora make such a group for each user, and files that it may change."""
    import grp
    import pwd

    monkeypatch.setattr(pwd, "getpwuid", lambda _uid: pwd.struct_passwd(("dana", "x", 1, 1, "", "", "")))
    monkeypatch.setattr(grp, "getgrgid", lambda _gid: grp.struct_group((group, "x", 1, members)))
    file = tmp_path / "settings.toml"
    file.write_text("x")
    file.chmod(0o664)
    if ours:
        assert base_folder.read_own(file) == b"x"
    else:
        with pytest.raises(KnownError, match="can change the file"):
            base_folder.read_own(file)


def test_a_group_without_a_name_is_somebody_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import grp

    def unknown(_gid: int) -> None:
        raise KeyError

    monkeypatch.setattr(grp, "getgrgid", unknown)
    file = tmp_path / "settings.toml"
    file.write_text("x")
    file.chmod(0o664)
    with pytest.raises(KnownError, match="can change the file"):
        base_folder.read_own(file)


# ---- everything written -------------------------------------------------------------------------


def test_no_planted_link_is_written_through(tmp_path: Path) -> None:
    """Log, checked event, spare file, lock and last event: each would have written into the victim."""
    victim = tmp_path / "victim"
    victim.write_text("do not touch")
    names = ["test.log", "checked", "spare", "head", "keys.json", "setup.lock"]
    for name in names:
        (tmp_path / name).symlink_to(victim)
    record = logging.LogRecord("paydesk", logging.INFO, "", 0, "words", (), None)
    written = log._File(tmp_path / "test.log", maxBytes=10, backupCount=1, encoding="utf-8", delay=True)
    written.emit(record)
    written.close()
    Checkpoint(tmp_path / "checked").write(Link(1, "a" * 64))
    SpareSpace(tmp_path / "spare").fill()
    HeadFile(tmp_path / "head").write("a" * 64)
    HeadFile(tmp_path / "head").accept("b" * 64)
    with pytest.raises(KnownError, match="a link"):
        KeyStore(tmp_path / "keys.json").set("anddone-api-key", "abc", in_file=True)
    (tmp_path / "setup.lock").unlink()
    victim.write_text("{}")
    KeyStore(tmp_path / "keys.json").set("anddone-api-key", "abc", in_file=True)
    assert victim.read_text() == "{}"


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_everything_that_a_start_writes_is_this_persons_alone(tmp_path: Path, umask: int) -> None:
    base = tmp_path / "base"
    command = ["paydesk", "--basedir", str(base), "--debug", "set-key", "anddone-api-key", "--in-file"]
    subprocess.run([sys.executable, "-m", *command], input=b"secret", check=True, umask=umask)
    found = [base, *base.rglob("*")]
    assert {"keys.json", "logs", "paydesk.log"} <= {path.name for path in found}
    assert [path for path in found if stat.S_IMODE(path.stat().st_mode) & 0o077] == []
