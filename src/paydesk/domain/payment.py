"""A payment, its states, and the table of legal moves between them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, StrEnum, auto

from paydesk.domain.consent import Channel, Consent
from paydesk.domain.errors import BugError
from paydesk.domain.money import Money, total
from paydesk.domain.outcome import Reason
from paydesk.domain.quote import Quote
from paydesk.domain.tender import TenderKind
from paydesk.domain.typed.numbers import read_invoice_number
from paydesk.domain.typed.plain_texts import straighten


class OfferKind(StrEnum):
    """The kind of address at which a payment is offered."""

    NONE = ""
    """No address: the card or account is typed into PayDesk."""
    LINK = "link"
    """A payment link. The payer pays on a device of their own."""
    HOSTED = "hosted"
    """The processor's own page, on which the clerk types the card or account."""


HOSTED_LIFE_S = 900
"""Life of a hosted page, in seconds."""

LINK_LIVES_S = (900, 3600, 86_400, 3 * 86_400, 7 * 86_400, 30 * 86_400)
"""Lives that are offered for a payment link, in seconds. 30 days are the longest."""

LONGEST_LIFE_S = LINK_LIVES_S[-1]
SHORTEST_LIFE_S = 60


class State(StrEnum):
    """The state of a payment. ``paydesk verify`` and the ledger's CHECK use the same words."""

    HELD = "held"
    OFFERED = "offered"
    CLOSING = "closing"
    SUBMITTED = "submitted"
    AUTHORIZED = "authorized"
    DECLINED = "declined"
    UNKNOWN = "unknown"
    RELEASED = "released"
    NOT_CHARGED = "not_charged"
    LATE = "late"
    VOIDING = "voiding"
    VOIDED = "voided"
    SETTLED = "settled"
    PARTLY_REFUNDED = "partly_refunded"
    REFUNDED = "refunded"
    RETURNED = "returned"
    CHARGED_BACK = "charged_back"


WENT_BACK = frozenset({State.PARTLY_REFUNDED, State.REFUNDED, State.CHARGED_BACK})
"""States in which money went back after the charge had settled: by a refund, or by a chargeback."""

NEXT: Mapping[State, frozenset[State]] = {
    State.HELD: frozenset({State.SUBMITTED, State.OFFERED, State.RELEASED}),
    # Somebody may pay at the address until it is proven dead. Nothing turns closing back.
    State.OFFERED: frozenset({State.CLOSING, State.AUTHORIZED}),
    State.CLOSING: frozenset({State.NOT_CHARGED, State.AUTHORIZED}),
    # Released only if it is proven that no byte of the charge was sent.
    State.SUBMITTED: frozenset({State.AUTHORIZED, State.DECLINED, State.UNKNOWN, State.RELEASED}),
    State.UNKNOWN: frozenset({State.AUTHORIZED, State.DECLINED, State.NOT_CHARGED}),
    State.NOT_CHARGED: frozenset({State.LATE}),
    State.LATE: frozenset({State.VOIDING, State.SETTLED, *WENT_BACK}),
    State.AUTHORIZED: frozenset({State.VOIDING, State.SETTLED, State.RETURNED, *WENT_BACK}),
    # Not voided after all: return to the state before, so that a late charge stays an alarm.
    State.VOIDING: frozenset({State.VOIDED, State.AUTHORIZED, State.LATE}),
    State.SETTLED: frozenset({State.RETURNED, *WENT_BACK}),
    # A dispute of another part is an alarm of its own.
    State.PARTLY_REFUNDED: frozenset({State.RETURNED, *WENT_BACK}),
    # Proof said that nothing was charged. If a charge appears anyway, it must still be recorded.
    State.DECLINED: frozenset({State.LATE}),
    State.RELEASED: frozenset({State.LATE}),
    State.VOIDED: frozenset(),
    State.REFUNDED: frozenset({State.RETURNED, State.CHARGED_BACK}),  # the money goes back twice
    State.RETURNED: frozenset(),
    State.CHARGED_BACK: frozenset(),
}

OFFERED = frozenset({State.OFFERED, State.CLOSING})
"""States in which an address exists at which somebody may pay."""

OPEN = frozenset({State.HELD, State.SUBMITTED, State.UNKNOWN, *OFFERED})
"""Undecided states: the payment holds its invoices."""

NOT_TAKEN = frozenset({State.RELEASED, State.DECLINED, State.NOT_CHARGED})
"""States decided without money: the invoices are free again."""

PAID = frozenset({State.AUTHORIZED, State.LATE, State.VOIDING, State.SETTLED, State.PARTLY_REFUNDED})
"""States in which money was taken and not wholly given back. Voiding counts until the void is proven."""

GIVEN_BACK = frozenset({State.VOIDED, State.RETURNED, State.REFUNDED, State.CHARGED_BACK})
"""States in which all the money went back. Its receipt in the agency system must be reversed."""

VOIDABLE = frozenset({State.AUTHORIZED, State.LATE})
"""States in which the clerk can ask for a void. Only the processor knows if the batch is still open."""


@dataclass(frozen=True, slots=True)
class PaymentLine:
    """The amount paid on one invoice, or without one (anytime: ``invoice_number`` is None).

    ``owed`` is the balance the clerk saw, ``read_at`` the start of its reading (UTC).
    """

    amount: Money
    description: str
    invoice_number: str | None = None
    owed: Money | None = None
    read_at: datetime | None = None
    policy_number: str = ""
    insurer: str = ""

    def __post_init__(self) -> None:
        """A person may have typed these texts: see ``plain_texts``."""
        straighten(self)


class ReferenceKind(StrEnum):
    """The kind of thing an anytime payment's reference names."""

    POLICY = "policy"
    INVOICE = "invoice"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Payer:
    """The person who pays, and how to reach them.

    An anytime payment has no ``customer_name``, and the ``customer_number`` that the payer said, or none.
    """

    name: str
    phone: str = ""
    email: str = ""
    customer_number: str = ""
    customer_name: str = ""

    def __post_init__(self) -> None:
        """See PaymentLine."""
        straighten(self)


@dataclass(frozen=True, slots=True)
class Draft:
    """A payment before it is held. Contains no card or account number."""

    lines: tuple[PaymentLine, ...]
    payer: Payer
    quote: Quote
    channel: Channel
    reference_kind: ReferenceKind | None = None
    reference_value: str = ""
    consent: Consent | None = None
    from_cache: bool = False
    """True if charged on cached balances after an explicit yes."""

    def __post_init__(self) -> None:
        straighten(self)
        if total(line.amount for line in self.lines) != self.quote.subtotal or self.quote.subtotal.cents <= 0:
            raise BugError("the quote does not belong to these lines")
        if any(line.amount.cents <= 0 for line in self.lines):
            raise BugError("a payment line must be above zero")
        if any(line.owed is not None and line.amount > line.owed for line in self.lines):
            raise BugError("a payment line must not be above what is owed")

    @property
    def invoice_numbers(self) -> tuple[str, ...]:
        """Numbers of the invoices this pays, in the order of their lines."""
        return tuple(line.invoice_number for line in self.lines if line.invoice_number is not None)

    @property
    def named_invoices(self) -> tuple[str, ...]:
        """Numbers of the invoices this pays, or of each one that an anytime payment's reference may mean."""
        if self.reference_kind is ReferenceKind.INVOICE:
            return read_invoice_number(self.reference_value).every
        return self.invoice_numbers

    @property
    def kind(self) -> TenderKind:
        """The payment method."""
        return self.quote.kind


class Difference(Enum):
    """A difference between what was quoted and what the processor says it took."""

    NONE = auto()
    AMOUNT = auto()
    """Another amount was charged than was quoted."""
    ROUNDING = auto()
    """The amounts differ by one cent: the processor rounds the fee in another way."""
    NOT_TOLD = auto()
    """The processor does not tell the fee. Nothing contradicts the quoted one."""
    OTHER_FEE = auto()
    """The processor does not tell the fee, and names another one than was quoted."""


@dataclass(frozen=True, slots=True)
class Payment:
    """A row of the ledger: a draft, the person and desk that took it, and its outcome. Times are UTC."""

    id: int
    reference: str
    state: State
    draft: Draft
    desk: str
    user: str
    held_at: datetime
    intent_title: str = ""
    intent_token: str = ""
    submitted_at: datetime | None = None
    """Time when the charge was about to be sent, or when the address began to be offered."""
    offer_kind: OfferKind = OfferKind.NONE
    offer_address: str = ""
    """Address at which somebody may pay, if there is one. The token is then that of the page or link."""
    offer_life_s: int = 0
    closing_at: datetime | None = None
    """Time when the address began to be taken back."""
    decided_at: datetime | None = None
    expired_at: datetime | None = None
    """Time when the processor confirmed that the intent can no longer be paid."""
    processor_ref: str = ""
    charged: Money | None = None
    charged_fee: Money | None = None
    """The technology fee taken. None if the processor has not told it: ``charged`` is then as quoted."""
    named_fee: Money | None = None
    """The fee that an answer names which does not tell the fee consistently, if any."""
    acknowledged_at: datetime | None = None
    """Time when a person acknowledged the difference from the quote."""
    authorization_code: str = ""
    brand: str = ""
    last4: str = ""
    entry_class: str = ""
    reason: str = ""
    """Sentence that explains the state, such as a decline or release. Can be read to the customer."""
    reason_code: Reason = Reason.NONE
    """The same reason as a value, for decisions."""
    receipt_number: str = ""

    @property
    def offered_until(self) -> datetime | None:
        """End of the address's life by the ledger's clock. It is for people alone, and proves nothing."""
        if not self.offer_life_s or self.submitted_at is None:
            return None
        return self.submitted_at + timedelta(seconds=self.offer_life_s)

    @property
    def charged_otherwise(self) -> bool:
        """True if the charged amount differs from the quote."""
        return self.charged is not None and self.charged != self.draft.quote.total

    @property
    def fee_not_told(self) -> bool:
        """True if money was taken, and the processor has not told the fee in it."""
        return self.charged is not None and self.charged_fee is None

    @property
    def difference(self) -> Difference:
        """The difference from the quote that no person has acknowledged yet."""
        if self.charged is None or self.acknowledged_at is not None:
            return Difference.NONE
        off_cents = abs(self.charged.cents - self.draft.quote.total.cents)
        if off_cents:
            return Difference.AMOUNT if off_cents > 1 else Difference.ROUNDING
        if not self.fee_not_told:
            return Difference.NONE
        return Difference.NOT_TOLD if self.named_fee in (None, self.draft.quote.fee) else Difference.OTHER_FEE
