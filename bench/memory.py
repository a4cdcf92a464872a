"""Peak memory of a process."""

from __future__ import annotations

import sys
from pathlib import Path


def most_memory() -> int:
    """Return the peak memory of this process in bytes, or 0 if the system does not report it."""
    status = Path("/proc/self/status")
    if status.exists():  # ru_maxrss would count the parent's memory before exec, too
        lines = dict(line.split(":", 1) for line in status.read_text("utf-8").splitlines())
        return int(lines["VmHWM"].split()[0]) * 1024
    if sys.platform == "darwin":
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return 0
