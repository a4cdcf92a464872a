"""The refresh of the cache in the background: when, and how far it has come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class RefreshRule:
    """How often a round begins, and which open invoices belong to it: those due within the window, before or
    after today, or without a date."""

    every: timedelta
    window: timedelta

    @property
    def on(self) -> bool:
        """Rounds begin on their own."""
        return self.every > timedelta(0)


@dataclass(frozen=True, slots=True)
class RefreshState:
    """What the status bar shows; ``done`` and ``left`` count customers of the round that runs.

    ``finished_at`` (UTC) is the end of the last whole round; ``trouble`` why it pauses, or ``""``.
    """

    running: bool = False
    done: int = 0
    left: int = 0
    skipped: int = 0
    finished_at: datetime | None = None
    trouble: str = ""
