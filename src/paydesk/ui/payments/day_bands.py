"""The lines above each day of a list of payments, with the day's sums."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, tzinfo
from itertools import groupby

from paydesk.domain.money import total
from paydesk.domain.payment import PAID, Payment
from paydesk.services.ports.ledger import Sums
from paydesk.ui.lists.model import Band
from paydesk.ui.lists.payment_columns import paid
from paydesk.ui.payments import words

Edge = tuple[date, Sums] | None


def bands(payments: Sequence[Payment], zone: tzinfo, today: date, edge: Edge = None) -> Mapping[int, Band]:
    """Return the band above the first payment of each day, by row.

    The list may end within a day. ``edge`` has that day with the sums of all of its payments.
    """
    found = {}
    days = [payment.held_at.astimezone(zone).date() for payment in payments]
    for on, places in groupby(range(len(payments)), key=lambda place: days[place]):
        rows = list(places)
        whole = edge[1] if edge is not None and edge[0] == on else None
        sums = whole or _sums([payments[place] for place in rows])
        found[rows[0]] = Band(words.day(on, today), words.day_sums(sums.count, sums.taken, sums.total))
    return found


def _sums(payments: Sequence[Payment]) -> Sums:
    """Return the sums as Day end has them: only what took money, with its fees."""
    took = [payment for payment in payments if payment.state in PAID]
    return Sums(len(payments), len(took), total(paid(payment) for payment in took))
