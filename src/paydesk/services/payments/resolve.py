"""Resolve payments without a clear answer: ask by token until the outcome is proven.

These are the steps J and X of docs/safety.md.
"""

from __future__ import annotations

import contextlib
import logging
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from math import inf
from typing import assert_never

from paydesk.domain.errors import KnownError
from paydesk.domain.outcome import (
    Approved,
    Canceled,
    Charge,
    ChargeStatus,
    Declined,
    Expiry,
    Finding,
    NoCharge,
    Reason,
    Unclear,
)
from paydesk.domain.payment import OFFERED, OfferKind, Payment, State
from paydesk.services.payments import words
from paydesk.services.payments.extra_charges import ExtraCharges
from paydesk.services.payments.holding import RECENT
from paydesk.services.payments.reconcile import WATCHED, Reconcile, approval_of, is_of, spans
from paydesk.services.payments.references import charge_request
from paydesk.services.payments.refunds import Refunds
from paydesk.services.payments.void import Voids
from paydesk.services.ports.clock import Clock
from paydesk.services.ports.ledger import Ledger, ReceiptFor, StaleMove, Undecided
from paydesk.services.ports.processor import ReversingProcessor
from paydesk.services.ports.rights import EVERYONE, Rights

HOLD_LEASE_S = 600.0
"""Maximum age of a hold in seconds. One that is older, or whose desk is gone, is released: nothing was
sent."""

SUBMITTED_LEASE_S = 120.0
"""Maximum age of a submitted charge in seconds. One that is older, or whose desk is gone, becomes unknown."""

EXPIRE_AFTER_S = 60.0
"""Seconds after which an intent without a charge is expired. No reply takes longer than this."""

LIST_QUIET_S = 3600.0
"""Further quiet time in seconds if no look-up shows the intent, and its expiry was not by this desk's call.
Then only the processor's list proves that there is no charge, and the list may lag behind."""

_UNPROVEN = frozenset({Reason.NAMES_NO_CHARGE, Reason.OTHER_AMOUNT_GONE, Reason.OTHER_AMOUNT_DECLINED})
"""Findings without a charge that do not prove that there is none. The expiry and the list have to."""

_DAY_S = 86_400.0
_SEARCHED = timedelta(days=2)
"""Time before a payment was sent from which its charge is searched for. The processor's time zone is not
published, and this computer's clock may be wrong."""

LISTED_EVERY_S, LISTED_SELDOM_S = 60.0, 3600.0
"""Seconds between two looks into the list for the payment of an open offer: in its first hour, and later.
The look-up finds nearly all, and the list of a month is long."""

NoFinding = NoCharge | Declined | Unclear
"""A finding that shows no money taken."""

_log = logging.getLogger(__name__)


def wait_s(age_s: float) -> float:
    """Return the seconds until the next question about a payment: 5, 15, 30, … 600, after a day 3600."""
    for limit_s, pause_s in ((5, 5), (20, 15), (50, 30), (110, 60), (230, 120), (530, 300), (_DAY_S, 600)):
        if age_s < limit_s:
            return float(pause_s)
    return 3600.0


def offer_wait_s(age_s: float, *, theirs: bool) -> float:
    """Return the seconds until the next question about an open offer. Its own desk asks more often."""
    for limit_s, pause_s in ((900, 5), (3600, 15), (_DAY_S, 60)):
        if age_s < limit_s and not theirs:
            return float(pause_s)
    return 300.0


@dataclass(slots=True)
class _Watch:
    """State of an open payment on this desk. Times are on the monotonic clock.

    After a restart the quiet time begins again, because the wall clock may have been set meanwhile.
    """

    first_s: float
    """Time when this desk first saw it open."""
    next_s: float = float("-inf")
    """Time of the next question about it."""
    closed_s: float | None = None
    """Time when this desk learned that the intent is expired."""
    expiry: Expiry | None = None
    """The answer to this desk's own call that expired it."""
    listed_s: float = float("-inf")
    """Time of the last look into the list for the payment of an open offer."""


class Resolve:
    """Resolves open payments whose sender is gone. Safe to run twice, and on every desk."""

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
        rights: Rights = EVERYONE,
    ) -> None:
        """``quiet_s`` is the time in seconds from the intent's expiry to the last look.

        Set ``declined_is_final`` if the processor refuses to expire a declined intent because it is closed.
        ``jitter`` returns numbers from 0 to 1, so that desks do not all ask at the same moment.
        """
        self._ledger = ledger
        self._processor = processor
        self._clock = clock
        self._receipt_for = receipt_for
        self._quiet_s = quiet_s
        self._declined_is_final = declined_is_final
        self._jitter = jitter
        self._watches: dict[int, _Watch] = {}
        self.voids = Voids(ledger, processor, clock, rights)
        self.refunds = Refunds(ledger, processor, clock, quiet_s=quiet_s, rights=rights)
        self._extra = ExtraCharges(ledger, processor, clock, rights)
        self._reconcile = Reconcile(ledger, processor, clock, receipt_for, self.voids, self.refunds)
        self._away = False

    @property
    def strangers(self) -> tuple[Charge, ...]:
        """Live charges with a reference of ours that no payment of this ledger accounts for."""
        return self._reconcile.strangers

    def may_void(self, charge: Charge) -> bool:
        """Return True if a person may void this stranger."""
        return self._extra.may_void(charge)

    def void_stranger(self, charge: Charge, why: str) -> ChargeStatus:
        """Void a stranger that carries the title of a payment here. See ExtraCharges.void."""
        status = self._extra.void(charge, why)
        if status is ChargeStatus.CANCELED:
            self._reconcile.forget(charge)
        return status

    def due(self) -> list[Payment]:
        """Ask about the payments that are due. Returns those whose state changed."""
        return [*self._run(self._is_due), *self.refunds.due(), *self._reconcile.due()]

    def all(self) -> list[Payment]:
        """Ask about every open payment and refund now, due or not. Returns those whose state changed."""
        self.refunds.all_due()
        return [*self._run(lambda _open: True), *self.refunds.due(), *self._reconcile.look()]

    def check(self, payment_id: int) -> Payment:
        """Ask the processor about one payment now, and record what it says."""
        for found in self._ledger.undecided():
            if found.payment.id == payment_id:
                return self._resolve(found)
        return self._ledger.payment(payment_id)

    def network_returned(self) -> None:
        """Make every payment due now, because the network is back."""
        self._away = False
        for watch in list(self._watches.values()):
            watch.next_s = float("-inf")
        self.refunds.all_due()
        self._reconcile.hurry()

    def _run(self, wanted: Callable[[Undecided], bool]) -> list[Payment]:
        changed = []
        found_open = self._ledger.undecided()
        for decided in set(self._watches) - {found.payment.id for found in found_open}:
            self._watches.pop(decided, None)
        for found in found_open:
            if not wanted(found):
                continue
            try:
                after = self._resolve(found)
            except KnownError:  # the ledger is unreachable
                raise
            except Exception:  # a bug of ours with one payment must not keep the others open
                _log.exception("payment %s could not be resolved", found.payment.reference)
                continue
            if after.state is not found.payment.state:
                changed.append(after)
        return changed

    def _is_due(self, found: Undecided) -> bool:
        watch = self._watches.get(found.payment.id)
        return watch is None or self._clock.elapsed_s() >= watch.next_s

    def _resolve(self, found: Undecided) -> Payment:
        now_s = self._clock.elapsed_s()
        watch = self._watches.setdefault(found.payment.id, _Watch(now_s))
        # By the ledger's clock, or by ours when that one was set back.
        age_s = max(found.age_s, now_s - watch.first_s)
        offered = found.payment.state in OFFERED
        theirs = found.owner_alive and not found.mine
        closing = found.payment.state is State.CLOSING
        pause_s = offer_wait_s(0.0 if closing else age_s, theirs=theirs) if offered else wait_s(age_s)
        watch.next_s = now_s + pause_s * (0.8 + 0.4 * self._jitter())
        try:
            return self._resolve_by_state(found, watch, now_s, age_s)
        except StaleMove:  # another desk resolved it meanwhile: the recorded state counts
            return self._ledger.payment(found.payment.id)

    def _resolve_by_state(self, found: Undecided, watch: _Watch, now_s: float, age_s: float) -> Payment:
        payment = found.payment
        if payment.state is State.VOIDING:
            return self.voids.resolve(found, age_s)
        if payment.state is State.HELD:
            if found.owner_alive and age_s < HOLD_LEASE_S:
                return payment
            why = words.STOPPED_BEFORE_SENDING
            return self._ledger.release(payment.id, why, Reason.DESK_GONE, unless_submitted=True)
        if payment.state is State.SUBMITTED:
            if found.owner_alive and age_s < SUBMITTED_LEASE_S:
                return payment  # its sender still works on it
            gone = Unclear(words.STOPPED_BEFORE_THE_ANSWER, Reason.DESK_GONE)
            payment = self._ledger.record(payment, gone, self._receipt_for)
        if payment.state in OFFERED:
            return self._ask_about_offer(payment, watch, now_s, age_s)
        if payment.state is not State.UNKNOWN:
            return payment
        return self._ask(payment, watch, now_s, age_s)

    def _ask_about_offer(self, payment: Payment, watch: _Watch, now_s: float, age_s: float) -> Payment:
        """Ask what was paid at an address. A life that is over proves nothing: it only begins the end."""
        if payment.state is State.OFFERED and age_s >= payment.offer_life_s:
            payment = self._ledger.close_offer(payment.id, words.LIFE_OVER, Reason.LIFE_OVER)
            if payment.state is not State.CLOSING:
                return payment
        closing = payment.state is State.CLOSING
        finding = self._find(payment, inf if closing or self._is_list_due(watch, now_s, age_s) else 0.0)
        self._notice_return(finding)
        match finding:
            case Approved():
                return self._paid_at_address(payment, finding)
            case Canceled():
                self._paid_at_address(payment, finding.approved)
                return self._ledger.voided(payment.id)
            case _ if not closing:
                return payment  # a failed try may be repeated
            case Unclear() if finding.code not in _UNPROVEN:
                if finding.code is not Reason.NO_ANSWER:
                    watch.closed_s = None  # somebody may be paying now: the quiet time begins again
                return payment if payment.expired_at else self._expire(payment, finding, watch, inf)
            case Declined():
                return self._rule_out(payment, NoCharge(), watch, now_s, inf)
            case NoCharge() | Unclear():
                return self._rule_out(payment, finding, watch, now_s, inf)
            case never:
                assert_never(never)

    def _is_list_due(self, watch: _Watch, now_s: float, age_s: float) -> bool:
        """Return True if it is time to look into the list, too, for the payment of an open offer."""
        every_s = LISTED_EVERY_S if age_s < LISTED_SELDOM_S else LISTED_SELDOM_S
        if now_s - watch.listed_s < every_s:
            return False
        watch.listed_s = now_s
        return True

    def _paid_at_address(self, payment: Payment, approved: Approved) -> Payment:
        """Record the payment, and expire its address all the same: nobody should pay there again."""
        recorded = self._ledger.record(payment, approved, self._receipt_for)
        with contextlib.suppress(KnownError):
            self._processor.expire(payment.intent_token, payment.offer_kind)
        return recorded

    def _ask(self, payment: Payment, watch: _Watch, now_s: float, age_s: float) -> Payment:
        finding = self._find(payment, age_s)
        self._notice_return(finding)
        if isinstance(finding, Unclear) and finding.code in _UNPROVEN:
            return self._rule_out(payment, finding, watch, now_s, age_s)
        match finding:
            case Approved():
                return self._close(payment, finding)
            case Canceled():
                self._close(payment, finding.approved)
                return self._ledger.voided(payment.id)
            case Unclear():
                return payment
            case NoCharge() | Declined():
                return self._rule_out(payment, finding, watch, now_s, age_s)
            case never:
                assert_never(never)

    def _find(self, payment: Payment, age_s: float) -> Finding:
        """Ask the processor by token first, and then by our title in its list."""
        finding = self._processor.look_up(payment.intent_token, charge_request(payment))
        # A failed try may be followed by another one, which a look-up need not show.
        if isinstance(finding, Approved | Canceled) or age_s < EXPIRE_AFTER_S:
            return finding
        try:
            charges = self._listed(payment)
        except KnownError as error:
            return Unclear(error.sentence, Reason.NO_ANSWER)
        ours = [charge for charge in charges if charge.live and _may_be_of(charge, payment)]
        if not ours:
            hidden = isinstance(finding, Declined | NoCharge)
            return (_canceled_in(charges, payment) if hidden else None) or finding
        approved = approval_of(ours[0], payment) if len(ours) == 1 else None
        if approved is None:
            self._reconcile.hurry()  # so that the charge is shown among those that a person may void
        return approved or Unclear(words.LISTED_OTHERWISE)

    def _listed(self, payment: Payment) -> list[Charge]:
        """Return the processor's list since just before the payment was sent. Raises KnownError."""
        today = self._clock.now().date()
        sent = (payment.submitted_at or payment.held_at).date()
        about: list[Charge] = []
        first = max(min(today - RECENT, sent - _SEARCHED), today - WATCHED)
        for start, end in spans(first, today + RECENT):
            about += self._processor.charges_about(start, end, lambda charge: _may_be_of(charge, payment))
        return about

    def _rule_out(
        self, payment: Payment, finding: NoFinding, watch: _Watch, now_s: float, age_s: float
    ) -> Payment:
        """Make a charge impossible, wait, and look once more. Nothing was charged so far."""
        if payment.expired_at is None:
            return self._expire(payment, finding, watch, age_s)
        if watch.closed_s is None:
            watch.closed_s = self._clock.elapsed_s()  # this desk may have slept since it began to look
        by_list = isinstance(finding, Unclear) and watch.expiry is not Expiry.EXPIRED
        quiet_until_s = watch.closed_s + self._quiet_s + (LIST_QUIET_S if by_list else 0.0)
        if now_s < quiet_until_s:
            watch.next_s = min(watch.next_s, quiet_until_s)
            return payment
        return self._close(payment, finding)

    def _expire(self, payment: Payment, finding: NoFinding, watch: _Watch, age_s: float) -> Payment:
        if not isinstance(finding, Declined) and age_s < EXPIRE_AFTER_S:
            return payment
        try:
            expiry = self._processor.expire(payment.intent_token, payment.offer_kind)
        except KnownError:
            return payment
        if expiry is Expiry.REFUSED and not self._closed_by(finding):
            final = isinstance(finding, Declined) and self._declined_is_final
            # Another check may have marked it as expired while this one waited: then the quiet time counts.
            if final and self._ledger.payment(payment.id).expired_at is None:
                return self._close(payment, finding)
            return payment  # it may be in payment at this moment
        payment = self._ledger.mark_expired(payment.id)
        watch.closed_s, watch.expiry = self._clock.elapsed_s(), expiry
        if not isinstance(finding, Declined) or expiry is Expiry.BEFORE:
            return payment
        # It was declined, and no payment was in progress when it expired: one more look is the last.
        last = self._find(payment, age_s)
        return self._close(payment, last) if isinstance(last, Approved | Declined) else payment

    def _closed_by(self, finding: NoFinding) -> bool:
        """Return True if the intent is closed by a charge of another amount, so that none can expire it.

        Either that charge is gone, or it was declined at a tenant where a decline is final.
        """
        declined = isinstance(finding, Unclear) and finding.code is Reason.OTHER_AMOUNT_DECLINED
        return _spent(finding) or (declined and self._declined_is_final)

    def _close(self, payment: Payment, finding: Approved | NoFinding) -> Payment:
        if isinstance(finding, Approved | Declined):
            self._reconcile.hurry()  # it may have been given back since
            return self._ledger.record(payment, finding, self._receipt_for)
        why = words.OTHER_AMOUNT_CANCELED if _spent(finding) else words.NEVER_CHARGED
        return self._ledger.not_charged(payment.id, why)

    def _notice_return(self, finding: Finding) -> None:
        if isinstance(finding, Unclear) and finding.code not in _UNPROVEN:
            self._away = True
        elif self._away:
            self.network_returned()


def _canceled_in(charges: Sequence[Charge], payment: Payment) -> Canceled | None:
    """Return the one charge of a payment that the list shows as canceled, though a look-up hides it."""
    gone = [charge for charge in charges if charge.canceled and is_of(charge, payment)]
    approved = approval_of(replace(gone[0], taken=True), payment) if len(gone) == 1 else None
    return Canceled(approved) if approved else None


def _may_be_of(charge: Charge, payment: Payment) -> bool:
    """Return True if a listed charge is, or may be, the payment's own."""
    link_id = payment.intent_token if payment.offer_kind is OfferKind.LINK else ""
    return charge.is_about(payment.intent_title, link_id)


def _spent(finding: NoFinding) -> bool:
    """Return True if a charge with another amount used up the intent, and that charge is gone."""
    return isinstance(finding, Unclear) and finding.code is Reason.OTHER_AMOUNT_GONE
