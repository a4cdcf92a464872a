"""`paydesk verify` and `paydesk move-ledger` as an administrator runs them."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from paydesk.cli import run
from paydesk.keys import KeyStore
from paydesk.paths import Paths
from paydesk.store.cache import InvoiceCache
from paydesk.store.ledger import SqlLedger
from paydesk.store.opening import open_file
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
    """A live desk that has taken two payments in its ledger file."""
    paths = Paths(tmp_path)
    store = open_file(paths.ledger, "live", KeyStore(paths.keys).ledger_key)
    clock = StillClock()
    ledger = SqlLedger(
        store.engine, clock, desk="Front-1", user="Dana", host="test", path=store.place, care=store.care
    )
    source = FakeSource(clock)
    counter = Counter(ledger, InvoiceCache(store.engine, store.place), source, FakeProcessor(), clock)
    for number in ("50123", "50124"):
        source.owe(number, 100_00)
        counter.pay(number)
    ledger.close()
    paths.settings.write_text(SETTINGS.format(url=""), encoding="utf-8")
    return paths


def damage(paths: Paths, statement: str) -> None:
    """Somebody with the key changes the ledger."""
    store = open_file(paths.ledger, "live", KeyStore(paths.keys).ledger_key)
    with store.engine.begin() as connection:
        connection.execute(sa.text(statement))
    store.care.close()
    store.engine.dispose()


def paydesk(paths: Paths, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    """The exit code, and all that was said."""
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


def test_a_restored_backup_has_to_be_accepted(paths: Paths, capsys: pytest.CaptureFixture[str]) -> None:
    paths.ledger.with_name("live.ledger.head").write_text("0123456789abcdef" * 4 + "\n")
    code, said = paydesk(paths, capsys, "verify")
    assert code == 1
    assert "lacks the last event that this desk has recorded" in said
    code, said = paydesk(paths, capsys, "verify", "--accept")
    assert code == 0
    assert "From now on this ledger counts as complete" in said
    assert paydesk(paths, capsys, "verify")[0] == 0


def test_a_ledger_moves_to_a_server(
    paths: Paths, capsys: pytest.CaptureFixture[str], postgres_server: PostgresServer
) -> None:
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
