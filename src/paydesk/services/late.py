"""Charges that appear after the ledger had ruled them out, that it does not know, or that were cancelled."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from paydesk.domain.errors import KnownError
from paydesk.domain.outcome import Approved, Charge
from paydesk.domain.payment import NOT_TAKEN, PAID, VOIDABLE, Payment, State
from paydesk.services.authorize import RECENT, reference_in
from paydesk.services.ports import Clock, Ledger, Processor, ReceiptFor, StaleMove
from paydesk.services.void import Voids

WATCHED = timedelta(days=60)
"""How long a payment that was ruled out is looked for in the processor's books."""

_AT_ONCE = timedelta(days=21)
"""So many days are asked for in one question: a list has an end that the gateway will not go beyond."""

_HOUR_S = 3600.0
_DAY_S = 86_400.0
_AGAIN_S = 300.0
"""Until the next try when the processor could not be asked."""

_log = logging.getLogger(__name__)


class LateCharges:
    """Compares the processor's list with the ledger: the last days every hour, all days once a day."""

    def __init__(
        self, ledger: Ledger, processor: Processor, clock: Clock, receipt_for: ReceiptFor, voids: Voids
    ) -> None:
        self._ledger = ledger
        self._processor = processor
        self._clock = clock
        self._receipt_for = receipt_for
        self._voids = voids
        self._next_s = self._next_whole_s = float("-inf")
        self.strangers: tuple[Charge, ...] = ()
        """Live charges with a reference of ours that no payment of this ledger accounts for."""

    def hurry(self) -> None:
        """Look at the next opportunity."""
        self._next_s = float("-inf")

    def due(self) -> list[Payment]:
        """Look when it is time; the payments that became late, or were cancelled elsewhere."""
        return self.look() if self._clock.elapsed_s() >= self._next_s else []

    def look(self) -> list[Payment]:
        """Look now; the payments that became late, or were cancelled elsewhere.

        None while the processor cannot be asked.
        """
        now_s = self._clock.elapsed_s()
        whole = now_s >= self._next_whole_s
        today = self._clock.now().date()
        try:
            charges = list(self._charges(today - (WATCHED if whole else RECENT), today + RECENT))
        except KnownError as error:
            _log.warning("late charges could not be looked for: %s", error.sentence)
            self._next_s = now_s + _AGAIN_S
            return []
        late = self._compare([charge for charge in charges if charge.live], whole=whole)
        late += self._cancelled([charge for charge in charges if charge.cancelled])
        self._next_s = now_s + _HOUR_S
        if whole:
            self._next_whole_s = now_s + _DAY_S
        return late

    def _charges(self, first: date, last: date) -> Iterator[Charge]:
        while first <= last:
            yield from self._processor.charges(first, min(first + _AT_ONCE, last))
            first += _AT_ONCE + timedelta(days=1)

    def _compare(self, charges: Sequence[Charge], *, whole: bool) -> list[Payment]:
        late: list[Payment] = []
        strangers = [] if whole else list(self.strangers)
        for charge in charges:
            reference = reference_in(charge.reference)
            if not reference:
                continue
            payment = self._ledger.find(reference)
            if payment is not None and payment.state in NOT_TAKEN:
                payment = self._record(payment, charge)
                late += [payment] if payment.state in PAID else []
            known = _accounted_for(charge, payment) and not self._lives_though_voided(charge, payment)
            if not known and charge not in strangers:
                strangers.append(charge)
        self.strangers = tuple(strangers)
        return late

    def _lives_though_voided(self, charge: Charge, payment: Payment | None) -> bool:
        """AndDone has said that it cancelled the charge, and its list and the charge itself say otherwise."""
        voided = payment is not None and payment.state is State.VOIDED and charge.taken
        return voided and payment is not None and self._voids.still_stands(payment)

    def _cancelled(self, charges: Sequence[Charge]) -> list[Payment]:
        """Payments that stand as paid here, and were cancelled in the processor's own portal."""
        voided = []
        for charge in charges:
            reference = reference_in(charge.reference)
            payment = self._ledger.find(reference) if reference else None
            ours = payment is not None and payment.processor_ref == charge.processor_ref
            if payment is not None and ours and payment.state in VOIDABLE:
                payment = self._voids.cancelled_elsewhere(payment)
                voided += [payment] if payment.state is State.VOIDED else []
        return voided

    def _record(self, payment: Payment, charge: Charge) -> Payment:
        approved = approval_of(charge, payment)
        if approved is None:
            return payment
        try:
            return self._ledger.record(payment, approved, self._receipt_for)
        except StaleMove:  # another desk was faster: its word stands
            return self._ledger.payment(payment.id)


def approval_of(charge: Charge, payment: Payment) -> Approved | None:
    """What a row of the processor's list proves of a payment; None when it is not plainly its charge."""
    draft = payment.draft
    ours = charge.reference == payment.intent_title and charge.subtotal == draft.quote.subtotal
    if not ours or not charge.taken:
        return None
    fee = charge.charged - charge.subtotal
    return Approved(charge.processor_ref, charge.charged, fee if fee.cents >= 0 else None)


def _accounted_for(charge: Charge, payment: Payment | None) -> bool:
    """Whether the ledger knows this charge, or may still come to know it."""
    if payment is None or payment.state in NOT_TAKEN:
        return False
    return not payment.processor_ref or payment.processor_ref == charge.processor_ref
