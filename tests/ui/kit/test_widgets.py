"""Buttons by themselves."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QLineEdit
from pytestqt.qtbot import QtBot

from paydesk.ui.kit.widgets import be_default, button, stack


def test_enter_presses_the_button_that_has_the_keyboard_and_else_the_default_one(qtbot: QtBot) -> None:
    """At **Keep it**, Enter pressed the default button instead, which undid the import."""
    dialog, pressed = QDialog(), list[str]()
    field, go, stay = QLineEdit(), button("Go", "go"), button("Stay", "stay")
    go.clicked.connect(lambda: pressed.append("go"))
    stay.clicked.connect(lambda: pressed.append("stay"))
    be_default(go, stay)
    stack(dialog, field, go, stay)
    qtbot.addWidget(dialog)
    dialog.show()
    for one in (field, stay, go):
        one.setFocus()
        QTest.keyClick(one, Qt.Key.Key_Return)
    assert pressed == ["go", "stay", "go"]
