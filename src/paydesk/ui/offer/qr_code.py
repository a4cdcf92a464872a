"""A QR code, drawn black on white in both themes, because phones read nothing else as well."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

Modules = Sequence[Sequence[bool]]

QUIET = 4
"""Modules of white around a code (ISO/IEC 18004)."""


class QrCode(QWidget):
    """The code of one text."""

    def __init__(self, name: str, spoken: str, side: int) -> None:
        """``side`` is its width in device-independent pixels, if the layout leaves that room."""
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(spoken)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self._side = side
        self.modules: Modules = ()
        """The rows of the code. True is dark."""

    def show_code(self, modules: Modules) -> None:
        """Show a code, or nothing for none."""
        self.modules = modules
        self.update()

    def sizeHint(self) -> QSize:
        """Return the size it asks for."""
        return QSize(self._side, self._side)

    def minimumSizeHint(self) -> QSize:
        """Return the smallest size that a phone still reads on a desk."""
        return QSize(150, 150)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw it as large as it fits, with whole pixels a module."""
        if not self.modules:
            return
        painter = QPainter(self)
        whole = len(self.modules) + 2 * QUIET
        module = max(1, min(self.width(), self.height()) // whole)
        side = module * whole
        painter.fillRect(QRectF(0, 0, side, side), Qt.GlobalColor.white)
        for row, line in enumerate(self.modules, QUIET):
            for column, dark in enumerate(line, QUIET):
                if dark:
                    place = QRectF(column * module, row * module, module, module)
                    painter.fillRect(place, Qt.GlobalColor.black)
