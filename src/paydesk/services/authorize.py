"""Take one payment: record, ask, record, charge once, record (DESIGN section 3, steps A to C)."""

from __future__ import annotations

import contextlib
import logging
import re
import secrets
from collections.abc import Callable, Sequence
from datetime import timedelta
from enum import Enum, auto

from paydesk.domain.errors import BugError, KnownError, NoAnswer
from paydesk.domain.invoice import Invoice
from paydesk.domain.outcome import Approved, Charge, Declined, Expiry, NotSent, Outcome, Unclear
from paydesk.domain.payment import PAID, Draft, Payment, State
from paydesk.domain.tender import Tender
from paydesk.services.cached import CachedCharges, agreement
from paydesk.services.ports import (
    ChargeRequest,
    Clock,
    InvoiceSource,
    InvoiceTaken,
    Ledger,
    Processor,
    ReceiptFor,
)

SEND_FENCE_S = 5.0
"""The charge leaves within this time of its commit, or not at all: a closed laptop must not
wake up and send (DESIGN section 3, step I)."""

RECENT = timedelta(days=3)
"""How far back the processor is asked for payments that carry these invoices; as far ahead too:
its zone is not published, and the clock of this computer may be wrong."""

_log = logging.getLogger(__name__)

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_TITLE = re.compile(f"(PD[{_ALPHABET}]{{18}})-[0-9]+")


class Step(Enum):
    """Where a payment is while the customer waits."""

    CLAIMING = auto()
    ASKING = auto()
    CHARGING = auto()
    RECORDING = auto()


class NotRecorded(KnownError):
    """The processor answered, and the ledger could not be written: the worst case, said plainly."""

    def __init__(self, reference: str, outcome: Approved | Declined | Unclear) -> None:
        self.outcome = outcome
        word = {Approved: "APPROVED", Declined: "declined"}.get(type(outcome), "sent, without a clear answer")
        super().__init__(
            f"The payment was {word}, but it could not be saved (reference {reference}).",
            "Do not charge again. Write the reference down, free disk space and restart PayDesk: "
            "it will ask AndDone.",
        )


def new_reference() -> str:
    """A payment reference that was never used: PD and 90 random bits, no clock in it."""
    return "PD" + "".join(_ALPHABET[byte % 32] for byte in secrets.token_bytes(18))


def reference_in(title: str) -> str:
    """The payment reference an intent's title is made of; ``""`` when the intent is not ours."""
    found = _TITLE.fullmatch(title)
    return found[1] if found else ""


class Authorize:
    """Takes payments; everything it needs is handed in, so that a simulation can run it."""

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
        declined_is_final: bool = False,
    ) -> None:
        """``declined_is_final``: this processor refuses to expire a declined intent, for it is closed."""
        self._ledger = ledger
        self._source = source
        self._processor = processor
        self._clock = clock
        self._receipt_for = receipt_for
        self._reference = reference
        self._cached = cached
        self._declined_is_final = declined_is_final

    def pay(
        self, draft: Draft, tender: Tender, on_step: Callable[[Step], None] = lambda _step: None
    ) -> Payment:
        """Charge the draft to the tender, once.

        Returns the payment as read back from the ledger: AUTHORIZED, DECLINED, UNKNOWN, or
        RELEASED when the charge surely was not sent. Raises KnownError before anything is
        sent; then nothing was charged. Raises NotRecorded when the ledger fails afterwards.
        """
        if tender.kind is not draft.kind:
            raise BugError("the tender is not the one that was quoted")
        on_step(Step.CLAIMING)
        reference = self._reference()
        payment = self._claim(draft, reference)
        request = charge_request(payment, f"{reference}-1")
        try:
            on_step(Step.ASKING)
            fresh = self._check_still_owed(payment)
            self._check_not_paid_elsewhere(draft)
            token = self._processor.create_intent(request)
            before_commit_s = self._clock.elapsed_s()
            payment = self._ledger.submit(payment, request.title, token, fresh)
        except Exception as error:
            self._give_back(payment.id, str(error))
            raise
        _tell(on_step, Step.CHARGING)
        if self._clock.elapsed_s() - before_commit_s > SEND_FENCE_S:
            return self._ledger.release(payment.id, "This computer slept before the charge was sent.")
        outcome = self._charge(token, request, tender)
        _tell(on_step, Step.RECORDING)
        return self._record(payment, outcome)

    def _claim(self, draft: Draft, reference: str) -> Payment:
        try:
            return self._ledger.claim(draft, reference)
        except InvoiceTaken:
            raise
        except KnownError as error:
            # A failed COMMIT may have happened all the same: do not leave the invoices locked by it.
            with contextlib.suppress(KnownError):
                found = self._ledger.find(reference)
                if found is not None:
                    self._ledger.release(found.id, str(error))
            raise

    def _check_still_owed(self, payment: Payment) -> Sequence[Invoice]:
        """Read the invoices again; the ledger compares what they owe under its lock.

        A live answer always counts. Only where there is none, and the desk said yes to it, the
        last reading does: the yes is recorded before anything is sent.
        """
        draft, live = payment.draft, []
        try:
            for number in draft.invoice_numbers:
                live.append(self._live(number))  # noqa: PERF401 - those that were answered are kept
        except NoAnswer:
            if not draft.from_cache or self._cached is None:
                raise
            kept = self._cached.readings(draft.invoice_numbers[len(live) :])
            self._ledger.note(payment.id, "charged from cache", agreement(draft, kept))
            live += kept
        return live

    def _live(self, number: str) -> Invoice:
        invoice = self._source.invoice(number)
        if invoice is None:
            raise InvoiceTaken(
                f"Invoice {number} is no longer in AMS360.", "Nothing was charged. Look it up again."
            )
        return invoice

    def _check_not_paid_elsewhere(self, draft: Draft) -> None:
        """Ask the processor for recent payments that carry these invoices: by link, portal, other desks."""
        wanted = set(draft.named_invoices)
        if not wanted:
            return
        today = self._clock.now().date()
        charges = self._processor.charges(today - RECENT, today + RECENT)
        for charge in charges:
            numbers = sorted(charge.invoice_numbers & wanted)
            if charge.live and numbers and not self._taken_off(charge, numbers, draft):
                whose = "by PayDesk" if reference_in(charge.reference) else "outside PayDesk"
                raise InvoiceTaken(
                    f"Invoice {numbers[0]} was already paid {whose}: {charge.charged}{_when(charge)}.",
                    f"Nothing was charged. Find it at AndDone first: {charge.processor_ref}.",
                )

    def _taken_off(self, charge: Charge, numbers: Sequence[str], draft: Draft) -> bool:
        """Whether the ledger takes the charge off what is owed, under its lock.

        One of ours that it does *not* hold for paid came late, or twice: it must stop the desk.
        So must one that names an invoice without paying it as one, and any where this payment does so.
        """
        reference = reference_in(charge.reference)
        payment = self._ledger.find(reference) if reference else None
        if payment is None or payment.state not in PAID or payment.processor_ref != charge.processor_ref:
            return False
        return set(numbers) <= {*payment.draft.invoice_numbers} & {*draft.invoice_numbers}

    def _charge(self, token: str, request: ChargeRequest, tender: Tender) -> Outcome:
        try:
            outcome = self._processor.pay(token, request, tender)
            return self._made_final(token, outcome) if isinstance(outcome, Declined) else outcome
        except Exception as error:  # our own fault after sending: what happened is unknown, and stays so
            return Unclear(f"PayDesk failed while waiting for the answer ({type(error).__name__}).")

    def _made_final(self, token: str, declined: Declined) -> Declined | Unclear:
        """A declined intent can still be paid, by a copy of the request on its way: expire it first."""
        try:
            expiry = self._processor.expire(token)
        except KnownError:
            expiry = Expiry.BEFORE
        if expiry is Expiry.EXPIRED or (expiry is Expiry.REFUSED and self._declined_is_final):
            return declined
        return Unclear(f"{declined.reason} AndDone has not confirmed that this is final.")

    def _record(self, payment: Payment, outcome: Outcome) -> Payment:
        try:
            if isinstance(outcome, NotSent):
                return self._ledger.release(payment.id, outcome.why)
            return self._ledger.record(payment, outcome, self._receipt_for)
        except Exception as error:  # a fault of ours, too, leaves a charge that somebody has to hear of
            # A failed COMMIT may have happened all the same: read before saying anything.
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

    def _give_back(self, payment_id: int, why: str) -> None:
        """Nothing was sent: release the claim. If even that fails, the claim's lease ends it."""
        try:
            self._ledger.release(payment_id, why)
        except KnownError:
            return


def _tell(on_step: Callable[[Step], None], step: Step) -> None:
    """Tell the screen how far it is; once the payment is submitted, nothing there may stop it."""
    with contextlib.suppress(Exception):
        on_step(step)


def charge_request(payment: Payment, title: str = "") -> ChargeRequest:
    """The charge of a payment as the processor is asked for it: now, by a new ``title``, or later."""
    return ChargeRequest(
        title or payment.intent_title, payment.reference, payment.draft, _description(payment.draft)
    )


def _description(draft: Draft) -> str:
    if draft.invoice_numbers:
        word = "Invoice" if len(draft.invoice_numbers) == 1 else "Invoices"
        return f"{word} {', '.join(draft.invoice_numbers)}"
    return f"Payment {draft.reference_value}".strip()


def _when(charge: Charge) -> str:
    return f" on {charge.at:%b} {charge.at.day} by AndDone's clock" if charge.at else ""
