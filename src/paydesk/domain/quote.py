"""Totals by tender. The technology fee is always kept apart."""

from __future__ import annotations

from dataclasses import dataclass

from paydesk.domain.fee_schedule import FeeSchedule
from paydesk.domain.money import Money
from paydesk.domain.tender import TenderKind


@dataclass(frozen=True, slots=True)
class Quote:
    """The cost of a sum by one tender: said aloud before, charged after, to the cent."""

    kind: TenderKind
    subtotal: Money
    fee: Money

    @property
    def total(self) -> Money:
        """The amount to charge."""
        return self.subtotal + self.fee


@dataclass(frozen=True, slots=True)
class OverLimit:
    """An ACH refusal: the sum is ``excess`` above ``limit``."""

    limit: Money
    excess: Money


def quotes(schedule: FeeSchedule, subtotal: Money) -> dict[TenderKind, Quote | OverLimit]:
    """Return the totals of all tenders, for a ``subtotal`` above zero."""
    offers: dict[TenderKind, Quote | OverLimit] = {}
    for kind, rule in schedule.fees.items():
        if kind is TenderKind.ACH and subtotal > schedule.ach_limit:
            offers[kind] = OverLimit(schedule.ach_limit, subtotal - schedule.ach_limit)
        else:
            offers[kind] = Quote(kind, subtotal, rule.fee(subtotal))
    return offers
