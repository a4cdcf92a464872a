"""Every command on a live desk whose keychain is locked, refuses, fails or does not exist."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from paydesk.cli.main import run
from paydesk.config.keychain import KeychainState
from tests.fakes.keychain import FAULTS, MemoryKeychain, keychain_of

Capture = pytest.CaptureFixture[str]

SETTINGS = """
desk = "Front-1"
time_zone = "America/Chicago"
[agency]
name = "Elm Street Insurance"
[fees]
ach_limit = "15000.00"
credit_card = { percent = "3.50" }
debit_card = { percent = "1.50" }
ach = { fixed = "3.00" }
[anddone]
base_url = "http://127.0.0.1:9"
origin = "https://paydesk.example"
[ams360]
source = "files"
"""

LEDGER = "host-127.0.0.1-9.ledger"
"""The ledger of the host in these settings."""

ONE_OF_EACH = dict(reversed(FAULTS))
"""The first fault of each state."""

SHUT = [state for state in KeychainState if state is not KeychainState.ABSENT]

SAID = {
    KeychainState.LOCKED: "The keychain is locked",
    KeychainState.DENIED: "The keychain denied PayDesk access",
    KeychainState.FAILING: "The keychain isn't working",
    KeychainState.ABSENT: "This computer has no keychain",
}


class Office:
    """A live desk that lives on files, and its keychain."""

    def __init__(self, base: Path, chain: MemoryKeychain, monkeypatch: pytest.MonkeyPatch) -> None:
        self.base, self.chain = base, chain
        self._monkeypatch = monkeypatch
        (base / "settings.toml").write_text(SETTINGS, encoding="utf-8")
        self.report = base / "open.csv"
        self.report.write_text("Invoice,Customer #,Customer,Balance\n50123,1001,Bakery,10.00\n")

    def run(self, *arguments: str, key: str = "") -> int:
        self._monkeypatch.setattr("sys.stdin", io.StringIO(f"{key}\n"))
        return run(["--basedir", str(self.base), *arguments])

    def set_keys(self) -> None:
        for name in ("anddone-api-key", "anddone-app-key"):
            assert self.run("set-key", name, key="secret-one") == 0

    @property
    def in_clear(self) -> str:
        file = self.base / "keys.json"
        return file.read_text() if file.exists() else ""


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    chain = MemoryKeychain()
    with keychain_of(chain):
        yield Office(tmp_path, chain, monkeypatch)


COMMANDS: list[tuple[str, ...]] = [
    ("export",),
    ("verify",),
    ("import", "--list"),
    ("deposit",),
    ("post",),
    ("reconcile",),
    ("forget", "1001"),
]


@pytest.mark.parametrize("state", KeychainState)
@pytest.mark.parametrize("command", COMMANDS, ids=[" ".join(one) for one in COMMANDS])
def test_a_command_says_it_and_touches_nothing(
    command: tuple[str, ...], state: KeychainState, office: Office, capsys: Capture
) -> None:
    office.set_keys()
    assert office.run("import", str(office.report), "--yes") == 0
    ledger = (office.base / LEDGER).read_bytes()
    office.chain.fault = ONE_OF_EACH[state]
    capsys.readouterr()
    assert office.run(*command) == 1
    said = capsys.readouterr().err
    if state is KeychainState.ABSENT and command != ("verify",):
        assert said == (
            "The key anddone-api-key is not set. Set it once with: paydesk set-key anddone-api-key\n"
        )
    else:
        assert said.startswith(f"{SAID[state]}")
        assert "try again" in said
    assert "Traceback" not in said
    assert office.in_clear == ""
    assert (office.base / LEDGER).read_bytes() == ledger


@pytest.mark.parametrize("state", KeychainState)
def test_set_key_never_chooses_the_file(state: KeychainState, office: Office, capsys: Capture) -> None:
    office.set_keys()
    office.chain.fault = ONE_OF_EACH[state]
    assert office.run("set-key", "anddone-api-key", key="secret-three") == 1
    said = capsys.readouterr().err
    assert said.startswith(f"{SAID[state]}")
    assert ": anddone-api-key was not stored." in said
    assert ("--in-file" in said) is (state is KeychainState.ABSENT)
    assert "secret" not in said
    assert office.in_clear == ""
    office.chain.fault = None
    assert office.chain.kept["PayDesk", "anddone-api-key"] == "secret-one"


@pytest.mark.parametrize("state", KeychainState)
def test_set_key_takes_the_file_if_told_to(state: KeychainState, office: Office, capsys: Capture) -> None:
    office.set_keys()
    office.chain.fault = ONE_OF_EACH[state]
    assert office.run("set-key", "anddone-api-key", "--in-file", key="secret-three") == 0
    said = capsys.readouterr().out
    assert "keys.json, in clear text." in said
    assert ("may still have an older one" in said) is (state is not KeychainState.ABSENT)
    assert "secret-three" in office.in_clear


def test_no_key_is_stored_where_none_was_entered(office: Office, capsys: Capture) -> None:
    assert office.run("set-key", "anddone-api-key", key="  ") == 1
    assert capsys.readouterr().err == "No key was entered. Nothing was changed.\n"
    assert office.chain.kept == {}


@pytest.mark.parametrize("state", SHUT)
def test_doctor_names_a_shut_keychain_once(state: KeychainState, office: Office, capsys: Capture) -> None:
    office.set_keys()
    assert office.run("import", str(office.report), "--yes") == 0
    office.chain.fault, office.chain.asked = ONE_OF_EACH[state], 0
    capsys.readouterr()
    assert office.run("doctor") == 1
    said = capsys.readouterr().out.splitlines()
    keys = [line for line in said if line.startswith("DO   Keys:")]
    assert len(keys) == 1
    assert keys[0].startswith(f"DO   Keys: {SAID[state]}")
    skipped = [line for line in said if "Not checked." in line]
    assert [line.split(":")[0] for line in skipped] == ["note Ledger", "note AndDone"]
    assert "missing" not in "".join(said)
    assert office.chain.asked == 1, "each question may open a window of the system"


def test_doctor_tells_that_there_is_no_keychain(office: Office, capsys: Capture) -> None:
    office.chain.fault = ONE_OF_EACH[KeychainState.ABSENT]
    assert office.run("doctor") == 1
    said = capsys.readouterr().out
    assert "DO   Keys: anddone-api-key is not set." in said
    assert "note Keys: This computer has no keychain now." in said
    assert "--in-file" in said


def test_doctor_tells_of_an_older_key_in_the_keychain(office: Office, capsys: Capture) -> None:
    office.set_keys()
    office.chain.fault = ONE_OF_EACH[KeychainState.LOCKED]
    office.run("set-key", "anddone-api-key", "--in-file", key="secret-three")
    office.chain.fault = None
    office.run("doctor")
    said = capsys.readouterr().out
    assert "The keychain also has anddone-api-key. The file's count, because they are newer." in said
