"""Which printers this computer has, for a program that shows no window."""

from __future__ import annotations

import os
import sys


def printer_names() -> list[str]:
    """The names of the installed printers, the default one first."""
    if sys.platform == "linux" and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")  # Qt would end the program without a screen
    from PySide6.QtCore import QCoreApplication
    from PySide6.QtPrintSupport import QPrinterInfo
    from PySide6.QtWidgets import QApplication

    # One that a window can use, too: Qt allows no second one in a process.
    app = QCoreApplication.instance() or QApplication([])
    names, default = QPrinterInfo.availablePrinterNames(), QPrinterInfo.defaultPrinterName()
    del app
    return sorted(names, key=lambda name: (name != default, name))
