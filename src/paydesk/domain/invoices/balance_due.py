"""Deduct our own payments from a balance whose reading does not contain them yet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from paydesk.domain.money import Money, total

LAG = timedelta(days=1)
"""Time after an acknowledged posting during which AMS360 may still answer with the old balance.

AMS360 promises nothing. Most of the day allows for clocks, which may be wrong by hours.
"""


@dataclass(frozen=True, slots=True)
class PriorPayment:
    """A live payment of ours on an invoice. ``owed`` and ``read_at`` are the reading it was based on."""

    amount: Money
    owed: Money
    read_at: datetime
    posted_at: datetime | None


def not_contained(payments: Sequence[PriorPayment], balance: Money, read_at: datetime) -> Money:
    """Return the sum to deduct from ``balance``, whose reading began at ``read_at`` (UTC).

    ``payments`` are those of one invoice, oldest first.
    """
    lefts: list[Money] = []
    """Balances after each payment, by the readings known then."""
    for one in payments:
        before = zip(payments, lefts, strict=False)
        lefts.append(one.owed - _missing(before, one.owed, one.read_at) - one.amount)
    return _missing(zip(payments, lefts, strict=True), balance, read_at)


def _missing(payments: Iterable[tuple[PriorPayment, Money]], balance: Money, read_at: datetime) -> Money:
    return total(one.amount for one, left in payments if not _contains(one, left, balance, read_at))


def _contains(one: PriorPayment, left: Money, balance: Money, read_at: datetime) -> bool:
    """Return True if a balance surely contains the payment.

    That takes a posting before the reading, and either a fallen balance or a reading more than LAG later.
    """
    if one.posted_at is None or one.posted_at >= read_at:
        return False
    return balance <= left or read_at - one.posted_at > LAG
