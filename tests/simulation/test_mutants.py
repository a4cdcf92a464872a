"""Every planted bug is found: first in the history that found it before, else in the first thousand."""

from __future__ import annotations

import pytest

from tests.simulation.mutants import MUTANTS, SEEDS
from tests.simulation.planting import Mutant, found_by, planted
from tests.simulation.run import run

MOST = 1000
"""Histories within which each has to be found."""


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_planted_bug_is_found(mutant: Mutant) -> None:
    with planted(mutant):
        assert run(SEEDS[mutant.name]).violation or found_by(range(1, MOST + 1)), "nothing was seen"


@pytest.mark.parametrize("seed", sorted(set(SEEDS.values())))
def test_without_the_bug_the_same_history_is_clean(seed: int) -> None:
    assert not run(seed).violation


def test_there_are_at_least_forty() -> None:
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS) >= 40
