"""Selection and tender to total; the technology fee is always kept apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from paydesk.domain.money import ZERO, Money
from paydesk.domain.tender import TenderKind


@dataclass(frozen=True, slots=True)
class FeeRule:
    """A technology fee: ``percent`` of the sum plus ``fixed``, within ``minimum`` and ``maximum``.

    Rounded half up to the cent once. The vendor's formula is percent plus fixed; the
    figures are each merchant's own (AndDone merchant set-up, read 2026-08).
    """

    percent: Decimal = Decimal(0)
    fixed: Money = ZERO
    minimum: Money | None = None
    maximum: Money | None = None

    def fee(self, subtotal: Money) -> Money:
        """The fee on ``subtotal``."""
        fee = subtotal.percent(self.percent) + self.fixed
        if self.minimum is not None:
            fee = max(fee, self.minimum)
        return fee if self.maximum is None else min(fee, self.maximum)


@dataclass(frozen=True, slots=True)
class Tariff:
    """A merchant's fees and its ACH limit, which holds for the amount before the fee."""

    fees: Mapping[TenderKind, FeeRule]
    ach_limit: Money


@dataclass(frozen=True, slots=True)
class Quote:
    """What one tender costs for a sum: said aloud before, charged after, to the cent."""

    kind: TenderKind
    subtotal: Money
    fee: Money

    @property
    def total(self) -> Money:
        """What is charged."""
        return self.subtotal + self.fee


@dataclass(frozen=True, slots=True)
class OverLimit:
    """ACH cannot be used: the sum is ``excess`` above ``limit``."""

    limit: Money
    excess: Money


def quotes(tariff: Tariff, subtotal: Money) -> dict[TenderKind, Quote | OverLimit]:
    """The totals of all tenders side by side, for a ``subtotal`` above zero."""
    offers: dict[TenderKind, Quote | OverLimit] = {}
    for kind, rule in tariff.fees.items():
        if kind is TenderKind.ACH and subtotal > tariff.ach_limit:
            offers[kind] = OverLimit(tariff.ach_limit, subtotal - tariff.ach_limit)
        else:
            offers[kind] = Quote(kind, subtotal, rule.fee(subtotal))
    return offers
