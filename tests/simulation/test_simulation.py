"""Thousands of histories in which nothing may go wrong but the world; more: ``dev.py simulate``."""

from __future__ import annotations

import pytest

from tests.simulation.profile import AIMED, AIMED_EACH, POINTS
from tests.simulation.run import explain, run, run_all

BATCH = 100
HITS = 20


@pytest.mark.parametrize("first", range(1, 1001, BATCH))
def test_no_history_breaks_an_invariant(first: int) -> None:
    total = run_all(range(first, first + BATCH))
    assert not total.failed, explain(total.failed[0])
    assert total.histories == BATCH


@pytest.mark.parametrize("place", range(len(POINTS)), ids=[" at ".join(point) for point in POINTS])
def test_every_step_is_hit_often_enough(place: int) -> None:
    """The histories above seldom reach the rare ones; five thousand and more that are aimed at one do."""
    point, hits = " at ".join(POINTS[place]), 0
    first = AIMED + place * AIMED_EACH
    for seed in range(first, first + AIMED_EACH):
        result = run(seed)
        assert not result.violation, explain(seed)
        hits += result.points[point]
        if hits >= HITS:
            return
    pytest.fail(f"{point}: {hits} times")


@pytest.mark.parametrize("first", range(1, 101, 25))
def test_the_same_seed_is_the_same_history(first: int) -> None:
    for seed in range(first, first + 25):
        assert run(seed).digest == run(seed).digest, f"seed {seed}"


@pytest.mark.parametrize("first", range(1, 501, BATCH))
def test_wrong_clocks_decide_nothing(first: int) -> None:
    """Every clock is wrong by up to ten hours, and all ends as it does by right ones.

    But one thing is dated: for a day after a posting, a balance that has not fallen may still be an old
    one (``domain/owed.py``). By other clocks that day ends sooner or later, and a clerk who tries
    again just then is refused or not; less than one history in a hundred has such a clerk.
    """
    other = 0
    for seed in range(first, first + BATCH):
        skewed = run(seed, skewed=True)
        assert not skewed.violation, f"seed {seed}: {skewed.violation}"
        other += skewed.states != run(seed).states
    assert other <= 1


def test_histories_differ_and_reach_every_end() -> None:
    results = [run(seed) for seed in range(1, 201)]
    assert len({result.digest for result in results}) == len(results)
    reached = {state for result in results for state in result.states}
    assert reached == {"authorized", "declined", "released", "not_charged", "late", "voided"}
