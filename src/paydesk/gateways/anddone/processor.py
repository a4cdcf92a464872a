"""AndDone, the processor: intents, payments by intent, and their status.

The contract is tests/contracts/anddone-secure-api.openapi.yaml, version 2.3. Names that the vendor does not
publish are in ``names``.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from paydesk.domain.errors import KnownError, System
from paydesk.domain.outcome import (
    AchReturned,
    AchStatus,
    Approved,
    Canceled,
    Charge,
    ChargeStatus,
    Declined,
    Expiry,
    Finding,
    NoCharge,
    NotSent,
    Outcome,
    Reason,
    Unclear,
    VoidOutcome,
)
from paydesk.domain.payment import OfferKind
from paydesk.domain.refund import MoneyBack, RefundOrder, RefundOutcome, RefundRefused
from paydesk.domain.tender import Tender
from paydesk.gateways.anddone import named_fee, names
from paydesk.gateways.anddone.answers import (
    to_ach_status,
    to_charge_status,
    to_finding,
    to_listed_status,
    to_money_back,
    to_outcome,
    to_void_outcome,
)
from paydesk.gateways.anddone.expiries import expiry_in
from paydesk.gateways.anddone.links import LinkDiffers, hosted_address, is_of_vendor, link_state, made_link
from paydesk.gateways.anddone.payment_list import PaymentList, is_page_or_refusal
from paydesk.gateways.anddone.refunds import to_refund, to_refund_outcome, to_refund_refusal
from paydesk.gateways.anddone.requests import INTENT_LIFE_S, to_intent, to_link, to_payment
from paydesk.gateways.anddone.transaction import NOISE, error_key, required
from paydesk.gateways.http.call import Call, CallFailed, Limits, NeverSent, Reply
from paydesk.gateways.http.client import MONEY_BYTES, Client
from paydesk.gateways.http.fields import WrongAnswer
from paydesk.gateways.http.messages import ServiceMessages, checked_base_url, checked_key, checked_setting
from paydesk.services.ports.processor import Address, ChargeRequest, Concerns

VERSION = "2.3"
_MESSAGES = ServiceMessages(
    System.PROCESSOR,
    "anddone-api-key, anddone-app-key (and check the origin in the settings)",
    filters=True,
)


@dataclass(frozen=True, slots=True)
class AndDoneConfig:
    """Connection settings of AndDone. Times are seconds. ``origin`` is the one registered with the vendor."""

    base_url: str
    api_key: str = field(repr=False)
    app_key: str = field(repr=False)
    origin: str
    connect_timeout_s: float = 5.0
    read_timeout_s: float = 60.0
    total_timeout_s: float = 75.0
    search_page_size: int = 100
    desk: str = ""
    send_fee: bool = False
    """True to pin each intent to the quoted fee."""
    fee_in_adjustment: bool = False
    """True if the tenant's answers tell the fee beside ``captureAmount``, which leaves it out."""


class AndDone:
    """The processor over the Secure API. See the ports for each method. Nothing here repeats a charge."""

    def __init__(self, config: AndDoneConfig) -> None:
        self._base_url = checked_base_url(config.base_url, "AndDone address")
        self._headers = {
            "x-api-key": checked_key(config.api_key, "anddone-api-key"),
            "x-app-key": checked_key(config.app_key, "anddone-app-key"),
            "x-version": VERSION,
            "origin": checked_setting(config.origin, "AndDone origin"),
        }
        self._desk = config.desk
        self._send_fee, self._fee_in_adjustment = config.send_fee, config.fee_in_adjustment
        self._list = PaymentList(self._search, config.search_page_size)
        self._client = Client(Limits(config.connect_timeout_s, config.read_timeout_s, config.total_timeout_s))

    def create_intent(self, request: ChargeRequest, life_s: int = INTENT_LIFE_S) -> str:
        """See Processor.create_intent."""
        order = to_intent(request, send_fee=self._send_fee, life_s=life_s)
        reply = self._ask("/secure/paymentintents", order)
        if reply.status not in (200, 201):
            raise intent_refusal(reply)
        with _MESSAGES.understanding():
            fields = reply.fields()
            if fields.text("title") not in ("", request.title):
                raise fields.wrong("title")
            if fields.money("amount", within=NOISE) not in (None, request.draft.quote.subtotal):
                raise fields.wrong("amount")
            return required(fields, "paymentToken")

    def create_offer(self, request: ChargeRequest, life_s: int) -> Address:
        """See Processor.create_offer."""
        if request.offer is OfferKind.LINK:
            return self._create_link(request, life_s)
        return hosted_address(self.create_intent(request, life_s), self._base_url)

    def owns(self, address: str) -> bool:
        """See OfferingProcessor.owns."""
        return is_of_vendor(address, self._base_url)

    def _create_link(self, request: ChargeRequest, life_s: int) -> Address:
        """Order a link. If the answer is lost, order it once more: with the same title it is the only one."""
        body = to_link(request, life_s, self._headers["x-app-key"], send_fee=self._send_fee)
        try:
            reply = self._client.once(self._call("/secure/paymentlinks", body))
        except NeverSent as failure:
            raise _MESSAGES.unreachable(failure) from None
        except CallFailed:
            reply = self._ask("/secure/paymentlinks", body)
            if error_key(reply) == names.TITLE_USED:
                raise orphaned() from None
        if reply.status not in (200, 201):
            raise intent_refusal(reply)
        fee = request.draft.quote.fee if self._send_fee else None
        try:
            with _MESSAGES.understanding():
                return made_link(reply, request, life_s, self._base_url, fee)
        except LinkDiffers as differs:
            with contextlib.suppress(KnownError):
                self.expire(differs.link_id, OfferKind.LINK)
            raise

    def pay(self, token: str, request: ChargeRequest, tender: Tender) -> Outcome:
        """See Processor.pay. Uses a fresh connection."""
        call = self._call("/secure/payments", to_payment(token, request, tender, self._desk))
        try:
            reply = self._client.once(call)
        except NeverSent:
            return NotSent("AndDone can't be reached. Nothing was sent.")
        except CallFailed as failure:
            return Unclear(f"AndDone gave no clear answer: {failure.why}.", Reason.NO_ANSWER)
        return self._with_fee(to_outcome(reply, request), request)

    def look_up(self, token: str, request: ChargeRequest) -> Finding:
        """See Processor.look_up."""
        if request.offer is OfferKind.LINK:
            return self._with_fee(self._look_up_link(token, request), request)
        body = {"paymentToken": token, "type": "PaymentIntent"}
        try:
            reply = self._client.read(self._call("/secure/paymentsdetails", body), MONEY_BYTES)
        except CallFailed as failure:
            return Unclear(f"PayDesk couldn't check with AndDone: {failure.why}.", Reason.NO_ANSWER)
        return self._with_fee(to_finding(reply, request), request)

    def _look_up_link(self, link_id: str, request: ChargeRequest) -> Finding:
        """Ask what was paid at a link, and about each payment that took money, or may take it."""
        try:
            reply = self._client.read(self._call("/secure/paymentlinks/details", {"paymentLinkId": link_id}))
        except CallFailed as failure:
            return Unclear(f"PayDesk couldn't check with AndDone: {failure.why}.", Reason.NO_ANSWER)
        if reply.status == 404:
            return Unclear("AndDone doesn't find the payment link.", Reason.NAMES_NO_CHARGE)
        if reply.status != 200:
            return Unclear(f"AndDone answered with error {reply.status}.", Reason.NO_ANSWER)
        try:
            state = link_state(reply.fields(), link_id, request.title)
        except WrongAnswer as wrong:
            return Unclear(f"AndDone sent an answer PayDesk can't read (field {wrong.field}).")
        if not state.live:
            if state.status in names.LINK_UNPAID and not state.paid:
                return NoCharge()
            return Unclear(f"AndDone says “{names.cleaned(state.status, 40)}” of the payment link.")
        return min((self._finding_of(one, request) for one in state.live), key=_place_among_tries)

    def _finding_of(self, transaction_id: str, request: ChargeRequest) -> Finding:
        reply = self._details_of(transaction_id, request.offer)
        if reply is None:
            return Unclear("PayDesk couldn't check with AndDone.", Reason.NO_ANSWER)
        finding = to_finding(reply, request)
        taken = finding.approved if isinstance(finding, Canceled) else finding
        if isinstance(taken, Approved | Declined) and taken.processor_ref != transaction_id:
            return Unclear("AndDone's answer is about another payment.")
        return finding

    def expire(self, token: str, kind: OfferKind = OfferKind.NONE) -> Expiry:
        """See Processor.expire."""
        if kind is OfferKind.LINK:
            return self._expire_link(token)
        reply = self._ask("/secure/paymentintents/expirations", query={"id": token})
        expiry = expiry_in(reply)
        if expiry is not None:
            return expiry
        if reply.status != 200:
            raise _refusal(reply)
        with _MESSAGES.understanding():
            raise reply.fields().wrong("message")

    def _expire_link(self, link_id: str) -> Expiry:
        """Expire a link. Its own status says so, too, if the answer does not."""
        reply = self._ask("/secure/paymentlinks/expirations", {"paymentLinkId": link_id})
        expiry = expiry_in(reply)
        if expiry in (Expiry.EXPIRED, Expiry.BEFORE):
            return expiry
        told = self._ask("/secure/paymentlinks/details", {"paymentLinkId": link_id})
        if told.status == 200:
            with _MESSAGES.understanding():
                if link_state(told.fields(), link_id).status == names.LINK_EXPIRED:
                    return Expiry.BEFORE
        if expiry is None:
            raise _refusal(reply)
        return expiry

    def void(self, processor_ref: str, why: str) -> VoidOutcome:
        """See ReversingProcessor.void."""
        body = {"transactionId": processor_ref, "voidReason": why}
        try:
            reply = self._client.once(self._call("/secure/cancellations", body))
        except CallFailed as failure:
            return Unclear(f"AndDone gave no clear answer: {failure.why}.", Reason.NO_ANSWER)
        return to_void_outcome(reply, processor_ref)

    def refund(self, order: RefundOrder) -> RefundOutcome:
        """See ReversingProcessor.refund. Uses a fresh connection."""
        try:
            reply = self._client.once(self._call("/secure/refunds", to_refund(order)))
        except NeverSent:
            return NotSent("AndDone can't be reached. Nothing was sent.")
        except CallFailed as failure:
            return Unclear(f"AndDone gave no clear answer: {failure.why}.", Reason.NO_ANSWER)
        return to_refund_outcome(reply, order)

    def refund_refusal(self, processor_ref: str) -> RefundRefused | None:
        """See ReversingProcessor.refund_refusal."""
        call = self._call("/secure/refunds/eligibility", {"transactionId": processor_ref})
        try:
            reply = self._client.read(call)
        except CallFailed as failure:
            raise _MESSAGES.unreachable(failure) from None
        if reply.status in (401, 403):
            raise _refusal(reply)
        with _MESSAGES.understanding():
            return to_refund_refusal(reply)

    def charge_status(self, processor_ref: str, request: ChargeRequest) -> ChargeStatus:
        """See ReversingProcessor.charge_status."""
        reply = self._details_of(processor_ref, request.offer)
        return ChargeStatus.UNCLEAR if reply is None else to_charge_status(reply, request, processor_ref)

    def listed_status(self, charge: Charge) -> ChargeStatus:
        """See ReversingProcessor.listed_status."""
        reply = self._details_of(charge.processor_ref, OfferKind.LINK if charge.link_id else OfferKind.NONE)
        return ChargeStatus.UNCLEAR if reply is None else to_listed_status(reply, charge)

    def money_back(self, processor_ref: str, request: ChargeRequest) -> MoneyBack | None:
        """See ReversingProcessor.money_back."""
        reply = self._details_of(processor_ref, request.offer, with_refunds=True)
        return None if reply is None else to_money_back(reply, request, processor_ref)

    def ach_status(self, processor_ref: str, request: ChargeRequest) -> AchStatus | AchReturned:
        """See ReversingProcessor.ach_status."""
        reply = self._details_of(processor_ref, request.offer)
        return AchStatus.UNCLEAR if reply is None else to_ach_status(reply, request, processor_ref)

    def _details_of(
        self, processor_ref: str, offer: OfferKind, *, with_refunds: bool = False
    ) -> Reply | None:
        kind = "PaymentLink" if offer is OfferKind.LINK else "PaymentIntent"
        body: dict[str, object] = {"id": processor_ref, "type": kind}
        if with_refunds:
            body["includeRefundTransactions"] = True
        try:
            return self._client.read(self._call("/secure/paymentsdetails", body), MONEY_BYTES)
        except CallFailed:
            return None

    def charges(self, first: date, last: date) -> Sequence[Charge]:
        """See Processor.charges."""
        with _MESSAGES.understanding():
            return self._rows(self._list.whole(first, last))

    def charges_about(self, first: date, last: date, concerns: Concerns) -> Sequence[Charge]:
        """See Processor.charges_about."""
        with _MESSAGES.understanding():
            return self._rows(self._list.recent(first, last, concerns))

    def _search(self, criteria: Mapping[str, str]) -> Reply:
        """Ask for one page of the list. A page that is no page is asked for again: it is a read."""
        try:
            reply = self._client.read(
                self._call("/secure/payments/search", None, criteria), good=is_page_or_refusal
            )
        except CallFailed as failure:
            raise _MESSAGES.unreachable(failure) from None
        if reply.status != 200:
            raise _refusal(reply)
        return reply

    def _with_fee(self, found: named_fee.Found, request: ChargeRequest) -> named_fee.Found:
        subtotal = request.draft.quote.subtotal
        return named_fee.in_finding(found, subtotal) if self._fee_in_adjustment else found

    def _rows(self, charges: Sequence[Charge]) -> Sequence[Charge]:
        return [named_fee.in_charge(charge) for charge in charges] if self._fee_in_adjustment else charges

    def _ask(
        self,
        path: str,
        body: Mapping[str, object] | None = None,
        query: Mapping[str, str] | None = None,
    ) -> Reply:
        """Send one call that changes something other than money."""
        try:
            return self._client.once(self._call(path, body, query))
        except CallFailed as failure:
            raise _MESSAGES.unreachable(failure) from None

    def _call(
        self, path: str, body: Mapping[str, object] | None, query: Mapping[str, str] | None = None
    ) -> Call:
        return Call("POST", self._base_url + path, self._headers, body, query or {})


def _refusal(reply: Reply) -> KnownError:
    """Return the error for an answer other than success."""
    key = error_key(reply)
    keys = key in names.KEY_REFUSALS and reply.status != 403
    return _MESSAGES.refused(401 if keys else reply.status, names.cleaned(key))


_TRIES = (Approved, Unclear, Canceled, Declined, NoCharge)


def _place_among_tries(finding: Finding) -> int:
    """Return how early a try at a link counts: one that took money, then one that may still take some."""
    return next(place for place, kind in enumerate(_TRIES) if isinstance(finding, kind))


def orphaned() -> KnownError:
    """Return the error for a link whose address nobody will ever know."""
    return KnownError(
        "AndDone may have made the payment link, but its answer was lost. No one has the link.",
        "Make a new one.",
    )


def intent_refusal(reply: Reply) -> KnownError:
    """Return the error for an intent that was not created."""
    key = error_key(reply)
    if key in names.INTENT_REFUSALS:
        return KnownError(names.INTENT_REFUSALS[key], "Use another payment method, or call AndDone.")
    return _refusal(reply)
