"""Decide what AndDone's answers prove: pure functions, from a reply to an outcome."""

from __future__ import annotations

import re

from paydesk.domain.money import Money, total
from paydesk.domain.outcome import (
    AchReturned,
    AchStatus,
    Approved,
    Canceled,
    Charge,
    ChargeStatus,
    Declined,
    Finding,
    NoCharge,
    Outcome,
    Reason,
    Unclear,
    Voided,
    VoidOutcome,
)
from paydesk.domain.payment import OfferKind
from paydesk.domain.refund import MoneyBack, RefundState
from paydesk.domain.tender import TenderKind
from paydesk.gateways.anddone import names
from paydesk.gateways.anddone.no_charge import names_no_charge
from paydesk.gateways.anddone.rows import Row
from paydesk.gateways.anddone.transaction import Transaction, error_key
from paydesk.gateways.http.call import Reply
from paydesk.gateways.http.fields import WrongAnswer
from paydesk.services.ports.processor import ChargeRequest

_OUR_TITLE = re.compile(r"PD[0-9A-Z]{18}-")
"""The beginning of every title that PayDesk gives."""


def to_outcome(reply: Reply, request: ChargeRequest) -> Outcome:
    """Return what an answer to ``pay`` proves. Anything that is not plainly yes or no is Unclear."""
    if reply.status == 400:
        key = error_key(reply)
        refusal = names.PAYMENT_REFUSALS.get(key)
        return Declined(key, refusal) if refusal else Unclear(f"AndDone answered with {key or 'an error'}.")
    if reply.status not in (200, 201):
        return Unclear(f"AndDone answered with error {reply.status}.")
    try:
        return _decided(Transaction.of(reply), request, echo_needed=True)
    except WrongAnswer as wrong:
        return _not_understood(wrong)


def to_finding(reply: Reply, request: ChargeRequest) -> Finding:
    """Return what an answer to ``look_up`` proves. The token has identified the intent already."""
    if reply.status == 404 and names.NO_SUCH_CHARGE.fullmatch(error_key(reply)):
        return NoCharge()
    if names_no_charge(reply):
        return Unclear("AndDone's answer names no charge.", Reason.NAMES_NO_CHARGE)
    if reply.status != 200:
        return Unclear(f"AndDone answered with error {reply.status}.")
    try:
        found = Transaction.of(reply)
        if found.status in names.CANCELED:
            return _canceled(found, request)
        return _decided(found, request, echo_needed=False, taken=names.TAKEN_ONCE)
    except WrongAnswer as wrong:
        return _not_understood(wrong)


def to_charge_status(reply: Reply, request: ChargeRequest, processor_ref: str) -> ChargeStatus:
    """Return a charge's status from its details, or UNCLEAR if they are not plainly about it."""
    return names.CHARGE_STATUSES.get(_status_now(reply, request, processor_ref), ChargeStatus.UNCLEAR)


def to_listed_status(reply: Reply, charge: Charge) -> ChargeStatus:
    """Return the status of a listed charge from an answer about it, or UNCLEAR."""
    if reply.status != 200:
        return ChargeStatus.UNCLEAR
    try:
        found = Transaction.of(reply)
    except WrongAnswer:
        return ChargeStatus.UNCLEAR
    same = bool(charge.link_id) or all(text == charge.reference for text in found.references)
    about_it = found.id == charge.processor_ref and same and not found.contradicts_itself
    return names.CHARGE_STATUSES.get(found.status if about_it else "", ChargeStatus.UNCLEAR)


def to_money_back(reply: Reply, request: ChargeRequest, processor_ref: str) -> MoneyBack | None:
    """Return the money of a charge that went back, or None if the answer is not plainly about it.

    A refund counts in the sum once it is done: until then it may fail, and an invoice that is owed again
    would be charged twice. A chargeback does not wait for that.
    """
    status = _status_now(reply, request, processor_ref)
    if not status:
        return None
    try:
        found = Transaction.of(reply)
        refunds, whole = found.refunds()
        charged_back = found.charged_back()
    except WrongAnswer:
        return None
    done = total(one.amount for one in refunds if one.state is RefundState.DONE)
    return MoneyBack(
        refunded=done if whole else Money(0),
        charged_back=charged_back,
        all_refunded=status in names.REFUNDED,
        disputed=status in names.CHARGED_BACK,
        returned=status in names.RETURNED,
        refunds=refunds,
        whole=whole,
        charge_status=names.CHARGE_STATUSES.get(status, ChargeStatus.UNCLEAR),
    )


def to_ach_status(reply: Reply, request: ChargeRequest, processor_ref: str) -> AchStatus | AchReturned:
    """Return a bank debit's status from its details, or UNCLEAR if they are not plainly about it."""
    status = _status_now(reply, request, processor_ref)
    if status in names.RETURNED:
        return names.ach_return(Transaction.of(reply).return_code)
    return names.CLEARINGS.get(status, AchStatus.UNCLEAR)


def to_void_outcome(reply: Reply, processor_ref: str) -> VoidOutcome:
    """Return what an answer to ``void`` proves. Anything but a plain yes or a known no is Unclear."""
    if reply.status == 400:
        key = error_key(reply)
        return names.VOID_REFUSALS.get(key) or Unclear(f"AndDone answered with {key or 'an error'}.")
    if reply.status != 200:
        return Unclear(f"AndDone answered with error {reply.status}.")
    try:
        answer = Transaction.of(reply)
        says_so = answer.canceled and (not answer.status or answer.status in names.CANCELED)
        if answer.id == processor_ref and says_so:
            return Voided()
    except WrongAnswer as wrong:
        return _not_understood(wrong)
    return Unclear("AndDone has not confirmed that it canceled the payment.")


def refund_of(processor_ref: str, refund_id: str) -> Charge:
    """Return the row of a refund. It names the charge to look at, and nothing that could be taken for one."""
    return Charge(
        refund_id, "", None, None, live=False, taken=False, at=None, status="", origin="",
        invoice_numbers=frozenset(), refund_of=processor_ref,
    )  # fmt: skip


def to_charge(row: Row) -> Charge:
    """Return the charge of a row. One that could not be read in full counts as live, with unknown amounts."""
    captured, readable = row.capture.captured, not row.texts
    subtotal = row.amount or captured or (Money(0) if readable else None)
    if subtotal and captured and captured < subtotal:
        subtotal = captured  # the bank approved a part: what was taken counts, as another amount than ours
    fee = row.capture.fee(subtotal) if subtotal else None
    return Charge(
        processor_ref=row.id,
        reference=row.reference,
        subtotal=subtotal,
        charged=captured or (None if subtotal is None else subtotal + (fee or Money(0))),
        live=row.status not in names.GONE or not readable,
        taken=row.status in names.TAKEN and readable,
        at=row.at,
        status=row.status,
        origin=row.origin,
        invoice_numbers=row.invoice_numbers,
        canceled=row.status in names.CANCELED and readable,
        fee=fee,
        named_fee=row.capture.named_fee if fee is None else None,
        rounded=row.rounded,
        went_back=row.status in names.REFUNDED | names.CHARGED_BACK and readable,
        link_id=row.link_id,
        texts=row.texts,
    )


def _not_understood(wrong: WrongAnswer) -> Unclear:
    return Unclear(f"AndDone sent an answer PayDesk can't read (field {wrong.field}).")


def _status_now(reply: Reply, request: ChargeRequest, processor_ref: str) -> str:
    """Return the status of this very charge, or ``""`` if the answer is not plainly about it."""
    if reply.status != 200:
        return ""
    try:
        found = Transaction.of(reply)
    except WrongAnswer:
        return ""
    other = found.id != processor_ref or _doubt(found, request, echo_needed=False)
    return "" if other else found.status


def _canceled(found: Transaction, request: ChargeRequest) -> Canceled | Unclear:
    approved = _doubt(found, request, echo_needed=False) or _approved(found, request)
    return Canceled(approved) if isinstance(approved, Approved) else approved


def _decided(
    found: Transaction, request: ChargeRequest, *, echo_needed: bool, taken: frozenset[str] = names.TAKEN
) -> Approved | Declined | Unclear:
    """Return the outcome by status, once reference, amount and currency are proven to be ours.

    A charge that is looked up later may have been given back since. It is an approval first: see Reconcile.
    """
    doubt = _doubt(found, request, echo_needed=echo_needed)
    if doubt:
        return doubt
    if found.status in taken and found.success is not False and (found.success or not found.by_number):
        return _approved(found, request)
    if found.status in names.REFUSED and found.success is False:
        return _declined(found, request)
    if found.status in names.PENDING and request.draft.kind is TenderKind.ACH:
        return Unclear("AndDone has accepted the bank debit and has not authorized it yet.", Reason.PENDING)
    return Unclear(f"AndDone says “{names.cleaned(found.status, 40)}”, which is neither yes nor no.")


def _doubt(found: Transaction, request: ChargeRequest, *, echo_needed: bool) -> Unclear | None:
    """Return why this may not be the answer to our request, or None if it is.

    A payment link leads to its charge by its own id, whatever reference the charge carries. Only another
    title of PayDesk's own is wrong.
    """
    others = [text for text in found.references if text != request.title]
    by_link = request.offer is OfferKind.LINK
    wrong = any(map(_OUR_TITLE.match, others)) if by_link else bool(others)
    if wrong or (echo_needed and not found.references):
        return Unclear("AndDone's answer does not carry our reference.")
    if found.currency not in ("", "USD"):
        return Unclear("AndDone's answer is in another currency.")
    if not found.id:
        return Unclear("AndDone's answer names no transaction.")
    if found.contradicts_itself:
        return Unclear(f"AndDone says “{found.status}”, and that it was canceled.")
    subtotal = request.draft.quote.subtotal
    other = next((amount for amount in found.amounts if amount != subtotal), None)
    if other is not None:
        return _other_amount(found, other)
    if not found.amounts:
        return Unclear("AndDone's answer does not carry our amount.")
    return None


def _other_amount(found: Transaction, other: Money) -> Unclear:
    """Return the finding about a charge of our intent with another amount than PayDesk sent."""
    gone = found.status in names.GONE and found.success is not True
    if gone and found.status in names.REFUSED:
        why = f"AndDone declined {other.shown}, which is not our amount."
        return Unclear(why, Reason.OTHER_AMOUNT_DECLINED)
    if gone or found.status in names.CANCELED:
        why = f"AndDone charged {other.shown} instead, and that charge was canceled or returned."
        return Unclear(why, Reason.OTHER_AMOUNT_GONE)
    return Unclear(f"AndDone's answer carries {other.shown}, not our amount.", Reason.OTHER_AMOUNT)


def _approved(found: Transaction, request: ChargeRequest) -> Approved | Unclear:
    quote, kind, approval = request.draft.quote, request.draft.kind, found.approval()
    captured = approval.capture.captured
    if captured and captured < quote.subtotal:
        return _other_amount(found, captured)
    fee = approval.capture.fee(quote.subtotal)
    code = approval.transaction_code
    return Approved(
        processor_ref=found.id,
        charged=quote.total if fee is None else quote.subtotal + fee,
        fee=fee,
        authorization_code=approval.authorization_code,
        brand=names.brand_in(approval.card_type),
        last4=approval.last4,
        entry_class=code if kind is TenderKind.ACH and code in names.ENTRY_CLASSES else "",
        named_fee=approval.capture.named_fee if fee is None else None,
        rounded=approval.capture.rounded,
    )


def _declined(found: Transaction, request: ChargeRequest) -> Declined | Unclear:
    refusal = found.refusal()
    if any("duplicate" in word.lower() for word in (refusal.code, refusal.error_code, *refusal.texts)):
        return Unclear("AndDone treats this as a repeat of a payment it already has.")
    reason = names.said_aloud(request.draft.kind, refusal.code, *refusal.texts)
    return Declined(names.cleaned(refusal.code, 40), reason, found.id)
