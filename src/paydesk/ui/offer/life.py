"""The lives of a payment link that a clerk chooses from."""

from __future__ import annotations

from enum import StrEnum

from paydesk.domain.payment import LINK_LIVES_S
from paydesk.ui.offer import words


class Life(StrEnum):
    """One life. Its value names its button."""

    QUARTER = "quarter"
    HOUR = "hour"
    DAY = "day"
    THREE_DAYS = "three_days"
    WEEK = "week"
    MONTH = "month"

    @property
    def seconds(self) -> int:
        """The life in seconds."""
        return LINK_LIVES_S[list(Life).index(self)]

    @property
    def words(self) -> str:
        """The life as a button says it."""
        return words.LIVES[self.seconds]
