"""What became of payments without a clear answer: ask by token until it is proven (steps J and X)."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from paydesk.domain.errors import KnownError
from paydesk.domain.outcome import Approved, Cancelled, Charge, Declined, Expiry, Finding, NoCharge, Unclear
from paydesk.domain.payment import Payment, State
from paydesk.services.authorize import charge_request
from paydesk.services.late import LateCharges, approval_of
from paydesk.services.ports import Clock, Ledger, ReceiptFor, ReversingProcessor, StaleMove, Undecided
from paydesk.services.void import Voids

CLAIM_LEASE_S = 600.0
"""A claim whose desk is gone is given back after this time; nothing was sent for it."""

SUBMITTED_LEASE_S = 120.0
"""A charge whose desk is gone counts as unknown after this time."""

EXPIRE_AFTER_S = 60.0
"""No charge is looked for longer than any reply may take before its intent is expired."""

_DAY_S = 86_400.0
_SEARCHED = timedelta(days=2)
"""How far around today a charge is searched for: its zone is not published, and our clock may be wrong."""

_log = logging.getLogger(__name__)


def wait_s(age_s: float) -> float:
    """Seconds to the next question about a payment of that age: 5, 15, 30, … 600, after a day 3600."""
    for limit_s, pause_s in ((5, 5), (20, 15), (50, 30), (110, 60), (230, 120), (530, 300), (_DAY_S, 600)):
        if age_s < limit_s:
            return float(pause_s)
    return 3600.0


@dataclass(slots=True)
class _Watch:
    """What this desk remembers of an open payment, on the monotonic clock.

    After a restart the wait for quiet begins anew: the wall clock may have been set meanwhile.
    """

    first_s: float
    """When this desk first saw it open."""
    next_s: float = float("-inf")
    """When it is asked about next."""
    closed_s: float | None = None
    """Since when the intent is known to be expired."""


class Reconcile:
    """Resolves payments that are open without a living sender; safe to run twice, and on every desk."""

    def __init__(
        self,
        ledger: Ledger,
        processor: ReversingProcessor,
        clock: Clock,
        receipt_for: ReceiptFor,
        *,
        quiet_s: float,
        declined_is_final: bool = False,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        """``quiet_s`` is how long after the intent's expiry the last look is taken.

        ``declined_is_final``: this processor refuses to expire a declined intent, for it is closed.
        ``jitter`` gives numbers from 0 to 1, so that desks do not all ask at the same moment.
        """
        self._ledger = ledger
        self._processor = processor
        self._clock = clock
        self._receipt_for = receipt_for
        self._quiet_s = quiet_s
        self._declined_is_final = declined_is_final
        self._jitter = jitter
        self._watches: dict[int, _Watch] = {}
        self.voids = Voids(ledger, processor, clock)
        self._late = LateCharges(ledger, processor, clock, receipt_for, self.voids)
        self._away = False

    @property
    def strangers(self) -> tuple[Charge, ...]:
        """Live charges with a reference of ours that no payment of this ledger accounts for."""
        return self._late.strangers

    def due(self) -> list[Payment]:
        """Run what is due by its schedule; the payments that changed their state."""
        return [*self._run(self._is_due), *self._late.due()]

    def all(self) -> list[Payment]:
        """Ask about every open payment now, due or not; the payments that changed their state."""
        return [*self._run(lambda _open: True), *self._late.look()]

    def check(self, payment_id: int) -> Payment:
        """Ask the processor about one payment now, and record what it says."""
        for found in self._ledger.undecided():
            if found.payment.id == payment_id:
                return self._settle(found)
        return self._ledger.payment(payment_id)

    def network_returned(self) -> None:
        """Nobody could be asked for a while, and now can: everything is due."""
        self._away = False
        for watch in list(self._watches.values()):
            watch.next_s = float("-inf")
        self._late.hurry()

    def _run(self, wanted: Callable[[Undecided], bool]) -> list[Payment]:
        changed = []
        found_open = self._ledger.undecided()
        for decided in set(self._watches) - {found.payment.id for found in found_open}:
            self._watches.pop(decided, None)
        for found in found_open:
            if not wanted(found):
                continue
            try:
                after = self._settle(found)
            except KnownError:  # the ledger is away
                raise
            except Exception:  # our own fault with this one must not keep the others open
                _log.exception("payment %s could not be settled", found.payment.reference)
                continue
            if after.state is not found.payment.state:
                changed.append(after)
        return changed

    def _is_due(self, found: Undecided) -> bool:
        watch = self._watches.get(found.payment.id)
        return watch is None or self._clock.elapsed_s() >= watch.next_s

    def _settle(self, found: Undecided) -> Payment:
        now_s = self._clock.elapsed_s()
        watch = self._watches.setdefault(found.payment.id, _Watch(now_s))
        # By the ledger's clock, or by ours when that one was set back.
        age_s = max(found.age_s, now_s - watch.first_s)
        watch.next_s = now_s + wait_s(age_s) * (0.8 + 0.4 * self._jitter())
        try:
            return self._settle_by_state(found, watch, now_s, age_s)
        except StaleMove:  # another desk settled it meanwhile: its word stands
            return self._ledger.payment(found.payment.id)

    def _settle_by_state(self, found: Undecided, watch: _Watch, now_s: float, age_s: float) -> Payment:
        payment = found.payment
        if payment.state is State.VOIDING:
            return self.voids.settle(found, age_s)
        if payment.state is State.CLAIMED:
            if found.owner_alive and age_s < CLAIM_LEASE_S:
                return payment
            why = "The desk stopped before the charge was sent."
            return self._ledger.release(payment.id, why, unless_submitted=True)
        if payment.state is State.SUBMITTED:
            if found.owner_alive and age_s < SUBMITTED_LEASE_S:
                return payment  # its sender is at it
            gone = Unclear("The desk that sent this charge stopped before the answer came.")
            payment = self._ledger.record(payment, gone, self._receipt_for)
        if payment.state is not State.UNKNOWN:
            return payment
        return self._ask(payment, watch, now_s, age_s)

    def _ask(self, payment: Payment, watch: _Watch, now_s: float, age_s: float) -> Payment:
        finding = self._find(payment, age_s)
        self._notice_return(finding)
        match finding:
            case Approved():
                return self._close(payment, finding)
            case Cancelled():
                self._close(payment, finding.approved)
                return self._ledger.voided(payment.id)
            case Unclear():
                return payment
            case NoCharge() | Declined():
                return self._rule_out(payment, finding, watch, now_s, age_s)

    def _find(self, payment: Payment, age_s: float) -> Finding:
        """What the processor knows: by the token first, and by our reference in its list second."""
        finding = self._processor.look_up(payment.intent_token, charge_request(payment))
        if isinstance(finding, Approved | Declined | Cancelled) or age_s < EXPIRE_AFTER_S:
            return finding
        today = self._clock.now().date()
        try:
            charges = self._processor.charges(today - _SEARCHED, today + _SEARCHED)
        except KnownError as error:
            return Unclear(error.sentence)
        ours = [charge for charge in charges if charge.live and charge.reference == payment.intent_title]
        if not ours:
            return finding
        approved = approval_of(ours[0], payment) if len(ours) == 1 else None
        return approved or Unclear("AndDone's list shows this charge otherwise than it was asked for.")

    def _rule_out(
        self, payment: Payment, finding: NoCharge | Declined, watch: _Watch, now_s: float, age_s: float
    ) -> Payment:
        """Nothing was charged so far: make a charge impossible, wait, and look once more."""
        if payment.expired_at is None:
            return self._expire(payment, finding, watch, age_s)
        if watch.closed_s is None:
            watch.closed_s = self._clock.elapsed_s()  # this desk may have slept since it began to look
        quiet_until_s = watch.closed_s + self._quiet_s
        if now_s < quiet_until_s:
            watch.next_s = min(watch.next_s, quiet_until_s)
            return payment
        return self._close(payment, finding)

    def _expire(self, payment: Payment, finding: NoCharge | Declined, watch: _Watch, age_s: float) -> Payment:
        if isinstance(finding, NoCharge) and age_s < EXPIRE_AFTER_S:
            return payment
        try:
            expiry = self._processor.expire(payment.intent_token)
        except KnownError:
            return payment
        if expiry is Expiry.REFUSED:
            if isinstance(finding, Declined) and self._declined_is_final:
                return self._close(payment, finding)
            return payment  # it is being paid this moment, perhaps
        payment = self._ledger.mark_expired(payment.id)
        watch.closed_s = self._clock.elapsed_s()
        if isinstance(finding, NoCharge) or expiry is Expiry.BEFORE:
            return payment
        # Declined before, and nothing was under way when it expired: one more look is the last.
        last = self._find(payment, age_s)
        return self._close(payment, last) if isinstance(last, Approved | Declined) else payment

    def _close(self, payment: Payment, finding: Approved | Declined | NoCharge) -> Payment:
        if not isinstance(finding, NoCharge):
            return self._ledger.record(payment, finding, self._receipt_for)
        why = "AndDone has no charge for it, and none can come any more."
        return self._ledger.not_charged(payment.id, why)

    def _notice_return(self, finding: Finding) -> None:
        if isinstance(finding, Unclear):
            self._away = True
        elif self._away:
            self.network_returned()
