"""Take one payment: record, ask, record, charge once, record (docs/safety.md, steps A to C)."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Collection
from enum import Enum, auto
from typing import assert_never

from paydesk.domain.errors import BugError, Charged, KnownError
from paydesk.domain.outcome import Approved, Declined, Expiry, NotSent, Outcome, Reason, Unclear
from paydesk.domain.payment import Draft, Payment, State
from paydesk.domain.tender import Tender
from paydesk.services.invoices.offline_charge import CachedCharges
from paydesk.services.payments import words
from paydesk.services.payments.attempts import Attempts
from paydesk.services.payments.holding import Holding
from paydesk.services.payments.references import charge_request, new_reference
from paydesk.services.ports.agency import InvoiceSource
from paydesk.services.ports.clock import Clock
from paydesk.services.ports.ledger import Ledger, ReceiptFor
from paydesk.services.ports.processor import ChargeRequest, Processor
from paydesk.services.ports.rights import EVERYONE, Rights

SEND_FENCE_S = 5.0
"""Most seconds between the commit and the charge. Later it is not sent at all: a laptop that was closed must
not wake up and send (docs/safety.md, step B)."""

_log = logging.getLogger(__name__)


class Step(Enum):
    """A step of a payment while the customer waits."""

    HOLDING = auto()
    ASKING = auto()
    CHARGING = auto()
    RECORDING = auto()


class NotRecorded(KnownError):
    """The worst case, stated plainly: the processor answered, and the answer could not be saved."""

    def __init__(self, reference: str, outcome: Approved | Declined | Unclear) -> None:
        super().__init__(*words.not_recorded(reference, outcome))
        self.outcome = outcome
        match outcome:
            case Approved():
                self.charged = Charged.YES
            case Declined():
                self.charged = Charged.NO
            case Unclear():
                self.charged = Charged.UNKNOWN
            case never:
                assert_never(never)


class Authorize:
    """Takes payments. All that it needs is passed in, so that a simulation can run it."""

    def __init__(
        self,
        ledger: Ledger,
        source: InvoiceSource,
        processor: Processor,
        clock: Clock,
        receipt_for: ReceiptFor,
        reference: Callable[[], str] = new_reference,
        cached: CachedCharges | None = None,
        *,
        attempts: Attempts | None = None,
        declined_is_final: bool = False,
        rights: Rights = EVERYONE,
    ) -> None:
        """Limit declines with ``attempts``.

        Set ``declined_is_final`` if the processor closes a declined intent and so refuses to expire it.
        """
        self._ledger = ledger
        self._processor = processor
        self._clock = clock
        self._receipt_for = receipt_for
        self._reference = reference
        self._attempts = attempts
        self._declined_is_final = declined_is_final
        self._holding = Holding(ledger, source, processor, clock, cached, rights)

    def pay(
        self,
        draft: Draft,
        tender: Tender,
        on_step: Callable[[Step], None] = lambda _step: None,
        warned: Collection[str] = (),
    ) -> Payment:
        """Charge the draft to the tender, once.

        ``warned`` is what the person was warned about, and goes past: see Warned.

        Returns the payment as read back from the ledger: AUTHORIZED, DECLINED, UNKNOWN, or RELEASED if the
        charge surely was not sent. Raises KnownError before anything is sent. Then nothing was charged.
        Raises NotRecorded if the ledger fails afterwards.
        """
        if tender.kind is not draft.kind:
            raise BugError("the tender is not the one that was quoted")
        self._holding.require_allowed(draft)
        on_step(Step.HOLDING)
        if self._attempts is not None:
            self._attempts.check_returned(tender, self._ledger, warned)
        reference = self._reference()
        attempt = None if self._attempts is None else self._attempts.attempt(draft, tender)
        payment = self._holding.hold(draft, reference, attempt)
        request = charge_request(payment, f"{reference}-1")
        try:
            on_step(Step.ASKING)
            fresh = self._holding.check_still_owed(payment)
            self._holding.check_not_paid_elsewhere(draft)
            self._holding.check_not_taken_before(payment, warned)
            token = self._processor.create_intent(request)
            before_commit_s = self._clock.elapsed_s()
            payment = self._ledger.submit(payment, request.title, token, fresh)
        except Exception as error:
            self._holding.give_back(payment.id, str(error))
            raise
        _tell(on_step, Step.CHARGING)
        if self._clock.elapsed_s() - before_commit_s > SEND_FENCE_S:
            return self._ledger.release(payment.id, words.SLEPT, Reason.SLEPT)
        outcome = self._charge(token, request, tender)
        _tell(on_step, Step.RECORDING)
        return self._record(payment, outcome)

    def _charge(self, token: str, request: ChargeRequest, tender: Tender) -> Outcome:
        try:
            outcome = self._processor.pay(token, request, tender)
            return self._made_final(token, outcome) if isinstance(outcome, Declined) else outcome
        except Exception as error:  # a bug of ours after sending: the outcome is unknown, and stays so
            return Unclear(words.failed_waiting(error), Reason.FAULT)

    def _made_final(self, token: str, declined: Declined) -> Declined | Unclear:
        """Expire a declined intent before the decline counts: a copy of the request could still pay it."""
        try:
            expiry = self._processor.expire(token)
        except KnownError:
            expiry = Expiry.BEFORE
        if expiry is Expiry.EXPIRED or (expiry is Expiry.REFUSED and self._declined_is_final):
            return declined
        return Unclear(words.not_final(declined), Reason.NOT_FINAL)

    def _record(self, payment: Payment, outcome: Outcome) -> Payment:
        try:
            if isinstance(outcome, NotSent):
                return self._ledger.release(payment.id, outcome.why, Reason.NO_CONNECTION)
            return self._ledger.record(payment, outcome, self._receipt_for)
        except Exception as error:  # even after a bug of ours, a person must learn of the charge
            # A COMMIT that reported an error may still have happened: read before reporting anything.
            return self._read_back(payment, outcome, error)

    def _read_back(self, payment: Payment, outcome: Outcome, error: Exception) -> Payment:
        if not isinstance(error, KnownError):
            _log.exception("the outcome of payment %s could not be recorded", payment.reference)
        try:
            found = self._ledger.payment(payment.id)
        except KnownError:
            found = payment
        if isinstance(outcome, NotSent):
            return found
        if isinstance(outcome, Approved):
            recorded = found.processor_ref == outcome.processor_ref
        else:
            recorded = found.state is not State.SUBMITTED
        if not recorded:
            raise NotRecorded(payment.reference, outcome) from error
        return found


def _tell(on_step: Callable[[Step], None], step: Step) -> None:
    """Report the step to the screen. Once the payment is submitted, no error there may stop it."""
    with contextlib.suppress(Exception):
        on_step(step)
