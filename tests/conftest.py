"""Fixtures for all tests: no screen, nothing of the user who runs them, and repeatable examples."""

import contextlib
import gc
import logging
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from PySide6.QtCore import QCoreApplication, QEvent

from paydesk.ui.qt import singletons
from paydesk.wiring import known_ledgers
from tests import sources
from tests.fakes.ledger import LedgerMaker, ServerLedgerMaker
from tests.fakes.postgres import CannotStart, PostgresServer, running_server
from tests.fakes.world import Counter, FakeProcessor, FakeSource, StillClock
from tests.proving import PROVING, in_order_of_today, skip_when_time_is_over, tasted

os.environ["QT_QPA_PLATFORM"] = "offscreen"  # before anything imports Qt
singletons.keep()
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"  # never the user's keychain

settings.register_profile("ci", derandomize=not PROVING, deadline=None, print_blob=True)
settings.register_profile("explore", deadline=None, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no test tell this computer of its ledgers, nor find those of another."""
    monkeypatch.setattr(known_ledgers, "notes_folder", lambda: None)


PROOFS = Path(__file__).parent / "proofs"
NOT_COVERED = (tasted.mark, sources.together.mark)
LONGEST_ID = 200
"""Characters of a parameter in the name of a test."""


def pytest_make_parametrize_id(val: object) -> str | None:
    """Shorten the name of a long text: pytest puts it into an environment variable, 32,767 on Windows."""
    if isinstance(val, str) and len(val) > LONGEST_ID:
        return f"{val[:40]}-{len(val)}"
    return None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect the tests that run only in the other of ``dev.py test`` and ``dev.py prove``.

    See ``tests.proving``. A proof is left out of the coverage, and so is what only reads the sources.
    """
    marks = ("proof", "tasted") if PROVING else ("proof",)
    marked: list[pytest.Item] = []
    other: list[pytest.Item] = []
    for item in items:
        (marked if any(map(item.get_closest_marker, marks)) else other).append(item)
        if PROOFS in item.path.parents or any(mark in NOT_COVERED for mark in item.iter_markers()):
            item.add_marker("no_cover")
    items[:], left_out = (in_order_of_today(marked), other) if PROVING else (other, marked)
    if left_out:
        config.hook.pytest_deselected(items=left_out)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Begin no long proof that a slow build server has no time for."""
    skip_when_time_is_over(item)


def pytest_collection_finish() -> None:
    """Collect garbage seldom, and never look at the tests themselves again. It took a sixth of all time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000)


@pytest.fixture(scope="session")
def _homes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of every test's home."""
    return tmp_path_factory.mktemp("homes")


@pytest.fixture(autouse=True)
def basedir(_homes: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Redirect every path that PayDesk writes to into a folder of this test, and return it.

    Few tests need ``tmp_path``. It took 2 ms of each, and more with every test, because it leaves a link.
    """
    home = Path(tempfile.mkdtemp(dir=_homes))
    for name in ("HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(home))
    monkeypatch.setattr("platformdirs.user_data_dir", lambda *_, **__: str(home))
    yield home
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(autouse=True)
def _garbage_on_the_ui_thread(request: pytest.FixtureRequest) -> Iterator[None]:
    """Delete the widgets of a test at its end, on this thread. Another thread that did would end the process.

    The program does so, too (``gc_on_ui_thread``). It also spares the next test the styling of old windows.
    """
    if "qtbot" not in request.fixturenames:
        yield
        return
    gc.disable()
    yield
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect(1)
    gc.enable()


@pytest.fixture(autouse=True)
def no_system_log(monkeypatch: pytest.MonkeyPatch) -> None:
    """Write nothing into the log of the system that runs the tests."""
    monkeypatch.setattr("paydesk.config.system_log.writer", lambda: lambda _line: None)


@pytest.fixture(autouse=True)
def _own_log() -> Iterator[None]:
    """Let each test start its own log, and close its file."""
    root = logging.getLogger("paydesk")
    before, root.handlers = root.handlers, []
    yield
    for handler in root.handlers:
        handler.close()
    root.handlers = before


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """Start a PostgreSQL server for this run when it is first needed.

    Skips, with the reason, if none can run.
    """
    with contextlib.ExitStack() as running:
        try:
            server = running.enter_context(running_server())
        except CannotStart as reason:
            pytest.skip(f"no PostgreSQL runs here: {reason}")
        yield server


@pytest.fixture
def ledger_kind() -> str:
    """Return the engine of ``new_ledger``. The tests of the store and the services run on both."""
    return "sqlite"


@pytest.fixture
def new_ledger(ledger_kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[LedgerMaker]:
    """Open desks on one ledger. ``new_ledger("Front-2")`` is another desk's."""
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
    """Return the clock of every desk on the ledger."""
    return new_ledger.clock


@pytest.fixture
def source(clock: StillClock) -> FakeSource:
    """Return an agency system where nothing is owed yet."""
    return FakeSource(clock)


@pytest.fixture
def processor() -> FakeProcessor:
    """Return a processor that approves everything."""
    return FakeProcessor()


@pytest.fixture
def counter(new_ledger: LedgerMaker, source: FakeSource, processor: FakeProcessor) -> Counter:
    """Return a desk with all of these, on a real ledger file."""
    return Counter(*new_ledger("Front-1"), source, processor, new_ledger.clock)
