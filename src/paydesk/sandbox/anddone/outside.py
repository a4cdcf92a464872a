"""Money that moves without the merchant's programs: by payers, by their banks, and in AndDone's portal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from paydesk.domain.money import Money
from paydesk.sandbox.anddone import reversals
from paydesk.sandbox.anddone.aging import send_back
from paydesk.sandbox.anddone.books import ACCEPTED, Charge, Offer, Refund, Refusal
from paydesk.sandbox.anddone.links import orders
from paydesk.sandbox.anddone.merchant import ACH, CREDIT, DEBIT
from paydesk.sandbox.anddone.outcomes import is_debit
from paydesk.sandbox.anddone.processor import Processor
from paydesk.sandbox.server.clock import next_batch

_HOLDER = "Dana Example"
_DISPUTABLE = (ACCEPTED - {"PendingForAuthorized"}) | {
    "RefundAttempt", "Refunded", "RefundedReversed", "ChargebackReversed",
}  # fmt: skip


def pay_page(processor: Processor, where: str, paid_with: Mapping[str, Any]) -> Charge:
    """Pay a link or an intent as a payer does on its page.

    ``where`` is the address of the page, a link's id or an intent's token. ``paid_with`` has ``card`` (and
    ``expiry``, ``code``) or ``account`` (and ``routing``), all of them numbers as text. Raises Refusal.
    """
    offer = offer_at(processor, where)
    if "account" in paid_with:
        tender, info = ACH, _account(paid_with)
    else:
        tender, info = DEBIT if is_debit(str(paid_with["card"])) else CREDIT, _card(paid_with)
    wire = {"channelType": tender, "tenderInfo": info | {"amount": offer.amount.dollars}}
    return processor.pay_on_page(offer, wire)


def offer_at(processor: Processor, where: str) -> Offer:
    """Return the link or intent at an address, or with this id or token. Raises Refusal 404."""
    name = where.rpartition("token=")[2] if "token=" in where else where.rpartition("/")[2]
    books = processor.books
    if name in books.links:
        return orders.link_of(processor, name)
    return orders.link_at(processor, name) if name in books.by_address else processor.intent(name)


def charge_back(
    processor: Processor, transaction_id: str, amount: Money | None = None, code: str = "10.4"
) -> Charge:
    """Let a card's issuer take money back: all of it, or a part. Money that was refunded goes back twice."""
    charge = charge_of(processor, transaction_id)
    if charge.tender == ACH or charge.status not in _DISPUTABLE:
        raise Refusal("Key_TransactionCanNotBeUpdated", f"The {charge.tender} payment is {charge.status}.")
    charge.charged_back = amount or charge.total
    if charge.charged_back > charge.total:
        raise Refusal("Key_InvalidAmount", "More than was captured.")
    charge.back_code, charge.closed_at = code, processor.clock.now()
    charge.move("Chargeback")
    return charge


def reverse_chargeback(processor: Processor, transaction_id: str) -> Charge:
    """Let the merchant win the dispute: the money comes again."""
    charge = charge_of(processor, transaction_id)
    if charge.tender == ACH or charge.status != "Chargeback":
        raise Refusal("Key_TransactionCanNotBeUpdated", f"The payment is {charge.status}.")
    charge.charged_back, charge.back_code, charge.closed_at = Money(0), None, None
    charge.move("ChargebackReversed")
    return charge


def return_entry(processor: Processor, transaction_id: str, code: str = "R01") -> Charge:
    """Let the bank return an ACH payment, at once and at any time after it was made."""
    charge = charge_of(processor, transaction_id)
    if charge.tender != ACH or charge.status not in ACCEPTED:
        raise Refusal("Key_TransactionCanNotBeUpdated", f"The {charge.tender} payment is {charge.status}.")
    send_back(processor.books, processor.habits, charge, code, processor.clock.now())
    return charge


def represent(processor: Processor, transaction_id: str) -> Charge:
    """Send a returned ACH payment to the bank once more. It is in flight until its batch has settled."""
    charge = charge_of(processor, transaction_id)
    if charge.tender != ACH or charge.back_code is None:
        raise Refusal("Key_TransactionCanNotBeUpdated", f"The {charge.tender} payment is {charge.status}.")
    charge.charged_back, charge.back_code, charge.closed_at = Money(0), None, None
    charge.outcome = replace(charge.outcome, returns_later=None)
    charge.batch_at = next_batch(processor.clock.now())
    charge.move("Reprocessed")
    return charge


def refund_in_portal(processor: Processor, transaction_id: str, amount: Money) -> Refund:
    """Refund as a person does in AndDone's portal, by the same rules."""
    charge = charge_of(processor, transaction_id)
    wire = {
        "transactionId": transaction_id,
        "refundAmount": amount.dollars,
        "refundType": "Total" if amount == charge.total else "Partial",
        "refundReason": "Requested by customer",
        "refundDetail": "Made in the portal",
    }
    return reversals.refund(processor, wire, in_portal=True)[1]


def charge_of(processor: Processor, transaction_id: str) -> Charge:
    """Return the charge of this id in its present state. Raises Refusal 404."""
    charge = processor.charge(transaction_id)
    if charge is None:
        raise Refusal("Key_InvalidTransactionId", "There is no such transaction.", 404)
    return charge


def _card(paid_with: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "cardHolderName": _HOLDER,
        "cardNumber": str(paid_with["card"]),
        "cardExpiry": str(paid_with.get("expiry", "1239")),
        "cvv": str(paid_with.get("code", "737")),
    }


def _account(paid_with: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "accountHolderName": _HOLDER,
        "accountNumber": str(paid_with["account"]),
        "routingNumber": str(paid_with.get("routing", "011000138")),
        "accountType": "checking",
    }
