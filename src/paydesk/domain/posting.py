"""The receipt that the agency system gets for a payment: amounts by invoice, never the fee."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum, StrEnum, auto

from paydesk.domain.errors import BugError
from paydesk.domain.money import ZERO, Money, total
from paydesk.domain.payment import Payment
from paydesk.domain.tender import TenderKind
from paydesk.domain.typed.plain_texts import tidy


class PostingState(StrEnum):
    """The state of a posting. The ledger's CHECK uses the same words."""

    WAITING = "waiting"
    POSTED = "posted"
    UNCLEAR = "unclear"
    """It may or may not have arrived. PayDesk never sends it again without a person's decision."""
    REFUSED = "refused"
    """The agency system said no, or an invoice owes less than was paid. A person has to act."""
    BY_HAND = "by_hand"
    """It cannot be posted by its nature, such as money of nobody's account. A person enters it."""
    WITHDRAWN = "withdrawn"
    """The money went back: there is nothing to post, or the posting has been reversed."""


class PostingChannel(StrEnum):
    """The one channel by which an agency's receipts are posted."""

    EMS = "ems"
    FILE = "file"
    NONE = "none"


class AchAt(StrEnum):
    """The moment at which a bank debit is posted."""

    SUBMISSION = "submission"
    SETTLEMENT = "settlement"


class AnytimeAs(StrEnum):
    """The form in which money without an invoice is posted: on account, or as a note on the customer."""

    UNAPPLIED = "unapplied"
    NOTE = "note"


class NoteAs(StrEnum):
    """The form of the entry on a customer in the agency system after a payment."""

    ACTIVITY = "activity"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class PostingRules:
    """The agency's choices. The defaults of ``ach_at`` and ``anytime`` post soonest."""

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
    """One receipt as sent to the agency system. ``received_on`` is the agency's calendar date."""

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
        """The sum applied, without any fee."""
        return total(item.amount for item in self.items)

    @property
    def by_invoice(self) -> Mapping[str, Money]:
        """The sum for each invoice."""
        sums: dict[str, Money] = {}
        for item in self.items:
            if item.invoice_number is not None:
                sums[item.invoice_number] = sums.get(item.invoice_number, ZERO) + item.amount
        return sums


@dataclass(frozen=True, slots=True)
class Posted:
    """Success: the agency system has the receipt. ``ref`` is its own id, if it gave one."""

    ref: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """A clear no: nothing was posted. ``reason`` can be read aloud."""

    reason: str

    def __post_init__(self) -> None:
        """Words of another system: see ``plain_texts``."""
        tidy(self)


@dataclass(frozen=True, slots=True)
class ByHand:
    """Not sent: this receipt cannot be posted by its nature. ``reason`` can be read aloud."""

    reason: str

    def __post_init__(self) -> None:
        """See Refused."""
        tidy(self)


@dataclass(frozen=True, slots=True)
class NotReceived:
    """Surely not carried out: no connection, or rejected before processing. PayDesk may send it again."""

    why: str

    def __post_init__(self) -> None:
        """See Refused."""
        tidy(self)


@dataclass(frozen=True, slots=True)
class MayHaveArrived:
    """No clear answer to a sent receipt."""

    why: str

    def __post_init__(self) -> None:
        """See Refused."""
        tidy(self)


PostOutcome = Posted | Refused | ByHand | NotReceived | MayHaveArrived


@dataclass(frozen=True, slots=True)
class Posting:
    """A row of the outbox with its payment. Times are UTC.

    ``before`` holds the balances of the invoices just before it was sent. ``sent_at`` is set while the
    receipt may have arrived. ``sent_age_s`` is the age of ``sent_at`` by the ledger's clock, in seconds.
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
        """True if it is in a deposit file (``sink_ref``) and nobody has confirmed the import yet."""
        return self.state is PostingState.WAITING and self.in_doubt and self.channel == PostingChannel.FILE

    @property
    def held_up(self) -> bool:
        """True if it waits after a try that failed. Only then does a waiting posting have a reason."""
        return self.state is PostingState.WAITING and bool(self.reason)

    @property
    def in_doubt(self) -> bool:
        """True if it was sent and nobody knows yet if it arrived."""
        return self.state is PostingState.UNCLEAR or (
            self.state is PostingState.WAITING and self.sent_at is not None
        )


class Verdict(Enum):
    """The evidence of the balances about a posting."""

    CONTAINED = auto()
    """Each invoice's balance fell by exactly the amount paid on it."""
    UNCHANGED = auto()
    OTHERWISE = auto()
    """The balances changed by another amount, or there is nothing to compare."""


def verdict(receipt: AgencyReceipt, before: Mapping[str, Money], now: Mapping[str, Money]) -> Verdict:
    """Compare the balances ``now`` with those read ``before`` the receipt was sent."""
    paid = receipt.by_invoice
    if not paid or not (paid.keys() <= before.keys() and paid.keys() <= now.keys()):
        return Verdict.OTHERWISE
    if all(now[number] == before[number] - amount for number, amount in paid.items()):
        return Verdict.CONTAINED
    unchanged = all(now[number] == before[number] for number in paid)
    return Verdict.UNCHANGED if unchanged else Verdict.OTHERWISE


def agency_receipt(payment: Payment, received_on: date) -> AgencyReceipt:
    """Return the receipt of an approved payment as the agency system gets it."""
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
