"""Timers, built without Qt's keyword properties.

PySide6 lowercases the keyword with the C library's rules: on a Turkish computer ``QTimer(interval=5)`` raises
AttributeError (rednotebook#50, rotki#3463). ``tests/test_locale.py`` forbids the keywords.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer


def pause(parent: QObject, milliseconds: int, then: Callable[[], object]) -> QTimer:
    """Return a timer that calls ``then`` once, that long after its last start."""
    timer = repeating(parent, milliseconds, then)
    timer.setSingleShot(True)
    return timer


def repeating(parent: QObject, milliseconds: int, act: Callable[[], object]) -> QTimer:
    """Return a timer that calls ``act`` again and again once it is started."""
    timer = QTimer(parent)
    timer.setInterval(milliseconds)
    timer.timeout.connect(act)
    return timer
