"""Screen capture: leave a window out of screenshots, recordings and shared screens, on Windows and macOS.

Neither system was at hand. The calls are those of Microsoft's page of ``SetWindowDisplayAffinity`` and
Apple's page of ``NSWindow.sharingType`` (read 2026-11), tried with libraries that only pretend.
"""

from __future__ import annotations

import logging
import sys
from typing import Any

from PySide6.QtWidgets import QWidget

log = logging.getLogger(__name__)

WDA_NONE, WDA_EXCLUDEFROMCAPTURE = 0x00, 0x11
"""Windows: anybody may capture the window, or nobody. Before Windows 10 2004, the second shows it black."""

SHARING_NONE, SHARING_READ_ONLY = 0, 1
"""macOS: nobody may capture the window, or anybody. From macOS 15 on, newer recorders ignore the first."""


def leave_out(window: QWidget, *, left_out: bool) -> None:
    """Leave a visible top-level window out of captures, or let it be captured again.

    Does nothing on other systems. If a system refuses, only the log says so. No payment depends on it.
    """
    try:
        _tell(int(window.winId()), left_out=left_out)
    except Exception:
        log.warning("The payment window could not be left out of screen captures.", exc_info=True)


def _tell(handle: int, *, left_out: bool) -> None:
    if sys.platform == "win32":
        import ctypes

        windows(ctypes.WinDLL("user32"), handle, left_out=left_out)
    elif sys.platform == "darwin":
        import ctypes

        macos(ctypes.CDLL("/usr/lib/libobjc.A.dylib"), handle, left_out=left_out)


def windows(user32: Any, handle: int, *, left_out: bool) -> None:
    """Tell Windows, through that library. Raises OSError if it refuses."""
    from ctypes.wintypes import BOOL, DWORD, HWND

    user32.SetWindowDisplayAffinity.argtypes = (HWND, DWORD)
    user32.SetWindowDisplayAffinity.restype = BOOL
    if not user32.SetWindowDisplayAffinity(handle, WDA_EXCLUDEFROMCAPTURE if left_out else WDA_NONE):
        raise OSError("the window's affinity was not set")


def macos(objc: Any, handle: int, *, left_out: bool) -> None:
    """Tell macOS, through that library. The handle is Qt's view, and the view knows its window.

    Each look-up by name returns a function of its own, so that the two messages have two signatures. Raises
    OSError if the view has no window.
    """
    from ctypes import c_char_p, c_ulong, c_void_p

    selector = objc["sel_registerName"]
    selector.argtypes, selector.restype = (c_char_p,), c_void_p
    ask, tell = objc["objc_msgSend"], objc["objc_msgSend"]
    ask.argtypes, ask.restype = (c_void_p, c_void_p), c_void_p
    tell.argtypes, tell.restype = (c_void_p, c_void_p, c_ulong), None
    window = ask(handle, selector(b"window"))
    if not window:
        raise OSError("the view has no window")
    tell(window, selector(b"setSharingType:"), SHARING_NONE if left_out else SHARING_READ_ONLY)
