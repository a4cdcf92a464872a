"""A ledger in a folder that a cloud service synchronizes is refused, and nothing else is."""

from __future__ import annotations

import json
from pathlib import Path, PurePosixPath, PureWindowsPath

import pytest

from paydesk.cli.main import run
from paydesk.domain.errors import KnownError
from paydesk.store.database import cloud_folders
from paydesk.store.database.cloud_folders import by_name, service_of
from paydesk.store.database.opening import open_file
from tests.fakes.ledger import KEY


@pytest.mark.parametrize(
    ("folder", "service"),
    [
        (r"C:\Users\dana\OneDrive\PayDesk", "OneDrive"),
        (r"C:\Users\dana\onedrive\paydesk", "OneDrive"),
        (r"C:\Users\dana\OneDrive - Elm Street\PayDesk", "OneDrive"),
        (r"D:\OneDrive - Elm Street Insurance, Inc\Documents\PayDesk", "OneDrive"),
        (r"C:\Users\dana\Dropbox\PayDesk", "Dropbox"),
        (r"C:\Users\dana\Dropbox (Elm Street)\PayDesk", "Dropbox"),
        (r"C:\Users\dana\My Documents\My Dropbox", "Dropbox"),
        (r"C:\Users\dana\iCloudDrive\PayDesk", "iCloud"),
        (r"C:\Users\dana\iCloud Drive\PayDesk", "iCloud"),
        (r"G:\My Drive\PayDesk", "Google Drive"),
        (r"G:\Shared drives\Elm Street\PayDesk", "Google Drive"),
        (r"C:\Users\dana\My Drive (dana@elm.example)\PayDesk", "Google Drive"),
        (r"C:\Users\dana\Google Drive\PayDesk", "Google Drive"),
        (r"C:\Users\dana\Box\PayDesk", "Box"),
        (r"C:\Users\dana\Box Sync\PayDesk", "Box"),
        (r"P:\pCloud Drive\PayDesk", "pCloud"),
        (r"C:\Users\dana\Proton Drive\dana\My files\PayDesk", "Proton Drive"),
        (r"C:\Users\dana\Nextcloud\PayDesk", "Nextcloud"),
    ],
)
def test_windows_folders_of_a_service(folder: str, service: str) -> None:
    assert by_name(PureWindowsPath(folder).parts) == service


@pytest.mark.parametrize(
    ("folder", "service"),
    [
        ("/Users/dana/Library/Mobile Documents/com~apple~CloudDocs/PayDesk", "iCloud"),
        ("/Users/dana/Library/Mobile Documents/PayDesk", "iCloud"),
        ("/Users/dana/Library/CloudStorage/OneDrive-ElmStreet/PayDesk", "OneDrive"),
        ("/Users/dana/Library/CloudStorage/OneDrive-SharedLibraries-ElmStreet/PayDesk", "OneDrive"),
        ("/Users/dana/Library/CloudStorage/Dropbox/PayDesk", "Dropbox"),
        ("/Users/dana/Library/CloudStorage/Dropbox-Personal/PayDesk", "Dropbox"),
        ("/Users/dana/Library/CloudStorage/GoogleDrive-dana@elm.example/My Drive/PayDesk", "Google Drive"),
        ("/Users/dana/Library/CloudStorage/Box-Box/PayDesk", "Box"),
        ("/Users/dana/Library/CloudStorage/Egnyte-elm/PayDesk", "Egnyte"),
        ("/Users/dana/Library/CloudStorage/Something/PayDesk", "a cloud service"),
        ("/Volumes/GoogleDrive/My Drive/PayDesk", "Google Drive"),
        ("/home/dana/Dropbox/PayDesk", "Dropbox"),
        ("/home/dana/MEGA/PayDesk", "MEGA"),
    ],
)
def test_folders_of_a_service_on_a_mac_and_on_linux(folder: str, service: str) -> None:
    assert by_name(PurePosixPath(folder).parts) == service


@pytest.mark.parametrize(
    "name",
    [
        "My OneDrive notes", "OneDrive_old", "OneDriveBackup", "OneDrive-", "NoOneDrive", "Dropboxes",
        "dropbox-export", "Dropbox notes", "Inbox", "Boxes", "box", "Sandbox", "google drive keys",
        "iCloud notes", "icloud", "My Drive-in Theater", "My Drives", "Mobile Documents", "CloudStorage",
        "Cloud", "Omega", "PayDesk", "Elm Street", "Sync", "Documents",
    ],
)  # fmt: skip
def test_other_folders_are_nobodys(name: str, tmp_path: Path) -> None:
    folder = tmp_path / name / "PayDesk"
    folder.mkdir(parents=True)
    assert service_of(folder, {}, tmp_path / "home") is None


@pytest.mark.parametrize("variable", ["OneDrive", "OneDriveConsumer", "OneDriveCommercial"])
def test_the_folder_that_onedrive_tells_to_programs(variable: str, tmp_path: Path) -> None:
    root = tmp_path / "Elm Street" / "Files"
    environ = {variable: str(root)}
    assert service_of(root, environ, tmp_path) == "OneDrive"
    assert service_of(root / "Documents" / "PayDesk", environ, tmp_path) == "OneDrive"
    assert service_of(tmp_path / "Elm Street" / "Files too", environ, tmp_path) is None
    assert service_of(tmp_path, {variable: ""}, tmp_path) is None


@pytest.mark.parametrize("where", ["APPDATA", "LOCALAPPDATA", "home"])
def test_the_folders_that_dropbox_has_written_down(where: str, tmp_path: Path) -> None:
    home, data = tmp_path / "home", tmp_path / "data"
    info = home / ".dropbox" / "info.json" if where == "home" else data / "Dropbox" / "info.json"
    info.parent.mkdir(parents=True)
    personal, business = tmp_path / "Private", tmp_path / "Elm"
    found = {"personal": {"path": str(personal)}, "business": {"path": str(business), "host": 1}}
    info.write_text(json.dumps(found))
    environ = {} if where == "home" else {where: str(data)}
    assert service_of(personal / "PayDesk", environ, home) == "Dropbox"
    assert service_of(business, environ, home) == "Dropbox"
    assert service_of(tmp_path / "Other", environ, home) is None


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "null", '{"personal": 1}', '{"personal": {"path": 3}}', '{"a": {"path": ""}}']
)
def test_a_strange_info_file_says_nothing(content: str, tmp_path: Path) -> None:
    (tmp_path / ".dropbox").mkdir()
    (tmp_path / ".dropbox" / "info.json").write_text(content)
    assert service_of(tmp_path / "PayDesk", {}, tmp_path) is None


@pytest.mark.parametrize(
    ("mark", "service"),
    [
        (".849C9593-D756-4E56-8D6E-42412F2A707B", "OneDrive"),
        (".dropbox", "Dropbox"),
        (".nextcloudsync.log", "Nextcloud"),
    ],
)
def test_a_file_that_a_service_left(mark: str, service: str, tmp_path: Path) -> None:
    top = tmp_path / "Files"
    folder = top / "Office" / "PayDesk"
    folder.mkdir(parents=True)
    (top / mark).write_text("")
    assert service_of(folder, {}, tmp_path / "home") == service
    assert service_of(tmp_path, {}, tmp_path / "home") is None


@pytest.mark.parametrize(
    ("mark", "service"),
    [
        (".tmp.drivedownload", "Google Drive"),
        (".tmp.driveupload", "Google Drive"),
        (".dropbox.cache", "Dropbox"),
        (".stfolder", "Syncthing"),
    ],
)
def test_a_folder_that_a_service_left(mark: str, service: str, tmp_path: Path) -> None:
    (tmp_path / "Files" / mark).mkdir(parents=True)
    assert service_of(tmp_path / "Files" / "PayDesk", {}, tmp_path / "home") == service


def test_dropboxs_own_folder_in_the_home_is_no_mark(tmp_path: Path) -> None:
    (tmp_path / ".dropbox").mkdir()
    assert service_of(tmp_path / "PayDesk", {}, tmp_path) is None


def test_a_teams_dropbox_in_the_home(tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert service_of(home / "Elm Street Dropbox" / "Dana" / "PayDesk", {}, home) == "Dropbox"
    assert service_of(tmp_path / "Elm Street Dropbox" / "PayDesk", {}, home) is None
    assert service_of(home, {}, home) is None


def test_documents_that_are_in_icloud(tmp_path: Path) -> None:
    home = tmp_path / "home"
    clouds = home / "Library" / "Mobile Documents" / "com~apple~CloudDocs"
    clouds.mkdir(parents=True)
    (home / "Documents").mkdir()
    (home / "Desktop").mkdir()
    (clouds / "Desktop").mkdir()  # another one, made by hand
    assert service_of(home / "Documents" / "PayDesk", {}, home) is None
    (clouds / "Documents").symlink_to(home / "Documents")
    assert service_of(home / "Documents" / "PayDesk", {}, home) == "iCloud"
    assert service_of(home / "Desktop" / "PayDesk", {}, home) is None


def test_a_link_counts_for_both_its_ends(tmp_path: Path) -> None:
    real = tmp_path / "OneDrive - Elm Street" / "PayDesk"
    real.mkdir(parents=True)
    (tmp_path / "desk").symlink_to(real)
    assert service_of(tmp_path / "desk", {}, tmp_path) == "OneDrive"
    (tmp_path / "Dropbox").symlink_to(tmp_path / "elsewhere")
    assert service_of(tmp_path / "Dropbox" / "PayDesk", {}, tmp_path) == "Dropbox"


def test_windows_says_that_a_folder_is_a_services(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cloud_folders, "_is_cloud_folder", lambda folder: folder == tmp_path)
    assert service_of(tmp_path / "PayDesk", {}, tmp_path / "home") == "a cloud service"


# ---- the ledger -----------------------------------------------------------------------------


def test_a_ledger_is_not_opened_there(tmp_path: Path) -> None:
    path = tmp_path / "OneDrive - Elm Street" / "PayDesk" / "live.ledger"
    with pytest.raises(KnownError, match="OneDrive syncs the folder") as said:
        open_file(path, "live", lambda _: KEY)
    assert "--basedir" in said.value.admin
    assert list(path.parent.iterdir()) == []


def test_doctor_tells(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    base = tmp_path / "OneDrive - Elm Street" / "PayDesk"
    assert run(["--basedir", str(base), "--training", "doctor"]) == 1
    said = capsys.readouterr().out
    assert f"DO   Ledger: OneDrive syncs the folder {base}" in said


def test_doctor_tells_of_keys_in_clear_text_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    base = tmp_path / "Dropbox" / "PayDesk"
    base.mkdir(parents=True)
    (base / "settings.toml").write_text('[agency]\nname = "Elm"\n[ams360]\nsource = "files"\n')
    (base / "keys.json").write_text('{"anddone-api-key": "a", "anddone-app-key": "b"}')
    (base / "keys.json").chmod(0o600)
    assert run(["--basedir", str(base), "doctor"]) == 1
    assert "DO   Keys: Dropbox copies the keys in " in capsys.readouterr().out
