"""The technology fee of each payment method, and the ACH limit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from paydesk.domain.money import ZERO, Money
from paydesk.domain.tender import TenderKind


@dataclass(frozen=True, slots=True)
class FeeRule:
    """A technology fee: ``percent`` of the sum plus ``fixed``, between ``minimum`` and ``maximum``.

    Rounded half up to the cent once. The formula (percent plus fixed) is the vendor's. The
    figures are each merchant's own (AndDone merchant set-up, read 2026-08).
    """

    percent: Decimal = Decimal(0)
    fixed: Money = ZERO
    minimum: Money | None = None
    maximum: Money | None = None

    def fee(self, subtotal: Money) -> Money:
        """Return the fee on ``subtotal``."""
        fee = subtotal.percent(self.percent) + self.fixed
        if self.minimum is not None:
            fee = max(fee, self.minimum)
        return fee if self.maximum is None else min(fee, self.maximum)


@dataclass(frozen=True, slots=True)
class FeeSchedule:
    """A merchant's fees and its ACH limit. The limit applies to the amount before the fee."""

    fees: Mapping[TenderKind, FeeRule]
    ach_limit: Money
