"""Ticking: the sum in view, the customer's others, part payments, and what cannot be ticked and why."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from paydesk.config.settings import FeeSettings
from paydesk.domain.invoices.selection import InvoiceStatus
from paydesk.domain.money import ZERO, Money
from paydesk.domain.payment import State
from paydesk.domain.tender import TenderKind
from paydesk.ui.lists.cells import BAND
from paydesk.ui.lists.model import Role
from paydesk.ui.lists.table import Table
from paydesk.ui.take.words import selection as words
from tests.fakes.office import Office
from tests.fakes.sample import NOW, SETTINGS
from tests.ui.front import Front


def test_the_customers_others_are_offered_and_one_key_adds_them(qtbot: QtBot) -> None:
    front = Front(qtbot)
    front.look_up("50123")
    assert front.take.selection.others.text == "Sample Bakery has 2 more open invoices ($508.40)"
    front.press(Qt.Key.Key_F6)
    assert front.shown == ["50123", "50181", "50177"]
    assert front.ticked == front.shown
    assert front.says("basket.subtotal") == "$1,346.40"
    assert front.take.selection.others.text == ""
    assert front.at == "selection.table"


def test_a_customer_with_one_invoice_has_no_others_to_offer(qtbot: QtBot) -> None:
    front = Front(qtbot)
    front.look_up("50301")
    assert front.take.selection.others.text == ""


def test_others_added_before_the_live_answer_stay_ticked(qtbot: QtBot) -> None:
    office = Office()
    office.seen()
    office.source.gate.clear()
    front = Front(qtbot, office)
    front.keys("50123")
    front.enter()
    front.until(lambda: front.at == "selection.table")
    front.press(Qt.Key.Key_F6)
    office.source.gate.set()
    front.answered()
    assert front.shown == ["50123", "50181", "50177"]
    assert front.ticked == front.shown


def test_an_answer_is_priced_once(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each answer was priced twice: a second time for the partial amounts that it did not have."""
    front = Front(qtbot)
    answers: list[str] = []
    priced: list[str] = []

    def counted(name: str) -> None:
        """Count the answers. A slow one comes after the cached one, and corrects it."""
        real = getattr(front.take.selection, name)

        def show(*told: object) -> None:
            answers.append(name)
            real(*told)

        monkeypatch.setattr(front.take.selection, name, show)

    counted("show_found")
    counted("correct")
    front.model.changed.connect(lambda: priced.extend(["rows"] if front.model.rows else []))
    front.look_up("50123")
    assert len(priced) == len(answers) > 0


def test_space_ticks_and_the_sum_follows(qtbot: QtBot) -> None:
    front = Front(qtbot)
    front.look_up_customer("1001", "14414")
    assert front.says("basket.subtotal") == "$0.00"
    front.press(Qt.Key.Key_Space)
    assert front.ticked == ["50123"]
    assert front.says("basket.subtotal") == "$838.00"
    front.press(Qt.Key.Key_Down)
    front.press(Qt.Key.Key_Space)
    assert front.says("basket.subtotal") == "$934.40"
    assert front.says("basket.count") == "Subtotal, 2 invoices"
    front.press(Qt.Key.Key_Space)
    assert front.ticked == ["50123"]


def test_a_click_on_the_tick_ticks(qtbot: QtBot) -> None:
    front = Front(qtbot)
    front.look_up_customer("1001", "14414")
    table = front.take.selection.table
    box = table.visualRect(front.model.index(1, front.model.column("tick"))).center()
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=box)
    assert front.ticked == ["50181"]


def test_a_paid_invoice_cannot_be_ticked_and_says_when_by_whom_and_with_which_receipt(qtbot: QtBot) -> None:
    office = Office()
    office.took("50123")
    front = Front(qtbot, office)
    front.look_up("50123")
    assert front.cell("50123", "status") == (
        "Paid today 4:39 PM with Visa ending 1111 by Dana at Front-1, receipt R-000001"
    )
    assert front.cell("50123", "balance") == "0.00"
    assert front.ticked == []
    assert front.at == "lookup.invoice.number"
    front.take.selection.table.setFocus()
    front.press(Qt.Key.Key_Space)
    front.press(Qt.Key.Key_F7)
    assert front.ticked == []
    front.enter()
    assert front.baskets == []
    assert front.take.notice.text == (
        "Invoice 50123 is already paid. F6 adds the customer's 2 other open invoices."
    )


def test_a_paid_invoice_names_its_bank_account_in_the_middle_of_a_sentence(qtbot: QtBot) -> None:
    office = Office()
    office.took("50123", kind=TenderKind.ACH)
    front = Front(qtbot, office)
    front.look_up("50123")
    said = front.cell("50123", "status")
    assert said.startswith("Paid today 4:39 PM with bank account ending 6789 by Dana")


@pytest.mark.parametrize(
    ("state", "minutes_ago", "words"),
    [
        (State.HELD, 2, "Being paid at Front-2"),
        (State.UNKNOWN, 12, "Sent today 4:39 PM by Sam at Front-2, not confirmed yet"),
    ],
)
def test_an_invoice_being_paid_is_locked_and_says_where(
    qtbot: QtBot, state: State, minutes_ago: int, words: str
) -> None:
    office = Office()
    office.took("50123", state=state, minutes_ago=minutes_ago, ledger=office.session("Front-2", "Sam"))
    front = Front(qtbot, office)
    front.look_up("50123")
    assert front.cell("50123", "status") == words
    assert front.ticked == []


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (State.VOIDED, "Voided; reverse receipt R-000007 in AMS360"),
        (State.RETURNED, "Returned by bank; reverse receipt R-000007 in AMS360"),
    ],
)
def test_an_invoice_whose_money_went_back_says_what_is_still_to_be_done(state: State, said: str) -> None:
    given_back = InvoiceStatus(state, "Front-1", "Dana", NOW, ZERO, "R-000007")
    assert words.invoice_status(given_back, UTC, NOW.date()) == said


@pytest.mark.parametrize(("number", "words"), [("50305", "Credit"), ("50306", "Nothing owed")])
def test_a_credit_or_a_paid_invoice_says_so(qtbot: QtBot, number: str, words: str) -> None:
    front = Front(qtbot)
    front.look_up(number)
    assert front.cell(number, "status") == words
    assert front.ticked == []


def test_overdue_is_said_by_words_an_icon_and_red(qtbot: QtBot) -> None:
    front = Front(qtbot)
    front.look_up_customer("1001", "14414")
    overdue, later = front.model.index(0, front.model.column("status")), front.model.index(2, 2)
    assert overdue.data() == "Overdue 23 days"
    assert overdue.data(Qt.ItemDataRole.DecorationRole) is not None
    assert overdue.data(Qt.ItemDataRole.ForegroundRole).name() == "#b0201a"
    assert overdue.data(Qt.ItemDataRole.BackgroundRole) is not None
    assert later.data(Qt.ItemDataRole.BackgroundRole) is None


def test_part_of_an_invoice_can_be_paid(qtbot: QtBot) -> None:
    front = Front(qtbot)
    front.look_up("50123")
    pay = front.model.column("pay")
    assert front.take.selection.table.isColumnHidden(pay)
    _pay_part(front, "200")
    assert front.baskets == [], "the Enter that ends the amount must not go on to the charge"
    assert front.model.selection.amount_of(front.model.rows[0]) == Money(200_00)
    assert not front.take.selection.table.isColumnHidden(pay)
    assert front.says("basket.subtotal") == "$200.00"
    front.enter()
    bill, _ = front.baskets[0]
    assert [line.amount for line in bill.lines] == [Money(200_00)]
    assert bill.lines[0].owed == Money(838_00)


@pytest.mark.parametrize("typed", ["900", "0", "twelve", "1.234"])
def test_an_amount_that_cannot_be_paid_is_refused_in_words(qtbot: QtBot, typed: str) -> None:
    front = Front(qtbot)
    front.look_up("50123")
    _type_part(front, typed)
    assert front.take.notice.text != ""
    assert isinstance(QApplication.focusWidget(), QLineEdit), "the amount is put right where it stands"
    front.enter()
    front.press(Qt.Key.Key_F9)
    assert front.baskets == []
    QApplication.processEvents()
    front.keys("100")
    front.enter()
    front.until(lambda: front.at == "selection.table")
    assert front.says("basket.subtotal") == "$100.00"
    assert front.take.notice.text == "", "the amount was put right"


def test_an_amount_is_typed_in_its_row_and_not_over_the_line_above_its_group(qtbot: QtBot) -> None:
    front = Front(qtbot)
    front.look_up_customer("1001", "14414")
    front.press(Qt.Key.Key_F7)
    editor, table = QApplication.focusWidget(), front.take.selection.table
    assert isinstance(editor, QLineEdit)
    cell = table.visualRect(front.model.index(0, front.model.column("pay")))
    assert 0 in front.model.bands
    assert editor.geometry() == cell.adjusted(0, BAND, 0, 0)


def test_a_part_left_with_a_wrong_amount_leaves_nothing_to_charge(qtbot: QtBot) -> None:
    front = Front(qtbot)
    front.look_up("50123")
    _type_part(front, "2000")
    front.entry("lookup.invoice.number").setFocus()
    front.until(lambda: front.ticked == [])
    assert front.take.notice.text.endswith("The invoice is no longer selected.")
    assert not front.take.basket_panel.ready


def _pay_part(front: Front, amount: str) -> None:
    _type_part(front, amount)
    front.until(lambda: front.at == "selection.table")


def _type_part(front: Front, amount: str) -> None:
    front.press(Qt.Key.Key_F7)
    assert isinstance(QApplication.focusWidget(), QLineEdit)
    front.press(Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    front.keys(amount)
    front.enter()


def test_all_tenders_are_priced_before_one_is_chosen(qtbot: QtBot) -> None:
    front = Front(qtbot)
    front.look_up("50123")
    assert front.says("basket.tender.credit_card.total") == "$867.33"
    assert front.says("basket.tender.credit_card.fee") == "fee $29.33"
    assert front.says("basket.tender.debit_card.total") == "$850.57"
    assert front.says("basket.tender.ach.total") == "$841.00"
    assert front.says("basket.tender.ach.fee") == "ACH, fee $3.00"
    assert front.button("basket.charge").text() == "Take payment  F9"


def test_the_scroll_bar_of_many_lines_covers_no_amount(qtbot: QtBot) -> None:
    front = Front(qtbot)
    front.look_up_customer("1004", "02139")
    front.press(Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    lines = front.find(Table, "basket.lines")
    bar = lines.verticalScrollBar()
    front.until(bar.isVisible)
    cell = lines.visualRect(lines.model().index(0, lines.model().columnCount() - 1))
    end = lines.viewport().mapToGlobal(cell.topRight()).x()
    assert end < bar.mapToGlobal(bar.rect().topLeft()).x()


def test_a_chosen_tender_puts_its_amount_on_the_button(qtbot: QtBot) -> None:
    front = Front(qtbot)
    front.look_up("50123")
    front.keys("3")
    front.until(lambda: front.take.basket_panel.chosen is TenderKind.ACH)
    assert front.button("basket.charge").text() == "Take $841.00 by ACH  F9"
    front.keys("1")
    front.until(lambda: front.take.basket_panel.chosen is TenderKind.CREDIT_CARD)
    front.press(Qt.Key.Key_F9)
    assert front.baskets[0][1] is TenderKind.CREDIT_CARD
    front.button("basket.tender.credit_card").click()
    assert front.take.basket_panel.chosen is None


def test_a_fast_hand_chooses_the_tender_before_f9(qtbot: QtBot) -> None:
    """F9 opened the dialog with another tender while the 3 could still have been the start of a number."""
    front = Front(qtbot)
    front.look_up("50123")
    front.keys("3")
    front.press(Qt.Key.Key_F9)
    assert front.baskets[0][1] is TenderKind.ACH


def test_ach_above_its_limit_says_the_limit_and_by_how_much(qtbot: QtBot) -> None:
    front = Front(qtbot)
    front.look_up("50210")
    ach = front.button("basket.tender.ach")
    assert not ach.isEnabled()
    assert front.says("basket.tender.ach.fee") == "$3,400.00 over the $15,000.00 limit"
    front.keys("3")
    front.qtbot.wait(100)
    assert front.take.basket_panel.chosen is None
    assert front.take.basket_panel.ready


def test_ach_chosen_and_then_exceeded_is_chosen_no_more(qtbot: QtBot) -> None:
    front = Front(qtbot)
    front.look_up("50200")
    front.take.basket_panel.choose(3)
    assert front.take.basket_panel.chosen is TenderKind.ACH
    front.press(Qt.Key.Key_F6)
    assert front.take.basket_panel.chosen is None
    assert front.button("basket.charge").text() == "Take payment  F9"


def test_a_desk_without_fees_shows_what_is_owed_and_says_why_it_cannot_charge(qtbot: QtBot) -> None:
    front = Front(qtbot, Office(replace(SETTINGS, fees=FeeSettings())))
    front.look_up("50123")
    assert front.says("basket.subtotal") == "$838.00"
    assert front.says("basket.sentence").startswith(
        "This desk can't take payments: its technology fees and ACH limit are not set. Ask your administrator"
    )
    assert not front.button("basket.charge").isEnabled()


def test_number_enter_enter_is_all_it_takes_to_the_payment(qtbot: QtBot) -> None:
    front = Front(qtbot)
    front.look_up("50123")
    front.enter()
    (bill, kind) = front.baskets[0]
    assert kind is None
    assert bill.payer.customer_name == "Sample Bakery"
    assert bill.zip_code == "14414"
    assert [line.invoice_number for line in bill.lines] == ["50123"]


def test_escape_goes_back_to_the_number_and_keeps_the_ticks(qtbot: QtBot) -> None:
    front = Front(qtbot)
    front.look_up("50123")
    front.press(Qt.Key.Key_Escape)
    assert front.at == "lookup.invoice.number"
    assert front.entry("lookup.invoice.number").selectedText() == "50123"
    assert front.ticked == ["50123"]


def test_the_next_caller_finds_an_empty_window(qtbot: QtBot) -> None:
    front = Front(qtbot)
    front.look_up("50123")
    front.take.basket_panel.choose(1)
    front.press(Qt.Key.Key_F12)
    assert front.shown == []
    assert front.at == "lookup.invoice.number"
    assert front.entry("lookup.invoice.number").text() == ""
    assert front.says("basket.subtotal") == "$0.00"
    assert front.take.basket_panel.chosen is None
    assert front.says("selection.empty.sentence") == "Ready for the next customer"


def test_the_model_is_a_proper_qt_model_and_sorts_by_raw_values(
    qtbot: QtBot, qtmodeltester: ModelTester
) -> None:
    front = Front(qtbot)
    front.look_up_customer("1004", "02139")
    qtmodeltester.check(front.model)  # type: ignore[no-untyped-call]  # pytest-qt leaves it untyped
    front.model.sort(front.model.column("balance"), Qt.SortOrder.DescendingOrder)
    amounts = [front.model.index(place, 7).data(Role.SORT) for place in range(len(front.shown))]
    assert amounts == sorted(amounts, reverse=True)
    assert front.model.index(0, 0).data(Role.VALUE) is front.model.rows[0]
