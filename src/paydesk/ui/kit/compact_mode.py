"""Compact mode for small windows. On 1920 × 1080 at 200 % a payment must not need scrolling."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QEvent, QObject, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

ROOMY = QSize(1120, 640)
"""Minimum size of a window that shows everything, in device-independent pixels."""


class Compact(Protocol):
    """A part of the window that can take less room."""

    def be_compact(self, compact: bool) -> None:
        """Hide what is not essential, or show it again."""
        ...


class Fitting(QObject):
    """Tells the parts of a window if it is small, at each change."""

    def __init__(self, window: QWidget, *parts: Compact) -> None:
        super().__init__(window)
        self._parts = parts
        self._compact = False
        window.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Check the new size."""
        if event.type() == QEvent.Type.Resize and isinstance(event, QResizeEvent):
            compact = event.size().width() < ROOMY.width() or event.size().height() < ROOMY.height()
            if compact != self._compact:
                self._compact = compact
                for part in self._parts:
                    part.be_compact(compact)
        return False
