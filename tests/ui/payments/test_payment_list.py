"""The list of payments: filters, days with sums, a customer's history, details by keyboard, and saving."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from itertools import count
from pathlib import Path

import openpyxl
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDateEdit, QMenu, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from paydesk.domain.money import total
from paydesk.domain.payment import PAID, State
from paydesk.domain.tender import TenderKind
from paydesk.domain.typed.days import Days
from paydesk.domain.typed.payment_filter import PaymentFilter
from paydesk.ui.lists.lines import LINE
from paydesk.ui.lists.payment_columns import NEWEST_FIRST, paid
from paydesk.ui.main import words as main_words
from paydesk.ui.main.window import ATTENTION, DAY_END, PAYMENTS, TAKE
from paydesk.ui.payments import day_bands, filter_words, words
from paydesk.ui.payments.attention_page import AttentionPage
from paydesk.ui.payments.days_dialog import DaysDialog
from paydesk.ui.payments.filter_bar import this_week
from paydesk.ui.payments.page import HistoryPage
from tests.fakes.office import Office
from tests.ui.front import Front

CONTROL = Qt.KeyboardModifier.ControlModifier
TODAY = date(2026, 8, 14)
"""A Friday, as the office has it."""


@pytest.fixture
def office() -> Office:
    """A desk with payments of three days behind it."""
    made = Office()
    day = 24 * 60
    made.took("60010", minutes_ago=9 * day)
    made.took("60011", minutes_ago=day + 20, kind=TenderKind.ACH)
    made.took("60012", minutes_ago=day + 10, state=State.DECLINED)
    other = made.session("Front-2", "Priya")
    made.took("50301", minutes_ago=120, kind=TenderKind.DEBIT_CARD, ledger=other)
    made.took("50200", minutes_ago=40, state=State.VOIDED)
    made.took("50123", "50177", minutes_ago=12)
    return made


def _open(front: Front, rows: int = 6) -> HistoryPage:
    front.window.tabs.setCurrentIndex(PAYMENTS)
    page = front.find(HistoryPage, "payments")
    front.until(lambda: len(page.model.rows) == rows)
    return page


def _chip(front: Front, name: str) -> QPushButton:
    return front.button(f"payments.filters.{name}")


def _choose(front: Front, name: str, text: str) -> None:
    """Choose from the menu of a chip."""
    menu = _chip(front, name).menu()
    assert isinstance(menu, QMenu)
    menu.aboutToShow.emit()
    next(action for action in menu.actions() if action.text() == text).trigger()


def _listed(page: HistoryPage) -> list[int]:
    return [payment.id for payment in page.model.rows]


# ---- filters ------------------------------------------------------------------------------


def test_each_filter_narrows_the_list_and_shows_that_it_does(qtbot: QtBot, office: Office) -> None:
    front = Front(qtbot, office)
    page = _open(front)
    chips: list[tuple[str, Callable[[], None], list[int], str]] = [
        ("today", lambda: _chip(front, "today").click(), [6, 5, 4], "Today, filter on"),
        ("week", lambda: _chip(front, "week").click(), [6, 5, 4, 3, 2], "This week, filter on"),
        ("status", lambda: _choose(front, "status", "Voided"), [5], "Voided, filter on"),
        ("method", lambda: _choose(front, "method", "Bank account (ACH)"), [2], "Bank account, filter on"),
        ("person", lambda: _choose(front, "person", "Priya"), [4], "Priya, filter on"),
        ("posted", lambda: _choose(front, "posted", "Not posted"), [6, 4, 2, 1], "Not posted, filter on"),
    ]
    for name, choose, passing, spoken in chips:
        choose()
        front.until(lambda passing=passing: _listed(page) == passing)  # type: ignore[misc]
        assert _chip(front, name).accessibleName() == spoken
        assert _chip(front, name).property("role") == "chip-on"
        _chip(front, "clear").click()
        front.until(lambda: len(page.model.rows) == 6)
        assert _chip(front, name).property("role") == "chip"
        assert _chip(front, "clear").isHidden()


def test_filters_and_the_search_narrow_together_and_each_can_be_taken_back(
    qtbot: QtBot, office: Office
) -> None:
    front = Front(qtbot, office)
    page = _open(front)
    _chip(front, "week").click()
    _choose(front, "status", "Approved")
    front.until(lambda: _listed(page) == [6, 4])
    front.keys("bakery")
    front.until(lambda: _listed(page) == [6])
    _choose(front, "status", filter_words.ANY_STATUS)
    _chip(front, "week").click()
    assert page.filters.value == PaymentFilter()
    front.until(lambda: _listed(page) == [6])
    front.press(Qt.Key.Key_Escape)
    front.until(lambda: len(page.model.rows) == 6)
    assert front.entry("payments.search").text() == ""


def test_a_filter_is_chosen_by_keyboard_alone(qtbot: QtBot, office: Office) -> None:
    front = Front(qtbot, office)
    page = _open(front)
    stops = ["payments.save", "payments.filters.today", "payments.filters.week", "payments.filters.dates",
             "payments.filters.status", "payments.filters.method", "payments.filters.person",
             "payments.filters.posted", "payments.table"]  # fmt: skip
    for stop in stops[:2]:
        front.press(Qt.Key.Key_Tab)
        assert front.at == stop
    front.press(Qt.Key.Key_Space)
    front.until(lambda: _listed(page) == [6, 5, 4])
    front.press(Qt.Key.Key_Space)
    front.until(lambda: len(page.model.rows) == 6)
    for stop in stops[2:]:
        front.press(Qt.Key.Key_Tab)
        assert front.at == stop


@pytest.mark.qt_log_ignore("This plugin does not support")
def test_other_days_are_asked_for(qtbot: QtBot, office: Office) -> None:
    front = Front(qtbot, office)
    page = _open(front)
    _chip(front, "dates").click()
    dialog = front.find(DaysDialog, "payments.days")
    last = front.find(QDateEdit, "payments.days.last")
    assert front.find(QDateEdit, "payments.days.first").date().toPython() == date(2026, 8, 9)
    last.setDate(last.date().addDays(-30))
    dialog.show_button.click()
    assert dialog.isVisible()
    assert front.says("payments.days.problem") == filter_words.TO_IS_BEFORE
    front.find(QDateEdit, "payments.days.first").setDate(last.date().addDays(20))
    last.setDate(last.date().addDays(23))
    dialog.show_button.click()
    front.until(lambda: _listed(page) == [1])
    assert _chip(front, "dates").text() == "Aug 4, 2026 – Aug 7, 2026"


@pytest.mark.parametrize(
    ("today", "first"),
    [(date(2026, 8, 14), date(2026, 8, 9)), (date(2026, 8, 9), date(2026, 8, 9)),
     (date(2026, 8, 15), date(2026, 8, 9)), (date(2026, 1, 1), date(2025, 12, 28))],
)  # fmt: skip
def test_a_week_begins_on_sunday(today: date, first: date) -> None:
    assert this_week(today) == Days(first, today)


def test_nothing_found_says_so_and_leads_back(qtbot: QtBot, office: Office) -> None:
    front = Front(qtbot, office)
    page = _open(front)
    front.keys("zzzz")
    front.until(lambda: not page.model.rows)
    assert page.empty.isVisible()
    assert not page.table.isVisible()
    assert front.says("payments.empty.sentence") == "No payments match."
    front.enter()
    assert front.at == "payments.search", "so that typing goes on"
    front.button("payments.empty.back").click()
    front.until(lambda: len(page.model.rows) == 6)
    assert page.table.isVisible()
    assert not page.empty.isVisible()
    assert front.at == "payments.search"
    _choose(front, "status", "Settled")
    front.until(lambda: not page.model.rows)
    front.press(Qt.Key.Key_Escape)
    front.until(lambda: len(page.model.rows) == 6)


def test_enter_before_nothing_is_found_leaves_the_keyboard_in_the_search(
    qtbot: QtBot, office: Office
) -> None:
    front = Front(qtbot, office)
    page = _open(front)
    front.keys("zzzz")
    front.enter()
    front.until(lambda: not page.model.rows)
    front.until(page.empty.isVisible)
    assert front.at == "payments.search"


def test_a_desk_without_payments_has_nothing_to_clear(qtbot: QtBot) -> None:
    front = Front(qtbot)
    front.window.tabs.setCurrentIndex(PAYMENTS)
    front.until(lambda: front.says("payments.empty.sentence") == "No payments yet.")
    assert front.button("payments.empty.back").isHidden()


# ---- days ---------------------------------------------------------------------------------


def test_each_day_has_its_line_with_the_sums_of_day_end(qtbot: QtBot, office: Office) -> None:
    front = Front(qtbot, office)
    page = _open(front)
    told = {place: (band.text, band.sums) for place, band in page.model.bands.items()}
    today = [row for row in page.model.rows[:3] if row.state in PAID]
    assert told == {
        0: ("Today, Friday, August 14, 2026", f"3 payments, 2 taken: ${total(map(paid, today))}"),
        3: ("Yesterday, Thursday, August 13, 2026", "2 payments, 1 taken: $531.17"),
        5: ("Wednesday, August 5, 2026", "1 payment, 1 taken: $328.10"),
    }
    assert page.table.rowHeight(0) > page.table.rowHeight(1)
    spoken = page.model.index(3, 0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "Yesterday, Thursday, August 13, 2026, 2 payments, 1 taken: $531.17. Declined"
    page.table.sort_by(replace(NEWEST_FIRST, column="total"))
    front.until(lambda: not page.model.bands)
    rows = range(len(page.model.rows))
    assert {page.table.rowHeight(row) for row in rows} == {page.table.rowHeight(1)}


@pytest.mark.parametrize("column", ["tender", "payer", "total"])
def test_no_row_stays_high_that_was_the_first_of_its_day(qtbot: QtBot, office: Office, column: str) -> None:
    """Qt moved the height with the row when the list was sorted after a new payment."""
    front = Front(qtbot, office)
    page = _open(front)
    front.window.tabs.setCurrentIndex(0)
    office.took("50304", minutes_ago=0)
    front.window.tabs.setCurrentIndex(PAYMENTS)
    front.until(lambda: len(page.model.rows) == 7)
    for name in (column, "state", NEWEST_FIRST.column):
        page.table.sort_by(replace(NEWEST_FIRST, column=name))
        usual = page.table.verticalHeader().defaultSectionSize()
        high = {row for row in range(7) if page.table.rowHeight(row) != usual}
        assert high == set(page.model.bands)


def test_a_day_that_goes_on_in_the_next_page_has_its_whole_sums(
    qtbot: QtBot, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("paydesk.ui.payments.page.PAGE", 1)
    front = Front(qtbot, office)
    front.window.tabs.setCurrentIndex(PAYMENTS)
    page = front.find(HistoryPage, "payments")
    seen = []
    page.model.rowsInserted.connect(lambda *_: seen.append({band.sums for band in page.model.bands.values()}))
    page.model.modelReset.connect(lambda: seen.append({band.sums for band in page.model.bands.values()}))
    front.until(lambda: len(page.model.rows) == 6)
    whole = {band.sums for band in page.model.bands.values()}
    assert all(sums <= whole for sums in seen), "no sum was ever of a part of its day"
    assert len(whole) == 3


def test_the_oldest_come_first_from_the_whole_ledger(
    qtbot: QtBot, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("paydesk.ui.payments.page.PAGE", 2)
    front = Front(qtbot, office)
    page = _open(front)
    page.table.sort_by(replace(NEWEST_FIRST, down=False))
    front.until(lambda: _listed(page) == [1, 2, 3, 4, 5, 6])
    front.until(lambda: len(page.model.bands) == 3)
    assert [band.text.rpartition(", Aug")[0] for band in page.model.bands.values()][-1] == "Today, Friday"
    page.table.sort_by(NEWEST_FIRST)
    front.until(lambda: _listed(page) == [6, 5, 4, 3, 2, 1])


def test_a_day_is_the_agencys_and_the_edge_is_only_of_its_own_day(office: Office) -> None:
    payments = office.ledger.payments(limit=9)
    zone = office.desk.payment_search._zone
    found = day_bands.bands(payments, zone, TODAY, (date(2020, 1, 1), office.ledger.sums(
        office.desk.payment_search.wanted("", PaymentFilter(days=Days(TODAY, TODAY))))))  # fmt: skip
    assert found == day_bands.bands(payments, zone, TODAY)


# ---- a customer's history -----------------------------------------------------------------


def _history(front: Front, ids: list[int]) -> HistoryPage:
    front.press(Qt.Key.Key_L, CONTROL)
    page = front.find(HistoryPage, "payments")
    front.until(lambda: _listed(page) == ids)
    assert front.window.tabs.currentIndex() == PAYMENTS
    return page


def test_a_customers_history_is_one_key_away_from_a_lookup(qtbot: QtBot, office: Office) -> None:
    front = Front(qtbot, office)
    front.look_up("60010")
    page = _history(front, [3, 2, 1])
    assert _chip(front, "customer").text() == "Northgate Builders, Inc.  ✕"
    assert _chip(front, "customer").accessibleName() == "Northgate Builders, Inc., filter on"
    _chip(front, "customer").click()
    front.until(lambda: len(page.model.rows) == 6)
    assert _chip(front, "customer").isHidden()


def test_and_from_a_payment_and_from_needs_attention_and_a_found_customer(
    qtbot: QtBot, office: Office
) -> None:
    unclear = office.took("60013", minutes_ago=5, state=State.UNKNOWN)
    front = Front(qtbot, office.seen())
    page = _open(front, 7)
    page.table.selectRow(1)
    _history(front, [6])
    front.button("payments.details.history").click()
    front.until(lambda: _listed(page) == [6])
    front.window.tabs.setCurrentIndex(ATTENTION)
    attention = front.find(AttentionPage, "attention")
    front.until(lambda: [row.id for row in attention.model.rows] == [unclear.id])
    _history(front, [7, 3, 2, 1])
    front.press(Qt.Key.Key_F5)
    front.window.tabs.setCurrentIndex(TAKE)
    front.press(Qt.Key.Key_F5)
    front.keys("northgate")
    front.until(lambda: bool(front.take.finder.page.model.rows))
    _history(front, [7, 3, 2, 1])


def test_without_a_customer_the_key_says_what_to_do(qtbot: QtBot, office: Office) -> None:
    front = Front(qtbot, office)
    front.press(Qt.Key.Key_L, CONTROL)
    assert front.window.tabs.currentIndex() == TAKE
    assert main_words.NO_CUSTOMER[0] in front.take.notice.text
    front.window.tabs.setCurrentIndex(DAY_END)
    front.press(Qt.Key.Key_L, CONTROL)
    assert front.window.tabs.currentIndex() == DAY_END


def test_the_lists_menus_name_the_key(qtbot: QtBot, office: Office) -> None:
    front = Front(qtbot, office)
    page = _open(front)
    for table in (page.table, front.take.selection.table, front.take.finder.page.table):
        said = [action.text() for action in table.copy_menu(QPoint(-1, -1)).actions()]
        assert "This customer's payments\tCtrl+L" in said
    assert "Save…\tCtrl+S" in [action.text() for action in page.table.copy_menu(QPoint(-1, -1)).actions()]


def test_day_end_opens_the_payments_of_a_row(qtbot: QtBot, office: Office) -> None:
    front = Front(qtbot, office)
    front.window.tabs.setCurrentIndex(DAY_END)
    table = front.find(QWidget, "day_end.table")
    front.until(lambda: front.says("day_end.count") != "")
    table.setFocus()
    front.press(Qt.Key.Key_Down)
    front.enter()
    page = front.find(HistoryPage, "payments")
    front.until(lambda: _listed(page) == [4])
    assert page.filters.value == PaymentFilter(days=Days(TODAY, TODAY), method=TenderKind.DEBIT_CARD)


def test_home_and_end_go_to_the_first_and_the_last_payment(qtbot: QtBot, office: Office) -> None:
    """They went to another column of the same row, which nobody sees."""
    front = Front(qtbot, office)
    page = _open(front)
    page.table.setFocus()
    front.press(Qt.Key.Key_End)
    assert page.table.currentIndex().row() == len(page.model.rows) - 1
    front.press(Qt.Key.Key_Home)
    assert page.table.currentIndex().row() == 0


def test_a_payment_of_another_year_is_listed_with_the_year(qtbot: QtBot, office: Office) -> None:
    """Sorted by another column there is no line above a day, and so no year."""
    front = Front(qtbot, office)
    page = _open(front)
    on = page.model.columns[page.model.column("when")]
    payment = page.model.rows[0]
    before = replace(payment, held_at=payment.held_at - timedelta(days=366))
    assert str(payment.held_at.year) not in on.text(payment)
    assert str(before.held_at.year) in on.text(before)


# ---- details ------------------------------------------------------------------------------


def test_details_are_read_and_copied_by_keyboard(qtbot: QtBot, office: Office) -> None:
    front = Front(qtbot, office)
    page = _open(front)
    page.table.setFocus()
    front.enter()
    assert front.at == "payments.details.facts"
    facts = page.details._facts.rows
    place = next(place for place, fact in enumerate(facts) if fact.caption == "Receipt")
    front.press(Qt.Key.Key_Down, times=place)
    front.press(Qt.Key.Key_C, CONTROL)
    assert QGuiApplication.clipboard().text() == facts[place].text == page.model.rows[0].receipt_number
    front.press(Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    front.press(Qt.Key.Key_C, CONTROL)
    lines = [f"{fact.caption}\t{fact.text}" for fact in facts[place : place + 2]]
    assert QGuiApplication.clipboard().text() == "\n".join(lines)
    front.press(Qt.Key.Key_End, CONTROL)
    last = page.details._facts_table.visualRect(page.details._facts.index(len(facts) - 1, 0))
    assert page.details._facts_table.viewport().rect().contains(last)
    front.press(Qt.Key.Key_Escape)
    assert front.at == "payments.table"


@pytest.mark.parametrize("size", [(1366, 728), (1366, 700), (960, 508), (800, 440)])
def test_no_line_of_the_details_is_shown_in_half(qtbot: QtBot, office: Office, size: tuple[int, int]) -> None:
    office.processor.numbers = count(10**40)
    office.took("50303", minutes_ago=2)
    front = Front(qtbot, office)
    front.window.resize(*size)
    page = _open(front, 7)
    lines = page.details._facts_table
    bar = lines.verticalScrollBar()
    front.until(lambda: bar.maximum() > 0)
    for place in (0, bar.singleStep(), bar.maximum()):
        bar.setValue(place)
        rows = range(len(page.details._facts.rows))
        spots = [lines.visualRect(page.details._facts.index(row, 1)) for row in rows]
        edges = {spot.top() % LINE for spot in spots} | {lines.viewport().height() % LINE}
        assert edges == {0}


@pytest.mark.parametrize("size", [(1366, 728), (800, 440)])
def test_long_values_wrap_and_can_be_scrolled_to(qtbot: QtBot, office: Office, size: tuple[int, int]) -> None:
    office.processor.numbers = count(10**40)
    office.took("50303", minutes_ago=2)
    front = Front(qtbot, office)
    front.window.resize(*size)
    page = _open(front, 7)
    table, facts = page.details._facts_table, page.details._facts
    name, number = 0, len(facts.rows) - 1
    assert table.rowHeight(name) > table.rowHeight(1)
    assert table.rowHeight(number) > table.rowHeight(1)
    table.setFocus()
    front.press(Qt.Key.Key_End, CONTROL)
    assert table.viewport().rect().contains(table.visualRect(facts.index(number, 1)))
    events = page.details._events_table
    front.until(lambda: bool(page.details._events.rows))
    front.press(Qt.Key.Key_Tab)
    front.press(Qt.Key.Key_Tab)
    assert front.focus is events
    front.press(Qt.Key.Key_Home, CONTROL)
    assert events.viewport().rect().contains(events.visualRect(page.details._events.index(0, 1)))


# ---- saving -------------------------------------------------------------------------------


def _save(front: Front, path: Path) -> list[str]:
    """Save the list as a person would, and return the paths that were suggested."""
    asked = []

    def choose(_parent: QWidget, suggested: str, _what: str, _suffix: str) -> str:
        asked.append(suggested)
        return str(path)

    front.window.save_list.choose_file = choose
    front.press(Qt.Key.Key_S, CONTROL)
    front.until(path.exists)
    front.until(lambda: path.name in front.find(HistoryPage, "payments").notice.text)
    return asked


def test_what_is_listed_is_saved_and_numbers_keep_their_zeros(
    qtbot: QtBot, office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("paydesk.ui.main.save_list._STEP", 2)
    front = Front(qtbot, office)
    page = _open(front)
    _save(front, tmp_path / "all.xlsx")
    rows = list(openpyxl.load_workbook(tmp_path / "all.xlsx").worksheets[0].values)
    assert [row[2] or "" for row in rows[1:]] == [payment.receipt_number for payment in page.model.rows]
    _choose(front, "status", "Approved")
    front.until(lambda: _listed(page) == [6, 4, 1])
    page.notice.clear()
    _save(front, tmp_path / "some.csv")
    told = list(csv.DictReader(io.StringIO((tmp_path / "some.csv").read_text("utf-8-sig"))))
    assert [row["Receipt"] for row in told] == [payment.receipt_number for payment in page.model.rows]
    assert [row["Total"] for row in told] == [f"{paid(payment).dollars:.2f}" for payment in page.model.rows]


def test_a_sorted_list_is_saved_as_it_stands(qtbot: QtBot, office: Office, tmp_path: Path) -> None:
    front = Front(qtbot, office)
    page = _open(front)
    page.table.sort_by(replace(NEWEST_FIRST, column="total"))
    front.until(lambda: front.says("payments.count") == words.payments_found(6))
    _save(front, tmp_path / "sorted.csv")
    told = list(csv.DictReader(io.StringIO((tmp_path / "sorted.csv").read_text("utf-8-sig"))))
    totals = [float(row["Total"]) for row in told]
    assert totals == sorted(totals, reverse=True)
    assert len(totals) == 6


def test_a_longer_list_is_saved_in_part_and_says_so(
    qtbot: QtBot, office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("paydesk.ui.main.save_list._STEP", 2)
    monkeypatch.setattr("paydesk.ui.main.save_list.MOST_SAVED", 4)
    front = Front(qtbot, office)
    page = _open(front)
    _save(front, tmp_path / "part.csv")
    assert len((tmp_path / "part.csv").read_text("utf-8-sig").splitlines()) == 5
    assert "4 payments" in page.notice.text
    assert "The list has more" in page.notice.text


def test_no_file_is_suggested_that_is_there_already(
    qtbot: QtBot, office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("paydesk.ui.receipt.print_and_save.documents", lambda: str(tmp_path))
    front = Front(qtbot, office)
    page = _open(front)
    for name in ("Payments 2026-08-14.xlsx", "Payments 2026-08-14 (2).xlsx", "Payments 2026-08-14 (3).xlsx"):
        assert _save(front, tmp_path / name) == [str(tmp_path / name)]
        page.notice.clear()


def test_a_file_that_cannot_be_written_says_so(qtbot: QtBot, office: Office, tmp_path: Path) -> None:
    front = Front(qtbot, office)
    page = _open(front)
    front.window.save_list.choose_file = lambda *_: str(tmp_path / "missing" / "folder" / "x.csv")
    front.press(Qt.Key.Key_S, CONTROL)
    front.until(lambda: "x.csv" in page.notice.text)
    front.window.save_list.choose_file = lambda *_: ""
    page.notice.clear()
    front.press(Qt.Key.Key_S, CONTROL)
    assert page.notice.text == ""


def test_no_similar_name_is_no_match(qtbot: QtBot, office: Office) -> None:
    front = Front(qtbot, office)
    page = _open(front)
    _choose(front, "status", "Declined")
    front.until(lambda: _listed(page) == [3])
    front.keys("zzzz")
    front.until(lambda: not page.model.rows)
    assert front.says("payments.count") == "No payments match."


def test_needs_attention_reads_its_details_by_keyboard(qtbot: QtBot, office: Office) -> None:
    office.took("60013", minutes_ago=5, state=State.UNKNOWN)
    front = Front(qtbot, office)
    front.window.tabs.setCurrentIndex(ATTENTION)
    page = front.find(AttentionPage, "attention")
    front.until(lambda: len(page.model.rows) == 1)
    assert front.at == "attention.table"
    front.enter()
    assert front.at == "attention.details.facts"
    front.press(Qt.Key.Key_Escape)
    assert front.at == "attention.table"


def test_whatever_takes_the_keyboard_has_a_name(qtbot: QtBot, office: Office) -> None:
    front = Front(qtbot, office)
    page = _open(front)
    stops = [one for one in page.findChildren(QWidget) if one.focusPolicy() & Qt.FocusPolicy.TabFocus]
    assert len(stops) > 12
    unnamed = [one.objectName() for one in stops if one.isVisible() and not one.accessibleName()]
    assert unnamed == []
