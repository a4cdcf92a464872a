"""The sentences about payments and voids that screens show.

An error is ready to raise. A plain text is the reason of a payment's state, which the ledger keeps.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import assert_never

from paydesk import COMMAND
from paydesk.domain.attempts import HOUR_S, Limited, LimitReached, ReturnedDebit
from paydesk.domain.dates import month_and_day, time_of_day
from paydesk.domain.errors import KnownError
from paydesk.domain.money import ZERO, Money
from paydesk.domain.outcome import Approved, Charge, Declined, Unclear
from paydesk.domain.payment import Payment
from paydesk.domain.tender import TenderKind
from paydesk.domain.typed.plain_texts import apart
from paydesk.domain.vendors import AGENCY_SYSTEM, PROCESSOR
from paydesk.services.ports.ledger import InvoiceTaken, ReturnedBefore, TakenBefore
from paydesk.services.ports.payment_words import STATES

# ---- before the charge ----------------------------------------------------------------------


def no_longer_owed(number: str) -> InvoiceTaken:
    """Return the error for an invoice that has left the agency system."""
    return InvoiceTaken(f"Invoice {number} is no longer in {AGENCY_SYSTEM.name}.", "Start the lookup again.")


def paid_already(number: str, charge: Charge, *, ours: bool) -> InvoiceTaken:
    """Return the error for an invoice with a recent charge. ``ours`` is True if PayDesk made it."""
    whose = "by PayDesk" if ours else "outside PayDesk"
    if charge.charged is None:
        said = f"{PROCESSOR.name} lists a payment for invoice {number} that PayDesk can't read."
    else:
        said = f"Invoice {number} was already paid {whose}: {charge.charged.shown}{_when(charge)}."
    return InvoiceTaken(said, f"Find it in {PROCESSOR.portal} first: {charge.processor_ref or number}.")


def _when(charge: Charge) -> str:
    return f" on {month_and_day(charge.at)} by {PROCESSOR.name}'s clock" if charge.at else ""


def declined_too_often(kind: TenderKind, stop: LimitReached, until: datetime, now: datetime) -> KnownError:
    """Return the error for a payment that a limit on declines stops ``until`` a time."""
    count, hours = stop.limit.declines, stop.limit.within_s // HOUR_S
    day = "" if until.date() == now.date() else f" on {month_and_day(until)}"
    after = f"after {time_of_day(until)}{day}"
    if stop.limited is Limited.TENDER:
        this = "bank account" if kind is TenderKind.ACH else "card"
        return KnownError(
            f"This {this} was declined {count} times in {hours} hours.",
            f"Ask the customer for another {this} or another way to pay. Try this one again {after}.",
        )
    within = "hour" if hours else "minute"
    return KnownError(
        f"This desk had {count} declined payments within one {within}.",
        f"Take this payment here {after}. If you don't recognize these payments, tell your manager now.",
    )


def returned_before(debit: ReturnedDebit, at: datetime, fingerprint: str) -> ReturnedBefore:
    """Return the warning about a bank account whose last debit came back. ``at`` is in the agency's zone."""
    said = f"A debit of {debit.amount.shown} from this account came back on {month_and_day(at)}."
    return ReturnedBefore(
        f"{said} {debit.reason}".strip(),
        "Ask for another account or a card, or press Charge again to debit this one.",
        fingerprint,
    )


def taken_before(payment: Payment, named: Sequence[str]) -> TakenBefore:
    """Return the warning that this one was taken already, or that its invoices ``named`` were paid."""
    by, receipt = f"{apart(payment.user)} at {apart(payment.desk)}", payment.receipt_number
    draft = payment.draft
    what = f"the same {draft.quote.subtotal.shown} payment from {apart(draft.payer.name)}"
    said = f"a payment for invoice {named[0]}" if named else what
    return TakenBefore(
        f"{by} already took {said}: receipt {receipt}.",
        "Look at that receipt in Payments. To take this payment, too, press Charge again.",
        payment.reference,
    )


SLEPT = "This computer went to sleep before the charge was sent."
STOPPED_BEFORE_SENDING = "The desk stopped before the charge was sent."

# ---- offers ---------------------------------------------------------------------------------

TAKEN_BACK = "Taken back before it was paid."
LIFE_OVER = "It was not paid in time."
OWED_LESS = "The invoice now owes less, or was paid another way."


def offer_gone() -> KnownError:
    """Return the error for an address that was taken back before anybody saw it."""
    return KnownError("The payment link was taken back before it was shown.", "Make a new one.")


def offer_over() -> KnownError:
    """Return the error for an address that was to be shown again, and is not offered any more."""
    return KnownError(
        "This link or page can no longer be paid.", "Wait a moment: the list will say what became of it."
    )


def offer_changed() -> KnownError:
    """Return the error for an address in the ledger that is not the processor's."""
    return KnownError(
        f"The address of this link is not {PROCESSOR.name}'s. PayDesk does not show it.",
        "Take the payment another way, and tell your administrator at once.",
        f"Somebody changed the ledger. Run `{COMMAND} verify`, and look who can write to it.",
    )


# ---- after it -------------------------------------------------------------------------------

STOPPED_BEFORE_THE_ANSWER = "The desk that sent this charge stopped before the answer came."
LISTED_OTHERWISE = f"{PROCESSOR.name} lists this charge differently than PayDesk sent it."
NEVER_CHARGED = f"{PROCESSOR.name} has no charge for this payment, and none can come later."


OTHER_AMOUNT_CANCELED = f"{PROCESSOR.name} charged a different amount. That charge was canceled or returned."


def failed_waiting(error: Exception) -> str:
    """Return the reason of a charge or void that a bug of ours left without its answer."""
    return f"PayDesk failed while waiting for the answer ({type(error).__name__})."


def not_final(declined: Declined) -> str:
    """Return the reason of a declined payment whose intent may still be paid."""
    return f"{declined.reason} {PROCESSOR.name} has not confirmed that this is final."


def not_recorded(reference: str, outcome: Approved | Declined | Unclear) -> tuple[str, str]:
    """Return the sentence and the next step for an outcome that could not be saved."""
    match outcome:
        case Approved():
            word = "approved"
        case Declined():
            word = "declined"
        case Unclear():
            word = "sent without a clear answer"
        case never:
            assert_never(never)
    return (
        f"The payment was {word}, but it couldn't be saved (reference {reference}).",
        "Do not charge again. Write down the reference, free up disk space, and restart PayDesk. "
        f"It will check with {PROCESSOR.name}.",
    )


def card_number_in_text() -> KnownError:
    """Return the error for a payment whose reference, payer or note holds a card number."""
    return KnownError(
        "This payment has text that looks like a card number. Nothing was charged.",
        "Remove it from the reference, the payer's name and the notes. It must not be saved.",
    )


def no_consent_paper() -> KnownError:
    """Return the error for a payment that has neither a form nor a letter."""
    return KnownError(
        "This payment has no authorization form and no letter.", "Its authorization was recorded another way."
    )


def no_consent(problem: str) -> KnownError:
    """Return the error for a bank debit whose consent, or the proof of it, is not there."""
    return KnownError("Nothing was charged: this bank debit has no valid authorization.", problem)


# ---- money that went back elsewhere ---------------------------------------------------------


def disputed(amount: Money, refunded: Money = ZERO) -> str:
    """Return the reason of a payment that the payer disputed, of which that much was refunded before."""
    twice = f" {refunded.shown} had been refunded before, so money went back twice." if refunded else ""
    return f"The customer disputed this payment. The card issuer took back {amount.shown}.{twice}"


# ---- refunds --------------------------------------------------------------------------------

REFUND_UNDECIDED = "Another refund of this payment is not confirmed yet. See Needs attention."
MONEY_IS_BACK = "This payment's money already went back to the customer."
NOTHING_LEFT = "All of this payment was already refunded."
SLEPT_BEFORE_REFUND = "This computer went to sleep. The refund was not sent."
STOPPED_BEFORE_REFUNDED = "The desk that sent this refund stopped before the answer came."
NEVER_REFUNDED = f"{PROCESSOR.name} has no such refund. The customer got nothing back."


def not_refundable(payment: Payment) -> str:
    """Return why a payment in its state can't be refunded."""
    return f"This payment can't be refunded: {STATES[payment.state].lower()}."


def not_settled(opens: date | None) -> str:
    """Return why a payment that has not settled can't be refunded."""
    later = f" It can be refunded starting {month_and_day(opens)}." if opens else ""
    return f"It has not settled yet, so it can be voided instead.{later}"


def refunds_not_told() -> KnownError:
    """Return the error for a payment of which the processor does not list all refunds."""
    return KnownError(
        f"{PROCESSOR.name} didn't list this payment's earlier refunds. Nothing was refunded.",
        f"Try again in a minute. If that doesn't help, refund it in {PROCESSOR.portal}.",
    )


def cannot_refund(why: str) -> KnownError:
    """Return the error for a refund that is not possible now."""
    return KnownError(f"Nothing was refunded. {why}", "See the payment's details in Payments.")


def still_returnable(until: date) -> KnownError:
    """Return the error for a refund of a debit that its bank can still return."""
    return KnownError(
        f"The bank can still return this debit until {month_and_day(until)}. "
        "The customer would then get the money twice.",
        "To continue, select “Refund it anyway”.",
    )


def maybe_refunding(error: KnownError) -> KnownError:
    """Return the ledger's error at the beginning of a refund, of which nothing was sent."""
    return KnownError(f"{error.sentence} Nothing was refunded.", error.next_step)


def refund_not_recorded(reference: str) -> tuple[str, str]:
    """Return the sentence and the next step for a refund whose answer could not be saved."""
    return (
        f"The refund was sent, but its result couldn't be saved (reference {reference}).",
        "Do not refund it again. Free up disk space, and restart PayDesk. It will check with "
        f"{PROCESSOR.name}.",
    )


def nothing_doubtful() -> KnownError:
    """Return the error for a decision about a refund that has been made already."""
    return KnownError("This refund is already decided.", "Check it in Payments.")


# ---- voids ----------------------------------------------------------------------------------

TOO_LATE = "Too late to void: it has settled. Refund it instead."


def reason_missing() -> KnownError:
    """Return the error for a void without a reason."""
    return KnownError("A void needs a reason.", "Enter a short reason.")


def card_number_in_reason() -> KnownError:
    """Return the error for a void whose reason holds a card number."""
    return KnownError("The reason has what looks like a card number.", "Remove it. It must not be saved.")


def not_extra(charge: Charge) -> KnownError:
    """Return the error for a charge that is a payment's own, or may still become one."""
    return KnownError(
        f"The charge {charge.processor_ref} may be a payment's own. Nothing was sent.",
        "Look it up in Payments, and press Check now or Void….",
    )


def slept_before_void() -> KnownError:
    """Return the error for a void that was not sent, because the computer slept."""
    return KnownError("This computer went to sleep. The void was not sent.", "Void it again.")


def maybe_voiding(error: KnownError) -> KnownError:
    """Return the ledger's error at the beginning of a void, which may have begun all the same."""
    return KnownError(
        error.sentence,
        f"{error.next_step} Then check Payments. If it says Void pending, PayDesk finishes it. "
        "If not, void it again.".strip(),
    )
