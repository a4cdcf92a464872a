"""Upkeep of the cache and of the searches, without the network.

Its steps are so short that no payment waits long for one.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta

from paydesk.services.ports.cache import Cache
from paydesk.services.ports.clock import Clock

PIECE_S = 10.0
"""Seconds of work in one tick. A million new invoices become searchable within minutes."""
REST_S = 0.005
"""Seconds between two steps, so that a payment gets its turn. Without this rest the median commit waited 9
ms, and one in a hundred 100 ms."""
LOOK_FOR_CLOSED_S = 6 * 3600.0


class Upkeep:
    """Keeps the search indexes complete, and removes closed invoices after a time."""

    def __init__(
        self,
        cache: Cache,
        clock: Clock,
        keep_closed: timedelta,
        index_payments: Callable[[], bool] = lambda: False,
    ) -> None:
        """Use ``index_payments`` for the next payments to index. It returns False if none are left."""
        self._cache = cache
        self._index_payments = index_payments
        self._clock = clock
        self._keep_closed = keep_closed
        self._look_at_s = 0.0
        self._stopped = False

    def stop(self) -> None:
        """End the current tick after its step."""
        self._stopped = True

    def tick(self) -> None:
        """Work for up to ``PIECE_S`` on what is left to do."""
        end_s = self._clock.elapsed_s() + PIECE_S
        while not self._stopped and self._clock.elapsed_s() < end_s:
            if not (self._index_payments() or self._cache.index_next()):
                break
            time.sleep(REST_S)
        if self._clock.elapsed_s() < self._look_at_s:
            return
        if not self._cache.drop_closed(self._clock.now() - self._keep_closed):
            self._look_at_s = self._clock.elapsed_s() + LOOK_FOR_CLOSED_S
