"""The ledger: PayDesk's own database of payments. docs/safety.md describes the steps of the protocol."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from paydesk.domain.attempts import Decline, ReturnedDebit
from paydesk.domain.errors import KnownError
from paydesk.domain.events import EventKind
from paydesk.domain.invoices.invoice import Invoice
from paydesk.domain.invoices.selection import InvoiceStatus
from paydesk.domain.money import Money
from paydesk.domain.outcome import AchReturned, Approved, Declined, Reason, Unclear
from paydesk.domain.payment import Draft, Payment, State
from paydesk.domain.receipt import Receipt, ReceiptKind
from paydesk.domain.refund import Refund, RefundAsk, RefundState, SeenRefund
from paydesk.domain.typed.payment_search import Wanted
from paydesk.services.ports.processor import Address


@dataclass(frozen=True, slots=True)
class LedgerEvent:
    """One recorded event of a payment. ``at`` is UTC."""

    at: datetime
    desk: str
    user: str
    kind: EventKind
    detail: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt to charge the tender of that fingerprint.

    ``check`` gets the declines of all desks in the last day, by the ledger's clock, before anything is
    recorded. It raises KnownError if the attempt may not be made.
    """

    fingerprint: str
    check: Callable[[Sequence[Decline]], None]


@dataclass(frozen=True, slots=True)
class Undecided:
    """An open payment or void, and the state of the desk that began it.

    ``age_s`` is its age by the ledger's clock. ``owner_alive`` is False once that desk's session ended or its
    lease ran out. ``void_attempt`` numbers the void of a payment that is VOIDING.
    """

    payment: Payment
    mine: bool
    owner_alive: bool
    age_s: float
    void_attempt: int = 0


@dataclass(frozen=True, slots=True)
class Voiding:
    """A void that was begun. The payment's reason is the clerk's."""

    attempt: int
    payment: Payment


@dataclass(frozen=True, slots=True)
class FollowedRefund:
    """A refund that is not at its end, and the state of the desk that began it.

    ``age_s`` is its age by the ledger's clock.
    """

    refund: Refund
    payment: Payment
    mine: bool
    owner_alive: bool
    age_s: float


@dataclass(frozen=True, slots=True)
class WentBack:
    """Money of a payment that a bank or a card's issuer took back, and when the ledger learned of it."""

    payment: Payment
    amount: Money
    at: datetime
    state: State


@dataclass(frozen=True, slots=True)
class Sums:
    """The number of some payments, the number of those that took money, and that money with its fees."""

    count: int
    taken: int
    total: Money


class InvoiceTaken(KnownError):
    """An invoice is paid or being paid. The sentence says by whom and when."""


class Warned(KnownError):
    """A warning that a person may go past. Nothing was sent. ``about`` says which one it is."""

    def __init__(self, sentence: str, next_step: str, about: str) -> None:
        super().__init__(sentence, next_step)
        self.about = about


class ReturnedBefore(Warned):
    """A bank returned an earlier debit of this account. It is about the account's fingerprint."""


class TakenBefore(Warned):
    """A payment without an invoice looks like one taken already. It is about that one's reference."""


class StaleMove(KnownError):
    """The payment is no longer in the state this step needs, because another desk or step was faster."""


ReceiptFor = Callable[[Payment], Receipt]


class Ledger(Protocol):
    """PayDesk's own database: one method, one transaction. Raises KnownError if it is unreachable."""

    def hold(
        self, draft: Draft, reference: str, attempt: Attempt | None = None, *, title: str = ""
    ) -> Payment:
        """Record the payment and lock its invoices (step A), if the declines before it allow the ``attempt``.

        ``title`` is the title of an address that will be made for it. It finds a charge at an address that
        nobody saw. Raises InvoiceTaken if an invoice is paid or being paid, by any desk. What the attempt's
        check raises passes, and nothing is recorded.
        """
        ...

    def submit(self, payment: Payment, title: str, token: str, fresh: Sequence[Invoice]) -> Payment:
        """Record the one charge attempt, after checking the balances again under the lock (step B).

        Raises InvoiceTaken or StaleMove. Then nothing may be sent.
        """
        ...

    def offer(self, payment: Payment, address: Address, life_s: int, fresh: Sequence[Invoice]) -> Payment:
        """Record the address at which somebody may pay, after the balances were checked again (step O).

        Raises InvoiceTaken or StaleMove. Then the address may not be shown.
        """
        ...

    def close_offer(self, payment_id: int, why: str, code: Reason) -> Payment:
        """Begin to take an address back, for good (step X). From now on no desk may show it.

        Returns the payment. One that is no longer offered stays as it is.
        """
        ...

    def record(
        self, payment: Payment, outcome: Approved | Declined | Unclear, receipt_for: ReceiptFor
    ) -> Payment:
        """Record the outcome, its receipt and its posting in one transaction, and read it back (step C).

        ``payment`` is the row as the caller last read it. If it has moved since, the row in the ledger
        counts. A repeat of the same outcome changes nothing.
        """
        ...

    def release(self, payment_id: int, why: str, code: Reason, *, unless_submitted: bool = False) -> Payment:
        """Release the invoices. Allowed only while nothing can have been sent.

        Only the sender can know this of a submitted payment. Everybody else sets ``unless_submitted``: then a
        payment submitted meanwhile raises StaleMove.
        """
        ...

    def mark_expired(self, payment_id: int) -> Payment:
        """Record that the processor confirmed: an unknown payment's intent can no longer be paid.

        Or the address of a payment that is being taken back.
        """
        ...

    def not_charged(self, payment_id: int, why: str) -> Payment:
        """Move an unknown payment to not charged, after its intent was expired and looked up again."""
        ...

    def begin_void(self, payment_id: int, why: str) -> Voiding:
        """Move an approved or late payment to VOIDING, before the processor is asked (step V).

        Raises StaleMove if it cannot be voided, or is being voided already.
        """
        ...

    def voided(self, payment_id: int) -> Payment:
        """Record that the processor canceled the charge, with the void receipt. Returns the row read back.

        A posting that was not sent yet is withdrawn. This also records payments that were canceled without
        PayDesk. A repeat changes nothing.
        """
        ...

    def not_voided(self, attempt: int, why: str, code: Reason) -> Payment:
        """Record that the processor refused that void. The payment gets its earlier state back.

        A repeat changes nothing.
        """
        ...

    def begin_refund(self, payment_id: int, ask: RefundAsk) -> Refund:
        """Record a refund, before the processor is asked (step R). Drops a wish for one.

        Raises KnownError if more is asked for than is left, or while another refund of it is undecided.
        """
        ...

    def wish_refund(self, payment_id: int, ask: RefundAsk) -> Refund:
        """Record a refund that the processor does not allow yet. PayDesk reminds of it, and never sends it.

        Raises KnownError as ``begin_refund`` does. It replaces an earlier wish.
        """
        ...

    def record_refund(
        self, refund_id: int, state: RefundState, why: str = "", processor_ref: str = ""
    ) -> Refund:
        """Move a refund, with its document once the processor has it. Returns the row read back.

        In the same transaction, the payment and its posting follow once the money is back. A repeat changes
        nothing. Raises StaleMove.
        """
        ...

    def refunds_seen(self, payment_id: int, seen: Sequence[SeenRefund]) -> Sequence[Refund]:
        """Record the refunds of a payment as the processor lists them. Returns those that changed.

        One without our reference is ours only if it gives back all that was left when it was asked for. While
        a refund of ours is undecided, any other without a reference waits for a person.
        """
        ...

    def attribute_refund(self, refund_id: int, seen: SeenRefund) -> Refund:
        """Record that, as a person says, a refund of the processor's list is this one of ours."""
        ...

    def refund_of_portal(self, payment_id: int, seen: SeenRefund) -> Refund:
        """Record that, as a person says, a refund of the processor's list is none of ours."""
        ...

    def refund_entered(self, refund_id: int, note: str) -> Refund:
        """Record that a person did what was left to do about a refund."""
        ...

    def refund(self, refund_id: int) -> Refund:
        """Return the row as it is now. Raises BugError for an unknown id."""
        ...

    def refunds_of(self, payment_ids: Iterable[int]) -> Mapping[int, Sequence[Refund]]:
        """Return the refunds of these payments, oldest first. A payment without any is left out."""
        ...

    def followed_refunds(self) -> Sequence[FollowedRefund]:
        """Return the refunds that are not at their end, oldest first."""
        ...

    def refunds_to_look_at(self) -> Sequence[Refund]:
        """Return the refunds that a person has to look at, and the wishes."""
        ...

    def refunded_between(self, start: datetime, end: datetime) -> Sequence[Refund]:
        """Return refunds that the processor took, or that failed, from ``start`` to just before ``end``."""
        ...

    def went_back_between(self, start: datetime, end: datetime) -> Sequence[WentBack]:
        """Return what banks and issuers took back from ``start`` to just before ``end``, oldest first."""
        ...

    def refund_receipt(self, refund_id: int) -> Receipt:
        """Return the document of a refund. Raises KnownError if it has none."""
        ...

    def count_refund_copy(self, refund_id: int) -> int:
        """Count one more reprint of a refund's document. Returns the number of the copy."""
        ...

    def uncleared(
        self, before: datetime, after: int, limit: int, settled_since: datetime | None
    ) -> Sequence[Payment]:
        """Return bank debits approved before ``before`` that the bank may still decide on, oldest first.

        These are the debits without a decision, and those settled since ``settled_since`` (None for no
        settled ones). Only payments with a higher id than ``after`` are returned.
        """
        ...

    def settled(self, payment_id: int) -> Payment:
        """Record that the bank has paid a debit."""
        ...

    def returned(self, payment_id: int, found: AchReturned) -> Payment:
        """Record that the bank returned a debit, and why."""
        ...

    def went_back(self, payment_id: int, state: State, why: str, code: Reason, amount: Money) -> Payment:
        """Record that this amount went back outside of PayDesk: by a refund in the portal, or a chargeback.

        If all of it went back, its posting is withdrawn, or has to be reversed by a person. Raises StaleMove.
        """
        ...

    def payment(self, payment_id: int) -> Payment:
        """Return the row as it is now. Raises BugError for an unknown id."""
        ...

    def find(self, reference: str) -> Payment | None:
        """Return the payment with that reference of ours, or None."""
        ...

    def find_charged(self, processor_ref: str) -> Payment | None:
        """Return the payment of that charge, or None."""
        ...

    def find_offered(self, token: str) -> Payment | None:
        """Return the payment that was offered by the link or page of that token, or None."""
        ...

    def payments(
        self,
        *,
        limit: int,
        matching: str | Wanted = "",
        states: Iterable[State] = (),
        before: int | None = None,
        after: int | None = None,
    ) -> Sequence[Payment]:
        """Return the newest payments first, those with ids below ``before`` if that is set.

        With ``after``, return the oldest ones first, those with ids above it.
        ``matching`` is what a search asks for, or its words. It takes no account of ``states``.
        """
        ...

    def sums(self, wanted: Wanted) -> Sums:
        """Return the sums of all payments that fit. ``wanted`` names a time, of one day or a few."""
        ...

    def people(self) -> Sequence[str]:
        """Return the names of all who have worked at a desk of this ledger."""
        ...

    def indexing(self) -> bool:
        """Return True while a search cannot find older payments yet."""
        ...

    def payments_between(self, start: datetime, end: datetime) -> Sequence[Payment]:
        """Return all payments held from ``start`` to just before ``end``, oldest first."""
        ...

    def returned_debits(self, since: datetime) -> Sequence[ReturnedDebit]:
        """Return the bank debits that banks returned since ``since``, oldest first."""
        ...

    def came_back(self, since: datetime) -> Sequence[Payment]:
        """Return payments that the bank returned since ``since``, oldest first."""
        ...

    def charged_otherwise(self) -> Sequence[Payment]:
        """Return payments that count as paid and differ from their quote, oldest first.

        Only differences that no person has acknowledged are returned. Of payments whose fee the processor
        does not tell, and does not name otherwise either, only the first is returned: to be compared once.
        """
        ...

    def letters_due(self, since: datetime, before: datetime) -> Sequence[Payment]:
        """Return bank debits approved from ``since`` to just before ``before`` without their letter.

        Oldest first. The letter was never printed or saved. A debit whose money went back needs none.
        """
        ...

    def acknowledge(self, payment_ids: Sequence[int], reason: str) -> Sequence[Payment]:
        """Record that a person accepts the differences of these payments from their quotes, for this reason.

        One that has none, or is acknowledged already, stays as it is.
        """
        ...

    def undecided(self) -> Sequence[Undecided]:
        """Return payments that are held, submitted or unknown, oldest first, and then those being voided."""
        ...

    def statuses(self, balances: Iterable[Invoice]) -> Mapping[str, InvoiceStatus]:
        """Return the ledger's status of these invoices, by number."""
        ...

    def receipt(self, payment_id: int, kind: ReceiptKind = ReceiptKind.PAYMENT) -> Receipt:
        """Return the recorded receipt, or that of the void. Raises KnownError if the payment has none."""
        ...

    def count_copy(self, payment_id: int, kind: ReceiptKind = ReceiptKind.PAYMENT) -> int:
        """Count one more reprint of the receipt. Returns the number of the copy: 1, 2, …"""
        ...

    def head(self) -> str:
        """Return the hash of the newest event: the anchor of everything up to it."""
        ...

    def events(self, payment_id: int) -> Sequence[LedgerEvent]:
        """Return the events of a payment, oldest first."""
        ...

    def note(self, payment_id: int | None, kind: EventKind, detail: dict[str, str]) -> None:
        """Append an event that changes no state (a print, a check, an override)."""
        ...
