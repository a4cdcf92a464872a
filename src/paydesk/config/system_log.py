"""The system's own log: the journal or syslog, and the Application log of Windows.

PayDesk writes there what this user should not be able to change later. Nothing waits for it, and a system
without such a log is left as it is: PayDesk's own log gets the lines then.
"""

from __future__ import annotations

import logging
import queue
import sys
import threading
from collections.abc import Callable
from typing import Any

NAME = "PayDesk"

_CLOSE_S = 1.0
"""Longest wait at the end for lines that are not written yet."""
_WINDOWS_INFORMATION, _WINDOWS_EVENT_ID = 4, 1

log = logging.getLogger(__name__)

Write = Callable[[str], None]
"""Writes one line. Raises OSError."""


class SystemLog:
    """Writes lines in a thread of its own, in their order. What cannot be written is lost."""

    def __init__(self) -> None:
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="system log", daemon=True)
        self._thread.start()

    def say(self, line: str) -> None:
        """Have the line written soon. Returns at once, and never fails."""
        self._lines.put(line)

    def close(self) -> None:
        """Wait a moment until all lines are written."""
        self._lines.put(None)
        self._thread.join(_CLOSE_S)

    def _run(self) -> None:
        write: Write | None = None
        while (line := self._lines.get()) is not None:
            try:
                write = write or writer()
                write(line)
            except Exception:  # the ledger does not depend on it
                log.info("%s The system's log took no line.", line)


def writer() -> Write:
    """Return the function that writes to this system's log. Raises OSError if there is none."""
    if sys.platform == "win32":
        import ctypes

        return windows_writer(ctypes.windll.advapi32)
    import syslog

    syslog.openlog(NAME, syslog.LOG_PID, syslog.LOG_USER)
    return lambda line: syslog.syslog(syslog.LOG_NOTICE, line)


def windows_writer(advapi32: Any) -> Write:
    """Return the function that writes to the Application log through that library.

    ReportEventW needs no entry in the registry: without one, the Event Viewer shows the line after a note
    that the event's description is missing (Microsoft, "Reporting Events").
    """
    from ctypes import POINTER, c_void_p
    from ctypes.wintypes import BOOL, DWORD, HANDLE, LPCWSTR, WORD

    advapi32.RegisterEventSourceW.argtypes = (LPCWSTR, LPCWSTR)
    advapi32.RegisterEventSourceW.restype = HANDLE
    advapi32.ReportEventW.argtypes = (
        HANDLE, WORD, WORD, DWORD, c_void_p, WORD, DWORD, POINTER(LPCWSTR), c_void_p,
    )  # fmt: skip
    advapi32.ReportEventW.restype = BOOL
    source = advapi32.RegisterEventSourceW(None, NAME)
    if not source:
        raise OSError("no event source")

    def write(line: str) -> None:
        texts = (LPCWSTR * 1)(line)
        information = _WINDOWS_INFORMATION, 0, _WINDOWS_EVENT_ID
        if not advapi32.ReportEventW(source, *information, None, 1, 0, texts, None):
            raise OSError("the event was not reported")

    return write
