"""No crash dumps: a card that is being typed must not reach the disk when the program dies.

Other programs of the same user cannot read this process's memory on Linux either.
"""

from __future__ import annotations

import sys

_PR_SET_DUMPABLE = 4
"""prctl(2). A process that is not dumpable leaves no core, and nobody but root can attach to it."""

_SEM_NOGPFAULTERRORBOX, _SEM_FAILCRITICALERRORS = 0x0002, 0x0001
"""SetErrorMode (Windows): no dialog and no report of Windows Error Reporting."""

_WER_FAULT_REPORTING_FLAG_NOHEAP = 1
"""WerSetFlags (Windows): a report that is made all the same leaves the heap out."""


def forbid() -> None:
    """Let this process leave no dump of its memory. A system that refuses is left as it is."""
    if sys.platform == "win32":
        import ctypes

        ctypes.windll.kernel32.SetErrorMode(_SEM_NOGPFAULTERRORBOX | _SEM_FAILCRITICALERRORS)
        ctypes.windll.kernel32.WerSetFlags(_WER_FAULT_REPORTING_FLAG_NOHEAP)
        return
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        # A limit of 0 does not stop a core pattern that is a pipe (core(5)), such as systemd-coredump's.
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
