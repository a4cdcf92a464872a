"""The cache's chores that need no network, in pieces so small that nobody waits for them."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import Protocol

from paydesk.services.ports import Clock

PIECE_S = 1.0
"""How long one tick may work; as long again it rests, and a million new invoices are found in minutes."""
REST_S = 0.005
"""Between two steps, so that a payment gets its turn: without it the median commit waited for 9 ms, one in
a hundred for 100."""
LOOK_FOR_CLOSED_S = 6 * 3600.0


class Walk(Protocol):
    """Makes what imports wrote findable. Raises KnownError when the ledger database is away."""

    def step(self) -> bool:
        """Take the next rows; False when there is nothing left to do."""
        ...


class Rows(Protocol):
    """Removes what is too old. Raises KnownError when the ledger database is away."""

    def drop_closed(self, before: datetime) -> int:
        """Remove some invoices closed and last read before then; 0 when there are none left."""
        ...


class Upkeep:
    """Keeps the search index whole, and lets closed invoices go."""

    def __init__(self, walk: Walk, rows: Rows, clock: Clock, keep_closed: timedelta) -> None:
        self._walk = walk
        self._rows = rows
        self._clock = clock
        self._keep_closed = keep_closed
        self._look_at_s = 0.0

    def tick(self) -> None:
        """Do a piece of what is to be done."""
        end_s = self._clock.elapsed_s() + PIECE_S
        while self._clock.elapsed_s() < end_s and self._walk.step():
            time.sleep(REST_S)
        if self._clock.elapsed_s() < self._look_at_s:
            return
        if not self._rows.drop_closed(self._clock.now() - self._keep_closed):
            self._look_at_s = self._clock.elapsed_s() + LOOK_FOR_CLOSED_S
