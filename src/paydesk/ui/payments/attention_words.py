"""The words of Needs attention: its title, the advice about an open item, and charges nobody knows."""

from __future__ import annotations

from collections.abc import Iterable

from paydesk.domain.payment import State
from paydesk.domain.vendors import AGENCY_SYSTEM, PROCESSOR
from paydesk.services.desk.advice import Case
from paydesk.ui.kit.format import count

# The title above the list.
NOTHING_OPEN = "You're all caught up"
ALL_CLEAR = (
    "Nothing needs attention",
    "Unconfirmed payments, late charges, and receipts that failed to post appear here.",
)


def items_open(number: int) -> str:
    return f"{count(number, 'item')} need{'s' if number == 1 else ''} attention"


# The outcome of an item in the list, where it is not the payment's own.
OUTCOMES = {
    Case.CHARGED_OTHERWISE: "Amount mismatch",
    Case.FEE_NOT_TOLD: "Check the fee",
    Case.REFUND_UNKNOWN: "Refund unconfirmed",
    Case.REFUND_DOUBTFUL: "Unmatched refund",
    Case.REFUND_FAILED: "Refund failed",
    Case.REFUND_TO_ENTER: "Enter the refund",
    Case.REFUND_WISHED: "Refund now",
    Case.TO_REVERSE: f"Reverse in {AGENCY_SYSTEM.name}",
    Case.IN_FILE: "In deposit file",
    Case.POSTING_UNCLEAR: "Receipt unconfirmed",
    Case.POSTING_REFUSED: "Receipt not posted",
    Case.POSTING_WAITS: "Receipt waiting",
    Case.BY_HAND: "Enter by hand",
    Case.LETTER_DUE: "Print the letter",
}

# The advice below the list: captions, then headlines.
KNOWN = "What we know"
DO = "What to do"
NEVER = "Caution"


_HOW_BACK = {
    State.VOIDED: "the payment was voided",
    State.RETURNED: "the bank returned the payment",
    State.REFUNDED: "the payment was refunded",
    State.CHARGED_BACK: "the payment was charged back",
}


def receipt_of(receipt: str, who: str, state: State) -> str:
    """Return the headline of a receipt whose money went back, in that state of its payment."""
    return f"Receipt {receipt} for {who}: {_HOW_BACK[state]}"


def went_back(outcome: str, amount: str, who: str) -> str:
    return f"{outcome}: {amount} from {who}"


_STUCK = {
    Case.IN_FILE: "is in a deposit file that no one has confirmed",
    Case.POSTING_UNCLEAR: f"may be in {AGENCY_SYSTEM.name}: check there",
    Case.POSTING_REFUSED: f"was not posted to {AGENCY_SYSTEM.name}",
    Case.POSTING_WAITS: f"is waiting for {AGENCY_SYSTEM.name}",
    Case.BY_HAND: f"must be entered in {AGENCY_SYSTEM.name} by hand",
}


_REFUNDS = {
    Case.REFUND_UNKNOWN: "is not confirmed yet",
    Case.REFUND_DOUBTFUL: f"may be the one that {PROCESSOR.name} lists",
    Case.REFUND_FAILED: "failed",
    Case.REFUND_TO_ENTER: f"must be entered in {AGENCY_SYSTEM.name}",
    Case.REFUND_WISHED: "can be made now",
}


def refund_of(case: Case, amount: str, who: str) -> str:
    """Return the headline of a refund that needs a person."""
    return f"The refund of {amount} to {who} {_REFUNDS[case]}"


def receipt_stuck(case: Case, receipt: str, who: str) -> str:
    """Return the headline of a receipt that is not posted yet, or may not be."""
    return f"Receipt {receipt} for {who} {_STUCK[case]}"


def letter_due(who: str) -> str:
    return f"The confirmation letter for {who} is not printed yet"


def charged_late(amount: str, who: str) -> str:
    return f"{amount} from {who} was charged after all: check if it was paid twice"


def void_unconfirmed(amount: str, who: str) -> str:
    return f"{amount} from {who}: void not confirmed yet"


def no_clear_answer(amount: str, who: str) -> str:
    return f"{amount} from {who}: not confirmed yet"


def being_authorized(amount: str, who: str) -> str:
    return f"{amount} from {who}: {PROCESSOR.name} has not authorized it yet"


def fee_not_told(amount: str, who: str) -> str:
    return f"{amount} from {who}: compare the total with {PROCESSOR.portal}"


def sent_back(amount: str, who: str) -> str:
    return f"The bank returned {amount} from {who}"


def charged_differently(who: str, charged: str, quoted: str) -> str:
    return f"{who} was charged {charged} instead of {quoted}"


# Charges of ours that this ledger does not know.
def strangers(number: int) -> str:
    match_ = "matches" if number == 1 else "match"
    return f"{PROCESSOR.name} has {count(number, 'charge')} from us that {match_} no payment here."


UNKNOWN_AMOUNT = "an unknown amount"


def stranger(amount: str, processor_number: str) -> str:
    return f"{amount} ({processor_number})"


def ask_about_strangers(named: Iterable[str], invoices: Iterable[str], *, may_void: bool = False) -> str:
    numbers = ", ".join(invoices)
    step = f"Void extra charges here, or call {PROCESSOR.name}." if may_void else f"Call {PROCESSOR.name}."
    never = f"Do not charge these invoices again: {numbers}." if numbers else "No invoice is named."
    return f"{', '.join(named)}. {step} {never}"


def void_stranger(amount: str) -> str:
    return f"Void {amount}"


VOID_STRANGER_TITLE = "Void a charge"
ABOUT_VOID_STRANGER = (
    f"{PROCESSOR.name} has this extra charge for one of our payments. Voiding it returns the money to the "
    "customer. The payment itself does not change."
)
REFUND_STRANGER = f"It has settled and can't be voided. Refund it in {PROCESSOR.portal}."
VOID_STRANGER_AGAIN = f"Try again in a minute, or call {PROCESSOR.name} with its number."


def stranger_voided(what: str) -> str:
    return f"Voided: {what}."


def stranger_not_voided(what: str) -> str:
    return f"{what} was not voided."


def stranger_unclear(what: str) -> str:
    return f"{PROCESSOR.name} hasn't confirmed the void of {what} yet."


# A difference from the quote that a person acknowledges.
REFUND_ENTERED = "Mark as done"
REFUND_IS_OURS = "It's ours"
REFUND_IS_OTHER = "It's not ours"
REFUND_DONE = "The refund is marked as done."
REFUND_KNOWN = "The refund is recorded as ours."
REFUND_OTHER = "The refund is recorded as made in the portal."
ACKNOWLEDGE = "Acknowledge…"
ACKNOWLEDGE_TITLE = "Acknowledge difference"
ACKNOWLEDGE_IT = "Acknowledge"
ABOUT_ACKNOWLEDGE = (
    "This clears it from Needs attention. Your name and reason are saved in the payment's history."
)


def acknowledge_all(number: int) -> str:
    return f"{count(number, 'payment')} differ from their quotes by one cent"


def acknowledged(number: int) -> str:
    return f"Acknowledged: {count(number, 'payment')}."


# In the window, when a charge appears after it was ruled out.
def charged_after_all(amount: str, who: str) -> str:
    return f"{amount} from {who} was charged after all."


def call_processor(processor_number: str) -> str:
    number = f" {PROCESSOR.name} ID: {processor_number}." if processor_number else ""
    return f"See Needs attention for what to do.{number}"
