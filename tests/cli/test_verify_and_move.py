"""`paydesk verify` and `paydesk move-ledger` as an administrator runs them."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
import sqlalchemy as sa

from paydesk.cli.main import run
from paydesk.config.keys import KeyStore
from paydesk.config.paths import Paths
from paydesk.domain.typed.anchors import read_anchor, short_form
from paydesk.domain.world import LIVE
from paydesk.store.cache.cache import SqlCache
from paydesk.store.database.opening import open_file
from paydesk.store.ledger.ledger import SqlLedger
from tests.fakes.postgres import PostgresServer
from tests.fakes.world import Counter, FakeProcessor, FakeSource, StillClock

SETTINGS = """
desk = "Front-1"
ledger_url = "{url}"
[agency]
name = "Elm Street Insurance"
"""


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    """Return a live desk that has taken two payments in its ledger file."""
    paths = Paths(tmp_path)
    KeyStore.of(paths).set("anddone-api-key", "any", in_file=True)  # these tests have no keychain
    store = open_file(paths.ledger_of(LIVE), "live", KeyStore.of(paths).ledger_key)
    clock = StillClock()
    ledger = SqlLedger(
        store.engine,
        clock,
        desk="Front-1",
        user="Dana",
        host="test",
        path=store.place,
        maintenance=store.maintenance,
    )
    source = FakeSource(clock)
    counter = Counter(ledger, SqlCache(store.engine, store.place), source, FakeProcessor(), clock)
    for number in ("50123", "50124"):
        source.owe(number, 100_00)
        counter.pay(number)
    ledger.close()
    paths.settings.write_text(SETTINGS.format(url=""), encoding="utf-8")
    return paths


def damage(paths: Paths, statement: str) -> None:
    """Change the ledger as somebody with the key could."""
    store = open_file(paths.ledger_of(LIVE), "live", KeyStore.of(paths).ledger_key)
    with store.engine.begin() as connection:
        connection.execute(sa.text(statement))
    store.maintenance.close()
    store.engine.dispose()


def paydesk(paths: Paths, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    """Return the exit code, and everything printed."""
    code = run(["--basedir", str(paths.base), *words])
    said = capsys.readouterr()
    return code, said.out + said.err


def test_verify_finds_nothing_wrong(paths: Paths, capsys: pytest.CaptureFixture[str]) -> None:
    code, said = paydesk(paths, capsys, "verify")
    assert (code, said) == (0, "2 payments, 6 events: nothing wrong\n")


def test_verify_says_what_is_wrong(paths: Paths, capsys: pytest.CaptureFixture[str]) -> None:
    damage(paths, "UPDATE payment SET charged_cents = 1 WHERE id = 2")
    code, said = paydesk(paths, capsys, "verify")
    assert code == 1
    assert "(receipt R-000002) and its events differ: charged cents." in said
    assert said.endswith("2 payments, 6 events: 2 things wrong\n")


def test_verify_makes_no_ledger(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, said = paydesk(Paths(tmp_path), capsys, "--training", "verify")
    assert (code, list(tmp_path.glob("*.ledger"))) == (1, [])
    assert "There is no ledger" in said


_NOTED = "UPDATE invoice SET description = 'CC 4111.1111.1111.1111 exp 12/27' WHERE number = '50124'"


def test_verify_cleans_an_old_ledger(
    paths: Paths, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    damage(paths, _NOTED)
    monkeypatch.setattr("builtins.input", lambda _question: "no")
    code, said = paydesk(paths, capsys, "verify", "--redact")
    assert code == 1
    assert said.endswith("Nothing was changed.\n")
    monkeypatch.setattr("builtins.input", lambda _question: " Redact ")
    code, said = paydesk(paths, capsys, "verify", "--redact")
    assert code == 0
    assert "Cleaned: invoice 50124: description\n" in said
    assert "A new backup is made: live-" in said
    assert "4111" not in said
    assert said.endswith("2 payments, 7 events: nothing wrong\n")


def test_old_backups_are_named(paths: Paths, capsys: pytest.CaptureFixture[str]) -> None:
    damage(paths, _NOTED)
    old = paths.base / "backups" / "live-2026-01-01-080000.ledger"
    old.parent.mkdir(exist_ok=True)
    old.write_bytes(b"an older backup")
    code, said = paydesk(paths, capsys, "verify", "--redact", "--yes")
    assert code == 0
    assert f"  {old}\n" in said


def test_a_restored_backup_has_to_be_accepted(paths: Paths, capsys: pytest.CaptureFixture[str]) -> None:
    paths.ledger_of(LIVE).with_name("live.ledger.head").write_text("0123456789abcdef" * 4 + "\n")
    code, said = paydesk(paths, capsys, "verify")
    assert code == 1
    assert "lacks the last event that this desk has recorded" in said
    code, said = paydesk(paths, capsys, "verify", "--accept")
    assert code == 0
    assert "From now on this ledger counts as complete" in said
    assert paydesk(paths, capsys, "verify")[0] == 0


def anchors(paths: Paths) -> list[str]:
    """Return the hash of every event, oldest first."""
    store = open_file(paths.ledger_of(LIVE), "live", KeyStore.of(paths).ledger_key)
    with store.engine.begin() as connection:
        hashes = connection.exec_driver_sql("SELECT hash FROM event ORDER BY seq").scalars().all()
    store.maintenance.close()
    store.engine.dispose()
    return [str(one) for one in hashes]


def test_an_anchor_of_a_sheet_is_found_again(paths: Paths, capsys: pytest.CaptureFixture[str]) -> None:
    third = anchors(paths)[2]
    for spelling in (third, short_form(third), third[:12].upper()):
        code, said = paydesk(paths, capsys, "verify", "--head", spelling)
        assert code == 0
        assert said.splitlines() == [
            f"The ledger contains {read_anchor(spelling)}: event 3 of 2026-08-14 14:00 UTC.",
            "Events up to it, all as they were then: 3. Newer events: 3.",
            "2 payments, 6 events: nothing wrong",
        ]


def test_an_anchor_shows_a_ledger_that_was_replaced_with_its_head_file(
    paths: Paths, capsys: pytest.CaptureFixture[str]
) -> None:
    """An older copy of everything, as somebody with the key can put it back, is whole in itself."""
    last = anchors(paths)[-1]
    for statement in (
        "DROP TRIGGER event_no_delete",
        "DELETE FROM posting WHERE payment_id = 2",
        "DELETE FROM receipt WHERE payment_id = 2",
        "DELETE FROM attempt WHERE payment_id = 2",
        "DELETE FROM hold WHERE payment_id = 2",
        "DELETE FROM payment_line WHERE payment_id = 2",
        "DELETE FROM event WHERE payment_id = 2",
        "DELETE FROM payment WHERE id = 2",
        "UPDATE counter SET value = 1",
        "UPDATE info SET value = (SELECT hash FROM event ORDER BY seq DESC LIMIT 1) WHERE key = 'event_head'",
        "CREATE TRIGGER event_no_delete BEFORE DELETE ON event BEGIN SELECT 1; END",
    ):
        damage(paths, statement)
    paths.ledger_of(LIVE).with_name("live.ledger.head").write_text(anchors(paths)[-1] + "\n")
    assert paydesk(paths, capsys, "verify") == (0, "1 payments, 3 events: nothing wrong\n")
    code, said = paydesk(paths, capsys, "verify", "--head", short_form(last))
    assert code == 1
    assert said.startswith(
        f"The ledger does not contain {read_anchor(short_form(last))}: events were changed"
    )


def test_an_anchor_after_a_changed_event_proves_nothing(
    paths: Paths, capsys: pytest.CaptureFixture[str]
) -> None:
    second, last = anchors(paths)[1], anchors(paths)[-1]
    damage(paths, "DROP TRIGGER event_no_update")
    damage(paths, "UPDATE event SET desk = 'Front-9' WHERE seq = 3")
    code, said = paydesk(paths, capsys, "verify", "--head", last)
    assert code == 1
    assert "But not everything up to it is as it was written. Event 3 was changed after it was" in said
    code, said = paydesk(paths, capsys, "verify", "--head", second)
    assert "Events up to it, all as they were then: 2. Newer events: 4." in said, (
        "what came later is another matter"
    )
    assert code == 1


@pytest.mark.parametrize("text", ["", "12345", "R-000001", "zzzz zzzz zzzz zzzz zzzz"])
def test_what_is_no_anchor_is_refused(paths: Paths, capsys: pytest.CaptureFixture[str], text: str) -> None:
    code, said = paydesk(paths, capsys, "verify", "--head", text)
    assert code == 1
    assert "--head takes at least 12 hex digits" in said


def test_a_ledger_moves_to_a_server(
    paths: Paths,
    capsys: pytest.CaptureFixture[str],
    postgres_server: PostgresServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sys.stdin", StringIO("\n"))  # the tests' server asks nobody for a password
    code, said = paydesk(paths, capsys, "move-ledger")
    assert code == 1
    assert "ledger_url is not set" in said
    with postgres_server.database("template0") as database:
        url = database.url.render_as_string()
        paths.settings.write_text(SETTINGS.format(url=url), encoding="utf-8")
        code, said = paydesk(paths, capsys, "move-ledger")
        assert (code, said.splitlines()[0]) == (0, f"Moved to {database.place}: 2 payments, 2 invoices.")
        code, said = paydesk(paths, capsys, "verify")
        assert (code, said) == (0, "2 payments, 6 events: nothing wrong\n")
        code, said = paydesk(paths, capsys, "move-ledger")
        assert code == 1
        assert "was moved to" in said


def test_on_a_server_the_owner_cleans(
    paths: Paths,
    capsys: pytest.CaptureFixture[str],
    postgres_server: PostgresServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """No desk may change an event there."""
    monkeypatch.setattr("sys.stdin", StringIO("\n" * 3))  # the tests' server asks nobody for a password
    damage(paths, _NOTED)
    with postgres_server.database("template0") as database:
        url = database.url.render_as_string()
        paths.settings.write_text(SETTINGS.format(url=url), encoding="utf-8")
        paydesk(paths, capsys, "move-ledger")
        code, said = paydesk(paths, capsys, "verify", "--redact", "--yes")
        assert "Cleaned: invoice 50124: description\n" in said
        assert "The server's own backups" in said
        assert (code, said.splitlines()[-1]) == (0, "2 payments, 7 events: nothing wrong")
