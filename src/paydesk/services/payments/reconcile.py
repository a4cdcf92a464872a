"""Reconcile the processor's list with the ledger: late, unknown and canceled charges."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from paydesk.domain.errors import KnownError
from paydesk.domain.money import ZERO
from paydesk.domain.outcome import Approved, Charge, Reason
from paydesk.domain.payment import NOT_TAKEN, PAID, VOIDABLE, OfferKind, Payment, State
from paydesk.domain.refund import MoneyBack, charged
from paydesk.services.payments import words
from paydesk.services.payments.holding import RECENT
from paydesk.services.payments.references import payment_of, reference_in
from paydesk.services.payments.refunds import Refunds
from paydesk.services.payments.void import Voids
from paydesk.services.ports.clock import Clock
from paydesk.services.ports.ledger import Ledger, ReceiptFor, StaleMove
from paydesk.services.ports.processor import ReversingProcessor

WATCHED = timedelta(days=60)
"""Time for which the processor's list is searched for a charge that was ruled out."""

_AT_ONCE = timedelta(days=21)
"""Days in one request. The list is limited, and the gateway never reads beyond its limit."""

_HOUR_S = 3600.0
_DAY_S = 86_400.0
_AGAIN_S = 300.0
"""Seconds until the next try after the processor could not be asked."""

_MAY_GO_BACK = (PAID - {State.VOIDING}) | {State.REFUNDED}
"""States in which money may go back. What was refunded may be charged back all the same."""

_log = logging.getLogger(__name__)


class Reconcile:
    """Compares the processor's list with the ledger: the last days every hour, all days once a day."""

    def __init__(
        self,
        ledger: Ledger,
        processor: ReversingProcessor,
        clock: Clock,
        receipt_for: ReceiptFor,
        voids: Voids,
        refunds: Refunds,
    ) -> None:
        self._ledger = ledger
        self._processor = processor
        self._clock = clock
        self._receipt_for = receipt_for
        self._voids = voids
        self._refunds = refunds
        self._next_s = self._next_whole_s = float("-inf")
        self.strangers: tuple[Charge, ...] = ()
        """Live charges with a reference of ours that no payment of this ledger accounts for."""

    def forget(self, charge: Charge) -> None:
        """Remove a canceled charge from the strangers."""
        self.strangers = tuple(one for one in self.strangers if one.processor_ref != charge.processor_ref)

    def hurry(self) -> None:
        """Make the next comparison due now."""
        self._next_s = float("-inf")

    def due(self) -> list[Payment]:
        """Compare if it is time. Returns the payments that became late, or were canceled elsewhere."""
        return self.look() if self._clock.elapsed_s() >= self._next_s else []

    def look(self) -> list[Payment]:
        """Compare now. Returns the payments that became late, or were canceled elsewhere.

        Returns no payments if the processor cannot be asked.
        """
        now_s = self._clock.elapsed_s()
        whole = now_s >= self._next_whole_s
        today = self._clock.now().date()
        try:
            charges = list(self._charges(today, whole=whole))
        except KnownError as error:
            _log.warning("late charges could not be looked for: %s", error.sentence)
            self._next_s = now_s + _AGAIN_S
            return []
        seen = {charge.processor_ref for charge in charges}
        strangers = [] if whole else [one for one in self.strangers if one.processor_ref not in seen]
        late = self._compare([charge for charge in charges if charge.live], strangers)
        late += self._canceled([charge for charge in charges if charge.canceled])
        late += self._went_back(charges)
        self._next_s = now_s + _HOUR_S
        if whole:
            self._next_whole_s = now_s + _DAY_S
        return late

    def _charges(self, today: date, *, whole: bool) -> Iterator[Charge]:
        """Yield the list of the last days, which charges extend later, after that of the days before."""
        if whole:
            for first, last in spans(today - WATCHED, today - RECENT - timedelta(days=1)):
                yield from self._processor.charges(first, last)
        yield from self._processor.charges(today - RECENT, today + RECENT)

    def _compare(self, charges: Sequence[Charge], strangers: list[Charge]) -> list[Payment]:
        late: list[Payment] = []
        for charge in charges:
            payment = payment_of(self._ledger, charge)
            if payment is None and not reference_in(charge.reference):
                continue
            if payment is not None and payment.state in NOT_TAKEN:
                payment = self._record(payment, charge)
                late += [payment] if payment.state in PAID else []
            known = _accounted_for(charge, payment) and not self._lives_though_voided(charge, payment)
            if not known and charge not in strangers:
                strangers.append(charge)
        self.strangers = tuple(strangers)
        return late

    def _lives_though_voided(self, charge: Charge, payment: Payment | None) -> bool:
        """Return True if the void was confirmed, but the processor's list and the charge say otherwise."""
        voided = payment is not None and payment.state is State.VOIDED and charge.taken
        return voided and payment is not None and self._voids.still_stands(payment)

    def _canceled(self, charges: Sequence[Charge]) -> list[Payment]:
        """Record payments that count as paid here and were canceled in the processor's own portal."""
        voided = []
        for charge in charges:
            payment = payment_of(self._ledger, charge)
            ours = payment is not None and payment.processor_ref == charge.processor_ref
            if payment is not None and ours and payment.state in VOIDABLE:
                payment = self._voids.canceled_elsewhere(payment)
                voided += [payment] if payment.state is State.VOIDED else []
        return voided

    def _went_back(self, charges: Sequence[Charge]) -> list[Payment]:
        """Record refunds, those made in the processor's own portal too, and chargebacks.

        The list shows them by a charge's status, or by a refund's row. Only the charge itself proves them.
        """
        changed = []
        shown = (one.refund_of or one.processor_ref for one in charges if one.went_back or one.refund_of)
        for processor_ref in dict.fromkeys(shown):
            payment = self._ledger.find_charged(processor_ref)
            if payment is None or payment.state not in _MAY_GO_BACK:
                continue
            back = self._refunds.look(payment)
            after = self._ledger.payment(payment.id)
            if back is not None and back.disputed:
                after = self._disputed(after, back)
            changed += [after] if after.state is not payment.state else []
        return changed

    def _disputed(self, payment: Payment, back: MoneyBack) -> Payment:
        """Record a chargeback. What it leaves still pays the invoice."""
        whole = charged(payment)
        taken = back.charged_back or whole
        state = State.CHARGED_BACK if taken + back.refunded >= whole else State.PARTLY_REFUNDED
        if state is payment.state and payment.reason_code is Reason.DISPUTED:
            return payment
        twice = back.refunded if taken + back.refunded > whole else ZERO
        why = words.disputed(taken, twice)
        try:
            return self._ledger.went_back(payment.id, state, why, Reason.DISPUTED, taken)
        except StaleMove:  # another desk was faster: the recorded state counts
            return self._ledger.payment(payment.id)

    def _record(self, payment: Payment, charge: Charge) -> Payment:
        approved = approval_of(charge, payment)
        if approved is None:
            return payment
        try:
            return self._ledger.record(payment, approved, self._receipt_for)
        except StaleMove:  # another desk was faster: the recorded state counts
            return self._ledger.payment(payment.id)


def approval_of(charge: Charge, payment: Payment) -> Approved | None:
    """Return the approval that a row of the processor's list proves, or None if it does not plainly fit."""
    draft = payment.draft
    ours = is_of(charge, payment) and charge.subtotal == draft.quote.subtotal
    if not ours or not charge.taken:
        return None
    fee = charge.fee
    return Approved(
        processor_ref=charge.processor_ref,
        charged=draft.quote.total if fee is None else draft.quote.subtotal + fee,
        fee=fee,
        named_fee=charge.named_fee,
        rounded=charge.rounded,
    )


def is_of(charge: Charge, payment: Payment) -> bool:
    """Return True if the charge carries the payment's title, or the id of its payment link."""
    by_link = payment.offer_kind is OfferKind.LINK and charge.link_id == payment.intent_token
    return charge.reference == payment.intent_title or by_link


def _accounted_for(charge: Charge, payment: Payment | None) -> bool:
    """Return True if the ledger knows this charge, or may still learn of it."""
    if payment is None or payment.state in NOT_TAKEN:
        return False
    if payment.processor_ref:
        return payment.processor_ref == charge.processor_ref
    return charge.subtotal == payment.draft.quote.subtotal


def spans(first: date, last: date) -> Iterator[tuple[date, date]]:
    """Yield the days from first to last in spans that one request may ask for."""
    while first <= last:
        yield first, min(first + _AT_ONCE, last)
        first += _AT_ONCE + timedelta(days=1)
