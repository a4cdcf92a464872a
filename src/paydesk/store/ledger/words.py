"""The sentences about payments and postings that the ledger refuses, and the reasons that it records."""

from __future__ import annotations

from paydesk.domain.errors import KnownError
from paydesk.domain.money import Money
from paydesk.domain.payment import State
from paydesk.domain.refund import RefundState
from paydesk.domain.typed.plain_texts import apart
from paydesk.domain.vendors import AGENCY_SYSTEM, PROCESSOR
from paydesk.services.ports.ledger import InvoiceTaken, StaleMove
from paydesk.services.ports.payment_words import REFUND_STATES, STATES

# ---- reasons, as the ledger keeps them ------------------------------------------------------

PAID_BY_BANK = "The bank paid it."
RETURNED_BY_BANK = "The bank returned the debit."
VOIDED_ELSEWHERE = f"Canceled at {PROCESSOR.name}, not by PayDesk."
VOIDED_BEFORE_POSTING = "The money went back: there is nothing to post."
TAKEN_BACK = f"Reversed in {AGENCY_SYSTEM.name} by hand."

# ---- refunds --------------------------------------------------------------------------------


def not_refundable(state: State) -> StaleMove:
    """Return the error for a refund of a payment that has no money to give back, or is being voided."""
    return StaleMove(f"This payment can't be refunded: {STATES[state].lower()}.", "Check it in Payments.")


def refund_undecided() -> StaleMove:
    """Return the error for a refund beside another one without a clear answer."""
    return StaleMove(
        "Another refund of this payment is not confirmed yet.", "Wait until it is. See Needs attention."
    )


def refund_above(left: Money) -> KnownError:
    """Return the error for a refund of more than is left."""
    return KnownError(f"Only {left.shown} of this payment can still be refunded.", "Enter a smaller amount.")


def refund_already(state: RefundState) -> StaleMove:
    """Return the error for a move of a refund that the table of moves forbids."""
    return StaleMove(f"This refund already has the status {REFUND_STATES[state]}.", "Check it in Payments.")


def refund_under_way() -> StaleMove:
    """Return the error for the void of a payment that is being refunded."""
    return StaleMove("This payment is being refunded.", "Wait until the refund is decided.")


def no_refund_receipt() -> KnownError:
    """Return the error for the document of a refund that the processor does not have."""
    return KnownError("This refund has no receipt: it was not accepted.", "Check it in Payments.")


# ---- invoices -------------------------------------------------------------------------------


def being_paid(number: str, desk: str, user: str) -> InvoiceTaken:
    """Return the error for an invoice that another payment holds."""
    return InvoiceTaken(
        f"Invoice {number} is being paid by {apart(user)} at {apart(desk)}.",
        "Wait until that payment is finished, then look up the invoice again.",
    )


def offered(number: str, desk: str, user: str) -> InvoiceTaken:
    """Return the error for an invoice that somebody may pay at an address."""
    return InvoiceTaken(
        f"Invoice {number} is waiting for a payment by link or page, from {apart(user)} at {apart(desk)}.",
        "To take it here, open it in Payments and press Take back first.",
    )


def being_decided(subtotal: Money, desk: str, user: str) -> InvoiceTaken:
    """Return the error for the same payment without an invoice, undecided elsewhere."""
    return InvoiceTaken(
        f"{apart(user)} at {apart(desk)} is already taking the same {subtotal.shown} payment.",
        "Wait for its result. See Needs attention.",
    )


def paid_already(number: str, desk: str, user: str, receipt_number: str) -> InvoiceTaken:
    """Return the error for an invoice whose balance our own payments have used up."""
    by = f"by {apart(user)} at {apart(desk)}"
    return InvoiceTaken(
        f"Invoice {number} was already paid {by}, receipt {receipt_number}.",
        "Reprint that receipt from the Payments tab.",
    )


def owes_less(number: str, balance: Money, amount: Money) -> InvoiceTaken:
    """Return the error for an invoice whose balance fell below the amount to be paid."""
    return InvoiceTaken(
        f"Invoice {number} now has a balance of {balance.shown}, less than the {amount.shown} to pay.",
        "Look up the invoice again, and tell the customer the new amount.",
    )


# ---- texts -----------------------------------------------------------------------------------


def card_data() -> KnownError:
    """Return the error for a text that must not be stored."""
    return KnownError(
        "This text has what looks like a card number or security code.",
        "Remove it. It must not be saved.",
    )


# ---- payments and postings ------------------------------------------------------------------

_LOOK_IT_UP = "Check it in Payments."


def already(state: State) -> StaleMove:
    """Return the error for a move that the table of moves forbids."""
    return StaleMove(f"This payment already has the status {STATES[state]}.", _LOOK_IT_UP)


def another_was_faster() -> StaleMove:
    """Return the error for a payment that moved since it was read."""
    return StaleMove("Another desk just changed this payment.", _LOOK_IT_UP)


def submitted_meanwhile() -> StaleMove:
    """Return the error for the release of a payment that its desk submitted meanwhile."""
    return StaleMove("Its desk just sent this payment.", _LOOK_IT_UP)


def posting_changed() -> StaleMove:
    """Return the error for a posting that changed since it was read."""
    return StaleMove("This posting just changed.", "Check it in Payments.")


def no_receipt() -> KnownError:
    """Return the error for the receipt of a payment that was not approved."""
    return KnownError("This payment has no receipt: it was not approved.", "Check it in Payments.")


def no_void_receipt() -> KnownError:
    """Return the error for the void receipt of a payment that was not voided."""
    return KnownError("This payment has no void receipt: it was not voided.", "Check it in Payments.")
