"""Voids before settlement and refunds after it, by AndDone's published rules.

Sources: developer documentation on voids, refunds and refund eligibility. Help center on
batching and refunds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Final

from paydesk.domain.money import Money
from paydesk.sandbox.anddone.books import Charge, Refund, Refusal
from paydesk.sandbox.anddone.habits import Habit
from paydesk.sandbox.anddone.processor import Processor
from paydesk.sandbox.anddone.reading import money_of
from paydesk.sandbox.server.clock import business_days_later

VOID_CLOSES_BEFORE_BATCH: Final = timedelta(minutes=15)
BETWEEN_REFUNDS: Final = timedelta(hours=24)
_MONEY_BACK = frozenset({"Returned", "Chargeback"})


def void(processor: Processor, transaction_id: str) -> Charge:
    """Cancel an authorized payment of the open batch. Raises Refusal with the rule it breaks."""
    if not transaction_id:
        raise Refusal("Key_TransactionIdCannotBeEmptyOrNULL", "The transaction id is missing.")
    if transaction_id in processor.books.refunds:
        raise Refusal("Key_OnlySaleTransactionCanBeVoided", "Only a sale can be voided.")
    charge = processor.charge(transaction_id)
    if charge is None:
        raise Refusal("Key_InvalidTransactionId", "There is no such transaction.")
    if not processor.merchant.batching:
        raise Refusal("Key_VoidsNotAllowed", "Voids need transaction batching.")
    if charge.status != "Authorized":
        raise Refusal("Key_OnlyAuthorizedTransactionCanBeVoided", f"The transaction is {charge.status}.")
    now = processor.clock.now()
    if now >= charge.batch_at - VOID_CLOSES_BEFORE_BATCH:
        raise Refusal(
            "Key_TransactionCanNotBeVoidedNachaExecutionTimeIsLessThan15Mins", "The batch is about to run."
        )
    charge.move("Cancelled")
    charge.closed_at = now
    return charge


def refundable(processor: Processor, transaction_id: str) -> Charge:
    """Return the payment if it may be refunded now. Raises Refusal with the rule it breaks."""
    if not transaction_id:
        raise Refusal("Key_TransactionIdCannotBeEmptyOrNULL", "The transaction id is missing.")
    charge = processor.charge(transaction_id)
    if charge is None:
        raise Refusal("Key_InvalidTransactionId", "There is no such transaction.", 404)
    for key, broken in _RULES.items():
        if broken(processor, charge):
            raise Refusal(key, f"The transaction is {charge.status}.")
    return charge


def refund(
    processor: Processor, wire: Mapping[str, Any], *, in_portal: bool = False
) -> tuple[Charge, Refund]:
    """Send money back. The kind decides which amounts are valid. Total includes the fee."""
    charge = refundable(processor, str(wire.get("transactionId") or ""))
    amount, kind = money_of(wire.get("refundAmount")), str(wire.get("refundType") or "")
    if amount > charge.total - charge.refunded:
        raise Refusal("Key_RefundAmountCanNotBeGreaterThanCapturedAmount", "More than was captured.")
    _refuse_wrong_amount(processor, charge, kind, amount)
    made = Refund(
        transaction_id=processor.new_id(),
        charge_id=charge.transaction_id,
        amount=amount,
        kind=kind,
        reason=str(wire.get("refundReason") or ""),
        detail=str(wire.get("refundDetail") or ""),
        made_at=processor.clock.now(),
        in_portal=in_portal,
        remarks=None if wire.get("remarks") is None else str(wire["remarks"]),
    )
    processor.books.add_refund(charge, made)
    if is_refunded(charge) or Habit.PARTIAL_AS_REFUNDED in processor.habits:
        charge.move("RefundAttempt" if Habit.REFUND_ATTEMPT in processor.habits else "Refunded")
    return charge, made


def fail_refund(processor: Processor, refund_id: str) -> Refund:
    """Let a refund fail that was accepted before. Its money stays with the merchant."""
    made = processor.books.refunds.get(refund_id)
    if made is None:
        raise Refusal("Key_InvalidTransactionId", "There is no such refund.", 404)
    charge = processor.charge(made.charge_id)
    assert charge is not None
    if made.status not in ("PendingForAuthorized", "Authorized"):
        raise Refusal("Key_TransactionCanNotBeUpdated", f"The refund is {made.status}.")
    made.status = "Failed"
    if charge.status in ("Refunded", "RefundAttempt"):
        charge.move("RefundedReversed" if Habit.REFUND_FAILURE_REVERSED in processor.habits else "Success")
    return made


def is_refunded(charge: Charge) -> bool:
    """Return True if nothing is left to refund: all of it went back, or all but the fee."""
    live = [refund for refund in charge.refunds if refund.status != "Failed"]
    return charge.refunded == charge.total or any(refund.kind == "Subtotal" for refund in live)


def _refuse_wrong_amount(processor: Processor, charge: Charge, kind: str, amount: Money) -> None:
    due = {
        "Total": charge.total,
        "Subtotal": charge.amount,
        "Remaining": charge.total - charge.refunded,
        "Partial": amount,
    }.get(kind)
    if due is None or (kind == "Partial" and not processor.merchant.partial_refunds):
        raise Refusal("Key_RefundAmountIsNotValid", "This kind of refund is not allowed.")
    if amount != due:
        raise Refusal("Key_RefundAmountAndCaptureAmountShouldBeEqual", "The amount does not fit the kind.")


def _too_soon(processor: Processor, charge: Charge) -> bool:
    days = processor.merchant.refund_opens_after_days
    opens = business_days_later(charge.settled_at or charge.batch_at, days)
    return processor.clock.now() < opens


def _refunded_lately(processor: Processor, charge: Charge) -> bool:
    return bool(charge.refunds) and processor.clock.now() - charge.refunds[-1].made_at < BETWEEN_REFUNDS


_RULES: dict[str, Callable[[Processor, Charge], bool]] = {
    "Key_PlatFormAccountTransactionCanNotBeRefunded": lambda processor, _: not processor.merchant.refunds,
    "Key_RejectedTransactionCanNotBeRefunded": lambda _, charge: (
        charge.status in ("Denied", "Failed", "Cancelled")
    ),
    "Key_ChargebackTransactionCanNotBeRefund": lambda _, charge: charge.status in _MONEY_BACK,
    "Key_BatchedTransactionCanNotBeRefund": lambda _, charge: charge.status == "Authorized",
    "Key_InProgressTransactionCanNotBeRefunded": lambda _, charge: charge.status == "PendingForAuthorized",
    "Key_RefundAmountIsNotValid": lambda _, charge: is_refunded(charge),
    "Key_RefundDateCanNotLessThanOneBusinessDay": _refunded_lately,
    "Key_SetteledTransactionCanNotBeLessThanTwoBussinessDay": _too_soon,
}
"""Refund rules in the order of their checks. The keys and their spelling are the vendor's."""
