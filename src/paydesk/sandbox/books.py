"""What the processor remembers: intents and charges. No card or account number is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from paydesk.domain.money import ZERO, Money, total
from paydesk.sandbox.outcomes import APPROVED, Outcome

ACCEPTED = frozenset({"PendingForAuthorized", "Authorized", "Captured", "Success"})


class Refusal(Exception):
    """A refusal by validation or by a business rule: HTTP status, error key and words."""

    def __init__(self, key: str, message: str, status: int = 400) -> None:
        super().__init__(key)
        self.key = key
        self.message = message
        self.status = status


@dataclass(slots=True)
class Intent:
    """An order that can be paid once. ``status`` is pending, paid or expired."""

    token: str
    title: str
    amount: Money
    tenders: tuple[str, ...]
    expires_at: datetime
    wire: Mapping[str, Any]
    """The request as it came, echoed in the reply."""
    status: str = "pending"

    @property
    def invoice_no(self) -> str | None:
        number = self.wire.get("invoiceNumber")
        return None if number is None else str(number)

    @property
    def references(self) -> tuple[str, ...]:
        """Invoice numbers of the reference list."""
        return tuple(
            str(datum.get("referenceNumber"))
            for datum in self.wire.get("referenceDataList") or ()
            if datum.get("referenceType") == "InvoiceNumber"
        )


@dataclass(frozen=True, slots=True)
class Instrument:
    """What may be remembered of a card or an account: brand, last four, holder."""

    kind: str = ""
    last_four: str = ""
    bin_number: str | None = None
    holder: str | None = None
    bank: str | None = None
    routing: str | None = None
    category: str | None = None

    @property
    def mask(self) -> str:
        return f"****{self.last_four}"


@dataclass(slots=True)
class Refund:
    """Money sent back: ``amount`` includes the fee's share that went back."""

    transaction_id: str
    charge_id: str
    amount: Money
    kind: str
    reason: str
    detail: str
    made_at: datetime


@dataclass(slots=True)
class Charge:
    """One attempt to take money, refused ones too; ``amount`` is before the fee."""

    transaction_id: str
    reference: str
    payment_type: str
    tender: str
    amount: Money
    fee: Money
    made_at: datetime
    batch_at: datetime
    token: str | None = None
    link_id: str | None = None
    outcome: Outcome = APPROVED
    status: str = "Authorized"
    previous_status: str | None = None
    settled_at: datetime | None = None
    closed_at: datetime | None = None
    """When it was voided or came back."""
    auth_code: str | None = None
    trace_number: str | None = None
    instrument: Instrument = Instrument()
    invoice_no: str | None = None
    invoice_numbers: tuple[str, ...] = ()
    extra: Mapping[str, str] = field(default_factory=dict)
    wire: Mapping[str, Any] = field(default_factory=dict)
    """Harmless parts of the request, echoed: contact, remarks, flags."""
    refunds: list[Refund] = field(default_factory=list)

    @property
    def total(self) -> Money:
        return self.amount + self.fee

    @property
    def refunded(self) -> Money:
        return total(refund.amount for refund in self.refunds)

    @property
    def taken(self) -> Money:
        """What the payer has really paid by this charge so far."""
        return self.total - self.refunded if self.status in ACCEPTED | {"Refunded"} else ZERO

    def move(self, status: str) -> None:
        self.previous_status, self.status = self.status, status

    def carries(self, text: str) -> bool:
        """Whether the text stands in a reference, an invoice number, a name or a free field."""
        held = (self.reference, self.invoice_no, self.transaction_id, self.instrument.holder, self.auth_code)
        return any(text in (value or "") for value in (*held, *self.invoice_numbers, *self.extra.values()))


@dataclass(slots=True)
class Books:
    """All intents and charges, by each key they are asked for."""

    intents: dict[str, Intent] = field(default_factory=dict)
    titles: set[str] = field(default_factory=set)
    charges: dict[str, Charge] = field(default_factory=dict)
    by_token: dict[str, Charge] = field(default_factory=dict)
    """The latest charge of each intent."""
    refunds: dict[str, Refund] = field(default_factory=dict)

    def add_intent(self, intent: Intent) -> None:
        self.intents[intent.token] = intent
        self.titles.add(intent.title)

    def add_charge(self, charge: Charge) -> None:
        self.charges[charge.transaction_id] = charge
        if charge.token is not None:
            self.by_token[charge.token] = charge

    def add_refund(self, charge: Charge, refund: Refund) -> None:
        charge.refunds.append(refund)
        self.refunds[refund.transaction_id] = refund
