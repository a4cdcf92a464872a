"""The world of one history: time, chance, faults, parties, and a log that is equal in every run."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Set
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tests.proofs.simulation.agency import Debt
from tests.proofs.simulation.chance import Chance
from tests.proofs.simulation.database import Database
from tests.proofs.simulation.processor import SimulatedAndDone
from tests.proofs.simulation.profile import draw_profile
from tests.proofs.simulation.schedule import Abandoned, Schedule

if TYPE_CHECKING:
    from tests.proofs.simulation.desk import Desk

START = datetime(2026, 8, 14, 14, 0, tzinfo=UTC)


class World:
    """Everything in a history except the desks' code."""

    def __init__(self, seed: int, database: Database, allowed: Set[str] | None, *, telling: bool) -> None:
        """``allowed`` limits the faults to these names. With ``telling``, the log is kept as text."""
        self.chance = Chance(seed)
        self.profile = draw_profile(self.chance)
        self.schedule = Schedule(self.chance)
        self.database = database
        self.anddone = SimulatedAndDone(START, self.schedule, self.chance, self.profile, self.strikes)
        self.debts: dict[str, Debt] = {}
        self.posted: Counter[str] = Counter()
        """Receipts in AMS360, by payment reference."""
        self.desks: list[Desk] = []
        self.faults_on = True
        self.faults: list[str] = []
        """Names of the faults that struck."""
        self.points: Counter[str] = Counter()
        """Number of faults by kind and place."""
        self.outages: list[tuple[float, float]] = []
        self.agency_outages: list[tuple[float, float]] = []
        self.ledger_shift_s = 0.0
        self.desk_doing: tuple[Desk | None, str] = (None, "")
        """The desk whose ledger call is running, and the call."""
        self.violation = ""
        self._allowed = allowed
        self._occurred: Counter[str] = Counter()
        self._digest = hashlib.sha256()
        self.told: list[str] | None = [] if telling else None

    @property
    def digest(self) -> str:
        """Return a hash of the whole log."""
        return self._digest.hexdigest()

    def log(self, line: str) -> None:
        """Log an event."""
        stamped = f"{self.schedule.now_s:10.3f} {line}"
        self._digest.update(stamped.encode())
        if self.told is not None:
            self.told.append(stamped)

    def violate(self, rule: str) -> None:
        """End the history, because an invariant is broken."""
        self.violation = self.violation or rule
        self.log(f"VIOLATION: {rule}")
        raise Abandoned

    def strikes(self, kind: str, where: str) -> bool:
        """Return True if a fault of this kind happens at this place now."""
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
        """Return True while AndDone does not accept this desk's requests."""
        return self._within(self.outages)

    def agency_outage(self) -> bool:
        """Return True while AMS360 is unreachable."""
        return self._within(self.agency_outages)

    def _within(self, spans: list[tuple[float, float]]) -> bool:
        return self.faults_on and any(start <= self.schedule.now_s < end for start, end in spans)
