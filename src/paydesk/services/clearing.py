"""What became of bank debits: asked for once an hour until the bank has paid them or sent them back."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from paydesk.domain.outcome import Clearing
from paydesk.domain.payment import Payment, State
from paydesk.services.authorize import charge_request
from paydesk.services.ports import ChargeRequest, Clock, StaleMove

EVERY_S = 3600.0
"""Between two rounds."""

SETTLED_EVERY_S = 24 * 3600.0
"""Between two rounds that ask about settled debits, too."""

RETURNABLE = timedelta(days=75)
"""A settled debit may come back: an unauthorized one within 60 days by Nacha's rules, and some to spare."""

YOUNGEST = timedelta(hours=12)
"""No bank decides on the day itself: a debit that was just taken is not asked about."""

AT_A_TICK = 5
"""So many questions at a tick; a round goes on at the next one."""

log = logging.getLogger(__name__)


class Debits(Protocol):
    """The ledger's bank debits. Raises KnownError when it is away."""

    def uncleared(
        self, before: datetime, after: int, limit: int, settled_since: datetime | None
    ) -> Sequence[Payment]:
        """Those approved before then that the bank may still decide on, oldest first, above that number.

        They are those without its decision, and those settled that were approved since then.
        """
        ...

    def settled(self, payment_id: int) -> Payment:
        """The bank has paid it."""
        ...

    def returned(self, payment_id: int) -> Payment:
        """The bank sent it back."""
        ...


class Clearer(Protocol):
    """The processor, as far as it tells of bank debits."""

    def clearing(self, processor_ref: str, request: ChargeRequest) -> Clearing:
        """What became of a bank debit. UNCLEAR when the processor cannot be asked."""
        ...


class BankDebits:
    """Learns what the banks decide. A receipt that posts at settlement waits for this."""

    def __init__(self, ledger: Debits, processor: Clearer, clock: Clock) -> None:
        self._ledger = ledger
        self._processor = processor
        self._clock = clock
        self._next_s = self._next_settled_s = 0.0
        self._after = 0
        self._settled_since: datetime | None = None

    def tick(self) -> None:
        """Ask about the next debits, if it is time to. Raises KnownError when the ledger is away."""
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
        found = self._processor.clearing(payment.processor_ref, charge_request(payment))
        try:
            if found is Clearing.CLEARED and payment.state is State.AUTHORIZED:
                self._ledger.settled(payment.id)
            elif found is Clearing.RETURNED:
                self._ledger.returned(payment.id)
                log.warning("the bank sent back payment %s", payment.reference)
        except StaleMove:  # voided, or another desk was faster: its word stands
            return
