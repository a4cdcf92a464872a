"""What every test stands on: no screen, nothing of the person who runs it, and repeatable examples."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.fakes.ledger import LedgerMaker
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


@pytest.fixture
def new_ledger(tmp_path: Path) -> Iterator[LedgerMaker]:
    """Opens desks on one ledger file: ``new_ledger("Front-2")`` is another desk's."""
    with LedgerMaker(tmp_path / "test.ledger") as maker:
        yield maker


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
