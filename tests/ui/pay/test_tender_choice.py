"""The tiles of the payment methods, alone in a window."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from paydesk.domain.money import Money
from paydesk.domain.quote import OverLimit, Quote
from paydesk.domain.tender import TenderKind
from paydesk.ui.kit import theme
from paydesk.ui.pay.tender_choice import TenderChoice

CREDIT, DEBIT, ACH = TenderKind


def test_no_line_of_a_tile_is_cut_beside_one_that_needs_less_room(qtbot: QtBot, qapp: QApplication) -> None:
    theme.install(qapp)
    due = Money(18_400_00)
    choice = TenderChoice(
        {
            CREDIT: Quote(CREDIT, due, Money(644_00)),
            DEBIT: Quote(DEBIT, due, Money(276_00)),
            ACH: OverLimit(Money(15_000_00), Money(3_400_00)),
        }
    )
    qtbot.addWidget(choice)
    choice.show()
    qapp.processEvents()
    labels = [one for tile in choice.tiles for one in tile.findChildren(QLabel) if one.isVisible()]
    assert len({tile.findChildren(QLabel)[1].y() for tile in choice.tiles}) == 1, "their names are in line"
    cut = [one.text() for one in labels if one.text() and one.height() < one.sizeHint().height()]
    assert cut == []
