"""The list: no amount is cut, every column sorts, and rows go to the clipboard in full."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QFontMetrics, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from paydesk.domain.money import Money
from paydesk.domain.payment import State
from paydesk.domain.tender import TenderKind
from paydesk.ui.kit import theme
from paydesk.ui.kit.theme import Space
from paydesk.ui.lists.cells import before_sums
from paydesk.ui.lists.model import Band, Column, Role, Sorting, TableModel
from paydesk.ui.lists.payment_columns import NEWEST_FIRST
from paydesk.ui.lists.table import Table
from paydesk.ui.main.window import ATTENTION, PAYMENTS
from paydesk.ui.payments import words
from paydesk.ui.payments.attention_page import AttentionPage
from paydesk.ui.payments.page import HistoryPage
from paydesk.ui.payments.payment_list import PaymentList
from tests.fakes.office import Office
from tests.ui.front import Front

SCREENS = [(1366, 728), (960, 508), (800, 440)]


@pytest.fixture
def office() -> Office:
    """A desk with large amounts and long outcomes behind it."""
    made = Office()
    large = replace(made.source.invoices["60010"], balance=Money(888_888_88), amount=Money(888_888_88))
    made.source.invoices["60010"] = large
    made.took("60010", minutes_ago=200)
    made.took("60011", minutes_ago=180, kind=TenderKind.ACH)
    made.took("60012", minutes_ago=150, state=State.DECLINED)
    made.took("50303", minutes_ago=60, state=State.UNKNOWN)
    made.took("50200", minutes_ago=40, otherwise=250)
    made.took("50301", minutes_ago=30, state=State.NOT_CHARGED)
    made.took("50123", "50177", minutes_ago=12)
    return made


def _payments(front: Front) -> HistoryPage:
    front.window.tabs.setCurrentIndex(PAYMENTS)
    page = front.find(HistoryPage, "payments")
    front.until(lambda: len(page.model.rows) == 7)
    return page


def _attention(front: Front) -> AttentionPage:
    front.window.tabs.setCurrentIndex(ATTENTION)
    page = front.find(AttentionPage, "attention")
    front.until(lambda: len(page.model.rows) == 2)
    return page


def _cut(table: Table, model: TableModel[Any]) -> list[str]:
    """Return the texts of shown columns that have less room than they need, but for names."""
    return [
        text
        for place, column in enumerate(model.columns)
        if not table.isColumnHidden(place) and column.name not in ("payer", "name")
        for text in [column.title, *(column.text(row) for row in model.rows)]
        if QFontMetrics(theme.font("body")).horizontalAdvance(text)
        > table.columnWidth(place) - 2 * Space.S - (26 if column.icon and text != column.title else 0)
    ]


def _click(table: Table, column: str) -> None:
    """Click the title of a column."""
    titles, place = table.horizontalHeader(), table._model.column(column)
    spot = QPoint(titles.sectionViewportPosition(place) + titles.sectionSize(place) // 2, 10)
    QTest.mouseClick(titles.viewport(), Qt.MouseButton.LeftButton, pos=spot)


# ---- widths -------------------------------------------------------------------------------


def test_no_outcome_time_or_amount_is_cut_on_any_screen(qtbot: QtBot, office: Office) -> None:
    front = Front(qtbot, office)
    pages: list[PaymentList] = [_payments(front), _attention(front)]
    for page, tab in zip(pages, (PAYMENTS, ATTENTION), strict=True):
        front.window.tabs.setCurrentIndex(tab)
        for size in SCREENS:
            front.window.resize(*size)
            names = [column.name for column in page.model.columns]
            hidden = {name for place, name in enumerate(names) if page.table.isColumnHidden(place)}
            assert not hidden & {"state", "when", "payer", "total"}
            assert _cut(page.table, page.model) == []
    outcomes = [pages[1].model.columns[0].text(row) for row in pages[1].model.rows]
    assert "Amount mismatch" in outcomes, "which was cut when columns had fixed widths"


def test_all_columns_are_shown_on_an_ordinary_screen_and_the_name_takes_the_rest(
    qtbot: QtBot, office: Office
) -> None:
    front = Front(qtbot, office)
    page = _payments(front)
    widths = [page.table.columnWidth(place) for place in range(len(page.model.columns))]
    assert all(widths)
    assert sum(widths) == page.table.viewport().width()
    front.window.resize(1800, 900)
    grown = [page.table.columnWidth(place) for place in range(len(page.model.columns))]
    name = page.model.column("payer")
    assert grown[name] > widths[name]
    assert grown[:name] + grown[name + 1 :] == widths[:name] + widths[name + 1 :]


def test_a_column_grows_for_what_is_listed_later_and_does_not_jump_back(qtbot: QtBot) -> None:
    model = TableModel([Column("name", "Name", str), Column("total", "Total", str, right=True)])
    table = Table("list", "List", model)
    qtbot.addWidget(table)
    table.fit_columns(stretch="name")
    table.resize(400, 200)
    table.show()
    model.show(["1.00"])
    narrow = table.columnWidth(1)
    model.append(["123,456,789.00"])
    qtbot.waitUntil(lambda: not _cut(table, model), timeout=20_000)
    wide = table.columnWidth(1)
    assert narrow < wide
    model.show(["1.00"])
    assert table.columnWidth(1) == wide


def test_a_row_far_below_is_not_cut_when_it_scrolls_into_view(qtbot: QtBot) -> None:
    model = TableModel(
        [Column("name", "Name", str), Column("total", "Total", str), Column("x", "", str, most=50)]
    )
    table = Table("list", "List", model)
    qtbot.addWidget(table)
    table.fit_columns(stretch="name")
    table.resize(600, 200)
    table.show()
    model.show([*["1.00"] * 300, "123,456,789.00"])
    table.scrollToBottom()
    needed = QFontMetrics(theme.font("body")).horizontalAdvance("123,456,789.00") + 2 * Space.S
    qtbot.waitUntil(lambda: table.columnWidth(1) >= needed, timeout=20_000)
    qtbot.waitUntil(lambda: table.columnWidth(2) == 50 + 2 * Space.S, timeout=20_000)


def test_most_limits_a_column_of_long_texts(qtbot: QtBot) -> None:
    model = TableModel([Column("name", "Name", str), Column("what", "What", str, most=100)])
    table = Table("list", "List", model)
    qtbot.addWidget(table)
    table.fit_columns(stretch="name")
    model.show(["x" * 500])
    assert table.columnWidth(1) == 100 + 2 * Space.S


def test_no_amount_of_an_invoice_is_cut(qtbot: QtBot) -> None:
    office = Office()
    large = replace(
        office.source.invoices["50123"], balance=Money(88_888_888_88), amount=Money(88_888_888_88)
    )
    office.source.invoices["50123"] = large
    front = Front(qtbot, office)
    front.look_up("50123")
    table, model = front.take.selection.table, front.model
    needed = QFontMetrics(theme.font("body")).horizontalAdvance("88,888,888.88") + 2 * Space.S
    assert table.columnWidth(model.column("balance")) >= needed
    assert table.columnWidth(model.column("amount")) >= needed


# ---- sorting ------------------------------------------------------------------------------


def test_every_column_sorts_both_ways_and_returns_to_the_newest_first(qtbot: QtBot, office: Office) -> None:
    front = Front(qtbot, office)
    page = _payments(front)
    newest_first = list(page.model.rows)
    for column in page.model.columns:
        if column.name == "when":
            continue
        directions = []
        for _click_of_two in range(2):
            _click(page.table, column.name)
            sorting = page.model.sorting
            assert sorting is not None
            values = _values(page.model, column.name)
            assert values == sorted(values, reverse=sorting.down), column.name
            directions.append(sorting.down)
        assert directions == [column.down, not column.down]
        _click(page.table, column.name)
        assert page.model.sorting == NEWEST_FIRST
        assert page.model.rows == newest_first
    _click(page.table, "when")
    assert page.model.sorting == Sorting("when")
    assert page.model.rows == newest_first[::-1]
    _click(page.table, "when")
    assert page.model.rows == newest_first


def _values(model: TableModel[Any], column: str) -> list[Any]:
    place = model.column(column)
    cells = [model.index(row, place).data(Role.SORT) for row in range(len(model.rows))]
    there = [cell for cell in cells if cell not in (None, "")]
    assert cells[: len(there)] == there, "rows without a value come last"
    return [cell.casefold() if isinstance(cell, str) else cell for cell in there]


def test_the_sorted_title_says_so_to_a_screen_reader(qtbot: QtBot, office: Office) -> None:
    front = Front(qtbot, office)
    page = _payments(front)

    def spoken(column: str) -> str:
        place, role = page.model.column(column), Qt.ItemDataRole.AccessibleTextRole
        return str(page.model.headerData(place, Qt.Orientation.Horizontal, role))

    assert spoken("when") == "Date, sorted descending"
    _click(page.table, "total")
    assert spoken("total") == "Total, sorted descending"
    assert spoken("when") == "Date"
    _click(page.table, "total")
    assert spoken("total") == "Total, sorted ascending"


def test_the_current_payment_stays_current_while_the_list_is_sorted_and_read_again(
    qtbot: QtBot, office: Office
) -> None:
    front = Front(qtbot, office)
    page = _payments(front)
    page.table.selectRow(3)
    wanted = page.model.rows[3]
    _click(page.table, "total")
    office.took("50181", minutes_ago=1)
    page.refresh()
    front.until(lambda: len(page.model.rows) == 8)
    assert page.model.value(page.table.currentIndex()) == wanted
    assert page.details.payment == wanted
    totals = [row.draft.quote.total for row in page.model.rows]
    assert totals == sorted(totals, reverse=True)


def test_a_list_too_long_to_sort_says_that_only_its_newest_are_sorted(
    qtbot: QtBot, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("paydesk.ui.payments.page.MOST_AGAIN", 5)
    monkeypatch.setattr("paydesk.ui.payments.page.PAGE", 3)
    front = Front(qtbot, office)
    front.window.tabs.setCurrentIndex(PAYMENTS)
    page = front.find(HistoryPage, "payments")
    front.until(lambda: bool(page.model.rows))
    _click(page.table, "total")
    front.until(lambda: front.says("payments.count") == words.newest_sorted(5))
    assert len(page.model.rows) == 5
    assert not page.model.canFetchMore(page.table.rootIndex())


def test_the_menu_sorts_by_keyboard(qtbot: QtBot, office: Office) -> None:
    front = Front(qtbot, office)
    page = _payments(front)
    page.table.setFocus()
    menu = page.table.copy_menu(QPoint(-1, -1))
    [sort_by] = menu.findChildren(QMenu)
    titles = [action.text() for action in sort_by.actions() if action.text()]
    assert titles == [column.title for column in page.model.columns] + ["Original order"]
    next(action for action in sort_by.actions() if action.text() == "Customer").trigger()
    assert page.model.sorting == Sorting("payer")
    again = page.table._sort_menu(menu)
    assert [action.text() for action in again.actions() if action.isChecked()] == ["Customer"]
    again.actions()[-1].trigger()
    assert page.model.sorting == NEWEST_FIRST


# ---- copying ------------------------------------------------------------------------------


def test_ctrl_c_copies_the_row_with_its_hidden_columns(qtbot: QtBot, office: Office) -> None:
    front = Front(qtbot, office)
    front.window.resize(800, 440)
    page = _payments(front)
    assert page.table.isColumnHidden(page.model.column("receipt"))
    page.table.setFocus()
    front.press(Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text().split("\t") == [
        "Approved", "Aug 14, 4:39 PM", "Sample Bakery", "50123, 50177", "Visa 1111", "1,293.75",
        page.model.rows[0].receipt_number, "Waiting",
    ]  # fmt: skip


def test_several_rows_are_selected_and_copied_by_keyboard(qtbot: QtBot, office: Office) -> None:
    front = Front(qtbot, office)
    page = _payments(front)
    page.table.setFocus()
    front.press(Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier, times=2)
    front.press(Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    lines = QGuiApplication.clipboard().text().split("\n")
    assert [line.split("\t")[5] for line in lines] == ["1,293.75", "1,159.20", "250.90"]
    front.press(Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    front.press(Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert len(QGuiApplication.clipboard().text().split("\n")) == 7


@pytest.mark.parametrize("text", ["=1+1", "+1", "-2+3", "@SUM(A1)", "a\tb", "a\nb", "a\r\nb", "\x1b[0m"])
def test_a_copied_cell_is_neither_a_formula_nor_two_cells(qtbot: QtBot, text: str) -> None:
    model = TableModel([Column("name", "Name", str), Column("same", "Same", str)])
    table = Table("list", "List", model)
    qtbot.addWidget(table)
    model.show([text])
    table.setCurrentIndex(model.index(0, 0))
    table.copy_rows()
    [one, other] = QGuiApplication.clipboard().text().split("\t")
    assert one == other
    assert not one.startswith(("=", "+", "-", "@"))
    assert "\n" not in one
    assert one.isprintable()


def test_an_ampersand_in_a_name_stays_in_the_menu(qtbot: QtBot) -> None:
    model = TableModel([Column("name", "Name", str)])
    table = Table("list", "List", model)
    qtbot.addWidget(table)
    table.fit_columns(stretch="name")
    model.show(["Smith & Sons"])
    table.show()
    copy = table.copy_menu(table.visualRect(model.index(0, 0)).center()).actions()[0]
    assert copy.text() == "Copy “Smith && Sons”"
    copy.trigger()
    assert QGuiApplication.clipboard().text() == "Smith & Sons"


@pytest.mark.qt_log_ignore("This plugin does not support")
def test_a_right_click_takes_the_row_below_the_pointer(qtbot: QtBot, office: Office) -> None:
    front = Front(qtbot, office)
    page = _payments(front)
    index = page.model.index(4, page.model.column("payer"))
    spot = page.table.visualRect(index).center()
    where = page.table.viewport().mapToGlobal(spot)
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, spot, where)
    QApplication.sendEvent(page.table.viewport(), event)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    said = [action.text() for action in menu.actions()]
    menu.close()
    assert page.table.currentIndex().row() == 4
    assert said[0] == f"Copy “{index.data()}”"
    assert "Copy row\tCtrl+C" in said
    assert "Select all\tCtrl+A" in said


def test_the_row_with_the_keyboard_is_marked_when_it_is_not_selected(qtbot: QtBot, office: Office) -> None:
    front = Front(qtbot, office)
    page = _payments(front)
    page.table.setFocus()
    spot = page.table.visualRect(page.model.index(0, 1)).center()
    control = Qt.KeyboardModifier.ControlModifier
    QTest.mouseClick(page.table.viewport(), Qt.MouseButton.LeftButton, control, spot)
    assert not page.table.selectionModel().selectedRows()
    assert page.table.currentIndex().row() == 0
    bar = page.table.grab().toImage().pixelColor(QPoint(1, page.table.horizontalHeader().height() + spot.y()))
    assert bar == theme.color("accent")


def test_the_line_above_a_group_is_cut_before_its_sums(qapp: QApplication) -> None:
    """In a narrow list, one was written over the other."""
    theme.install(qapp)
    metrics = QFontMetrics(theme.font("small"))
    band = Band("Today, Sunday, November 29, 2026", "9 payments, 7 taken: $4,026.69")
    whole = metrics.horizontalAdvance(f"{band.text}{band.sums}") + 40
    assert before_sums(band, metrics, whole) == band.text
    cut = before_sums(band, metrics, whole - 80)
    assert cut.endswith("…")
    assert metrics.horizontalAdvance(f"{cut}{band.sums}") < whole - 80
