"""The age of readings of the agency system: when to refresh them, and when they may be charged."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from paydesk.domain.vendors import AGENCY_SYSTEM


@dataclass(frozen=True, slots=True)
class RefreshRule:
    """The time between two refreshes, and the open invoices they read.

    These are invoices due within ``window`` before or after today, or without a due date.
    """

    every: timedelta
    window: timedelta

    @property
    def on(self) -> bool:
        """True if refreshes start on their own."""
        return self.every > timedelta(0)


@dataclass(frozen=True, slots=True)
class RefreshState:
    """The refresh as the status bar shows it. ``done`` and ``left`` count customers of the running refresh.

    ``finished_at`` (UTC) is the end of the last complete refresh. ``why_paused`` is why it pauses, or ``""``.
    """

    running: bool = False
    done: int = 0
    left: int = 0
    skipped: int = 0
    finished_at: datetime | None = None
    why_paused: str = ""


_AHEAD = timedelta(minutes=5)
"""Limit for a reading's time in the future. Beyond it a clock is wrong, and the age is meaningless."""


@dataclass(frozen=True, slots=True)
class CachedRule:
    """The agency's rule for charging cached readings: allowed or not, and up to which age."""

    allowed: bool = False
    oldest: timedelta = timedelta(hours=24)

    def refusal(self, read_at: datetime, now: datetime) -> str:
        """Return the reason why a reading of ``read_at`` (UTC) may not be charged, or ``""`` if it may."""
        if not self.allowed:
            return f"This agency doesn't charge amounts that {AGENCY_SYSTEM.name} can't confirm."
        if read_at > now + _AHEAD:
            return "The time of these balances is in the future: check this computer's clock."
        if now - read_at > self.oldest:
            hours = self.oldest / timedelta(hours=1)
            return f"These balances are more than {hours:g} hour{'' if hours == 1 else 's'} old."
        return ""
