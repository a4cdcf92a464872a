"""What the agency system must be told of a payment: what paid which invoice, never the fee."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum, StrEnum, auto

from paydesk.domain.errors import BugError
from paydesk.domain.money import ZERO, Money, total
from paydesk.domain.payment import Payment
from paydesk.domain.tender import TenderKind


class PostingState(StrEnum):
    """Where a posting stands; the ledger's CHECK knows the same words."""

    WAITING = "waiting"
    POSTED = "posted"
    UNCLEAR = "unclear"
    """It may or may not have arrived; never sent again on its own."""
    REFUSED = "refused"
    """The agency system said no, or PayDesk does not send it; a person has to look."""
    WITHDRAWN = "withdrawn"
    """The money went back: there is nothing to tell, or what was told has been taken back."""


class PostingChannel(StrEnum):
    """The one way an agency's receipts take."""

    EMS = "ems"
    FILE = "file"
    NONE = "none"


class AchAt(StrEnum):
    """When a bank debit is posted."""

    SUBMISSION = "submission"
    SETTLEMENT = "settlement"


class AnytimeAs(StrEnum):
    """What becomes of money without an invoice: on account, or a note on the customer."""

    UNAPPLIED = "unapplied"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class PostingRules:
    """What an agency decided; both ``ach_at`` and ``anytime`` default to what loses no time."""

    channel: PostingChannel = PostingChannel.NONE
    ach_at: AchAt = AchAt.SUBMISSION
    anytime: AnytimeAs = AnytimeAs.UNAPPLIED


@dataclass(frozen=True, slots=True)
class Item:
    """Money toward one invoice, or on account where there is no ``invoice_number``."""

    amount: Money
    invoice_number: str | None = None


@dataclass(frozen=True, slots=True)
class AgencyReceipt:
    """One receipt as the agency system is asked for it. ``received_on`` is the agency's calendar date."""

    receipt_number: str
    reference: str
    customer_number: str
    payer_name: str
    items: tuple[Item, ...]
    tender: TenderKind
    received_on: date
    description: str

    @property
    def amount(self) -> Money:
        """The money applied, without any fee."""
        return total(item.amount for item in self.items)

    @property
    def by_invoice(self) -> Mapping[str, Money]:
        """What each invoice gets."""
        sums: dict[str, Money] = {}
        for item in self.items:
            if item.invoice_number is not None:
                sums[item.invoice_number] = sums.get(item.invoice_number, ZERO) + item.amount
        return sums


@dataclass(frozen=True, slots=True)
class Posted:
    """The agency system has it; ``ref`` is its own id where it gave one."""

    ref: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """A clear no: nothing was posted. ``reason`` can be said aloud."""

    reason: str


@dataclass(frozen=True, slots=True)
class NotReceived:
    """Surely not carried out: no connection, or turned away at the door. It may be sent again."""

    why: str


@dataclass(frozen=True, slots=True)
class MayHaveArrived:
    """Sent, and no clear answer."""

    why: str


PostOutcome = Posted | Refused | NotReceived | MayHaveArrived


@dataclass(frozen=True, slots=True)
class Posting:
    """A row of the outbox with its payment. Times are UTC.

    ``before`` holds what the invoices owed just before it was sent; ``sent_at`` is set while it
    may have arrived, and ``sent_age_s`` how long ago that was by the ledger's clock.
    """

    payment: Payment
    state: PostingState
    created_at: datetime
    posted_at: datetime | None = None
    reason: str = ""
    channel: str = ""
    attempts: int = 0
    sent_at: datetime | None = None
    sent_age_s: float = 0.0
    before: Mapping[str, Money] = field(default_factory=dict)
    sink_ref: str = ""

    @property
    def in_deposit_file(self) -> bool:
        """It stands in a deposit file (``sink_ref``), and nobody has said yet that it was imported."""
        return self.state is PostingState.WAITING and self.in_doubt and self.channel == PostingChannel.FILE

    @property
    def in_doubt(self) -> bool:
        """It left, and nobody knows yet whether it arrived."""
        return self.state is PostingState.UNCLEAR or (
            self.state is PostingState.WAITING and self.sent_at is not None
        )


class Verdict(Enum):
    """What the balances say of a posting."""

    CONTAINED = auto()
    """Each invoice fell by exactly what was paid on it."""
    UNCHANGED = auto()
    OTHERWISE = auto()
    """They moved, but not by that; or there is nothing to compare."""


def verdict(receipt: AgencyReceipt, before: Mapping[str, Money], now: Mapping[str, Money]) -> Verdict:
    """Whether the balances ``now`` contain the receipt that was sent after ``before`` was read."""
    paid = receipt.by_invoice
    if not paid or not (paid.keys() <= before.keys() and paid.keys() <= now.keys()):
        return Verdict.OTHERWISE
    if all(now[number] == before[number] - amount for number, amount in paid.items()):
        return Verdict.CONTAINED
    unchanged = all(now[number] == before[number] for number in paid)
    return Verdict.UNCHANGED if unchanged else Verdict.OTHERWISE


def agency_receipt(payment: Payment, received_on: date) -> AgencyReceipt:
    """The receipt of an approved payment as the agency system gets it."""
    if not payment.receipt_number:
        raise BugError(f"payment {payment.id} has no receipt to post")
    draft = payment.draft
    means = f"{payment.brand} ending {payment.last4}" if payment.last4 else ""
    about = "" if draft.invoice_numbers else draft.reference_value
    words = ("PayDesk", payment.receipt_number, payment.reference, means.strip(), about)
    return AgencyReceipt(
        receipt_number=payment.receipt_number,
        reference=payment.reference,
        customer_number=draft.payer.customer_number,
        payer_name=draft.payer.customer_name or draft.payer.name,
        items=tuple(Item(line.amount, line.invoice_number) for line in draft.lines),
        tender=draft.kind,
        received_on=received_on,
        description=" ".join(word for word in words if word)[:100],
    )
