"""Parts of forms by themselves."""

from __future__ import annotations

from enum import StrEnum

import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QFont, QFontMetrics, QKeySequence
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit
from pytestqt.qtbot import QtBot

from paydesk.ui.kit import theme, widgets
from paydesk.ui.kit.form import Choice, Row, Segment
from paydesk.ui.kit.widgets import native_key, with_key


class _Word(StrEnum):
    INVOICE = "invoice"
    RECORDING = "recording"


def test_a_chosen_segment_has_room_for_its_heavier_text(qtbot: QtBot, qapp: QApplication) -> None:
    """On Windows the first letter was cut."""
    theme.install(qapp)
    choice = Choice("choice", "Choice", [(_Word.INVOICE, "Invoice   F2"), (_Word.RECORDING, "Recording")])
    qtbot.addWidget(choice)
    choice.show()
    choice.resize(choice.minimumSizeHint())
    for one in choice.findChildren(Segment):
        heavy = QFont(one.font())
        heavy.setWeight(QFont.Weight.DemiBold)
        one.setChecked(True)
        assert one.width() >= QFontMetrics(heavy).horizontalAdvance(one.text()) + 2 * (9 + 2)


def _row(qtbot: QtBot, qapp: QApplication) -> tuple[Row, list[QLineEdit], QLabel]:
    theme.install(qapp)
    row, fields = Row(), [QLineEdit() for _ in range(3)]
    for place, field in enumerate(fields):
        row.add(f"Field {place}", field)
    qtbot.addWidget(row)
    row.resize(600, 90)
    row.show()
    row.activateWindow()
    [line] = [one for one in row.findChildren(QLabel) if one.text() not in {"Field 0", "Field 1", "Field 2"}][
        -1:
    ]
    return row, fields, line


def test_an_error_stands_below_its_own_field(qtbot: QtBot, qapp: QApplication) -> None:
    """The error of a ZIP stood below the customer number."""
    row, fields, line = _row(qtbot, qapp)
    for field in fields:
        row.mark(field, "Wrong.")
        QApplication.processEvents()
        assert field.x() <= line.x() <= field.x() + 20
        row.mark(field, "")


def test_a_long_error_of_the_last_field_ends_with_it_on_one_line(qtbot: QtBot, qapp: QApplication) -> None:
    row, fields, line = _row(qtbot, qapp)
    row.mark(fields[2], "Account numbers don't match. Read it back and re-enter it.")
    QApplication.processEvents()
    assert fields[1].x() < line.x() < fields[2].x()
    assert line.fontMetrics().horizontalAdvance(line.text()) <= line.width()
    row.resize(300, 120)
    QApplication.processEvents()
    assert row.width() == 300, "and it never keeps the row wide"


def test_of_several_errors_the_one_with_the_keyboard_is_said(qtbot: QtBot, qapp: QApplication) -> None:
    row, fields, line = _row(qtbot, qapp)
    for place, field in enumerate(fields[:2]):
        row.mark(field, f"Wrong {place}.")
    assert line.text() == "Wrong 0."
    fields[1].setFocus()
    qtbot.waitUntil(lambda: line.text() == "Wrong 1.")
    fields[2].setFocus()
    qtbot.waitUntil(lambda: line.text() == "Wrong 0.")


class _Layouts(QObject):
    """Counts how often the layout of a widget is asked to be made again."""

    count = 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt names it
        self.count += event.type() == QEvent.Type.LayoutRequest
        return False


def test_what_is_said_already_lays_nothing_out_again(qtbot: QtBot, qapp: QApplication) -> None:
    """Each lookup laid its page out once more than needed, before it began."""
    row, field, layouts = Row(), QLineEdit(), _Layouts()
    qtbot.addWidget(row)
    row.add("Number", field)
    row.hint("Type, paste or scan it.")
    row.show()
    qapp.processEvents()
    row.installEventFilter(layouts)
    row.mark(field, "")
    row.hint("Type, paste or scan it.")
    qapp.processEvents()
    assert layouts.count == 0
    row.mark(field, "That is no number.")
    qapp.processEvents()
    assert layouts.count > 0


def test_keys_are_written_as_the_system_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Mac says ⌘S, by Qt's own table. Keys without a modifier keep their plain names."""

    class Mac(QKeySequence):
        def toString(self, _format: object = None) -> str:  # noqa: N802 - Qt's name
            return super().toString().replace("Ctrl+", "⌘").replace("Shift+", "⇧")

    shown = [native_key(key) for key in ("Ctrl+S", "Shift+F6", "F9", "Enter", "Esc")]
    assert shown == ["Ctrl+S", "Shift+F6", "F9", "Enter", "Esc"]
    monkeypatch.setattr(widgets, "QKeySequence", Mac)
    assert with_key("Save as PDF…", "Ctrl+S").endswith("⌘S")
    assert native_key("Enter") == "Enter"
