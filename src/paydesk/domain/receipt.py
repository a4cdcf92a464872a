"""What the paper must say, as plain fields; the ledger keeps it, and the PDF prints from it alone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from paydesk.domain.consent import Channel
from paydesk.domain.errors import BugError, KnownError
from paydesk.domain.money import Money, total

VERSION = 2
"""What a new receipt says and how it is laid out. One of an older version prints as it first did:
version 1 does not say what was owed, and breaks the reference, telephone and e-mail where a line ends.
"""

CREDIT_CARD, DEBIT_CARD, BANK_ACCOUNT = "Credit card", "Debit card", "Bank account (ACH)"
TENDERS = (CREDIT_CARD, DEBIT_CARD, BANK_ACCOUNT)


class ReceiptKind(StrEnum):
    """Which document it is; a void or refund names the receipt it takes back."""

    PAYMENT = "payment"
    VOID = "void"
    REFUND = "refund"


class Paper(StrEnum):
    """What it is printed on."""

    LETTER = "letter"
    ROLL_80MM = "roll_80mm"


@dataclass(frozen=True, slots=True)
class Agency:
    """Who took the money: the head of the paper (name and address are asked for by Visa and WAC 284-12)."""

    name: str
    address_lines: tuple[str, ...] = ()
    phone: str = ""
    email: str = ""
    licence: str = ""


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """What was paid: one invoice, or the one line of an anytime payment (no ``invoice_number``).

    ``owed`` is what the invoice's balance was, where only a part of it was paid.
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
    """What a payment without an invoice is for: ``kind`` is policy, invoice or other."""

    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class ConsentNote:
    """The words a bank debit was agreed to with, and when (UTC)."""

    sentence: str
    given_at: datetime

    def __post_init__(self) -> None:
        _require_utc(self.given_at)


@dataclass(frozen=True, slots=True)
class Receipt:
    """One receipt as handed out; how many copies were printed is no part of it.

    ``reference`` is our payment reference (PD…), ``taken_at`` UTC, ``time_zone`` an IANA name,
    ``refund_line`` the sentence on refunds and whom to call. ``tender`` is one of TENDERS and
    ``last4`` all that is ever kept of a number; there is no field for an expiry (FACTA, 15 USC 1681c(g)).
    Amounts of a void or refund are what went back, above zero. Raises BugError when the figures disagree.
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
    tender: str
    brand: str
    last4: str
    authorization_code: str
    taken_by: str
    desk: str
    channel: Channel
    refund_line: str
    anytime_reference: AnytimeReference | None = None
    consent: ConsentNote | None = None
    first_receipt: str = ""
    training: bool = False
    version: int = VERSION

    def __post_init__(self) -> None:
        _require_utc(self.taken_at)
        if not self.lines or self.subtotal != total(line.amount for line in self.lines):
            raise BugError(f"receipt {self.number}: the lines do not add up to {self.subtotal}")
        if self.fee.cents < 0 or self.total != self.subtotal + self.fee:
            raise BugError(f"receipt {self.number}: {self.subtotal} and fee {self.fee} are not {self.total}")
        if self.tender not in TENDERS or not re.fullmatch(r"[0-9]{0,4}", self.last4):
            raise BugError(f"receipt {self.number}: not a tender and its last four digits")
        if (self.kind is ReceiptKind.PAYMENT) != (not self.first_receipt):
            raise BugError(f"receipt {self.number}: only a void or refund names a first receipt")

    @property
    def cleared(self) -> bool:
        """Whether the money can be counted on: a bank debit can still be returned."""
        return self.tender != BANK_ACCOUNT

    def to_json(self) -> dict[str, Any]:
        """A dict of JSON values in a fixed order; ``from_json`` reads it back for ever."""
        return {
            "version": self.version,
            "number": self.number,
            "kind": self.kind.value,
            "first_receipt": self.first_receipt,
            "reference": self.reference,
            "taken_at": self.taken_at.isoformat(),
            "time_zone": self.time_zone,
            "agency": {
                "name": self.agency.name,
                "address_lines": list(self.agency.address_lines),
                "phone": self.agency.phone,
                "email": self.agency.email,
                "licence": self.agency.licence,
            },
            "payer_name": self.payer_name,
            "payer_contact": self.payer_contact,
            "lines": [_line_to_json(line) for line in self.lines],
            "anytime_reference": self.anytime_reference
            and {"kind": self.anytime_reference.kind, "value": self.anytime_reference.value},
            "subtotal_cents": self.subtotal.cents,
            "fee_cents": self.fee.cents,
            "total_cents": self.total.cents,
            "tender": self.tender,
            "brand": self.brand,
            "last4": self.last4,
            "authorization_code": self.authorization_code,
            "taken_by": self.taken_by,
            "desk": self.desk,
            "channel": self.channel.value,
            "consent": self.consent
            and {"sentence": self.consent.sentence, "given_at": self.consent.given_at.isoformat()},
            "training": self.training,
            "refund_line": self.refund_line,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Receipt:
        """The receipt ``to_json`` wrote.

        Raises KnownError for one written by a newer PayDesk, BugError for one that is damaged.
        """
        version = data.get("version")
        if isinstance(version, int) and version > VERSION:
            raise KnownError("A newer PayDesk wrote this receipt.", "Update this desk to print it.")
        try:
            return _from_json(data)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise BugError(f"the stored receipt cannot be read: {type(error).__name__}") from error


def void_number(first: str) -> str:
    """The number of the document that takes a receipt back; a payment is voided once at most."""
    return f"V{first.removeprefix('R')}"


def void_of(first: Receipt, voided_at: datetime, user: str, desk: str) -> Receipt:
    """The document that takes a receipt back."""
    return replace(
        first,
        number=void_number(first.number),
        kind=ReceiptKind.VOID,
        first_receipt=first.number,
        taken_at=voided_at,
        taken_by=user,
        desk=desk,
        consent=None,
    )


def _require_utc(instant: datetime) -> None:
    if instant.utcoffset() != timedelta(0):
        raise BugError("a receipt's times are kept in UTC")


def _line_to_json(line: ReceiptLine) -> dict[str, Any]:
    return {
        "invoice_number": line.invoice_number,
        "amount_cents": line.amount.cents,
        "customer_name": line.customer_name,
        "customer_number": line.customer_number,
        "policy_number": line.policy_number,
        "insurer": line.insurer,
        "description": line.description,
        **({"owed_cents": line.owed.cents} if line.owed is not None else {}),
    }


def _line_from_json(data: Mapping[str, Any]) -> ReceiptLine:
    texts = {name: value for name, value in data.items() if name not in ("amount_cents", "owed_cents")}
    owed = Money(data["owed_cents"]) if "owed_cents" in data else None
    return ReceiptLine(amount=Money(data["amount_cents"]), owed=owed, **texts)


def _from_json(data: Mapping[str, Any]) -> Receipt:
    agency, reference, consent = data["agency"], data["anytime_reference"], data["consent"]
    return Receipt(
        number=data["number"],
        kind=ReceiptKind(data["kind"]),
        first_receipt=data["first_receipt"],
        reference=data["reference"],
        taken_at=_instant(data["taken_at"]),
        time_zone=data["time_zone"],
        agency=Agency(**{**agency, "address_lines": tuple(agency["address_lines"])}),
        payer_name=data["payer_name"],
        payer_contact=data["payer_contact"],
        lines=tuple(_line_from_json(line) for line in data["lines"]),
        anytime_reference=reference and AnytimeReference(**reference),
        subtotal=Money(data["subtotal_cents"]),
        fee=Money(data["fee_cents"]),
        total=Money(data["total_cents"]),
        tender=data["tender"],
        brand=data["brand"],
        last4=data["last4"],
        authorization_code=data["authorization_code"],
        taken_by=data["taken_by"],
        desk=data["desk"],
        channel=Channel(data["channel"]),
        consent=consent and ConsentNote(consent["sentence"], _instant(consent["given_at"])),
        training=data["training"],
        refund_line=data["refund_line"],
        version=data["version"],
    )


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
