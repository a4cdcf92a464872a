"""`paydesk prepare-ledger` as the owner of a ledger on a server runs it."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest

from paydesk.cli.main import run
from tests.fakes.postgres import PostgresServer

Capture = pytest.CaptureFixture[str]


def prepare(tmp_path: Path, url: str, *words: str) -> int:
    """Run the command with that address in the settings, and return its exit code."""
    (tmp_path / "settings.toml").write_text(f'ledger_url = "{url}"\n[agency]\nname = "Elm"\n')
    return run(["--basedir", str(tmp_path), "prepare-ledger", *words])


@pytest.fixture(autouse=True)
def entered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Enter a password: the tests' server asks for none, and takes any."""
    monkeypatch.setattr("sys.stdin", StringIO("any password\n" * 9))


def test_an_empty_database_becomes_a_ledger_that_desks_can_use(
    tmp_path: Path, capsys: Capture, postgres_server: PostgresServer
) -> None:
    with postgres_server.database("template0") as database:
        url = database.url.render_as_string()
        for _ in range(2):  # again, it changes nothing
            assert prepare(tmp_path, url) == 0
            assert capsys.readouterr().out.splitlines() == [
                f"The ledger {database.place} is ready for this version of PayDesk.",
                "paydesk_desk has the rights of a desk: it can neither change events nor alter tables.",
            ]
        assert run(["--basedir", str(tmp_path), "verify"]) == 0
        assert capsys.readouterr().out == "0 payments, 0 events: nothing wrong\n"
    assert "any password" not in "".join(
        path.read_text(errors="replace") for path in tmp_path.rglob("*") if path.is_file()
    )


def test_another_owner_is_named(tmp_path: Path, capsys: Capture, postgres_server: PostgresServer) -> None:
    with postgres_server.database("template0") as database:
        database.run(f"ALTER DATABASE {database.url.database} OWNER TO paydesk")
        url = database.url.render_as_string()
        assert prepare(tmp_path, url) == 1, "the usual owner may make no table here"
        assert "denies" in capsys.readouterr().err
        assert prepare(tmp_path, url, "--owner", "paydesk") == 0
        assert prepare(tmp_path, url, "--owner", "paydesk_desk") == 1
        assert "paydesk_desk is the desks' role in ledger_url" in capsys.readouterr().err


def test_a_file_needs_no_preparation(tmp_path: Path, capsys: Capture) -> None:
    assert prepare(tmp_path, "") == 1
    assert "ledger_url is not set" in capsys.readouterr().err
    assert not list(tmp_path.glob("*.ledger"))


def test_a_role_that_nobody_made_is_said(
    tmp_path: Path, capsys: Capture, postgres_server: PostgresServer
) -> None:
    with postgres_server.database("template0") as database:
        assert prepare(tmp_path, database.url.set(username="nobody").render_as_string()) == 1
    assert "has no role nobody" in capsys.readouterr().err
