"""The words for a payment's state and payment method, the same on screens and in saved files."""

from __future__ import annotations

from collections.abc import Mapping

from paydesk.domain.outcome import Reason
from paydesk.domain.payment import OfferKind, Payment, State
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
    """Return ``payment link`` or ``AndDone page``, for the middle of a sentence."""
    return f"{PROCESSOR.name} page" if payment.offer_kind is OfferKind.HOSTED else "payment link"
