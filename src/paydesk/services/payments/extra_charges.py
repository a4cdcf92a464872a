"""Extra charges: charges of ours that no payment accounts for, such as an intent that was paid twice.

PayDesk voids one only if a person asks for it. The void names its charge, so anyone may repeat it at any
time. So no state is kept for it: one event is written before the request, and another after the answer. If a
desk dies in between, the processor's list still shows the charge, or shows it as canceled.
"""

from __future__ import annotations

import contextlib
import logging

from paydesk.domain.errors import KnownError
from paydesk.domain.events import EventKind
from paydesk.domain.outcome import Charge, ChargeStatus, Voided, VoidOutcome, VoidRefused
from paydesk.domain.payment import NOT_TAKEN, OPEN, Payment, State
from paydesk.services.payments import words
from paydesk.services.payments.authorize import SEND_FENCE_S
from paydesk.services.payments.reasons import checked_reason
from paydesk.services.payments.reconcile import is_of
from paydesk.services.payments.references import payment_of
from paydesk.services.ports.clock import Clock
from paydesk.services.ports.ledger import Ledger
from paydesk.services.ports.processor import ReversingProcessor
from paydesk.services.ports.rights import EVERYONE, Right, Rights

_log = logging.getLogger(__name__)


class ExtraCharges:
    """Voids extra charges."""

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

    def may_void(self, charge: Charge) -> bool:
        """Return True if the charge carries a payment's title, and surely is not that payment's own."""
        payment = self._payment_of(charge)
        return payment is not None and bool(charge.processor_ref) and is_extra(charge, payment)

    def void(self, charge: Charge, why: str) -> ChargeStatus:
        """Void the charge, with a person's reason. Returns its status after that.

        Raises KnownError if nothing was sent. UNCLEAR: it may be canceled, and voiding it again is safe.
        """
        self._rights.require(Right.VOID)
        reason = checked_reason(why)
        before_commit_s = self._clock.elapsed_s()
        payment = self._payment_of(charge)
        if payment is None or not is_extra(charge, payment):
            raise words.not_extra(charge)
        said = {"charge": charge.processor_ref, "amount": str(charge.charged or ""), "reason": reason}
        self._ledger.note(payment.id, EventKind.EXTRA_VOIDING, said)
        if self._clock.elapsed_s() - before_commit_s > SEND_FENCE_S:
            raise words.slept_before_void()
        status = self._send(charge, reason)
        self._note(payment, charge, status)
        return status

    def _send(self, charge: Charge, reason: str) -> ChargeStatus:
        outcome = self._ask(charge, reason)
        if isinstance(outcome, Voided):
            return ChargeStatus.CANCELED
        status = self._processor.listed_status(charge)
        if status is ChargeStatus.VOIDABLE and not isinstance(outcome, VoidRefused):
            return ChargeStatus.UNCLEAR  # a copy of the request may still arrive
        return status

    def _ask(self, charge: Charge, reason: str) -> VoidOutcome | None:
        try:
            return self._processor.void(charge.processor_ref, reason)
        except Exception:  # a bug of ours after sending: the charge itself is asked
            _log.exception("the void of an extra charge failed")
            return None

    def _note(self, payment: Payment, charge: Charge, status: ChargeStatus) -> None:
        """Record the answer. Without the record, the next list shows the same."""
        kind = EventKind.EXTRA_VOIDED if status is ChargeStatus.CANCELED else EventKind.EXTRA_NOT_VOIDED
        with contextlib.suppress(KnownError):
            said = {"charge": charge.processor_ref, "status": status.name.lower()}
            self._ledger.note(payment.id, kind, said)

    def _payment_of(self, charge: Charge) -> Payment | None:
        return payment_of(self._ledger, charge)


def is_extra(charge: Charge, payment: Payment) -> bool:
    """Return True if the charge carries this payment's title, and is surely not its own charge.

    A payment without a charge may still get this one, unless the amounts differ.
    """
    if not is_of(charge, payment):
        return False
    if payment.state in OPEN or payment.state in NOT_TAKEN:
        return charge.subtotal is not None and charge.subtotal != payment.draft.quote.subtotal
    return payment.processor_ref != charge.processor_ref or payment.state is State.VOIDED
