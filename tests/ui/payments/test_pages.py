"""The Payments, Needs attention and Day end tabs, and the strip of the last ten."""

from __future__ import annotations

import codecs
import csv
import io
import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import count
from pathlib import Path
from zoneinfo import ZoneInfo

import pypdf
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from paydesk.config.settings import AndDoneSettings
from paydesk.domain.money import Money, total
from paydesk.domain.outcome import Charge
from paydesk.domain.payment import Payment, State
from paydesk.domain.posting import MayHaveArrived, Posted, Posting, PostingState, Refused
from paydesk.domain.receipt import Paper
from paydesk.domain.tender import TenderKind
from paydesk.domain.typed.anchors import short_form
from paydesk.services.desk.advice import advice
from paydesk.services.desk.day_end import add_up, day_bounds, day_of
from paydesk.services.payments.references import new_reference
from paydesk.services.posting.words import NO_CUSTOMER
from paydesk.ui.day_end import sheet
from paydesk.ui.day_end.page import DayEndPage
from paydesk.ui.kit import postings
from paydesk.ui.kit.preferences import Switch
from paydesk.ui.lists.lines import Lines
from paydesk.ui.lists.table import Table
from paydesk.ui.main.background import Round
from paydesk.ui.main.window import ATTENTION, DAY_END, PAYMENTS
from paydesk.ui.payments import words
from paydesk.ui.payments.attention_page import AttentionPage
from paydesk.ui.payments.page import HistoryPage
from paydesk.ui.payments.posting_panel import PostingPanel
from paydesk.ui.receipt import print_and_save
from paydesk.ui.receipt.printing import Job
from paydesk.ui.receipt.receipt_page import ReceiptDialog
from tests.fakes import sample
from tests.fakes.office import Office
from tests.fakes.sample import NO_ZIP
from tests.ui.front import Front

FIVE_TAKEN = "5 payments taken, 1 ACH not yet cleared"


@pytest.fixture
def office() -> Office:
    """A desk with a morning behind it."""
    made = Office()
    made.took("60010", minutes_ago=200)
    made.took("60011", minutes_ago=180, kind=TenderKind.ACH)
    made.took("60012", minutes_ago=150, state=State.DECLINED)
    made.took("50301", minutes_ago=120, kind=TenderKind.DEBIT_CARD)
    made.took("50303", minutes_ago=60, state=State.UNKNOWN)
    made.took("50200", minutes_ago=40, otherwise=250)
    made.took("50123", "50177", minutes_ago=12)
    return made


def _payments(office: Office) -> list[Payment]:
    """Return all payments, oldest first."""
    return list(reversed(office.ledger.payments(limit=100)))


def _posting(office: Office, payment_id: int) -> Posting:
    found = office.outbox.posting(payment_id)
    assert found is not None
    return found


def _open(front: Front, tab: int, kind: type[QWidget], name: str) -> None:
    front.window.tabs.setCurrentIndex(tab)
    front.find(kind, name)


# ---- Payments -----------------------------------------------------------------------------


def test_payments_are_listed_newest_first_and_told_in_full(qtbot: QtBot, office: Office) -> None:
    front = Front(qtbot, office)
    _open(front, PAYMENTS, HistoryPage, "payments")
    page = front.find(HistoryPage, "payments")
    front.until(lambda: len(page.model.rows) == 7)
    assert front.at == "payments.search"
    assert [payment.id for payment in page.model.rows] == [7, 6, 5, 4, 3, 2, 1]
    assert front.says("payments.details.state") == "Approved"
    assert front.says("payments.details.total") == "$1,293.75"
    front.until(lambda: len(page.details._events.rows) == 3)
    told = {fact.caption: fact.text for fact in page.details._facts.rows}
    assert told["Invoice/Ref."] == "Invoices 50123, 50177"
    assert told["Technology fee"] == "$43.75"
    assert told["Payment method"] == "Visa ending 1111"
    assert told["Receipt"] == "R-000005"
    assert told["Taken by"] == "Dana at Front-1"
    happened = [column.text(page.details._events.rows[1]) for column in page.details._events.columns]
    assert happened == ["Aug 14, 4:39 PM", "Sent to AndDone, Front-1"]


def test_a_bank_debit_on_its_way_is_never_called_approved(qtbot: QtBot, office: Office) -> None:
    front = Front(qtbot, office)
    _open(front, PAYMENTS, HistoryPage, "payments")
    page = front.find(HistoryPage, "payments")
    front.until(lambda: len(page.model.rows) == 7)
    page.table.selectRow(5)
    assert front.says("payments.details.state") == "Submitted"
    outcome = page.model.columns[page.model.column("state")]
    assert outcome.text(page.model.rows[5]) == "Submitted"
    assert outcome.icon is not None
    assert outcome.icon(page.model.rows[5]) != outcome.icon(page.model.rows[0])
    front.until(lambda: len(page.details._events.rows) == 3)
    happened = page.details._events.columns[1].text(page.details._events.rows[2])
    assert happened == "Submitted to the bank, Front-1"
    assert "Submitted, $531.17" in front.window.recent._model.index(5, 0).data()


def test_a_long_number_stays_in_its_tip_and_can_be_copied(qtbot: QtBot, office: Office) -> None:
    office.processor.numbers = count(10**40)
    number = office.took("50181").processor_ref
    front = Front(qtbot, office)
    _open(front, PAYMENTS, HistoryPage, "payments")
    page = front.find(HistoryPage, "payments")
    front.until(lambda: len(page.model.rows) == 8)
    facts = page.details._facts_table
    index = page.details._facts.index(len(page.details._facts.rows) - 1, 1)
    assert index.data(Qt.ItemDataRole.ToolTipRole) == f"<p>{number}</p>"
    facts.copy_menu(facts.visualRect(index).center()).actions()[0].trigger()
    assert QGuiApplication.clipboard().text() == number


def test_each_payment_says_where_its_receipt_stands(qtbot: QtBot, office: Office) -> None:
    office.sent(office.ledger.payment(7), Posted())
    office.sent(office.ledger.payment(4), Refused("The period is closed."))
    front = Front(qtbot, office)
    _open(front, PAYMENTS, HistoryPage, "payments")
    page = front.find(HistoryPage, "payments")
    front.until(lambda: len(page.model.rows) == 7)
    column = page.model.columns[page.model.column("posting")]
    assert [column.text(payment) for payment in page.model.rows][:4] == [
        "Posted",
        "Waiting",
        "–",
        "Not posted",
    ]
    told = {fact.caption: fact.text for fact in page.details._facts.rows}
    assert told["In AMS360"] == "Posted Aug 14, 2026, 4:51 PM"
    assert not page.details.posting.isVisible()
    page.table.selectRow(3)
    assert front.says("payments.details.posting.why") == "AMS360: not posted. The period is closed."
    office.sent(office.ledger.payment(6), Posted())
    assert front.window.background is not None
    front.window.background.done(Round())
    front.until(lambda: column.text(page.model.rows[1]) == "Posted")
    assert page.table.currentIndex().row() == 3


def test_search_finds_while_typing(qtbot: QtBot, office: Office) -> None:
    front = Front(qtbot, office)
    _open(front, PAYMENTS, HistoryPage, "payments")
    page = front.find(HistoryPage, "payments")
    front.until(lambda: len(page.model.rows) == 7)
    front.keys("50301")
    front.until(lambda: [payment.id for payment in page.model.rows] == [4])
    assert front.says("payments.count") == "1 payment"
    front.enter()
    assert front.at == "payments.table"
    front.window.tabs.setCurrentIndex(PAYMENTS)


def test_the_down_key_leads_from_the_search_into_the_list(qtbot: QtBot, office: Office) -> None:
    """Without it, F10 voided the payment at the top, however often the clerk had pressed Down."""
    front = Front(qtbot, office)
    _open(front, PAYMENTS, HistoryPage, "payments")
    page = front.find(HistoryPage, "payments")
    front.until(lambda: len(page.model.rows) == 7)
    assert front.at == "payments.search"
    front.press(Qt.Key.Key_Down)
    assert front.at == "payments.table"
    assert page.table.currentIndex().row() == 0
    front.press(Qt.Key.Key_Down)
    assert page.table.currentIndex().row() == 1


def test_a_search_without_a_payment_says_so(qtbot: QtBot, office: Office) -> None:
    front = Front(qtbot, office)
    _open(front, PAYMENTS, HistoryPage, "payments")
    page = front.find(HistoryPage, "payments")
    front.until(lambda: len(page.model.rows) == 7)
    front.keys("zzzz")
    front.until(lambda: front.says("payments.count") == "No payments match.")
    assert page.model.rows == []
    assert front.says("payments.details.state") == "No payment selected"


@pytest.mark.parametrize(
    ("typed", "ids"),
    [
        ("declined", [3]),
        ("today", [7, 6, 5, 4, 3, 2, 1]),
        ("08/14/2026 1,293.75", [7]),
        ("$1293.75", [7]),
        ("R-000005", [7]),
        ("50177", [7]),
    ],
)
def test_search_takes_amounts_dates_and_states(
    qtbot: QtBot, office: Office, typed: str, ids: list[int]
) -> None:
    front = Front(qtbot, office)
    _open(front, PAYMENTS, HistoryPage, "payments")
    page = front.find(HistoryPage, "payments")
    front.until(lambda: len(page.model.rows) == 7)
    page.search_for(typed)
    front.until(lambda: [payment.id for payment in page.model.rows] == ids)


def test_a_long_list_is_read_page_by_page(
    qtbot: QtBot, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("paydesk.ui.payments.page.PAGE", 3)
    front = Front(qtbot, office)
    _open(front, PAYMENTS, HistoryPage, "payments")
    page = front.find(HistoryPage, "payments")
    front.until(lambda: len(page.model.rows) == 7)  # three and three and one, because all fit in the view
    assert [payment.id for payment in page.model.rows] == [7, 6, 5, 4, 3, 2, 1]
    assert front.says("payments.count") == "7 payments"
    assert page.table.currentIndex().row() == 0
    page.table.selectRow(5)
    page.refresh()
    front.until(lambda: page.model.read_more is None)
    assert len(page.model.rows) == 7
    assert page.table.currentIndex().row() == 5


def test_the_list_says_while_older_payments_are_not_searched_yet(
    qtbot: QtBot, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("paydesk.store.ledger.payment_search.MOST_UNREAD", 4)
    front = Front(qtbot, office)
    _open(front, PAYMENTS, HistoryPage, "payments")
    page = front.find(HistoryPage, "payments")
    front.until(lambda: len(page.model.rows) == 7)
    front.keys("visa")
    front.until(lambda: front.says("payments.count").endswith("Still indexing older payments."))
    assert {payment.id for payment in page.model.rows} < {4, 5, 6, 7}


def test_a_receipt_is_printed_again_from_the_list(qtbot: QtBot, office: Office) -> None:
    front = Front(qtbot, office)
    _open(front, PAYMENTS, HistoryPage, "payments")
    page = front.find(HistoryPage, "payments")
    asked: list[Payment] = []
    page.reprint.disconnect()
    page.reprint.connect(asked.append)
    front.until(lambda: len(page.model.rows) == 7)
    front.press(Qt.Key.Key_F8)
    assert [payment.receipt_number for payment in asked] == ["R-000005"]
    page.table.setCurrentIndex(page.model.index(2, 0))
    assert not front.button("payments.details.reprint").isVisible()


def test_a_reprint_is_seen_among_what_happened(qtbot: QtBot, office: Office) -> None:
    front = Front(qtbot, office)
    _open(front, PAYMENTS, HistoryPage, "payments")
    front.until(lambda: len(front.find(HistoryPage, "payments").model.rows) == 7)
    front.press(Qt.Key.Key_F8)
    dialog = front.window.findChild(ReceiptDialog)
    assert isinstance(dialog, ReceiptDialog)
    office.ledger.count_copy(7)
    dialog.reject()
    events = front.find(Lines, "payments.details.events")
    shown = events.model()
    front.until(lambda: "Receipt reprinted" in str(shown.index(shown.rowCount() - 1, 1).data()))
    assert events.maximumHeight() == events.whole_height, "the details have the rest of the room"


def test_an_unclear_payment_can_be_asked_about_at_once(qtbot: QtBot, office: Office) -> None:
    front = Front(qtbot, office)
    _open(front, PAYMENTS, HistoryPage, "payments")
    page = front.find(HistoryPage, "payments")
    front.until(lambda: len(page.model.rows) == 7)
    assert not front.button("payments.details.check").isVisible()
    page.table.setCurrentIndex(page.model.index(2, 0))
    office.processor.pending.clear()
    office.processor.looked_up.clear()
    front.press(Qt.Key.Key_F5)
    front.until(lambda: front.says("payments.details.state") == "Approved")
    assert page.notice.text.startswith("Checked with AndDone: approved.")
    assert office.processor.looked_up == [office.ledger.payment(5).intent_token]
    front.until(lambda: front.window.tabs.tabText(ATTENTION) == "Needs attention (1)")


def test_a_question_that_fails_is_said_and_can_be_asked_again(qtbot: QtBot, office: Office) -> None:
    front = Front(qtbot, office)
    _open(front, ATTENTION, AttentionPage, "attention")
    page = front.find(AttentionPage, "attention")
    front.until(lambda: len(page.model.rows) == 2)
    office.database.fail()
    front.press(Qt.Key.Key_F5)
    front.until(lambda: "does not read or write. Try again" in page.notice.text)
    assert front.button("attention.details.check").isEnabled()


# ---- Needs attention ----------------------------------------------------------------------


def test_the_tab_counts_what_its_page_shows(qtbot: QtBot, office: Office) -> None:
    """An item that had just fallen due was listed, and the tab stayed without a number."""
    front = Front(qtbot, office)
    front.until(lambda: front.window.tabs.tabText(ATTENTION) == "Needs attention (2)")
    office.took("60015", minutes_ago=60, state=State.UNKNOWN)
    _open(front, ATTENTION, AttentionPage, "attention")
    page = front.find(AttentionPage, "attention")
    front.until(lambda: len(page.model.rows) == 3)
    assert front.window.tabs.tabText(ATTENTION) == "Needs attention (3)"


def test_open_matters_are_counted_on_the_tab_and_explained(qtbot: QtBot, office: Office) -> None:
    front = Front(qtbot, office)
    front.until(lambda: front.window.tabs.tabText(ATTENTION) == "Needs attention (2)")
    _open(front, ATTENTION, AttentionPage, "attention")
    page = front.find(AttentionPage, "attention")
    front.until(lambda: len(page.model.rows) == 2)
    assert front.says("attention.title") == "2 items need attention"
    assert "AndDone gave no clear answer" in front.says("attention.advice.known")
    assert front.says("attention.advice.never").startswith("Do not take this payment again")
    front.press(Qt.Key.Key_Down)
    assert (
        front.says("attention.advice.title") == "Zoë’s Café & Crêperie was charged $250.90 instead of $248.40"
    )
    assert "actually charged" in page.advice.accessibleName()


def test_a_late_charge_needs_attention(qtbot: QtBot) -> None:
    office = Office()
    office.took("50123", state=State.LATE)
    front = Front(qtbot, office)
    _open(front, ATTENTION, AttentionPage, "attention")
    page = front.find(AttentionPage, "attention")
    front.until(lambda: len(page.model.rows) == 1)
    assert front.says("attention.advice.title") == (
        "$867.33 from Sample Bakery was charged after all: check if it was paid twice"
    )
    assert "was ruled out" in front.says("attention.advice.known")


def test_a_charge_this_ledger_does_not_know_is_an_alarm(qtbot: QtBot) -> None:
    office = Office()
    office.processor.outside.append(
        Charge(
            "t-77",
            f"{new_reference()}-1",
            Money(10_00),
            Money(10_35),
            True,
            True,
            None,
            "",
            "",
            frozenset({"50123"}),
        )
    )
    front = Front(qtbot, office)
    front.until(lambda: front.window.tabs.tabText(ATTENTION) == "Needs attention (1)")
    _open(front, ATTENTION, AttentionPage, "attention")
    page = front.find(AttentionPage, "attention")
    front.until(lambda: "1 charge from us" in page.strangers.text)
    assert "$10.35 (t-77). Call AndDone. Do not charge these invoices again: 50123." in page.strangers.text


def test_a_receipt_ams360_refused_is_explained_and_posted_again(qtbot: QtBot, office: Office) -> None:
    office.sent(office.ledger.payment(1), Refused("The period is closed."))
    front = Front(qtbot, office)
    front.until(lambda: front.window.tabs.tabText(ATTENTION) == "Needs attention (3)")
    _open(front, ATTENTION, AttentionPage, "attention")
    page = front.find(AttentionPage, "attention")
    front.until(lambda: len(page.model.rows) == 3)
    page.table.selectRow(2)
    assert page.model.columns[0].text(page.model.rows[2]) == "Receipt not posted"
    assert (
        front.says("attention.advice.title")
        == "Receipt R-000001 for Northgate Builders, Inc. was not posted to AMS360"
    )
    assert "The period is closed." in front.says("attention.advice.known")
    assert "Do not charge the customer again" in front.says("attention.advice.never")
    front.press(Qt.Key.Key_F7)
    front.until(lambda: page.notice.text == "Receipt R-000001 will be posted again in a moment.")
    front.until(lambda: len(page.model.rows) == 2)


def test_a_receipt_somebody_entered_is_believed_only_when_said_twice(qtbot: QtBot, office: Office) -> None:
    office.sent(office.ledger.payment(1), MayHaveArrived("AMS360 did not answer."))
    front = Front(qtbot, office)
    _open(front, ATTENTION, AttentionPage, "attention")
    page = front.find(AttentionPage, "attention")
    front.until(lambda: len(page.model.rows) == 3)
    page.table.selectRow(2)
    assert not front.button("attention.details.posting.again").isVisible()
    entered = front.button("attention.details.posting.entered")
    entered.click()
    assert _posting(office, 1).state is PostingState.UNCLEAR
    assert entered.text() == "Confirm: entered  F6"
    assert entered.accessibleName() == "Confirm: entered"
    page._show_details(page.details.payment)
    assert entered.text() == "Confirm: entered  F6", "a refresh does not take back the first press"
    page.table.selectRow(0)
    page.table.selectRow(2)
    assert entered.text() == "Mark as entered  F6", "another payment does"
    entered.click()
    entered.click()
    front.until(lambda: page.notice.text == "Receipt R-000001 is in AMS360.")
    assert _posting(office, 1).state is PostingState.POSTED


def test_a_receipt_in_a_deposit_file_can_be_said_to_be_there(qtbot: QtBot, office: Office) -> None:
    waits = _posting(office, 1)
    [in_file] = office.outbox.hand_over([1], office.outbox.next_deposit())
    panel = PostingPanel("panel")
    qtbot.addWidget(panel)
    panel.show_posting(waits, advice(waits.payment, waits))
    assert panel.isHidden()
    panel.show_posting(in_file, advice(in_file.payment, in_file))
    assert not panel.isHidden()
    assert [one.text() for one in panel.findChildren(QLabel) if one.text()][-1].endswith(
        "In deposit file D-0001."
    )


def test_a_posting_that_is_not_safe_to_repeat_says_why(qtbot: QtBot, office: Office) -> None:
    office.sent(office.ledger.payment(1), MayHaveArrived("AMS360 did not answer."), minutes_ago=11)
    office.source.owe("60010", 1_00)
    front = Front(qtbot, office)
    _open(front, ATTENTION, AttentionPage, "attention")
    page = front.find(AttentionPage, "attention")
    front.until(lambda: len(page.model.rows) == 3)
    page.table.selectRow(2)
    front.button("attention.details.posting.again").click()
    front.until(lambda: page.notice.text.startswith("The balances have changed, but not by this payment."))
    assert front.button("attention.details.posting.again").isEnabled()


def test_a_clear_desk_says_so(qtbot: QtBot) -> None:
    front = Front(qtbot)
    assert front.window.tabs.tabText(ATTENTION) == "Needs attention"
    _open(front, ATTENTION, AttentionPage, "attention")
    front.until(lambda: front.says("attention.title") == "You're all caught up")
    assert front.says("attention.empty.sentence") == "Nothing needs attention"
    assert not front.find(Table, "attention.table").isVisible()


def test_what_was_said_of_an_item_ends_when_it_is_resolved(qtbot: QtBot) -> None:
    """That a payment is unconfirmed still stood there when nothing was open any more."""
    office = Office()
    office.took("60012", minutes_ago=40, state=State.UNKNOWN)
    front = Front(qtbot, office)
    _open(front, ATTENTION, AttentionPage, "attention")
    page = front.find(AttentionPage, "attention")
    front.until(lambda: len(page.model.rows) == 1 and front.at == "attention.table")
    page.notice.say("Checked with AndDone: unconfirmed.")
    office.processor.pending.clear()
    office.desk.resolve.check(1)
    page.refresh()
    front.until(lambda: front.says("attention.title") == "You're all caught up")
    assert page.notice.text == ""
    assert front.at == "attention", "the keyboard is on no button that an Enter would press"


def test_what_is_entered_by_hand_is_no_alarm_and_has_its_own_list(qtbot: QtBot, office: Office) -> None:
    """Every payment without an invoice stood as a red "Refused" in Needs attention."""
    office.outbox.stop(1, PostingState.BY_HAND, NO_CUSTOMER)
    office.outbox.stop(4, PostingState.BY_HAND, NO_CUSTOMER)
    front = Front(qtbot, office)
    front.until(lambda: front.window.tabs.tabText(ATTENTION) == "Needs attention (2)")
    front.window.tabs.setCurrentIndex(DAY_END)
    front.until(lambda: front.find(QWidget, "day_end.work").isVisible())
    assert front.says("day_end.by_hand") == ("Enter in AMS360 by hand: 2 receipts, $1,437.00 before fees.")
    front.press(Qt.Key.Key_F6)
    page = front.find(HistoryPage, "payments")
    front.until(lambda: [payment.id for payment in page.model.rows] == [1, 4])
    assert front.window.tabs.currentIndex() == PAYMENTS
    column = page.model.columns[page.model.column("posting")]
    payment = page.model.rows[0]
    assert (column.text(payment), column.tint and column.tint(payment)) == ("By hand", "link")
    assert not front.button("payments.details.posting.again").isVisible()
    front.press(Qt.Key.Key_F6, times=2)
    front.until(lambda: page.notice.text == "Receipt R-000001 is in AMS360.")
    front.until(lambda: [payment.id for payment in page.model.rows] == [4])
    assert front.button("payments.by_hand").text() == "Enter by hand (1)"
    front.button("payments.by_hand").click()
    front.until(lambda: len(page.model.rows) == 7)


def test_typing_in_the_search_leaves_the_list_of_receipts_to_enter(qtbot: QtBot, office: Office) -> None:
    office.outbox.stop(1, PostingState.BY_HAND, NO_CUSTOMER)
    front = Front(qtbot, office)
    front.window.open_by_hand()
    page = front.find(HistoryPage, "payments")
    front.until(lambda: [payment.id for payment in page.model.rows] == [1])
    page.search.setFocus()
    front.keys("bakery")
    front.until(lambda: [payment.id for payment in page.model.rows] == [7])
    assert not page.by_hand.isChecked()


def test_the_six_words_of_a_posting_have_six_colors() -> None:
    assert len(set(postings._WORDS.values())) == len(PostingState) == 6
    assert len(set(postings._TINTS.values())) == 6


def test_a_posted_receipt_whose_money_went_back_is_to_be_reversed() -> None:
    office = Office()
    posted = office.sent(office.took("50123"), Posted("ams-1"))
    assert (postings.short_word(posted), postings.tint(posted)) == ("Posted", "good")
    back = replace(posted, payment=replace(posted.payment, state=State.CHARGED_BACK))
    assert (postings.short_word(back), postings.tint(back)) == ("To reverse", "warning")
    reversed_ = replace(back, state=PostingState.WITHDRAWN)
    assert (postings.short_word(reversed_), postings.tint(reversed_)) == ("Reversed", "muted")


@pytest.mark.parametrize(
    ("row", "key", "said"),
    [
        (0, Qt.Key.Key_F5, "This payment is approved. AndDone's answer is here already."),
        (0, Qt.Key.Key_F7, "This receipt can't be posted again now."),
        (0, Qt.Key.Key_F6, "There is nothing to mark in AMS360 for this receipt."),
        (4, Qt.Key.Key_F10, "This payment can't be voided: it is declined. No money was taken."),
        (4, Qt.Key.Key_F8, "This payment has no receipt. No money was taken."),
        (2, Qt.Key.Key_F10, "This payment can't be voided yet. Wait until it is confirmed."),
        (2, Qt.Key.Key_F8, "This payment has no receipt. Wait until it is confirmed."),
    ],
)
def test_a_key_that_does_nothing_with_this_payment_says_why(
    qtbot: QtBot, office: Office, row: int, key: Qt.Key, said: str
) -> None:
    front = Front(qtbot, office)
    _open(front, PAYMENTS, HistoryPage, "payments")
    page = front.find(HistoryPage, "payments")
    front.until(lambda: len(page.model.rows) == 7)
    page.table.setFocus()
    page.table.selectRow(row)
    front.press(key)
    front.until(lambda: page.notice.text.startswith(said))


@pytest.mark.parametrize("state", list(State))
def test_every_state_has_its_reason_against_a_void(office: Office, state: State) -> None:
    sentence, then = words.why_not_voided(replace(office.ledger.payment(1), state=state))
    assert sentence
    assert then


# ---- Day end ------------------------------------------------------------------------------


def test_the_days_sums_are_those_of_the_ledger(qtbot: QtBot, office: Office) -> None:
    front = Front(qtbot, office)
    _open(front, DAY_END, DayEndPage, "day_end")
    page = front.find(DayEndPage, "day_end")
    front.until(lambda: len(page.model.rows) == 4)
    taken = [payment for payment in _payments(office) if payment.state is State.AUTHORIZED]
    whole = total(payment.charged for payment in taken if payment.charged is not None)
    assert front.says("day_end.total") == f"${whole}"
    assert front.says("day_end.count") == FIVE_TAKEN
    assert page.model.rows[-1].total == whole
    assert sum(row.count for row in page.model.rows[:-1]) == len(taken)
    assert front.says("day_end.rest") == (
        "Declined: 1   Not charged: 0   Unconfirmed: 1   Amount mismatch: 1"
    )
    assert page.incomplete.text.startswith("1 unconfirmed payment: not in these totals.")


def test_another_day_has_its_own_sums(qtbot: QtBot, office: Office) -> None:
    front = Front(qtbot, office)
    _open(front, DAY_END, DayEndPage, "day_end")
    page = front.find(DayEndPage, "day_end")
    front.until(lambda: front.says("day_end.count") == FIVE_TAKEN)
    page.day.setDate(page.day.date().addDays(-1))
    front.until(lambda: front.says("day_end.count") == "0 payments taken")
    assert front.says("day_end.total") == "$0.00"
    front.button("day_end.today").click()
    front.until(lambda: front.says("day_end.count") == FIVE_TAKEN)


def test_f6_says_that_nothing_is_to_be_entered_by_hand(qtbot: QtBot) -> None:
    front = Front(qtbot)
    _open(front, DAY_END, DayEndPage, "day_end")
    page = front.find(DayEndPage, "day_end")
    front.until(lambda: front.says("day_end.count") == "0 payments taken")
    front.press(Qt.Key.Key_F6)
    front.until(lambda: page.notice.text == "There are no receipts to enter by hand.")


def test_sums_split_by_tender_and_keep_the_fee_apart(office: Office) -> None:
    sums = add_up(_payments(office))
    assert [row.kind for row in sums.tenders] == [*TenderKind, None]
    ach = sums.tenders[2]
    assert (ach.count, ach.lines, ach.fee) == (1, Money(528_17), Money(3_00))
    for row in sums.tenders:
        assert row.total == row.lines + row.fee


def test_a_day_has_the_hours_of_its_zone() -> None:
    zone = ZoneInfo("America/New_York")
    lengths = Counter(
        end - start
        for start, end in (day_bounds(date(2026, 1, 1) + timedelta(days=n), zone) for n in range(365))
    )
    assert lengths == {timedelta(hours=24): 363, timedelta(hours=23): 1, timedelta(hours=25): 1}
    assert day_bounds(date(2026, 8, 14), zone)[0].isoformat() == "2026-08-14T04:00:00+00:00"


def test_a_day_is_saved_for_a_spreadsheet_and_no_name_becomes_a_formula(
    qtbot: QtBot, office: Office, tmp_path: Path
) -> None:
    office.source.customers["1003"] = replace(NO_ZIP, name="=HYPERLINK(1)")
    office.took("50304", minutes_ago=6)
    front = Front(qtbot, office)
    _open(front, DAY_END, DayEndPage, "day_end")
    page = front.find(DayEndPage, "day_end")
    front.until(lambda: front.says("day_end.count").startswith("6 payments taken"))
    page.choose_file = lambda _parent, _name, _what, _suffix: str(tmp_path / "day.csv")
    front.press(Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    front.until(lambda: page.notice.text == "Saved as day.csv.")
    saved = (tmp_path / "day.csv").read_bytes()
    assert saved.startswith(codecs.BOM_UTF8)
    rows = list(csv.DictReader(io.StringIO(saved.decode("utf-8-sig"))))
    assert [row["Receipt"] for row in rows] == [payment.receipt_number for payment in _payments(office)]
    assert rows[-1]["Customer"] == "'=HYPERLINK(1)"
    assert (rows[1]["Subtotal"], rows[1]["Technology fee"], rows[1]["Total"]) == ("528.17", "3.00", "531.17")
    assert rows[1]["Date"] == "2026-08-14 13:51:00"


def test_a_day_read_again_does_not_hide_that_it_was_saved(
    qtbot: QtBot, office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    front = Front(qtbot, office)
    _open(front, DAY_END, DayEndPage, "day_end")
    page = front.find(DayEndPage, "day_end")
    front.until(lambda: front.says("day_end.count") == FIVE_TAKEN)
    go, between = threading.Event(), office.ledger.payments_between

    def slow(start: datetime, end: datetime) -> Sequence[Payment]:
        go.wait(20)
        return between(start, end)

    monkeypatch.setattr(office.ledger, "payments_between", slow)
    page.choose_file = lambda _parent, _name, _what, _suffix: str(tmp_path / "day.csv")
    front.button("day_end.refresh").click()
    front.button("day_end.save").click()
    front.until(lambda: page.notice.text == "Saved as day.csv.")
    office.took("50304", minutes_ago=6)
    go.set()
    front.until(lambda: front.says("day_end.count").startswith("6 payments taken"))
    assert page.notice.text == "Saved as day.csv."
    assert page.incomplete.text.startswith("1 unconfirmed payment")
    front.button("day_end.refresh").click()
    assert page.notice.text == ""


def test_a_day_that_cannot_be_saved_says_so(qtbot: QtBot, office: Office, tmp_path: Path) -> None:
    front = Front(qtbot, office)
    _open(front, DAY_END, DayEndPage, "day_end")
    page = front.find(DayEndPage, "day_end")
    front.until(lambda: front.says("day_end.count") == FIVE_TAKEN)
    page.choose_file = lambda _parent, _name, _what, _suffix: str(tmp_path / "none" / "day.csv")
    front.button("day_end.save").click()
    front.until(lambda: page.notice.text.startswith("day.csv couldn't be saved"))


def test_a_day_is_printed_on_a_sheet(qtbot: QtBot, office: Office, tmp_path: Path) -> None:
    front = Front(qtbot, office)
    _open(front, DAY_END, DayEndPage, "day_end")
    page = front.find(DayEndPage, "day_end")
    front.until(lambda: front.says("day_end.count") == FIVE_TAKEN)

    names: list[str] = []

    def printer(_parent: QWidget, job: Job, _remembered: str) -> QPrinter:
        names.append(job.name)
        made = print_and_save.new_printer(job.page, job.name)
        made.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
        made.setOutputFileName(str(tmp_path / "day.pdf"))
        return made

    page.printers.choose = printer
    front.press(Qt.Key.Key_F8)
    front.until(lambda: page.notice.text == "Saved as day.pdf.")
    pages = pypdf.PdfReader(tmp_path / "day.pdf").pages
    assert len(pages) == 1
    text = " ".join(pages[0].extract_text().split())
    for wanted in ("Payments on Aug 14, 2026", "TRAINING", "All methods", "000005", "Submitted", "531.17"):
        assert wanted in text
    assert names == ["Day end 2026-08-14.pdf"]
    assert f"Ledger anchor: {short_form(office.ledger.head())} Keep this sheet." in text


def test_a_day_prints_without_asking_on_the_printer_for_letter_paper(
    qtbot: QtBot, office: Office, tmp_path: Path
) -> None:
    front = Front(qtbot, office)
    _open(front, DAY_END, DayEndPage, "day_end")
    page = front.find(DayEndPage, "day_end")
    front.until(lambda: front.says("day_end.count") == FIVE_TAKEN)
    page.printers.preferences.turn(Switch.PRINT_WITHOUT_ASKING, on=True)
    page.printers.preferences.keep_printer(Paper.LETTER, "Front HP")
    canceled: list[str] = []
    page.printers.choose = lambda _parent, _job, remembered: canceled.append(remembered)

    def find(job: Job, _name: str) -> QPrinter:
        made = print_and_save.new_printer(job.page, job.name)
        made.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
        made.setOutputFileName(str(tmp_path / job.name))
        return made

    def find_none(_job: Job, name: str) -> QPrinter:
        raise print_and_save.PrinterAway(name)

    page.printers.open = find
    front.press(Qt.Key.Key_F8)
    front.until(lambda: page.notice.text == "Saved as Day end 2026-08-14.pdf.")
    printed = pypdf.PdfReader(tmp_path / "Day end 2026-08-14.pdf").pages[0].extract_text()
    assert "Payments on Aug 14, 2026" in " ".join(printed.split())
    page.printers.open = find_none
    front.press(Qt.Key.Key_F8)
    front.until(lambda: "Front HP isn't available." in page.notice.text)
    assert canceled == []
    front.press(Qt.Key.Key_F8)
    assert canceled == ["Front HP"], "the next time the clerk is asked"


def test_the_sheet_of_a_ledger_without_events_has_no_anchor(office: Office) -> None:
    zone = ZoneInfo(office.settings.time_zone)
    for anchor in ("", "0" * 64):
        assert "anchor" not in sheet.html(day_of(sample.TODAY, (), anchor), office.settings, zone)


@pytest.mark.parametrize(
    ("url", "mark"),
    [
        ("https://api.anddone.com", ""),
        ("https://api.uat.anddone.com", "TEST HOST: no money moved"),
        ("http://127.0.0.1:8570", "NOT LIVE: 127.0.0.1:8570 – payments may not be real"),
    ],
)
def test_the_sheet_of_a_day_says_its_world(office: Office, url: str, mark: str) -> None:
    settings = replace(office.settings, training=False, anddone=AndDoneSettings(base_url=url))
    zone = ZoneInfo(settings.time_zone)
    html = sheet.html(day_of(sample.TODAY, office.ledger.payments(limit=100)), settings, zone)
    assert (f"<b>{mark}</b>" in html) == bool(mark)
    assert mark or not any(word in html for word in ("TRAINING", "TEST", "LIVE"))


# ---- the strip ----------------------------------------------------------------------------


def test_the_last_ten_are_always_in_view_and_open_their_payment(qtbot: QtBot, office: Office) -> None:
    for number in range(60013, 60021):
        office.took(str(number))
    front = Front(qtbot, office)
    strip = front.window.recent
    front.until(lambda: len(strip._model.rows) == 10)
    assert strip._model.rows[0].id == 15
    spoken = strip._model.index(0, 0).data()
    assert spoken.startswith("Approved, ")
    assert "Northgate Builders" in spoken
    for tab in (PAYMENTS, ATTENTION, DAY_END):
        front.window.tabs.setCurrentIndex(tab)
        assert strip.isVisible()
    strip.clicked.emit(strip._model.index(3, 0))
    page = front.find(HistoryPage, "payments")
    front.until(lambda: [payment.id for payment in page.model.rows] == [12])
    assert front.window.tabs.currentIndex() == PAYMENTS
    front.keys("$1293.75")
    front.until(lambda: [payment.id for payment in page.model.rows] == [7])
