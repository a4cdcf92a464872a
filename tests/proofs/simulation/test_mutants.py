"""Every planted bug is found: by the history that found it before, or one of the first thousand."""

from __future__ import annotations

import pytest

from tests.proofs.simulation import mutants, offer_mutants, refund_mutants
from tests.proofs.simulation.mutants import MUTANTS
from tests.proofs.simulation.offer_mutants import OFFERS
from tests.proofs.simulation.planting import Mutant, found_by, planted
from tests.proofs.simulation.profile import OFFERING, REFUNDING
from tests.proofs.simulation.refund_mutants import REFUNDS
from tests.proofs.simulation.run import run

SEEDS = {**mutants.SEEDS, **offer_mutants.SEEDS, **refund_mutants.SEEDS}
MOST = 1000
"""Number of histories within which each bug must be found."""


@pytest.mark.parametrize("mutant", [*MUTANTS, *OFFERS, *REFUNDS], ids=lambda mutant: mutant.name)
def test_a_planted_bug_is_found(mutant: Mutant) -> None:
    first = OFFERING if mutant in OFFERS else REFUNDING if mutant in REFUNDS else 1
    with planted(mutant):
        assert run(SEEDS[mutant.name]).violation or found_by(range(first, first + MOST)), "nothing was seen"


@pytest.mark.parametrize("seed", sorted(set(SEEDS.values())))
def test_without_the_bug_the_same_history_is_clean(seed: int) -> None:
    assert not run(seed).violation


def test_there_are_at_least_forty() -> None:
    names = [mutant.name for mutant in (*MUTANTS, *OFFERS, *REFUNDS)]
    assert len(set(names)) == len(names) >= 40
