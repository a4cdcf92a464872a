"""Two accounts of one computer, and an account whose folder is gone: no second truth begins by itself."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from paydesk.config.keychain import KeychainError, KeychainState
from paydesk.config.keys import KeyStore
from paydesk.config.paths import Paths
from paydesk.domain.errors import KnownError
from paydesk.domain.world import LIVE
from paydesk.sandbox.server import keys
from paydesk.services.desk.doctor import Finding, Level
from paydesk.wiring import known_ledgers
from paydesk.wiring.checkup import check_up
from paydesk.wiring.desk import open_desk


def desk(base: Path, more: str = "") -> Paths:
    """Write the settings and keys of a live desk that reads files."""
    base.mkdir(parents=True, exist_ok=True)
    (base / "settings.toml").write_text(
        f'{more}\n[agency]\nname = "Elm"\n[ams360]\nsource = "files"\n'
        f'[anddone]\norigin = "{keys.ANDDONE_ORIGIN}"\n'
    )
    paths = Paths(base)
    for name, value in {
        "anddone-api-key": keys.ANDDONE_API_KEY,
        "anddone-app-key": keys.ANDDONE_APP_KEY,
    }.items():
        KeyStore.of(paths).set(name, value, in_file=True)
    return paths


def ledger_of(paths: Paths) -> Path:
    return paths.ledger_of(LIVE)


def about_account(paths: Paths) -> list[Finding]:
    return [finding for finding in check_up(paths) if finding.about == "Account"]


@pytest.fixture
def notes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder that the accounts of this computer share."""
    folder = tmp_path / "all users"
    monkeypatch.setattr(known_ledgers, "notes_folder", lambda: folder)
    return folder


def test_a_second_account_finds_the_ledger_of_the_first(tmp_path: Path, notes: Path) -> None:
    first, second = desk(tmp_path / "anna"), desk(tmp_path / "ben")
    open_desk(first).close()
    before = sorted(path.name for path in second.base.iterdir())
    with pytest.raises(KnownError, match="already has a ledger of PayDesk, in the account") as refused:
        open_desk(second)
    assert str(ledger_of(first)) in refused.value.for_admin
    assert "own_ledger = true" in refused.value.for_admin
    assert sorted(path.name for path in second.base.iterdir()) == before, "nothing was begun"
    open_desk(first).close()
    (told,) = notes.iterdir()
    assert json.loads(told.read_text())["path"] == str(ledger_of(first))


@pytest.mark.skipif(sys.platform == "win32", reason="there, the folder inherits its rights")
def test_every_account_may_read_the_notes_and_leave_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under PayDesk's umask, the folder that the first account made was closed to all others."""
    folder = tmp_path / "PayDesk" / "ledgers"
    monkeypatch.setattr(known_ledgers, "notes_folder", lambda: folder)
    before = os.umask(0o077)
    try:
        known_ledgers.tell(tmp_path / "ledger.db")
    finally:
        os.umask(before)
    modes = [path.stat().st_mode & 0o7777 for path in (folder.parent, folder, *folder.iterdir())]
    assert modes == [0o1777, 0o1777, 0o644]


def test_a_second_ledger_can_be_meant(tmp_path: Path, notes: Path) -> None:
    first, second = desk(tmp_path / "anna"), desk(tmp_path / "ben", "own_ledger = true")
    open_desk(first).close()
    open_desk(second).close()
    assert ledger_of(second).exists()
    levels = {paths.base.name: [one.level for one in about_account(paths)] for paths in (first, second)}
    assert levels == {"anna": [Level.WELL, Level.DO], "ben": [Level.WELL, Level.NOTE]}


def test_a_training_desk_tells_nobody_and_asks_nobody(tmp_path: Path, notes: Path) -> None:
    open_desk(Paths(tmp_path / "training", training=True)).close()
    assert not notes.exists()
    open_desk(desk(tmp_path / "anna")).close()
    open_desk(Paths(tmp_path / "other", training=True)).close()


def test_a_ledger_in_another_account_s_folder_is_found_without_a_note(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    homes = tmp_path / "home"
    for name in ("anna", "ben"):
        desk(homes / name / "paydesk")
    monkeypatch.setattr(Path, "home", lambda: homes / "anna")
    open_desk(Paths(homes / "anna/paydesk")).close()
    monkeypatch.setattr(Path, "home", lambda: homes / "ben")
    with pytest.raises(KnownError, match="in the account anna"):
        open_desk(Paths(homes / "ben/paydesk"))


def test_an_account_whose_folder_was_thrown_away_asks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on Citrix: Windows keeps Credential Manager, and removes the folder at sign-out."""
    kept: dict[str, str] = {}
    monkeypatch.setattr(known_ledgers, "keys_travel", lambda: True)
    monkeypatch.setattr("paydesk.config.keychain.write", kept.__setitem__)
    monkeypatch.setattr("paydesk.config.keychain.read", kept.get)
    open_desk(desk(tmp_path / "monday")).close()
    assert kept[known_ledgers.LEDGER_MADE] == str(tmp_path / "monday/live.ledger")
    with pytest.raises(KnownError, match=r"had a ledger of PayDesk, and .* is gone"):
        open_desk(desk(tmp_path / "tuesday"))
    open_desk(desk(tmp_path / "tuesday", "own_ledger = true")).close()


def test_a_keychain_without_an_answer_stops_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def locked(*_: str) -> None:
        raise KeychainError(KeychainState.LOCKED, "It is locked", "not read", "Unlock it.")

    monkeypatch.setattr(known_ledgers, "keys_travel", lambda: True)
    monkeypatch.setattr("paydesk.config.keychain.write", locked)
    monkeypatch.setattr("paydesk.config.keychain.read", locked)
    known_ledgers.require_only(tmp_path / "live.ledger")
    known_ledgers.tell(tmp_path / "live.ledger")


@pytest.mark.parametrize("text", ["", "[]", "{", '{"account": 1}', "[" * 50_000])
def test_a_note_that_nobody_can_read_is_passed_over(tmp_path: Path, notes: Path, text: str) -> None:
    notes.mkdir()
    (notes / "odd.json").write_text(text)
    assert list(known_ledgers.others(tmp_path / "live.ledger")) == []


def test_a_note_is_short_and_on_one_line(tmp_path: Path, notes: Path) -> None:
    notes.mkdir()
    told = {"account": "a\nb\u202e" + "c" * 5_000, "path": "/x/live.ledger", "since": "2026-01-01"}
    (notes / "odd.json").write_text(json.dumps(told))
    (found,) = known_ledgers.others(tmp_path / "live.ledger")
    assert str(found).isprintable()
    assert len(str(found)) < 300


def test_a_folder_that_nobody_may_write_into_stops_nobody(tmp_path: Path, notes: Path) -> None:
    notes.parent.joinpath(notes.name).write_text("a file")
    known_ledgers.tell(tmp_path / "live.ledger")
    assert list(known_ledgers.others(tmp_path / "live.ledger")) == []


def test_remote_desktop_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SESSIONNAME", "RDP-Tcp#3")
    assert [one.level for one in about_account(desk(tmp_path))] == [Level.WELL, Level.NOTE]
