"""Run histories: one, a range, or a failing one, reduced to what it needs to fail."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass, field

from tests.proofs.simulation.chance import Chance
from tests.proofs.simulation.database import Database
from tests.proofs.simulation.history import History, Result
from tests.proofs.simulation.plan import Plan, draw_plan
from tests.proofs.simulation.profile import draw_profile

_databases: list[Database] = []


def run(
    seed: int,
    dropped: Set[int] = frozenset(),
    allowed: Set[str] | None = None,
    *,
    telling: bool = False,
    skewed: bool = False,
) -> Result:
    """Run the history of a seed.

    It leaves out the actions ``dropped``, limits the faults to ``allowed``, and uses wrong clocks if
    ``skewed``.
    """
    if not _databases:
        _databases.append(Database())
        gc.set_threshold(100_000, 50, 50)  # a history is small and soon over
    return History(seed, _databases[0], dropped, allowed, telling=telling, skewed=skewed).run()


@dataclass(slots=True)
class Total:
    """Totals of many histories."""

    histories: int = 0
    payments: int = 0
    faults: int = 0
    failed: list[int] = field(default_factory=list)
    points: Counter[str] = field(default_factory=Counter)
    states: Counter[str] = field(default_factory=Counter)

    def add(self, result: Result) -> None:
        """Add one result."""
        self.histories += 1
        self.payments += result.payments
        self.faults += len(result.faults)
        self.points += result.points
        self.states += result.states
        if result.violation:
            self.failed.append(result.seed)

    def join(self, other: Total) -> None:
        """Add the totals of another process."""
        self.histories += other.histories
        self.payments += other.payments
        self.faults += other.faults
        self.failed += other.failed
        self.points += other.points
        self.states += other.states

    def __str__(self) -> str:
        return (
            f"{self.histories} histories, {self.payments} payments, {self.faults} faults, "
            f"{len(self.failed)} violations"
        )


def run_all(seeds: Iterable[int]) -> Total:
    """Run many histories."""
    total = Total()
    for seed in seeds:
        total.add(run(seed))
    return total


def shortened(seed: int, violation: str) -> tuple[Set[int], Set[str]]:
    """Return the actions that can be dropped and the faults that are needed for the same violation."""
    dropped: frozenset[int] = frozenset()
    needed = frozenset(run(seed).faults)
    changed = True
    while changed:
        changed = False
        for fewer, faults in _smaller(seed, dropped, needed):
            if run(seed, fewer, faults).violation == violation:
                dropped, needed, changed = fewer, faults, True
                break
    return dropped, needed


def _smaller(
    seed: int, dropped: frozenset[int], needed: frozenset[str]
) -> Iterator[tuple[frozenset[int], frozenset[str]]]:
    actions = range(len(plan_of(seed).actions))
    half = sorted(needed)[: len(needed) // 2]
    if len(half) > 1:
        yield dropped, frozenset(half)
        yield dropped, needed - set(half)
    for place in actions:
        if place not in dropped:
            yield dropped | {place}, needed
    for fault in sorted(needed):
        yield dropped, needed - {fault}


def plan_of(seed: int) -> Plan:
    """Return the plan of a seed."""
    chance = Chance(seed)
    profile = draw_profile(chance)
    return draw_plan(
        chance, jumps=profile.jumps, voids=profile.voids, offers=profile.offers, refunds=profile.refunds
    )


def explain(seed: int) -> str:
    """Return a failing history, shortened, step by step."""
    violation = run(seed).violation
    dropped, needed = shortened(seed, violation)
    result = run(seed, dropped, needed, telling=True)
    actions = [action for place, action in enumerate(plan_of(seed).actions) if place not in dropped]
    return "\n".join(
        [
            f"seed {seed}: {violation}",
            *map(str, actions),
            *(f"fault: {name}" for name in needed),
            "",
            *result.told,
        ]
    )
