"""A payment is voided at the desk: asked for with a reason, answered in words, with a receipt of its own."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from paydesk.domain.outcome import AchReturned, ChargeStatus
from paydesk.domain.payment import Payment, State
from paydesk.domain.posting import (
    ByHand,
    MayHaveArrived,
    NotReceived,
    Posted,
    PostingState,
    PostOutcome,
    Refused,
)
from paydesk.domain.tender import TenderKind
from paydesk.ui.kit.banner import Banner
from paydesk.ui.main.window import ATTENTION, PAYMENTS
from paydesk.ui.payments import words
from paydesk.ui.payments.attention_page import AttentionPage
from paydesk.ui.payments.page import HistoryPage
from paydesk.ui.payments.payment_list import PaymentList
from paydesk.ui.payments.reversal.reason_field import ReasonField
from paydesk.ui.payments.reversal.void_dialog import VoidDialog
from paydesk.ui.receipt.receipt_page import ReceiptDialog
from tests.fakes.office import WHY, Office
from tests.fakes.world import SILENCE
from tests.ui.front import Front


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


def posting_state(office: Office, payment: Payment) -> PostingState | None:
    """Return where a payment's receipt stands."""
    posting = office.outbox.posting(payment.id)
    return None if posting is None else posting.state


@pytest.mark.parametrize(
    ("invoices", "reopens"), [(0, "refund the payment."), (1, "Its invoice reopens once AndDone confirms.")]
)
def test_a_void_counts_its_invoices(invoices: int, reopens: str) -> None:
    assert words.about_void(invoices).endswith(reopens)


def test_a_payment_is_voided_by_keys_and_its_receipt_is_shown(qtbot: QtBot, office: Office) -> None:
    front, page = payments(qtbot, office)
    ask(front, page)
    said = {name: front.says(f"void.{name}") for name in ("payer", "what", "total", "fee")}
    assert said == {
        "payer": "Sample Bakery",
        "what": "Invoices 50123, 50177 · Visa ending 1111",
        "total": "$1,293.75",
        "fee": "includes the $43.75 fee",
    }
    assert front.says("void.note").endswith("Its invoices reopen once AndDone confirms.")
    front.keys(WHY)
    front.enter()
    front.until(lambda: "Voided: $1,293.75 payment from Sample Bakery." in page.notice.text)
    front.until(lambda: bool(front.window.findChildren(ReceiptDialog)))
    voided = office.ledger.payment(3)
    assert (office.processor.voids, voided.reason) == ([voided.processor_ref], WHY)
    [receipt] = front.window.findChildren(ReceiptDialog)
    assert receipt.windowTitle() == "Void receipt V-000002"
    head = " | ".join(one.text() for one in receipt.findChildren(QLabel))
    assert "$1,293.75 · Void receipt V-000002 · Visa ending 1111" in head
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
    assert front.problem("void.reason") == "Enter a reason. It is saved with the payment."
    [asked] = dialog.findChildren(ReasonField)
    assert asked._icon.isVisible()
    assert not asked._line.geometry().intersects(dialog.reason.geometry()), "it lay on the field's edge"
    assert front.button("void.confirm").property("role") == "danger", "red, unlike Charge"
    front.keys("4000620000000007")
    assert "card number" in front.problem("void.reason")
    assert dialog.reason.text() == ""
    front.press(Qt.Key.Key_Escape)
    front.until(lambda: not page.findChildren(VoidDialog))
    assert office.processor.voids == []


def settle(office: Office) -> None:
    """Let the batch run before the void arrives."""
    office.processor.statuses[office.ledger.payment(3).processor_ref] = ChargeStatus.SETTLED


def lose_void(office: Office) -> None:
    """Let the next void not arrive."""
    office.processor.void_script.append((False, SILENCE))


@pytest.mark.parametrize(
    ("happens", "state", "said"),
    [
        (settle, "Approved", "The $1,293.75 payment from Sample Bakery was not voided. Too late to void"),
        (
            lose_void,
            "Void pending",
            "AndDone hasn't confirmed the void of the $1,293.75 payment from Sample Bakery yet.",
        ),
    ],
    ids=["refused", "unclear"],
)
def test_what_is_not_voided_says_so(
    qtbot: QtBot, office: Office, happens: Callable[[Office], None], state: str, said: str
) -> None:
    happens(office)
    front, page = payments(qtbot, office)
    ask(front, page)
    front.keys(WHY)
    front.enter()
    front.until(lambda: said in page.notice.text)
    assert front.says("payments.details.state") == state
    assert not front.window.findChildren(ReceiptDialog)
    waiting = happens is lose_void
    assert front.find(QPushButton, "payments.details.check").isVisible() == waiting
    assert front.find(QPushButton, "payments.details.void").isVisible() != waiting


def test_a_ledger_that_is_away_is_said(qtbot: QtBot, office: Office) -> None:
    front, page = payments(qtbot, office)
    ask(front, page)
    front.keys(WHY)
    office.database.fail(lambda statement: statement.startswith("INSERT INTO void"))
    front.enter()
    front.until(lambda: "does not read or write" in page.notice.text)
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
    office.processor.gate.clear()
    front, page = payments(qtbot, office)
    ask(front, page)
    front.keys(WHY)
    front.enter()
    front.until(lambda: front.says("payments.details.reason") == "Voiding with AndDone…")
    front.press(Qt.Key.Key_F10)
    assert not any(dialog.isVisible() for dialog in page.findChildren(VoidDialog))
    office.processor.gate.set()
    front.until(lambda: front.says("payments.details.state") == "Voided")


def test_a_late_charge_offers_its_void_where_it_needs_attention(qtbot: QtBot, office: Office) -> None:
    office.took("60011", minutes_ago=300, state=State.LATE)
    front = Front(qtbot, office)
    front.window.tabs.setCurrentIndex(ATTENTION)
    page = front.find(AttentionPage, "attention")
    front.until(lambda: len(page.model.rows) == 1)
    assert "press Void today" in page.advice.text
    front.press(Qt.Key.Key_F10)
    front.until(lambda: bool(page.findChildren(VoidDialog)))
    front.until(lambda: front.at == "void.reason")
    front.keys(WHY)
    front.enter()
    front.until(lambda: office.ledger.payment(4).state is State.VOIDED)
    front.until(lambda: not page.model.rows)
    for receipt in front.window.findChildren(ReceiptDialog):
        receipt.reject()


def test_a_void_that_is_not_confirmed_stands_in_needs_attention(qtbot: QtBot, office: Office) -> None:
    office.took("60011", minutes_ago=1, state=State.VOIDING)
    front = Front(qtbot, office)
    front.window.tabs.setCurrentIndex(ATTENTION)
    page = front.find(AttentionPage, "attention")
    front.until(lambda: len(page.model.rows) == 1)
    assert "void not confirmed yet" in page.advice.text
    assert "do not tell the customer the money is back" in page.advice.text
    assert front.find(QPushButton, "attention.details.check").isVisible()


def test_a_receipt_in_ams360_is_taken_back_by_a_person(qtbot: QtBot, office: Office) -> None:
    payment = office.took("60011", minutes_ago=30)
    office.sent(payment, Posted(), minutes_ago=20)
    office.desk.voids.void(payment.id, WHY)
    front = Front(qtbot, office)
    front.window.tabs.setCurrentIndex(ATTENTION)
    page = front.find(AttentionPage, "attention")
    front.until(lambda: len(page.model.rows) == 1)
    assert "Reverse receipt R-000003 in AMS360" in page.advice.text
    office.source.owe("60011", payment.draft.quote.subtotal.cents)  # somebody did
    front.press(Qt.Key.Key_F6)
    assert posting_state(office, payment) is PostingState.POSTED
    front.press(Qt.Key.Key_F6)
    front.until(lambda: posting_state(office, payment) is PostingState.WITHDRAWN)
    front.until(lambda: not page.model.rows)
    assert front.find(QWidget, "attention.notice").isVisible()
    front.until(lambda: page.notice.text.startswith("Receipt R-000003 is marked as reversed."))
    qtbot.wait(50)
    assert "still shows" not in page.notice.text, "AMS360 shows the invoice as owed"


def test_a_receipt_that_ams360_still_shows_is_not_passed_over(qtbot: QtBot, office: Office) -> None:
    payment = office.took("60011", minutes_ago=30)
    office.sent(payment, Posted(), minutes_ago=20)
    office.desk.voids.void(payment.id, WHY)
    office.source.owe("60011", 0)
    front = Front(qtbot, office)
    front.window.tabs.setCurrentIndex(ATTENTION)
    page = front.find(AttentionPage, "attention")
    front.until(lambda: len(page.model.rows) == 1)
    front.press(Qt.Key.Key_F6, times=2)
    front.until(lambda: "but AMS360 still shows invoice 60011 as paid" in page.notice.text)


def test_a_receipt_of_returned_money_is_taken_back_by_a_person(qtbot: QtBot, office: Office) -> None:
    payment = office.took("60011", kind=TenderKind.ACH, minutes_ago=2000)
    office.sent(payment, Posted(), minutes_ago=1990)
    office.hear_of_the_bank(AchReturned())
    front = Front(qtbot, office)
    front.window.tabs.setCurrentIndex(ATTENTION)
    page = front.find(AttentionPage, "attention")
    front.until(lambda: len(page.model.rows) == 1)
    assert "Reverse receipt R-000003 in AMS360" in page.advice.text
    front.press(Qt.Key.Key_F6, times=2)
    front.until(lambda: posting_state(office, payment) is PostingState.WITHDRAWN)


def test_a_dialog_is_as_high_as_its_wrapped_texts(qtbot: QtBot, office: Office) -> None:
    office.sent(office.ledger.payment(3), Posted())
    front, page = payments(qtbot, office)
    ask(front, page)
    dialog = front.find(VoidDialog, "void.dialog")
    layout = dialog.layout()
    assert layout is not None
    front.until(lambda: dialog.height() >= layout.totalHeightForWidth(dialog.width()))


def test_a_posted_receipt_is_pointed_out_before_the_void(qtbot: QtBot, office: Office) -> None:
    office.sent(office.ledger.payment(3), Posted())
    front, page = payments(qtbot, office)
    ask(front, page)
    assert front.says("void.posted.headline") == "Receipt R-000002 is in AMS360."


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        (Posted(), "Receipt R-000002 is in AMS360. You'll need to reverse it there too"),
        (
            MayHaveArrived("silence"),
            "Receipt R-000002 may be in AMS360. Check AMS360. If the receipt is there, reverse it",
        ),
        (Refused("No bank."), "AMS360 rejected receipt R-000002. It is not there. If someone entered it"),
        (ByHand("No customer."), "PayDesk did not post receipt R-000002. If someone entered it"),
        (NotReceived("No connection."), ""),
    ],
    ids=["posted", "unclear", "refused", "by hand", "waiting"],
)
def test_the_void_dialog_says_the_truth_about_the_receipt(
    qtbot: QtBot, office: Office, outcome: PostOutcome, said: str
) -> None:
    """It said "is, or may be, in AMS360" of a receipt that AMS360 had refused."""
    office.sent(office.ledger.payment(3), outcome)
    front, page = payments(qtbot, office)
    dialog = ask(front, page)
    banners = dialog.findChildren(Banner, "void.posted")
    assert [banner.accessibleName().startswith(said) for banner in banners] == [True] * bool(said)
