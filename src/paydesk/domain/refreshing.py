"""How far a refresh of the cache in the background has come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


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
