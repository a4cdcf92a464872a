"""Nothing of one customer greets the next, and F12 throws no work away unasked."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from paydesk.domain.consent import Channel
from paydesk.domain.errors import NoAnswer, System
from paydesk.domain.money import Money
from paydesk.domain.payment import State
from paydesk.ui.kit.notices import Ends, NoticeBar
from paydesk.ui.take.lookup_page import Mode
from tests.fakes.office import Office
from tests.fakes.sample import NO_ZIP, SETTINGS
from tests.ui.front import Front

READY = "Ready for the next customer"


def everything_said(front: Front) -> str:
    """Return all that can be read on the page now."""
    labels = front.take.findChildren(QLabel)
    return " | ".join(label.text() for label in labels if label.isVisible() and label.text())


def typed_and_refused(front: Front) -> None:
    """Leave an error in every form, and text in most fields."""
    front.press(Qt.Key.Key_F2)
    front.keys("abc")
    front.enter()
    assert front.problem("lookup.invoice.number")
    front.press(Qt.Key.Key_F3)
    front.keys("1003")
    front.enter()
    front.keys("0100")
    front.enter()
    assert front.problem("lookup.customer.zip")
    front.press(Qt.Key.Key_F4)
    front.keys("0")
    front.enter()
    front.keys("HO-204417")
    front.take.lookup.anytime.complete()
    assert front.problem("lookup.anytime.amount")
    front.press(Qt.Key.Key_F5)
    front.keys("bakery")


@pytest.mark.parametrize("last", Mode)
def test_the_next_customer_finds_the_page_of_a_fresh_start(qtbot: QtBot, last: Mode) -> None:
    front = Front(qtbot)
    fresh = everything_said(front)
    typed_and_refused(front)
    front.window.look_up(last)
    while front.at != "lookup.invoice.number" or everything_said(front) != fresh:
        before = everything_said(front)
        front.press(Qt.Key.Key_F12)
        front.take.undo.say("")
        assert everything_said(front) != before or everything_said(front) == fresh
    for name in ("invoice.number", "customer.number", "customer.zip", "customer.second", "search.text"):
        entry = front.entry(f"lookup.{name}")
        assert (entry.text(), entry.accessibleDescription(), entry.property("role") or "") == ("", "", ""), (
            name
        )
    assert front.take.lookup.anytime.filled == 0


def test_a_hint_about_a_pasted_text_ends_with_it(qtbot: QtBot) -> None:
    front = Front(qtbot)
    front.entry("lookup.invoice.number").setText("inv 50123, 50177")
    front.enter()
    front.answered()
    assert "Not included: 50177" in everything_said(front)
    front.press(Qt.Key.Key_F2)
    front.keys("5")
    assert "Not included: 50177" not in everything_said(front)
    front.entry("lookup.invoice.number").setText("inv 50123, 50177")
    front.enter()
    front.answered()
    front.press(Qt.Key.Key_F12)
    assert "Not included: 50177" not in everything_said(front)


def test_a_second_identifier_is_not_asked_from_the_next_customer(qtbot: QtBot) -> None:
    front = Front(qtbot)
    front.look_up_customer(NO_ZIP.number, "01002")
    front.until(front.entry("lookup.customer.second").isVisible)
    front.keys("Fenway Cafe")
    front.press(Qt.Key.Key_F12)
    front.press(Qt.Key.Key_F3)
    assert not front.entry("lookup.customer.second").isVisible()
    assert front.entry("lookup.customer.second").text() == ""


# ---- F12 ----------------------------------------------------------------------------------


def many_selected(front: Front) -> None:
    """Select the twelve invoices of one customer, one of them in part."""
    front.look_up_customer("1004", "02139")
    front.press(Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    front.model.pay_parts([("60010", Money(100_00))])
    assert len(front.ticked) == 12


def test_f12_names_both_the_invoices_and_the_form_over_them(qtbot: QtBot) -> None:
    """On the form it asked about invoices that nobody saw, and the form was lost."""
    front = Front(qtbot)
    many_selected(front)
    front.press(Qt.Key.Key_F4)
    front.take.lookup.anytime.amount.setText("12.00")
    front.take.lookup.anytime.payer.setText("Cy Young")
    front.press(Qt.Key.Key_F12)
    assert front.take.question.text == (
        "Clear the 12 selected invoices and the anytime payment? Esc keeps them."
    )
    front.press(Qt.Key.Key_F12)
    assert front.take.undo.text == "Cleared: 12 selected invoices and the anytime payment."


def test_f12_asks_before_it_clears_more_than_three_invoices(qtbot: QtBot) -> None:
    front = Front(qtbot)
    many_selected(front)
    front.press(Qt.Key.Key_F12)
    assert front.take.question.text == "Clear the 12 selected invoices? Esc keeps them."
    assert len(front.ticked) == 12
    at = front.at
    front.press(Qt.Key.Key_Escape)
    assert front.take.question.text == ""
    assert len(front.ticked) == 12
    assert front.at == at, "Esc answers the question and does nothing else"
    front.press(Qt.Key.Key_Escape)
    assert front.at == "lookup.customer.number"
    front.press(Qt.Key.Key_F12)
    assert front.take.question.text == "Clear the 12 selected invoices? Esc keeps them.", "after Esc, too"
    front.press(Qt.Key.Key_F12)
    assert front.ticked == []
    assert front.take.question.text == ""


def test_what_comes_for_the_customer_before_does_not_cover_an_anytime_payment(qtbot: QtBot) -> None:
    """After a charge, the list of the customer before stood in the place of the form."""
    front = Front(qtbot)
    front.look_up("50123")
    front.press(Qt.Key.Key_F4)
    answers, seen = front.take.answers, []
    front.take.selection.model.dataChanged.connect(lambda *_which: seen.append(True))
    answers.refresh_marks()
    front.until(lambda: bool(seen))
    assert front.take.anytime.isVisible()
    assert not front.take.selection.table.isVisible()
    front.take.selection.clear()
    assert front.take.anytime.isVisible()
    front.press(Qt.Key.Key_F2)
    assert front.says("selection.empty.sentence") == READY


def test_the_question_ends_when_the_clerk_goes_on(qtbot: QtBot) -> None:
    front = Front(qtbot)
    many_selected(front)
    front.press(Qt.Key.Key_F12)
    front.take.selection.table.setFocus()
    front.press(Qt.Key.Key_Space)
    assert front.take.question.text == ""
    front.press(Qt.Key.Key_F12)
    assert front.take.question.text == "Clear the 11 selected invoices? Esc keeps them."


@pytest.mark.parametrize("number", [1, 3])
def test_f12_clears_a_few_invoices_at_once(qtbot: QtBot, number: int) -> None:
    front = Front(qtbot)
    front.look_up_customer("1004", "02139")
    front.model.tick(front.model.payable[:number])
    front.press(Qt.Key.Key_F12)
    assert front.ticked == []


def test_f12_asks_before_it_clears_a_filled_form(qtbot: QtBot) -> None:
    front = Front(qtbot)
    front.press(Qt.Key.Key_F4)
    front.keys("250")
    front.press(Qt.Key.Key_F12)
    assert front.take.question.text == "", "one field is typed again sooner than a question is read"
    front.press(Qt.Key.Key_F4)
    front.keys("250")
    front.entry("lookup.anytime.reference").setFocus()
    front.keys("HO-204417")
    front.press(Qt.Key.Key_F12)
    assert front.take.question.text == "Clear everything entered here? Esc keeps it."
    front.keys("8")
    assert front.take.question.text == ""
    front.press(Qt.Key.Key_F12, times=2)
    assert front.take.lookup.anytime.filled == 0


def test_what_f12_cleared_comes_back(qtbot: QtBot) -> None:
    front = Front(qtbot)
    many_selected(front)
    subtotal = front.model.selection.subtotal
    front.press(Qt.Key.Key_F12, times=2)
    assert front.take.undo.text == "Cleared: 12 selected invoices."
    front.press(Qt.Key.Key_F12, Qt.KeyboardModifier.ShiftModifier)
    front.answered()
    assert len(front.ticked) == 12
    assert front.model.selection.parts == (("60010", Money(100_00)),)
    assert front.model.selection.subtotal == subtotal
    assert front.entry("lookup.customer.number").text() == "1004"
    assert front.take.lookup.mode.value is Mode.CUSTOMER
    assert front.take.undo.text == ""


def test_an_added_invoice_comes_back_too_and_a_paid_one_does_not(qtbot: QtBot) -> None:
    front = Front(qtbot)
    front.look_up("50123")
    front.press(Qt.Key.Key_F6)
    assert len(front.ticked) > 2
    before = front.ticked
    front.press(Qt.Key.Key_F12, times=4)
    front.office.took("50177")
    front.press(Qt.Key.Key_F12, Qt.KeyboardModifier.ShiftModifier)
    front.answered()
    front.until(lambda: sorted(front.ticked) == sorted(set(before) - {"50177"}))


def test_a_cleared_form_comes_back(qtbot: QtBot) -> None:
    front = Front(qtbot)
    front.press(Qt.Key.Key_F4)
    for name, text in (("amount", "250"), ("reference", "HO-204417"), ("payer", "Pat Walker")):
        front.entry(f"lookup.anytime.{name}").setText(text)
    front.press(Qt.Key.Key_F12, times=2)
    assert front.take.undo.text == "Cleared."
    front.press(Qt.Key.Key_F12, Qt.KeyboardModifier.ShiftModifier)
    assert front.take.lookup.mode.value is Mode.ANYTIME
    assert front.take.lookup.anytime.filled == 3
    basket = front.take.basket
    assert basket is not None
    assert basket.subtotal == Money(250_00)


def test_the_way_back_names_nobody_and_ends_with_the_next_lookup(qtbot: QtBot) -> None:
    front = Front(qtbot)
    many_selected(front)
    front.press(Qt.Key.Key_F12, times=2)
    assert "Northgate" not in everything_said(front)
    front.look_up("50123")
    assert front.take.undo.text == ""
    front.press(Qt.Key.Key_F12, Qt.KeyboardModifier.ShiftModifier)
    assert front.shown == ["50123"]


def test_f12_on_an_empty_page_offers_nothing_to_undo(qtbot: QtBot) -> None:
    front = Front(qtbot)
    front.press(Qt.Key.Key_F12)
    assert front.take.undo.text == ""


# ---- the payment before -------------------------------------------------------------------


def test_the_payment_before_stays_on_the_ready_page(qtbot: QtBot) -> None:
    office = Office()
    payment = office.took("50123")
    front = Front(qtbot, office)
    last = front.take.selection.last
    front.until(lambda: last.text == "Last: Approved $867.33 · Sample Bakery · R-000001")
    assert last.button.text() == "Reprint  F8"
    reprinted: list[object] = []
    last.reprint.disconnect()
    last.reprint.connect(reprinted.append)
    front.press(Qt.Key.Key_F8)
    assert reprinted == [payment]
    front.look_up("50177")
    assert not last.isVisible()
    front.press(Qt.Key.Key_F8)
    assert front.take.notice.text.startswith("There is no receipt to reprint here.")
    assert reprinted == [payment]
    front.press(Qt.Key.Key_F12)
    assert last.isVisible()
    voided = office.desk.voids.void(payment.id, "Wrong invoice")
    front.window.payment_changed(voided)
    front.until(lambda: last.text.startswith("Last: Voided $867.33"))


@pytest.mark.parametrize("minutes_ago", [60 * 24, 60 * 24 * 40])
def test_a_payment_of_another_day_is_not_the_payment_before(qtbot: QtBot, minutes_ago: int) -> None:
    office = Office()
    office.took("50123", minutes_ago=minutes_ago)
    front = Front(qtbot, office)
    front.until(lambda: bool(front.window.recent._model.rows))
    assert front.take.selection.last.text == ""


def test_a_payment_of_another_desk_is_not_the_payment_before(qtbot: QtBot) -> None:
    office = Office()
    office.took("50123", ledger=office.session("Front-2"))
    office.took("50177", state=State.DECLINED)
    front = Front(qtbot, office)
    front.until(lambda: len(front.window.recent._model.rows) == 2)
    assert front.take.selection.last.text == ""


# ---- notices ------------------------------------------------------------------------------


def test_f9_repeats_the_problem_instead_of_hiding_it(qtbot: QtBot) -> None:
    front = Front(qtbot)
    front.office.source.fault = NoAnswer(System.AGENCY_SYSTEM, "AMS360 can't be reached.", connected=False)
    front.look_up("50123")
    said = front.take.notice.text
    assert said.startswith("AMS360 can't be reached.")
    front.press(Qt.Key.Key_F9)
    assert front.take.notice.text == said


def test_a_refusal_stands_below_the_problem(qtbot: QtBot) -> None:
    front = Front(qtbot, Office().seen())
    front.office.source.fault = NoAnswer(System.AGENCY_SYSTEM, "AMS360 can't be reached.", connected=False)
    front.look_up("50304")
    said = front.take.notice.text
    front.press(Qt.Key.Key_O, Qt.KeyboardModifier.ControlModifier)
    assert front.take.notice.text == f"{said} No invoice here is overdue."
    front.press(Qt.Key.Key_F6)
    assert front.take.notice.text == f"{said} This customer has no other open invoice to add."
    QApplication.processEvents()
    front.press(Qt.Key.Key_Down)
    assert front.take.notice.text == said


@pytest.fixture
def bar(qtbot: QtBot) -> NoticeBar:
    made = NoticeBar("bar")
    qtbot.addWidget(made)
    return made


def test_each_kind_of_notice_has_its_own_end(bar: NoticeBar) -> None:
    bar.say("Paid.", "Print it.", "good", Ends.NEXT_CUSTOMER)
    bar.say("Saved.", kind="good")
    bar.refuse("No.")
    assert bar.text == "Paid. Print it. No.", "a refusal ends what passes"
    bar.say("Saved.", kind="good")
    assert bar.text == "Paid. Print it. Saved."
    bar._soon.timeout.emit()
    assert bar.text == "Paid. Print it."
    bar.say("Broken.", "", "danger")
    bar._soon.timeout.emit()
    assert bar.text == "Broken. Paid. Print it.", "a problem does not pass by itself"
    bar.begin()
    assert bar.text == "Paid. Print it.", "a result outlives the next lookup"
    bar.clear()
    assert bar.text == ""
    assert not bar.isVisible()
    bar.say("Working…")
    bar._soon.timeout.emit()
    assert bar.text == "Working…"
    bar.say("Done.", kind="good")
    assert bar.text == "Done.", "what was worked on is over"


def test_a_notice_can_be_dismissed_by_keyboard(bar: NoticeBar) -> None:
    bar.say("Broken.", "", "danger")
    bar.say("Paid.", "", "good", Ends.NEXT_CUSTOMER)
    bar.show()
    close = bar._rows[Ends.SOLVED].close_button
    assert close.focusPolicy() & Qt.FocusPolicy.TabFocus
    close.setFocus()
    QTest.keyClick(close, Qt.Key.Key_Space)
    assert bar.text == "Paid."


def test_the_rows_stay_where_they_are_when_a_notice_comes_and_goes(qtbot: QtBot) -> None:
    front = Front(qtbot)
    front.look_up_customer("1004", "02139")
    table = front.take.selection.table
    places = []
    for shown in (False, True, False):
        if shown:
            front.take.notice.refuse("No.", "Try F2.")
        else:
            front.take.notice.clear()
        QApplication.processEvents()
        places.append(table.mapToGlobal(table.rect().topLeft()))
    assert places[0] == places[1] == places[2]


def test_opening_ends_what_was_said_about_it(qtbot: QtBot) -> None:
    ready = threading.Event()
    front = Front(qtbot, attach=False, ready=ready)
    front.take.notice.refuse("PayDesk is still opening.", "Wait a moment.")
    ready.set()
    front.until(lambda: front.window.desk is not None)
    assert front.take.notice.text == ""


# ---- the dialog ---------------------------------------------------------------------------


def test_where_one_customer_was_says_nothing_about_the_next(qtbot: QtBot) -> None:
    front = Front(qtbot, Office(replace(SETTINGS)))
    front.take.pay_requested.connect(front.window._pay)
    checkout = front.window.checkout
    assert checkout is not None

    def opened(number: str) -> Channel:
        front.look_up(number)
        front.take.go_on()
        assert checkout.dialog is not None
        return checkout.dialog.page.channel.value

    def left() -> None:
        assert checkout.dialog is not None
        checkout.dialog.page.channel.choose(Channel.COUNTER)
        checkout.dialog.reject()
        front.until(lambda: checkout.dialog is None)

    assert opened("50123") is Channel.PHONE
    left()
    assert opened("50123") is Channel.COUNTER, "the same customer, who went to get another card"
    left()
    assert opened("50304") is Channel.PHONE
    left()
