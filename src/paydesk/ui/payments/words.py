"""The words of the Payments page: the list, the details of a payment, its posting, and the void dialog.

Needs attention shows the same list and details. Its own words are in ``attention_words``.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import assert_never

from paydesk.domain.consent import Consent, Proof
from paydesk.domain.dates import WEEKDAYS, long_date, short_date
from paydesk.domain.events import EventKind
from paydesk.domain.money import Money
from paydesk.domain.payment import NOT_TAKEN, OFFERED, OPEN, PAID, Payment, State
from paydesk.domain.posting import Posting, PostingState
from paydesk.domain.typed.plain_texts import apart
from paydesk.domain.vendors import AGENCY_SYSTEM, PROCESSOR
from paydesk.services.ports.payment_words import STATES, offered_by
from paydesk.ui.kit import words as kit_words
from paydesk.ui.kit.format import count, dollars

Pair = tuple[str, str]

# The search above the list.
SEARCH = "Search payments"
SEARCH_EXAMPLE = "Name, amount, date, status, invoice, receipt, or last four digits"
SAVE = "Save…"
ALL_OF_CUSTOMER = "Customer's payments"
CUSTOMER_HISTORY = "This customer's payments"

INTO_LIST = "Go from the search into the list"
WHOLE_LIST = "Go back to the whole list, or to the search"
"""Use of Esc, on the sheet of all keys."""


def payments_found(number: int) -> str:
    return count(number, "payment")


def newest_payments(number: int) -> str:
    """Return ``newest 100 payments``, for a list that goes on when it is scrolled."""
    return f"newest {count(number, 'payment')}"


def oldest_payments(number: int) -> str:
    """Return ``oldest 100 payments``, for a list that goes on when it is scrolled."""
    return f"oldest {count(number, 'payment')}"


def day(on: date, today: date) -> str:
    """Return ``Friday, August 14, 2026``, after ``Today`` or ``Yesterday`` if it is so near."""
    near = {today: "Today, ", today - timedelta(days=1): "Yesterday, "}.get(on, "")
    return f"{near}{WEEKDAYS[on.weekday()]}, {long_date(on)}"


def day_sums(number: int, taken: int, total: Money) -> str:
    """Return the sums of a day: ``5 payments, 3 taken: $2,681.45``."""
    return f"{count(number, 'payment')}, {taken:,} taken: {dollars(total)}"


def newest_sorted(number: int) -> str:
    """Return the count of a list that is too long to be sorted as a whole."""
    return f"sorted: only the newest {count(number, 'payment')}"


BY_HAND = "Enter by hand"


def by_hand(number: int) -> str:
    """Return the button that lists only the receipts to enter into the agency system."""
    return f"{BY_HAND} ({number})"


def similar_payments(number: int) -> str:
    """Return ``3 payments with a similar name``, for a name that nobody has as typed."""
    return f"{count(number, 'payment')} with a similar name"


def not_searched_yet(number: int) -> str:
    """Return the count of a search that cannot see older payments yet."""
    return f"{count(number, 'payment')} so far. Still indexing older payments."


# The list, and the notices above it.
PAYMENTS = "Payments"


def processor_asked(outcome: str) -> str:
    return f"Checked with {PROCESSOR.name}: {outcome.lower()}."


def receipt_posted(number: str) -> str:
    return f"Receipt {number} is in {AGENCY_SYSTEM.name}."


def file_posted(name: str, number: int) -> str:
    return f"Deposit file {name}: {count(number, 'receipt')} marked as entered."


def receipt_withdrawn(number: str) -> str:
    return f"Receipt {number} is marked as reversed."


def not_reversed(number: str, invoices: Sequence[str]) -> Pair:
    """Return the warning about a receipt that was marked, though the agency system shows it still."""
    what = f"invoice {invoices[0]}" if len(invoices) == 1 else f"invoices {', '.join(invoices)}"
    return (
        f"Receipt {number} is marked as reversed, but {AGENCY_SYSTEM.name} still shows {what} as paid.",
        "Reverse it there now, or no one will collect it.",
    )


def receipt_to_be_posted(number: str) -> str:
    return f"Receipt {number} will be posted again in a moment."


# The details beside the list.
CHOOSE_PAYMENT = "No payment selected"
DETAILS_SHOWN_HERE = "Select a payment to see its details."
ASKING = f"Checking with {PROCESSOR.name}…"
ASKING_TO_CANCEL = f"Voiding with {PROCESSOR.name}…"
DETAILS = "Payment details"
CUSTOMER = "Customer"
CUSTOMER_NUMBER = "Customer #"
PAID_FOR = "Invoice/Ref."
AMOUNT = "Subtotal"
TECHNOLOGY_FEE = "Technology fee"
FEE_QUOTED = "Quoted fee"
TOTAL_QUOTED = "Quoted total"
PAID_WITH = "Payment method"
RECEIPT = "Receipt"
VOID_RECEIPT = "Void receipt"
IN_AGENCY_SYSTEM = f"In {AGENCY_SYSTEM.name}"
AUTHORIZATION = "Authorization"
CONSENT = "Proof of authorization"
TAKEN = "Date"
TAKEN_BY = "Taken by"
PHONE = "Phone"
EMAIL = "Email"
WORKS_UNTIL = "Works until"
REFERENCE = "Reference"
PROCESSOR_NUMBER = f"{PROCESSOR.name} ID"
HAPPENED = "History"
HAPPENED_SPOKEN = "Payment history"
PRINT_AGAIN = "Reprint receipt"
PRINT_VOID_RECEIPT = "Print void receipt"
PRINT_LETTER = "Print letter"
NOTHING_TAKEN = "No money was taken."
DECIDED_FIRST = "Wait until it is confirmed."
CHECK_NOW = "Check now"
VOID = "Void…"
REFUND = "Refund…"
PRINT_REFUND = "Refund receipt"
REFUND_OF = "Refund"
IN_PORTAL = f"in {PROCESSOR.portal}"
VOID_UNTIL = "Void until"
REFUND_FROM = "Refund from"


def void_until(at: str, left: timedelta) -> str:
    """Return ``11:45 PM, 3 h 10 min left``."""
    minutes = int(left.total_seconds() // 60)
    hours, rest = divmod(minutes, 60)
    return f"{at}, {f'{hours} h ' if hours else ''}{rest} min left"


SHOW_LINK = "Show link"
TAKE_BACK = "Take back"


def taken_back(payment: Payment) -> Pair:
    """Return what became of a payment link or page that somebody took back just now."""
    what = offered_by(payment)
    if payment.state in PAID:
        return f"The {what} was paid before it was taken back.", f"The receipt is {payment.receipt_number}."
    if payment.state is State.CLOSING:
        return (
            f"The {what} is being taken back.",
            "PayDesk unlocks the invoices when it is certain nothing was paid.",
        )
    return f"The {what} no longer works.", "The invoices can be paid again."


# Keys that do nothing with this payment now: why, and the next step.
CHOOSE_PAYMENT_FIRST = "No payment is selected."
BEING_ASKED = f"PayDesk is already checking with {PROCESSOR.name}."


def why_no_receipt(payment: Payment) -> Pair:
    taken = payment.state in NOT_TAKEN
    return "This payment has no receipt.", NOTHING_TAKEN if taken else DECIDED_FIRST


def why_not_checked(payment: Payment) -> Pair:
    if payment.state in OFFERED:
        return "This link is not paid yet.", "PayDesk checks by itself."
    if payment.state in OPEN:
        return "This payment is still processing.", "If no answer comes, PayDesk checks by itself."
    return (
        f"This payment is {kit_words.outcome(payment).lower()}.",
        f"{PROCESSOR.name}'s answer is here already.",
    )


def why_not_voided(payment: Payment) -> Pair:
    """Return why a payment cannot be voided."""
    said = kit_words.outcome(payment).lower()
    if payment.state in NOT_TAKEN:
        return f"This payment can't be voided: it is {said}.", NOTHING_TAKEN
    if payment.state in OPEN:
        return "This payment can't be voided yet.", DECIDED_FIRST
    if payment.state is State.VOIDING:
        return "This payment is already being voided.", "Press Check now (F5)."
    return f"This payment is already {said}.", "Its money went back."


def why_no_refund_paper(_payment: Payment) -> Pair:
    return "This payment has no refund receipt.", ""


def why_not_posted_again(_payment: Payment) -> Pair:
    return "This receipt can't be posted again now.", "See its details for the reason."


def why_nothing_to_confirm(_payment: Payment) -> Pair:
    return f"There is nothing to mark in {AGENCY_SYSTEM.name} for this receipt.", ""


def why_no_file(_payment: Payment) -> Pair:
    return "This receipt isn't in a deposit file that waits to be imported.", ""


def taken_by(user: str, desk: str) -> str:
    return f"{apart(user)} at {apart(desk)}"


# The events of a payment.
EVENTS = {
    **{EventKind.of(state): said for state, said in STATES.items()},
    EventKind.HELD: "Invoices locked",
    EventKind.SUBMITTED: f"Sent to {PROCESSOR.name}",
    EventKind.VOIDING: "Void started",
    EventKind.CHARGED_FROM_CACHE: f"Charged without checking {AGENCY_SYSTEM.name} again",
    EventKind.EXPIRED: "Can no longer be charged",
    EventKind.ROUNDED: f"{PROCESSOR.name}'s amount rounded to the cent",
    EventKind.ACKNOWLEDGED: "Difference acknowledged",
    EventKind.EXTRA_VOIDING: "Void of extra charge started",
    EventKind.EXTRA_VOIDED: "Extra charge voided",
    EventKind.EXTRA_NOT_VOIDED: "Extra charge not voided",
    EventKind.REFUND_WISHED: "Refund to come: reminder set",
    EventKind.REFUND_DROPPED: "Refund reminder removed",
    EventKind.REFUND_SUBMITTED: f"Refund sent to {PROCESSOR.name}",
    EventKind.REFUND_UNKNOWN: "Refund unconfirmed",
    EventKind.REFUND_ACCEPTED: f"{PROCESSOR.name} accepted the refund",
    EventKind.REFUND_DONE: "Refund completed",
    EventKind.REFUND_FAILED: "Refund failed",
    EventKind.REFUND_REFUSED: "Refund refused",
    EventKind.REFUND_NOT_MADE: "Refund not made",
    EventKind.REFUND_ENTERED: f"Refund marked as entered in {AGENCY_SYSTEM.name}",
    EventKind.REPRINTED: "Receipt reprinted",
    EventKind.CONSENT_PRINTED: "Proof of authorization printed or saved",
    EventKind.POSTING: f"Sent to {AGENCY_SYSTEM.name}",
    EventKind.POSTED: f"Posted to {AGENCY_SYSTEM.name}",
    EventKind.NOT_POSTED_YET: "Not posted yet (will retry)",
    EventKind.POSTING_UNCLEAR: f"Posting to {AGENCY_SYSTEM.name} unconfirmed",
    EventKind.POSTING_REFUSED: f"Not posted to {AGENCY_SYSTEM.name}",
    EventKind.POSTING_BY_HAND: f"Enter in {AGENCY_SYSTEM.name} by hand",
    EventKind.POSTING_WITHDRAWN: f"Nothing to post to {AGENCY_SYSTEM.name}",
    EventKind.POST_AGAIN: "Set to post again",
    EventKind.TAKEN_BACK: f"Reversed in {AGENCY_SYSTEM.name}",
    EventKind.NOTING: f"Void note sent to {AGENCY_SYSTEM.name}",
    EventKind.NOT_NOTED_YET: f"Void note not in {AGENCY_SYSTEM.name} yet",
    EventKind.IDENTIFIED: "Customer identified",
    EventKind.FORGOTTEN: "Customer removed from this desk",
    EventKind.ACCEPTED: "Ledger accepted as is",
    EventKind.JOINED: "Desk joined the ledger",
    EventKind.REDACTED: "Card number removed from a text",
    EventKind.NEWER: "Recorded by a newer version of PayDesk",
}
BEGUN_WITHOUT_INVOICES = "Started"
SUBMITTED_TO_BANK = "Submitted to the bank"


def put_into_file(deposit: str) -> str:
    return f"Put into deposit file {deposit}"


def consent(given: Consent, *, missing: bool) -> str:
    """Return the proof of a consent to a bank debit. ``missing`` is True of a letter never printed."""
    match given.proof:
        case Proof.RECORDING:
            return f"Recording {given.proof_detail}"
        case Proof.WRITTEN_NOTICE:
            letter = f"Letter to {given.proof_detail}"
            return f"{letter}: not printed yet. Press F8." if missing else letter
        case Proof.SIGNED_FORM:
            return "Signed form"
        case Proof.AGREEMENT:
            dated = f" of {short_date(given.agreement_on)}" if given.agreement_on else ""
            return f"Written agreement{dated}"
        case never:
            assert_never(never)


def happened_at(event: str, desk: str) -> str:
    return f"{event}, {apart(desk)}"


# The posting below the events, while it is stuck.
POST_AGAIN = "Retry posting"
IT_IS_POSTED = "Mark as entered"
FILE_IS_POSTED = "Mark whole file"
IT_IS_REVERSED = "Mark as reversed"
YES_POSTED = "Confirm: entered"
YES_FILE = "Confirm: whole file"
YES_REVERSED = "Confirm: reversed"
NO_REASON = "No reason was given."


_HOW_BACK = {
    State.VOIDED: "its payment was voided",
    State.RETURNED: "the bank returned its payment",
    State.REFUNDED: "its payment was refunded",
    State.CHARGED_BACK: "its payment was charged back",
}


def reverse(receipt: str, state: State) -> str:
    """Return what to do about a receipt whose money went back, in that state of its payment."""
    return f"Reverse receipt {receipt} in {AGENCY_SYSTEM.name}: {_HOW_BACK[state]}."


def posting_stuck(state: str, why: str) -> str:
    return f"{AGENCY_SYSTEM.name}: {state}. {why}"


def in_deposit_file(name: str) -> str:
    return f"In deposit file {name}."


def sure_posted(receipt: str) -> str:
    return f"Is receipt {receipt} in {AGENCY_SYSTEM.name}? Press again to confirm."


def sure_file(name: str) -> str:
    return f"Was all of deposit file {name} imported into {AGENCY_SYSTEM.name}? Press again to confirm."


def sure_reversed(receipt: str) -> str:
    return f"Is receipt {receipt} reversed in {AGENCY_SYSTEM.name}? Press again to confirm."


# The void dialog.
VOID_TITLE = "Void payment"
NO_FEE_GOES_BACK = "no fee"
REVERSE_AS_WELL = "You'll need to reverse it there too. Needs attention will remind you."
LOOK_AND_REVERSE = (
    f"Check {AGENCY_SYSTEM.name}. If the receipt is there, reverse it. Needs attention will remind you."
)
REVERSE_IF_ENTERED = f"If someone entered it in {AGENCY_SYSTEM.name} by hand, reverse it there."
LEAVE_OUT_OF_FILE = (
    f"If that file was imported, reverse the receipt in {AGENCY_SYSTEM.name}. "
    "Needs attention will remind you."
)
ABOUT_VOIDS = (
    "This cancels the full charge. Voids are possible until tonight's batch; after that, refund the payment."
)
WHY = "Reason"
WHY_SPOKEN = "Reason for the void"
WHY_EXAMPLE = "For example: wrong invoice"
REASON_SPOKEN = "Reason"
REASON_MISSING = "Enter a reason. It is saved with the payment."
WHY_MISSING = "Enter a reason. It is saved with the payment."
BACK = "Back"


def about_void(invoices: int) -> str:
    """Return what a void does, with what becomes of the payment's invoices."""
    if not invoices:
        return ABOUT_VOIDS
    reopen = "Its invoice reopens" if invoices == 1 else "Its invoices reopen"
    return f"{ABOUT_VOIDS} {reopen} once {PROCESSOR.name} confirms."


def fee_goes_back(fee: str) -> str:
    return f"includes the {fee} fee"


def about_receipt(posting: Posting) -> tuple[str, str, str] | None:
    """Return sentence, next step and notice kind about the receipt of a payment to void, or None."""
    receipt, system = posting.payment.receipt_number, AGENCY_SYSTEM.name
    if posting.in_deposit_file:
        return f"Receipt {receipt} is in deposit file {posting.sink_ref}.", LEAVE_OUT_OF_FILE, "warning"
    match posting.state:
        case PostingState.POSTED:
            return f"Receipt {receipt} is in {system}.", REVERSE_AS_WELL, "warning"
        case PostingState.UNCLEAR:
            return f"Receipt {receipt} may be in {system}.", LOOK_AND_REVERSE, "warning"
        case PostingState.REFUSED if posting.sent_at is None:
            return f"PayDesk did not post receipt {receipt}.", LOOK_AND_REVERSE, "warning"
        case PostingState.REFUSED:
            return f"{system} rejected receipt {receipt}. It is not there.", REVERSE_IF_ENTERED, "info"
        case PostingState.BY_HAND:
            return f"PayDesk did not post receipt {receipt}.", REVERSE_IF_ENTERED, "info"
        case PostingState.WAITING if posting.in_doubt:
            return f"Receipt {receipt} is being posted to {system}.", LOOK_AND_REVERSE, "warning"
        case PostingState.WAITING | PostingState.WITHDRAWN:
            return None
        case _:
            assert_never(posting.state)


def void_amount(amount: str) -> str:
    return f"Void {amount}"


# The answer to a void.
VOID_ASKED_ON = "Until it does, the payment still counts. PayDesk keeps checking; see Needs attention."


def amount_of(amount: str, who: str) -> str:
    """Return ``$434.70 payment from Sample Bakery``."""
    return f"{amount} payment from {who}"


def voided(amount_of: str) -> str:
    return f"Voided: {amount_of}."


def void_receipt(number: str) -> str:
    return f"Void receipt {number}."


def void_not_confirmed(amount_of: str) -> str:
    return f"{PROCESSOR.name} hasn't confirmed the void of the {amount_of} yet."


def not_voided(amount_of: str) -> str:
    return f"The {amount_of} was not voided."
