"""A payment is voided at the desk: asked for with a reason, answered in words, with a receipt of its own."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from paydesk.domain.errors import KnownError
from paydesk.domain.payment import State
from paydesk.domain.posting import PostingState
from paydesk.ui.attention_page import AttentionPage
from paydesk.ui.history_page import HistoryPage
from paydesk.ui.payment_list import PaymentList
from paydesk.ui.receipt_page import ReceiptDialog
from paydesk.ui.void_dialog import VoidDialog
from paydesk.ui.window import ATTENTION, PAYMENTS
from tests.fakes.agency import Office
from tests.fakes.desk import Answer
from tests.ui.front import Front

WHY = "Wrong invoice"


@pytest.fixture
def office() -> Office:
    """A desk with three payments behind it, the newest of two invoices."""
    made = Office()
    made.took("60012", minutes_ago=90, state=State.DECLINED)
    made.took("60010", minutes_ago=60)
    made.took("50123", "50177", minutes_ago=12)
    return made


def payments(qtbot: QtBot, office: Office) -> tuple[Front, HistoryPage]:
    """The Payments tab, with the newest payment chosen."""
    front = Front(qtbot, office)
    front.window.tabs.setCurrentIndex(PAYMENTS)
    page = front.find(HistoryPage, "payments")
    front.until(lambda: len(page.model.rows) == 3)
    return front, page


def ask(front: Front, page: PaymentList) -> VoidDialog:
    """Press the key of the button, and find the dialog."""
    front.press(Qt.Key.Key_F10)
    front.until(lambda: bool(page.findChildren(VoidDialog)))
    [dialog] = page.findChildren(VoidDialog)
    front.until(dialog.reason.hasFocus)
    return dialog


def test_a_payment_is_voided_by_keys_and_its_receipt_is_shown(qtbot: QtBot, office: Office) -> None:
    front, page = payments(qtbot, office)
    ask(front, page)
    said = {name: front.says(f"void.{name}") for name in ("payer", "what", "total", "fee")}
    assert said == {
        "payer": "Sample Bakery",
        "what": "Invoices 50123, 50177 · Visa ending 1111",
        "total": "$1,293.75",
        "fee": "with the fee of 43.75",
    }
    front.keys(WHY)
    front.enter()
    front.until(lambda: office.voids.asked == [(3, WHY)])
    front.until(lambda: "Voided: $1,293.75 of Sample Bakery." in page.notice.text)
    front.until(lambda: bool(front.window.findChildren(ReceiptDialog)))
    [receipt] = front.window.findChildren(ReceiptDialog)
    assert receipt.windowTitle() == "Receipt V-000003"
    front.until(lambda: receipt.view.pages == 1)
    receipt.reject()
    assert front.says("payments.details.state") == "Voided"
    assert not front.find(QPushButton, "payments.details.void").isVisible()
    assert front.find(QPushButton, "payments.details.reprint").text() == "Print void receipt  F8"


def test_a_reason_is_needed_and_esc_voids_nothing(qtbot: QtBot, office: Office) -> None:
    front, page = payments(qtbot, office)
    dialog = ask(front, page)
    front.enter()
    assert dialog.isVisible()
    assert front.says("void.wrong") == "Say in a few words why: it is kept with the payment."
    front.keys("4000620000000007")
    assert "card number" in front.says("void.wrong")
    assert dialog.reason.text() == ""
    front.press(Qt.Key.Key_Escape)
    front.until(lambda: not page.findChildren(VoidDialog))
    assert office.voids.asked == []


@pytest.mark.parametrize(
    ("answer", "state", "said"),
    [
        (
            Answer(State.AUTHORIZED, "Too late to void: it has settled. Refund it in AndDone's portal."),
            "Approved",
            "$1,293.75 of Sample Bakery was not voided. Too late to void",
        ),
        (
            Answer(State.VOIDING, WHY),
            "Being voided",
            "AndDone has not confirmed the void of $1,293.75 of Sample Bakery yet.",
        ),
    ],
    ids=["refused", "unclear"],
)
def test_what_is_not_voided_says_so(
    qtbot: QtBot, office: Office, answer: Answer, state: str, said: str
) -> None:
    office.voids.script.append(answer)
    front, page = payments(qtbot, office)
    ask(front, page)
    front.keys(WHY)
    front.enter()
    front.until(lambda: said in page.notice.text)
    assert front.says("payments.details.state") == state
    assert not front.window.findChildren(ReceiptDialog)
    waiting = answer.state is State.VOIDING
    assert front.find(QPushButton, "payments.details.check").isVisible() == waiting
    assert front.find(QPushButton, "payments.details.void").isVisible() != waiting


def test_a_ledger_that_is_away_is_said(qtbot: QtBot, office: Office) -> None:
    office.voids.script.append(Answer(error=KnownError("The disk does not answer.", "Restart PayDesk.")))
    front, page = payments(qtbot, office)
    ask(front, page)
    front.keys(WHY)
    front.enter()
    front.until(lambda: "The disk does not answer." in page.notice.text)
    assert front.says("payments.details.state") == "Approved"


def test_only_what_was_taken_can_be_voided(qtbot: QtBot, office: Office) -> None:
    front, page = payments(qtbot, office)
    void = front.find(QPushButton, "payments.details.void")
    assert void.isVisible()
    page.table.selectRow(2)
    front.until(lambda: not void.isVisible())
    front.press(Qt.Key.Key_F10)
    assert not page.findChildren(VoidDialog)


def test_nothing_can_be_pressed_twice_while_it_is_voided(qtbot: QtBot, office: Office) -> None:
    office.voids.gate.clear()
    front, page = payments(qtbot, office)
    ask(front, page)
    front.keys(WHY)
    front.enter()
    front.until(lambda: front.says("payments.details.reason") == "Asking AndDone to cancel it…")
    front.press(Qt.Key.Key_F10)
    assert not any(dialog.isVisible() for dialog in page.findChildren(VoidDialog))
    office.voids.gate.set()
    front.until(lambda: front.says("payments.details.state") == "Voided")


def test_a_late_charge_offers_its_void_where_it_needs_attention(qtbot: QtBot, office: Office) -> None:
    office.took("60011", minutes_ago=300, state=State.LATE)
    front = Front(qtbot, office)
    front.window.tabs.setCurrentIndex(ATTENTION)
    page = front.find(AttentionPage, "attention")
    front.until(lambda: len(page.model.rows) == 1)
    assert "press Void…" in page.advice.text
    front.press(Qt.Key.Key_F10)
    front.until(lambda: bool(page.findChildren(VoidDialog)))
    front.until(lambda: front.at == "void.reason")
    front.keys(WHY)
    front.enter()
    front.until(lambda: office.voids.asked == [(4, WHY)])
    front.until(lambda: not page.model.rows)
    for receipt in front.window.findChildren(ReceiptDialog):
        receipt.reject()


def test_a_void_that_is_not_confirmed_stands_in_needs_attention(qtbot: QtBot, office: Office) -> None:
    office.took("60011", minutes_ago=1, state=State.VOIDING)
    front = Front(qtbot, office)
    front.window.tabs.setCurrentIndex(ATTENTION)
    page = front.find(AttentionPage, "attention")
    front.until(lambda: len(page.model.rows) == 1)
    assert "the void is not confirmed yet" in page.advice.text
    assert "do not tell the customer that the money is back" in page.advice.text
    assert front.find(QPushButton, "attention.details.check").isVisible()


def test_a_receipt_in_ams360_is_taken_back_by_a_person(qtbot: QtBot, office: Office) -> None:
    taken = office.took("60011", minutes_ago=30)
    payment = office.ledger.put(replace(taken, state=State.VOIDED))
    office.post.put(payment, PostingState.POSTED)
    front = Front(qtbot, office)
    front.window.tabs.setCurrentIndex(ATTENTION)
    page = front.find(AttentionPage, "attention")
    front.until(lambda: len(page.model.rows) == 1)
    assert "Reverse receipt R-000004 in AMS360" in page.advice.text
    front.press(Qt.Key.Key_F6)
    assert office.post.back == []
    front.press(Qt.Key.Key_F6)
    front.until(lambda: office.post.back == [payment.id])
    front.until(lambda: not page.model.rows)
    assert front.find(QWidget, "attention.notice").isVisible()


def test_a_posted_receipt_is_pointed_out_before_the_void(qtbot: QtBot, office: Office) -> None:
    office.post.put(office.ledger.rows[3], PostingState.POSTED)
    front, page = payments(qtbot, office)
    ask(front, page)
    assert "is, or may be, in AMS360" in front.says("void.posted.headline")
