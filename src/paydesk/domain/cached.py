"""Whether what was owed at the last reading may be charged while the agency system is away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

_AHEAD = timedelta(minutes=5)
"""A reading from further ahead means that a clock is wrong, and says nothing of its age."""


@dataclass(frozen=True, slots=True)
class CachedRule:
    """What the agency allows: whether at all, and how old a reading may be."""

    allowed: bool = False
    oldest: timedelta = timedelta(hours=24)

    def refusal(self, read_at: datetime, now: datetime) -> str:
        """Why a reading of ``read_at`` (UTC) may not be charged, in a sentence; ``""`` when it may."""
        if not self.allowed:
            return "This agency does not charge amounts that AMS360 cannot confirm."
        if read_at > now + _AHEAD:
            return "The last reading of AMS360 lies in the future: this computer's clock is wrong."
        if now - read_at > self.oldest:
            return f"The last reading of AMS360 is older than {self.oldest / timedelta(hours=1):g} hours."
        return ""
