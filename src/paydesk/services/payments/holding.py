"""Hold a payment's invoices, and ask the agency system and the processor (docs/safety.md, step A)."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Sequence
from datetime import timedelta

from paydesk.domain.consent import consent_problem
from paydesk.domain.errors import KnownError, NoAnswer
from paydesk.domain.events import EventKind
from paydesk.domain.invoices.invoice import Invoice
from paydesk.domain.outcome import Charge, Reason
from paydesk.domain.payment import PAID, Draft, Payment
from paydesk.domain.typed.card_numbers import any_holds_card_data
from paydesk.domain.typed.plain_texts import every_text
from paydesk.services.invoices.offline_charge import CachedCharges, agreement
from paydesk.services.payments import words
from paydesk.services.payments.references import payment_of, reference_in
from paydesk.services.ports.agency import InvoiceSource
from paydesk.services.ports.clock import Clock
from paydesk.services.ports.ledger import Attempt, InvoiceTaken, Ledger
from paydesk.services.ports.processor import Processor
from paydesk.services.ports.rights import EVERYONE, Rights, needed_for

RECENT = timedelta(days=3)
"""Time around today in which the processor is asked for payments with these invoices. It looks ahead, too:
the processor's time zone is not published, and this computer's clock may be wrong."""


class Holding:
    """The steps before every charge and every address. They send nothing that could move money."""

    def __init__(
        self,
        ledger: Ledger,
        source: InvoiceSource,
        processor: Processor,
        clock: Clock,
        cached: CachedCharges | None = None,
        rights: Rights = EVERYONE,
    ) -> None:
        self._ledger = ledger
        self._source = source
        self._processor = processor
        self._clock = clock
        self._cached = cached
        self._rights = rights

    def require_allowed(self, draft: Draft) -> None:
        """Raise KnownError for a payment that nobody here may take, or whose texts may not be kept."""
        for right in needed_for(draft):
            self._rights.require(right)
        if any_holds_card_data(list(every_text(draft))):
            raise words.card_number_in_text()
        if draft.consent is not None and (problem := consent_problem(draft.consent)):
            raise words.no_consent(problem)

    def hold(
        self, draft: Draft, reference: str, attempt: Attempt | None = None, *, title: str = ""
    ) -> Payment:
        """Record the payment and lock its invoices. See Ledger.hold."""
        try:
            return self._ledger.hold(draft, reference, attempt, title=title)
        except InvoiceTaken:
            raise
        except KnownError as error:
            # A COMMIT that reported an error may still have happened: do not leave the invoices locked by it.
            with contextlib.suppress(KnownError):
                found = self._ledger.find(reference)
                if found is not None:
                    self._ledger.release(found.id, str(error), Reason.GIVEN_UP)
            raise

    def check_still_owed(self, payment: Payment) -> Sequence[Invoice]:
        """Read the invoices again. The ledger compares their balances under its lock.

        A live answer always counts. The cached reading counts only without one, and only if the clerk said
        yes to that. This yes is recorded before anything is sent.
        """
        draft, live = payment.draft, []
        try:
            for number in draft.invoice_numbers:
                live.append(self._live(number))  # noqa: PERF401 - the answers before a failure are kept
        except NoAnswer:
            if not draft.from_cache or self._cached is None:
                raise
            kept = self._cached.readings(draft.invoice_numbers[len(live) :])
            self._ledger.note(payment.id, EventKind.CHARGED_FROM_CACHE, agreement(draft, kept))
            live += kept
        return live

    def _live(self, number: str) -> Invoice:
        invoice = self._source.invoice(number)
        if invoice is None:
            raise words.no_longer_owed(number)
        return invoice

    def check_not_paid_elsewhere(self, draft: Draft) -> None:
        """Ask the processor for recent payments with these invoices: by link, portal or other desks.

        Raises InvoiceTaken if there is one that the ledger does not subtract from the balance itself.
        """
        wanted = set(draft.named_invoices)
        if not wanted:
            return
        today = self._clock.now().date()
        charges = self._processor.charges_about(
            today - RECENT, today + RECENT, lambda charge: not wanted.isdisjoint(charge.invoice_numbers)
        )
        for charge in charges:
            numbers = sorted(charge.invoice_numbers & wanted)
            if charge.live and numbers and not self._taken_off(charge, numbers, draft):
                ours = payment_of(self._ledger, charge) is not None or bool(reference_in(charge.reference))
                raise words.paid_already(numbers[0], charge, ours=ours)

    def check_not_taken_before(self, payment: Payment, warned: Collection[str]) -> None:
        """Warn before a payment without an invoice that looks like one of the last days: raise TakenBefore.

        It has no balance that would be used up. Before it was held, an undecided one like it stopped it. So
        whatever was decided meanwhile is seen here. ``warned`` are references of payments that the person
        knows of.
        """
        draft, now = payment.draft, self._clock.now()
        if draft.invoice_numbers:
            return
        for other in reversed(self._ledger.payments_between(now - RECENT, now + RECENT)):
            if other.id != payment.id and other.state in PAID and other.reference not in warned:
                named = sorted({*draft.named_invoices} & {*other.draft.named_invoices})
                if named or _is_alike(draft, other.draft):
                    raise words.taken_before(other, named)

    def _taken_off(self, charge: Charge, numbers: Sequence[str], draft: Draft) -> bool:
        """Return True if the ledger subtracts the charge from what is owed, under its lock.

        A charge of ours that the ledger does *not* count as paid came late, or twice: it must stop the
        payment. So must a charge that only names an invoice, without a line for it. If this payment only
        names the invoice, any charge with it stops the payment.
        """
        payment = payment_of(self._ledger, charge)
        if payment is None or payment.state not in PAID or payment.processor_ref != charge.processor_ref:
            return False
        return set(numbers) <= {*payment.draft.invoice_numbers} & {*draft.invoice_numbers}

    def give_back(self, payment_id: int, why: str) -> None:
        """Release the hold, because nothing was sent. If that fails, the hold ends with its lease."""
        try:
            self._ledger.release(payment_id, why, Reason.GIVEN_UP)
        except KnownError:
            return


def _is_alike(draft: Draft, other: Draft) -> bool:
    """Return True for the same sum without an invoice, from the same payer or for the same reference."""
    same = (
        draft.payer.name.casefold() == other.payer.name.casefold()
        or draft.reference_value == other.reference_value != ""
    )
    return not other.invoice_numbers and draft.quote.subtotal == other.quote.subtotal and same
