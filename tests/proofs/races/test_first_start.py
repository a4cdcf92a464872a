"""Two first starts at once make one key and one ledger. The next start finishes one that was cut short."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import sqlalchemy as sa

from paydesk.config.keys import KeyStore
from paydesk.config.paths import Paths
from paydesk.domain.world import LIVE
from paydesk.store.database.opening import reading_file
from paydesk.store.tables import schema
from tests.proofs.races import first_start
from tests.proofs.races.first_start import POINTS, Place, doomed, keychain_in, prepared, runner, start
from tests.proofs.races.racer import WAIT_S, processes
from tests.proving import cases, tasted

every_place = pytest.mark.parametrize("place", Place)


def race(folders: list[Paths], *acts: str) -> list[tuple[str, str, str]]:
    """Act at once in each folder. Returns folder, name and answer of each act."""
    context = processes()
    together, said = context.Barrier(len(acts)), context.Queue()
    names = [f"{act}{place}" for place, act in enumerate(acts)]
    running = [
        context.Process(target=runner, args=(getattr(first_start, act), name, folders, together, said))
        for act, name in zip(acts, names, strict=True)
    ]
    for one in running:
        one.start()
    answers = [said.get(timeout=WAIT_S) for _ in folders for _ in acts]
    for one in running:
        one.join()
    return answers


def written_by(paths: Paths) -> list[str]:
    """Open the ledger with its key, and return the desks of its events."""
    with (
        keychain_in(paths),
        reading_file(paths.ledger_of(LIVE), LIVE.name, KeyStore.of(paths).ledger_key) as engine,
        engine.begin() as connection,
    ):
        return sorted(connection.execute(sa.select(schema.event.c.desk)).scalars())


@tasted
@every_place
def test_two_first_starts_at_once_share_one_key(place: Place, tmp_path: Path) -> None:
    folders = [prepared(tmp_path / f"desk{turn}", place) for turn in range(cases(3, 25))]
    answers = race(folders, "start", "start")
    assert [answer for answer in answers if answer[2]] == []
    assert [written_by(paths) for paths in folders] == [["start0", "start1"]] * len(folders)


@tasted
@every_place
def test_set_key_beside_a_first_start_loses_no_key(place: Place, tmp_path: Path) -> None:
    folders = [prepared(tmp_path / f"desk{turn}", place) for turn in range(cases(3, 25))]
    answers = race(folders, "start", "set_keys", "set_keys")
    assert [answer for answer in answers if answer[2]] == []
    for paths in folders:
        kept = json.loads(paths.keys.read_text())
        wanted = {f"set_keys{place}-{turn}" for place in (1, 2) for turn in range(5)}
        assert wanted <= set(kept)
        assert written_by(paths) == ["start0"]


@tasted
@pytest.mark.parametrize("place", cases([Place.KEYCHAIN], list(Place)))
@pytest.mark.parametrize("point", POINTS)
def test_a_first_start_that_was_cut_short_is_finished_by_the_next(
    point: str, place: Place, tmp_path: Path
) -> None:
    paths = prepared(tmp_path / "desk", place)
    child = processes().Process(target=doomed, args=(paths, point))
    child.start()
    child.join()
    assert child.exitcode == 9, "it died there"
    with keychain_in(paths):
        assert start(paths, "Next") == ""
    assert written_by(paths) == ["Next"]
