"""The banks' decisions on debits. Asks once an hour until the bank has paid or returned each one."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from paydesk.domain.outcome import AchReturned, AchStatus
from paydesk.domain.payment import Payment, State
from paydesk.services.payments.references import charge_request
from paydesk.services.ports.clock import Clock
from paydesk.services.ports.ledger import Ledger, StaleMove
from paydesk.services.ports.processor import ReversingProcessor

EVERY_S = 3600.0
"""Seconds between two rounds."""

SETTLED_EVERY_S = 24 * 3600.0
"""Seconds between two rounds that ask about settled debits, too."""

RETURNABLE = timedelta(days=75)
"""Time in which a settled debit may be returned. Nacha's rules allow 60 days for an unauthorized debit, and
the rest is a margin."""

YOUNGEST = timedelta(hours=12)
"""Minimum age of a debit to ask about. No bank decides on the same day."""

AT_A_TICK = 5
"""Questions at one tick. A round continues at the next tick."""

log = logging.getLogger(__name__)


class AchReturns:
    """Records the banks' decisions. A receipt that posts at settlement waits for this."""

    def __init__(self, ledger: Ledger, processor: ReversingProcessor, clock: Clock) -> None:
        self._ledger = ledger
        self._processor = processor
        self._clock = clock
        self._next_s = self._next_settled_s = 0.0
        self._after = 0
        self._settled_since: datetime | None = None

    def tick(self) -> None:
        """Ask about the next debits if it is time. Raises KnownError if the ledger is unreachable."""
        now, now_s = self._clock.now(), self._clock.elapsed_s()
        if now_s < self._next_s:
            return
        if not self._after:
            self._settled_since = now - RETURNABLE if now_s >= self._next_settled_s else None
        found = self._ledger.uncleared(now - YOUNGEST, self._after, AT_A_TICK, self._settled_since)
        for payment in found:
            self._after = payment.id
            self._look_at(payment)
        if len(found) < AT_A_TICK:
            self._after, self._next_s = 0, now_s + EVERY_S
            if self._settled_since is not None:
                self._next_settled_s = now_s + SETTLED_EVERY_S

    def _look_at(self, payment: Payment) -> None:
        found = self._processor.ach_status(payment.processor_ref, charge_request(payment))
        try:
            if found is AchStatus.CLEARED and payment.state is State.AUTHORIZED:
                self._ledger.settled(payment.id)
            elif isinstance(found, AchReturned):
                self._ledger.returned(payment.id, found)
                log.warning("the bank sent back payment %s", payment.reference)
        except StaleMove:  # voided, or another desk was faster: the recorded state counts
            return
