"""Ask a real AndDone what it answers: ``paydesk doctor --anddone``.

The probe makes an intent of one dollar, looks it up, and expires it twice. It never pays that intent, so no
money moves. On a test host it can also pay a second intent with the test card that the vendor publishes, and
void the payment. It leaves no intent open.
"""

from __future__ import annotations

import contextlib
import secrets
import time
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final
from urllib.parse import urlsplit

from paydesk.domain.consent import Channel
from paydesk.domain.errors import KnownError
from paydesk.domain.fee_schedule import FeeRule
from paydesk.domain.money import ZERO, Money
from paydesk.domain.outcome import Approved, ChargeStatus, Finding, Outcome, Unclear
from paydesk.domain.payment import Draft, Payer, PaymentLine
from paydesk.domain.quote import Quote
from paydesk.domain.tender import Card, TenderKind
from paydesk.domain.typed.sealed import Sealed
from paydesk.gateways.anddone import probe_lines as lines
from paydesk.gateways.anddone.answers import to_charge, to_outcome
from paydesk.gateways.anddone.probe_lines import Line, Mark, Quoted
from paydesk.gateways.anddone.processor import AndDone, AndDoneConfig, intent_refusal
from paydesk.gateways.anddone.requests import to_intent, to_payment
from paydesk.gateways.anddone.rows import payments_in
from paydesk.gateways.http.call import Reply
from paydesk.gateways.http.fields import WrongAnswer
from paydesk.services.ports.processor import ChargeRequest

CARD: Final = Card(
    TenderKind.CREDIT_CARD, Sealed("4000620000000007"), 3, 2030, Sealed("737"), "PayDesk Check", "02108"
)
"""The card of the vendor's own samples (client libraries, 2024-09 to 2026-05). No bank has issued it."""
_DOLLAR: Final = Money(1_00)
_LIFE_S: Final = 300
"""Life of the probe's intents in seconds. One whose answer is lost ends by itself after it."""
_DAYS: Final = timedelta(days=3)
_LIST_TRIES, _LIST_PAUSE_S = 3, 2.0
_EXPIRY_TRIES: Final = 3


def is_test_host(url: str) -> bool:
    """Return True for the vendor's test hosts (api.uat.anddone.com and kin) and for this computer."""
    host = urlsplit(url).hostname or ""
    return host == "127.0.0.1" or host.endswith((".uat.anddone.com", ".qat.anddone.com"))


class Probe(AndDone):
    """One run. ``rule`` is the fee that PayDesk would quote for a credit card, if the desk has one."""

    def __init__(
        self,
        config: AndDoneConfig,
        today: date,
        rule: FeeRule | None,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        super().__init__(config)
        self._today, self._rule, self._pause = today, rule, pause
        self._page_size = config.search_page_size

    def without_payment(self) -> list[Line]:
        """Return the lines of an intent that nobody pays, and of a page of the list."""
        request = _request(_DOLLAR, None)
        made = self._make(request)
        if isinstance(made, Line):
            return [made, *self._try("List", self._page)]
        token = lines.token_in(made)
        try:
            found = self._try("New intent", lambda: lines.created(made, request))
            if token:
                found += self._try("Unpaid intent", lambda: [lines.unpaid(self._details(token), request)])
        finally:
            expiries = [self._expire(token), self._expire(token)] if token else []
        if expiries:
            found += lines.expired(*expiries)
        return [*found, *self._try("List", self._page)]

    def with_test_card(self) -> list[Line]:
        """Return the lines of a payment with the test card, which is voided. Only for a test host.

        A second intent is expired, and must then refuse the card.
        """
        return [
            *self._with_intent(self._paid, _request(_telling_amount(self._rule), self._rule)),
            *self._with_intent(self._paid_too_late, _request(_DOLLAR, None)),
            *lines.NEVER_SEEN,
        ]

    def _with_intent(
        self, look: Callable[[str, ChargeRequest], list[Line]], request: ChargeRequest
    ) -> list[Line]:
        made = self._make(request)
        token = "" if isinstance(made, Line) else lines.token_in(made)
        if not token:
            return [
                made
                if isinstance(made, Line)
                else lines.not_found_out("Payment", "an answer", lines.ENDS_ALONE)
            ]
        try:
            return look(token, request)
        finally:
            self._expire(token)  # AndDone refuses it for a paid intent

    def _make(self, request: ChargeRequest) -> Reply | Line:
        wire = to_intent(request, send_fee=self._send_fee and self._rule is not None)
        try:
            reply = self._ask("/secure/paymentintents", wire | {"expiresIn": str(_LIFE_S)})
        except KnownError as error:
            return lines.no_intent(error, error.sentence)
        refused = 400 <= reply.status < 500
        return lines.no_intent(intent_refusal(reply), lines.told(reply)) if refused else reply

    def _pay(self, token: str, request: ChargeRequest) -> tuple[Reply | None, Outcome, Outcome | Finding]:
        """Return the answer to the payment, the outcome it proves, and the one that a look-up found."""
        try:
            reply = self._ask("/secure/payments", to_payment(token, request, CARD))
        except KnownError:
            return None, Unclear("no answer"), self.look_up(token, request)
        outcome = self._with_fee(to_outcome(reply, request), request)
        return reply, outcome, outcome if isinstance(outcome, Approved) else self.look_up(token, request)

    def _paid_too_late(self, token: str, request: ChargeRequest) -> list[Line]:
        self._expire(token)
        reply, _, found = self._pay(token, request)
        if isinstance(found, Approved):
            self.void(found.processor_ref, "PayDesk check")
        return [lines.paid_too_late(reply, charged=isinstance(found, Approved))]

    def _paid(self, token: str, request: ChargeRequest) -> list[Line]:
        reply, outcome, found = self._pay(token, request)
        said = [lines.paid(outcome, found)]
        if not isinstance(found, Approved):
            return said
        try:
            said += self._try("Answer", lambda: lines.answered(reply, found, request, self._quoted(request)))
            said.append(lines.agrees("Details", found, self.look_up(token, request)))
            said += self._try("Row in the list", lambda: [self._row(found, request)])
        finally:
            said.append(lines.voided(self.void(found.processor_ref, "PayDesk check"), found.processor_ref))
        canceled = self.charge_status(found.processor_ref, request) is ChargeStatus.CANCELED
        return [*said, lines.after_void(canceled=canceled)]

    def _quoted(self, request: ChargeRequest) -> Quoted | None:
        if self._rule is None:
            return None
        quote = request.draft.quote
        return Quoted(quote.fee, _half_even(self._rule, quote.subtotal))

    def _row(self, approved: Approved, request: ChargeRequest) -> Line:
        """Return the line about the payment's row in the list, which may lag behind."""
        for attempt in range(_LIST_TRIES):
            self._pause(_LIST_PAUSE_S if attempt else 0)
            for charge in self.charges(self._today - _DAYS, self._today + _DAYS):
                if charge.processor_ref == approved.processor_ref:
                    return lines.in_list(charge, approved, request)
        return lines.not_found_out("Row in the list", "as the answer", "Run it again: the list may lag.")

    def _details(self, token: str) -> Reply:
        return self._ask("/secure/paymentsdetails", {"paymentToken": token, "type": "PaymentIntent"})

    def _expire(self, token: str) -> Reply | None:
        """Expire the intent. It is harmless, so it is tried again. Returns None without an answer."""
        for _ in range(_EXPIRY_TRIES):
            with contextlib.suppress(KnownError):
                return self._ask("/secure/paymentintents/expirations", query={"id": token})
        return None

    def _page(self) -> list[Line]:
        days = {"startDate": self._today - _DAYS, "endDate": self._today + _DAYS}
        paging = {"startRow": "0", "pageSize": str(self._page_size), "asc": "true"}
        reply = self._search({name: f"{day:%m-%d-%Y}" for name, day in days.items()} | paging)
        charges = self._rows([to_charge(row) for row in payments_in(reply.fields().rows("data"))])
        return list(lines.listed(reply, self._page_size, charges))

    def _try(self, about: str, look: Callable[[], Iterable[Line]]) -> list[Line]:
        """Return the lines of one look, or one line that says why there are none."""
        try:
            return list(look())
        except KnownError as error:
            return [Line(about, Mark.DIFFERS, "an answer", error.sentence, error.for_admin)]
        except WrongAnswer as wrong:
            return [Line(about, Mark.DIFFERS, "as published", f"{wrong.field} is not", lines.STOP)]


def _request(amount: Money, rule: FeeRule | None) -> ChargeRequest:
    """Return a charge with a title that no payment of a desk has."""
    quote = Quote(TenderKind.CREDIT_CARD, amount, rule.fee(amount) if rule else ZERO)
    draft = Draft((PaymentLine(amount, "PayDesk check"),), Payer("PayDesk Check"), quote, Channel.COUNTER)
    title = f"CHECK-{secrets.token_hex(10)}"
    return ChargeRequest(title, title, draft, "PayDesk check")


def _telling_amount(rule: FeeRule | None) -> Money:
    """Return the smallest whole amount whose fee shows how AndDone rounds half a cent."""
    whole = (Money(dollars * 100) for dollars in range(1, 101))
    return next(
        (amount for amount in whole if rule and _half_even(rule, amount) != rule.fee(amount)), _DOLLAR
    )


def _half_even(rule: FeeRule, amount: Money) -> Money:
    """Return the fee as .NET rounds by default, without minimum and maximum."""
    exact = Decimal(amount.cents) * rule.percent / 100
    return Money(int(exact.to_integral_value(ROUND_HALF_EVEN))) + rule.fixed
