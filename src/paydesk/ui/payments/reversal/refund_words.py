"""The words of the refund dialog, and of a refund's results."""

from __future__ import annotations

from datetime import date

from paydesk.domain.dates import month_and_day
from paydesk.domain.refund import Refund, RefundKind, RefundState
from paydesk.domain.vendors import AGENCY_SYSTEM, PROCESSOR
from paydesk.services.ports.payment_words import REFUND_REASONS

TITLE = "Refund payment"
CHECKING = f"Checking with {PROCESSOR.name} what can be refunded…"
HOW_MUCH = "How much"
KINDS = {
    RefundKind.TOTAL: "All of it",
    RefundKind.SUBTOTAL: "Without the fee",
    RefundKind.PARTIAL: "Part",
}
REASON = "Reason"
REASONS = REFUND_REASONS
NOTE = "Note"
NOTE_SPOKEN = "Note about the refund"
NOTE_EXAMPLE = "Optional: what the customer said"
NOTE_MISSING = "Enter a note that says why."
AMOUNT_MISSING = "Enter the amount to refund."
FEE_STAYS = "The technology fee is not refunded."
BACK = "Back"
VOID_INSTEAD = "Void instead…"
REMIND = "Remind me"
RETURNABLE = "Refund it anyway"
SURE_MISSING = "Select this, or press Back."
NEXT = (
    f"{PROCESSOR.name} sends the money back the way it came, usually within a few business days. "
    f"PayDesk then says what to reverse in {AGENCY_SYSTEM.name}."
)


def all_of_it(amount: str, fee: str) -> str:
    return f"{amount}, with the {fee} fee" if fee else amount


def share_of(invoice: str) -> str:
    """Return the caption of the field for the part of an invoice that goes back."""
    return f"Invoice {invoice}" if invoice else "Amount"


def at_most(left: str) -> str:
    """Return the error of a part that is more than is left to refund of its invoice."""
    return f"Enter an amount up to {left}."


def already(amount: str) -> str:
    return f"{amount} was already refunded."


def refund_amount(amount: str) -> str:
    return f"Refund {amount}"


def bank_can_return(until: date) -> str:
    return (
        f"The customer's bank can still return this debit until {month_and_day(until)}. "
        "If it does, the money goes back twice."
    )


def opens(day: date) -> str:
    return f"{PROCESSOR.name} can refund it starting {month_and_day(day)}. PayDesk can remind you then."


# What became of it.
REFUNDING = f"Refunding with {PROCESSOR.name}…"
ASKED_ON = "PayDesk keeps checking; see Needs attention. Do not refund it again."


def result(refund: Refund, who: str) -> tuple[str, str, str]:
    """Return sentence, next step and notice kind for a refund that was asked for."""
    what = f"{refund.amount.shown} to {who}"
    match refund.state:
        case RefundState.ACCEPTED | RefundState.DONE:
            return f"Refund submitted: {what}.", f"Refund receipt {refund.number}.", "good"
        case RefundState.SUBMITTED | RefundState.UNKNOWN:
            return f"{PROCESSOR.name} hasn't confirmed the refund of {what} yet.", ASKED_ON, "warning"
        case _:
            return f"Not refunded: {what}.", refund.why, "danger"


def wished(day: date | None) -> tuple[str, str]:
    """Return what is said about a refund to be reminded of."""
    when = f"on {month_and_day(day)}" if day else "when it is possible"
    return (
        f"PayDesk will remind you of this refund {when}.",
        "It isn't sent automatically: make it from Needs attention.",
    )
