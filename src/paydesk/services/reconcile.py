"""What became of payments without a clear answer: ask by token until it is proven (steps J and X)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from paydesk.domain.errors import KnownError
from paydesk.domain.outcome import Approved, Declined, Expiry, NoCharge, Unclear
from paydesk.domain.payment import Payment, State
from paydesk.services.authorize import charge_request
from paydesk.services.ports import Clock, Ledger, Processor, ReceiptFor, StaleMove, Undecided

CLAIM_LEASE_S = 600.0
"""A claim whose desk is gone is given back after this time; nothing was sent for it."""

SUBMITTED_LEASE_S = 120.0
"""A charge whose desk is gone counts as unknown after this time."""

EXPIRE_AFTER_S = 60.0
"""No charge is looked for longer than any reply may take before its intent is expired."""

_DAY_S = 86_400.0


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

    asked_s: float
    age_s: float
    expiry_seen_s: float | None = None


class Reconcile:
    """Resolves payments that are open without a living sender; safe to run twice, and on every desk."""

    def __init__(
        self, ledger: Ledger, processor: Processor, clock: Clock, receipt_for: ReceiptFor, *, quiet_s: float
    ) -> None:
        """``quiet_s`` is how long after the intent's expiry the last look is taken."""
        self._ledger = ledger
        self._processor = processor
        self._clock = clock
        self._receipt_for = receipt_for
        self._quiet_s = quiet_s
        self._watches: dict[int, _Watch] = {}

    def due(self) -> list[Payment]:
        """Run what is due by its schedule; the payments that changed their state."""
        return self._run(self._is_due)

    def all(self) -> list[Payment]:
        """Ask about every open payment now, due or not; the payments that changed their state."""
        return self._run(lambda _open: True)

    def check(self, payment_id: int) -> Payment:
        """Ask the processor about one payment now, and record what it says."""
        for found in self._ledger.undecided():
            if found.payment.id == payment_id:
                return self._settle(found)
        return self._ledger.payment(payment_id)

    def _run(self, wanted: Callable[[Undecided], bool]) -> list[Payment]:
        changed = []
        for found in self._ledger.undecided():
            if wanted(found):
                after = self._settle(found)
                if after.state is not found.payment.state:
                    changed.append(after)
        return changed

    def _is_due(self, found: Undecided) -> bool:
        watch = self._watches.get(found.payment.id)
        return watch is None or self._clock.elapsed_s() - watch.asked_s >= wait_s(watch.age_s)

    def _settle(self, found: Undecided) -> Payment:
        payment = found.payment
        try:
            match payment.state:
                case State.CLAIMED:
                    return self._settle_claim(found)
                case State.SUBMITTED if found.owner_alive and found.age_s < SUBMITTED_LEASE_S:
                    return payment  # its sender is at it
                case State.SUBMITTED:
                    gone = Unclear("The desk that sent this charge stopped before the answer came.")
                    payment = self._ledger.record(payment.id, gone, self._receipt_for)
                    return self._ask(payment, found.age_s)
                case _:
                    return self._ask(payment, found.age_s)
        except StaleMove:  # another desk settled it meanwhile: its word stands
            return self._ledger.payment(payment.id)

    def _settle_claim(self, found: Undecided) -> Payment:
        """A claim was never sent: give it back once nobody can be about to send it."""
        if found.owner_alive and found.age_s < CLAIM_LEASE_S:
            return found.payment
        return self._ledger.release(found.payment.id, "The desk stopped before the charge was sent.")

    def _ask(self, payment: Payment, age_s: float) -> Payment:
        now_s = self._clock.elapsed_s()
        watch = self._watches.setdefault(payment.id, _Watch(now_s, age_s))
        watch.asked_s, watch.age_s = now_s, age_s
        finding = self._processor.look_up(payment.intent_token, charge_request(payment))
        match finding:
            case Approved() | Declined():
                return self._ledger.record(payment.id, finding, self._receipt_for)
            case NoCharge():
                return self._rule_out(payment, watch)
            case Unclear():
                return payment

    def _rule_out(self, payment: Payment, watch: _Watch) -> Payment:
        """No charge was found: make one impossible, wait, and look once more."""
        if payment.expired_at is None:
            return self._expire(payment) if watch.age_s >= EXPIRE_AFTER_S else payment
        if watch.expiry_seen_s is None:
            watch.expiry_seen_s = watch.asked_s
        if watch.asked_s - watch.expiry_seen_s < self._quiet_s:
            return payment
        return self._ledger.not_charged(
            payment.id, "AndDone has no charge for it, and none can come any more."
        )

    def _expire(self, payment: Payment) -> Payment:
        try:
            expiry = self._processor.expire(payment.intent_token)
        except KnownError:
            return payment
        # Refused may mean that it is being paid this moment: only a confirmed expiry counts.
        return self._ledger.mark_expired(payment.id) if expiry is Expiry.EXPIRED else payment
