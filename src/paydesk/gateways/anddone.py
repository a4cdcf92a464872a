"""AndDone, the processor: intents, payments by intent, and what became of them.

The wire is ``anddone-secure-api.openapi.yaml``, version 2.3; names the vendor does not publish
stand in ``anddone_words``.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from paydesk.domain.errors import KnownError, System
from paydesk.domain.outcome import (
    Charge,
    Clearing,
    Expiry,
    Finding,
    NotSent,
    Outcome,
    Standing,
    Unclear,
    VoidOutcome,
)
from paydesk.domain.tender import Tender
from paydesk.gateways import anddone_words as words
from paydesk.gateways.anddone_answers import (
    error_key,
    is_sale,
    required,
    to_charge,
    to_clearing,
    to_finding,
    to_outcome,
    to_standing,
    to_void_outcome,
)
from paydesk.gateways.anddone_requests import to_intent, to_payment
from paydesk.gateways.fields import Fields
from paydesk.gateways.http import MONEY_BYTES, Call, CallFailed, Client, Limits, NeverSent, Reply
from paydesk.gateways.party import Party, checked_base_url, checked_key, checked_setting
from paydesk.services.ports import ChargeRequest

VERSION = "2.3"
_MOST_ROWS = 20_000
_PAGING_S = 120.0
_PARTY = Party(
    System.ANDDONE, "AndDone", "anddone-api-key, anddone-app-key (and check the origin in the settings)"
)
_BEFORE_CHARGING = replace(_PARTY, reassurance="nothing was charged")


@dataclass(frozen=True, slots=True)
class AndDoneConfig:
    """How to reach AndDone. Times are seconds; ``origin`` is the one registered with the vendor."""

    base_url: str
    api_key: str = field(repr=False)
    app_key: str = field(repr=False)
    origin: str
    connect_timeout_s: float = 5.0
    read_timeout_s: float = 60.0
    total_timeout_s: float = 75.0
    search_page_size: int = 100
    desk: str = ""


class AndDone:
    """The processor port over the Secure API. Nothing here repeats a charge."""

    def __init__(self, config: AndDoneConfig) -> None:
        self._base_url = checked_base_url(config.base_url, "AndDone address")
        self._headers = {
            "x-api-key": checked_key(config.api_key, "anddone-api-key"),
            "x-app-key": checked_key(config.app_key, "anddone-app-key"),
            "x-version": VERSION,
            "origin": checked_setting(config.origin, "AndDone origin"),
        }
        self._desk = config.desk
        self._page_size = config.search_page_size
        self._client = Client(Limits(config.connect_timeout_s, config.read_timeout_s, config.total_timeout_s))

    def create_intent(self, request: ChargeRequest) -> str:
        """The token of a new intent. Raises KnownError; no money moves either way."""
        reply = self._ask("/secure/paymentintents", to_intent(request), party=_BEFORE_CHARGING)
        if reply.status not in (200, 201):
            raise _refusal(reply, _BEFORE_CHARGING)
        with _BEFORE_CHARGING.understanding():
            fields = reply.fields()
            if fields.text("title") not in ("", request.title):
                raise fields.wrong("title")
            if fields.money("amount") not in (None, request.draft.quote.subtotal):
                raise fields.wrong("amount")
            return required(fields, "paymentToken")

    def pay(self, token: str, request: ChargeRequest, tender: Tender) -> Outcome:
        """Pay the intent, once, on a fresh connection. Never raises for what the world does."""
        call = self._call("/secure/payments", to_payment(token, request, tender, self._desk))
        try:
            reply = self._client.once(call)
        except NeverSent:
            return NotSent("AndDone cannot be reached. Nothing was sent.")
        except CallFailed as failure:
            return Unclear(f"AndDone gave no clear answer: {failure.why}.")
        return to_outcome(reply, request)

    def look_up(self, token: str, request: ChargeRequest) -> Finding:
        """What became of the intent. Unclear when AndDone cannot be asked."""
        body = {"paymentToken": token, "type": "PaymentIntent"}
        try:
            reply = self._client.read(self._call("/secure/paymentsdetails", body), MONEY_BYTES)
        except CallFailed as failure:
            return Unclear(f"AndDone could not be asked: {failure.why}.")
        return to_finding(reply, request)

    def expire(self, token: str) -> Expiry:
        """Make the intent unpayable. Raises KnownError without a clear answer."""
        reply = self._ask("/secure/paymentintents/expirations", query={"id": token})
        key = error_key(reply) if reply.status == 400 else ""
        if key in words.EXPIRIES:
            return words.EXPIRIES[key]
        if reply.status != 200:
            raise _refusal(reply, _PARTY)
        with _PARTY.understanding():
            fields = reply.fields()
            if not words.EXPIRED.search(fields.text("message")):
                raise fields.wrong("message")
        return Expiry.EXPIRED

    def void(self, processor_ref: str, why: str) -> VoidOutcome:
        """Cancel a charge before it settles, once. Never raises for what the world does."""
        body = {"transactionId": processor_ref, "voidReason": why}
        try:
            reply = self._client.once(self._call("/secure/cancellations", body))
        except CallFailed as failure:
            return Unclear(f"AndDone gave no clear answer: {failure.why}.")
        return to_void_outcome(reply, processor_ref)

    def standing(self, processor_ref: str, request: ChargeRequest) -> Standing:
        """Where an approved charge stands now. UNCLEAR when AndDone cannot be asked."""
        reply = self._details_of(processor_ref)
        return Standing.UNCLEAR if reply is None else to_standing(reply, request, processor_ref)

    def clearing(self, processor_ref: str, request: ChargeRequest) -> Clearing:
        """What became of a bank debit. UNCLEAR when AndDone cannot be asked."""
        reply = self._details_of(processor_ref)
        return Clearing.UNCLEAR if reply is None else to_clearing(reply, request, processor_ref)

    def _details_of(self, processor_ref: str) -> Reply | None:
        body = {"id": processor_ref, "type": "PaymentIntent"}
        try:
            return self._client.read(self._call("/secure/paymentsdetails", body), MONEY_BYTES)
        except CallFailed:
            return None

    def charges(self, first: date, last: date) -> Sequence[Charge]:
        """All payments of these days, whoever took them. Raises KnownError."""
        with _PARTY.understanding():
            return tuple(to_charge(row) for row in self._rows(first, last) if is_sale(row))

    def _rows(self, first: date, last: date) -> Iterator[Fields]:
        """Every row of a search once; the pages are read to the end or not at all."""
        seen: set[str] = set()
        until = time.monotonic() + _PAGING_S
        while True:
            total, page = self._page(first, last, len(seen))
            fresh = {ref: row for row in page if (ref := required(row, "transactionId")) not in seen}
            seen |= set(fresh)
            yield from fresh.values()
            if len(seen) >= total:
                return
            if not fresh or len(seen) > _MOST_ROWS or time.monotonic() > until:
                raise KnownError("AndDone's list of payments does not end.", "Try again in a minute.")

    def _page(self, first: date, last: date, start: int) -> tuple[int, tuple[Fields, ...]]:
        """How many rows there are in all, and those from ``start`` on."""
        query = {
            "startDate": f"{first:%m-%d-%Y}",
            "endDate": f"{last:%m-%d-%Y}",
            "startRow": str(start),
            "pageSize": str(self._page_size),
            "asc": "true",
        }
        try:
            reply = self._client.read(self._call("/secure/payments/search", None, query))
        except CallFailed as failure:
            raise _PARTY.unreachable(failure) from None
        if reply.status != 200:
            raise _refusal(reply, _PARTY)
        fields = reply.fields()
        totals = (fields.whole(name) for name in words.ROW_TOTALS)
        total = next((count for count in totals if count is not None), None)
        if total is None:
            raise fields.wrong(words.ROW_TOTALS[0])
        return total, tuple(fields.rows("data"))

    def _ask(
        self,
        path: str,
        body: Mapping[str, object] | None = None,
        query: Mapping[str, str] | None = None,
        party: Party = _PARTY,
    ) -> Reply:
        """One call that changes something other than money."""
        try:
            return self._client.once(self._call(path, body, query))
        except CallFailed as failure:
            raise party.unreachable(failure) from None

    def _call(
        self, path: str, body: Mapping[str, object] | None, query: Mapping[str, str] | None = None
    ) -> Call:
        return Call("POST", self._base_url + path, self._headers, body, query or {})


def _refusal(reply: Reply, party: Party) -> KnownError:
    """The sentence for an answer other than success."""
    key = error_key(reply)
    if party is _BEFORE_CHARGING and key in words.INTENT_REFUSALS:
        return KnownError(
            words.INTENT_REFUSALS[key], "Choose another tender, or call AndDone. Nothing was charged."
        )
    return party.refused(401 if key in words.KEY_REFUSALS else reply.status, words.cleaned(key))
