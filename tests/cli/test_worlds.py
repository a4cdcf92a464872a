"""A desk at each host of the processor, from its settings to its ledger, ``doctor`` and ``verify``."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from paydesk.cli.main import run
from paydesk.config.keys import KeyStore
from paydesk.config.paths import Paths
from paydesk.domain.errors import KnownError
from paydesk.domain.world import LIVE, TEST, World, world_of
from paydesk.sandbox import Sandbox
from paydesk.sandbox.server import keys
from paydesk.services.desk.doctor import Level
from paydesk.store.database.opening import open_file
from paydesk.wiring.checkup import check_up
from paydesk.wiring.desk import open_desk
from tests.fakes.postgres import PostgresServer

Capture = pytest.CaptureFixture[str]

PRODUCTION, UAT = "https://api.anddone.com", "https://api.uat.anddone.com"


def settings(base: Path, url: str, ledger_url: str = "") -> Paths:
    """Write the settings and keys of a desk that needs the processor alone."""
    (base / "settings.toml").write_text(
        f'ledger_url = "{ledger_url}"\n[agency]\nname = "Elm"\n[ams360]\nsource = "files"\n'
        f'[anddone]\nbase_url = "{url}"\norigin = "{keys.ANDDONE_ORIGIN}"\n'
    )
    paths = Paths(base)
    KeyStore.of(paths).set("anddone-api-key", keys.ANDDONE_API_KEY, in_file=True)
    KeyStore.of(paths).set("anddone-app-key", keys.ANDDONE_APP_KEY, in_file=True)
    return paths


def made(paths: Paths, world: World) -> Path:
    """Make an empty ledger of a world, as the first start at its host does."""
    path = paths.ledger_of(world)
    store = open_file(path, world.name, KeyStore.of(paths).ledger_key)
    store.maintenance.close()
    store.engine.dispose()
    return path


def files(base: Path) -> set[str]:
    return {path.name for path in base.glob("*.ledger")}


def test_each_host_has_its_own_ledger_key_and_backups(tmp_path: Path) -> None:
    ledgers = []
    for _ in range(2):  # the emulator listens on another port each time, so it is another host
        with Sandbox() as sandbox:
            paths = settings(tmp_path, sandbox.anddone_url)
            running = open_desk(paths)
            assert running.desk.settings.world == world_of(sandbox.anddone_url)
            running.close()
            ledgers.append(paths.ledger_of(running.desk.settings.world))
    paths = settings(tmp_path, UAT)
    open_desk(paths).close()
    ledgers.append(paths.ledger_of(TEST))
    open_desk(settings(tmp_path, PRODUCTION)).close()
    ledgers.append(paths.ledger_of(LIVE))
    assert files(tmp_path) == {ledger.name for ledger in ledgers}
    assert len(ledgers) == len({KeyStore.of(paths).ledger_key(ledger) for ledger in ledgers}) == 4


def test_a_file_of_the_test_host_is_refused_by_a_live_desk(tmp_path: Path, capsys: Capture) -> None:
    paths = settings(tmp_path, UAT)
    ledger = made(paths, TEST)
    paths = settings(tmp_path, PRODUCTION)
    for ending in (".ledger", ".ledger.head", ".id"):
        if ledger.with_suffix(ending).exists():
            shutil.copy(ledger.with_suffix(ending), paths.ledger_of(LIVE).with_suffix(ending))
    before = paths.ledger_of(LIVE).read_bytes()
    with pytest.raises(KnownError, match="belongs to the test desk; this is the live desk") as refused:
        open_desk(paths)
    assert refused.value.admin == (
        "Set AndDone's address in the settings back, or give this desk a ledger of its own: "
        "name an empty database in ledger_url, or move that file away."
    )
    assert paths.ledger_of(LIVE).read_bytes() == before
    assert run(["--basedir", str(tmp_path), "verify"]) == 1
    assert "belongs to the test desk" in capsys.readouterr().err
    found = [finding for finding in check_up(paths) if finding.about == "Ledger"]
    assert (found[0].level, found[0].sentence) == (Level.DO, refused.value.sentence)


def test_a_server_of_the_test_host_is_refused_by_a_live_desk(
    tmp_path: Path, postgres_server: PostgresServer
) -> None:
    with postgres_server.database("template0") as database:
        url = database.url.render_as_string()
        postgres_server.prepare(str(database.url.database), "test")
        open_desk(settings(tmp_path, UAT, url)).close()
        for other, name in ((PRODUCTION, "live"), ("http://127.0.0.1:8570", "host 127.0.0.1:8570")):
            with pytest.raises(KnownError, match=f"belongs to the test desk; this is the {name} desk"):
                open_desk(settings(tmp_path, other, url))
        open_desk(settings(tmp_path, UAT, url)).close()
    assert files(tmp_path) == set()


@pytest.mark.parametrize(
    ("url", "level", "words"),
    [
        (PRODUCTION, Level.WELL, "live: payments at api.anddone.com are real."),
        (UAT, Level.NOTE, "TEST HOST api.uat.anddone.com: no money moves."),
        ("http://127.0.0.1:1", Level.NOTE, "NOT LIVE: AndDone's address is 127.0.0.1:1."),
        ("https://api.anddone.com:9", Level.NOTE, "NOT LIVE: AndDone's address is api.anddone.com:9."),
    ],
)
def test_doctor_ends_with_the_world(tmp_path: Path, url: str, level: Level, words: str) -> None:
    (tmp_path / "settings.toml").write_text(
        f'[agency]\nname = "Elm"\n[ams360]\nsource = "files"\n[anddone]\nbase_url = "{url}"\n'
    )
    last = list(check_up(Paths(tmp_path)))[-1]
    assert (last.about, last.level) == ("World", level)
    assert last.sentence.startswith(words)
    assert (f"set anddone.base_url to {PRODUCTION}" in last.next_step) == (level is Level.NOTE)


def test_doctor_names_a_host_of_ams360_that_it_does_not_know(tmp_path: Path) -> None:
    with Sandbox() as sandbox:
        settings(tmp_path, sandbox.anddone_url)
        text = (tmp_path / "settings.toml").read_text()
        ours = f'[ams360]\nbase_url = "{sandbox.ams360_url}"\nagency_no = "{keys.AMS360_AGENCY_NO}"\n'
        (tmp_path / "settings.toml").write_text(text.replace('[ams360]\nsource = "files"\n', ours))
        for name, key in (
            ("ams360-app-key", keys.AMS360_APP_KEY),
            ("ams360-access-key", keys.AMS360_ACCESS_KEY),
        ):
            KeyStore.of(Paths(tmp_path)).set(name, key, in_file=True)
        found = [finding for finding in check_up(Paths(tmp_path)) if finding.about == "World"]
    assert [finding.level for finding in found] == [Level.NOTE, Level.NOTE]
    assert "is not a host of AMS360 that PayDesk knows" in found[0].sentence
