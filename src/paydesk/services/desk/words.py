"""The sentences about payments and receipts that need a person.

Each ``Texts`` has the sentences of one ``Advice``: what is known, what to do, and what never to do.
"""

from __future__ import annotations

from paydesk.domain.errors import KnownError
from paydesk.domain.outcome import Reason
from paydesk.domain.payment import Difference, OfferKind, Payment, State
from paydesk.domain.posting import Posting, PostingState
from paydesk.domain.refund import Refund, SeenRefund
from paydesk.domain.tender import TenderKind
from paydesk.domain.vendors import AGENCY_SYSTEM, PROCESSOR
from paydesk.services.ports.payment_words import offered_by

Texts = tuple[str, str, str]

CANNOT_CHARGE = "This desk can't take payments: its technology fees and ACH limit are not set."

_NEVER_AGAIN = (
    "Do not take this payment again: not here, not at another desk, not by payment link. "
    f"Do not mark its invoices as paid in {AGENCY_SYSTEM.name}, and do not tell the customer it failed."
)


def cannot_charge() -> KnownError:
    """Return the error for a desk without fees."""
    return KnownError(
        CANNOT_CHARGE,
        f"Ask your administrator to set [fees] in the settings file from the {PROCESSOR.name} agreement.",
    )


# ---- payments -------------------------------------------------------------------------------


def held(payment: Payment) -> Texts:
    """Return the advice about a payment of which nothing was sent."""
    return (
        f"Desk {payment.desk} started this payment. Nothing was sent to {PROCESSOR.name}.",
        "Wait. If that desk has stopped, PayDesk cancels this payment within ten minutes.",
        "",
    )


def offered(payment: Payment) -> Texts:
    """Return the advice about a payment that somebody may pay at an address."""
    where = "by link" if payment.offer_kind is OfferKind.LINK else f"on {PROCESSOR.name}'s page"
    return (
        f"{_dollars(payment)} can be paid {where}. It is not paid yet.",
        "PayDesk keeps checking, and the invoices stay locked. Once it is paid, receipt and posting follow. "
        "To take the payment another way, press Take back first.",
        "Do not take this payment another way while the link is open.",
    )


def closing(payment: Payment) -> Texts:
    """Return the advice about a payment whose address is being taken back."""
    wait = (
        f"{PROCESSOR.name} has not confirmed yet that it no longer works."
        if payment.expired_at is None
        else f"{PROCESSOR.name} confirmed that it no longer works. One more check follows."
    )
    return (
        f"The {offered_by(payment)} for {_dollars(payment)} is being taken back. {payment.reason} {wait}",
        "Wait. PayDesk unlocks the invoices when it is certain that nothing was paid.",
        "Do not take this payment another way yet.",
    )


def submitted(payment: Payment) -> Texts:
    """Return the advice about a payment whose desk waits for the answer, or is gone."""
    return (
        f"{_charge(payment)} was sent from desk {payment.desk}, and no answer is saved yet.",
        f"Wait two minutes. PayDesk then checks with {PROCESSOR.name} by itself.",
        _NEVER_AGAIN,
    )


def unknown(payment: Payment) -> Texts:
    """Return the advice about a payment without a clear answer."""
    if payment.reason_code is Reason.PENDING:
        return _pending(payment)
    known = [f"{_charge(payment)} was sent.", payment.reason]
    if payment.reason_code is not Reason.NO_ANSWER:  # its own sentence says so
        known.insert(1, f"{PROCESSOR.name} gave no clear answer.")
    if payment.expired_at is not None:
        known.append(f"{PROCESSOR.name} confirmed that it can no longer be charged. One more check follows.")
    return (
        " ".join(part for part in known if part),
        "PayDesk keeps checking, and the invoices stay locked. Press Check now. If that doesn't help, "
        f"search {PROCESSOR.portal} for {payment.intent_title}, or call {PROCESSOR.name} with that number. "
        "PayDesk records the result. Tell the customer they won't be charged twice.",
        _NEVER_AGAIN,
    )


def _pending(payment: Payment) -> Texts:
    """Return the advice about a bank debit that the processor has accepted and not authorized yet."""
    return (
        f"{_charge(payment)} was sent. {payment.reason}",
        f"Wait. {PROCESSOR.name} usually decides after its nightly batch. PayDesk checks by itself, and the "
        "receipt follows. Press Check now to check right away. Tell the customer that the bank payment is "
        "submitted but not confirmed yet.",
        _NEVER_AGAIN,
    )


def returned(payment: Payment) -> Texts:
    """Return the advice about a debit that the bank returned."""
    whose = _its_invoices(payment).capitalize()
    return (
        f"{_charge(payment)} was returned by the bank.{_bank_says(payment)}"
        f"{f' {whose} open again.' if whose else ''}",
        f"{_after_return(payment)} Receipt {payment.receipt_number} is not in {AGENCY_SYSTEM.name}, so there "
        "is nothing to reverse.",
        _not_paid(payment),
    )


def _bank_says(payment: Payment) -> str:
    known = payment.reason_code in (
        Reason.SENT_BACK_FUNDS, Reason.SENT_BACK_ACCOUNT, Reason.SENT_BACK_FORBIDDEN,
    )  # fmt: skip
    return f" {payment.reason}" if known else ""


def _after_return(payment: Payment) -> str:
    """Return what to do after a bank's return, by its reason."""
    match payment.reason_code:
        case Reason.SENT_BACK_FUNDS:
            return (
                "Tell the customer, and take another payment. The same account may be tried again, at most "
                "twice, once the money is there."
            )
        case Reason.SENT_BACK_ACCOUNT:
            return "Tell the customer, and take a card or another account. This account can't be debited."
        case Reason.SENT_BACK_FORBIDDEN:
            return (
                "Tell your manager, and call the customer. Do not debit this account again unless the "
                "customer authorizes it again."
            )
        case _:
            return "Tell the customer, and take another payment."


def charged_back(payment: Payment) -> Texts:
    """Return the advice about a card payment that the payer disputed."""
    whose = _its_invoices(payment).capitalize()
    return (
        f"{payment.reason}{f' {whose} open again.' if whose else ''}",
        f"Tell your manager today: {PROCESSOR.name} sets a deadline for an answer in {PROCESSOR.portal}. "
        "Don't take another payment for this before your manager says so.",
        _not_paid(payment),
    )


def partly_refunded(payment: Payment) -> Texts:
    """Return the advice about a payment of which a part was refunded in the portal, or charged back."""
    system, receipt = AGENCY_SYSTEM.name, payment.receipt_number
    manager = "Tell your manager today. " if payment.reason_code is Reason.DISPUTED else ""
    return (
        f"{payment.reason} {_dollars(payment)} was charged (receipt {receipt}).",
        f"{manager}Adjust receipt {receipt} in {system} by the amount that went back. "
        "This stays here for 14 days.",
        "",
    )


def refund_unknown(payment: Payment, refund: Refund, _doubtful: SeenRefund | None) -> Texts:
    """Return the advice about a refund without a clear answer."""
    return (
        f"PayDesk asked {PROCESSOR.name} to refund {refund.amount.shown} of receipt {payment.receipt_number} "
        f"(reference {refund.reference}). {refund.why}".strip(),
        f"PayDesk keeps checking. If no answer comes, look for the reference in {PROCESSOR.portal}, or call "
        f"{PROCESSOR.name} with transaction {payment.processor_ref}.",
        "Do not refund it again, here or in the portal, and do not tell the customer the money is back.",
    )


def refund_doubtful(payment: Payment, refund: Refund, doubtful: SeenRefund | None) -> Texts:
    """Return the advice about a refund that the processor lists without our reference."""
    number = doubtful.processor_ref if doubtful else ""
    amount = doubtful.amount.shown if doubtful else refund.amount.shown
    return (
        f"A refund of {refund.amount.shown} of receipt {payment.receipt_number} is not confirmed. "
        f"{PROCESSOR.name} lists a refund of {amount} ({number}) that may be ours, or someone made it in "
        "the portal.",
        f"Check in {PROCESSOR.portal} who made refund {number}. Then press It's ours or It's not ours.",
        "Do not refund it again before you know.",
    )


def refund_failed(payment: Payment, refund: Refund, _doubtful: SeenRefund | None) -> Texts:
    """Return the advice about a refund that the processor did not carry out."""
    return (
        f"The refund of {refund.amount.shown} for {_dollars(payment)} (receipt {payment.receipt_number}) "
        f"failed at {PROCESSOR.name}. The customer did not get the money.",
        f"Tell the customer. Refund it again, pay it back another way, or call {PROCESSOR.name} with refund "
        f"{refund.processor_ref}. Then press Mark as done.",
        "",
    )


def refund_to_enter(payment: Payment, refund: Refund, _doubtful: SeenRefund | None) -> Texts:
    """Return the advice about a part that went back, while the agency system has the whole receipt."""
    system, receipt = AGENCY_SYSTEM.name, payment.receipt_number
    shares = zip(payment.draft.invoice_numbers, refund.shares, strict=False)
    lines = ", ".join(f"{share.shown} of invoice {number}" for number, share in shares if share)
    what = lines or f"{refund.amount.shown}, fee not included,"
    return (
        f"{refund.amount.shown} of {_dollars(payment)} was refunded (receipt {receipt}).",
        f"Reverse {what} in {system}, on receipt {receipt}. Then press Mark as done.",
        "",
    )


def refund_wished(payment: Payment, refund: Refund, _doubtful: SeenRefund | None) -> Texts:
    """Return the advice about a refund that can be asked for by now."""
    return (
        f"{refund.user} wanted to refund {refund.amount.shown} of receipt {payment.receipt_number} "
        f"({refund.reason}). {PROCESSOR.name} should allow it now.",
        "Press Refund to do it now. If it is no longer wanted, press Mark as done.",
        "",
    )


def late(payment: Payment) -> Texts:
    """Return the advice about a charge that appeared after it was ruled out."""
    return (
        f"{_charge(payment)} was ruled out, then showed up at {PROCESSOR.name} after all "
        f"(transaction {payment.processor_ref}, receipt {payment.receipt_number}).",
        "Check in Payments if the customer paid a second time. If so, press Void today; after that, press "
        "Refund. If not, this is their payment: give them the receipt.",
        "Do not take another payment for this until you know.",
    )


def voiding(payment: Payment) -> Texts:
    """Return the advice about a void without a clear answer."""
    return (
        f"PayDesk asked {PROCESSOR.name} to void {_dollars(payment)} (transaction {payment.processor_ref}, "
        f"receipt {payment.receipt_number}): “{payment.reason}”. {PROCESSOR.name} has not confirmed it yet.",
        "PayDesk keeps checking, and the payment still counts. Press Check now. If that doesn't help, "
        f"look for the transaction in {PROCESSOR.portal}, or call {PROCESSOR.name} with its number.",
        "Do not take this payment again, and do not tell the customer the money is back.",
    )


def charged_otherwise(payment: Payment, *, receipt_waits: bool = False) -> Texts:
    """Return the advice about a charge of another amount than was quoted.

    ``receipt_waits`` tells that its receipt needs a person as well, which comes after this.
    """
    later = (
        f" Leave receipt {payment.receipt_number} alone until this is acknowledged." if receipt_waits else ""
    )
    charged = (payment.charged or payment.draft.quote.total).shown
    known = (
        f"{_dollars(payment)} was quoted, but {PROCESSOR.name} charged {charged} "
        f"(transaction {payment.processor_ref})."
    )
    if payment.difference is Difference.ROUNDING:
        return (
            f"{known} It rounds the fee differently by one cent. The receipt shows what was charged.",
            "Press Acknowledge to clear all one-cent differences.",
            f"Do not charge or refund the cent with a second payment.{later}",
        )
    return (
        known,
        "Tell the customer the amount that was actually charged. If they don't agree, void or refund it. "
        "Then press Acknowledge, and ask your administrator to compare the fees in the settings with the "
        f"{PROCESSOR.name} agreement.",
        f"Do not charge or refund the difference with a second payment.{later}",
    )


def fee_not_told(payment: Payment) -> Texts:
    """Return the advice about a charge whose fee the processor does not tell consistently."""
    other = payment.named_fee if payment.difference is Difference.OTHER_FEE else None
    named = "" if other is None else f" and names {other.shown}"
    once = "" if named else " Once is enough: it also clears later payments of this kind."
    total = _dollars(payment)
    return (
        f"{PROCESSOR.name} took the payment (transaction {payment.processor_ref}), but its answer is not "
        f"clear about the fee{named}. The receipt shows the quoted total, {total}.",
        f"Compare the total with {PROCESSOR.portal}. If it is {total}, press Acknowledge.{once} If it isn't, "
        "tell the customer, and void the payment if they don't agree.",
        "Do not charge or refund a difference with a second payment.",
    )


def letter_due(payment: Payment) -> Texts:
    """Return the advice about a bank debit whose letter was not printed."""
    return (
        f"{_charge(payment)} has no proof of authorization yet: its letter was not printed or saved.",
        "Press Print letter, and send the letter today.",
        "",
    )


DECIDED: Texts = ("This payment is final.", "Nothing to do.", "")
"""The advice about a payment that needs nobody."""


def _charge(payment: Payment) -> str:
    tender = "bank account" if payment.draft.kind is TenderKind.ACH else "card"
    ending = f" ending {payment.last4}" if payment.last4 else ""
    return f"The charge of {_dollars(payment)} to the {tender}{ending}"


def _its_invoices(payment: Payment) -> str:
    """Return ``its invoice is`` or ``its invoices are``, or "" without one."""
    match len(payment.draft.invoice_numbers):
        case 0:
            return ""
        case 1:
            return "its invoice is"
        case _:
            return "its invoices are"


def _not_paid(payment: Payment) -> str:
    match len(payment.draft.invoice_numbers):
        case 0:
            return "This is not paid."
        case 1:
            return "This invoice is not paid."
        case _:
            return "These invoices are not paid."


def _dollars(payment: Payment) -> str:
    return payment.draft.quote.total.shown


# ---- receipts -------------------------------------------------------------------------------


def unclear_receipt(posting: Posting, *, may_post_again: bool) -> Texts:
    """Return the advice about a receipt that may have arrived in the agency system."""
    system = AGENCY_SYSTEM.name
    otherwise = (
        "press Retry posting: PayDesk checks the balances first."
        if may_post_again
        else "enter it there by hand, then press Mark as entered."
    )
    return (
        f"{_receipt(posting)} was sent to {system} but may not have arrived. {posting.reason}".strip(),
        f"Check the customer's account in {system}. If the receipt is there, press Mark as entered. "
        f"If you're sure it isn't, {otherwise}",
        "Do not enter it by hand before you check: it would be there twice.",
    )


def refused_receipt(posting: Posting, *, may_post_again: bool) -> Texts:
    """Return the advice about a receipt that was not posted."""
    system = AGENCY_SYSTEM.name
    if posting.sent_at is None:  # PayDesk held it back: somebody may have entered it
        return _held_back(posting, may_post_again=may_post_again)
    do = (
        f"Have this fixed in {system}, then press Retry posting. If someone already entered it, press "
        "Mark as entered."
        if may_post_again
        else f"Enter it in {system} by hand, then press Mark as entered."
    )
    return (
        f"{_receipt(posting)} is not in {system}. {posting.reason}".strip(),
        do,
        "Do not charge the customer again: this payment was taken.",
    )


def _held_back(posting: Posting, *, may_post_again: bool) -> Texts:
    system = AGENCY_SYSTEM.name
    missing = (
        "have this fixed there, then press Retry posting"
        if may_post_again
        else "enter it there by hand first"
    )
    return (
        f"{_receipt(posting)} was not posted. {posting.reason}".strip(),
        f"Check {system} to see if someone entered it. If so, press Mark as entered. If not, {missing}.",
        "Do not charge the customer again: this payment was taken.",
    )


def receipt_by_hand(posting: Posting) -> Texts:
    """Return the advice about a receipt that cannot be posted by its nature."""
    system = AGENCY_SYSTEM.name
    return (
        f"{_receipt(posting)} can't be posted by PayDesk. {posting.reason}".strip(),
        f"Enter it in {system}, then press Mark as entered.",
        "Do not charge the customer again: this payment was taken.",
    )


def waiting_receipt(posting: Posting) -> Texts:
    """Return the advice about a receipt that has waited for long."""
    system = AGENCY_SYSTEM.name
    return (
        f"{_receipt(posting)} has been waiting for {system}. {posting.reason}".strip(),
        f"PayDesk keeps trying. If {system} is working, tell your administrator.",
        f"Do not enter it in {system} by hand while it waits: PayDesk would post it too.",
    )


def receipt_in_file(posting: Posting) -> Texts:
    """Return the advice about a receipt in a deposit file that nobody has confirmed."""
    system, deposit = AGENCY_SYSTEM.name, posting.sink_ref
    return (
        f"{_receipt(posting)} is in deposit file {deposit}, written {_hours(posting)} ago. "
        "No one has confirmed that it was imported.",
        f"Check under Deposits in {system}'s Bank Center if {deposit} was imported. If so, press Mark whole "
        "file, or press Mark as entered for this receipt alone. If not, have it imported now.",
        "Do not import the file twice, and do not enter its receipts by hand too.",
    )


def receipt_to_reverse(posting: Posting) -> Texts:
    """Return the advice about a receipt in the agency system whose money was given back."""
    system, number = AGENCY_SYSTEM.name, posting.payment.receipt_number
    what, then = "the payment was voided", ""
    match posting.payment.state:
        case State.RETURNED:
            what = "the bank returned the payment"
            then = f" {_after_return(posting.payment)}"
        case State.REFUNDED:
            what = "the payment was refunded"
        case State.CHARGED_BACK:
            what, then = "the card issuer took the money back", " Tell your manager today."
    whose = _its_invoices(posting.payment)
    return (
        f"{_receipt(posting)} {_where(posting)} in {system}, but {what}: there is no payment behind it.",
        f"Reverse receipt {number} in {system}{f' so {whose} open again' if whose else ''}, then "
        f"press Mark as reversed. If you're sure it isn't there, mark it as reversed too.{then}",
        _not_paid(posting.payment),
    )


def _hours(posting: Posting) -> str:
    hours = int(posting.sent_age_s // 3600)
    return "1 hour" if hours == 1 else f"{hours:,} hours"


def _where(posting: Posting) -> str:
    if posting.state is PostingState.POSTED:
        return "is"
    sent = posting.state is PostingState.UNCLEAR or posting.in_doubt
    return "may be" if sent else "was not posted by PayDesk. Someone may have entered it"


def _receipt(posting: Posting) -> str:
    payment = posting.payment
    return f"Receipt {payment.receipt_number} ({payment.draft.quote.subtotal.shown} without the fee)"
