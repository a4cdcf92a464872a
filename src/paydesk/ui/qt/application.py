"""The Qt application of a PayDesk process, and a wait that lets its other threads run."""

from __future__ import annotations

import os
import sys

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication

from paydesk.ui.qt import singletons
from paydesk.ui.qt.american import speak_american
from paydesk.ui.qt.gc_on_ui_thread import Collector


def new_application(text_size: int = 100) -> QApplication:
    """Start Qt for an American window, with the singletons kept and garbage collected on this thread only.

    ``text_size`` is in percent. Qt scales the whole program by it, on top of the screen's own scale.
    """
    if text_size != 100:
        asked = os.environ.get("QT_SCALE_FACTOR", "1")
        os.environ["QT_SCALE_FACTOR"] = f"{float(asked) * text_size / 100:g}"
    singletons.keep()
    speak_american()
    _name_for_taskbar()
    app = QApplication([])
    app.setApplicationName("PayDesk")
    Collector(app)
    return app


def _name_for_taskbar() -> None:
    """Tell Windows that our windows are PayDesk's, not Python's: the taskbar groups them under our icon.

    See https://learn.microsoft.com/windows/win32/shell/appids.
    """
    if sys.platform == "win32":
        import ctypes  # not needed elsewhere

        ctypes.windll.shell32.SetCurrentProcessExplicitAppUserModelID("PayDesk.PayDesk")


def wait(milliseconds: int) -> None:
    """Run the event loop for a while.

    ``QTest.qWait`` keeps the interpreter lock, so another thread gets it only once in each wait. ``exec``
    releases the lock while nothing happens.
    """
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()
