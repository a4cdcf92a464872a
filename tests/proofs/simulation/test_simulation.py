"""Thousands of histories in which only the outside world may fail. Run more with ``dev.py simulate``."""

from __future__ import annotations

import pytest

from tests.proofs.simulation.profile import (
    AIMED,
    AIMED_EACH,
    HABITUAL,
    OFFERING,
    OFFERING_HABITUALLY,
    POINTS,
    REFUNDING,
    REFUNDING_HABITUALLY,
)
from tests.proofs.simulation.run import explain, run, run_all
from tests.proving import DAY, PROVING, cases, seeds, tasted

pytestmark = tasted
BATCH = 100
HITS = cases(1, 20)
PLACES = range(0, len(POINTS), cases(4, 1))
HISTORIES = seeds(100, 1000, first=1)
_FIRST = HABITUAL + DAY * 1000 % (AIMED - HABITUAL)
HABITS = range(_FIRST, _FIRST + cases(50, 1000))
OFFER_BATCH = cases(50, 100)
OFFERS = seeds(50, 1000, first=OFFERING)
OFFERS_OF_HABIT = seeds(50, 1000, first=OFFERING_HABITUALLY)
REFUND_BATCH = cases(25, 100)
REFUNDS = seeds(25, 500, first=REFUNDING)
REFUNDS_OF_HABIT = seeds(25, 500, first=REFUNDING_HABITUALLY)
CLOCKS = seeds(25, 500, first=1)
TWICE = seeds(10, 100, first=1)


@pytest.mark.parametrize("first", HISTORIES[::BATCH])
def test_no_history_breaks_an_invariant(first: int) -> None:
    total = run_all(range(first, first + BATCH))
    assert not total.failed, explain(total.failed[0])
    assert total.histories == BATCH


@pytest.mark.parametrize("first", HABITS[::BATCH])
def test_no_habit_of_the_processor_breaks_an_invariant(first: int) -> None:
    """Its answers have other forms: fees not told, numbers for names, look-ups of any shape, odd rows."""
    total = run_all(range(first, min(first + BATCH, HABITS.stop)))
    assert not total.failed, explain(total.failed[0])


@pytest.mark.parametrize("first", [*OFFERS[::BATCH], *OFFERS_OF_HABIT[::BATCH]])
def test_no_payment_link_breaks_an_invariant(first: int) -> None:
    """Links and pages are paid late, taken back, paid while another desk charges, and left by a crash."""
    total = run_all(range(first, first + OFFER_BATCH))
    assert not total.failed, explain(total.failed[0])


@pytest.mark.parametrize("first", [*REFUNDS[::REFUND_BATCH], *REFUNDS_OF_HABIT[::REFUND_BATCH]])
def test_no_refund_breaks_an_invariant(first: int) -> None:
    """Refunds lose their answers, come late or twice, meet those of the portal, fail, and desks die."""
    total = run_all(range(first, first + REFUND_BATCH))
    assert not total.failed, explain(total.failed[0])


@pytest.mark.parametrize("place", PLACES, ids=[" at ".join(POINTS[place]) for place in PLACES])
def test_every_step_is_hit_often_enough(place: int) -> None:
    """The histories above seldom reach the rare steps, but those that are aimed at one do."""
    point, hits = " at ".join(POINTS[place]), 0
    first = AIMED + (DAY * len(POINTS) + place) * AIMED_EACH
    for seed in range(first, first + AIMED_EACH):
        result = run(seed)
        assert not result.violation, explain(seed)
        hits += result.points[point]
        if hits >= HITS:
            return
    pytest.fail(f"{point}: {hits} times")


@pytest.mark.parametrize("first", TWICE[::25])
def test_the_same_seed_is_the_same_history(first: int) -> None:
    for seed in range(first, min(first + 25, TWICE.stop)):
        assert run(seed).digest == run(seed).digest, f"seed {seed}"


@pytest.mark.parametrize("first", CLOCKS[::BATCH])
def test_wrong_clocks_decide_nothing(first: int) -> None:
    """Every clock is wrong by up to ten hours, and everything ends as with right ones.

    One thing is dated: for a day after a posting, a balance that has not fallen may still be an old one
    (``domain/invoices/balance_due.py``). With other clocks that day ends earlier or later, and a clerk who
    tries again just then is refused or not. Less than one history in a hundred has such a clerk.
    """
    other = 0
    for seed in range(first, min(first + BATCH, CLOCKS.stop)):
        skewed = run(seed, skewed=True)
        assert not skewed.violation, f"seed {seed}: {skewed.violation}"
        other += skewed.states != run(seed).states
    assert other <= 1


def test_histories_differ_and_reach_every_end() -> None:
    results = [run(seed) for seed in range(1, cases(41, 201))]
    assert len({result.digest for result in results}) == len(results)
    reached = {state for result in results for state in result.states}
    ends = {"authorized", "declined", "released", "not_charged", "late", "voided"}
    assert reached == ends if PROVING else reached <= ends
