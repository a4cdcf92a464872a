"""The printers of this computer, for a program without a window."""

from __future__ import annotations

import os
import sys


def printer_names() -> list[str]:
    """Return the names of the installed printers, the default one first."""
    if sys.platform == "linux" and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")  # Qt aborts the program without a screen
    from PySide6.QtCore import QCoreApplication
    from PySide6.QtPrintSupport import QPrinterInfo
    from PySide6.QtWidgets import QApplication

    # A QApplication that a window can use, too: Qt allows only one in a process.
    app = QCoreApplication.instance() or QApplication([])
    names, default = QPrinterInfo.availablePrinterNames(), QPrinterInfo.defaultPrinterName()
    del app
    return sorted(names, key=lambda name: (name != default, name))
