"""A payment is refunded at the desk: what is possible is asked first, then how much, and why."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QLabel, QPushButton, QScrollArea
from pytestqt.qtbot import QtBot

from paydesk.domain.money import Money
from paydesk.domain.outcome import ChargeStatus, Unclear
from paydesk.domain.payment import Payment, State
from paydesk.domain.refund import (
    MoneyBack,
    RefundAsk,
    RefundKind,
    RefundReason,
    RefundRefused,
    RefundState,
    SeenRefund,
)
from paydesk.domain.tender import TenderKind
from paydesk.ui.kit.card_guard import BURST_MS
from paydesk.ui.kit.words import CARD_NUMBER_REMOVED
from paydesk.ui.lists.lines import Lines
from paydesk.ui.main.window import ATTENTION, PAYMENTS
from paydesk.ui.payments.attention_page import AttentionPage
from paydesk.ui.payments.page import HistoryPage
from paydesk.ui.payments.reversal import refund_dialog
from paydesk.ui.payments.reversal.refund_dialog import RefundDialog
from paydesk.ui.payments.reversal.void_dialog import VoidDialog
from paydesk.ui.receipt.receipt_page import ReceiptDialog
from tests.fakes.office import Office
from tests.ui.front import Front

DAYS = 24 * 60
"""Minutes."""


@pytest.fixture
def office() -> Office:
    """A desk with a payment of two invoices that settled days ago."""
    made = Office()
    settled(made, "50123", "50177")
    return made


def settled(office: Office, *numbers: str, kind: TenderKind = TenderKind.CREDIT_CARD) -> Payment:
    payment = office.took(*numbers, minutes_ago=5 * DAYS, kind=kind)
    office.processor.statuses[payment.processor_ref] = ChargeStatus.SETTLED
    return payment


def ask(qtbot: QtBot, office: Office) -> tuple[Front, HistoryPage, RefundDialog]:
    """Open the dialog in the Payments tab, and wait for AndDone."""
    front = Front(qtbot, office)
    front.window.tabs.setCurrentIndex(PAYMENTS)
    page = front.find(HistoryPage, "payments")
    front.until(lambda: bool(page.model.rows))
    front.press(Qt.Key.Key_F10)
    front.until(lambda: bool(page.findChildren(RefundDialog)))
    [dialog] = page.findChildren(RefundDialog)
    front.until(lambda: "Checking" not in dialog.said.text)
    return front, page, dialog


def test_all_of_it_is_refunded_by_keys_and_its_receipt_is_shown(qtbot: QtBot, office: Office) -> None:
    front, page, dialog = ask(qtbot, office)
    assert dialog.confirm.text() == "Refund $1,293.75  Enter"
    assert front.says("refund.sum") == "$1,293.75, with the $43.75 fee"
    dialog.note.setFocus()
    front.keys("They paid twice")
    front.enter()
    front.until(lambda: "Refund submitted: $1,293.75 to Sample Bakery" in page.notice.text)
    [order] = office.processor.refund_orders
    assert (order.amount, order.kind, order.detail) == (Money(1_293_75), RefundKind.TOTAL, "They paid twice")
    front.until(lambda: bool(front.window.findChildren(ReceiptDialog)))
    [receipt] = front.window.findChildren(ReceiptDialog)
    assert receipt.windowTitle() == "Refund receipt RF-000001-1"
    front.until(lambda: receipt.view.pages == 1)
    receipt.reject()
    front.until(lambda: front.find(QPushButton, "payments.details.refund_paper").isVisible())
    assert office.ledger.payment(1).state is State.AUTHORIZED, "until the money is back"


def test_without_the_fee(qtbot: QtBot, office: Office) -> None:
    front, page, dialog = ask(qtbot, office)
    dialog.kind.choose(RefundKind.SUBTOTAL)
    assert front.says("refund.sum") == "The technology fee is not refunded."
    assert dialog.confirm.text() == "Refund $1,250.00  Enter"
    dialog.confirm.click()
    front.until(lambda: bool(page.notice.text))
    assert [order.amount for order in office.processor.refund_orders] == [Money(1_250_00)]


def test_a_part_of_each_invoice(qtbot: QtBot, office: Office) -> None:
    front, page, dialog = ask(qtbot, office)
    dialog.kind.choose(RefundKind.PARTIAL)
    (_, first), (line, second) = dialog.shares
    dialog.confirm.click()
    assert first.hasFocus()
    first.setFocus()
    front.keys("40")
    second.setFocus()
    front.keys("5000")
    front.enter()
    assert second.hasFocus()
    assert line.marked(second)
    second.selectAll()
    front.keys("2.50")
    assert dialog.confirm.text() == "Refund $42.50  Enter"
    front.enter()
    front.until(lambda: "Refund submitted: $42.50" in page.notice.text)
    (refund,) = office.ledger.refunds_of([1])[1]
    assert refund.shares == (Money(40_00), Money(2_50))
    front.until(lambda: bool(front.window.findChildren(ReceiptDialog)))
    for one in front.window.findChildren(ReceiptDialog):
        one.reject()


def test_another_reason_needs_a_note(qtbot: QtBot, office: Office) -> None:
    front, _, dialog = ask(qtbot, office)
    dialog.reason.setCurrentIndex(dialog.reason.findData(RefundReason.OTHER))
    dialog.confirm.click()
    assert dialog.note.hasFocus()
    assert office.processor.refund_orders == []
    front.press(Qt.Key.Key_Escape)
    front.until(dialog.isHidden)
    assert office.processor.refund_orders == []


def test_before_it_settles_it_is_voided_instead(qtbot: QtBot, office: Office) -> None:
    office.processor.statuses[office.ledger.payment(1).processor_ref] = ChargeStatus.VOIDABLE
    front, page, dialog = ask(qtbot, office)
    assert "voided instead" in dialog.said.text
    assert not dialog.confirm.isVisible()
    dialog.void.click()
    front.until(lambda: bool(page.findChildren(VoidDialog)))


def test_too_early_leaves_a_reminder(qtbot: QtBot) -> None:
    office = Office()
    payment = office.took("50123", minutes_ago=2 * DAYS)
    office.processor.statuses[payment.processor_ref] = ChargeStatus.SETTLED
    office.processor.refund_is_refused = RefundRefused("It settled less than two business days ago.")
    front, page, dialog = ask(qtbot, office)
    assert "two business days" in dialog.said.text
    assert not dialog.confirm.isVisible()
    assert dialog.remind.isVisible()
    dialog.remind.click()
    front.until(lambda: "PayDesk will remind you" in page.notice.text)
    (wish,) = office.ledger.refunds_of([payment.id])[payment.id]
    assert wish.state is RefundState.WISHED
    assert office.processor.refund_orders == []


def test_a_debit_that_the_bank_can_still_return_needs_a_second_yes(qtbot: QtBot) -> None:
    office = Office()
    settled(office, "50123", kind=TenderKind.ACH)
    front, page, dialog = ask(qtbot, office)
    assert "can still return this debit" in front.says("refund.returnable")
    dialog.confirm.click()
    assert office.processor.refund_orders == []
    assert dialog.sure.hasFocus()
    dialog.sure.setChecked(True)
    dialog.confirm.click()
    front.until(lambda: "Refund submitted" in page.notice.text)
    front.until(lambda: bool(front.window.findChildren(ReceiptDialog)))
    for one in front.window.findChildren(ReceiptDialog):
        one.reject()


def test_anddone_that_cannot_be_asked_is_said_in_the_dialog(qtbot: QtBot, office: Office) -> None:
    office.processor.away = True
    front, _, dialog = ask(qtbot, office)
    assert "Nothing was refunded" in dialog.said.text
    assert not dialog.confirm.isVisible()
    assert dialog.back.isVisible()
    front.press(Qt.Key.Key_Escape)


def test_an_unclear_answer_is_said_and_waits_in_needs_attention(qtbot: QtBot, office: Office) -> None:
    office.processor.refund_script.append((False, Unclear("AndDone gave no clear answer.")))
    front, page, dialog = ask(qtbot, office)
    dialog.confirm.click()
    front.until(lambda: "hasn't confirmed the refund" in page.notice.text)
    front.window.tabs.setCurrentIndex(ATTENTION)
    attention = front.find(AttentionPage, "attention")
    front.until(lambda: "is not confirmed yet" in attention.advice.text)
    assert "Do not refund it again" in attention.advice.text


def refunded(office: Office, state: RefundState) -> None:
    """Refund a part, and let it end so."""
    payment = office.ledger.payment(1)
    refunds = office.desk.refunds
    share = (Money(40_00), Money(0))
    refunds.refund(1, RefundAsk(RefundKind.PARTIAL, share, Money(0), RefundReason.WRONG_AMOUNT))
    office.processor.end_refunds(payment.processor_ref, state)
    office.clock.move(3_700)
    office.desk.resolve.due()


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (RefundState.DONE, "Reverse $40.00 of invoice 50123 in AMS360"),
        (RefundState.FAILED, "The customer did not get the money."),
    ],
)
def test_what_is_left_to_do_is_marked_as_done(
    qtbot: QtBot, office: Office, state: RefundState, said: str
) -> None:
    refunded(office, state)
    front = Front(qtbot, office)
    front.window.tabs.setCurrentIndex(ATTENTION)
    attention = front.find(AttentionPage, "attention")
    front.until(lambda: said in attention.advice.text)
    front.press(Qt.Key.Key_F11)
    front.until(lambda: attention.notice.text == "The refund is marked as done.")
    front.until(lambda: not attention.model.rows)


@pytest.mark.parametrize("ours", [True, False])
def test_a_refund_without_our_reference_is_decided_by_a_person(
    qtbot: QtBot, office: Office, ours: bool
) -> None:
    payment = office.ledger.payment(1)
    office.processor.refund_script.append((False, Unclear("lost")))
    share = (Money(40_00), Money(0))
    office.desk.refunds.refund(1, RefundAsk(RefundKind.PARTIAL, share, Money(0), RefundReason.ASKED))
    whole = MoneyBack(whole=True, charge_status=ChargeStatus.SETTLED)
    one = SeenRefund("ref-9", Money(40_00), RefundState.ACCEPTED)
    office.processor.backs[payment.processor_ref] = replace(whole, refunds=(one,))
    office.clock.move(60)
    office.desk.resolve.due()
    front = Front(qtbot, office)
    front.window.tabs.setCurrentIndex(ATTENTION)
    attention = front.find(AttentionPage, "attention")
    front.until(lambda: "may be ours" in attention.advice.text)
    front.press(Qt.Key.Key_F11, Qt.KeyboardModifier.NoModifier if ours else Qt.KeyboardModifier.ShiftModifier)
    front.until(lambda: "is recorded as" in attention.notice.text)
    refund = office.ledger.refunds_of([1])[1][0]
    assert refund.state is (RefundState.ACCEPTED if ours else RefundState.UNKNOWN)


def test_the_parts_of_many_invoices_scroll_and_no_button_is_lost(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With six invoices the dialog was higher than a screen of 1366 by 768, its buttons below the edge."""
    room = QSize(960, 508)
    monkeypatch.setattr(refund_dialog, "room_for", lambda _window: room)
    office = Office()
    settled(office, "50123", "50177", "50181", kind=TenderKind.ACH)
    front, _, dialog = ask(qtbot, office)
    dialog.kind.choose(RefundKind.PARTIAL)
    front.until(lambda: dialog.height() <= room.height())
    button = dialog.confirm
    front.until(lambda: dialog.rect().contains(QRect(button.mapTo(dialog, QPoint()), button.size())))
    line, last = dialog.shares[2]
    last.setFocus()
    front.keys("5000")
    front.enter()
    assert line.marked(last)
    front.until(lambda: not last.visibleRegion().isEmpty())
    last.clear()
    dialog.shares[0][1].setFocus()
    front.keys("1")
    front.enter()
    assert dialog.sure.hasFocus()
    assert dialog.sure.accessibleDescription() == "Select this, or press Back."
    front.until(lambda: dialog.sure.visibleRegion().boundingRect() == dialog.sure.rect())


def test_a_dialog_with_room_for_all_does_not_scroll(qtbot: QtBot, office: Office) -> None:
    front, _, dialog = ask(qtbot, office)
    area = dialog.findChild(QScrollArea)
    assert area is not None
    for kind in (RefundKind.PARTIAL, RefundKind.TOTAL):
        dialog.kind.choose(kind)
        front.until(lambda: area.verticalScrollBar().maximum() == 0)
        front.until(lambda: dialog.rect().contains(dialog.confirm.geometry()))


@pytest.mark.parametrize("typed", ["4111 1111 1111 1111", "4111.1111.1111.1111", "cvv 737"])
def test_a_card_number_in_the_note_is_taken_out_and_said(qtbot: QtBot, office: Office, typed: str) -> None:
    front, _page, dialog = ask(qtbot, office)
    dialog.kind.choose(RefundKind.PARTIAL)
    for entry in (dialog.note, dialog.shares[0][1]):
        entry.setFocus()
        front.keys(typed)
        qtbot.wait(BURST_MS + 50)
        assert not any(digits in entry.text() for digits in ("1111", "737"))
        assert CARD_NUMBER_REMOVED in [
            label.text() for label in dialog.findChildren(QLabel) if label.isVisible()
        ]
    assert office.processor.refund_orders == []


def test_a_dialog_that_grows_stays_on_the_screen(qtbot: QtBot, office: Office) -> None:
    """It opens low while it asks AndDone. Then it grew downward, and its buttons were below the screen."""
    front, _, dialog = ask(qtbot, office)
    screen = dialog.screen().availableGeometry()
    dialog.move(screen.x(), screen.bottom() - 100)
    dialog.kind.choose(RefundKind.PARTIAL)
    front.until(lambda: dialog.frameGeometry().bottom() <= screen.bottom())
    assert dialog.y() >= screen.y()


def test_the_details_follow_the_clock_from_a_void_to_a_refund(qtbot: QtBot) -> None:
    """A payment that stayed selected over night still offered a void, with yesterday's time left."""
    office = Office()
    office.took("50123", minutes_ago=1)
    front = Front(qtbot, office)
    front.window.tabs.setCurrentIndex(PAYMENTS)
    page = front.find(HistoryPage, "payments")
    front.until(front.button("payments.details.void").isVisible)
    facts = page.details.findChild(Lines, "payments.details.facts")
    assert facts is not None

    def left() -> str:
        rows = (facts.model().index(row, 1).data() for row in range(facts.model().rowCount()))
        return next((text for text in rows if str(text).endswith("min left")), "")

    before = left()
    assert before
    office.clock.move(120)
    page.details.minutes.timeout.emit()
    assert left() not in ("", before)
    office.clock.move(24 * 3_600)
    page.details.minutes.timeout.emit()
    assert left() == ""
    assert not front.button("payments.details.void").isVisible()
    assert front.button("payments.details.refund").isVisible()
