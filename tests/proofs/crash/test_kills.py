"""The real program is killed at every named point and at random instants. Afterwards the books agree."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.proofs.crash import points
from tests.proofs.crash.cycles import MOST_CYCLES, RANDOM, Figures, Victims, make_template, run_cycles, stage
from tests.proving import cases, seeds, tasted, together

pytestmark = [tasted, *together("kills")]
SEEDS = seeds(1, 20)
ALL = (
    *points.PAYING, *points.RECOVERING, *points.POSTING, *points.VOIDING, *points.REFUNDING, *points.OFFERING
)  # fmt: skip
BAD_COMMITS = [point for point in ALL if not points.is_kill(point)]
FEW_SEEDS = seeds(1, 6)
SLEEPING = [point for point in (*points.PAYING, *points.POSTING, *points.VOIDING) if points.is_kill(point)][
    :: cases(6, 1)
]
RANDOM_SEEDS = seeds(MOST_CYCLES // 4, 13 * MOST_CYCLES)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Make a ledger without payments, with its key beside it."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
        yield make_template(tmp_path_factory.mktemp("template"))


def check(figures: Figures, kills: int) -> None:
    """Check that the books agree, and that every kill happened."""
    assert not figures.wrong, "\n".join(figures.wrong)
    assert not figures.unsprung
    assert figures.kills >= kills


@pytest.mark.parametrize("point", [point for point in points.PAYING if points.is_kill(point)])
def test_a_desk_killed_while_it_takes_a_payment(
    point: str, victims: Victims, template: Path, tmp_path: Path
) -> None:
    work = [(point, seed) for seed in SEEDS]
    check(run_cycles(template, tmp_path / "desk", victims, work), len(work))


@pytest.mark.parametrize("point", [point for point in points.RECOVERING if points.is_kill(point)])
def test_a_desk_killed_and_killed_again_while_it_recovers(
    point: str, victims: Victims, template: Path, tmp_path: Path
) -> None:
    work = [(point, seed) for seed in SEEDS]
    check(run_cycles(template, tmp_path / "desk", victims, work), 2 * len(work))


@pytest.mark.parametrize("point", [point for point in points.VOIDING if points.is_kill(point)])
def test_a_desk_killed_while_it_voids_a_payment(
    point: str, victims: Victims, template: Path, tmp_path: Path
) -> None:
    """Afterwards the customer pays once more if the void succeeded, so each invoice is paid once."""
    work = [(point, seed) for seed in SEEDS]
    check(run_cycles(template, tmp_path / "desk", victims, work), len(work))


@pytest.mark.parametrize("point", [point for point in points.OFFERING if points.is_kill(point)])
def test_a_desk_killed_while_it_offers_a_payment(
    point: str, victims: Victims, template: Path, tmp_path: Path
) -> None:
    """Somebody may pay at the address if a screen showed it. Afterwards each charge is one payment."""
    work = [(point, seed) for seed in SEEDS]
    check(run_cycles(template, tmp_path / "desk", victims, work), len(work))


@pytest.mark.parametrize("point", [point for point in points.REFUNDING if points.is_kill(point)])
def test_a_desk_killed_while_it_refunds_a_payment(
    point: str, victims: Victims, template: Path, tmp_path: Path
) -> None:
    """Days after the payment. Afterwards each refund of AndDone's is one row, and none was made twice."""
    work = [(point, seed) for seed in SEEDS]
    check(run_cycles(template, tmp_path / "desk", victims, work), len(work))


@pytest.mark.parametrize(
    "point",
    [
        point
        for point in (
            *points.PAYING,
            *points.RECOVERING,
            *points.VOIDING,
            *points.REFUNDING,
            *points.OFFERING,
        )
        if "commit_" in point
    ],
)
def test_a_commit_that_raises_with_and_without_effect(
    point: str, victims: Victims, template: Path, tmp_path: Path
) -> None:
    check(run_cycles(template, tmp_path / "desk", victims, [(point, seed) for seed in FEW_SEEDS]), 0)


@pytest.mark.parametrize("first", RANDOM_SEEDS[::MOST_CYCLES])
@pytest.mark.parametrize("rollback_journal", [False, True], ids=["wal", "rollback_journal"])
def test_a_desk_killed_at_random_instants(
    first: int, rollback_journal: bool, victims: Victims, template: Path, tmp_path: Path
) -> None:
    """These are more than a thousand payments in all."""
    work = [(RANDOM, seed) for seed in RANDOM_SEEDS if first <= seed < first + MOST_CYCLES]
    figures = run_cycles(template, tmp_path / "desk", victims, work, rollback_journal=rollback_journal)
    check(figures, len(work) // 4)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot stop a process and let it go on")
@pytest.mark.parametrize("point", SLEEPING)
def test_a_desk_that_sleeps_for_two_hours_while_another_resolves_and_pays(
    point: str, victims: Victims, template: Path, tmp_path: Path
) -> None:
    """A closed lid: the desk continues where it was, and the world has not waited for it."""
    with stage(template, tmp_path / "desk", victims, seed=0) as on:
        for seed in seeds(1, 2):
            on.sleep(point, seed)
        check(on.finish(), 0)


def test_control_a_desk_that_finds_no_charges_is_found_out(
    victims: Victims, template: Path, tmp_path: Path
) -> None:
    work = [("charge.arrived", seed) for seed in range(3)]
    figures = run_cycles(template, tmp_path / "desk", victims, work, blind=True)
    found = "\n".join(figures.wrong)
    assert "was charged, and is not_charged in the ledger" in found
    assert "has 2 charges in the end" in found
    assert "the screen said" in found
