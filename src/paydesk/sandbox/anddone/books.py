"""The processor's books: intents and charges. They contain no card or account number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from paydesk.domain.money import ZERO, Money, total
from paydesk.sandbox.anddone.merchant import ACH
from paydesk.sandbox.anddone.outcomes import APPROVED, Outcome

ACCEPTED = frozenset({"PendingForAuthorized", "Authorized", "Captured", "Success", "Reprocessed"})
_GIVEN_BACK = frozenset({"RefundAttempt", "Refunded", "RefundedReversed"})
_DISPUTED = frozenset({"Chargeback", "ChargebackReversed"})


class Refusal(Exception):
    """A refusal by validation or by a business rule: HTTP status, error key and words."""

    def __init__(self, key: str, message: str, status: int = 400) -> None:
        super().__init__(key)
        self.key = key
        self.message = message
        self.status = status


@dataclass(slots=True, kw_only=True)
class Offer:
    """An order that somebody may pay: an intent or a payment link.

    ``status`` is pending, paid, expired, disabled (a link) or (by a habit) declined.
    """

    token: str
    """The part of its page's address that names it."""
    title: str
    amount: Money
    tenders: tuple[str, ...]
    expires_at: datetime
    wire: Mapping[str, Any]
    """The original request, echoed in the reply."""
    status: str = "pending"
    under_way: list[Charge] = field(default_factory=list)
    """Payments that the payer has started, and that are made once ``made_at`` has come."""

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


@dataclass(slots=True, kw_only=True)
class Intent(Offer):
    """A payment intent, paid by its token or on the hosted page."""


@dataclass(slots=True, kw_only=True)
class Link(Offer):
    """A unique payment link. The token in its address is another one than its id."""

    id: str
    made_at: datetime
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """A message that AndDone would send to a payer: an email or a text with a link."""

    link_id: str
    how: str
    to: str
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class Instrument:
    """The part of a card or an account that may be stored: brand, last four, holder."""

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
    """Money sent back. ``amount`` includes the fee's share that went back.

    ``status`` is PendingForAuthorized, Authorized, Success or Failed.
    """

    transaction_id: str
    charge_id: str
    amount: Money
    kind: str
    reason: str
    detail: str
    made_at: datetime
    status: str = "PendingForAuthorized"
    in_portal: bool = False
    """True if a person made it in AndDone's portal."""
    remarks: str | None = None
    settled_at: datetime | None = None


@dataclass(slots=True)
class Charge:
    """One attempt to take money, including refused ones. ``amount`` is before the fee."""

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
    """Time of its void or return."""
    auth_code: str | None = None
    trace_number: str | None = None
    instrument: Instrument = Instrument()
    invoice_no: str | None = None
    invoice_numbers: tuple[str, ...] = ()
    extra: Mapping[str, str] = field(default_factory=dict)
    wire: Mapping[str, Any] = field(default_factory=dict)
    """Harmless parts of the request, echoed: contact, remarks, flags."""
    refunds: list[Refund] = field(default_factory=list)
    charged_back: Money = ZERO
    back_code: str | None = None
    """The code of its return or chargeback."""

    @property
    def total(self) -> Money:
        return self.amount + self.fee

    @property
    def refunded(self) -> Money:
        """The sum of its refunds, without those that failed."""
        return total(refund.amount for refund in self.refunds if refund.status != "Failed")

    @property
    def taken(self) -> Money:
        """The money the payer has actually paid by this charge so far. Negative if more went back."""
        if self.status in _DISPUTED:
            return self.total - self.refunded - self.charged_back
        return self.total - self.refunded if self.status in ACCEPTED | _GIVEN_BACK else ZERO

    @property
    def process_method(self) -> str:
        return "ACH" if self.tender == ACH else "CardNotPresent"

    @property
    def origin(self) -> str:
        return {"PaymentIntent": "PaymentIntent", "OpenPayment": "API"}.get(self.payment_type, "WebForm")

    def move(self, status: str) -> None:
        self.previous_status, self.status = self.status, status

    def carries(self, text: str) -> bool:
        """Return True if a reference, an invoice number, a name or a free field contains the text."""
        held = (self.reference, self.invoice_no, self.transaction_id, self.instrument.holder, self.auth_code)
        return any(text in (value or "") for value in (*held, *self.invoice_numbers, *self.extra.values()))


@dataclass(slots=True)
class Books:
    """All intents and charges, by each key used to look them up."""

    intents: dict[str, Intent] = field(default_factory=dict)
    titles: set[str] = field(default_factory=set)
    links: dict[str, Link] = field(default_factory=dict)
    link_titles: set[str] = field(default_factory=set)
    by_address: dict[str, Link] = field(default_factory=dict)
    """Links by the token in their address."""
    notices: list[Notice] = field(default_factory=list)
    under_way: dict[str, Offer] = field(default_factory=dict)
    """Offers that are being paid, by their token."""
    charges: dict[str, Charge] = field(default_factory=dict)
    by_token: dict[str, Charge] = field(default_factory=dict)
    """The latest charge of each intent."""
    by_link: dict[str, list[Charge]] = field(default_factory=dict)
    """The charges of each link, by its id."""
    refunds: dict[str, Refund] = field(default_factory=dict)

    def add_intent(self, intent: Intent) -> None:
        self.intents[intent.token] = intent
        self.titles.add(intent.title)
        self.watch(intent)

    def add_link(self, link: Link) -> None:
        self.links[link.id] = self.by_address[link.token] = link
        self.link_titles.add(link.title)
        self.watch(link)

    def add_charge(self, charge: Charge) -> None:
        self.charges[charge.transaction_id] = charge
        if charge.token is not None:
            self.by_token[charge.token] = charge
        if charge.link_id is not None:
            self.by_link.setdefault(charge.link_id, []).append(charge)

    def add_refund(self, charge: Charge, refund: Refund) -> None:
        charge.refunds.append(refund)
        self.refunds[refund.transaction_id] = refund

    def watch(self, offer: Offer) -> None:
        """Remember an offer that is being paid, so that its payment is made when its time has come."""
        if offer.under_way:
            self.under_way[offer.token] = offer
