"""Search as typed, and what opening a hit leads to."""

from __future__ import annotations

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from paydesk.ui.hits_page import HitsPage
from tests.ui.front import Front


def _search(front: Front, text: str) -> HitsPage:
    front.press(Qt.Key.Key_F5)
    assert front.at == "lookup.search.text"
    front.keys(text)
    return front.take.finder.page


def test_a_name_is_found_while_it_is_typed(qtbot: QtBot) -> None:
    front = Front(qtbot)
    page = _search(front, "bakery")
    front.until(lambda: [hit.customer_name for hit in page.model.rows] == ["Sample Bakery"])
    row = page.model.rows[0]
    said = {column.name: column.text(row) for column in page.model.columns}
    assert said == {
        "name": "Sample Bakery", "number": "1001", "invoice": "", "fits": "Name", "open": "3 invoices",
        "owed": "1,346.40",
    }  # fmt: skip


def test_a_customer_is_opened_only_with_the_zip(qtbot: QtBot) -> None:
    front = Front(qtbot)
    _search(front, "bakery")
    front.enter()
    front.until(lambda: front.at == "lookup.customer.zip")
    assert front.entry("lookup.customer.number").text() == "1001"
    assert front.shown == []
    assert front.says("selection.empty.sentence") == "Ask for the ZIP on the account"
    front.keys("14414")
    front.enter()
    front.answered()
    assert len(front.shown) == 4


def test_an_invoice_that_was_found_is_looked_up(qtbot: QtBot) -> None:
    front = Front(qtbot)
    page = _search(front, "501")
    front.until(lambda: len(page.model.rows) == 3)
    front.press(Qt.Key.Key_Down)
    assert front.at == "hits.table"
    front.press(Qt.Key.Key_Down)
    front.enter()
    front.answered()
    front.until(lambda: front.shown == ["50177"])
    assert front.ticked == ["50177"]


def test_nothing_found_says_where_to_ask(qtbot: QtBot) -> None:
    front = Front(qtbot)
    _search(front, "nobody")
    front.until(lambda: front.says("hits.empty.sentence") == "Nothing seen so far fits “nobody”")
    front.enter()
    front.until(lambda: not front.take.finder.busy)
    assert front.at == "lookup.search.text"


def test_escape_goes_back_to_the_field_and_f12_forgets_it(qtbot: QtBot) -> None:
    front = Front(qtbot)
    page = _search(front, "bakery")
    front.until(lambda: len(page.model.rows) == 1)
    front.press(Qt.Key.Key_Down)
    front.press(Qt.Key.Key_Escape)
    assert front.at == "lookup.search.text"
    assert front.entry("lookup.search.text").text() == "bakery"
    front.press(Qt.Key.Key_F12)
    assert front.entry("lookup.search.text").text() == ""
    assert page.model.rows == []


def test_what_was_found_before_comes_back_as_it_was(qtbot: QtBot) -> None:
    front = Front(qtbot)
    front.look_up("50123")
    _search(front, "bakery")
    assert not front.take.basket.ready
    assert not front.take.selection.others.isVisible()
    front.press(Qt.Key.Key_F2)
    assert front.ticked == ["50123"]
    assert front.take.basket.ready
    assert front.take.selection.others.isVisible()


def test_f5_asks_again_where_there_is_something_to_ask(qtbot: QtBot) -> None:
    front = Front(qtbot)
    front.window.tabs.setCurrentIndex(3)
    front.press(Qt.Key.Key_F5)
    assert front.window.tabs.currentIndex() == 3
