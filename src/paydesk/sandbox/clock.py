"""The emulators' clock: it runs like the real one, and can be moved forward."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

CENTRAL = ZoneInfo("America/Chicago")
"""AndDone's batches run at midnight of this zone (help centre, transaction batching explained)."""
VENDOR_TEXT = "%m-%d-%Y %H:%M:%S"


class SandboxClock:
    """Now, in UTC: the real time, or one that runs from ``start`` on."""

    def __init__(self, start: datetime | None = None) -> None:
        self._shift = timedelta(0) if start is None else start - datetime.now(UTC)

    def now(self) -> datetime:
        return datetime.now(UTC) + self._shift

    def advance(self, duration: timedelta) -> None:
        """Move the clock forward: batches run, intents expire, returns arrive."""
        self._shift += duration


def vendor_text(moment: datetime | None) -> str | None:
    """A moment as AndDone writes it: ``05-18-2026 16:10:02``, here in UTC, no zone named."""
    return None if moment is None else moment.strftime(VENDOR_TEXT)


def next_batch(moment: datetime) -> datetime:
    """The first midnight Central after ``moment``, in UTC."""
    tomorrow = moment.astimezone(CENTRAL).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(), CENTRAL).astimezone(UTC)


def business_days_later(moment: datetime, days: int) -> datetime:
    """The same time of day so many Mondays-to-Fridays later; bank holidays are not known here."""
    while days > 0:
        moment += timedelta(days=1)
        days -= moment.weekday() < 5
    return moment
