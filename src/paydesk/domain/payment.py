"""A payment, its states, and the table of legal moves between them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from paydesk.domain.consent import Channel, Consent
from paydesk.domain.errors import BugError
from paydesk.domain.invoice import invoice_number_in
from paydesk.domain.money import Money, total
from paydesk.domain.quote import Quote
from paydesk.domain.tender import TenderKind


class State(StrEnum):
    """Where a payment stands; ``paydesk verify`` and the ledger's CHECK know the same words."""

    CLAIMED = "claimed"
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


NEXT: Mapping[State, frozenset[State]] = {
    State.CLAIMED: frozenset({State.SUBMITTED, State.RELEASED}),
    # Back to released only while it is proven that no byte of the charge was sent.
    State.SUBMITTED: frozenset({State.AUTHORIZED, State.DECLINED, State.UNKNOWN, State.RELEASED}),
    State.UNKNOWN: frozenset({State.AUTHORIZED, State.DECLINED, State.NOT_CHARGED}),
    State.NOT_CHARGED: frozenset({State.LATE}),
    State.LATE: frozenset({State.VOIDING, State.SETTLED}),
    State.AUTHORIZED: frozenset({State.VOIDING, State.SETTLED, State.RETURNED}),
    # Not voided after all: back to what it was, and a late charge stays an alarm.
    State.VOIDING: frozenset({State.VOIDED, State.AUTHORIZED, State.LATE}),
    State.SETTLED: frozenset({State.PARTLY_REFUNDED, State.REFUNDED, State.RETURNED}),
    State.PARTLY_REFUNDED: frozenset({State.REFUNDED, State.RETURNED}),
    # Nothing was charged, as far as was proven; a charge that appears all the same is never dropped.
    State.DECLINED: frozenset({State.LATE}),
    State.RELEASED: frozenset({State.LATE}),
    State.VOIDED: frozenset(),
    State.REFUNDED: frozenset(),
    State.RETURNED: frozenset(),
}

OPEN = frozenset({State.CLAIMED, State.SUBMITTED, State.UNKNOWN})
"""Undecided: the payment holds its invoices."""

NOT_TAKEN = frozenset({State.RELEASED, State.DECLINED, State.NOT_CHARGED})
"""Decided without money: the invoices are free again."""

PAID = frozenset({State.AUTHORIZED, State.LATE, State.VOIDING, State.SETTLED, State.PARTLY_REFUNDED})
"""Money was taken and not (wholly) given back; voiding counts as paid until the void is proven."""

GIVEN_BACK = frozenset({State.VOIDED, State.RETURNED})
"""The money went back, all of it: a receipt of it in the agency system has to be reversed."""

VOIDABLE = frozenset({State.AUTHORIZED, State.LATE})
"""A void can be asked for; whether the batch is still open, only the processor knows."""


@dataclass(frozen=True, slots=True)
class PaymentLine:
    """What one payment pays on one invoice, or without one (anytime: ``invoice_number`` None).

    ``owed`` is the balance the clerk saw and ``read_at`` when its reading started (UTC).
    """

    amount: Money
    description: str
    invoice_number: str | None = None
    owed: Money | None = None
    read_at: datetime | None = None
    policy_number: str = ""
    insurer: str = ""


class ReferenceKind(StrEnum):
    """What an anytime payment's reference names."""

    POLICY = "policy"
    INVOICE = "invoice"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Payer:
    """Who pays and how to reach them; ``customer_number`` is empty for an anytime payment."""

    name: str
    phone: str = ""
    email: str = ""
    customer_number: str = ""
    customer_name: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """Everything about a payment that is known before it is claimed; no card or account number."""

    lines: tuple[PaymentLine, ...]
    payer: Payer
    quote: Quote
    channel: Channel
    reference_kind: ReferenceKind | None = None
    reference_value: str = ""
    consent: Consent | None = None
    from_cache: bool = False
    """Charged on cached balances after an explicit yes."""

    def __post_init__(self) -> None:
        if total(line.amount for line in self.lines) != self.quote.subtotal or self.quote.subtotal.cents <= 0:
            raise BugError("the quote does not belong to these lines")
        if any(line.amount.cents <= 0 for line in self.lines):
            raise BugError("a payment line must be above zero")
        if any(line.owed is not None and line.amount > line.owed for line in self.lines):
            raise BugError("a payment line must not be above what is owed")

    @property
    def invoice_numbers(self) -> tuple[str, ...]:
        """The invoices this pays, in the order of their lines."""
        return tuple(line.invoice_number for line in self.lines if line.invoice_number is not None)

    @property
    def named_invoices(self) -> tuple[str, ...]:
        """The invoices this pays, or that an anytime payment says it is for."""
        if self.reference_kind is ReferenceKind.INVOICE:
            number = invoice_number_in(self.reference_value)
            return (number,) if number else ()
        return self.invoice_numbers

    @property
    def kind(self) -> TenderKind:
        """How it is to be paid."""
        return self.quote.kind


@dataclass(frozen=True, slots=True)
class Payment:
    """A row of the ledger: a draft, who took it, and what became of it. Times are UTC."""

    id: int
    reference: str
    state: State
    draft: Draft
    desk: str
    user: str
    claimed_at: datetime
    intent_title: str = ""
    intent_token: str = ""
    submitted_at: datetime | None = None
    decided_at: datetime | None = None
    expired_at: datetime | None = None
    """When the processor confirmed that the intent can no longer be paid."""
    processor_ref: str = ""
    charged: Money | None = None
    charged_fee: Money | None = None
    authorization_code: str = ""
    brand: str = ""
    last4: str = ""
    entry_class: str = ""
    reason: str = ""
    """Why it was declined, released or is unclear; can be said aloud."""
    receipt_number: str = ""

    @property
    def charged_otherwise(self) -> bool:
        """What was charged is not what was quoted: a person has to look."""
        return self.charged is not None and self.charged != self.draft.quote.total
