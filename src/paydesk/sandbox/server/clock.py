"""The emulators' clock. It runs like the real one, and tests can move it forward."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

CENTRAL = ZoneInfo("America/Chicago")
"""Time zone at whose midnight AndDone's batches run (help center, transaction batching explained)."""
CUT_OFF = timedelta(hours=1)
"""Payments later than this before a batch wait for the next night's. Inferred: none is published."""
VENDOR_TEXT = "%m-%d-%Y %H:%M:%S"


class SandboxClock:
    """The current time in UTC: the real one, or one that runs from ``start`` on."""

    def __init__(self, start: datetime | None = None) -> None:
        self._shift = timedelta(0) if start is None else start - datetime.now(UTC)

    def now(self) -> datetime:
        return datetime.now(UTC) + self._shift

    @property
    def shift(self) -> timedelta:
        """The time by which it is ahead of the real one."""
        return self._shift

    def advance(self, duration: timedelta) -> None:
        """Move the clock forward: batches run, intents expire, returns arrive."""
        self._shift += duration


def vendor_text(moment: datetime | None) -> str | None:
    """Return a time as AndDone writes it: ``05-18-2026 16:10:02``, here in UTC, no zone named."""
    return None if moment is None else moment.strftime(VENDOR_TEXT)


def next_batch(moment: datetime) -> datetime:
    """Return the first midnight Central that is at least the cut-off after ``moment``, in UTC."""
    last_moment = moment + CUT_OFF - timedelta.resolution
    tomorrow = last_moment.astimezone(CENTRAL).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(), CENTRAL).astimezone(UTC)


def business_days_later(moment: datetime, days: int) -> datetime:
    """Return the same time of day after that many Mondays to Fridays. Ignores bank holidays."""
    while days > 0:
        moment += timedelta(days=1)
        days -= moment.weekday() < 5
    return moment
