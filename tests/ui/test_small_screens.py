"""On a screen of 1920 × 1080 at 200 %, and with large amounts, everything that is needed can be reached."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QLabel, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from paydesk.domain.bill import Bill
from paydesk.domain.money import Money
from paydesk.domain.tender import TenderKind
from paydesk.ui.room import Roomy
from tests.ui.front import Front
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
    bank = counter.dialog.page.bank
    for field, text in ((bank.routing, "021000021"), (bank.account, "123456789"), (bank.again, "123456789")):
        field.setText(text)
    bank.holder.clear()
    assert not bank.complete()
    assert counter.at == "tender.bank.holder"
    view = _view(bank.holder)
    assert bank.holder.mapTo(view, QPoint(0, bank.holder.height())).y() <= view.height()


def test_a_small_window_needs_no_scrolling_and_shows_what_is_owed(qtbot: QtBot) -> None:
    front = Front(qtbot)
    front.window.resize(*SMALL)
    front.look_up("50123")
    front.press(Qt.Key.Key_F6)
    page, table = front.take, front.take.selection.table
    area = page.window().findChild(Roomy)
    assert isinstance(area, Roomy)
    qtbot.waitUntil(lambda: page.size() == area.viewport().size())
    columns = enumerate(page.selection.model.columns)
    assert {column.name for place, column in columns if table.isColumnHidden(place)} >= {"due", "policy"}
    assert not table.isColumnHidden(page.selection.model.column("balance"))
    assert front.window.recent.isHidden()
    front.window.resize(1366, 728)
    qtbot.waitUntil(lambda: not table.isColumnHidden(page.selection.model.column("policy")))
    assert front.window.recent.isVisible()


def _view(widget: QWidget) -> QWidget:
    area: QWidget | None = widget
    while not isinstance(area, QScrollArea):
        assert area is not None
        area = area.parentWidget()
    return area.viewport()
