"""Steps in Needs attention for a person only: a difference, an extra charge, a letter to print."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from paydesk.domain.events import EventKind
from paydesk.domain.outcome import ChargeStatus
from paydesk.domain.posting import Posted, PostingChannel, PostingState, Refused
from paydesk.ui.main.window import ATTENTION
from paydesk.ui.payments.attention_page import AttentionPage
from paydesk.ui.payments.reversal.reason_dialog import ReasonDialog
from paydesk.ui.receipt.papers import Which
from paydesk.ui.receipt.receipt_page import ReceiptDialog
from tests.fakes.office import Office
from tests.fakes.sample import SETTINGS
from tests.fakes.world import START
from tests.ui.front import Front


def _asked(front: Front, page: AttentionPage) -> ReasonDialog:
    """Return the dialog that is open, with the keyboard in its field."""

    def shown() -> list[ReasonDialog]:
        return [one for one in page.findChildren(ReasonDialog) if one.isVisible()]

    front.until(lambda: bool(shown()))
    [dialog] = shown()
    front.until(dialog.reason.hasFocus)
    return dialog


def _open(front: Front, tab: int, kind: type[QWidget], name: str) -> None:
    front.window.tabs.setCurrentIndex(tab)
    front.find(kind, name)


def _second_charge(office: Office) -> str:
    """Charge the intent of a payment twice. Return the number of the second charge."""
    payment = office.took("50123")
    listed = office.processor.charges(START.date(), START.date())
    [own] = [charge for charge in listed if charge.reference == payment.intent_title]
    office.processor.outside.append(replace(own, processor_ref="t-78"))
    office.processor.statuses["t-78"] = ChargeStatus.VOIDABLE
    return "t-78"


def test_the_receipt_of_an_item_is_posted_here_as_it_is_in_payments(qtbot: QtBot) -> None:
    """The list said "–" about a receipt of which the payment's history said "Posted"."""
    office = Office()
    office.sent(office.took("50200", minutes_ago=40, otherwise=250), Posted())
    front = Front(qtbot, office)
    front.window.tabs.setCurrentIndex(ATTENTION)
    page = front.find(AttentionPage, "attention")
    front.until(lambda: bool(page.model.rows))
    assert page.model.index(0, page.model.column("posting")).data() == "Posted"


def test_a_refresh_takes_no_keyboard_away_and_announces_nothing_twice(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = Office()
    _second_charge(office)
    front = Front(qtbot, office)
    _open(front, ATTENTION, AttentionPage, "attention")
    page = front.find(AttentionPage, "attention")
    front.until(lambda: "Void extra charges here" in page.strangers.text)
    front.button("attention.strangers.void0").setFocus()
    said: list[object] = []
    monkeypatch.setattr(QAccessible, "updateAccessibility", said.append)
    shown: list[bool] = []
    monkeypatch.setattr(page, "show_listing", lambda listing: shown.append(bool(listing)))
    page.refresh()
    front.until(lambda: bool(shown))
    qtbot.wait(0)
    assert front.at == "attention.strangers.void0"
    assert said == []


def test_a_letter_that_was_not_printed_is_printed_from_here(qtbot: QtBot, tmp_path: Path) -> None:
    office = Office()
    payment = office.took_by_letter("60011", minutes_ago=20)
    front = Front(qtbot, office)
    front.until(lambda: front.window.tabs.tabText(ATTENTION) == "Needs attention (1)")
    _open(front, ATTENTION, AttentionPage, "attention")
    page = front.find(AttentionPage, "attention")
    front.until(lambda: len(page.model.rows) == 1)
    assert page.model.columns[0].text(payment) == "Print the letter"
    assert page.advice.title == "The confirmation letter for Northgate Builders, Inc. is not printed yet"
    assert "Press Print letter, and send the letter today." in page.advice.text
    front.until(lambda: front.button("attention.details.reprint").text() == "Print letter  F8")
    front.press(Qt.Key.Key_F8)
    front.until(lambda: bool(front.window.findChildren(ReceiptDialog)))
    [dialog] = front.window.findChildren(ReceiptDialog)
    assert dialog.papers.choice is not None
    assert dialog.papers.choice.value is Which.CONSENT, "the letter, not the receipt"
    view = dialog.papers.consent
    assert view is not None
    front.until(lambda: bool(view.pages))
    view.choose_file = lambda _parent, _name: str(tmp_path / "letter.pdf")
    view.save_button.click()
    front.until(lambda: view.banner.text.startswith("Saved as letter.pdf."))
    dialog.reject()
    front.until(lambda: page.model.rows == [])
    front.until(lambda: front.window.tabs.tabText(ATTENTION) == "Needs attention")
    assert office.happened(EventKind.CONSENT_PRINTED) == [payment.id]


def test_a_whole_deposit_file_is_marked_in_one_gesture(qtbot: QtBot) -> None:
    office = Office(replace(SETTINGS, posting=replace(SETTINGS.posting, channel=PostingChannel.FILE)))
    taken = [office.took(number).id for number in ("60010", "60011", "60012", "60013")]
    with office.ago(60 * 30):
        name = office.outbox.next_deposit()
        office.outbox.hand_over(taken[:3], name)
        office.outbox.hand_over(taken[3:], office.outbox.next_deposit())
    office.desk.deposits.confirm("D-0002")
    front = Front(qtbot, office)
    _open(front, ATTENTION, AttentionPage, "attention")
    page = front.find(AttentionPage, "attention")
    front.until(lambda: len(page.model.rows) == 3)
    front.press(Qt.Key.Key_F6)
    front.press(Qt.Key.Key_F6, Qt.KeyboardModifier.ShiftModifier)
    assert front.says("attention.details.posting.why") == (
        "Was all of deposit file D-0001 imported into AMS360? Press again to confirm."
    )
    assert front.button("attention.details.posting.entered").text() == "Mark as entered  F6", "not asked now"
    assert front.button("attention.details.posting.file").text() == "Confirm: whole file  Shift+F6"
    front.press(Qt.Key.Key_F6, Qt.KeyboardModifier.ShiftModifier)
    front.until(lambda: page.notice.text == "Deposit file D-0001: 3 receipts marked as entered.")
    front.until(lambda: page.model.rows == [])
    assert [one.state for one in office.outbox.of(taken).values()] == [PostingState.POSTED] * 4
    front.press(Qt.Key.Key_F6, Qt.KeyboardModifier.ShiftModifier)
    assert page.notice.text.endswith("No payment is selected.")


def test_a_receipt_in_no_file_says_so_to_the_key(qtbot: QtBot) -> None:
    office = Office()
    office.sent(office.took("60010"), Refused("The period is closed."))
    front = Front(qtbot, office)
    _open(front, ATTENTION, AttentionPage, "attention")
    page = front.find(AttentionPage, "attention")
    front.until(lambda: len(page.model.rows) == 1)
    assert not front.button("attention.details.posting.file").isVisible()
    front.press(Qt.Key.Key_F6, Qt.KeyboardModifier.ShiftModifier)
    assert page.notice.text == "This receipt isn't in a deposit file that waits to be imported."


def test_a_second_charge_is_voided_where_it_is_told(qtbot: QtBot) -> None:
    office = Office()
    number = _second_charge(office)
    front = Front(qtbot, office)
    front.until(lambda: front.window.tabs.tabText(ATTENTION) == "Needs attention (1)")
    _open(front, ATTENTION, AttentionPage, "attention")
    page = front.find(AttentionPage, "attention")
    front.until(lambda: "Void extra charges here, or call AndDone" in page.strangers.text)
    front.button("attention.strangers.void0").click()
    _asked(front, page)
    front.enter()
    assert front.problem("extra.reason") == "Enter a reason. It is saved with the payment."
    front.keys("Charged twice")
    front.enter()
    front.until(lambda: page.notice.text == "Voided: $867.33 (t-78).")
    assert office.processor.voids == [number]
    front.until(lambda: page.strangers.text == "")


def test_a_difference_is_acknowledged_with_a_reason_and_rests(qtbot: QtBot) -> None:
    office = Office()
    payment = office.took("50123", otherwise=250)
    front = Front(qtbot, office)
    _open(front, ATTENTION, AttentionPage, "attention")
    page = front.find(AttentionPage, "attention")
    front.until(lambda: len(page.model.rows) == 1)
    front.press(Qt.Key.Key_F11)
    _asked(front, page)
    front.keys("Told the customer")
    front.enter()
    front.until(lambda: page.notice.text == "Acknowledged: 1 payment.")
    front.until(lambda: page.model.rows == [])
    assert office.ledger.payment(payment.id).acknowledged_at is not None
    assert not front.button("attention.advice.acknowledge").isVisible()


def test_cents_of_rounding_are_acknowledged_together(qtbot: QtBot) -> None:
    office = Office()
    office.took("50123", otherwise=1)
    office.took("60010", otherwise=1)
    front = Front(qtbot, office)
    _open(front, ATTENTION, AttentionPage, "attention")
    page = front.find(AttentionPage, "attention")
    front.until(lambda: len(page.model.rows) == 2)
    front.press(Qt.Key.Key_F11)
    _asked(front, page)
    assert front.says("acknowledge.about") == "2 payments differ from their quotes by one cent"
    front.keys("Rounding")
    front.enter()
    front.until(lambda: page.model.rows == [])
