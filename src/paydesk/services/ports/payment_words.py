"""The words for a payment's state and payment method, the same on screens and in saved files."""

from __future__ import annotations

from collections.abc import Mapping

from paydesk.domain.money import Money
from paydesk.domain.outcome import Reason
from paydesk.domain.payment import OfferKind, Payment, State
from paydesk.domain.refund import RefundReason, RefundState
from paydesk.domain.tender import TenderKind
from paydesk.domain.vendors import PROCESSOR

STATES: Mapping[State, str] = {
    State.HELD: "Starting",
    State.OFFERED: "Waiting for payment",
    State.CLOSING: "Being taken back",
    State.SUBMITTED: "Processing",
    State.AUTHORIZED: "Approved",
    State.DECLINED: "Declined",
    State.UNKNOWN: "Unconfirmed",
    State.RELEASED: "Not charged",
    State.NOT_CHARGED: "No charge",
    State.LATE: "Late charge",
    State.VOIDING: "Void pending",
    State.VOIDED: "Voided",
    State.SETTLED: "Settled",
    State.PARTLY_REFUNDED: "Partially refunded",
    State.REFUNDED: "Refunded",
    State.RETURNED: "Returned by bank",
    State.CHARGED_BACK: "Charged back",
}
REFUND_STATES: Mapping[RefundState, str] = {
    RefundState.WISHED: "Refund to come",
    RefundState.DROPPED: "Refund dropped",
    RefundState.SUBMITTED: "Refund being sent",
    RefundState.UNKNOWN: "Refund unconfirmed",
    RefundState.ACCEPTED: "Refund submitted",
    RefundState.DONE: "Refunded",
    RefundState.FAILED: "Refund failed",
    RefundState.REFUSED: "Refund refused",
    RefundState.NOT_MADE: "Not refunded",
}
REFUND_REASONS: Mapping[RefundReason, str] = {
    RefundReason.DUPLICATE: "Duplicate payment",
    RefundReason.WRONG_AMOUNT: "Wrong amount or invoice",
    RefundReason.POLICY_CANCELED: "Policy canceled or changed",
    RefundReason.ASKED: "Customer asked for it",
    RefundReason.OTHER: "Other",
}
"""The reasons of refunds. They also go to the processor."""
SUBMITTED_TO_BANK = "Submitted"
BEING_AUTHORIZED = "Authorization pending"

TENDERS: Mapping[TenderKind, str] = {
    TenderKind.CREDIT_CARD: "Credit card",
    TenderKind.DEBIT_CARD: "Debit card",
    TenderKind.ACH: "Bank account (ACH)",
}


def only_submitted(payment: Payment) -> bool:
    """Return True for a bank debit that was accepted but not paid yet: the bank may still return it."""
    return payment.state is State.AUTHORIZED and payment.draft.kind is TenderKind.ACH


def outcome(payment: Payment) -> str:
    """Return the outcome of a payment in a word or two."""
    if payment.state is State.UNKNOWN and payment.reason_code is Reason.PENDING:
        return BEING_AUTHORIZED
    return SUBMITTED_TO_BANK if only_submitted(payment) else STATES[payment.state]


def offered_by(payment: Payment) -> str:
    """Return the kind of an address for the middle of a sentence, such as ``payment link``."""
    return f"{PROCESSOR.name} page" if payment.offer_kind is OfferKind.HOSTED else "payment link"


def refunded(amount: Money, *, elsewhere: bool) -> str:
    """Return the reason of a payment of which that much was refunded, by a desk or in the portal."""
    return (
        f"{amount.shown} was refunded in {PROCESSOR.portal}."
        if elsewhere
        else f"{amount.shown} was refunded."
    )
