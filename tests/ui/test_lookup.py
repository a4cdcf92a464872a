"""Looking up: what may be typed, what is shown, what is said when it cannot be."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import date

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics, QGuiApplication
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from paydesk.ui import theme
from tests.fakes.agency import AWAY, Office
from tests.ui.front import Front


def test_an_invoice_is_shown_ticked_and_the_keyboard_goes_on(qtbot: QtBot) -> None:
    front = Front(qtbot)
    assert front.at == "lookup.invoice.number"
    front.look_up("50123")
    assert front.shown == ["50123"]
    assert front.ticked == ["50123"]
    assert front.at == "selection.table"
    assert front.says("selection.customer") == "Sample Bakery"
    assert front.says("selection.customer_number") == "Customer 1001"
    assert front.cell("50123", "status") == "Overdue 23 days"
    assert front.cell("50123", "due") == "Jul 22, 2026"
    assert front.cell("50123", "policy") == "BOP-7781204"
    assert front.cell("50123", "amount") == front.cell("50123", "balance") == "838.00"
    facts = front.take.selection._facts.full_text
    assert "invoiced Jul 5, 2026" in facts
    assert "Harbor Mutual" in facts
    assert front.says("selection.age") == "as of 4:51 PM"


@pytest.mark.parametrize("typed", ["50123", " 50 123 ", "#50123", "INV-050123", "Invoice no. 50123"])
def test_any_spelling_of_the_number_finds_it(qtbot: QtBot, typed: str) -> None:
    front = Front(qtbot)
    front.look_up(typed)
    assert front.shown == ["50123"]
    assert front.entry("lookup.invoice.number").text() == "50123"


def test_a_pasted_mail_finds_the_invoice_it_names(qtbot: QtBot) -> None:
    front = Front(qtbot)
    QGuiApplication.clipboard().setText("Hello Dana,\r\n\r\nplease charge invoice #50123\nThank you")
    front.press(Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    front.enter()
    front.answered()
    assert front.shown == ["50123"]


def test_a_number_scanned_into_the_table_is_the_next_lookup(qtbot: QtBot) -> None:
    front = Front(qtbot)
    front.look_up("50123")
    assert front.at == "selection.table"
    front.keys("50200")
    front.enter()
    front.answered()
    assert front.shown == ["50200"]
    assert front.bills == []


@pytest.mark.parametrize("typed", ["", "   ", "abc", "--"])
def test_what_is_no_number_is_refused_at_the_field(qtbot: QtBot, typed: str) -> None:
    front = Front(qtbot)
    front.keys(typed)
    front.enter()
    assert "digits of an invoice number" in front.problem("lookup.invoice.number")
    assert front.office.source.asked == []
    assert front.entry("lookup.invoice.number").text() == typed


@pytest.mark.parametrize("key", [Qt.Key.Key_F2, Qt.Key.Key_F3, Qt.Key.Key_F4, Qt.Key.Key_F5])
def test_a_card_number_is_taken_out_of_a_lookup_at_once(qtbot: QtBot, key: Qt.Key) -> None:
    front = Front(qtbot)
    front.press(key)
    if key == Qt.Key.Key_F4:
        front.entry("lookup.anytime.reference").setFocus()
    front.keys("4111 1111 1111 1111")
    assert front.entry(front.at).text() == ""
    assert front.problem(front.at) == "That looks like a card number. It was not looked up or kept."
    assert front.office.source.asked == []


def test_f9_with_nothing_chosen_says_so(qtbot: QtBot) -> None:
    front = Front(qtbot)
    front.press(Qt.Key.Key_F9)
    assert front.take.notice.text.startswith("Nothing is chosen yet.")
    front.press(Qt.Key.Key_F4)
    front.press(Qt.Key.Key_F9)
    assert front.problem("lookup.anytime.amount") == "Type the amount."
    assert front.at == "lookup.anytime.amount"


def test_another_customers_rows_never_stand_below_a_new_number(qtbot: QtBot) -> None:
    front = Front(qtbot)
    front.look_up_customer("1004", "02139")
    assert len(front.shown) == 12
    front.press(Qt.Key.Key_F3)
    assert len(front.shown) == 12
    front.keys("1")
    assert front.shown == []
    assert front.says("selection.empty.sentence") == "Ready for the next customer"
    front.look_up("50123")
    assert front.shown == ["50123"]
    front.press(Qt.Key.Key_F3)
    assert front.shown == []
    assert front.entry("lookup.invoice.number").text() == "50123"


def test_two_numbers_are_not_one(qtbot: QtBot) -> None:
    front = Front(qtbot)
    front.look_up("invoice 50123, 50177")
    assert front.shown == ["50123"]
    assert any(label.text() == "Only 50123 is looked up, not 50177." for label in _labels(front))


def _labels(front: Front) -> list[QLabel]:
    return list(front.take.lookup.invoice.findChildren(QLabel))


def test_an_unknown_invoice_is_said_at_the_field_and_can_be_typed_over(qtbot: QtBot) -> None:
    front = Front(qtbot)
    front.look_up("99999")
    assert front.problem("lookup.invoice.number").startswith("There is no invoice 99999 in AMS360.")
    assert front.shown == []
    assert front.at == "lookup.invoice.number"
    front.keys("50123")
    assert front.problem("lookup.invoice.number") == ""
    front.enter()
    front.answered()
    assert front.ticked == ["50123"]


def test_a_customer_with_the_right_zip_shows_all_open_invoices_unticked(qtbot: QtBot) -> None:
    front = Front(qtbot)
    front.look_up_customer("1004", "02139-4411")
    assert len(front.shown) == 12
    assert front.ticked == []
    assert front.at == "selection.table"
    front.press(Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert len(front.ticked) == 12
    front.press(Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert front.ticked == []
    front.press(Qt.Key.Key_O, Qt.KeyboardModifier.ControlModifier)
    assert front.ticked == ["60010", "60011", "60012", "60013", "60014"]


def test_the_only_open_invoice_of_a_customer_is_ticked(qtbot: QtBot) -> None:
    front = Front(qtbot)
    front.look_up_customer("1005", "02111")
    assert front.ticked == ["50301"]


def test_a_wrong_zip_shows_nothing_of_the_customer(qtbot: QtBot) -> None:
    front = Front(qtbot)
    front.office.seen()
    front.look_up_customer("1004", "11111")
    assert front.shown == []
    assert front.problem("lookup.customer.zip").startswith("Customer number and ZIP do not match.")
    assert "Northgate" not in front.says("selection.customer")
    assert front.at == "lookup.customer.number"


def test_a_half_zip_is_refused_before_anything_is_asked(qtbot: QtBot) -> None:
    front = Front(qtbot)
    front.look_up_customer("1004", "021")
    assert front.problem("lookup.customer.zip") == "A ZIP has five digits."
    assert front.office.source.asked == []


def test_without_a_zip_on_file_a_second_identifier_is_asked_for_and_recorded(qtbot: QtBot) -> None:
    front = Front(qtbot)
    front.look_up_customer("1003", "")
    assert front.at == "lookup.customer.second"
    assert front.says("selection.empty.sentence") == "This customer has no ZIP on file."
    front.keys("renee o'brien")
    front.enter()
    front.answered()
    assert front.shown == ["50304"]
    assert (None, "identified") in front.office.ledger.notes
    front.press(Qt.Key.Key_F3)
    front.keys("1004")
    assert (
        front.entry("lookup.customer.second").isHidden()
        or not front.entry("lookup.customer.second").isVisible()
    )


def test_ams360_away_without_anything_seen_before_is_said_in_the_window(qtbot: QtBot) -> None:
    front = Front(qtbot)
    front.office.source.away = AWAY
    front.look_up("50123")
    assert front.take.notice.text == f"{AWAY.sentence} {AWAY.next_step}"
    assert front.shown == []
    assert front.says("status.ams360") == "AMS360 not reachable"
    front.office.source.away = None
    front.look_up("50123")
    assert front.take.notice.text == ""
    assert front.says("status.ams360") == "AMS360 reachable"


def test_cached_rows_are_shown_at_once_with_their_age_and_wait_for_the_live_answer(qtbot: QtBot) -> None:
    front = Front(qtbot, _seen())
    front.office.source.gate.clear()
    front.keys("50123")
    front.enter()
    front.until(lambda: front.shown == ["50123"])
    assert front.says("selection.age") == "as of 3:41 PM, checking AMS360…"
    assert not front.take.basket.ready
    assert front.says("basket.sentence") == "Checking with AMS360…"
    front.office.source.gate.set()
    front.answered()
    assert front.says("selection.age") == "as of 4:51 PM"
    assert front.take.basket.ready


def test_enter_before_the_live_answer_goes_on_when_it_comes(qtbot: QtBot) -> None:
    front = Front(qtbot, _seen())
    front.office.source.gate.clear()
    front.keys("50123")
    front.enter()
    front.until(lambda: front.at == "selection.table")
    front.enter()
    assert front.bills == []
    front.office.source.gate.set()
    front.until(lambda: len(front.bills) == 1)
    assert not front.bills[0][0].from_cache


def test_a_live_answer_with_other_amounts_is_said_and_never_charged_unseen(qtbot: QtBot) -> None:
    front = Front(qtbot, _seen())
    front.office.source.gate.clear()
    front.keys("50123")
    front.enter()
    front.until(lambda: front.at == "selection.table")
    front.enter()
    front.office.source.owe("50123", 500_00)
    front.office.source.gate.set()
    front.answered()
    assert front.bills == []
    assert "Invoice 50123: 500.00, not 838.00." in front.take.notice.text
    assert front.ticked == ["50123"]
    assert front.says("basket.subtotal") == "$500.00"


def test_an_invoice_that_is_paid_meanwhile_is_named_and_nothing_goes_on(qtbot: QtBot) -> None:
    front = Front(qtbot, _seen())
    front.office.source.gate.clear()
    front.keys("50123")
    front.enter()
    front.until(lambda: front.at == "selection.table")
    front.enter()
    front.office.source.owe("50123", 0)
    front.office.source.gate.set()
    front.answered()
    assert "Invoice 50123 is not to be paid any more." in front.take.notice.text
    assert front.bills == []


def test_an_answer_with_the_same_amounts_warns_of_nothing(qtbot: QtBot) -> None:
    front = Front(qtbot, _seen())
    front.office.source.gate.clear()
    front.keys("50123")
    front.enter()
    front.until(lambda: front.at == "selection.table")
    front.press(Qt.Key.Key_F6)
    front.office.source.owe("50305", -75_00)
    front.office.source.gate.set()
    front.answered()
    assert front.take.notice.text == ""
    assert len(front.ticked) == 3


def test_a_long_overdue_invoice_says_so_in_full(qtbot: QtBot) -> None:
    front = Front(qtbot)
    front.office.source.invoices["50123"] = replace(
        front.office.source.invoices["50123"], due_date=date(2022, 1, 3)
    )
    front.look_up("50123")
    table = front.take.selection.table
    room = table.columnWidth(front.model.column("status")) - 3 * theme.Space.S - theme.ICON.width()
    said = front.cell("50123", "status")
    assert said == "Overdue 1,684 days"
    assert QFontMetrics(theme.font("body")).horizontalAdvance(said) <= room


def test_the_live_answer_moves_no_row_and_loses_no_tick(qtbot: QtBot) -> None:
    front = Front(qtbot, _seen())
    front.office.source.gate.clear()
    front.press(Qt.Key.Key_F3)
    front.keys("1004")
    front.enter()
    front.keys("02139")
    front.enter()
    front.until(lambda: len(front.shown) == 12)
    before = front.shown
    front.press(Qt.Key.Key_Down)
    front.press(Qt.Key.Key_Space)
    assert front.ticked == ["60011"]
    front.office.source.owe("60010", 1_00)
    front.office.source.owe("60013", 0)
    front.office.source.gate.set()
    front.answered()
    assert front.shown == [number for number in before if number != "60013"]
    assert front.ticked == ["60011"]
    assert front.take.selection.table.current is not None
    assert front.take.selection.table.current.invoice.number == "60011"


def test_charging_what_was_last_known_needs_a_yes_that_the_bill_records(qtbot: QtBot) -> None:
    front = Front(qtbot, _seen())
    front.office.source.away = AWAY
    front.look_up("50123")
    assert front.shown == ["50123"]
    assert front.says("selection.age") == "as of 3:41 PM, AMS360 did not answer"
    front.press(Qt.Key.Key_F9)
    assert front.bills == []
    front.press(Qt.Key.Key_C, Qt.KeyboardModifier.AltModifier)
    front.until(lambda: front.take.basket.agreed)
    front.press(Qt.Key.Key_F9)
    assert [bill.from_cache for bill, _ in front.bills] == [True]


def test_an_agency_that_forbids_it_is_not_asked_for_a_yes(qtbot: QtBot) -> None:
    office = _seen()
    office.cached_refusal = "This agency does not charge amounts that AMS360 cannot confirm."
    front = Front(qtbot, office)
    front.office.source.away = AWAY
    front.look_up("50123")
    assert not front.button("basket.from_cache").isVisible()
    assert office.cached_refusal in front.says("basket.sentence")
    front.press(Qt.Key.Key_F9)
    assert front.bills == []


def test_a_line_that_is_down_sooner_than_the_cache_answers_hides_nothing(qtbot: QtBot) -> None:
    front, gate = Front(qtbot, _seen()), threading.Event()
    front.office.source.away = AWAY
    front.window.lanes.read(lambda: gate.wait(20), lambda _done: None, lambda _error: None)
    front.keys("50123")
    front.enter()
    front.until(lambda: front.office.source.asked == ["50123"])
    qtbot.wait(100)
    assert front.take.notice.text == ""
    gate.set()
    front.answered()
    assert front.shown == ["50123"]
    assert "Shown is what was owed as of 3:41 PM." in front.take.notice.text


def test_escape_stops_a_lookup_and_keeps_what_was_typed(qtbot: QtBot) -> None:
    front = Front(qtbot)
    front.office.source.gate.clear()
    front.keys("50123")
    front.enter()
    front.until(lambda: front.button("lookup.cancel").isVisible())
    front.press(Qt.Key.Key_Escape)
    assert not front.take.search.busy
    assert not front.button("lookup.cancel").isVisible()
    assert front.entry("lookup.invoice.number").text() == "50123"
    front.office.source.gate.set()
    front.qtbot.wait(60)
    assert front.shown == []


def test_the_last_lookup_wins(qtbot: QtBot) -> None:
    front = Front(qtbot)
    front.office.source.gate.clear()
    front.keys("50123")
    front.enter()
    front.entry("lookup.invoice.number").selectAll()
    front.keys("50200")
    front.enter()
    front.office.source.gate.set()
    front.answered()
    front.qtbot.wait(60)
    assert front.shown == ["50200"]


def test_what_was_asked_before_the_desk_was_ready_is_asked_then(qtbot: QtBot) -> None:
    ready = threading.Event()
    front = Front(qtbot, attach=False, ready=ready)
    front.keys("50123")
    front.enter()
    front.until(lambda: front.says("selection.empty.sentence") == "Looking up invoice 50123…")
    assert front.window.desk is None
    ready.set()
    front.until(lambda: front.shown == ["50123"])


def test_names_of_every_script_and_length_are_shown_whole_in_their_tip(qtbot: QtBot) -> None:
    front = Front(qtbot)
    for number, name in (("50301", "金龍茶莊有限公司"), ("50302", "صيدلية النور للأدوية")):
        front.look_up(number)
        assert front.take.selection._name.full_text == name
        assert front.take.basket._payer.full_text == name
    height = front.take.selection._name.height()
    front.window.resize(1120, 728)
    front.look_up("50303")
    assert front.take.selection._name.height() == height
    assert front.take.selection._name.text().endswith("…")
    assert front.take.selection._name.toolTip().endswith("Minors")


def test_a_quick_refusal_is_not_covered_by_the_waiting_sentence(qtbot: QtBot) -> None:
    front = Front(qtbot)
    front.look_up_customer("1003", "")
    front.qtbot.wait(120)
    assert front.says("selection.empty.sentence") == "This customer has no ZIP on file."
    assert not front.button("lookup.cancel").isVisible()


def _seen() -> Office:
    office = Office()
    office.seen()
    return office
