"""Refund a payment: record it, ask the processor once, record the answer. Then follow it to its end.

This is step R of docs/safety.md. PayDesk never sends a refund twice: the processor knows no name for a refund
by which it would refuse the second one.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import assert_never

from paydesk.domain.consent import Proof
from paydesk.domain.errors import KnownError
from paydesk.domain.money import ZERO, total
from paydesk.domain.outcome import ChargeStatus, NotSent, Reason, Unclear
from paydesk.domain.payment import Payment
from paydesk.domain.refund import (
    LIVE,
    REFUNDABLE,
    RETURNABLE_DAYS,
    UNDECIDED,
    MoneyBack,
    Refund,
    RefundAsk,
    RefundKind,
    RefundOrder,
    RefundOutcome,
    RefundRefused,
    RefundState,
    RefundTaken,
    SeenRefund,
    charged,
    left_of,
    refund_opens_on,
)
from paydesk.domain.tender import TenderKind
from paydesk.domain.typed.card_numbers import holds_card_data
from paydesk.services.payments import words
from paydesk.services.payments.authorize import SEND_FENCE_S
from paydesk.services.payments.references import charge_request
from paydesk.services.ports.clock import Clock
from paydesk.services.ports.ledger import FollowedRefund, Ledger, StaleMove
from paydesk.services.ports.payment_words import REFUND_REASONS
from paydesk.services.ports.processor import ReversingProcessor
from paydesk.services.ports.rights import EVERYONE, Right, Rights

LEASE_S = 120.0
"""Maximum age of a submitted refund in seconds. One that is older, or whose desk is gone, becomes unknown."""

PART_QUIET_S = 24 * 3600.0
"""Seconds after which a partial refund that the processor does not list was never made. In that time the
processor refunds a payment only once, so it can't carry out a late copy of the request beside a new one."""

EVERY_S = 3600.0
"""Seconds between two questions about a refund that the processor has accepted."""

_FIRST_WAITS_S = ((5, 5), (20, 15), (50, 30), (110, 60), (230, 120), (530, 300))

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Refundable:
    """A payment that somebody wants to refund, as the processor and the ledger know it now."""

    payment: Payment
    refunds: Sequence[Refund]
    refusal: str = ""
    """Sentence that says why it can't be refunded now, or ``""``."""
    voidable: bool = False
    """True if it has not settled: then it can be voided instead."""
    opens_on: date | None = None
    """Day from which it can be refunded, if it can't be yet."""
    returnable_until: date | None = None
    """Day until which the bank can still return this debit, or None if that day is over."""


@dataclass(slots=True)
class _Watch:
    """State of a refund on this desk. Times are on the monotonic clock."""

    next_s: float = float("-inf")
    unknown_s: float | None = None
    """Time when this desk learned that there is no clear answer, or None."""
    refused: str = ""
    """Reason of a refusal that a copy of the request could have caused."""


class RefundNotRecorded(KnownError):
    """The processor has the refund, but PayDesk could not save that."""


class Refunds:
    """Refunds payments, and follows each refund to its end."""

    def __init__(
        self,
        ledger: Ledger,
        processor: ReversingProcessor,
        clock: Clock,
        *,
        quiet_s: float,
        rights: Rights = EVERYONE,
    ) -> None:
        """``quiet_s`` is the time in seconds after which no late copy of a request can arrive."""
        self._ledger = ledger
        self._processor = processor
        self._clock = clock
        self._quiet_s = quiet_s
        self._rights = rights
        self._sending: set[int] = set()
        """Payments of which this process is sending a refund now."""
        self._watches: dict[int, _Watch] = {}
        self.doubtful: dict[int, SeenRefund] = {}
        """By id of a refund without a clear answer: one that the processor lists without our reference."""

    # ---- before a refund --------------------------------------------------------------------

    def check(self, payment_id: int) -> Refundable:
        """Ask the processor if, and how, a payment can be refunded now. Records the refunds that it lists.

        Raises KnownError without an answer.
        """
        payment = self._ledger.payment(payment_id)
        back = self.look(payment) if payment.processor_ref else None
        payment = self._ledger.payment(payment_id)
        refunds = self._refunds_of(payment_id)
        if payment.state not in REFUNDABLE:
            return Refundable(payment, refunds, words.not_refundable(payment))
        if back is None:
            raise words.refunds_not_told()
        if any(one.state in UNDECIDED for one in refunds):
            return Refundable(payment, refunds, words.REFUND_UNDECIDED)
        if back.charge_status is ChargeStatus.VOIDABLE:
            opens = refund_opens_on(payment)
            return Refundable(payment, refunds, words.not_settled(opens), voidable=True, opens_on=opens)
        if back.returned or back.disputed or back.charge_status is ChargeStatus.CANCELED:
            return Refundable(payment, refunds, words.MONEY_IS_BACK)
        if not left_of(payment, refunds):
            return Refundable(payment, refunds, words.NOTHING_LEFT)
        if not back.whole:
            raise words.refunds_not_told()
        refused = self._processor.refund_refusal(payment.processor_ref)
        if refused is None:
            return Refundable(payment, refunds, returnable_until=self._returnable_until(payment))
        opens = refund_opens_on(payment)
        later = opens if opens is not None and opens > self._clock.now().date() else None
        return Refundable(payment, refunds, refused.reason, opens_on=later)

    def _returnable_until(self, payment: Payment) -> date | None:
        """Return the day until which a consumer's bank can return this debit, or None if it is over."""
        consent = payment.draft.consent
        personal = consent is None or consent.proof is not Proof.AGREEMENT
        if payment.draft.kind is not TenderKind.ACH or not personal or payment.decided_at is None:
            return None
        until = payment.decided_at.date() + timedelta(days=RETURNABLE_DAYS)
        return until if until >= self._clock.now().date() else None

    # ---- the refund -------------------------------------------------------------------------

    def refund(self, payment_id: int, ask: RefundAsk) -> Refund:
        """Refund a payment, or a part of it, once.

        Returns the refund as read back: ACCEPTED or DONE, UNKNOWN while the answer is unclear, or REFUSED,
        FAILED or NOT_MADE with the reason. Raises KnownError if nothing was sent. Raises RefundNotRecorded if
        the answer could not be saved. Then the refund stays SUBMITTED, and PayDesk asks about it.
        """
        self._rights.require(Right.REFUND)
        _check_note(ask)
        found = self.check(payment_id)
        if found.refusal:
            raise words.cannot_refund(found.refusal)
        if found.returnable_until is not None and not ask.still_returnable:
            raise words.still_returnable(found.returnable_until)
        before_commit_s = self._clock.elapsed_s()
        self._sending.add(payment_id)
        try:
            begun = self._begin(payment_id, ask)
            if self._clock.elapsed_s() - before_commit_s > SEND_FENCE_S:
                return self._record(begun, NotSent(words.SLEPT_BEFORE_REFUND))
            return self._record(begun, self._send(found, begun, ask))
        finally:
            self._sending.discard(payment_id)

    def wish(self, payment_id: int, ask: RefundAsk) -> Refund:
        """Record a wish for a refund that the processor does not allow yet. Raises KnownError."""
        self._rights.require(Right.REFUND)
        _check_note(ask)
        return self._ledger.wish_refund(payment_id, ask)

    def drop(self, refund_id: int) -> Refund:
        """Take a wish back. Raises KnownError."""
        self._rights.require(Right.REFUND)
        return self._ledger.record_refund(refund_id, RefundState.DROPPED)

    def entered(self, refund_id: int, note: str = "") -> Refund:
        """Record that a person did what was left to do about a refund. Raises KnownError."""
        self._rights.require(Right.POST)
        return self._ledger.refund_entered(refund_id, note)

    def is_ours(self, refund_id: int) -> Refund:
        """Record that the refund listed without our reference is this one. Raises KnownError."""
        self._rights.require(Right.REFUND)
        seen = self.doubtful.get(refund_id)
        if seen is None:
            raise words.nothing_doubtful()
        self.doubtful.pop(refund_id)
        return self._ledger.attribute_refund(refund_id, seen)

    def is_not_ours(self, refund_id: int) -> Refund:
        """Record that the refund listed without our reference was made in the portal. Raises KnownError."""
        self._rights.require(Right.REFUND)
        seen = self.doubtful.get(refund_id)
        if seen is None:
            raise words.nothing_doubtful()
        self.doubtful.pop(refund_id)
        self._ledger.refund_of_portal(self._ledger.refund(refund_id).payment_id, seen)
        return self._ledger.refund(refund_id)

    def _begin(self, payment_id: int, ask: RefundAsk) -> Refund:
        try:
            return self._ledger.begin_refund(payment_id, ask)
        except StaleMove:
            raise
        except KnownError as error:
            # A COMMIT that reported an error may still have happened: then nothing was sent all the same.
            raise words.maybe_refunding(error) from error

    def _send(self, found: Refundable, refund: Refund, ask: RefundAsk) -> RefundOutcome:
        order = RefundOrder(
            processor_ref=found.payment.processor_ref,
            reference=refund.reference,
            kind=refund.kind,
            amount=refund.amount,
            reason=REFUND_REASONS[ask.reason],
            detail=ask.note or REFUND_REASONS[ask.reason],
            rest=any(one.state in LIVE for one in found.refunds),
        )
        try:
            return self._processor.refund(order)
        except Exception as error:  # a bug of ours after sending: the outcome is unknown, and stays so
            _log.exception("a refund failed")
            return Unclear(words.failed_waiting(error), Reason.FAULT)

    def _record(self, refund: Refund, outcome: RefundOutcome) -> Refund:
        state, why, processor_ref = RefundState.UNKNOWN, "", ""
        match outcome:
            case RefundTaken():
                state, processor_ref = outcome.state, outcome.processor_ref
            case NotSent():
                state, why = RefundState.NOT_MADE, outcome.why
            case RefundRefused():
                why = outcome.reason
                if outcome.final:
                    state = RefundState.REFUSED
                else:
                    self._watches.setdefault(refund.id, _Watch()).refused = why
            case Unclear():
                why = outcome.why
            case never:
                assert_never(never)
        try:
            return self._ledger.record_refund(refund.id, state, why, processor_ref)
        except StaleMove:  # another desk was faster: the recorded state counts
            return self._ledger.refund(refund.id)
        except Exception as error:  # even after a bug of ours, a person must learn of the refund
            return self._read_back(refund, outcome, error)

    def _read_back(self, refund: Refund, outcome: RefundOutcome, error: Exception) -> Refund:
        if not isinstance(error, KnownError):
            _log.exception("refund %s could not be recorded", refund.reference)
        try:
            found = self._ledger.refund(refund.id)
        except KnownError:
            found = refund
        if found.state is RefundState.SUBMITTED and isinstance(outcome, RefundTaken | Unclear):
            raise RefundNotRecorded(*words.refund_not_recorded(refund.reference)) from error
        return found

    # ---- after a refund ---------------------------------------------------------------------

    def look(self, payment: Payment) -> MoneyBack | None:
        """Ask the processor how much of a payment went back, and record its refunds.

        Returns None without an answer. Raises KnownError if the ledger is unreachable.
        """
        back = self._processor.money_back(payment.processor_ref, charge_request(payment))
        if back is None:
            return None
        before = self._refunds_of(payment.id)
        seen = [*back.refunds, *_told_by_status(payment, before, back)]
        self._ledger.refunds_seen(payment.id, seen)
        for one in self._refunds_of(payment.id):
            self._note_doubtful(one, seen)
        return back

    def due(self) -> list[Payment]:
        """Ask about the refunds that are due. Returns the payments whose state changed."""
        now_s, changed = self._clock.elapsed_s(), []
        followed = self._ledger.followed_refunds()
        for ended in set(self._watches) - {found.refund.id for found in followed}:
            self._watches.pop(ended)
            self.doubtful.pop(ended, None)
        for found in followed:
            watch = self._watches.setdefault(found.refund.id, _Watch())
            if now_s < watch.next_s or found.payment.id in self._sending:
                continue
            watch.next_s = now_s + _wait_s(found)
            try:
                self._follow(found, watch, now_s)
            except StaleMove:  # another desk was faster: the recorded state counts
                continue
            except KnownError:  # the ledger is unreachable
                raise
            except Exception:  # a bug of ours with one refund must not keep the others open
                _log.exception("refund %s could not be followed", found.refund.reference)
                continue
            after = self._ledger.payment(found.payment.id)
            changed += [after] if after.state is not found.payment.state else []
        return changed

    def all_due(self) -> None:
        """Make every refund due now."""
        for watch in list(self._watches.values()):
            watch.next_s = float("-inf")

    def _follow(self, found: FollowedRefund, watch: _Watch, now_s: float) -> None:
        refund = found.refund
        if refund.state is RefundState.SUBMITTED:
            if found.owner_alive and found.age_s < LEASE_S:
                return  # its sender still works on it
            why = words.STOPPED_BEFORE_REFUNDED
            refund = self._ledger.record_refund(refund.id, RefundState.UNKNOWN, why)
        if watch.unknown_s is None:
            watch.unknown_s = now_s
        back = self.look(found.payment)
        refund = self._ledger.refund(refund.id)
        if back is None or refund.state is not RefundState.UNKNOWN:
            return
        if back.whole and refund.id not in self.doubtful and self._is_over(found, watch, now_s):
            state = RefundState.REFUSED if watch.refused else RefundState.NOT_MADE
            self._ledger.record_refund(refund.id, state, watch.refused or words.NEVER_REFUNDED)

    def _is_over(self, found: FollowedRefund, watch: _Watch, now_s: float) -> bool:
        """Return True if no late copy of the request can be carried out beside a new one.

        The processor caps the sum of all refunds, so a refund of all that was left can't be made twice.
        """
        if watch.unknown_s is None or now_s - watch.unknown_s < self._quiet_s:
            return False
        whole = found.refund.kind is RefundKind.TOTAL
        return whole or bool(watch.refused) or found.age_s >= PART_QUIET_S

    def _note_doubtful(self, refund: Refund, seen: Sequence[SeenRefund]) -> None:
        """Remember a listed refund that may be this one, for a person to decide."""
        known = {one.processor_ref for one in self._refunds_of(refund.payment_id)}
        unnamed = [one for one in seen if one.processor_ref not in known and not one.is_labeled]
        if refund.state in UNDECIDED and unnamed:
            self.doubtful[refund.id] = unnamed[0]
        else:
            self.doubtful.pop(refund.id, None)

    def _refunds_of(self, payment_id: int) -> Sequence[Refund]:
        return self._ledger.refunds_of([payment_id]).get(payment_id, ())


def _wait_s(found: FollowedRefund) -> float:
    """Return the seconds until the next question about a refund."""
    if found.refund.state is RefundState.ACCEPTED:
        return EVERY_S
    return next((pause for limit, pause in _FIRST_WAITS_S if found.age_s < limit), 600.0)


def _told_by_status(payment: Payment, before: Sequence[Refund], back: MoneyBack) -> list[SeenRefund]:
    """Return the refund that only a status or a sum tells of, at a tenant that lists no refunds."""
    if back.refunds or not (back.refunded or back.all_refunded):
        return []
    known = total(one.amount for one in before if one.state is RefundState.DONE)
    missing = (back.refunded or charged(payment)) - known
    return [SeenRefund("", missing, RefundState.DONE)] if missing > ZERO else []


def _check_note(ask: RefundAsk) -> None:
    if holds_card_data(ask.note):
        raise words.card_number_in_reason()
