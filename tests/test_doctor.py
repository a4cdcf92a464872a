"""``paydesk doctor`` as a person runs it: on a training desk, on a live one, and before there is any."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from paydesk.app import open_desk
from paydesk.checkup import check_up
from paydesk.cli import run
from paydesk.keys import KeyStore
from paydesk.paths import Paths
from paydesk.sandbox import Sandbox, keys
from paydesk.services.doctor import Level
from tests.fakes.postgres import PostgresServer

Capture = pytest.CaptureFixture[str]


def doctor(tmp_path: Path, *arguments: str) -> int:
    return run(["--basedir", str(tmp_path), *arguments])


def test_a_training_desk_is_well(tmp_path: Path, capsys: Capture) -> None:
    open_desk(Paths(tmp_path, training=True)).close()
    assert doctor(tmp_path, "--training", "doctor") == 0
    said = capsys.readouterr().out
    assert "ok   Ledger: " in said
    assert "ok   AMS360: " in said
    assert "ok   AndDone: " in said
    assert said.endswith("All is well.\n")


def test_before_there_are_settings(tmp_path: Path, capsys: Capture) -> None:
    assert doctor(tmp_path, "doctor") == 1
    assert capsys.readouterr().out.startswith("DO   Settings: There are no settings yet")
    assert [path.name for path in tmp_path.iterdir()] == ["home"], "doctor changes nothing"


def test_a_live_desk_without_keys_or_fees(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "settings.toml").write_text('[agency]\nname = "Elm"\n[posting]\nchannel = "none"\n')
    found = list(check_up(Paths(tmp_path)))
    to_do = {finding.about for finding in found if finding.level is Level.DO}
    assert {"Keys", "Fees", "AMS360", "AndDone"} <= to_do
    assert any("paydesk set-key ams360-app-key" in finding.next_step for finding in found)
    assert not list(tmp_path.glob("*.ledger*"))


def test_a_live_desk_with_everything(tmp_path: Path) -> None:
    with Sandbox() as sandbox:
        (tmp_path / "settings.toml").write_text(
            '[agency]\nname = "Elm"\n[posting]\nchannel = "none"\n'
            f'[anddone]\nbase_url = "{sandbox.anddone_url}"\norigin = "{keys.ANDDONE_ORIGIN}"\n'
            f'[ams360]\nbase_url = "{sandbox.ams360_url}"\nagency_no = "{keys.AMS360_AGENCY_NO}"\n'
            '[fees]\nach_limit = "15000.00"\ncredit_card = { percent = "3" }\n'
            'debit_card = { percent = "0" }\nach = { fixed = "3.00" }\n'
        )
        store = KeyStore(tmp_path / "keys.json")
        store.set("anddone-api-key", keys.ANDDONE_API_KEY)
        store.set("anddone-app-key", keys.ANDDONE_APP_KEY)
        store.set("ams360-app-key", keys.AMS360_APP_KEY)
        store.set("ams360-access-key", keys.AMS360_ACCESS_KEY)
        found = list(check_up(Paths(tmp_path)))
        assert [finding for finding in found if finding.level is Level.DO] == []
        notes = [finding.sentence for finding in found if finding.level is Level.NOTE]
        assert any("no keychain" in sentence for sentence in notes), "the keys lie in a file: worth knowing"
        (tmp_path / "keys.json").chmod(stat.S_IRUSR | stat.S_IWUSR | stat.S_IROTH)
        to_do = [finding.sentence for finding in check_up(Paths(tmp_path)) if finding.level is Level.DO]
        assert to_do == [f"Others can read {tmp_path / 'keys.json'}."]


def test_an_agency_that_lives_on_files_needs_nothing_of_ams360(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text(
        '[agency]\nname = "Elm"\n[posting]\nchannel = "none"\n[ams360]\nsource = "files"\n'
    )
    found = list(check_up(Paths(tmp_path)))
    assert all("ams360" not in finding.next_step for finding in found)
    assert [finding.level for finding in found if finding.about == "AMS360"] == [Level.NOTE]


def test_a_ledger_on_a_server(tmp_path: Path, postgres_server: PostgresServer) -> None:
    with postgres_server.database() as database:
        url = f"postgresql+psycopg://paydesk@127.0.0.1:{postgres_server.port}/{database.url.database}"
        (tmp_path / "settings.toml").write_text(
            f'ledger_url = "{url}"\n[agency]\nname = "Elm"\n[posting]\nchannel = "none"\n'
        )
        found = [finding for finding in check_up(Paths(tmp_path)) if finding.about == "Ledger"]
    assert [finding.level for finding in found[:2]] == [Level.DO, Level.WELL]
    assert "belongs to the training desk" in found[0].sentence, "the database of these tests does"
    assert found[1].sentence.endswith("PostgreSQL, durable.")


def test_the_login_of_the_web_service_and_its_banks(tmp_path: Path) -> None:
    paths = Paths(tmp_path, training=True)
    assert [finding for finding in check_up(paths) if finding.about == "WSAPI"] == []
    paths.training_choices.write_text("[wsapi]\n", encoding="utf-8")
    (found,) = (finding for finding in check_up(paths) if finding.about == "WSAPI")
    assert found.level is Level.WELL
    assert found.sentence.endswith("let PayDesk log in to Harbor Street.")


def test_a_bank_that_does_not_exist_is_said(tmp_path: Path) -> None:
    with Sandbox() as sandbox:
        (tmp_path / "settings.toml").write_text(
            '[agency]\nname = "Elm"\n[posting]\nchannel = "ems"\nbank_short_name = "TRUST9"\n'
            f'[ams360]\nagency_no = "{keys.AMS360_AGENCY_NO}"\n'
            f'[wsapi]\nbase_url = "{sandbox.wsapi_url}"\nlogin_id = "{keys.WSAPI_LOGIN_ID}"\n'
        )
        KeyStore(tmp_path / "keys.json").set("wsapi-password", keys.WSAPI_PASSWORD)
        found = [finding for finding in check_up(Paths(tmp_path)) if finding.about == "WSAPI"]
    assert [finding.level for finding in found] == [Level.WELL, Level.DO]
    assert found[1].sentence == "AMS360 has no bank TRUST9 in use."
    assert "TRUST1" in found[1].next_step


def test_what_ams360_answers(tmp_path: Path, capsys: Capture) -> None:
    assert doctor(tmp_path, "--training", "doctor", "--ams360", "INV-50123") == 0
    said = capsys.readouterr().out
    assert "invoice.balance" in said
    assert "Sample Bakery" not in said
    assert doctor(tmp_path, "--training", "doctor", "--ams360", "99999") == 1
    assert doctor(tmp_path, "--training", "doctor", "--ams360", "abc") == 1
    assert "That is not a number." in capsys.readouterr().err
