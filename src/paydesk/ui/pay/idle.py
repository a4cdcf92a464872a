"""Time without a key or a click, after which numbers must not stand on the screen any longer."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Signal

from paydesk.ui.qt.timers import pause

BLANK_MS = 2 * 60_000
"""Milliseconds without a key or a click after which the number of a card or an account is forgotten."""

LOCK_MS = 15 * 60_000
"""Milliseconds without a key or a click after which the fields lock (PCI DSS 4.0.1, 8.2.8)."""

_SIGNS_OF_LIFE = frozenset({QEvent.Type.KeyPress, QEvent.Type.MouseButtonPress})


class Idle(QObject):
    """Watches the keys and clicks of the whole program, from ``start`` to ``stop``.

    ``blank_due`` and ``lock_due`` follow ``BLANK_MS`` and ``LOCK_MS`` without any.
    """

    blank_due = Signal()
    lock_due = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._timers = (
            pause(self, BLANK_MS, self.blank_due.emit),
            pause(self, LOCK_MS, self.lock_due.emit),
        )

    def start(self) -> None:
        """Begin. The time runs from now."""
        app = QCoreApplication.instance()
        assert app is not None
        app.installEventFilter(self)
        self._restart()

    def stop(self) -> None:
        """End. Neither signal follows any more."""
        app = QCoreApplication.instance()
        if app is not None:
            app.removeEventFilter(self)
        for timer in self._timers:
            timer.stop()

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Let the time run anew at a key or a click. Takes no event away."""
        if event.type() in _SIGNS_OF_LIFE:
            self._restart()
        return False

    def _restart(self) -> None:
        for timer in self._timers:
            timer.start()
