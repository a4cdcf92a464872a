"""On a screen of 1920 × 1080 at 200 %, and with large amounts, everything that is needed can be reached."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QLabel, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from paydesk.domain.bill import Bill
from paydesk.domain.money import Money
from paydesk.domain.tender import TenderKind
from tests.ui.paying import Counter, bill

SMALL = (960, 508)
"""The screen in device-independent pixels, without the title of the window."""


def _of(cents: int) -> Bill:
    made = bill()
    return replace(made, lines=tuple(replace(line, amount=Money(cents)) for line in made.lines))


def test_the_payment_dialog_needs_no_more_room_for_a_large_amount(qtbot: QtBot) -> None:
    widths = []
    for cents in (10_00, 12_345_67, 999_999_99):
        counter = Counter(qtbot)
        counter.take(_of(cents))
        counter.dialog.bill.be_narrow()
        widths.append(counter.dialog.minimumSizeHint().width())
        counter.dialog.done(0)
    assert max(widths) <= SMALL[0]


def test_amounts_of_the_lines_end_where_the_sums_end(qtbot: QtBot) -> None:
    counter = Counter(qtbot)
    counter.take()
    ends = {
        text.mapTo(counter.dialog, text.rect().topRight()).x()
        for text in counter.dialog.bill.findChildren(QLabel)
        if text.text() in ("838.00", "412.00", "1,250.00")
    }
    assert len(ends) == 1


def test_a_form_that_scrolls_follows_the_keyboard(qtbot: QtBot) -> None:
    counter = Counter(qtbot)
    counter.take(kind=TenderKind.ACH)
    counter.dialog.bill.be_narrow()
    counter.dialog.resize(SMALL[0], 340)
    field = counter.dialog.page.bank.holder
    field.setFocus()
    view = _view(field)
    qtbot.waitUntil(lambda: field.mapTo(view, QPoint(0, field.height())).y() <= view.height())


def _view(widget: QWidget) -> QWidget:
    area = widget
    while not isinstance(area, QScrollArea):
        area = area.parentWidget()
    return area.viewport()
