"""``paydesk doctor`` as a person runs it: on a training desk, on a live one, and without any desk."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
import sqlalchemy as sa

from paydesk.cli.main import run
from paydesk.config.keys import KeyStore
from paydesk.config.paths import Paths
from paydesk.domain.events import EventKind
from paydesk.domain.world import TRAINING
from paydesk.gateways.anddone.probe import CARD
from paydesk.sandbox import Habit, Sandbox
from paydesk.sandbox.server import keys
from paydesk.services.desk.doctor import Finding, Level
from paydesk.wiring.checkup import check_up
from paydesk.wiring.desk import open_desk
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


def test_a_ledger_without_its_record_is_told(tmp_path: Path, capsys: Capture) -> None:
    paths = Paths(tmp_path, training=True)
    running = open_desk(paths)
    running.desk.ledger.note(None, EventKind.IDENTIFIED, {"customer": "1001", "by": "phone"})
    running.close()
    paths.ledger_of(TRAINING).with_name("training.ledger.head").unlink()
    assert doctor(tmp_path, "--training", "doctor") == 1
    assert "DO   Ledger: " in (said := capsys.readouterr().out)
    assert "training.ledger.head, which names the last one, is missing or damaged" in said
    assert "docs/ledger.md, Restoring" in said


def test_before_there_are_settings(tmp_path: Path, capsys: Capture) -> None:
    assert doctor(tmp_path, "doctor") == 1
    assert capsys.readouterr().out.startswith("DO   Settings: There are no settings yet")
    assert list(tmp_path.iterdir()) == [], "doctor changes nothing"


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
        store.set("anddone-api-key", keys.ANDDONE_API_KEY, in_file=True)
        store.set("anddone-app-key", keys.ANDDONE_APP_KEY)
        store.set("ams360-app-key", keys.AMS360_APP_KEY)
        store.set("ams360-access-key", keys.AMS360_ACCESS_KEY)
        found = list(check_up(Paths(tmp_path)))
        assert [finding for finding in found if finding.level is Level.DO] == []
        notes = [finding.sentence for finding in found if finding.level is Level.NOTE]
        assert any("in clear text" in sentence for sentence in notes), "the keys lie in a file: worth knowing"
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
        found = ledger_findings(tmp_path, database.url)
        assert [finding.level for finding in found[:3]] == [Level.DO, Level.WELL, Level.WELL]
        assert "belongs to the training desk" in found[0].sentence, "the database of these tests does"
        assert found[1].sentence == "paydesk_desk can neither change events nor alter tables."
        assert found[2].sentence.endswith("PostgreSQL, durable.")
        for url, reason in (
            (database.owner_url, "it owns the database"),
            (database.admin_url, "a superuser"),
        ):
            (said,) = (one for one in ledger_findings(tmp_path, url) if "must not use" in one.sentence)
            assert (said.level, reason in said.sentence) == (Level.DO, True)
        database.run("GRANT DELETE ON payment TO paydesk_desk")
        database.run("REVOKE INSERT ON void FROM paydesk_desk")
        rights = [one for one in ledger_findings(tmp_path, database.url) if "paydesk_desk" in one.sentence]
    assert [(one.level, one.sentence) for one in rights] == [
        (Level.DO, "paydesk_desk has rights that no desk needs: DELETE on payment."),
        (Level.DO, "paydesk_desk lacks rights of a desk: INSERT on void."),
    ]
    assert all(one.next_step.endswith("paydesk prepare-ledger") for one in rights)


def ledger_findings(tmp_path: Path, url: sa.URL) -> list[Finding]:
    """Return what doctor finds about the ledger on a server."""
    (tmp_path / "settings.toml").write_text(
        f'ledger_url = "{url.render_as_string()}"\n[agency]\nname = "Elm"\n[posting]\nchannel = "none"\n'
    )
    return [finding for finding in check_up(Paths(tmp_path)) if finding.about == "Ledger"]


def test_an_empty_server_is_prepared_by_its_owner(tmp_path: Path, postgres_server: PostgresServer) -> None:
    with postgres_server.database("template0") as database:
        empty, *others = ledger_findings(tmp_path, database.url)
    assert empty.sentence.endswith("is empty.")
    assert empty.next_step.endswith("paydesk prepare-ledger")
    assert [finding.level for finding in others] == [Level.WELL]


def test_the_login_of_the_web_service_and_its_banks(tmp_path: Path) -> None:
    paths = Paths(tmp_path, training=True)
    assert [finding for finding in check_up(paths) if finding.about == "WSAPI"] == []
    paths.training_choices.write_text("[wsapi]\n", encoding="utf-8")
    (found,) = (finding for finding in check_up(paths) if finding.about == "WSAPI")
    assert found.level is Level.WELL
    assert found.sentence.startswith("PayDesk can sign in to Harbor Street at ")


def test_a_bank_that_does_not_exist_is_said(tmp_path: Path) -> None:
    with Sandbox() as sandbox:
        (tmp_path / "settings.toml").write_text(
            '[agency]\nname = "Elm"\n[posting]\nchannel = "ems"\nbank_short_name = "TRUST9"\n'
            f'[ams360]\nagency_no = "{keys.AMS360_AGENCY_NO}"\n'
            f'[wsapi]\nbase_url = "{sandbox.wsapi_url}"\nlogin_id = "{keys.WSAPI_LOGIN_ID}"\n'
        )
        KeyStore(tmp_path / "keys.json").set("wsapi-password", keys.WSAPI_PASSWORD, in_file=True)
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


def settings_for(tmp_path: Path, url: str, more: str = "") -> None:
    """Write the settings and keys of a live desk that needs AndDone alone."""
    (tmp_path / "settings.toml").write_text(
        '[agency]\nname = "Elm"\n[posting]\nchannel = "none"\n[ams360]\nsource = "files"\n'
        '[fees]\nach_limit = "15000.00"\ncredit_card = { percent = "3.50" }\n'
        'debit_card = { percent = "0" }\nach = { fixed = "3.00" }\n'
        f'[anddone]\nbase_url = "{url}"\norigin = "{keys.ANDDONE_ORIGIN}"\n{more}'
    )
    store = KeyStore(tmp_path / "keys.json")
    store.set("anddone-api-key", keys.ANDDONE_API_KEY, in_file=True)
    store.set("anddone-app-key", keys.ANDDONE_APP_KEY, in_file=True)


def test_what_anddone_answers(tmp_path: Path, capsys: Capture) -> None:
    with Sandbox() as sandbox:
        settings_for(tmp_path, sandbox.anddone_url)
        assert doctor(tmp_path, "doctor", "--anddone") == 0
        said = capsys.readouterr().out
        assert sandbox.charges() == []
    assert said.startswith(f"AndDone at {sandbox.anddone_url}. No money moves.\n")
    assert "assumed" in said.splitlines()[2]
    assert "ok  Unpaid intent  404 with a key" in said
    assert "?   Fee            told" in said
    assert said.endswith("0 differ, 4 could not be found out.\n")
    assert not list(tmp_path.glob("*.ledger*")), "it opens no ledger"


def test_a_setting_to_change_is_named_and_ends_it(tmp_path: Path, capsys: Capture) -> None:
    with Sandbox(habits=[Habit.FEE_IN_ADJUSTMENT]) as sandbox:
        settings_for(tmp_path, sandbox.anddone_url)
        assert doctor(tmp_path, "doctor", "--anddone", "--test-card") == 1
        said = capsys.readouterr().out
        assert "anddone.fee_in_adjustment = true" in said
        assert "".join(CARD.number) not in said
        assert said.endswith("1 differ, 2 could not be found out.\n")
        settings_for(tmp_path, sandbox.anddone_url, "fee_in_adjustment = true\n")
        assert doctor(tmp_path, "doctor", "--anddone", "--test-card") == 0


def test_the_test_card_is_for_the_test_host(tmp_path: Path, capsys: Capture) -> None:
    for url in ("https://api.anddone.com", "https://relay.elmstreet.example"):
        settings_for(tmp_path, url)
        assert doctor(tmp_path, "doctor", "--anddone", "--test-card") == 1
        assert capsys.readouterr().err == (
            "The test card is for AndDone's test host, and the settings name another. "
            "Leave out --test-card, or set anddone.base_url to the test host.\n"
        )


def test_a_training_desk_asks_its_emulator(tmp_path: Path, capsys: Capture) -> None:
    assert doctor(tmp_path, "--training", "doctor", "--test-card") == 0
    assert "ok  Void             canceled" in capsys.readouterr().out


def test_payments_in_the_list_that_cannot_be_read_are_worth_knowing(tmp_path: Path) -> None:
    with Sandbox(habits=[Habit.STRANGE_ROWS]) as sandbox:
        settings_for(tmp_path, sandbox.anddone_url)
        found = [finding for finding in check_up(Paths(tmp_path)) if finding.about == "AndDone"]
    assert [finding.level for finding in found] == [Level.WELL, Level.NOTE]
    assert found[1].sentence == "PayDesk cannot read 4 of today's 12 payments in its list in full."
