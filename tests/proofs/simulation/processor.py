"""AndDone's emulator in virtual time, with processing time, lags, and declines that pass later."""

from __future__ import annotations

import contextlib
import json
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from paydesk.domain.money import Money
from paydesk.sandbox.anddone import outside, reversals
from paydesk.sandbox.anddone.api import AndDone
from paydesk.sandbox.anddone.books import ACCEPTED, Charge, Offer, Refusal
from paydesk.sandbox.anddone.books import Refund as MadeRefund
from paydesk.sandbox.anddone.merchant import FeeRule, Merchant, training_fees
from paydesk.sandbox.anddone.processor import Processor
from paydesk.sandbox.anddone.reshape import reshaped
from paydesk.sandbox.server.clock import SandboxClock
from paydesk.sandbox.server.faults import FaultKind, Faults
from paydesk.sandbox.server.http import Reply, Request
from tests.proofs.simulation.chance import Chance
from tests.proofs.simulation.profile import Profile
from tests.proofs.simulation.schedule import Schedule

APPROVING, DECLINING = "4000620000000007", "4000000000009995"
_NEVER = datetime(2999, 1, 1, tzinfo=UTC)
Strikes = Callable[[str, str], bool]


class VirtualClock(SandboxClock):
    """The processor's clock, which is always right."""

    def __init__(self, start: datetime, schedule: Schedule) -> None:
        super().__init__()
        self._start, self._schedule = start, schedule

    def now(self) -> datetime:
        """Return the virtual time."""
        return self._start + timedelta(seconds=self._schedule.now_s)


class SimulatedAndDone:
    """The emulator's books and answers, with the real one's delays in virtual time."""

    def __init__(
        self, start: datetime, schedule: Schedule, chance: Chance, profile: Profile, strikes: Strikes
    ) -> None:
        self._schedule, self._chance, self._profile, self._strikes = schedule, chance, profile, strikes
        fees = training_fees()
        if profile.other_fee:
            fees["CreditCard"] = FeeRule(percent=Decimal("3.6"))
        faults = Faults()
        self._clock = VirtualClock(start, schedule)
        merchant = Merchant(fees=fees, refund_opens_after_days=0 if profile.refunds else 2)
        self.books = Processor(merchant, self._clock, seed=chance.whole(0, 1 << 30, "books"))
        self.books.habits.set(profile.habits)
        self._anddone = AndDone(self.books, faults)
        if profile.details_lag_s:
            faults.always(FaultKind.DETAILS_LAG, on="getPaymentDetails", seconds=profile.details_lag_s)
        if profile.search_lag_s:
            faults.always(FaultKind.SEARCH_LAG, on="searchPayments", seconds=profile.search_lag_s)
        self._start = start
        self.on_the_line: defaultdict[str, list[float]] = defaultdict(list)
        """Arrival times of requests to pay, by token."""
        self._under_way: dict[str, datetime] = {}
        """Tokens being paid, with the end of their life."""
        self.on_charge: Callable[[Charge], None] = lambda _charge: None
        self.expired_by_call: set[str] = set()
        """Tokens of intents that were pending when they were expired. The life of the others had ended."""
        self.on_page: Callable[[str, Charge], None] = lambda _title, _charge: None
        """Called with the title of an address where money moved."""
        self.shown: set[str] = set()
        """Titles of the addresses that somebody has seen."""
        self.lied_about: set[str] = set()
        """Titles of intents that were reported as expired, but can still be paid."""

    def live(self) -> list[Charge]:
        """Return every charge that took money, whoever made it."""
        return [charge for charge in self.books.books.charges.values() if charge.status in ACCEPTED]

    def operation(self, method: str, path: str) -> str:
        """Return the name of the call in the contract."""
        found = self._anddone.operation(method, path)
        assert found is not None, path
        return found

    def receive(self, operation: str, request: Request, answer: Callable[[Reply], None]) -> None:
        """Receive a request. The answer follows at once, or when the work is done."""
        match operation:
            case "createPayment":
                self._pay(request, answer)
            case "expirePaymentIntent":
                answer(self._expire(request))
            case "createPaymentIntent":
                answer(self._create(request))
            case _:
                answer(self._anddone.answer(operation, request))

    def can_still_charge(self, title: str) -> bool:
        """Return True if a request in progress, or still on its way, will find the intent payable."""
        for intent in self.books.books.intents.values():
            if intent.title == title:
                to_come = [at_s for at_s in self.on_the_line[intent.token] if at_s >= self._schedule.now_s]
                arrivals = [self._start + timedelta(seconds=at_s) for at_s in to_come]
                payable = intent.status == "pending" and any(at < intent.expires_at for at in arrivals)
                return payable or intent.token in self._under_way or self._is_payable(intent)
        links = (link for link in self.books.books.links.values() if link.title == title)
        return any(map(self._is_payable, links))

    def _is_payable(self, offer: Offer) -> bool:
        """Return True if somebody who has seen its address can still pay, or is paying."""
        open_now = offer.status == "pending" and self._clock.now() < offer.expires_at
        return bool(offer.under_way) or (open_now and offer.title in self.shown)

    def is_over(self, token: str) -> bool:
        """Return True if the intent was closed or its life has ended, even with a payment in progress."""
        link = self.books.books.links.get(token)
        if link is not None:
            return link.status != "pending" or self._clock.now() >= link.expires_at
        intent = self.books.books.intents[token]
        over_at = self._under_way.get(token, intent.expires_at)
        return intent.status != "pending" or self._clock.now() >= over_at

    def _create(self, request: Request) -> Reply:
        reply = self._anddone.answer("createPaymentIntent", request)
        if reply.status in (200, 201) and self._profile.intent_life_s:
            intent = self.books.books.intents[json.loads(reply.body)["paymentToken"]]
            intent.expires_at = self._clock.now() + timedelta(seconds=self._profile.intent_life_s)
        return reply

    def _expire(self, request: Request) -> Reply:
        token = request.query.get("id", "")
        if token in self._under_way:
            # Its life may end while an earlier request is still being processed.
            over = self._clock.now() >= self._under_way[token]
            key = "Key_PaymentIntentAlreadyExpired" if over else "Key_InvalidPaymentIntentStatus"
            refusal = _refused(Refusal(key, "The payment intent is not pending."))
            return reshaped(self.books.habits, "expirePaymentIntent", refusal)
        found = self.books.books.intents.get(token)
        pending = found is not None and self.books.intent(token).status == "pending"
        reply = self._anddone.answer("expirePaymentIntent", request)
        if reply.status == 200 and pending:
            self.expired_by_call.add(token)
        if reply.status == 200 and pending and self._strikes("breaks_word", "expire"):
            intent = self.books.books.intents[token]
            intent.status, intent.expires_at = "pending", _NEVER
            self.lied_about.add(intent.title)
        return reply

    def _pay(self, request: Request, answer: Callable[[Reply], None]) -> None:
        token = str(request.fields().get("token") or "")
        self.on_the_line[token] = [at_s for at_s in self.on_the_line[token] if at_s > self._schedule.now_s]
        try:
            intent = self.books.intent(token)
        except Refusal as refusal:
            answer(_refused(refusal))
            return
        if token in self._under_way:
            answer(_refused(Refusal("Key_InvalidPaymentIntentStatus", "The intent is being paid.")))
        elif intent.status != "pending":
            answer(self._anddone.answer("createPayment", request))
        else:
            self._under_way[token] = intent.expires_at
            intent.expires_at = _NEVER
            takes_s = self._chance.between(0.05, 3, "processing")
            if self._strikes("slow", "processing"):
                takes_s += self._chance.between(1, self._profile.longest_processing_s, "slow processing")
            self._schedule.at(self._schedule.now_s + takes_s, lambda: self._finish(token, request, answer))

    def _finish(self, token: str, request: Request, answer: Callable[[Reply], None]) -> None:
        intent = self.books.intent(token)
        again = self.books.charge_of_intent(token) is not None
        declined = self._chance.yes(0.2 if again else self._profile.declines, "declines")
        fields = request.fields()
        fields["tenderInfo"] = dict(fields["tenderInfo"]) | {
            "cardNumber": DECLINING if declined else APPROVING,
            "amount": float(fields["tenderInfo"]["amount"]),
        }
        reply = self._anddone.answer("createPayment", replace(request, body=json.dumps(fields).encode()))
        intent.expires_at = self._under_way.pop(token)
        if declined and self._profile.declined_closes:
            intent.status = "paid"
        charge = self.books.charge_of_intent(token)
        if charge is not None and charge.outcome.approved:
            if self._profile.batch_after_s:
                charge.batch_at = charge.made_at + timedelta(seconds=self._profile.batch_after_s)
            self.on_charge(charge)
        answer(reply)

    def cancel_outside(self, which: int) -> Charge | None:
        """Cancel one of our charges in the portal. Returns None if there is none, or if it is too late."""
        ours = [charge for charge in self.live() if charge.payment_type == "PaymentIntent"]
        if not ours:
            return None
        try:
            return reversals.void(self.books, ours[which % len(ours)].transaction_id)
        except Refusal:
            return None

    def refund_outside(self, which: int, part: float) -> None:
        """Refund one of our charges in the portal, if it lets it."""
        ours = [charge for charge in self.live() if charge.payment_type == "PaymentIntent"]
        if not ours:
            return
        charge = ours[which % len(ours)]
        left = charge.total - charge.refunded
        with contextlib.suppress(Refusal):
            outside.refund_in_portal(self.books, charge.transaction_id, Money(max(1, int(left.cents * part))))

    def fail_refund(self, which: int) -> None:
        """Let a refund fail that was accepted before."""
        made = list(self.books.books.refunds)
        if made:
            with contextlib.suppress(Refusal):
                reversals.fail_refund(self.books, made[which % len(made)])

    def refunds(self) -> list[MadeRefund]:
        """Return every refund of every charge, in its present state."""
        return [refund for charge in self.books.charges() for refund in charge.refunds]

    def visit(self, address: str, title: str, *, declined: bool) -> None:
        """Let somebody pay at an address, or try to. The payment may take its time."""
        takes_s = 0.0
        if self._chance.yes(0.5, "page takes its time"):
            takes_s = self._chance.between(0.5, self._profile.longest_processing_s, "page processing")
        self.books.processing = timedelta(seconds=takes_s)
        try:
            charge = outside.pay_page(self.books, address, {"card": DECLINING if declined else APPROVING})
        except Refusal:
            return
        finally:
            self.books.processing = timedelta(0)
        self._schedule.at(self._schedule.now_s + takes_s + 0.001, lambda: self._visited(title, charge))

    def _visited(self, title: str, charge: Charge) -> None:
        self.books.charge(charge.transaction_id)  # which ends what is due
        if charge.outcome.approved:
            if self._profile.batch_after_s:
                charge.batch_at = charge.made_at + timedelta(seconds=self._profile.batch_after_s)
            self.on_page(title, charge)

    def pay_outside(self, invoice_number: str, amount: Money) -> Charge:
        """Pay by link or portal."""
        return self.books.pay_outside(invoice_number, amount)


def _refused(refusal: Refusal) -> Reply:
    body = {"errorCode": refusal.key, "message": refusal.message, "statusCode": refusal.status}
    return Reply.of(refusal.status, body | {"isSuccessStatusCode": False})
