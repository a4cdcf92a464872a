"""The computer's clocks, as the services use them."""

from __future__ import annotations

import time
from datetime import UTC, datetime


class SystemClock:
    """The wall clock and a monotonic clock."""

    def now(self) -> datetime:
        """Return the wall clock's time in UTC."""
        return datetime.now(UTC)

    def elapsed_s(self) -> float:
        """Return seconds on a clock that counts sleep on Linux, or the monotonic clock elsewhere.

        Windows' and macOS's monotonic clocks (QueryPerformanceCounter, mach_absolute_time)
        differ in whether they count sleep. Python offers no other there.
        """
        boot = getattr(time, "CLOCK_BOOTTIME", None)
        return time.monotonic() if boot is None else time.clock_gettime(boot)
