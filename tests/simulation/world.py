"""One history's world: its time, chance, faults, parties, and the log that must be the same every time."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Set
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tests.simulation.agency import Bill
from tests.simulation.chance import Chance
from tests.simulation.database import Database
from tests.simulation.processor import SimulatedAndDone
from tests.simulation.profile import draw_profile
from tests.simulation.schedule import Abandoned, Schedule

if TYPE_CHECKING:
    from tests.simulation.desk import Desk

START = datetime(2026, 8, 14, 14, 0, tzinfo=UTC)


class World:
    """Everything in a history but its desks' code."""

    def __init__(self, seed: int, database: Database, allowed: Set[str] | None, *, telling: bool) -> None:
        """``allowed`` limits the faults to those of these names; ``telling`` keeps the log as text."""
        self.chance = Chance(seed)
        self.profile = draw_profile(self.chance)
        self.schedule = Schedule(self.chance)
        self.database = database
        self.anddone = SimulatedAndDone(START, self.schedule, self.chance, self.profile, self.strikes)
        self.bills: dict[str, Bill] = {}
        self.posted: Counter[str] = Counter()
        """Receipts that AMS360 has, by payment reference."""
        self.desks: list[Desk] = []
        self.faults_on = True
        self.faults: list[str] = []
        """Those that struck, by name."""
        self.points: Counter[str] = Counter()
        """How often which kind struck where."""
        self.outages: list[tuple[float, float]] = []
        self.agency_outages: list[tuple[float, float]] = []
        self.ledger_shift_s = 0.0
        self.desk_doing: tuple[Desk | None, str] = (None, "")
        """Whose ledger call is running, and which."""
        self.violation = ""
        self._allowed = allowed
        self._occurred: Counter[str] = Counter()
        self._digest = hashlib.sha256()
        self.told: list[str] | None = [] if telling else None

    @property
    def digest(self) -> str:
        """A hash of the whole log."""
        return self._digest.hexdigest()

    def log(self, line: str) -> None:
        """Something happened."""
        stamped = f"{self.schedule.now_s:10.3f} {line}"
        self._digest.update(stamped.encode())
        if self.told is not None:
            self.told.append(stamped)

    def violate(self, rule: str) -> None:
        """An invariant is broken: the history ends here."""
        self.violation = self.violation or rule
        self.log(f"VIOLATION: {rule}")
        raise Abandoned

    def strikes(self, kind: str, where: str) -> bool:
        """Whether a fault of this kind happens at this place now."""
        rate = self.profile.rate(kind, where)
        if not rate or not self.faults_on:
            return False
        key = f"{kind} at {where}"
        self._occurred[key] += 1
        if not self.chance.yes(rate, key):
            return False
        name = f"{key} #{self._occurred[key]}"
        if self._allowed is not None and name not in self._allowed:
            return False
        self.faults.append(name)
        self.points[key] += 1
        self.log(f"fault: {name}")
        return True

    def outage(self, desk: Desk) -> bool:
        """Whether AndDone does not take this desk's requests just now."""
        return self._within(self.outages)

    def agency_outage(self) -> bool:
        """Whether AMS360 is away."""
        return self._within(self.agency_outages)

    def _within(self, spans: list[tuple[float, float]]) -> bool:
        return self.faults_on and any(start <= self.schedule.now_s < end for start, end in spans)
