"""Parts of forms by themselves."""

from __future__ import annotations

from enum import StrEnum

from PySide6.QtGui import QFont, QFontMetrics
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from paydesk.ui.kit import theme
from paydesk.ui.kit.form import Choice, Segment


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
