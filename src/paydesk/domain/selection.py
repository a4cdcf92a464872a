"""Which invoices are paid, and how much of each; all of one customer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from paydesk.domain.errors import BugError, KnownError
from paydesk.domain.invoice import Invoice
from paydesk.domain.money import ZERO, Money, total
from paydesk.domain.payment import PaymentLine, State
from paydesk.domain.tender import TenderKind


@dataclass(frozen=True, slots=True)
class Mark:
    """What the ledger knows of an invoice: being paid, paid, or given back and not reversed; and by whom.

    ``paid`` is what this ledger's live payments took and the source's balance does not
    contain yet; ``state`` that of the payment named here, and ``tender``, ``brand`` and
    ``last4`` how that was paid.
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


@dataclass(frozen=True, slots=True)
class Row:
    """An invoice as the desk shows it: the source's reading and the ledger's mark."""

    invoice: Invoice
    mark: Mark | None = None

    @property
    def owed(self) -> Money:
        """What is still owed once this ledger's own payments are taken off."""
        paid = self.mark.paid if self.mark else ZERO
        return self.invoice.balance - paid

    @property
    def payable(self) -> bool:
        """It can be ticked: something is owed and nobody is paying it."""
        return self.owed > ZERO and not (self.mark and self.mark.being_paid)


@dataclass(frozen=True, slots=True)
class Selection:
    """The ticked invoices of one customer, each paid in full or for a part."""

    rows: tuple[Row, ...] = ()
    parts: tuple[tuple[str, Money], ...] = ()
    """Invoice number and amount where less than what is owed is paid."""

    def __post_init__(self) -> None:
        if len({row.invoice.customer_number for row in self.rows}) > 1:
            raise KnownError(
                "These invoices belong to different customers.", "Take one payment for each customer."
            )
        for row in self.rows:
            if not ZERO < self.amount_of(row) <= row.owed or not row.payable:
                raise BugError(f"invoice {row.invoice.number} cannot be paid with {self.amount_of(row)}")

    def amount_of(self, row: Row) -> Money:
        """What is paid on the row."""
        return dict(self.parts).get(row.invoice.number, row.owed)

    @property
    def subtotal(self) -> Money:
        """The sum, before any fee."""
        return total(self.amount_of(row) for row in self.rows)

    @property
    def lines(self) -> tuple[PaymentLine, ...]:
        """The payment lines, in the order of the rows."""
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
    """The rows with these invoice numbers, unpayable ones left out."""
    wanted = set(numbers)
    chosen = tuple(row for row in rows if row.invoice.number in wanted and row.payable)
    kept = {row.invoice.number for row in chosen}
    return Selection(chosen, tuple(part for part in parts if part[0] in kept))
