"""Let a screen reader say what a widget shows."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget


def announce(widget: QWidget) -> None:
    """Say the widget's accessible name at once, as an alert."""
    from PySide6.QtGui import QAccessible, QAccessibleEvent  # slow to load, and a start announces nothing

    QAccessible.updateAccessibility(QAccessibleEvent(widget, QAccessible.Event.Alert))
