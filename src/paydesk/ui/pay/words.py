"""The words of the payment dialog, in the order of the screen."""

from __future__ import annotations

from paydesk.domain.consent import Channel, Proof
from paydesk.domain.tender import AccountHolder, AccountType
from paydesk.domain.vendors import PROCESSOR
from paydesk.services.payments.authorize import Step

# The dialog.
TITLE = "Take payment"
PRESS_ESC_AGAIN = "Press Esc again to go back."
ENTRIES_FORGOTTEN = "Card and account details will be cleared. Selected invoices stay."

# The summary: one line an invoice, then the sums.
PAYMENT_FOR = "Payment for"
UNNAMED_LINE = "Payment"
SUBTOTAL = "Subtotal"
TECHNOLOGY_FEE = "Technology fee"
NO_FEE = "none"
TOTAL = "Total"


def customer(number: str) -> str:
    return f"Customer {number}"


def invoice(number: str) -> str:
    return f"Invoice {number}"


def policy(number: str) -> str:
    return f"Policy {number}"


def part_of(owed: str) -> str:
    return f"Part of {owed}"


# The head of the page.
HOW_PAID = "Payment method"
WHERE_CUSTOMER_IS = "Where the customer is"
CHANNELS = {Channel.PHONE: "&Phone", Channel.COUNTER: "In pers&on"}

# The tenders side by side.
TENDERS = "Payment method"
TAKE_CARD_OR_PART = "Use a card or pay part of it."


def spoken_tender(tender: str, first: str, second: str) -> str:
    """Return a tile's accessible name: the tender, and the two texts below it."""
    return f"{tender}: {first}, {second}"


def above_limit(excess: str, limit: str) -> tuple[str, str]:
    """Return the two texts of a tile that cannot be used."""
    return f"{excess} over", f"the {limit} limit"


def over_ach_limit(limit: str, excess: str) -> str:
    return f"ACH is limited to {limit} per payment; this is {excess} over."


# The fields of a card.
CARD_NUMBER = "Card number"
NUMBER_CHECKS_OUT = "Valid card number."
COPY_FORGOTTEN = "Valid card number. It was cleared from the clipboard."
EXPIRY = "Expiration"
EXPIRY_SPOKEN = "Expiration, month and year"
EXPIRY_EXAMPLE = "MM/YY"
EXPIRY_MISSING = "Enter the expiration date."
EXPIRY_WRONG = "Enter the month and year, for example 03/30."
SECURITY_CODE = "Security code"
CODE_OF_ANY_BRAND = "Security code: 3 digits on the back (Amex: 4 on the front)."
BILLING_ZIP = "Billing ZIP"
NAME_ON_CARD = "Name on the card"
NAME_OF_BUSINESS = "This looks like a business name. Ask whose name is on the card."


def code_of_brand(digits: int, *, on_front: bool) -> str:
    side = "front" if on_front else "back"
    return f"Security code: {digits} digits on the {side}."


# The fields of a bank account.
ROUTING_NUMBER = "Routing number"
ROUTING_MISSING = "Enter the routing number."
ACCOUNT_NUMBER = "Account number"
ACCOUNT_NUMBER_AGAIN = "Confirm account number"
ACCOUNT_COPY_FORGOTTEN = "The account number was cleared from the clipboard."
ACCOUNT_NUMBERS_AGREE = "Account numbers match."
ACCOUNT_TYPE = "Account type"
ACCOUNT_TYPE_SPOKEN = "Account type"
ACCOUNT_TYPES = {AccountType.CHECKING: "Checking", AccountType.SAVINGS: "Savings"}
HOLDER_KIND = "Account holder"
HOLDER_KIND_SPOKEN = "Account holder"
HOLDER_KINDS = {AccountHolder.PERSONAL: "Personal", AccountHolder.BUSINESS: "Business"}
PROPOSED = {
    AccountHolder.PERSONAL: "Personal, based on the name. Ask if it's a business account.",
    AccountHolder.BUSINESS: "Business, based on the name. Ask if it's a personal account.",
}
NAME_ON_ACCOUNT = "Name on the account"

# The consent: the script, its check box, and the proof.
CONSENT = "Authorization"
ACCOUNT_FIRST = "Enter the account and name. The authorization will appear here."
SCRIPT_HEADINGS = {
    (AccountHolder.PERSONAL, Channel.PHONE): "Read this aloud, word for word",
    (
        AccountHolder.PERSONAL,
        Channel.COUNTER,
    ): "Have the customer sign this form, and keep it on file",
    (AccountHolder.BUSINESS, Channel.PHONE): "What the written agreement allows",
    (AccountHolder.BUSINESS, Channel.COUNTER): "What the written agreement allows",
}
CONSENT_GIVEN = {
    (AccountHolder.PERSONAL, Channel.PHONE): "Customer said &yes",
    (AccountHolder.PERSONAL, Channel.COUNTER): "Customer &signed",
    (AccountHolder.BUSINESS, Channel.PHONE): "The written agreement is on &file",
    (AccountHolder.BUSINESS, Channel.COUNTER): "The written agreement is on &file",
}
CONSENT_MISSING = {
    (
        AccountHolder.PERSONAL,
        Channel.PHONE,
    ): "Read the script aloud, and select this when the customer says yes.",
    (AccountHolder.PERSONAL, Channel.COUNTER): "Have the customer sign the authorization, then select this.",
    (
        AccountHolder.BUSINESS,
        Channel.PHONE,
    ): "Confirm that the written agreement is on file.",
    (
        AccountHolder.BUSINESS,
        Channel.COUNTER,
    ): "Confirm that the written agreement is on file.",
}
PRINT_FORM = "Print form"
FORM_MISSING = "Print the form and have the customer sign it."
THE_FORM = "the authorization form"
AGENCY_PHONE_MISSING = (
    "Ask your administrator to add the agency's phone number to the settings: the script must name it."
)
AGREEMENT_DATE = "Date of the written agreement"
DATE_EXAMPLE = "MM/DD/YYYY"
DATE_MISSING = f"Enter the date of the written agreement as {DATE_EXAMPLE}."
DATE_TO_COME = "That date is in the future. Check it."
WHO_CALLED = "Who called?"
WHO_CALLED_SPOKEN = "Who called"
CUSTOMER_CALLED = "Customer called"
AGENCY_CALLED = "We called"
PROOF = "Proof of authorization"
PROOF_SPOKEN = "Proof of authorization"
PROOFS = {Proof.RECORDING: "Recording", Proof.WRITTEN_NOTICE: "Letter"}
RECORDING_REFERENCE = "Recording ID"
NOTICE_ADDRESS = "Send letter to"
NOTICE_ADDRESS_SAMPLE = "Email or mailing address"
CARD_NUMBER_AS_PROOF = "That's a card number. It must not be saved here."


def form_printed_at(time: str) -> str:
    return f"Form printed at {time}."


def form_file(holder: str, day: str) -> str:
    """Return the form's name, before it is cut and made safe for a file."""
    return f"ACH authorization {day} {holder}"


def ticked_at(time: str) -> str:
    return f"Recorded at {time}."


# The foot of the page.
BACK = "Back"
CHARGE = "Charge"
BY_LINK = "Payment link"


def charge(amount: str) -> str:
    return f"Charge {amount}"


# While the charge is running.
STEPS = {
    Step.HOLDING: "Locking invoices…",
    Step.ASKING: "Rechecking balances…",
    Step.CHARGING: "Processing payment…",
    Step.RECORDING: "Saving the result…",
}
CHARGE_UNDER_WAY = "Payment in progress. This window stays open."
GOES_ON_BY_ITSELF = f"It continues when {PROCESSOR.name} responds. The customer won't be charged twice."


def waited(step: str, seconds: int) -> str:
    return f"{step}  {seconds} s"


# The answer: declined, or surely not charged.
AFTER_DECLINE = "Nothing was charged. Enter a card, or pay another way."
AFTER_DEBIT_DECLINE = "Nothing was charged. Enter an account, or pay another way."
ANOTHER_CARD = "Use another card"
ANOTHER_ACCOUNT = "Use another account"
TRY_AGAIN = "You can try again: press Charge."
TRY_AGAIN_FROM_START = "You can try again: enter the number again, then press Charge."


def nothing_charged(why_or_next: str) -> str:
    return f"Nothing was charged. {why_or_next}"


# Nobody has touched a key for a while.
NUMBER_FORGOTTEN = "PayDesk cleared the number after two minutes without activity."
ENTER_NUMBER_AGAIN = "Enter it again."
LOCKED = "Locked after 15 minutes without activity. Press Enter or click to continue."


# No clear answer.
CHECKING = f"We're confirming this payment with {PROCESSOR.name}."
DO_NOT_CHARGE_AGAIN = (
    "Do not take this payment again: it may have gone through. Tell the customer that we are checking, "
    "and that they won't be charged twice."
)
AMOUNT = "Total"
PAID_WITH = "Payment method"
PAID_FOR = "For"
SENT = "Sent"
REFERENCE = "Reference"
HAPPENED = "What happened"
NO_ANSWER = "No answer yet."
DEBIT_PENDING = f"{PROCESSOR.name} has the bank payment and will authorize it later."
DEBIT_GOES_ON = (
    "Do not charge again. You can close this and tell the customer that the bank payment is submitted. "
    "PayDesk keeps checking, and the receipt follows."
)
ASKING_NOW = "Checking now…"
CHECK_NOW = "Check now"
CLOSE = "Close"
CLOSE_WHILE_ASKING = "Close (keeps checking)"


def waiting_for(span: str) -> str:
    return f"Waiting {span}."


def next_check_in(span: str) -> str:
    return f"Checking again in {span}."


def could_not_ask(report: str) -> str:
    return f"PayDesk couldn't check. {report}"


def seconds(number: int) -> str:
    return f"{number} s"


def minutes(number: int, and_seconds: int) -> str:
    return f"{number} min {and_seconds} s" if and_seconds else f"{number} min"


def hours(number: int, and_minutes: int) -> str:
    return f"{number} h {and_minutes} min"


# A bug of ours during the charge.
MAYBE_CHARGED = "Something went wrong in PayDesk. This may have been charged."


def look_before_charging(report: str) -> str:
    return f"Do not take this payment again: check Needs attention first. {report}"


# In the window, once a payment is decided after its dialog was closed.
PRINT_RECEIPT = "Print the receipt from the Payments tab."
TAKE_AGAIN = "You can take it again."
SEE_PAYMENTS = "See the Payments tab."


def turned_out_paid(amount: str, who: str, outcome: str, receipt: str) -> str:
    return f"The {amount} payment from {who} was {outcome}: receipt {receipt}."


def turned_out_not_charged(amount: str, who: str, reason: str) -> str:
    return f"The {amount} payment from {who} was not charged. {reason}".strip()
