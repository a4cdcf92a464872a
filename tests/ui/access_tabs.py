"""The way of the Tab key through a window, and if it follows the eye."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

MOST_STOPS, WITHIN = 100, 6
"""Most stops of a window, and presses of Tab within one, such as the parts of a date."""
ROOM = 8
"""Pixels by which widgets of one line may differ in height."""


@dataclass(frozen=True)
class Stop:
    """One stop, its place in the window when the keyboard leaves it, and the place of the next one then.

    A page that scrolls to the next stop moves both.
    """

    widget: QWidget
    rect: QRect
    onward: QRect

    def __str__(self) -> str:
        return self.widget.objectName() or type(self.widget).__name__


def tab_stops(qtbot: QtBot, window: QWidget) -> list[Stop]:
    """Press Tab until the keyboard is back where it began. Returns every stop, the first one first."""
    window.activateWindow()
    qtbot.waitUntil(lambda: QApplication.activeWindow() is window, timeout=20_000)
    if QApplication.focusWidget() is None:
        window.focusNextPrevChild(True)
    stops: list[Stop] = []
    while len(stops) < MOST_STOPS:
        at = QApplication.focusWidget()
        assert at is not None, f"the keyboard is lost after {stops[-1] if stops else 'the start'}"
        if stops and at is stops[0].widget:
            return stops
        assert at not in [one.widget for one in stops], f"{at.objectName()} leads back into the middle"
        for _ in range(WITHIN):
            QTest.keyClick(QApplication.focusWidget() or at, Qt.Key.Key_Tab)
            if QApplication.focusWidget() is not at:
                break
        else:
            assert not stops, f"{at.objectName()} lets no Tab out"
        stops.append(Stop(at, _place(at, window), _place(QApplication.focusWidget() or at, window)))
        if stops[-1].widget is QApplication.focusWidget():
            return stops
    raise AssertionError("Tab never comes back")


def _place(widget: QWidget, window: QWidget) -> QRect:
    return QRect(widget.mapTo(window, QPoint(0, 0)), widget.size())


def jumps(stops: list[Stop]) -> list[str]:
    """Return the steps against the eye: up, and not to the right. One leads from the end to the start."""
    found = [
        f"{one} → {other}"
        for one, other in zip(stops, [*stops[1:], stops[0]], strict=True)
        if one.onward.top() < one.rect.top() - ROOM and one.onward.left() < one.rect.right() - ROOM
    ]
    return found if len(found) > 1 else []
