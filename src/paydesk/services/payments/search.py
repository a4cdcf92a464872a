"""Search in the payments as typed: words, numbers, amounts, days, states. The newest come first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from paydesk.domain.payment import Payment
from paydesk.domain.typed.days import Days, days_in
from paydesk.domain.typed.payment_filter import PaymentFilter
from paydesk.domain.typed.payment_search import Wanted, wanted_in
from paydesk.services.ports.clock import Clock
from paydesk.services.ports.ledger import Ledger, Sums

PAGE = 50
"""Payments of a page. A window shows about thirty."""
ALL = PaymentFilter()
"""Narrows nothing."""


@dataclass(frozen=True, slots=True)
class Found:
    """Payments of one page, newest first. ``more`` is True if older ones may fit, too.

    Of the oldest first, ``more`` tells of newer ones.
    ``similar`` is True if none fits as typed, and these do with another spelling of a name.
    ``incomplete`` is True while older payments are not searched yet.
    """

    payments: Sequence[Payment]
    more: bool = False
    similar: bool = False
    incomplete: bool = False


class PaymentSearch:
    """Finds payments. A text without any meaning finds none, and an empty one finds all."""

    def __init__(
        self, ledger: Ledger, spellings: Callable[[str], Iterable[str]], clock: Clock, zone: tzinfo
    ) -> None:
        """Use ``spellings`` for the names that a word may mean, and days as they are in ``zone``."""
        self._ledger = ledger
        self._spellings = spellings
        self._clock = clock
        self._zone = zone

    def find(
        self,
        text: str,
        only: PaymentFilter = ALL,
        *,
        before: int | None = None,
        after: int | None = None,
        limit: int = PAGE,
    ) -> Found:
        """Return the newest payments that fit and pass, with ids below ``before`` if that is set.

        With ``after``, return the oldest ones, with ids above it.
        """
        wanted = self.wanted(text, only)
        found = self._page(wanted, before, after, limit)
        if found.payments or before or after or not wanted.groups:
            return found
        respelled = wanted.respelled(self._spellings)
        if respelled == wanted:
            return found
        return replace(self._page(respelled, None, after, limit), similar=True)

    def wanted(self, text: str, only: PaymentFilter = ALL) -> Wanted:
        """Return what a text and a filter ask for together."""
        days, rest = days_in(text, self.today)
        wanted = wanted_in(rest if days else text)
        wanted = replace(wanted, groups=(*only.groups, *wanted.groups))
        for span in (days, only.days):
            if span is not None:
                wanted = _within(wanted, *self._bounds(span))
        return wanted

    @property
    def today(self) -> date:
        """The date at the agency."""
        return self._clock.now().astimezone(self._zone).date()

    def sums_of(self, text: str, only: PaymentFilter, day: date) -> Sums:
        """Return the sums of all payments of a day that fit and pass."""
        return self._ledger.sums(_within(self.wanted(text, only), *self._bounds(Days(day, day))))

    def _bounds(self, days: Days) -> tuple[datetime, datetime]:
        first, end = (
            datetime.combine(on, time(), self._zone) for on in (days.first, days.last + timedelta(days=1))
        )
        return first.astimezone(UTC), end.astimezone(UTC)

    def _page(self, wanted: Wanted, before: int | None, after: int | None, limit: int) -> Found:
        payments = self._ledger.payments(limit=limit, matching=wanted, before=before, after=after)
        more = len(payments) == limit
        incomplete = not wanted.anything and not more and self._ledger.indexing()
        return Found(payments, more, incomplete=incomplete)


def _within(wanted: Wanted, since: datetime, until: datetime) -> Wanted:
    """Narrow what is wanted to a time. Two times that do not overlap leave nothing."""
    since = max(since, wanted.since or since)
    until = min(until, wanted.until or until)
    return replace(wanted, since=since, until=until, nothing=wanted.nothing or since >= until)
