"""The computer's clocks, as the services ask for them."""

from __future__ import annotations

import time
from datetime import UTC, datetime


class SystemClock:
    """The wall clock, and one that only moves forward."""

    def now(self) -> datetime:
        """The wall clock in UTC."""
        return datetime.now(UTC)

    def elapsed_s(self) -> float:
        """Seconds on a clock that goes on while a Linux machine sleeps; elsewhere the monotonic one.

        Windows' and macOS's monotonic clocks (QueryPerformanceCounter, mach_absolute_time)
        differ in whether they count sleep; Python offers no other there.
        """
        boot = getattr(time, "CLOCK_BOOTTIME", None)
        return time.monotonic() if boot is None else time.clock_gettime(boot)
