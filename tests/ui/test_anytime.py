"""A payment without an invoice, and the invoice it might really be."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from paydesk.domain.money import Money
from paydesk.domain.payment import ReferenceKind
from tests.fakes.agency import AWAY
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
    assert front.says("basket.tender.credit_card.total") == "258.75"
    front.keys("617 555 0100")
    front.enter()
    front.keys("ann@example.com")
    front.enter()
    assert front.at == "basket.charge"
    front.enter()
    bill, _ = front.bills[0]
    assert bill.lines[0].amount == Money(250_00)
    assert bill.lines[0].invoice_number is None
    assert bill.lines[0].policy_number == "HO-204417"
    assert (bill.reference_kind, bill.reference_value) == (ReferenceKind.POLICY, "HO-204417")
    assert (bill.payer.name, bill.payer.phone, bill.payer.email) == (
        "Ann Miller",
        "617 555 0100",
        "ann@example.com",
    )


def test_a_reference_that_is_an_open_invoice_offers_to_pay_that_instead(qtbot: QtBot) -> None:
    front = Front(qtbot)
    _fill(front, reference="50177")
    assert front.take.instead.text == "50177 is an open invoice of Sample Bakery, 412.00"
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
    assert front.bills == []
    front.office.source.gate.set()
    front.until(lambda: front.take.instead.text != "")
    assert front.bills == []
    front.press(Qt.Key.Key_F9)
    assert len(front.bills) == 1


def test_ams360_away_does_not_stop_a_payment_without_an_invoice(qtbot: QtBot) -> None:
    front = Front(qtbot)
    front.office.source.away = AWAY
    _fill(front, reference="50177")
    front.press(Qt.Key.Key_F9)
    assert len(front.bills) == 1


@pytest.mark.parametrize(
    ("field", "typed", "problem"),
    [
        ("amount", "twelve", "is not an amount"),
        ("amount", "0", "above zero"),
        ("email", "ann@example", "not an e-mail address"),
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
    front.press(Qt.Key.Key_F9)
    assert front.bills == []


def test_what_was_typed_stays_while_another_lookup_is_shown(qtbot: QtBot) -> None:
    front = Front(qtbot)
    _fill(front)
    front.look_up("50123")
    assert front.says("basket.subtotal") == "$838.00"
    front.press(Qt.Key.Key_F4)
    assert front.says("basket.subtotal") == "$250.00"
    front.press(Qt.Key.Key_F2)
    assert front.ticked == ["50123"]
    front.press(Qt.Key.Key_F12)
    assert front.entry("lookup.anytime.amount").text() == ""
