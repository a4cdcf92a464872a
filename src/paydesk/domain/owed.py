"""What our own payments have to be taken off a balance, because its reading does not contain them yet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from paydesk.domain.money import Money, total

LAG = timedelta(days=1)
"""For so long after a posting was acknowledged a reading may still be an old one.

AMS360 promises nothing; most of the day is for the clocks, which may be wrong by hours.
"""


@dataclass(frozen=True, slots=True)
class Took:
    """What one live payment of ours took on an invoice; ``owed`` and ``read_at`` are what it rested on."""

    amount: Money
    owed: Money
    read_at: datetime
    posted_at: datetime | None


def not_contained(payments: Sequence[Took], balance: Money, read_at: datetime) -> Money:
    """What has to be taken off ``balance``, whose reading began at ``read_at`` (UTC).

    ``payments`` are those of one invoice, oldest first.
    """
    lefts: list[Money] = []
    """What the invoice owed once each payment was made, for all that was known then."""
    for one in payments:
        before = zip(payments, lefts, strict=False)
        lefts.append(one.owed - _missing(before, one.owed, one.read_at) - one.amount)
    return _missing(zip(payments, lefts, strict=True), balance, read_at)


def _missing(payments: Iterable[tuple[Took, Money]], balance: Money, read_at: datetime) -> Money:
    return total(one.amount for one, left in payments if not _contains(one, left, balance, read_at))


def _contains(one: Took, left: Money, balance: Money, read_at: datetime) -> bool:
    """Whether a balance surely has the payment in it: posted before it was read, and seen to have fallen."""
    if one.posted_at is None or one.posted_at >= read_at:
        return False
    return balance <= left or read_at - one.posted_at > LAG
