"""The fields of a receipt. The ledger keeps them, and the PDF is printed from them alone."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from paydesk.domain.consent import Agency, Channel
from paydesk.domain.errors import BugError
from paydesk.domain.money import Money, total
from paydesk.domain.tender import TenderKind
from paydesk.domain.world import World

VERSION = 5
"""Version of new receipts: their fields and layout. An older receipt prints as it first did.
Version 1 does not say what was owed, and may break the reference, telephone and email across lines.
Version 3 prints as version 2. It keeps the payment method instead of its words, and the world by its name
instead of a flag for training.
Version 4 prints as version 2, and its PDF names the anchor.
Version 5 prints the reference of a payment without an invoice once, where older ones repeat it in the
description. It has other titles above a void's payer and payment method, and says "Partial payment".
"""


class ReceiptKind(StrEnum):
    """The kind of document. A void or refund names the receipt it reverses."""

    PAYMENT = "payment"
    VOID = "void"
    REFUND = "refund"


class Paper(StrEnum):
    """The paper a receipt is printed on."""

    LETTER = "letter"
    ROLL_80MM = "roll_80mm"


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """One line of a receipt: an invoice, or an anytime payment (no ``invoice_number``).

    ``owed`` is the invoice's balance if only a part of it was paid.
    """

    invoice_number: str | None
    amount: Money
    customer_name: str = ""
    customer_number: str = ""
    policy_number: str = ""
    insurer: str = ""
    description: str = ""
    owed: Money | None = None


@dataclass(frozen=True, slots=True)
class AnytimeReference:
    """The purpose of a payment without an invoice: ``kind`` is policy, invoice or other."""

    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class ConsentNote:
    """The consent to a bank debit: the agreed words and the time (UTC)."""

    sentence: str
    given_at: datetime

    def __post_init__(self) -> None:
        _require_utc(self.given_at)


@dataclass(frozen=True, slots=True)
class Receipt:
    """One receipt as given to the customer. It does not count its printed copies.

    ``reference`` is our payment reference (PD…), ``taken_at`` is in UTC, ``time_zone`` an IANA name,
    ``refund_line`` the sentence on refunds and whom to call. ``last4`` is all that PayDesk keeps of a
    number. There is no field for an expiry (FACTA, 15 USC 1681c(g)). Amounts of a void or refund are
    the sums returned, above zero. Raises BugError if the figures disagree.
    """

    number: str
    kind: ReceiptKind
    reference: str
    taken_at: datetime
    time_zone: str
    agency: Agency
    payer_name: str
    payer_contact: str
    lines: tuple[ReceiptLine, ...]
    subtotal: Money
    fee: Money
    total: Money
    tender: TenderKind
    brand: str
    last4: str
    authorization_code: str
    taken_by: str
    desk: str
    channel: Channel
    refund_line: str
    world: World
    anytime_reference: AnytimeReference | None = None
    consent: ConsentNote | None = None
    first_receipt: str = ""
    anchor: str = ""
    """Hash of the ledger's newest event when the receipt was recorded, one of this payment. Older receipts
    have none.
    """
    version: int = VERSION

    def __post_init__(self) -> None:
        _require_utc(self.taken_at)
        if not self.lines or self.subtotal != total(line.amount for line in self.lines):
            raise BugError(f"receipt {self.number}: the lines do not add up to {self.subtotal}")
        if self.fee.cents < 0 or self.total != self.subtotal + self.fee:
            raise BugError(f"receipt {self.number}: {self.subtotal} and fee {self.fee} are not {self.total}")
        if not re.fullmatch(r"[0-9]{0,4}", self.last4):
            raise BugError(f"receipt {self.number}: not the last four digits")
        if not re.fullmatch(r"(?:[0-9a-f]{64})?", self.anchor):
            raise BugError(f"receipt {self.number}: the anchor is not an event's hash")
        if (self.kind is ReceiptKind.PAYMENT) != (not self.first_receipt):
            raise BugError(f"receipt {self.number}: only a void or refund names a first receipt")

    @property
    def cleared(self) -> bool:
        """True if the money is certain. A bank debit is not, because the bank can still return it."""
        return self.tender is not TenderKind.ACH


def void_number(first: str) -> str:
    """Return the number of the void of a receipt. A payment is voided at most once."""
    return f"V{first.removeprefix('R')}"


def void_of(first: Receipt, voided_at: datetime, user: str, desk: str) -> Receipt:
    """Return the void of a receipt, without an anchor."""
    return replace(
        first,
        number=void_number(first.number),
        kind=ReceiptKind.VOID,
        first_receipt=first.number,
        taken_at=voided_at,
        taken_by=user,
        desk=desk,
        consent=None,
        anchor="",
    )


def refund_number(first: str, earlier: int) -> str:
    """Return the number of a refund's document, of a receipt that had so many refunds before."""
    return f"RF{first.removeprefix('R')}-{earlier + 1}"


def refund_of(
    first: Receipt,
    number: str,
    refunded_at: datetime,
    who: tuple[str, str],
    amounts: tuple[Money, ...],
    fee: Money,
) -> Receipt:
    """Return the document of a refund, without an anchor. ``amounts`` are those of the receipt's lines.

    ``who`` is the desk and user.
    """
    shared = [
        replace(line, amount=amount, owed=None) for line, amount in zip(first.lines, amounts, strict=True)
    ]
    lines = tuple(line for line in shared if line.amount) or tuple(shared)
    subtotal = total(amounts)
    return replace(
        first,
        number=number,
        kind=ReceiptKind.REFUND,
        first_receipt=first.number,
        taken_at=refunded_at,
        taken_by=who[1],
        desk=who[0],
        lines=lines,
        subtotal=subtotal,
        fee=fee,
        total=subtotal + fee,
        consent=None,
        anchor="",
        version=VERSION,
    )


def _require_utc(instant: datetime) -> None:
    if instant.utcoffset() != timedelta(0):
        raise BugError("a receipt's times are kept in UTC")
