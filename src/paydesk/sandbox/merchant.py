"""What the vendor has set for the training merchant: fees, limits, tenders, features."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from paydesk.domain.money import ZERO, Money

CREDIT, DEBIT, ACH = "CreditCard", "DebitCard", "ACH"


@dataclass(frozen=True, slots=True)
class FeeRule:
    """A technology fee: percent of the amount plus a fixed part, rounded half up once."""

    percent: Decimal = Decimal(0)
    fixed: Money = ZERO

    def of(self, amount: Money) -> Money:
        return amount.percent(self.percent) + self.fixed


def training_fees() -> dict[str, FeeRule]:
    """The fees of DESIGN 4: credit 3.50 %, debit 1.50 %, ACH 3.00 flat."""
    return {
        CREDIT: FeeRule(percent=Decimal("3.50")),
        DEBIT: FeeRule(percent=Decimal("1.50")),
        ACH: FeeRule(fixed=Money(3_00)),
    }


@dataclass(frozen=True, slots=True)
class Merchant:
    """A merchant's settings; the keys of ``fees`` are the tenders it takes.

    ``ach_limit`` is per payment, before the fee. ``ach_pending`` lets ACH answer
    PendingForAuthorized until the batch runs. Without ``batching`` nothing can be voided.
    """

    fees: Mapping[str, FeeRule] = field(default_factory=training_fees)
    ach_limit: Money | None = Money(15_000_00)
    ach_pending: bool = False
    batching: bool = True
    refunds: bool = True
    partial_refunds: bool = True

    def accepts(self, tender: str, amount: Money) -> bool:
        """Whether this tender may pay this amount (before the fee)."""
        if tender not in self.fees:
            return False
        return tender != ACH or self.ach_limit is None or amount <= self.ach_limit
