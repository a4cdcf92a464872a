"""Words of the lookup card on the Take payment page, and of what stands in place of an answer."""

from __future__ import annotations

from collections.abc import Sequence

from paydesk.domain.invoices.selection import Row
from paydesk.domain.payment import Payment, ReferenceKind
from paydesk.domain.typed.plain_texts import apart
from paydesk.domain.vendors import AGENCY_SYSTEM
from paydesk.ui.kit.format import count, dollars, payer
from paydesk.ui.kit.words import REFERENCE_KINDS, outcome

# The lookup card: four ways to look up, and the progress of a lookup.
LOOK_UP_BY_SPOKEN = "Look up by"
BY_INVOICE = "Invoice"
BY_CUSTOMER = "Customer"
ANYTIME = "Anytime payment"
ANYTIME_COMPACT = "Anytime"
BY_SEARCH = "Search"

ASKING = f"Looking up in {AGENCY_SYSTEM.name}…"
ASKING_SPOKEN = f"Looking up in {AGENCY_SYSTEM.name}"
CANCEL = "Cancel"
NEXT_CUSTOMER = "Next customer"
NEXT_CUSTOMER_COMPACT = "Next"
LOOK_UP = "Look up"

# Look up an invoice.
INVOICE_LABEL = "Invoice &number"
INVOICE_SPOKEN = "Invoice number"
INVOICE_SAMPLE = "Number on the invoice"
INVOICE_HINT = "Type, paste or scan an invoice number, then press Enter."
INVOICE_MISSING = "Enter an invoice number, for example 50123."


def which_invoice(numbers: Sequence[str]) -> str:
    """Return the question after a text with numbers of which none is clearly the invoice's."""
    if len(numbers) == 1:
        return f"If the invoice is {numbers[0]}, enter only that number."
    return f"Which one is the invoice: {', '.join(numbers[:-1])} or {numbers[-1]}? Enter only that number."


def only_one_invoice(found: str, others: Sequence[str]) -> str:
    """Return the hint after several invoice numbers were pasted."""
    return f"Looking up {found} only. Not included: {', '.join(others)}."


# Look up a customer.
CUSTOMER_LABEL = "Customer n&umber"
CUSTOMER_SPOKEN = "Customer number"
CUSTOMER_SAMPLE = "Number on the account"
CUSTOMER_MISSING = "Enter the customer number, for example 1001."

ZIP_LABEL = "&ZIP"
ZIP_SPOKEN = "ZIP"
ZIP_SAMPLE = "Five digits"
ZIP_HINT = "Both must match before any customer information is shown."
ZIP_WRONG = "Enter the 5-digit ZIP."
ZIP_NOT_ON_FILE = "This customer has no ZIP on file."

SECOND_LABEL = "Nam&e or phone on the account"
SECOND_SPOKEN = "Name or phone number on the account"
SECOND_HINT = "Must match the account exactly. PayDesk records that you used it."
SECOND_MISSING = "Enter the name or phone number on the account."

# A payment without an invoice.
AMOUNT_LABEL = "&Amount"
AMOUNT_SPOKEN = "Amount"
AMOUNT_SAMPLE = "In dollars"
AMOUNT_MISSING = "Enter the amount."
AMOUNT_NOT_POSITIVE = "Enter an amount over $0.00."

KIND_LABEL = "Payment f&or"
KIND_SPOKEN = "What the payment is for"

REFERENCE_LABEL = "&Reference"
REFERENCE_SPOKEN = "Reference"
REFERENCE_SAMPLES = {
    ReferenceKind.POLICY: "Policy number",
    ReferenceKind.INVOICE: "Invoice number",
    ReferenceKind.OTHER: "A few words, such as new policy",
}
REFERENCE_MISSING = "Enter what the payment is for: a policy or invoice number, or a few words."

PAYER_LABEL = "Pa&yer's name"
PAYER_SPOKEN = "Payer's name"
PAYER_MISSING = "Enter the payer's name."
PHONE_LABEL = "&Phone (optional)"
PHONE_SPOKEN = "Phone"
PHONE_WRONG = "That phone number is too short. Fix it or leave it blank."
EMAIL_LABEL = "&Email (optional)"
EMAIL_SPOKEN = "Email"
EMAIL_WRONG = "That email doesn't look right. Fix it or leave it blank."
ANYTIME_CUSTOMER_LABEL = "Customer n&umber (optional)"
ANYTIME_CUSTOMER_SPOKEN = "Customer number, if known"
PAYER_HINT = (
    f"With a customer number, the receipt goes to that account in {AGENCY_SYSTEM.name}. "
    "Without one, someone enters the receipt there by hand."
)


def no_such_customer(number: str) -> str:
    return f"No customer {number} was found. Correct the number, or leave it blank."


def other_name(number: str, payer: str) -> tuple[str, str]:
    """Return the warning about a customer number whose account has another name, without saying which."""
    return (
        f"The name on account {number} is not {apart(payer)}.",
        "Ask for the number again: the receipt goes to that account.",
    )


NO_CARD_NUMBERS = "That looks like a card number. Enter card numbers only in the payment window."

PAY_THAT_INVOICE = "Pay that invoice"


def is_open_invoice(row: Row) -> str:
    """Return the offer to pay the open invoice that a reference names."""
    return f"Invoice {row.invoice.number} is open for {apart(row.invoice.customer_name)}: {dollars(row.owed)}"


def anytime_line(kind: ReferenceKind, reference: str) -> str:
    """Return the basket line of a payment without an invoice."""
    return reference if kind is ReferenceKind.OTHER else f"{REFERENCE_KINDS[kind]} {reference}"


# In place of an answer.
READY = (
    "Ready for the next customer",
    "F2 Invoice number  ·  F3 Customer number + ZIP\nF4 Anytime payment (no invoice)  ·  F5 Search",
)
WITHOUT_INVOICE = (
    "Anytime payment (no invoice)",
    "If the reference is an open invoice, PayDesk offers to pay the invoice instead.",
)
ASK_ZIP = ("Ask the customer for their ZIP", "Enter it, then press Enter.")
NOT_FOUND = ("No results", "Check the number above or search another way.")
CANNOT_BE_PAID = ("Nothing to pay here", "Enter another number, or search another way.")
NO_ANSWER = ("Couldn't load this", "Press Enter to try again.")
TRY_AGAIN = "Try again"
NOT_OPEN = "PayDesk isn't open yet."
NO_DESK = ("This desk can't take payments right now", "See the message on this page.")

ESC_CANCELS = "Esc cancels."


def looking_up_invoice(number: str) -> str:
    """Return the sentence shown during a lookup by invoice number."""
    return f"Looking up invoice {number}…"


def looking_up_customer(number: str) -> str:
    """Return the sentence shown during a lookup by customer number."""
    return f"Looking up customer {number}…"


# The payment before, on the page that is ready for the next customer.
REPRINT = "Reprint"
NOTHING_TO_REPRINT = ("There is no receipt to reprint here.", "Reprint any receipt from the Payments tab.")


def last_payment(payment: Payment) -> str:
    """Return ``Last: Approved $1,449.00 · Sample Bakery · R-000012``."""
    amount = dollars(payment.charged or payment.draft.quote.total)
    who = apart(payer(payment))
    return " · ".join((f"Last: {outcome(payment)} {amount}", who, payment.receipt_number))


# F12: the question before it clears much, and the way back.
CLEAR = "Clear"
UNDO = "Undo"


def clear_question(selected: int, filled: int) -> str:
    """Return the question before selected invoices, and filled fields of an anytime payment, are cleared."""
    if not selected:
        return "Clear everything entered here? Esc keeps it."
    form = " and the anytime payment" if filled else ""
    return f"Clear the {count(selected, 'selected invoice')}{form}? Esc keeps them."


def cleared(selected: int, filled: int) -> str:
    """Return the notice after that. It names nobody, because the next customer may see it."""
    form = " and the anytime payment" if filled else ""
    return f"Cleared: {count(selected, 'selected invoice')}{form}." if selected else "Cleared."


CHECK_STOPPED = (f"The check with {AGENCY_SYSTEM.name} was stopped.", "Start the lookup again.")
