"""The invoices of one customer: their groups and sums, and those to pay with the amount for each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import IntEnum, auto

from paydesk.domain.errors import BugError, KnownError
from paydesk.domain.invoices.invoice import Due, Invoice, due_status
from paydesk.domain.money import ZERO, Money, total
from paydesk.domain.payment import GIVEN_BACK, PaymentLine, State
from paydesk.domain.tender import TenderKind


@dataclass(frozen=True, slots=True)
class InvoiceStatus:
    """The ledger's record of an invoice: being paid, paid, or given back and not reversed, and by whom.

    ``paid`` is the sum that this ledger's live payments took and the source's balance does not
    contain yet. ``state`` is that of the payment named here. ``reversed`` is True if its money went back, its
    receipt was reversed, and the source still says that nothing is owed. ``tender``, ``brand`` and ``last4``
    say how it was paid. ``reference`` is the payment's own. ``until`` is the end of a payment link's life.
    """

    state: State
    desk: str
    user: str
    at: datetime
    paid: Money
    receipt_number: str = ""
    being_paid: bool = False
    tender: TenderKind | None = None
    brand: str = ""
    last4: str = ""
    reference: str = ""
    until: datetime | None = None
    reversed: bool = False

    @property
    def to_reverse(self) -> bool:
        """True if its money went back, and its receipt is still to be reversed."""
        return self.state in GIVEN_BACK and not self.reversed


@dataclass(frozen=True, slots=True)
class Row:
    """An invoice as the screen shows it: the source's reading and its status in the ledger."""

    invoice: Invoice
    status: InvoiceStatus | None = None

    @property
    def owed(self) -> Money:
        """The balance due after deducting this ledger's own payments."""
        paid = self.status.paid if self.status else ZERO
        return self.invoice.balance - paid

    @property
    def payable(self) -> bool:
        """True if it can be selected: something is owed and nobody is paying it."""
        return self.owed > ZERO and not (self.status and self.status.being_paid)


class Group(IntEnum):
    """The groups of a customer's invoices, the most urgent first."""

    OVERDUE = auto()
    DUE = auto()
    CREDITS = auto()
    NOT_PAYABLE = auto()


def group_of(row: Row, today: date) -> Group:
    """Return the group of an invoice on ``today``, a date in the agency's time zone."""
    if row.payable:
        return Group.OVERDUE if due_status(row.invoice, today).due is Due.OVERDUE else Group.DUE
    return Group.CREDITS if row.invoice.balance < ZERO else Group.NOT_PAYABLE


@dataclass(frozen=True, slots=True)
class Dues:
    """Sums of a customer: all that can be paid, its overdue part, and what somebody is paying just now.

    Credits are not taken off.
    """

    due: Money
    overdue: Money
    being_paid: Money


def dues(rows: Iterable[Row], today: date) -> Dues:
    """Return the sums of a customer's invoices on ``today``."""
    owed = [row for row in rows if row.owed > ZERO]
    payable = [row for row in owed if row.payable]
    late = [row for row in payable if group_of(row, today) is Group.OVERDUE]
    held = [row for row in owed if not row.payable]
    return Dues(*(total(row.owed for row in some) for some in (payable, late, held)))


@dataclass(frozen=True, slots=True)
class Selection:
    """The selected invoices of one customer, each paid in full or in part."""

    rows: tuple[Row, ...] = ()
    parts: tuple[tuple[str, Money], ...] = ()
    """Invoice numbers and amounts of those paid in part."""

    def __post_init__(self) -> None:
        if len({row.invoice.customer_number for row in self.rows}) > 1:
            raise KnownError(
                "These invoices belong to different customers.", "Take one payment for each customer."
            )
        for row in self.rows:
            if not ZERO < self.amount_of(row) <= row.owed or not row.payable:
                raise BugError(f"invoice {row.invoice.number} cannot be paid with {self.amount_of(row)}")

    def amount_of(self, row: Row) -> Money:
        """Return the amount paid on the row."""
        return dict(self.parts).get(row.invoice.number, row.owed)

    @property
    def subtotal(self) -> Money:
        """The sum, before any fee."""
        return total(self.amount_of(row) for row in self.rows)

    @property
    def lines(self) -> tuple[PaymentLine, ...]:
        """Payment lines in the order of the rows."""
        return tuple(
            PaymentLine(
                amount=self.amount_of(row),
                description=row.invoice.description,
                invoice_number=row.invoice.number,
                owed=row.invoice.balance,
                read_at=row.invoice.read_at,
                policy_number=row.invoice.policy_number,
                insurer=row.invoice.insurer,
            )
            for row in self.rows
        )


def select(rows: Iterable[Row], numbers: Iterable[str], parts: Iterable[tuple[str, Money]] = ()) -> Selection:
    """Return a selection of the rows with these invoice numbers, without unpayable ones."""
    wanted = set(numbers)
    chosen = tuple(row for row in rows if row.invoice.number in wanted and row.payable)
    kept = {row.invoice.number for row in chosen}
    return Selection(chosen, tuple(part for part in parts if part[0] in kept))
