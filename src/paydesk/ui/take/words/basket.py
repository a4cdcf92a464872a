"""Words of the payment summary on the Take payment page, and of why nothing can be charged yet."""

from __future__ import annotations

from paydesk.domain.quote import OverLimit, Quote
from paydesk.domain.tender import TenderKind
from paydesk.domain.vendors import AGENCY_SYSTEM
from paydesk.ui.kit.format import dollars
from paydesk.ui.kit.words import short_tender
from paydesk.ui.take.words.lookup import LOOK_UP
from paydesk.ui.take.words.selection import invoices

# The basket.
TO_PAY = "Payment summary"
NO_PAYER = "Nothing selected yet"
LINES_SPOKEN = "What is being paid"
SUBTOTAL = "Subtotal"
ONE_TIME_PAYMENT = "Anytime payment"
ACH_FEE_PREFIX = "ACH, "
TAKE_PAYMENT = "Take payment"


def subtotal_of(number: int) -> str:
    """Return the caption of the subtotal of some invoices."""
    return f"{SUBTOTAL}, {invoices(number)}"


def over_limit(over: OverLimit) -> str:
    """Return a text such as ``$3,400.00 over the $15,000.00 limit``."""
    return f"{dollars(over.excess)} over the {dollars(over.limit)} limit"


def method_over_limit(over: OverLimit) -> tuple[str, str]:
    """Return why a payment method cannot be chosen: its limit, and by how much it is exceeded."""
    return (
        f"ACH is limited to {dollars(over.limit)} per payment; this is {dollars(over.excess)} over.",
        "Use a card, or pay part of it (F7).",
    )


def no_such_method(number: int) -> tuple[str, str]:
    return f"There is no payment method {number}.", "Press 1, 2 or 3. To look up an invoice, press F2."


def take(quote: Quote) -> str:
    """Return the button that charges the chosen tender."""
    means = "ACH" if quote.kind is TenderKind.ACH else short_tender(quote.kind).lower()
    return f"Take {dollars(quote.total)} by {means}"


# The basket: figures that the agency system did not confirm.
CHECKING = f"Checking with {AGENCY_SYSTEM.name}…"
AGREE = "Use balances"
AGREE_LABEL = "Use &balances"


def agreement(age: str) -> str:
    """Return the check box that agrees to charge figures of an age such as ``as of 9:41 AM``."""
    return f"{AGREE_LABEL} {age}"


def not_checked(refusal: str) -> str:
    """Return why the charge waits. ``refusal`` says why figures so old may not be charged."""
    return f"Not checked with {AGENCY_SYSTEM.name}. {refusal}".rstrip()


def shown_is_cached(age: str, refusal: str) -> str:
    """Return the next step after no live answer came."""
    way = refusal or f"To take a payment anyway, select “{AGREE} {age}”."
    return f"Showing balances {age}. {way} To check with {AGENCY_SYSTEM.name} again, press {LOOK_UP}."


# Notices: nothing can be charged yet.
AMOUNT_BEING_TYPED = ("You're still entering an amount.", "Press Enter to finish it.")
STILL_OPENING = ("PayDesk is still opening.", "Wait a moment.")
NOTHING_CHOSEN = ("Nothing is selected yet.", "Look up an invoice (F2) or a customer (F3) first.")
ANYTIME_INCOMPLETE = ("The payment isn't complete yet.", "Enter the amount, reference and payer first.")
NOTHING_TO_CHARGE = "Nothing can be charged now."
