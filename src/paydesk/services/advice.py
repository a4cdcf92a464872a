"""What a person is told about a payment that did not end by itself: what is known, what to do, what never."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from paydesk.domain.payment import OPEN, Payment, State
from paydesk.domain.tender import TenderKind

_UNCLEAR = "AndDone gave no clear answer"
_NEVER_AGAIN = (
    "Do not take this payment again: not here, not at another desk, not by link. "
    "Do not mark its invoices as paid in AMS360, and do not tell the customer that it failed."
)


@dataclass(frozen=True, slots=True)
class Advice:
    """Sentences for the desk; ``never`` is empty when nothing is forbidden."""

    known: str
    do: str
    never: str = ""


def needs_attention(payment: Payment, now: datetime, after: timedelta) -> bool:
    """Whether a person has to look: late, being voided, charged otherwise, or open for too long.

    ``after`` is how long it may be open. ``now`` (UTC) decides only what is shown, never what
    happens to the money.
    """
    if payment.state in OPEN:
        return abs(now - (payment.submitted_at or payment.claimed_at)) >= after
    return payment.state in (State.LATE, State.VOIDING) or payment.charged_otherwise


def advice(payment: Payment) -> Advice:
    """What is known of the payment, what to do about it, and what must not be done."""
    if payment.state is State.LATE:
        return _late(payment)
    if payment.state is State.VOIDING:
        return _voiding(payment)
    if payment.charged_otherwise:
        return _charged_otherwise(payment)
    match payment.state:
        case State.CLAIMED:
            return Advice(
                f"Desk {payment.desk} began this payment; nothing was sent to AndDone.",
                "Wait: when that desk is gone, PayDesk frees the invoices by itself after ten minutes.",
            )
        case State.SUBMITTED:
            return Advice(
                f"Desk {payment.desk} sent {_what(payment)} and has not recorded the answer yet.",
                "Wait two minutes: then PayDesk asks AndDone by itself.",
                _NEVER_AGAIN,
            )
        case State.UNKNOWN:
            return _unknown(payment)
        case State.RETURNED:
            return _returned(payment)
        case _:
            return Advice(f"This payment is decided: {payment.state.value.replace('_', ' ')}.", "Nothing.")


def _unknown(payment: Payment) -> Advice:
    known = [f"{_what(payment)} was sent.", payment.reason]
    if not payment.reason.startswith(_UNCLEAR):
        known.insert(1, f"{_UNCLEAR}.")
    if payment.expired_at is not None:
        known.append("AndDone has confirmed that it can no longer be charged; one more look follows.")
    return Advice(
        " ".join(part for part in known if part),
        "PayDesk keeps asking, and the invoices stay locked. Press Check now. If it stays, search AndDone's "
        f"portal for {payment.intent_title}, or call AndDone with it; PayDesk records what AndDone's "
        "answer shows. The customer can be told that nothing is charged twice.",
        _NEVER_AGAIN,
    )


def _returned(payment: Payment) -> Advice:
    return Advice(
        f"{_what(payment)} came back: the bank did not pay it, and its invoices are owed again.",
        f"Tell the customer, and take another payment. If receipt {payment.receipt_number} is in AMS360 (see "
        "under Payments), reverse it there.",
        "Do not take the invoices for paid.",
    )


def _late(payment: Payment) -> Advice:
    return Advice(
        f"{_what(payment)} was ruled out first, and appeared at AndDone afterwards "
        f"(transaction {payment.processor_ref}, receipt {payment.receipt_number}).",
        "See under Payments whether the invoices were paid a second time. If they were, press Void… the same "
        "day; later, refund it in AndDone's portal. If not, it is their payment: give them the receipt.",
        "Do not take another payment for these invoices before that is clear.",
    )


def _voiding(payment: Payment) -> Advice:
    return Advice(
        f"AndDone was asked to cancel {_dollars(payment)} (transaction {payment.processor_ref}, receipt "
        f"{payment.receipt_number}): “{payment.reason}”. It has not confirmed that.",
        "PayDesk keeps asking, and the invoices count as paid. Press Check now. If it stays, look for the "
        "transaction in AndDone's portal, or call AndDone with its number.",
        "Do not take these invoices again, and do not tell the customer that the money is back.",
    )


def _charged_otherwise(payment: Payment) -> Advice:
    return Advice(
        f"{_dollars(payment)} was quoted, but AndDone charged ${payment.charged} "
        f"(transaction {payment.processor_ref}).",
        "Tell the customer the amount that was really charged. Void or refund it if they do not agree, and "
        "have the fees in the settings compared with the AndDone agreement.",
        "Do not charge or refund the difference by a second payment.",
    )


def _what(payment: Payment) -> str:
    tender = "bank account" if payment.draft.kind is TenderKind.ACH else "card"
    ending = f" ending {payment.last4}" if payment.last4 else ""
    return f"The charge of {_dollars(payment)} to the {tender}{ending}"


def _dollars(payment: Payment) -> str:
    return f"${payment.draft.quote.total}"
