"""Offer a payment at an address, and take it back (docs/safety.md, "Offers", steps A, I, O and X)."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable
from dataclasses import replace

from paydesk.domain.errors import BugError, KnownError
from paydesk.domain.invoices.invoice import Invoice
from paydesk.domain.outcome import Charge, Reason
from paydesk.domain.payment import LONGEST_LIFE_S, SHORTEST_LIFE_S, Draft, OfferKind, Payment, State
from paydesk.services.payments import words
from paydesk.services.payments.authorize import Step
from paydesk.services.payments.holding import RECENT, Holding
from paydesk.services.payments.references import charge_request, new_reference, payment_of
from paydesk.services.ports.agency import InvoiceSource
from paydesk.services.ports.clock import Clock
from paydesk.services.ports.journal import OfferJournal
from paydesk.services.ports.ledger import Ledger
from paydesk.services.ports.processor import Address, OfferingProcessor
from paydesk.services.ports.rights import EVERYONE, Right, Rights

LOOKED_AT_EVERY_S = 3600.0
"""Seconds after which the invoices of an open offer are read again."""

_log = logging.getLogger(__name__)


class Offers:
    """Makes addresses at which somebody else may pay. Resolve finds out what is paid at them."""

    def __init__(
        self,
        ledger: Ledger,
        source: InvoiceSource,
        processor: OfferingProcessor,
        clock: Clock,
        journal: OfferJournal,
        reference: Callable[[], str] = new_reference,
        *,
        rights: Rights = EVERYONE,
    ) -> None:
        self._ledger = ledger
        self._source = source
        self._processor = processor
        self._clock = clock
        self._journal = journal
        self._reference = reference
        self._rights = rights
        self._holding = Holding(ledger, source, processor, clock, rights=rights)
        self._next_s: dict[int, float] = {}
        """Time of the next look at the invoices of each open offer, on the monotonic clock."""

    def offer(
        self,
        draft: Draft,
        kind: OfferKind,
        life_s: int,
        on_step: Callable[[Step], None] = lambda _step: None,
    ) -> Payment:
        """Make an address at which the draft may be paid for ``life_s`` seconds, by its payment method alone.

        Returns the payment as read back from the ledger, OFFERED. Only now may its address be shown. Raises
        KnownError if there is none. Then nobody has seen one.
        """
        if kind is OfferKind.NONE or not SHORTEST_LIFE_S <= life_s <= LONGEST_LIFE_S:
            raise BugError(f"no offer is {kind!r} for {life_s} s")
        self._rights.require(Right.OFFER)
        self._holding.require_allowed(draft)
        on_step(Step.HOLDING)
        reference = self._reference()
        title = f"{reference}-1"
        payment = self._holding.hold(draft, reference, title=title)
        request = replace(charge_request(payment, title), offer=kind)
        address = None
        try:
            on_step(Step.ASKING)
            fresh = self._holding.check_still_owed(payment)
            self._holding.check_not_paid_elsewhere(draft)
            address = self._processor.create_offer(request, life_s)
            offered = self._ledger.offer(payment, address, life_s, fresh)
            self._journal.add(offered)
            shown = self._ledger.payment(offered.id)
            if shown.state is not State.OFFERED:  # this computer slept, and another desk took it back
                raise words.offer_gone()
            return shown
        except Exception as error:
            self._give_up(payment, address, str(error))
            raise

    def shown_again(self, payment_id: int) -> Payment:
        """Return an offered payment as it is now. Only then may its address be shown once more.

        The journal has it afterwards, even if its desk died before it was noted. Raises KnownError, also if
        somebody has put another address into the ledger.
        """
        self._rights.require(Right.OFFER)
        payment = self._ledger.payment(payment_id)
        if payment.state is not State.OFFERED:
            raise words.offer_over()
        if not self._processor.owns(payment.offer_address):
            raise words.offer_changed()
        self._journal.add(payment)
        return payment

    def take_back(self, payment_id: int) -> Payment:
        """Begin to take an address back, for good. Resolve ends this once nothing was surely paid.

        Returns the payment: CLOSING, or its outcome if somebody was faster. Raises KnownError.
        """
        self._rights.require(Right.OFFER)
        return self._ledger.close_offer(payment_id, words.TAKEN_BACK, Reason.TAKEN_BACK)

    def due(self) -> list[Payment]:
        """Read the invoices of the open offers again, each once an hour, and at once after a start.

        An offer that asks for more than is owed is taken back. Returns those. Raises KnownError if the ledger
        is unreachable.
        """
        now_s, closed = self._clock.elapsed_s(), []
        undecided = [found.payment for found in self._ledger.undecided()]
        offered = [payment for payment in undecided if payment.state is State.OFFERED]
        for gone in set(self._next_s) - {payment.id for payment in offered}:
            self._next_s.pop(gone)
        for payment in offered:
            if now_s >= self._next_s.get(payment.id, now_s):
                self._next_s[payment.id] = now_s + LOOKED_AT_EVERY_S
                closed += self._look_at(payment)
        return closed

    def still_owed(self, payment: Payment) -> bool:
        """Return False if the agency system or the processor says that less is owed than the offer asks for.

        Returns True without an answer.
        """
        try:
            owed = {number: self._source.invoice(number) for number in payment.draft.invoice_numbers}
            return not self._owes_less(payment, owed) and not self._paid_elsewhere(payment)
        except KnownError as error:
            _log.info("the invoices of offer %s could not be read: %s", payment.reference, error.sentence)
            return True

    def _look_at(self, payment: Payment) -> list[Payment]:
        if self.still_owed(payment):
            return []
        after = self._ledger.close_offer(payment.id, words.OWED_LESS, Reason.OWED_LESS)
        return [after] if after.state is State.CLOSING else []

    def _owes_less(self, payment: Payment, owed: dict[str, Invoice | None]) -> bool:
        for line in payment.draft.lines:
            found = owed.get(line.invoice_number or "")
            if line.invoice_number is not None and (found is None or found.balance < line.amount):
                return True
        return False

    def _paid_elsewhere(self, payment: Payment) -> bool:
        """Return True if another live charge names one of its invoices, since just before it was offered."""
        wanted = set(payment.draft.named_invoices)
        if not wanted:
            return False
        today = self._clock.now().date()
        charges = self._processor.charges_about(
            today - RECENT, today + RECENT, lambda charge: not wanted.isdisjoint(charge.invoice_numbers)
        )
        return any(
            charge.live and not wanted.isdisjoint(charge.invoice_numbers) and self._is_new(charge, payment)
            for charge in charges
        )

    def _is_new(self, charge: Charge, payment: Payment) -> bool:
        """Return False for the payment's own charge, and for one decided before the payment was held."""
        theirs = payment_of(self._ledger, charge)
        if theirs is None:
            return True
        if theirs.id == payment.id:
            return False
        return theirs.decided_at is None or theirs.decided_at >= payment.held_at

    def _give_up(self, payment: Payment, address: Address | None, why: str) -> None:
        """Take back an address that nobody has seen, and release the hold."""
        if address is not None:
            with contextlib.suppress(KnownError):
                self._processor.expire(address.token, address.kind)
        with contextlib.suppress(KnownError):
            if self._ledger.payment(payment.id).state is State.OFFERED:
                self._ledger.close_offer(payment.id, why, Reason.GIVEN_UP)
            else:
                self._holding.give_back(payment.id, why)
