"""Void a payment: record, ask, record. Ask about an unclear void until it is proven.

This is step V of docs/safety.md.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from typing import assert_never

from paydesk.domain.errors import KnownError
from paydesk.domain.outcome import ChargeStatus, Reason, Unclear, Voided, VoidOutcome, VoidRefused
from paydesk.domain.payment import Payment
from paydesk.services.payments import words
from paydesk.services.payments.authorize import SEND_FENCE_S
from paydesk.services.payments.reasons import checked_reason
from paydesk.services.payments.references import charge_request
from paydesk.services.ports.clock import Clock
from paydesk.services.ports.ledger import Ledger, StaleMove, Undecided, Voiding
from paydesk.services.ports.processor import ReversingProcessor
from paydesk.services.ports.rights import EVERYONE, Right, Rights

VOID_LEASE_S = 90.0
"""Seconds for which another desk's void is left to it. Its answer comes within this time, or not at all."""

_log = logging.getLogger(__name__)


class Voids:
    """Voids payments. A void may be repeated, because it names its charge, and a charge is canceled once."""

    def __init__(
        self,
        ledger: Ledger,
        processor: ReversingProcessor,
        clock: Clock,
        rights: Rights = EVERYONE,
    ) -> None:
        self._ledger = ledger
        self._processor = processor
        self._clock = clock
        self._rights = rights
        self._sending: set[int] = set()
        """Payments whose void this process is sending now."""

    def void(self, payment_id: int, why: str) -> Payment:
        """Void an approved payment, with the clerk's reason.

        Returns the payment as read back. It is VOIDED, or VOIDING while the answer is unclear. If the void is
        refused, the payment is what it was before, with the reason. Raises KnownError if nothing was sent.
        Raises KnownError, too, if the answer could not be saved. Then the payment stays VOIDING, and
        PayDesk asks about it again.
        """
        self._rights.require(Right.VOID)
        reason = checked_reason(why)
        before_commit_s = self._clock.elapsed_s()
        with self._busy(payment_id):
            voiding = self._begin(payment_id, reason)
            if self._clock.elapsed_s() - before_commit_s > SEND_FENCE_S:
                return voiding.payment  # this computer slept: another desk may have resolved it meanwhile
            return self._send(voiding)

    def resolve(self, found: Undecided, age_s: float) -> Payment:
        """Ask about a void without an answer, and repeat it while the charge can be voided."""
        payment = found.payment
        theirs = found.owner_alive and not found.mine and age_s < VOID_LEASE_S
        if theirs or payment.id in self._sending:
            return payment
        with self._busy(payment.id):
            return self._resolve(Voiding(found.void_attempt, payment))

    def canceled_elsewhere(self, payment: Payment) -> Payment:
        """Record a void made outside PayDesk.

        The processor's list shows it, but only the charge itself proves it.
        """
        if self._status(payment) is not ChargeStatus.CANCELED:
            return payment
        try:
            return self._ledger.voided(payment.id)
        except StaleMove:  # another desk was faster: the recorded state counts
            return self._ledger.payment(payment.id)

    def still_stands(self, payment: Payment) -> bool:
        """Return True if the processor says plainly that the charge was not canceled."""
        return self._status(payment) in (ChargeStatus.VOIDABLE, ChargeStatus.SETTLED)

    @contextlib.contextmanager
    def _busy(self, payment_id: int) -> Iterator[None]:
        """Keep the rest of this process from asking about the void meanwhile."""
        self._sending.add(payment_id)
        try:
            yield
        finally:
            self._sending.discard(payment_id)

    def _resolve(self, voiding: Voiding) -> Payment:
        payment = voiding.payment
        match self._status(payment):
            case ChargeStatus.CANCELED:
                return self._ledger.voided(payment.id)
            case ChargeStatus.SETTLED:
                return self._ledger.not_voided(voiding.attempt, words.TOO_LATE, Reason.VOID_TOO_LATE)
            case ChargeStatus.VOIDABLE:
                return self._send(voiding)
            case ChargeStatus.UNCLEAR:
                return payment
            case never:
                assert_never(never)

    def _begin(self, payment_id: int, reason: str) -> Voiding:
        try:
            return self._ledger.begin_void(payment_id, reason)
        except StaleMove:
            raise
        except KnownError as error:
            # A COMMIT that reported an error may still have happened: then PayDesk continues the void.
            raise words.maybe_voiding(error) from error

    def _send(self, voiding: Voiding) -> Payment:
        payment = voiding.payment
        match self._ask(payment):
            case Voided():
                return self._ledger.voided(payment.id)
            case VoidRefused() as refused:
                return self._refused(voiding, refused)
            case Unclear():
                return self._ledger.payment(payment.id)
            case never:
                assert_never(never)

    def _ask(self, payment: Payment) -> VoidOutcome:
        try:
            return self._processor.void(payment.processor_ref, payment.reason)
        except Exception as error:  # a bug of ours after sending: the outcome is unknown, and stays so
            _log.exception("a void failed")
            return Unclear(words.failed_waiting(error), Reason.FAULT)

    def _refused(self, voiding: Voiding, refused: VoidRefused) -> Payment:
        """Ask about the charge first: the processor may have carried out an earlier copy of the request."""
        payment = voiding.payment
        match self._status(payment):
            case ChargeStatus.CANCELED:
                return self._ledger.voided(payment.id)
            case ChargeStatus.SETTLED:
                return self._ledger.not_voided(voiding.attempt, words.TOO_LATE, Reason.VOID_TOO_LATE)
            case ChargeStatus.VOIDABLE if refused.final:
                return self._ledger.not_voided(voiding.attempt, refused.reason, Reason.VOID_REFUSED)
            case _:
                return self._ledger.payment(payment.id)

    def _status(self, payment: Payment) -> ChargeStatus:
        return self._processor.charge_status(payment.processor_ref, charge_request(payment))
