"""What the services ask of the world; adapters fit these by shape, and mypy proves it in ``app``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from paydesk.domain.errors import KnownError
from paydesk.domain.importing import Columns, CustomerRow, ImportRun, InvoiceRow, Scope
from paydesk.domain.invoice import Customer, Invoice
from paydesk.domain.money import Money
from paydesk.domain.outcome import (
    Approved,
    Charge,
    Declined,
    Expiry,
    Finding,
    Outcome,
    Standing,
    Unclear,
    VoidOutcome,
)
from paydesk.domain.payment import Draft, Payment, State
from paydesk.domain.posting import AgencyReceipt, Posting, PostingChannel, PostingState, PostOutcome
from paydesk.domain.receipt import Receipt, ReceiptKind
from paydesk.domain.selection import Mark
from paydesk.domain.tender import Tender


class Clock(Protocol):
    """Time, in two kinds that are never mixed."""

    def now(self) -> datetime:
        """The wall clock in UTC, to print and to record; no decision rests on it."""
        ...

    def elapsed_s(self) -> float:
        """Seconds that only move forward, time asleep included where the system tells."""
        ...


class InvoiceSource(Protocol):
    """Where invoices live. Every method raises KnownError when the source cannot answer."""

    def invoice(self, number: str) -> Invoice | None:
        """The invoice with that number, paid or not; None when there is none."""
        ...

    def customer(self, number: str) -> Customer | None:
        """The customer with that number; None when there is none."""
        ...

    def open_invoices(self, customer: Customer) -> Sequence[Invoice]:
        """What the customer owes the agency: not cancelled, not direct bill, balance not zero."""
        ...


@dataclass(frozen=True, slots=True)
class ChargeRequest:
    """One charge as the processor is asked for it; ``title`` is unique for ever."""

    title: str
    reference: str
    draft: Draft
    description: str


class Processor(Protocol):
    """Moves money. Nothing here retries a charge."""

    def create_intent(self, request: ChargeRequest) -> str:
        """The token of a new intent. Raises KnownError; no money moves either way."""
        ...

    def pay(self, token: str, request: ChargeRequest, tender: Tender) -> Outcome:
        """Pay the intent, once. Never raises for what the network or the processor do."""
        ...

    def look_up(self, token: str, request: ChargeRequest) -> Finding:
        """What became of the intent. Unclear when the processor cannot be asked."""
        ...

    def expire(self, token: str) -> Expiry:
        """Make the intent unpayable. Raises KnownError when there is no clear answer."""
        ...

    def charges(self, first: date, last: date) -> Sequence[Charge]:
        """All payments of these days, whoever took them. Raises KnownError."""
        ...


class ReversingProcessor(Processor, Protocol):
    """Gives money back, too. A void names its charge, so that it may be repeated."""

    def void(self, processor_ref: str, why: str) -> VoidOutcome:
        """Cancel a charge before it settles, once. Never raises for what the network or the processor do."""
        ...

    def standing(self, processor_ref: str, request: ChargeRequest) -> Standing:
        """Where an approved charge stands now. UNCLEAR when the processor cannot be asked."""
        ...


@dataclass(frozen=True, slots=True)
class Happening:
    """One event of a payment's life; ``at`` is UTC."""

    at: datetime
    desk: str
    user: str
    kind: str
    detail: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Undecided:
    """An open payment or void, and whether the desk that began it is still at it.

    ``age_s`` is its age by the ledger's clock; ``owner_alive`` is False once the desk's
    session ended or its lease ran out. ``void_attempt`` numbers the void of a payment that is VOIDING.
    """

    payment: Payment
    mine: bool
    owner_alive: bool
    age_s: float
    void_attempt: int = 0


@dataclass(frozen=True, slots=True)
class Voiding:
    """A void that was begun; the payment's reason is the clerk's."""

    attempt: int
    payment: Payment


class InvoiceTaken(KnownError):
    """An invoice is paid or being paid; the sentence says by whom and when."""


class StaleMove(KnownError):
    """The payment is no longer in the state this step needs: another desk or step was faster."""


ReceiptFor = Callable[[Payment], Receipt]


class Ledger(Protocol):
    """PayDesk's own database: one method, one transaction. Raises KnownError when it is away."""

    def claim(self, draft: Draft, reference: str) -> Payment:
        """Step A: record the payment and lock its invoices.

        Raises InvoiceTaken when an invoice is paid or being paid, by any desk.
        """
        ...

    def submit(self, payment: Payment, title: str, token: str, fresh: Sequence[Invoice]) -> Payment:
        """Step B: the one charge attempt, after what is owed was checked again under the lock.

        Raises InvoiceTaken or StaleMove; then nothing may be sent.
        """
        ...

    def record(
        self, payment: Payment, outcome: Approved | Declined | Unclear, receipt_for: ReceiptFor
    ) -> Payment:
        """Step C: the outcome, its receipt and its posting in one transaction, read back.

        ``payment`` as the caller saw it last; where it has moved since, what stands counts. A repeat
        of the same outcome changes nothing.
        """
        ...

    def release(self, payment_id: int, why: str, *, unless_submitted: bool = False) -> Payment:
        """Give the invoices back; only while nothing can have been sent.

        The sender itself knows that of a submitted payment too; anybody else does not, and
        says ``unless_submitted``: then a payment submitted meanwhile raises StaleMove.
        """
        ...

    def mark_expired(self, payment_id: int) -> Payment:
        """The processor confirmed that the intent of an unknown payment can no longer be paid."""
        ...

    def not_charged(self, payment_id: int, why: str) -> Payment:
        """Unknown to not charged, after the intent was expired and looked up again."""
        ...

    def begin_void(self, payment_id: int, why: str) -> Voiding:
        """Step V: an approved or late payment is VOIDING, before the processor is asked to.

        Raises StaleMove when it cannot be voided, or is being voided already.
        """
        ...

    def voided(self, payment_id: int) -> Payment:
        """The processor has cancelled the charge: the payment, its void receipt and its posting, read back.

        A posting that was not sent yet is withdrawn. So is a payment recorded that was cancelled
        without PayDesk. A repeat changes nothing.
        """
        ...

    def not_voided(self, attempt: int, why: str) -> Payment:
        """The processor refused that void: the payment is what it was before. A repeat changes nothing."""
        ...

    def payment(self, payment_id: int) -> Payment:
        """The row as it stands. Raises BugError for an unknown id."""
        ...

    def find(self, reference: str) -> Payment | None:
        """The payment with that reference of ours."""
        ...

    def payments(self, *, limit: int, matching: str = "", states: Iterable[State] = ()) -> Sequence[Payment]:
        """The newest payments first; ``matching`` a part of a name, number, receipt or last four."""
        ...

    def payments_between(self, start: datetime, end: datetime) -> Sequence[Payment]:
        """All payments claimed from ``start`` to just before ``end``, oldest first."""
        ...

    def came_back(self, since: datetime) -> Sequence[Payment]:
        """Payments that the bank sent back from ``since`` on, oldest first."""
        ...

    def charged_otherwise(self) -> Sequence[Payment]:
        """Payments that count as paid and took another amount than was quoted, oldest first."""
        ...

    def undecided(self) -> Sequence[Undecided]:
        """Payments that are claimed, submitted or unknown, oldest first; then those being voided."""
        ...

    def marks(self, balances: Iterable[Invoice]) -> Mapping[str, Mark]:
        """What the ledger knows of these invoices, by number."""
        ...

    def receipt(self, payment_id: int, kind: ReceiptKind = ReceiptKind.PAYMENT) -> Receipt:
        """The receipt as recorded, or that of the void. Raises KnownError when the payment has none."""
        ...

    def count_copy(self, payment_id: int, kind: ReceiptKind = ReceiptKind.PAYMENT) -> int:
        """Count one more reprint of the receipt, and tell which copy it is: 1, 2, …"""
        ...

    def events(self, payment_id: int) -> Sequence[Happening]:
        """What happened to a payment, oldest first."""
        ...

    def note(self, payment_id: int | None, kind: str, detail: Mapping[str, str]) -> None:
        """Append an event that changes no state (a print, a check, an override)."""
        ...


class Cache(Protocol):
    """Customers and invoices as last seen. Raises KnownError when the ledger database is away."""

    def invoice(self, number: str) -> Invoice | None:
        """The invoice as last seen."""
        ...

    def customer(self, number: str) -> Customer | None:
        """The customer as last seen."""
        ...

    def open_invoices(self, customer_number: str) -> Sequence[Invoice]:
        """The customer's invoices with a balance, as last seen."""
        ...

    def keep(self, invoice: Invoice) -> None:
        """Keep one reading; an older one never replaces a newer one."""
        ...

    def keep_all(self, customer: Customer, invoices: Sequence[Invoice], read_at: datetime) -> None:
        """Keep all that a customer owes, read at ``read_at``; what is not among it is closed."""
        ...


class Changes(Protocol):
    """Where customers are told that changed. Raises KnownError where that cannot be told."""

    def customers_changed(self, since: datetime) -> Sequence[Customer]:
        """Customers changed since then (UTC); more than those may come."""
        ...


class RefreshList(Protocol):
    """Whom a refresh of the cache still has to read. Raises KnownError when the ledger database is away."""

    def get(self, name: str) -> Mapping[str, str]:
        """What was saved under that name; empty when nothing was."""
        ...

    def save(self, name: str, held: Mapping[str, str]) -> None:
        """Save it durably."""
        ...

    def count(self, before: datetime, due_from: date, due_until: date) -> int:
        """How many customers have open invoices due between these dates, or without a date, read before."""
        ...

    def next(self, after: str, before: datetime, due_from: date, due_until: date) -> str | None:
        """The number of the next of them after that number."""
        ...


class FoundBy(Protocol):
    """What was seen of the agency system, by terms of ``domain.searching``. Raises KnownError."""

    def customers(self, terms: Sequence[Sequence[str]], limit: int, *, whole: bool = False) -> list[Customer]:
        """Customers that have one of each group of terms; its first may be a beginning unless ``whole``."""
        ...

    def invoices(self, terms: Sequence[Sequence[str]], limit: int, *, whole: bool = False) -> list[Invoice]:
        """Open invoices likewise."""
        ...

    def similar(self, word: str, longest: int | None) -> list[str]:
        """Words of names that share a part with this one and have about as many letters, or more."""
        ...

    def owed(self, numbers: Sequence[str]) -> Mapping[str, tuple[int, Money]]:
        """How many open invoices these customers have, and their sum."""
        ...


class ReceiptSink(Protocol):
    """Where receipts are posted. Never raises for what the network or the agency system do."""

    def post(self, receipt: AgencyReceipt) -> PostOutcome:
        """Post the receipt, once."""
        ...

    def note(self, receipt: AgencyReceipt) -> PostOutcome:
        """Write a note of the receipt onto its customer; no money is posted."""
        ...


class NoteSink(Protocol):
    """Where an audit note goes after a payment. Never raises for what the network does."""

    def note(self, receipt: AgencyReceipt) -> PostOutcome:
        """Write a note of the receipt onto its customer."""
        ...


class Outbox(Protocol):
    """The postings of the ledger: one method, one transaction. Raises KnownError when it is away."""

    def postings(self, states: Iterable[PostingState], *, limit: int = 500) -> Sequence[Posting]:
        """The postings in these states, oldest payment first."""
        ...

    def posting(self, payment_id: int) -> Posting | None:
        """The posting of a payment; None when it has none."""
        ...

    def of(self, payment_ids: Iterable[int]) -> Mapping[int, Posting]:
        """The postings of these payments, by payment."""
        ...

    def take(self, payment_id: int, channel: PostingChannel, before: Mapping[str, Money]) -> bool:
        """Make durable that the posting is about to be sent; False when another desk has it."""
        ...

    def settle(self, payment_id: int, outcome: PostOutcome) -> Posting:
        """Record what became of a posting that was sent."""
        ...

    def prove(self, payment_id: int, read_at: datetime, evidence: Mapping[str, str]) -> Posting:
        """Posted, proven by balances whose reading started at ``read_at`` (UTC)."""
        ...

    def entered_by_hand(self, payment_id: int, note: str) -> Posting:
        """A person says that the receipt is in the agency system."""
        ...

    def stop(self, payment_id: int, state: PostingState, reason: str) -> Posting:
        """Refused or withdrawn without having been sent."""
        ...

    def to_take_back(self) -> Sequence[Posting]:
        """Postings that are, or may be, in the agency system though their payment was voided."""
        ...

    def taken_back(self, payment_id: int, note: str) -> Posting:
        """A person says that the agency system does not have the receipt of a voided payment any more."""
        ...

    def explain(self, payment_id: int, reason: str) -> None:
        """Say why a posting still waits."""
        ...

    def wait_again(self, payment_id: int, evidence: Mapping[str, str]) -> Posting:
        """Back to waiting, after a person asked for it and it was found safe."""
        ...

    def without_note(self, *, limit: int = 20) -> Sequence[Posting]:
        """Waiting postings that were neither sent nor noted yet, oldest payment first."""
        ...

    def take_note(self, payment_id: int) -> bool:
        """Make durable that its note is about to be written; False when another desk has it."""
        ...

    def give_note_back(self, payment_id: int, why: str) -> None:
        """The note surely did not arrive: it may be written later."""
        ...

    def hand_over(self, payment_ids: Sequence[int], deposit: str) -> Sequence[Posting]:
        """Give waiting postings to a deposit file; those another desk has are left out."""
        ...

    def handed_over(self, deposit: str) -> Sequence[Posting]:
        """What a deposit file holds, oldest first."""
        ...

    def next_deposit(self) -> str:
        """The number of the next deposit file, used once: D-0001."""
        ...


class Imports(Protocol):
    """Imported files in the cache. Raises KnownError when the ledger database is away."""

    def columns(self, shape: str) -> Columns | None:
        """The columns that a person confirmed for files of this shape."""
        ...

    def keep_columns(self, shape: str, columns: Columns) -> None:
        """Remember what a person confirmed."""
        ...

    def runs(self, limit: int = 50) -> Sequence[ImportRun]:
        """The newest imports first."""
        ...

    def begin(self, file_name: str, digest: str, shape: str, scope: Scope, as_of: datetime) -> ImportRun:
        """Start an import. Raises KnownError while another one is not finished."""
        ...

    def add(
        self, run: ImportRun, invoices: Sequence[InvoiceRow], customers: Sequence[CustomerRow]
    ) -> tuple[set[str], set[str]] | None:
        """Write one chunk; None when all of it was written.

        Else the numbers that stood in an earlier chunk, and those PayDesk read later than the file:
        these were left out, and of a number that is twice in this chunk the first was written.
        """
        ...

    def finish(self, run: ImportRun, accepted: int, rejected: int, open_total: Money) -> ImportRun:
        """End an import: close what the file no longer names, and count."""
        ...

    def undo(self, run_id: int) -> ImportRun:
        """Put back what the newest import wrote. Raises KnownError for any other."""
        ...
