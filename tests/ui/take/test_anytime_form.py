"""A payment without an invoice, and the invoice it might really be."""

from __future__ import annotations

import re

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from paydesk.domain.money import Money
from paydesk.domain.payment import Payer, ReferenceKind
from tests.ui.front import Front


def _fill(front: Front, amount: str = "250", reference: str = "HO-204417", payer: str = "Ann Miller") -> None:
    front.press(Qt.Key.Key_F4)
    assert front.at == "lookup.anytime.amount"
    front.keys(amount)
    front.enter()
    front.enter()
    assert front.at == "lookup.anytime.reference"
    front.keys(reference)
    front.enter()
    front.keys(payer)
    front.enter()
    front.until(lambda: not front.take.reference.busy)


def test_enter_walks_the_fields_and_the_basket_follows(qtbot: QtBot) -> None:
    front = Front(qtbot)
    _fill(front)
    assert front.says("basket.subtotal") == "$250.00"
    assert front.says("basket.tender.credit_card.total") == "$258.75"
    front.keys("617 555 0100")
    front.enter()
    front.keys("ann@example.com")
    front.enter()
    assert front.at == "lookup.anytime.customer"
    front.enter()
    assert front.at == "basket.charge"
    front.enter()
    bill, _ = front.baskets[0]
    assert bill.lines[0].amount == Money(250_00)
    assert bill.lines[0].invoice_number is None
    assert bill.lines[0].policy_number == "HO-204417"
    assert (bill.reference_kind, bill.reference_value) == (ReferenceKind.POLICY, "HO-204417")
    assert bill.payer == Payer("Ann Miller", "617 555 0100", "ann@example.com")


def test_the_form_is_in_the_place_of_the_list(qtbot: QtBot) -> None:
    front = Front(qtbot)
    _fill(front)
    assert front.take.anytime.isAncestorOf(front.take.lookup.anytime)
    assert front.take.anytime.isVisible()
    front.until(lambda: front.take.lookup.height() < 80)  # it has only the ways to look up
    front.press(Qt.Key.Key_F2)
    assert not front.entry("lookup.anytime.amount").isVisible()


@pytest.mark.parametrize(
    ("typed", "left"),
    [("1250", "$1,250.00"), ("$ 1,250.5", "$1,250.50"), (".5", "$0.50"), ("twelve", "twelve")],
)
def test_the_amount_is_shown_as_it_is_charged_when_it_is_left(qtbot: QtBot, typed: str, left: str) -> None:
    front = Front(qtbot)
    front.press(Qt.Key.Key_F4)
    front.keys(typed)
    front.press(Qt.Key.Key_Tab)
    assert front.entry("lookup.anytime.amount").text() == left
    front.entry("lookup.anytime.amount").setFocus()
    front.enter()
    assert front.entry("lookup.anytime.amount").text() == left


def test_nothing_in_an_empty_field_could_be_taken_for_a_value(qtbot: QtBot) -> None:
    front = Front(qtbot)
    assert [
        entry.objectName() for entry in front.take.lookup.entries if re.search(r"\d", entry.placeholderText())
    ] == []
    kind, reference = front.take.lookup.anytime.kind, front.entry("lookup.anytime.reference")
    assert reference.placeholderText() == "Policy number"
    kind.choose(ReferenceKind.INVOICE)
    assert reference.placeholderText() == "Invoice number"


def test_a_small_window_scrolls_to_the_last_field(qtbot: QtBot) -> None:
    front = Front(qtbot)
    front.window.resize(800, 440)
    _fill(front)
    front.enter()
    front.enter()
    assert front.at == "lookup.anytime.customer"
    field = front.entry("lookup.anytime.customer")
    front.until(lambda: field.visibleRegion().boundingRect() == field.rect())


def test_a_reference_that_is_an_open_invoice_offers_to_pay_that_instead(qtbot: QtBot) -> None:
    front = Front(qtbot)
    _fill(front, reference="50177")
    assert front.take.instead.text == "Invoice 50177 is open for Sample Bakery: $412.00"
    front.press(Qt.Key.Key_F6)
    front.answered()
    assert front.ticked == ["50177"]
    assert front.says("basket.subtotal") == "$412.00"


def test_a_payment_waits_for_the_reference_to_be_checked(qtbot: QtBot) -> None:
    front = Front(qtbot)
    _fill(front)
    front.office.source.gate.clear()
    front.entry("lookup.anytime.reference").setFocus()
    front.press(Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    front.keys("50200")
    front.enter()
    front.press(Qt.Key.Key_F9)
    assert front.baskets == []
    front.office.source.gate.set()
    front.until(lambda: front.take.instead.text != "")
    assert front.baskets == []
    front.press(Qt.Key.Key_F9)
    assert len(front.baskets) == 1


def test_ams360_away_does_not_stop_a_payment_without_an_invoice(qtbot: QtBot) -> None:
    front = Front(qtbot)
    front.office.source.away = True
    _fill(front, reference="50177")
    front.press(Qt.Key.Key_F9)
    assert len(front.baskets) == 1


@pytest.mark.parametrize(
    ("field", "typed", "problem"),
    [
        ("amount", "twelve", "is not an amount"),
        ("amount", "0", "over $0.00"),
        ("email", "ann@example", "email doesn't look right"),
        ("phone", "2", "phone number is too short"),
    ],
)
def test_what_cannot_be_is_said_at_the_field(qtbot: QtBot, field: str, typed: str, problem: str) -> None:
    front = Front(qtbot)
    _fill(front)
    entry = front.entry(f"lookup.anytime.{field}")
    entry.setFocus()
    front.press(Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    front.keys(typed)
    front.enter()
    assert problem in front.problem(f"lookup.anytime.{field}")
    assert front.at == f"lookup.anytime.{field}", "Enter does not leave what is wrong"
    front.press(Qt.Key.Key_F9)
    assert front.baskets == []


def test_what_was_typed_stays_while_another_lookup_is_shown(qtbot: QtBot) -> None:
    front = Front(qtbot)
    _fill(front)
    front.look_up("50123")
    assert front.says("basket.subtotal") == "$838.00"
    front.press(Qt.Key.Key_F4)
    assert front.says("basket.subtotal") == "$250.00"
    front.press(Qt.Key.Key_F2)
    assert front.ticked == ["50123"]
    front.press(Qt.Key.Key_F12, times=2)
    assert front.entry("lookup.anytime.amount").text() == ""


# ---- the customer number, if known --------------------------------------------------------------


def _say_customer(front: Front, number: str) -> None:
    front.entry("lookup.anytime.customer").setFocus()
    front.keys(number)
    front.enter()
    front.until(lambda: not front.take.customer_number.busy)


def test_the_receipt_of_a_customers_payment_goes_to_that_customer(qtbot: QtBot) -> None:
    front = Front(qtbot)
    _fill(front, payer="Sam of the Bakery")
    _say_customer(front, "# 01001")
    assert front.take.notice.text == ""
    front.press(Qt.Key.Key_F9)
    bill, _ = front.baskets[0]
    assert (bill.payer.customer_number, bill.payer.customer_name) == ("1001", "")


def test_a_customer_number_that_nobody_has_is_not_charged(qtbot: QtBot) -> None:
    front = Front(qtbot)
    _fill(front)
    _say_customer(front, "4711")
    assert front.problem("lookup.anytime.customer") == (
        "No customer 4711 was found. Correct the number, or leave it blank."
    )
    front.press(Qt.Key.Key_F9)
    assert front.baskets == []
    front.entry("lookup.anytime.customer").setFocus()
    front.press(Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    front.press(Qt.Key.Key_Backspace)
    front.press(Qt.Key.Key_F9)
    assert len(front.baskets) == 1


def test_an_unknown_customer_number_takes_the_keyboard_back_to_its_field(qtbot: QtBot) -> None:
    """Qt moved it from the disabled button to the last ten payments."""
    front = Front(qtbot)
    _fill(front)
    front.entry("lookup.anytime.customer").setFocus()
    front.keys("4711")
    front.enter()
    front.until(lambda: front.problem("lookup.anytime.customer") != "")
    assert front.at == "lookup.anytime.customer"
    front.keys("1001")
    assert front.entry("lookup.anytime.customer").text() == "1001", "it is typed over"


def test_another_name_on_the_account_is_said_without_the_name(qtbot: QtBot) -> None:
    front = Front(qtbot)
    _fill(front)
    _say_customer(front, "1001")
    assert front.take.notice.text.startswith("The name on account 1001 is not Ann Miller.")
    assert "Bakery" not in front.take.notice.text
    front.press(Qt.Key.Key_F9)
    assert len(front.baskets) == 1, "a neighbor may pay"
    front.take.notice.clear()
    front.take.resume()
    assert front.take.notice.text.startswith("The name on account 1001 is not Ann Miller."), "still true"
    front.take.next_caller()
    front.take.resume()
    assert front.take.notice.text == ""


def test_f9_in_the_field_waits_for_the_check_of_the_number(qtbot: QtBot) -> None:
    front = Front(qtbot)
    _fill(front)
    front.office.source.gate.clear()
    front.entry("lookup.anytime.customer").setFocus()
    front.keys("4711")
    front.press(Qt.Key.Key_F9)
    assert front.baskets == []
    front.office.source.gate.set()
    front.until(lambda: front.problem("lookup.anytime.customer") != "")
    assert front.baskets == []


@pytest.mark.parametrize("typed", ["Bakery", "12-34", "99999999999"])
def test_what_is_no_customer_number_is_said_at_the_field(qtbot: QtBot, typed: str) -> None:
    front = Front(qtbot)
    _fill(front)
    _say_customer(front, typed)
    assert "customer number" in front.problem("lookup.anytime.customer")
    front.press(Qt.Key.Key_F9)
    assert front.baskets == []


def test_ams360_away_leaves_the_number_to_the_posting(qtbot: QtBot) -> None:
    front = Front(qtbot)
    front.office.source.away = True
    _fill(front)
    _say_customer(front, "1001")
    front.press(Qt.Key.Key_F9)
    assert front.baskets[0][0].payer.customer_number == "1001"


def test_the_next_customer_does_not_inherit_the_number(qtbot: QtBot) -> None:
    front = Front(qtbot)
    _fill(front)
    _say_customer(front, "4711")
    front.press(Qt.Key.Key_F12, times=2)
    assert (front.entry("lookup.anytime.customer").text(), front.problem("lookup.anytime.customer")) == (
        "",
        "",
    )
