"""What every test stands on: no screen, nothing of the person who runs it, and repeatable examples."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.fakes.ledger import LedgerMaker, ServerLedgerMaker
from tests.fakes.postgres import CannotStart, PostgresServer, running_server
from tests.fakes.world import Counter, FakeProcessor, FakeSource, StillClock

os.environ["QT_QPA_PLATFORM"] = "offscreen"  # before anything imports Qt
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"  # never the keychain of who runs this

settings.register_profile("ci", derandomize=True, deadline=None, print_blob=True)
settings.register_profile("explore", deadline=None, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


@pytest.fixture(autouse=True)
def basedir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Point every path PayDesk writes to at a folder of this test alone, and return it."""
    home = tmp_path / "home"
    home.mkdir()
    for name in ("HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(home))
    monkeypatch.setattr("platformdirs.user_data_dir", lambda *_, **__: str(home))
    return home


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A PostgreSQL of this run's own, started when first asked for; skips, saying why, where none can run."""
    with contextlib.ExitStack() as running:
        try:
            server = running.enter_context(running_server())
        except CannotStart as reason:
            pytest.skip(f"no PostgreSQL runs here: {reason}")
        yield server


@pytest.fixture
def ledger_kind() -> str:
    """On which engine ``new_ledger`` opens desks; the tests of the store and the services run on both."""
    return "sqlite"


@pytest.fixture
def new_ledger(ledger_kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[LedgerMaker]:
    """Opens desks on one ledger: ``new_ledger("Front-2")`` is another desk's."""
    path = tmp_path / "test.ledger"
    with contextlib.ExitStack() as opened:
        if ledger_kind == "sqlite":
            yield opened.enter_context(LedgerMaker(path))
        else:
            server: PostgresServer = request.getfixturevalue("postgres_server")
            database = opened.enter_context(server.database())
            yield opened.enter_context(ServerLedgerMaker(database, path))


@pytest.fixture
def clock(new_ledger: LedgerMaker) -> StillClock:
    """The clock of every desk on the ledger."""
    return new_ledger.clock


@pytest.fixture
def source(clock: StillClock) -> FakeSource:
    """An agency system with nothing owed yet."""
    return FakeSource(clock)


@pytest.fixture
def processor() -> FakeProcessor:
    """A processor that approves everything."""
    return FakeProcessor()


@pytest.fixture
def counter(new_ledger: LedgerMaker, source: FakeSource, processor: FakeProcessor) -> Counter:
    """A desk in front of them, on a real ledger file."""
    return Counter(*new_ledger("Front-1"), source, processor, new_ledger.clock)
