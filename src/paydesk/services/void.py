"""Void a payment: record, ask, record; what stays unclear is asked for until it is proven (step V)."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator

from paydesk.domain.errors import KnownError
from paydesk.domain.outcome import Standing, Unclear, Voided, VoidOutcome, VoidRefused
from paydesk.domain.payment import Payment
from paydesk.services.authorize import SEND_FENCE_S, charge_request
from paydesk.services.ports import Clock, Ledger, ReversingProcessor, StaleMove, Undecided, Voiding

VOID_LEASE_S = 90.0
"""For so long another desk's void is left to it: its answer comes within this time, or not at all."""

LONGEST_REASON = 200

TOO_LATE = "Too late to void: it has settled. Refund it in AndDone's portal."

_log = logging.getLogger(__name__)


class Voids:
    """Voids payments. A void may be repeated: it names its charge, and a charge is cancelled once."""

    def __init__(self, ledger: Ledger, processor: ReversingProcessor, clock: Clock) -> None:
        self._ledger = ledger
        self._processor = processor
        self._clock = clock
        self._sending: set[int] = set()
        """Payments whose void this process is sending just now."""

    def void(self, payment_id: int, why: str) -> Payment:
        """Void an approved payment, for the clerk's reason.

        Returns the payment as read back: VOIDED; what it was before, with the reason, when AndDone
        refuses; VOIDING while that is not clear. Raises KnownError when nothing was sent, and when
        what AndDone answered could not be saved: then it stays VOIDING, and is asked for.
        """
        reason = " ".join(why.split())[:LONGEST_REASON]
        if not reason:
            raise KnownError("A void needs a reason.", "Say in a few words why this payment is voided.")
        before_commit_s = self._clock.elapsed_s()
        with self._busy(payment_id):
            voiding = self._begin(payment_id, reason)
            if self._clock.elapsed_s() - before_commit_s > SEND_FENCE_S:
                return voiding.payment  # this computer slept: another desk may have settled it meanwhile
            return self._send(voiding)

    def settle(self, found: Undecided, age_s: float) -> Payment:
        """Ask what became of a void without an answer, and repeat it while the charge can be voided."""
        payment = found.payment
        theirs = found.owner_alive and not found.mine and age_s < VOID_LEASE_S
        if theirs or payment.id in self._sending:
            return payment
        with self._busy(payment.id):
            return self._settle(Voiding(found.void_attempt, payment))

    def cancelled_elsewhere(self, payment: Payment) -> Payment:
        """AndDone's list shows a payment cancelled that nobody voided here: believe it once it is proven."""
        if self._standing(payment) is not Standing.CANCELLED:
            return payment
        try:
            return self._ledger.voided(payment.id)
        except StaleMove:  # another desk was faster: its word stands
            return self._ledger.payment(payment.id)

    def still_stands(self, payment: Payment) -> bool:
        """Whether AndDone says plainly that the charge was not cancelled."""
        return self._standing(payment) in (Standing.VOIDABLE, Standing.SETTLED)

    @contextlib.contextmanager
    def _busy(self, payment_id: int) -> Iterator[None]:
        """Nobody else in this process asks about the void meanwhile."""
        self._sending.add(payment_id)
        try:
            yield
        finally:
            self._sending.discard(payment_id)

    def _settle(self, voiding: Voiding) -> Payment:
        payment = voiding.payment
        match self._standing(payment):
            case Standing.CANCELLED:
                return self._ledger.voided(payment.id)
            case Standing.SETTLED:
                return self._ledger.not_voided(voiding.attempt, TOO_LATE)
            case Standing.VOIDABLE:
                return self._send(voiding)
            case Standing.UNCLEAR:
                return payment

    def _begin(self, payment_id: int, reason: str) -> Voiding:
        try:
            return self._ledger.begin_void(payment_id, reason)
        except StaleMove:
            raise
        except KnownError as error:
            # A failed COMMIT may have happened all the same: then the void goes on by itself.
            raise KnownError(
                error.sentence,
                f"{error.next_step} Then look under Payments: if it is being voided, PayDesk goes on by "
                "itself; if not, void it again.".strip(),
            ) from error

    def _send(self, voiding: Voiding) -> Payment:
        payment = voiding.payment
        match self._ask(payment):
            case Voided():
                return self._ledger.voided(payment.id)
            case VoidRefused() as refused:
                return self._refused(voiding, refused)
            case Unclear():
                return self._ledger.payment(payment.id)

    def _ask(self, payment: Payment) -> VoidOutcome:
        try:
            return self._processor.void(payment.processor_ref, payment.reason)
        except Exception as error:  # our own fault after sending: what happened is unknown, and stays so
            _log.exception("a void failed")
            return Unclear(f"PayDesk failed while waiting for the answer ({type(error).__name__}).")

    def _refused(self, voiding: Voiding, refused: VoidRefused) -> Payment:
        """An earlier copy of the request may have been carried out: the charge itself is asked first."""
        payment = voiding.payment
        match self._standing(payment):
            case Standing.CANCELLED:
                return self._ledger.voided(payment.id)
            case Standing.SETTLED:
                return self._ledger.not_voided(voiding.attempt, TOO_LATE)
            case Standing.VOIDABLE if refused.final:
                return self._ledger.not_voided(voiding.attempt, f"Not voided. {refused.reason}")
            case _:
                return self._ledger.payment(payment.id)

    def _standing(self, payment: Payment) -> Standing:
        return self._processor.standing(payment.processor_ref, charge_request(payment))
