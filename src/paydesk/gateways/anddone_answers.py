"""What AndDone's answers prove: pure readers, from a reply to an outcome."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from paydesk.domain.money import Money
from paydesk.domain.outcome import (
    Approved,
    Cancelled,
    Charge,
    Clearing,
    Declined,
    Finding,
    NoCharge,
    Outcome,
    Standing,
    Unclear,
    Voided,
    VoidOutcome,
)
from paydesk.domain.tender import TenderKind
from paydesk.gateways import anddone_words as words
from paydesk.gateways.fields import Fields, WrongAnswer
from paydesk.gateways.http import Reply
from paydesk.services.ports import ChargeRequest


def to_outcome(reply: Reply, request: ChargeRequest) -> Outcome:
    """What an answer to ``pay`` proves. Whatever is not plainly yes or no is Unclear."""
    if reply.status == 400:
        key = error_key(reply)
        refusal = words.PAYMENT_REFUSALS.get(key)
        return Declined(key, refusal) if refusal else Unclear(f"AndDone answered with {key or 'an error'}.")
    if reply.status not in (200, 201):
        return Unclear(f"AndDone answered with error {reply.status}.")
    try:
        return _decided(reply.fields(), request, echo_needed=True)
    except WrongAnswer as wrong:
        return Unclear(f"AndDone sent an answer PayDesk does not understand (field {wrong.field}).")


def to_finding(reply: Reply, request: ChargeRequest) -> Finding:
    """What an answer to ``look_up`` proves; the token already names the intent."""
    if reply.status == 404 and words.NO_SUCH_CHARGE.fullmatch(error_key(reply)):
        return NoCharge()
    if reply.status != 200:
        return Unclear(f"AndDone answered with error {reply.status}.")
    try:
        fields = reply.fields()
        if fields.text("transactionStatus") in words.CANCELLED:
            return _cancelled(fields, request)
        return _decided(fields, request, echo_needed=False)
    except WrongAnswer as wrong:
        return Unclear(f"AndDone sent an answer PayDesk does not understand (field {wrong.field}).")


def to_standing(reply: Reply, request: ChargeRequest, processor_ref: str) -> Standing:
    """Where a charge stands by an answer to ``standing``; whatever is not plainly it is UNCLEAR."""
    return words.STANDINGS.get(_status_now(reply, request, processor_ref), Standing.UNCLEAR)


def to_clearing(reply: Reply, request: ChargeRequest, processor_ref: str) -> Clearing:
    """What became of a bank debit by an answer to ``clearing``; likewise."""
    return words.CLEARINGS.get(_status_now(reply, request, processor_ref), Clearing.UNCLEAR)


def _status_now(reply: Reply, request: ChargeRequest, processor_ref: str) -> str:
    """The status of this very charge; "" where the answer is not plainly about it."""
    if reply.status != 200:
        return ""
    try:
        fields = reply.fields()
        other = fields.text("transactionId") != processor_ref
        return "" if other or _doubt(fields, request, echo_needed=False) else fields.text("transactionStatus")
    except WrongAnswer:
        return ""


def to_void_outcome(reply: Reply, processor_ref: str) -> VoidOutcome:
    """What an answer to ``void`` proves. Whatever is not plainly yes or a known no is Unclear."""
    if reply.status == 400:
        key = error_key(reply)
        return words.VOID_REFUSALS.get(key) or Unclear(f"AndDone answered with {key or 'an error'}.")
    if reply.status != 200:
        return Unclear(f"AndDone answered with error {reply.status}.")
    try:
        fields = reply.fields()
        ours = fields.text("transactionId") == processor_ref
        status = fields.text("transactionStatus")
        if ours and fields.flag("isCancelled") and (not status or status in words.CANCELLED):
            return Voided()
    except WrongAnswer as wrong:
        return Unclear(f"AndDone sent an answer PayDesk does not understand (field {wrong.field}).")
    return Unclear("AndDone does not say that it cancelled the payment.")


def _cancelled(fields: Fields, request: ChargeRequest) -> Cancelled | Unclear:
    doubt = _doubt(fields, request, echo_needed=False)
    approved = Unclear(doubt) if doubt else _approved(fields, request)
    return Cancelled(approved) if isinstance(approved, Approved) else approved


def _decided(fields: Fields, request: ChargeRequest, *, echo_needed: bool) -> Approved | Declined | Unclear:
    """The outcome by status, once reference, amount and currency are proven to be ours."""
    doubt = _doubt(fields, request, echo_needed=echo_needed)
    if doubt:
        return Unclear(doubt)
    status, success = fields.text("transactionStatus"), fields.inner("transactionResult").flag("success")
    if status in words.TAKEN and success is not False:
        return _approved(fields, request)
    if status in words.REFUSED and success is False:
        return _declined(fields, request)
    return Unclear(f"AndDone says “{words.cleaned(status, 40)}”, which is neither yes nor no.")


def _doubt(fields: Fields, request: ChargeRequest, *, echo_needed: bool) -> str:
    """Why this may not be the answer to our request, or ""."""
    references = [text for text in (_found(fields, path) for path in words.REFERENCES) if text]
    if any(text != request.title for text in references) or (echo_needed and not references):
        return "AndDone's answer does not carry our reference."
    amounts = [_money(fields, path) for path in words.AMOUNTS]
    subtotal = request.draft.quote.subtotal
    if any(amount not in (None, subtotal) for amount in amounts) or not any(amounts):
        return "AndDone's answer does not carry our amount."
    if _tender(fields).text("currency").upper() not in ("", "USD"):
        return "AndDone's answer is in another currency."
    if not fields.text("transactionId"):
        return "AndDone's answer names no transaction."
    return ""


def _approved(fields: Fields, request: ChargeRequest) -> Approved | Unclear:
    subtotal, tender = request.draft.quote.subtotal, _tender(fields)
    captured = tender.money("captureAmount")
    if captured and captured < subtotal:
        return Unclear("AndDone took less than was asked for.")
    fee = fee_taken(tender, subtotal)
    code = fields.text("transactionCode")
    return Approved(
        processor_ref=fields.text("transactionId"),
        charged=captured or subtotal + (fee or Money(0)),
        fee=fee,
        authorization_code=fields.inner("transactionResult").text("processorAuthCode"),
        brand=words.brand_in(tender.text("cardType")),
        last4=_last4(tender),
        entry_class=code if request.draft.kind is TenderKind.ACH and code in words.ENTRY_CLASSES else "",
    )


def _declined(fields: Fields, request: ChargeRequest) -> Declined | Unclear:
    result = fields.inner("transactionResult")
    code = result.text("reasonCode") or result.text("errorCode")
    said = result.text("reasonMessage") or result.text("errorMessage")
    if "duplicate" in f"{code} {said} {result.text('errorCode')} {result.text('errorMessage')}".lower():
        return Unclear("AndDone takes this for a repeat of a payment it already has.")
    reason = words.said_aloud(request.draft.kind, code, said)
    return Declined(words.cleaned(code, 40), reason, fields.text("transactionId"))


def fee_taken(tender: Fields, subtotal: Money) -> Money | None:
    """The technology fee in a tender or a row, by whichever field tells it (reference 4.1)."""
    captured = tender.money("captureAmount")
    if captured and captured >= subtotal:
        return captured - subtotal
    convenience = tender.money("convenienceAmount")
    if convenience is not None:
        return convenience
    kind = tender.text("paymentAdjustmentType")
    return tender.money("adjustmentAmount") if kind in words.FEE_KINDS else None


def is_sale(row: Fields) -> bool:
    """Whether the row is a payment, and not a refund or a check."""
    return row.text("operationType") in words.SALES


def to_charge(row: Fields) -> Charge:
    """One row of a search; a foreign row without an amount must not stop the desk. Raises WrongAnswer."""
    subtotal = row.money("amount") or row.money("captureAmount") or Money(0)
    status = row.text("transactionStatus")
    return Charge(
        processor_ref=required(row, "transactionId"),
        reference=row.text("merchantReference") or row.text("referenceNo"),
        subtotal=subtotal,
        charged=row.money("captureAmount") or subtotal + (fee_taken(row, subtotal) or Money(0)),
        live=status not in words.GONE,
        taken=status in words.TAKEN,
        at=row.moment("transactionDate"),
        status=status,
        origin=row.text("transactionOrigin"),
        invoice_numbers=frozenset(_invoice_numbers(row)),
        cancelled=status in words.CANCELLED,
    )


def _invoice_numbers(row: Fields) -> Iterator[str]:
    """Invoice numbers from every place a row can carry them."""
    texts = [row.text(name) for name in words.INVOICE_FIELDS]
    for name in words.FREE_TEXTS:
        texts += [text for key, text in _pairs(row.text(name)) if "invoice" in key.lower()]
    for part in re.split(r"[,;\s]+", " ".join(texts)):
        found = re.fullmatch(r"#?(?i:inv-?)?0*([1-9]\d{0,11}(?:-\d{1,2})?)", part)
        if found:
            yield found[1]


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    """Free pairs that came back as text: a JSON object, or ``name=value`` parts."""
    try:
        held = json.loads(text or "{}")
    except (ValueError, RecursionError):
        held = None
    if isinstance(held, dict):
        for key, value in held.items():
            yield key, ",".join(map(str, value)) if isinstance(value, list) else str(value)
    else:
        yield from re.findall(r"(\w+)\s*[=:]\s*([^;|&]*)", text)


def required(row: Fields, name: str) -> str:
    """A text that must be there. Raises WrongAnswer."""
    text = row.text(name)
    if not text:
        raise row.wrong(name)
    return text


def error_key(reply: Reply) -> str:
    """The vendor's error key, or "" when the body is not its own."""
    try:
        return reply.fields().text("errorCode")
    except WrongAnswer:
        return ""


def _tender(fields: Fields) -> Fields:
    """The tender, in whichever field this kind of answer has it."""
    tenders = (fields.inner(name) for name in words.TENDERS)
    return next((tender for tender in tenders if tender.has_any()), Fields({}))


def _place(fields: Fields, path: str) -> tuple[Fields, str]:
    outer, _, name = path.rpartition(".")
    if not outer:
        return fields, name
    return (_tender(fields) if outer == "tender" else fields.inner(outer)), name


def _found(fields: Fields, path: str) -> str:
    place, name = _place(fields, path)
    return place.text(name)


def _money(fields: Fields, path: str) -> Money | None:
    place, name = _place(fields, path)
    return place.money(name)


def _last4(tender: Fields) -> str:
    found = re.search(r"(\d{4})$", tender.text("maskCardNumber") or tender.text("maskAccount"))
    return found[1] if found else ""
