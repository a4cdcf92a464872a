"""AndDone's answers about one transaction as typed values.

Each is read once, here. Parts that only an approval or a refusal needs are read on demand, so that an odd
field elsewhere in the answer does no harm. Every function raises WrongAnswer for a field of the wrong kind.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from paydesk.domain.money import ZERO, Money
from paydesk.domain.refund import RefundKind, RefundState, SeenRefund
from paydesk.gateways.anddone import enums, names
from paydesk.gateways.http.call import Reply
from paydesk.gateways.http.fields import Fields, WrongAnswer

NOISE = Decimal("0.000001")
"""Dollars by which a sum of doubles may be off a cent."""
_HALF_A_CENT = Decimal("0.005")
_LONGEST_CODE = 40
"""Characters of an authorization code to keep. ISO 8583 has 6."""


@dataclass(frozen=True, slots=True)
class Capture:
    """The amounts that show the technology fee, in a tender or a row of the list."""

    captured: Money | None
    """The whole amount taken. If it includes the fee is not published (see ``fee``)."""
    convenience: Money | None
    adjustment: Money | None
    adjustment_kind: str
    rounded: str = ""
    """The first of these amounts that is not exact to the cent, as it was sent."""

    def fee(self, subtotal: Money) -> Money | None:
        """Return the technology fee on ``subtotal``, or None if the answer does not tell it consistently.

        In the published samples ``captureAmount`` leaves the fee out. So if it equals the subtotal while an
        adjustment stands beside it, the answer contradicts itself. Nothing but an equal sum without any
        adjustment proves that there is no fee.
        """
        if self.captured and self.captured > subtotal:
            return self.captured - subtotal
        if self.captured and self.captured == subtotal:
            return None if self.convenience or self.adjustment else Money(0)
        return self.named_fee

    @property
    def named_fee(self) -> Money | None:
        """The fee that an adjustment names, or None if none does, if two differ, or if it is below zero."""
        charged_on_top = self.adjustment if self.adjustment_kind in names.FEE_KINDS else None
        named = {fee for fee in (self.convenience, charged_on_top) if fee}
        return named.pop() if len(named) == 1 and min(named) > ZERO else None


@dataclass(frozen=True, slots=True)
class Approval:
    """The details of an approval beside the transaction itself."""

    capture: Capture
    authorization_code: str
    card_type: str
    last4: str
    transaction_code: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """The vendor's codes and texts for a refusal."""

    reason_code: str
    error_code: str
    texts: tuple[str, ...]

    @property
    def code(self) -> str:
        """The reason code, or the error code without one."""
        return self.reason_code or self.error_code


@dataclass(frozen=True, slots=True)
class Transaction:
    """An answer about one transaction: to a payment, a lookup or a void."""

    id: str
    status: str
    by_number: bool
    """True if the status was a number, whose order is published and not confirmed."""
    success: bool | None
    canceled: bool | None
    references: tuple[str, ...]
    """Every echo of the intent's title."""
    amounts: tuple[Money, ...]
    """Every echo of the amount before the fee."""
    currency: str
    _fields: Fields

    @classmethod
    def of(cls, reply: Reply) -> Transaction:
        """Read an answer. Raises WrongAnswer if its body is not a JSON object."""
        fields = reply.fields()
        tender = _tender(fields)
        references = [_at(fields, tender, path).text(name) for path, name in _paths(names.REFERENCES)]
        amounts = [
            _at(fields, tender, path).money(name, within=NOISE) for path, name in _paths(names.AMOUNTS)
        ]
        status = fields.text("transactionStatus")
        return cls(
            id=key(fields, "transactionId"),
            status=enums.named(status, enums.STATUSES),
            by_number=status.isdecimal(),
            success=fields.inner("transactionResult").flag("success"),
            canceled=fields.flag("isCancelled"),
            references=_present(*references) or _present(fields.text(names.OTHER_REFERENCE)),
            amounts=tuple(amount for amount in amounts if amount is not None),
            currency=tender.text("currency").upper(),
            _fields=fields,
        )

    @property
    def contradicts_itself(self) -> bool:
        """True if it says that money was taken, and that it was canceled."""
        return bool(self.canceled) and self.status in names.TAKEN

    def approval(self) -> Approval:
        """Read the details of an approval. Texts that are only shown may be unreadable."""
        tender, result = _tender(self._fields), self._fields.inner("transactionResult")
        return Approval(
            capture=capture_of(tender),
            authorization_code=text_or_blank(result, "processorAuthCode")[:_LONGEST_CODE],
            card_type=text_or_blank(tender, "cardType"),
            last4=_last4(text_or_blank(tender, "maskCardNumber") or text_or_blank(tender, "maskAccount")),
            transaction_code=text_or_blank(self._fields, "transactionCode"),
        )

    def charged_back(self) -> Money:
        """Return the sum that the card's issuer took back. Zero stands for one that is not told."""
        return self._fields.money("chargeBackAmount", within=_HALF_A_CENT) or ZERO

    def refunds(self) -> tuple[tuple[SeenRefund, ...], bool]:
        """Return its refunds, and True if they are all there are. Raises WrongAnswer."""
        listed = self._fields.inner("refundTransactions")
        rows = tuple(seen_refund(row) for row in listed.rows("data"))
        return rows, listed.has_any() and listed.whole("totalRowCount") in (None, len(rows))

    @property
    def return_code(self) -> str:
        """The Nacha code of a bank's return, or ``""``."""
        code = text_or_blank(self._fields.inner("transactionResult"), "reasonCode")
        return code or text_or_blank(self._fields, "chargebackReasonCode")

    def refusal(self) -> Refusal:
        """Read the details of a refusal."""
        result = self._fields.inner("transactionResult")
        return Refusal(
            result.text("reasonCode"),
            result.text("errorCode"),
            _present(*(result.text(name) for name in names.REASON_TEXTS)),
        )


def _present(*texts: str) -> tuple[str, ...]:
    return tuple(text for text in texts if text)


def key(fields: Fields, name: str) -> str:
    """Return one of AndDone's numbers or tokens, or ``""``. Raises WrongAnswer for other than visible ASCII.

    It is kept as it is, and shown beside amounts: a text that steers a screen is none.
    """
    text = fields.text(name)
    if not (text.isascii() and text.isprintable()):
        raise fields.wrong(name)
    return text


def key_or_blank(fields: Fields, name: str) -> str:
    """Return a number that decides nothing alone, or ``""`` if it is unreadable."""
    try:
        return key(fields, name)
    except WrongAnswer:
        return ""


def required(fields: Fields, name: str) -> str:
    """Return a required number, token or address. Raises WrongAnswer if it is missing, or see ``key``."""
    text = key(fields, name)
    if not text:
        raise fields.wrong(name)
    return text


def text_or_blank(fields: Fields, name: str) -> str:
    """Return a text that decides nothing alone, or ``""`` if it is unreadable."""
    try:
        return fields.text(name)
    except WrongAnswer:
        return ""


def error_key(reply: Reply) -> str:
    """Return the vendor's error key, or ``""`` if the body is not the vendor's."""
    try:
        return reply.fields().text("errorCode")
    except WrongAnswer:
        return ""


def seen_refund(row: Fields) -> SeenRefund:
    """Return a refund of the list in a charge's details. Raises WrongAnswer, also if nothing goes back."""
    amount = row.money("amount", within=_HALF_A_CENT)
    if amount is None or amount <= ZERO:
        raise row.wrong("amount")
    kind = enums.named(text_or_blank(row, "refundType"), enums.REFUND_TYPES)
    return SeenRefund(
        processor_ref=required(row, "transactionId"),
        amount=amount,
        state=refund_state(enums.named(row.text("transactionStatus"), enums.STATUSES)),
        without_fee=kind == names.REFUND_TYPES[RefundKind.SUBTOTAL],
        texts=_present(*(text_or_blank(row, name) for name in names.REFUND_TEXTS)),
    )


def refund_state(status: str) -> RefundState:
    """Return the state of a refund that the processor has. One of an unknown status is under way."""
    if status in names.REFUND_DONE:
        return RefundState.DONE
    return RefundState.FAILED if status in names.REFUND_UNDONE else RefundState.ACCEPTED


def capture_of(fields: Fields, *, text_too: bool = False) -> Capture:
    """Return the amounts of a tender or row, each to the cent. ``text_too`` also reads numbers as text."""
    names_of = ("captureAmount", "convenienceAmount", "adjustmentAmount")
    amounts = [fields.money(name, text_too=text_too, within=_HALF_A_CENT) for name in names_of]
    return Capture(
        captured=amounts[0],
        convenience=amounts[1],
        adjustment=amounts[2],
        adjustment_kind=enums.named(fields.text("paymentAdjustmentType"), enums.ADJUSTMENTS),
        rounded=next((sent for name in names_of if (sent := fields.fraction(name))), ""),
    )


def _tender(fields: Fields) -> Fields:
    """Return the tender from the field that has it in this kind of answer."""
    tenders = (fields.inner(name) for name in names.TENDERS)
    return next((tender for tender in tenders if tender.has_any()), Fields({}))


def _paths(paths: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Yield each path as the object it is in (``""`` for the answer itself) and its name."""
    for path in paths:
        outer, _, name = path.rpartition(".")
        yield outer, name


def _at(fields: Fields, tender: Fields, outer: str) -> Fields:
    if not outer:
        return fields
    return tender if outer == "tender" else fields.inner(outer)


def _last4(mask: str) -> str:
    found = re.search(r"([0-9]{4})$", mask)
    return found[1] if found else ""
