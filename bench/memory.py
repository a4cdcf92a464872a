"""How much memory a process took."""

from __future__ import annotations

import sys
from pathlib import Path


def most_memory() -> int:
    """The most memory this process ever held, in bytes; 0 where the system does not tell."""
    status = Path("/proc/self/status")
    if status.exists():  # ru_maxrss would count the parent's memory before exec, too
        lines = dict(line.split(":", 1) for line in status.read_text("utf-8").splitlines())
        return int(lines["VmHWM"].split()[0]) * 1024
    if sys.platform == "darwin":
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return 0
