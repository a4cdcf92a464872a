"""Refunds at AndDone: the order, and what its answers prove. Pure functions.

The rules are those of the developer documentation on refunds and refund eligibility.
"""

from __future__ import annotations

from paydesk.domain.errors import KnownError
from paydesk.domain.outcome import Unclear
from paydesk.domain.refund import RefundKind, RefundOrder, RefundOutcome, RefundRefused, RefundTaken
from paydesk.gateways.anddone import enums, names
from paydesk.gateways.anddone.transaction import NOISE, error_key, refund_state, required, text_or_blank
from paydesk.gateways.http.call import Reply
from paydesk.gateways.http.fields import Fields, WrongAnswer

LONGEST_DETAIL = 200


def to_refund(order: RefundOrder) -> dict[str, object]:
    """Return the RefundRequest. Our reference is in each text that may come back."""
    rest = order.rest and order.kind is RefundKind.TOTAL
    detail = " ".join(order.detail.split())[: LONGEST_DETAIL - len(order.reference) - 3]
    return {
        "transactionId": order.processor_ref,
        "refundAmount": order.amount.dollars,
        "refundType": names.REFUND_REST if rest else names.REFUND_TYPES[order.kind],
        "refundReason": order.reason,
        "refundDetail": f"{detail} ({order.reference})".strip(),
        "remarks": order.reference,
    }


def to_refund_outcome(reply: Reply, order: RefundOrder) -> RefundOutcome:
    """Return what an answer to a refund proves. Anything but a plain yes or a known no is Unclear."""
    if reply.status == 400:
        key = error_key(reply)
        return names.REFUND_REFUSALS.get(key) or Unclear(f"AndDone answered with {key or 'an error'}.")
    if reply.status not in (200, 201):
        return Unclear(f"AndDone answered with error {reply.status}.")
    try:
        return _taken(reply.fields(), order)
    except WrongAnswer as wrong:
        return Unclear(f"AndDone sent an answer PayDesk can't read (field {wrong.field}).")


def _taken(fields: Fields, order: RefundOrder) -> RefundTaken | Unclear:
    """Return the refund of an answer, once it is proven to be of this charge, with this amount."""
    number = required(fields, "transactionId")
    operation = enums.named(text_or_blank(fields, "operationType"), enums.OPERATIONS)
    of_charge = fields.text("referenceTransactionId") == order.processor_ref
    if number == order.processor_ref or not of_charge or operation.lower() not in ("", names.REFUND):
        return Unclear("AndDone's answer is not about this refund.")
    amount = fields.inner("tenderInfo").money("amount", within=NOISE)
    if amount not in (None, order.amount):
        return Unclear("AndDone's answer carries another amount.")
    return RefundTaken(number, refund_state(enums.named(fields.text("transactionStatus"), enums.STATUSES)))


def to_refund_refusal(reply: Reply) -> RefundRefused | None:
    """Return why a charge can't be refunded now, or None if it can be. Raises KnownError, WrongAnswer."""
    if reply.status == 400 and error_key(reply) in names.REFUND_REFUSALS:
        return names.REFUND_REFUSALS[error_key(reply)]
    if reply.status != 200:
        raise KnownError(
            f"AndDone can't say if this payment can be refunded (error {reply.status}).",
            "Try again in a minute.",
        )
    fields = reply.fields()
    may = fields.flag("refundEligible")
    if may is None:
        raise fields.wrong("refundEligible")
    if may:
        return None
    said = text_or_blank(fields, "message")
    known = names.REFUND_REFUSALS.get(said)
    return known or RefundRefused(f"AndDone says: {names.cleaned(said)}." if said else _NO_REASON)


_NO_REASON = "AndDone does not refund this payment now, and gives no reason."
