"""AndDone's side of a payment: intents, charges, and their changes over time."""

from __future__ import annotations

import random
import string
import uuid
from datetime import datetime, timedelta
from typing import Any

from paydesk.domain.money import ZERO, Money
from paydesk.sandbox.anddone import outcomes
from paydesk.sandbox.anddone.aging import aged
from paydesk.sandbox.anddone.books import Books, Charge, Intent, Link, Offer, Refusal
from paydesk.sandbox.anddone.habits import Habit, Habits
from paydesk.sandbox.anddone.merchant import ACH, CREDIT, DEBIT, Merchant
from paydesk.sandbox.anddone.offers import finish, finish_due, up_to_date
from paydesk.sandbox.anddone.reading import (
    Wire,
    instrument_of,
    invoice_numbers_of,
    later,
    money_of,
    object_in,
    objects_in,
    refuse_wrong_fee,
    suppression,
    tender_info,
    tenders_of,
    text_of,
    whole,
)
from paydesk.sandbox.server.clock import SandboxClock, next_batch

DEFAULT_LIFE_S = 3600
INTENT_KEYS = ("Key_InvalidPaymentIntentStatus", "Key_PaymentIntentAlreadyExpired")
LINK_KEYS = ("Key_InvalidPaymentLinkStatus", "Key_PaymentLinkAlreadyExpired")
"""Error keys of a wrong status and of an expiry. Those of links are formed after those of intents."""
_IN_WORDS = {CREDIT: "credit cards", DEBIT: "debit cards", ACH: "bank accounts"}
_ECHOED = ("billingContact", "remarks", "transactionCode", "issuer")


class Processor:
    """The merchant's books at the processor. Callers hold one lock around each call."""

    def __init__(
        self,
        merchant: Merchant,
        clock: SandboxClock,
        seed: int | None = None,
        books: Books | None = None,
        habits: Habits | None = None,
    ) -> None:
        self.merchant = merchant
        self.habits = habits or Habits()
        self.clock = clock
        self.books = books or Books()
        self.processing = timedelta(0)
        """Time between a payer's press of the button on a page and the charge."""
        self._random = random.Random(seed)

    # Intents

    def create_intent(self, wire: Wire) -> Intent:
        """Create an intent, which can be paid once. Its title must never have been used."""
        title = str(wire.get("title") or "").strip()
        if not title:
            raise Refusal("Key_TitleCanNotbeNullOrEmpty", "The title is missing.")
        tenders = tenders_of(wire.get("intent"))
        amount = money_of(wire.get("amount"))
        if not any(self.merchant.accepts(tender, amount) for tender in tenders):
            raise Refusal("Key_InvalidAmount", "The amount is outside of the allowed range.")
        if title in self.books.titles:
            raise Refusal("Key_TitleAlreadyExists", "The title must be unique.")
        expires_at = later(self.clock.now(), "seconds", whole(wire.get("expiresIn"), DEFAULT_LIFE_S))
        objects_in(wire.get("referenceDataList"))
        refuse_wrong_fee(wire)
        intent = Intent(
            token=self.short_id(),
            title=title,
            amount=amount,
            tenders=tenders,
            expires_at=expires_at,
            wire=dict(wire),
        )
        self.books.add_intent(intent)
        return intent

    def expire_intent(self, token: str) -> Intent:
        """Expire a pending intent for good. Refuses one that is paid or already expired."""
        intent = self.intent(token)
        self.refuse_unless_expirable(intent, INTENT_KEYS, tried=token in self.books.by_token)
        intent.status = "expired"
        return intent

    def intent(self, token: str) -> Intent:
        """Return the intent of this token, and expire it if its time is over. Raises Refusal 404."""
        intent = self.books.intents.get(token)
        if intent is None:
            raise Refusal("Key_PaymentIntentNotFound", "No such payment intent.", 404)
        return up_to_date(self.books, intent, self.clock.now())

    # Charges

    def pay_intent(self, wire: Wire) -> Charge:
        """Charge a pending intent. A refused card leaves it pending, an accepted one closes it."""
        intent = self.intent(str(wire.get("token") or ""))
        self.refuse_unless_open(intent, INTENT_KEYS, Habit.PAID_AGAIN)
        if str(wire.get("channelType")) not in intent.tenders:
            raise Refusal("Key_InvalidRequest", "This intent does not take that payment type.")
        if money_of(tender_info(wire).get("amount")) != intent.amount:
            raise Refusal("Key_InvalidAmount", "The amount differs from the intent's.")
        charge = self._prepared(wire, "PaymentIntent", intent.title, intent)
        finish(self.books, intent, charge)
        if intent.status == "pending" and Habit.DECLINE_CLOSES_INTENT in self.habits:
            intent.status = "declined"
        return charge

    def pay_on_page(self, offer: Offer, wire: Wire) -> Charge:
        """Take a payment from one of AndDone's pages, or start it if it takes its time."""
        link = isinstance(offer, Link)
        self.refuse_unless_open(offer, LINK_KEYS if link else INTENT_KEYS, Habit.PAID_AGAIN)
        tender = str(wire.get("channelType"))
        if tender == DEBIT and DEBIT not in offer.tenders and Habit.DEBIT_AS_CREDIT in self.habits:
            tender = CREDIT
        if tender not in offer.tenders:
            raise Refusal("Key_InvalidRequest", f"This payment does not take {_IN_WORDS[tender]}.")
        wire = {**wire, "channelType": tender}
        charge = self._prepared(wire, "PaymentLink" if link else "PaymentIntent", offer.title, offer)
        if self.processing:
            charge.made_at += self.processing
            charge.batch_at = self._batch_at(charge.made_at)
            offer.under_way.append(charge)
            self.books.watch(offer)
        else:
            finish(self.books, offer, charge)
        return charge

    def pay_open(self, wire: Wire) -> Charge:
        """Charge in one step. A repeated paymentReference is no error, as the vendor mentions none."""
        reference = str(wire.get("paymentReference") or wire.get("referenceNo") or "")
        return self._charge(wire, str(wire.get("type")), reference, None)

    def pay_outside(
        self, invoice_number: str, amount: Money, payment_type: str = "PaymentLink", reference: str = ""
    ) -> Charge:
        """Make a payment that reached the merchant another way: a link, the portal, a hosted page."""
        wire: Wire = {
            "channelType": CREDIT,
            "tenderInfo": {"amount": amount.dollars, "cardNumber": "4111111111111111", "cardExpiry": "1239"},
            "invoiceNo": invoice_number,
        }
        return self._charge(wire, payment_type, reference or f"LINK-{self.short_id()}", None)

    def charge(self, transaction_id: str) -> Charge | None:
        """Return the charge of this id in its present state."""
        finish_due(self.books, self.clock.now())
        return self._aged(self.books.charges.get(transaction_id))

    def charge_of_intent(self, token: str) -> Charge | None:
        """Return the latest charge of this intent in its present state, or by a habit the first."""
        finish_due(self.books, self.clock.now())
        if Habit.DETAILS_OF_FIRST_TRY in self.habits:
            tries = (charge for charge in self.books.charges.values() if charge.token == token)
            return self._aged(next(tries, None))
        return self._aged(self.books.by_token.get(token))

    def charges_of_link(self, link: Link) -> list[Charge]:
        """Return the charges of this link in their present state, oldest first."""
        finish_due(self.books, self.clock.now())
        found = self.books.by_link.get(link.id, [])
        for charge in found:
            self._aged(charge)
        return found

    def charges(self) -> list[Charge]:
        """Return every charge in its present state, oldest first."""
        finish_due(self.books, self.clock.now())
        for charge in self.books.charges.values():
            self._aged(charge)
        return list(self.books.charges.values())

    def new_id(self) -> str:
        """Return a new transaction id."""
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    def short_id(self, length: int = 8) -> str:
        """Return a new id of letters and digits, as intents and links have."""
        return "".join(self._random.choices(string.ascii_letters + string.digits, k=length))

    def fee(self, tender: str, offer: Offer) -> Money:
        """Return the technology fee that this offer costs with this tender."""
        return self._fee(tender, offer.amount, {}, offer)

    # Steps

    def _charge(self, wire: Wire, payment_type: str, reference: str, offer: Offer | None) -> Charge:
        charge = self._prepared(wire, payment_type, reference, offer)
        self.books.add_charge(charge)
        return charge

    def _prepared(self, wire: Wire, payment_type: str, reference: str, offer: Offer | None) -> Charge:
        """Return the charge, with the issuer's answer. It is not in the books yet."""
        tender, info = str(wire.get("channelType")), tender_info(wire)
        amount = money_of(info.get("amount"))
        self._refuse_unless_payable(tender, amount, info)
        now = self.clock.now()
        object_in(wire.get("billingContact"))
        outcome = _outcome(tender, info, amount, now)
        extra = {str(name): str(value) for name, value in object_in(wire.get("additionalFields")).items()}
        invoice_no = offer.invoice_no if offer else text_of(wire.get("invoiceNo"))
        return Charge(
            transaction_id=self.new_id(),
            reference=reference,
            payment_type=payment_type,
            tender=tender,
            amount=amount,
            fee=self._fee(tender, amount, wire, offer),
            made_at=now,
            batch_at=self._batch_at(now),
            token=offer.token if isinstance(offer, Intent) else None,
            link_id=offer.id if isinstance(offer, Link) else None,
            outcome=outcome,
            status=self._first_status(tender, outcome),
            previous_status="Created",
            auth_code=f"{self._random.randrange(1_000_000):06d}" if outcome.approved else None,
            trace_number=f"{self._random.randrange(10**12):012d}",
            instrument=instrument_of(tender, info),
            invoice_no=invoice_no,
            invoice_numbers=invoice_numbers_of(invoice_no, offer, extra),
            extra=extra,
            wire={name: wire[name] for name in _ECHOED if name in wire} | suppression(wire, offer),
        )

    def refuse_unless_open(self, offer: Offer, keys: tuple[str, str], broken_by: Habit | None = None) -> None:
        """Refuse an offer that is paid, expired, or being paid. ``broken_by`` is a habit that allows it."""
        wrong_status, expired = keys
        if offer.status == "expired":
            raise Refusal(expired, f"The {_name_of(offer)} is already expired.")
        if offer.status == "disabled":
            raise Refusal(wrong_status, f"The {_name_of(offer)} is disabled.")
        broken = broken_by is not None and broken_by in self.habits
        if broken and (offer.under_way or broken_by is Habit.PAID_AGAIN):
            return
        if offer.status in ("paid", "declined"):
            raise Refusal(wrong_status, f"The {_name_of(offer)} is already {offer.status}.")
        if offer.under_way:
            raise Refusal(wrong_status, f"A payment of the {_name_of(offer)} is under way.")

    def refuse_unless_expirable(self, offer: Offer, keys: tuple[str, str], *, tried: bool) -> None:
        """Refuse an expiry of an offer that is not open. By a habit, a failed try prevents it, too."""
        self.refuse_unless_open(offer, keys, Habit.EXPIRES_WHILE_PAYING)
        if tried and Habit.EXPIRY_REFUSED_AFTER_TRY in self.habits:
            raise Refusal(keys[0], f"A payment of the {_name_of(offer)} was tried.")

    def _batch_at(self, made_at: datetime) -> datetime:
        return next_batch(made_at) if self.merchant.batching else made_at

    def _refuse_unless_payable(self, tender: str, amount: Money, info: Wire) -> None:
        if tender not in self.merchant.fees:
            raise Refusal("Key_InvalidRequest", "The merchant does not take this payment type.")
        if not self.merchant.accepts(tender, amount):
            raise Refusal("Key_InvalidAmount", "The amount is above the merchant's limit.")
        needed = ("routingNumber", "accountNumber") if tender == ACH else ("cardNumber", "cardExpiry")
        if not all(info.get(name) for name in needed):
            raise Refusal("Key_InvalidRequest", "Card or account fields are missing.")

    def _fee(self, tender: str, amount: Money, wire: Wire, offer: Offer | None) -> Money:
        asked: list[Wire] = [wire, offer.wire] if offer else [wire]
        if suppression(wire, offer):
            return ZERO
        if isinstance(offer, Link) and Habit.LINK_FEE_IGNORED in self.habits:
            asked = []
        for fields in asked:
            if fields.get("overrideTechnologyFee") is not None:
                return money_of(fields["overrideTechnologyFee"], zero_allowed=True)
        return self.merchant.fees[tender].of(amount, half_even=Habit.HALF_EVEN_ROUNDING in self.habits)

    def _first_status(self, tender: str, outcome: outcomes.Outcome) -> str:
        pending = self.merchant.ach_pending or Habit.PENDING_ACH in self.habits
        if outcome.approved and tender == ACH and pending:
            return "PendingForAuthorized"
        return outcome.status

    def _aged(self, charge: Charge | None) -> Charge | None:
        return None if charge is None else aged(self.books, self.habits, charge, self.clock.now())


def _name_of(offer: Offer) -> str:
    return "payment link" if isinstance(offer, Link) else "payment intent"


def _outcome(tender: str, info: dict[str, Any], amount: Money, now: datetime) -> outcomes.Outcome:
    return outcomes.bank_outcome(info, amount) if tender == ACH else outcomes.card_outcome(info, amount, now)
