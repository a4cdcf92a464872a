"""The training merchant's settings at the vendor: fees, limits, tenders, features."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Decimal

from paydesk.domain.money import ZERO, Money

CREDIT, DEBIT, ACH = "CreditCard", "DebitCard", "ACH"


@dataclass(frozen=True, slots=True)
class FeeRule:
    """A technology fee: percent of the amount plus a fixed part, rounded to the cent once."""

    percent: Decimal = Decimal(0)
    fixed: Money = ZERO

    def of(self, amount: Money, *, half_even: bool = False) -> Money:
        if half_even:
            exact = Decimal(amount.cents) * self.percent / 100
            return Money(int(exact.to_integral_value(rounding=ROUND_HALF_EVEN))) + self.fixed
        return amount.percent(self.percent) + self.fixed


def training_fees() -> dict[str, FeeRule]:
    """Return the training fees: credit 3.50 %, debit 1.50 %, ACH 3.00 flat."""
    return {
        CREDIT: FeeRule(percent=Decimal("3.50")),
        DEBIT: FeeRule(percent=Decimal("1.50")),
        ACH: FeeRule(fixed=Money(3_00)),
    }


@dataclass(frozen=True, slots=True)
class Merchant:
    """A merchant's settings. The keys of ``fees`` are the tenders it takes.

    ``ach_limit`` is per payment, before the fee. ``ach_pending`` lets ACH answer
    PendingForAuthorized until the batch runs. Without ``batching`` nothing can be voided.
    ``extras`` are premium finance, saved accounts and messages to payers: each is on unless a
    request says no. ``refund_opens_after_days`` are business days from settlement.
    """

    name: str = "Sample Insurance Agency"

    fees: Mapping[str, FeeRule] = field(default_factory=training_fees)
    ach_limit: Money | None = Money(15_000_00)
    ach_pending: bool = False
    batching: bool = True
    refunds: bool = True
    partial_refunds: bool = True
    refund_opens_after_days: int = 2
    links: bool = True
    extras: bool = True

    def accepts(self, tender: str, amount: Money) -> bool:
        """Return True if this tender may pay this amount (before the fee)."""
        if tender not in self.fees:
            return False
        return tender != ACH or self.ach_limit is None or amount <= self.ach_limit
