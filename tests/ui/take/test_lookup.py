"""Looking up: what may be typed, what is shown, what is said when it cannot be."""

from __future__ import annotations

import base64
import threading
from dataclasses import replace
from datetime import date, timedelta
from random import Random

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from paydesk.domain.errors import CannotBePaid
from paydesk.domain.events import EventKind
from paydesk.ui.kit import theme
from paydesk.ui.kit.form import Row
from tests.fakes.office import Office
from tests.fakes.sample import NOW, SETTINGS
from tests.fakes.world import AWAY
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


@pytest.mark.parametrize(
    ("lookup", "field"),
    [
        ("customer", "lookup.customer.number"),
        ("anytime", "lookup.anytime.amount"),
        ("search", "lookup.search.text"),
        ("invoice", "lookup.invoice.number"),
    ],
)
def test_a_click_on_a_lookup_moves_the_keyboard_into_it(qtbot: QtBot, lookup: str, field: str) -> None:
    front = Front(qtbot)
    QTest.mouseClick(front.button(f"lookup.mode.{lookup}"), Qt.MouseButton.LeftButton)
    front.until(lambda: front.at == field)


def test_arrow_keys_move_from_lookup_to_lookup(qtbot: QtBot) -> None:
    front = Front(qtbot)
    front.button("lookup.mode.invoice").setFocus()
    front.press(Qt.Key.Key_Right, times=2)
    assert front.at == "lookup.mode.anytime"


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
    assert front.baskets == []


@pytest.mark.parametrize("typed", ["", "   ", "abc", "--"])
def test_what_is_no_number_is_refused_at_the_field(qtbot: QtBot, typed: str) -> None:
    front = Front(qtbot)
    front.keys(typed)
    front.enter()
    assert "Enter an invoice number" in front.problem("lookup.invoice.number")
    assert front.office.source.questions == []
    assert front.entry("lookup.invoice.number").text() == typed


@pytest.mark.parametrize("key", [Qt.Key.Key_F2, Qt.Key.Key_F3, Qt.Key.Key_F4, Qt.Key.Key_F5])
def test_a_card_number_is_taken_out_of_a_lookup_at_once(qtbot: QtBot, key: Qt.Key) -> None:
    front = Front(qtbot)
    front.press(key)
    if key == Qt.Key.Key_F4:
        front.entry("lookup.anytime.reference").setFocus()
    front.keys("4111 1111 1111 1111")
    assert front.entry(front.at).text() == ""
    assert front.problem(front.at) == "That looks like a card number. It was not searched or saved."
    assert front.office.source.questions == []


_FIELDS = [
    (Qt.Key.Key_F2, "lookup.invoice.number"),
    (Qt.Key.Key_F3, "lookup.customer.number"),
    (Qt.Key.Key_F3, "lookup.customer.zip"),
    (Qt.Key.Key_F4, "lookup.anytime.amount"),
    (Qt.Key.Key_F4, "lookup.anytime.reference"),
    (Qt.Key.Key_F4, "lookup.anytime.payer"),
    (Qt.Key.Key_F4, "lookup.anytime.phone"),
    (Qt.Key.Key_F4, "lookup.anytime.email"),
    (Qt.Key.Key_F5, "lookup.search.text"),
]


@pytest.mark.parametrize(("key", "name"), _FIELDS)
def test_a_swipe_into_any_field_leaves_nothing_behind(qtbot: QtBot, key: Qt.Key, name: str) -> None:
    front = Front(qtbot)
    front.press(key)
    front.entry(name).setFocus()
    for track in ("%B4111111111111111^DOE/JANE^30031010000000000?", ";4111111111111111=30031010000000000?"):
        front.keys(track)
        front.enter()
    assert front.at == name
    assert not any(front.entry(other).text() for _, other in _FIELDS)
    assert front.problem(name).startswith("PayDesk can't read card swipes. Nothing was saved.")
    assert front.office.source.questions == []


def test_f9_with_nothing_chosen_says_so(qtbot: QtBot) -> None:
    front = Front(qtbot)
    front.press(Qt.Key.Key_F9)
    assert front.take.notice.text.startswith("Nothing is selected yet.")
    front.press(Qt.Key.Key_F4)
    front.press(Qt.Key.Key_F9)
    assert front.problem("lookup.anytime.amount") == "Enter the amount."
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


@pytest.mark.parametrize(
    ("pasted", "asked"),
    [
        ("INV-2026-50123", "Which one is the invoice: 2026 or 50123? Enter only that number."),
        (
            "Bakery 50123 1001 50177",
            "Which one is the invoice: 50123, 1001 or 50177? Enter only that number.",
        ),
        ("HO-204417", "If the invoice is 204417, enter only that number."),
        ("617-555-0142", "Enter an invoice number, for example 50123."),
    ],
)
def test_a_line_without_a_clear_number_is_a_question(qtbot: QtBot, pasted: str, asked: str) -> None:
    front = Front(qtbot)
    front.keys(pasted)
    front.enter()
    assert front.problem("lookup.invoice.number") == asked
    assert front.office.source.questions == []


@pytest.mark.parametrize("line", ["]C150123", "08/14/2026 50123", "Due 9/1/2026 #50123", "５０１２３"])
def test_a_scanned_or_pasted_line_finds_its_invoice(qtbot: QtBot, line: str) -> None:
    front = Front(qtbot)
    QGuiApplication.clipboard().setText(line)
    front.press(Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    front.enter()
    front.answered()
    assert front.shown == ["50123"]


def test_pasted_junk_looks_nothing_up(qtbot: QtBot) -> None:
    front = Front(qtbot)
    front.entry("lookup.invoice.number").setText(base64.b64encode(Random(50123).randbytes(150_000)).decode())
    front.enter()
    front.answered()
    assert front.problem("lookup.invoice.number").endswith("Enter only that number.")
    assert front.office.source.questions == []


def test_two_numbers_are_not_one(qtbot: QtBot) -> None:
    front = Front(qtbot)
    front.look_up("invoice 50123, 50177")
    assert front.shown == ["50123"]
    assert any(label.text() == "Looking up 50123 only. Not included: 50177." for label in _labels(front))


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


def test_a_long_error_wraps_in_a_narrow_window(qtbot: QtBot) -> None:
    """At 150 % text on 1366 × 768, "number and ZIP (F3)" was cut off."""
    front = Front(qtbot)
    front.window.resize(893, 470)
    front.look_up("99999")
    row = front.take.lookup.invoice.number.parentWidget()
    assert isinstance(row, Row)
    line = row._line
    front.until(lambda: line.width() > 100)
    words = line.fontMetrics()
    assert words.horizontalAdvance(line.text()) > line.width()
    assert line.height() >= 2 * words.height()


def test_an_answer_that_nothing_can_be_paid_is_no_missing_answer(qtbot: QtBot) -> None:
    """Below "Invoice 50800 is direct bill" it said to press Enter to try again."""
    front = Front(qtbot, Office().seen())
    front.office.source.fault = CannotBePaid(
        "Invoice 50123 is direct bill.", "The customer pays the carrier."
    )
    front.look_up("50123")
    said = "Invoice 50123 is direct bill. The customer pays the carrier."
    assert front.take.notice.text == said
    assert front.says("selection.empty.sentence") == "Nothing to pay here"
    assert front.shown == [], "not what was owed before that answer"
    assert front.says("status.age") == "", "the age of nothing stayed, with a check that had ended"
    assert front.at == "lookup.invoice.number"
    assert front.says("status.ams360") == "AMS360: connected"


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
    assert front.problem("lookup.customer.zip").startswith("Customer number and ZIP don't match.")
    assert "Northgate" not in front.says("selection.customer")
    assert front.at == "lookup.customer.number"


def test_a_zip_that_is_missing_is_asked_for_in_its_field(qtbot: QtBot) -> None:
    front = Front(qtbot)
    front.look_up_customer("1004", "")
    assert front.problem("lookup.customer.zip").startswith("Enter the customer's ZIP, too.")
    assert front.at == "lookup.customer.zip"


def test_a_half_zip_is_refused_before_anything_is_asked(qtbot: QtBot) -> None:
    front = Front(qtbot)
    front.look_up_customer("1004", "021")
    assert front.problem("lookup.customer.zip") == "Enter the 5-digit ZIP."
    assert front.office.source.questions == []


def test_without_a_zip_on_file_a_second_identifier_is_asked_for_and_recorded(qtbot: QtBot) -> None:
    front = Front(qtbot)
    front.look_up_customer("1003", "")
    assert front.at == "lookup.customer.second"
    assert front.says("selection.empty.sentence") == "This customer has no ZIP on file."
    front.keys("renee o'brien")
    front.enter()
    front.answered()
    assert front.shown == ["50304"]
    assert front.office.happened(EventKind.IDENTIFIED) == [None]
    front.press(Qt.Key.Key_F3)
    front.keys("1004")
    assert (
        front.entry("lookup.customer.second").isHidden()
        or not front.entry("lookup.customer.second").isVisible()
    )


def test_ams360_away_without_anything_seen_before_is_said_in_the_window(qtbot: QtBot) -> None:
    front = Front(qtbot)
    front.office.source.away = True
    front.look_up("50123")
    assert front.take.notice.text == f"{AWAY.sentence} {AWAY.next_step}"
    assert front.shown == []
    assert front.says("status.ams360") == "AMS360: can't connect"
    front.office.source.away = False
    front.look_up("50123")
    assert front.take.notice.text == ""
    assert front.says("status.ams360") == "AMS360: connected"


def test_cached_rows_are_shown_at_once_with_their_age_and_wait_for_the_live_answer(qtbot: QtBot) -> None:
    front = Front(qtbot, Office().seen())
    front.office.source.gate.clear()
    front.keys("50123")
    front.enter()
    front.until(lambda: front.shown == ["50123"])
    assert front.says("selection.age") == "as of 3:41 PM, checking AMS360…"
    assert not front.take.basket_panel.ready
    assert front.says("basket.sentence") == "Checking with AMS360…"
    front.office.source.gate.set()
    front.answered()
    assert front.says("selection.age") == "as of 4:51 PM"
    assert front.take.basket_panel.ready


def test_enter_before_the_live_answer_goes_on_when_it_comes(qtbot: QtBot) -> None:
    front = Front(qtbot, Office().seen())
    front.office.source.gate.clear()
    front.keys("50123")
    front.enter()
    front.until(lambda: front.at == "selection.table")
    front.enter()
    assert front.baskets == []
    front.office.source.gate.set()
    front.until(lambda: len(front.baskets) == 1)
    assert not front.baskets[0][0].from_cache


def test_a_live_answer_with_other_amounts_is_said_and_never_charged_unseen(qtbot: QtBot) -> None:
    front = Front(qtbot, Office().seen())
    front.office.source.gate.clear()
    front.keys("50123")
    front.enter()
    front.until(lambda: front.at == "selection.table")
    front.enter()
    front.office.source.owe("50123", 500_00)
    front.office.source.gate.set()
    front.answered()
    assert front.baskets == []
    assert "Invoice 50123 is now $500.00 instead of $838.00." in front.take.notice.text
    assert front.ticked == ["50123"]
    assert front.says("basket.subtotal") == "$500.00"


def test_an_invoice_that_is_paid_meanwhile_is_named_and_nothing_goes_on(qtbot: QtBot) -> None:
    front = Front(qtbot, Office().seen())
    front.office.source.gate.clear()
    front.keys("50123")
    front.enter()
    front.until(lambda: front.at == "selection.table")
    front.enter()
    front.office.source.owe("50123", 0)
    front.office.source.gate.set()
    front.answered()
    assert "Nothing is owed on invoice 50123." in front.take.notice.text
    assert front.baskets == []


def test_an_answer_with_the_same_amounts_warns_of_nothing(qtbot: QtBot) -> None:
    front = Front(qtbot, Office().seen())
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
    front = Front(qtbot, Office().seen())
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
    front = Front(qtbot, Office().seen())
    front.office.source.away = True
    front.look_up("50123")
    assert front.shown == ["50123"]
    assert front.says("selection.age") == "as of 3:41 PM, AMS360 didn't answer"
    front.press(Qt.Key.Key_F9)
    assert front.baskets == []
    front.press(Qt.Key.Key_B, Qt.KeyboardModifier.AltModifier)
    front.until(lambda: front.take.basket_panel.agreed)
    front.press(Qt.Key.Key_F9)
    assert [bill.from_cache for bill, _ in front.baskets] == [True]


def test_an_agency_that_forbids_it_is_not_asked_for_a_yes(qtbot: QtBot) -> None:
    office = Office(replace(SETTINGS, ams360=replace(SETTINGS.ams360, charge_from_cache=False)))
    office.seen()
    front = Front(qtbot, office)
    front.office.source.away = True
    front.look_up("50123")
    assert not front.button("basket.from_cache").isVisible()
    refusal = office.desk.refuses_cached(NOW - timedelta(minutes=70))
    assert refusal
    assert refusal in front.says("basket.sentence")
    front.press(Qt.Key.Key_F9)
    assert front.baskets == []


def test_a_line_that_is_down_sooner_than_the_cache_answers_hides_nothing(qtbot: QtBot) -> None:
    front, gate = Front(qtbot, Office().seen()), threading.Event()
    front.office.source.away = True
    front.window.lanes.read.run(lambda: gate.wait(20), lambda _done: None, lambda _error: None)
    front.keys("50123")
    front.enter()
    front.until(lambda: front.office.source.questions == ["50123"])
    qtbot.wait(100)
    assert front.take.notice.text == ""
    gate.set()
    front.answered()
    assert front.shown == ["50123"]
    assert "Showing balances as of 3:41 PM." in front.take.notice.text


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
        assert front.take.basket_panel._payer.full_text == name
    height = front.take.selection._name.height()
    front.window.resize(1120, 728)
    front.look_up("50303")
    assert front.take.selection._name.height() == height
    assert front.take.selection._name.text().endswith("…")
    assert front.take.selection._name.toolTip().endswith("Minors</p>")


def test_a_quick_refusal_is_not_covered_by_the_waiting_sentence(qtbot: QtBot) -> None:
    front = Front(qtbot)
    front.look_up_customer("1003", "")
    front.qtbot.wait(120)
    assert front.says("selection.empty.sentence") == "This customer has no ZIP on file."
    assert not front.button("lookup.cancel").isVisible()
