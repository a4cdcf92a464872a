"""Limits on declined attempts, against card testing: trying stolen numbers until one is approved."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from typing import assert_never

from paydesk.domain.money import Money
from paydesk.domain.payment import Draft
from paydesk.domain.tender import BankAccount, Card, Tender

DAY_S = 24 * 3600
HOUR_S = 3600
MINUTE_S = 60


@dataclass(frozen=True, slots=True)
class Limit:
    """The number of declines within a time after which no further attempt is made."""

    declines: int
    within_s: int


CARD_LIMIT = Limit(5, DAY_S)
"""For one card or bank account, at all desks."""
DESK_LIMITS = (Limit(12, HOUR_S), Limit(3, MINUTE_S))
"""For one desk, with any cards."""


@dataclass(frozen=True, slots=True)
class Decline:
    """One declined attempt. ``age_s`` is the time since it began, by the ledger's clock."""

    age_s: float
    desk: str
    fingerprint: str
    customer_number: str


@dataclass(frozen=True, slots=True)
class ReturnedDebit:
    """A bank debit that its bank returned, with the fingerprint of the account. ``at`` is in UTC."""

    fingerprint: str
    at: datetime
    amount: Money
    reason: str


class Limited(Enum):
    """The limit that was reached: that of the tender itself, or of the desk."""

    TENDER = auto()
    DESK = auto()


@dataclass(frozen=True, slots=True)
class LimitReached:
    """A limit that was reached, and the seconds until it allows the next attempt."""

    limited: Limited
    limit: Limit
    wait_s: float


def fingerprint(tender: Tender, key: bytes) -> str:
    """Return 32 hex digits that recognize a card or bank account, and that nobody without the key can undo.

    A keyed hash, as PCI DSS 3.5.1.1 asks for. A new expiry or name does not change it.
    """
    match tender:
        case Card():
            kind, digits = "card:", tender.number
        case BankAccount():
            kind, digits = f"bank:{tender.routing}/", tender.account
        case never:
            assert_never(never)
    made = hmac.new(key, kind.encode(), hashlib.sha256)
    for digit in digits:  # one by one, so that no text has them all
        made.update(digit.encode())
    return made.hexdigest()[:32]


def reached(declines: Sequence[Decline], wanted: str, desk: str, draft: Draft) -> LimitReached | None:
    """Return the limit that stops an attempt at this desk with the tender of that fingerprint, or None.

    The desk's limit does not stop the first try of a customer who has an invoice to pay. A payment without an
    invoice may be made up, so it is stopped.
    """
    here = [one for one in declines if one.desk == desk]
    again = not draft.invoice_numbers or any(
        one.customer_number == draft.payer.customer_number for one in here
    )
    by_tender = (one.age_s for one in declines if one.fingerprint == wanted)
    stops = [_stop(Limited.TENDER, CARD_LIMIT, by_tender)]
    if again:
        stops += [_stop(Limited.DESK, limit, (one.age_s for one in here)) for limit in DESK_LIMITS]
    return max((stop for stop in stops if stop is not None), key=lambda stop: stop.wait_s, default=None)


def _stop(limited: Limited, limit: Limit, ages_s: Iterable[float]) -> LimitReached | None:
    """Return the stop if so many declines are within the limit's time. It ends when the oldest one leaves."""
    within = sorted(max(age_s, 0.0) for age_s in ages_s if age_s < limit.within_s)
    if len(within) < limit.declines:
        return None
    return LimitReached(limited, limit, limit.within_s - within[limit.declines - 1])
