"""AndDone's side of a payment: intents, charges, and what becomes of them over time."""

from __future__ import annotations

import random
import string
import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from paydesk.domain.money import ZERO, AmountError, Money
from paydesk.sandbox import outcomes
from paydesk.sandbox.books import Books, Charge, Instrument, Intent, Refusal
from paydesk.sandbox.clock import SandboxClock, business_days_later, next_batch
from paydesk.sandbox.merchant import ACH, CREDIT, DEBIT, Merchant

DEFAULT_LIFE_S = 3600
SETTLES_AFTER_DAYS = 2
"""Business days from the batch to Success, or to the return of an ACH entry that comes back."""
TENDERS = (CREDIT, DEBIT, ACH)
_BRANDS = {"3": "AMEX", "4": "VISA", "5": "MASTERCARD", "2": "MASTERCARD", "6": "DISCOVER"}
_ECHOED = ("billingContact", "remarks", "suppressTechnologyFee", "transactionCode", "issuer")
Wire = Mapping[str, Any]


class Processor:
    """The merchant's books at the processor. Callers hold one lock around each call."""

    def __init__(
        self, merchant: Merchant, clock: SandboxClock, seed: int | None = None, books: Books | None = None
    ) -> None:
        self.merchant = merchant
        self.clock = clock
        self.books = books or Books()
        self._random = random.Random(seed)

    # Intents

    def create_intent(self, wire: Wire) -> Intent:
        """Open an order that can be paid once; its title must never have been used."""
        title = str(wire.get("title") or "").strip()
        if not title:
            raise Refusal("Key_TitleCanNotbeNullOrEmpty", "The title is missing.")
        tenders = _tenders_of(wire)
        amount = money_of(wire.get("amount"))
        if not any(self.merchant.accepts(tender, amount) for tender in tenders):
            raise Refusal("Key_InvalidAmount", "The amount is outside of the allowed range.")
        if title in self.books.titles:
            raise Refusal("Key_TitleAlreadyExists", "The title must be unique.")
        life = timedelta(seconds=_whole(wire.get("expiresIn"), DEFAULT_LIFE_S))
        intent = Intent(self._short_id(), title, amount, tenders, self.clock.now() + life, dict(wire))
        self.books.add_intent(intent)
        return intent

    def expire_intent(self, token: str) -> Intent:
        """Close a pending intent for good. Refuses one that is paid or already expired."""
        intent = self.intent(token)
        self._refuse_unless_pending(intent)
        intent.status = "expired"
        return intent

    def intent(self, token: str) -> Intent:
        """The intent of this token, expired by now if its time is over. Raises Refusal 404."""
        intent = self.books.intents.get(token)
        if intent is None:
            raise Refusal("Key_PaymentIntentNotFound", "No such payment intent.", 404)
        if intent.status == "pending" and self.clock.now() >= intent.expires_at:
            intent.status = "expired"
        return intent

    # Charges

    def pay_intent(self, wire: Wire) -> Charge:
        """Charge a pending intent. A refused card leaves it pending, an accepted one closes it."""
        intent = self.intent(str(wire.get("token") or ""))
        self._refuse_unless_pending(intent)
        if str(wire.get("channelType")) not in intent.tenders:
            raise Refusal("Key_InvalidRequest", "This intent does not take that payment type.")
        if money_of(_tender_info(wire).get("amount")) != intent.amount:
            raise Refusal("Key_InvalidAmount", "The amount differs from the intent's.")
        charge = self._charge(wire, "PaymentIntent", intent.title, intent)
        if charge.outcome.approved:
            intent.status = "paid"
        return charge

    def pay_open(self, wire: Wire) -> Charge:
        """Charge in one step. A repeated paymentReference is not refused: the vendor does not say so."""
        reference = str(wire.get("paymentReference") or wire.get("referenceNo") or "")
        return self._charge(wire, str(wire.get("type")), reference, None)

    def pay_outside(
        self, invoice_number: str, amount: Money, payment_type: str = "PaymentLink", reference: str = ""
    ) -> Charge:
        """A payment that reached the merchant by another way: a link, the portal, a hosted page."""
        wire: Wire = {
            "channelType": CREDIT,
            "tenderInfo": {"amount": amount.dollars, "cardNumber": "4111111111111111", "cardExpiry": "1239"},
            "invoiceNo": invoice_number,
        }
        return self._charge(wire, payment_type, reference or f"LINK-{self._short_id()}", None)

    def charge(self, transaction_id: str) -> Charge | None:
        """The charge of this id as it stands now."""
        return self._aged(self.books.charges.get(transaction_id))

    def charge_of_intent(self, token: str) -> Charge | None:
        """The latest charge of this intent as it stands now."""
        return self._aged(self.books.by_token.get(token))

    def charges(self) -> list[Charge]:
        """Every charge as it stands now, oldest first."""
        for charge in self.books.charges.values():
            self._aged(charge)
        return list(self.books.charges.values())

    def new_id(self) -> str:
        """A fresh transaction id."""
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    # Steps

    def _charge(self, wire: Wire, payment_type: str, reference: str, intent: Intent | None) -> Charge:
        tender, info = str(wire.get("channelType")), _tender_info(wire)
        amount = money_of(info.get("amount"))
        self._refuse_unless_payable(tender, amount, info)
        now = self.clock.now()
        outcome = _outcome(tender, info, amount, now)
        extra = {str(name): str(value) for name, value in (wire.get("additionalFields") or {}).items()}
        invoice_no = intent.invoice_no if intent else _text(wire.get("invoiceNo"))
        charge = Charge(
            transaction_id=self.new_id(),
            reference=reference,
            payment_type=payment_type,
            tender=tender,
            amount=amount,
            fee=self._fee(tender, amount, wire, intent),
            made_at=now,
            batch_at=next_batch(now) if self.merchant.batching else now,
            token=intent.token if intent else None,
            outcome=outcome,
            status=self._first_status(tender, outcome),
            previous_status="Created",
            auth_code=f"{self._random.randrange(1_000_000):06d}" if outcome.approved else None,
            trace_number=f"{self._random.randrange(10**12):012d}",
            instrument=_instrument(tender, info),
            invoice_no=invoice_no,
            invoice_numbers=_invoice_numbers(invoice_no, intent, extra),
            extra=extra,
            wire={name: wire[name] for name in _ECHOED if name in wire},
        )
        self.books.add_charge(charge)
        return charge

    def _refuse_unless_pending(self, intent: Intent) -> None:
        if intent.status == "paid":
            raise Refusal("Key_InvalidPaymentIntentStatus", "The payment intent is already paid.")
        if intent.status == "expired":
            raise Refusal("Key_PaymentIntentAlreadyExpired", "The payment intent is already expired.")

    def _refuse_unless_payable(self, tender: str, amount: Money, info: Wire) -> None:
        if tender not in self.merchant.fees:
            raise Refusal("Key_InvalidRequest", "The merchant does not take this payment type.")
        if not self.merchant.accepts(tender, amount):
            raise Refusal("Key_InvalidAmount", "The amount is above the merchant's limit.")
        needed = ("routingNumber", "accountNumber") if tender == ACH else ("cardNumber", "cardExpiry")
        if not all(info.get(name) for name in needed):
            raise Refusal("Key_InvalidRequest", "Card or account fields are missing.")

    def _fee(self, tender: str, amount: Money, wire: Wire, intent: Intent | None) -> Money:
        asked: list[Wire] = [wire, intent.wire] if intent else [wire]
        if any(fields.get("suppressTechnologyFee") for fields in asked):
            return ZERO
        for fields in asked:
            if fields.get("overrideTechnologyFee") is not None:
                return money_of(fields["overrideTechnologyFee"], zero_allowed=True)
        return self.merchant.fees[tender].of(amount)

    def _first_status(self, tender: str, outcome: outcomes.Outcome) -> str:
        if outcome.approved and tender == ACH and self.merchant.ach_pending:
            return "PendingForAuthorized"
        return outcome.status

    def _aged(self, charge: Charge | None) -> Charge | None:
        """Let the batch and the days since have their effect."""
        if charge is None:
            return None
        now = self.clock.now()
        if charge.status in ("Authorized", "PendingForAuthorized") and now >= charge.batch_at:
            charge.move("Captured")
            charge.settled_at = charge.batch_at
        final = business_days_later(charge.batch_at, SETTLES_AFTER_DAYS)
        if charge.status == "Captured" and now >= final:
            charge.move("Returned" if charge.outcome.returns_later else "Success")
            charge.closed_at = final if charge.outcome.returns_later else None
        return charge

    def _short_id(self) -> str:
        return "".join(self._random.choices(string.ascii_letters + string.digits, k=8))


def money_of(value: object, zero_allowed: bool = False) -> Money:
    """A JSON number as money. Raises Refusal Key_InvalidAmount when it is no amount of cents."""
    try:
        money = Money.from_dollars(Decimal(str(value)))
    except (AmountError, InvalidOperation):
        raise Refusal("Key_InvalidAmount", "The amount is not valid.") from None
    if money < ZERO or not (money or zero_allowed):
        raise Refusal("Key_InvalidAmount", "The amount must be greater than zero.")
    return money


def _tender_info(wire: Wire) -> dict[str, Any]:
    info = wire.get("tenderInfo")
    if not isinstance(info, dict):
        raise Refusal("Key_InvalidRequest", "tenderInfo is missing.")
    return info


def _tenders_of(wire: Wire) -> tuple[str, ...]:
    intent = wire.get("intent")
    if not isinstance(intent, dict):
        raise Refusal("Key_IntentCannotBeNullOrEmpty", "The intent is missing.")
    tenders = tuple(str(tender) for tender in intent.get("paymentTypes") or ())
    if not tenders:
        raise Refusal("Key_PaymentTypesCannotBeNullOrEmpty", "The payment types are missing.")
    if not set(tenders) <= set(TENDERS):
        raise Refusal("Key_InvalidRequest", "There is an unknown payment type.")
    return tenders


def _outcome(tender: str, info: dict[str, Any], amount: Money, now: datetime) -> outcomes.Outcome:
    return outcomes.bank_outcome(info, amount) if tender == ACH else outcomes.card_outcome(info, amount, now)


def _instrument(tender: str, info: Wire) -> Instrument:
    if tender == ACH:
        return Instrument(
            kind=str(info.get("accountType") or "checking"),
            last_four=str(info.get("accountNumber"))[-4:],
            holder=_text(info.get("accountHolderName")),
            bank=_text(info.get("bankName")),
            routing=_text(info.get("routingNumber")),
            category=_text(info.get("accountCategory")),
        )
    number = str(info.get("cardNumber"))
    return Instrument(
        kind=_BRANDS.get(number[:1], "UNKNOWN"),
        last_four=number[-4:],
        bin_number=number[:6],
        holder=_text(info.get("cardHolderName")),
    )


def _invoice_numbers(
    invoice_no: str | None, intent: Intent | None, extra: Mapping[str, str]
) -> tuple[str, ...]:
    """Every invoice number the payment carries, in its number field, references or free fields."""
    texts = [invoice_no or "", *(intent.references if intent else ())]
    texts += [value for name, value in extra.items() if name.lower().startswith("invoice")]
    numbers = (number for text in texts for number in text.replace(",", " ").split())
    return tuple(dict.fromkeys(numbers))


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _whole(value: object, default: int) -> int:
    text = str(value) if value is not None else str(default)
    if not text.isdecimal():
        raise Refusal("Key_InvalidRequest", "expiresIn is not a number of seconds.")
    return int(text)
