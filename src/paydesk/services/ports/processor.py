"""The processor: it charges by intent, looks charges up, and gives money back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from paydesk.domain.outcome import (
    AchReturned,
    AchStatus,
    Charge,
    ChargeStatus,
    Expiry,
    Finding,
    Outcome,
    VoidOutcome,
)
from paydesk.domain.payment import Draft, OfferKind
from paydesk.domain.refund import MoneyBack, RefundOrder, RefundOutcome, RefundRefused
from paydesk.domain.tender import Tender


@dataclass(frozen=True, slots=True)
class ChargeRequest:
    """One charge as the processor is asked for it. ``title`` is never used again.

    ``offer`` tells if somebody else pays it, at an address.
    """

    title: str
    reference: str
    draft: Draft
    description: str
    offer: OfferKind = OfferKind.NONE


@dataclass(frozen=True, slots=True)
class Address:
    """An address at which somebody may pay. ``token`` is the processor's own name for it."""

    kind: OfferKind
    token: str
    url: str


Concerns = Callable[[Charge], bool]
"""Returns True for a charge that the caller decides by."""


class Processor(Protocol):
    """The processor of charges. No method retries a charge."""

    def create_intent(self, request: ChargeRequest) -> str:
        """Return the token of a new intent. Moves no money. Raises KnownError."""
        ...

    def pay(self, token: str, request: ChargeRequest, tender: Tender) -> Outcome:
        """Pay the intent, once. Never raises for a failure of the network or of the processor."""
        ...

    def look_up(self, token: str, request: ChargeRequest) -> Finding:
        """Look up what became of the intent or link. Returns Unclear if the processor cannot be asked."""
        ...

    def expire(self, token: str, kind: OfferKind = OfferKind.NONE) -> Expiry:
        """Make the intent or link unpayable. Raises KnownError without a clear answer."""
        ...

    def charges(self, first: date, last: date) -> Sequence[Charge]:
        """Return all payments of these days, whoever took them. Raises KnownError."""
        ...

    def charges_about(self, first: date, last: date, concerns: Concerns) -> Sequence[Charge]:
        """Return all payments of these days, as ``charges`` does, with few requests. Raises KnownError.

        No payment is missing. Those that ``concerns`` are as they are now. Others may be as they were at the
        last whole reading.
        """
        ...


class OfferingProcessor(Processor, Protocol):
    """A processor that also makes addresses at which somebody else may pay."""

    def create_offer(self, request: ChargeRequest, life_s: int) -> Address:
        """Make an address at which somebody may pay the request, for so many seconds. Moves no money.

        Raises KnownError. If an address may have been made all the same, nobody has seen it.
        """
        ...

    def owns(self, address: str) -> bool:
        """Return True for an address on the processor's own hosts. Asks nobody."""
        ...


class ReversingProcessor(Processor, Protocol):
    """A processor that also gives money back, and reports the later status of an approved charge."""

    def void(self, processor_ref: str, why: str) -> VoidOutcome:
        """Cancel a charge before it settles, once.

        Never raises for a failure of the network or the processor.
        """
        ...

    def refund(self, order: RefundOrder) -> RefundOutcome:
        """Give money back after settlement, once.

        Never raises for a failure of the network or the processor.
        """
        ...

    def refund_refusal(self, processor_ref: str) -> RefundRefused | None:
        """Return why a charge can't be refunded now, or None. A yes promises nothing. Raises KnownError."""
        ...

    def charge_status(self, processor_ref: str, request: ChargeRequest) -> ChargeStatus:
        """Return the present status of an approved charge. UNCLEAR if the processor cannot be asked."""
        ...

    def listed_status(self, charge: Charge) -> ChargeStatus:
        """Return the present status of a listed charge, whatever its amount. UNCLEAR without an answer."""
        ...

    def money_back(self, processor_ref: str, request: ChargeRequest) -> MoneyBack | None:
        """Return the money of a charge that went back, with its refunds. None if that cannot be told."""
        ...

    def ach_status(self, processor_ref: str, request: ChargeRequest) -> AchStatus | AchReturned:
        """Return the status of a bank debit. UNCLEAR if the processor cannot be asked."""
        ...
