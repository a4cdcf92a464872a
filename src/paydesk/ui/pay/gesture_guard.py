"""Keeps the gesture that charged from doing more: a second click, a second Enter, a key held down."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from paydesk.ui.qt.timers import pause

DEAD_MS = 700
"""Milliseconds. A slow double click of Windows takes up to 500, and a person reads a word in 200."""

_CLICKS = frozenset(
    {QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick, QEvent.Type.MouseButtonRelease}
)
_KEY_EVENTS = frozenset({QEvent.Type.KeyPress, QEvent.Type.KeyRelease})
_KEYS = frozenset({Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space})


class GestureGuard(QObject):
    """Swallows clicks, Enter and Space in a window until none has come for ``DEAD_MS``.

    Each of them starts the time again, so that a key held down never gets through, however long it is held.
    ``ended`` follows.
    """

    ended = Signal()

    def __init__(self, window: QWidget, *, only_doubles: bool = False) -> None:
        """With ``only_doubles`` it swallows nothing but the second half of a double click."""
        super().__init__(window)
        self._window, self._only_doubles = window, only_doubles
        self._timer = pause(self, DEAD_MS, self.end)

    @property
    def active(self) -> bool:
        """True while gestures are swallowed."""
        return self._timer.isActive()

    def start(self) -> None:
        """Swallow gestures from now on."""
        if not self.active:
            _application().installEventFilter(self)
        self._timer.start()

    def end(self) -> None:
        """Let gestures through again."""
        self._timer.stop()
        _application().removeEventFilter(self)
        self.ended.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Swallow what could have charged."""
        if (
            not self._is_gesture(event)
            or not isinstance(watched, QWidget)
            or watched.window() is not self._window
        ):
            return False
        self._timer.start()
        return True

    def _is_gesture(self, event: QEvent) -> bool:
        if self._only_doubles:
            return event.type() == QEvent.Type.MouseButtonDblClick
        if event.type() in _CLICKS:
            return True
        if event.type() not in _KEY_EVENTS or not isinstance(event, QKeyEvent):
            return False
        return event.key() in _KEYS


def _application() -> QCoreApplication:
    found = QCoreApplication.instance()
    assert found is not None
    return found
