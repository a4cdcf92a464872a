"""The clocks of the services."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """A wall clock and a monotonic clock, never mixed."""

    def now(self) -> datetime:
        """Return the wall clock in UTC, to print and to record. No decision depends on it."""
        ...

    def elapsed_s(self) -> float:
        """Return monotonic seconds. They include time asleep if the operating system counts it."""
        ...
