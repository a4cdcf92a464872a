"""The Payments, Needs attention and Day end tabs, and the strip of the last ten."""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pypdf
import pytest
from PySide6.QtCore import QSizeF, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from paydesk.domain.errors import KnownError
from paydesk.domain.money import Money, total
from paydesk.domain.outcome import Charge
from paydesk.domain.payment import Payment, State
from paydesk.domain.posting import PostingState
from paydesk.domain.tender import TenderKind
from paydesk.services.day_end import add_up, day_bounds
from paydesk.ui import handing_out
from paydesk.ui.attention_page import AttentionPage
from paydesk.ui.chores import Round
from paydesk.ui.day_end_page import DayEndPage
from paydesk.ui.history_page import HistoryPage
from paydesk.ui.posting_panel import PostingPanel
from paydesk.ui.receipt_page import ReceiptDialog
from paydesk.ui.tables import Table
from paydesk.ui.window import ATTENTION, DAY_END, PAYMENTS
from tests.fakes.agency import Office
from tests.fakes.desk import APPROVE, NOW, refuse
from tests.ui.front import Front

FIVE_TAKEN = "5 payments taken, 1 of them submitted to a bank and not yet cleared"


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
    assert told["For"] == "Invoices 50123, 50177"
    assert told["Technology fee"] == "43.75"
    assert told["Paid with"] == "Visa ending 1111"
    assert told["Receipt"] == "R-000007"
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
    assert "Submitted, 531.17" in front.window.recent._model.index(5, 0).data()


def test_a_long_number_stays_in_its_tip_and_can_be_copied(qtbot: QtBot, office: Office) -> None:
    office.ledger.put(replace(office.ledger.rows[7], processor_ref="9b2f8d1e-6d54-4a0b-8d3c-0f5f6a1c7e90"))
    front = Front(qtbot, office)
    _open(front, PAYMENTS, HistoryPage, "payments")
    page = front.find(HistoryPage, "payments")
    front.until(lambda: len(page.model.rows) == 7)
    facts = page.details._facts_table
    index = page.details._facts.index(len(page.details._facts.rows) - 1, 1)
    assert index.data(Qt.ItemDataRole.ToolTipRole) == "9b2f8d1e-6d54-4a0b-8d3c-0f5f6a1c7e90"
    facts.copy_menu(facts.visualRect(index).center()).actions()[0].trigger()
    assert QGuiApplication.clipboard().text() == "9b2f8d1e-6d54-4a0b-8d3c-0f5f6a1c7e90"


def test_each_payment_says_where_its_receipt_stands(qtbot: QtBot, office: Office) -> None:
    office.post.put(office.ledger.rows[7], PostingState.POSTED)
    office.post.put(office.ledger.rows[6], PostingState.WAITING)
    office.post.put(office.ledger.rows[4], PostingState.REFUSED, "The period is closed.")
    front = Front(qtbot, office)
    _open(front, PAYMENTS, HistoryPage, "payments")
    page = front.find(HistoryPage, "payments")
    front.until(lambda: len(page.model.rows) == 7)
    column = page.model.columns[page.model.column("ams360")]
    assert [column.text(payment) for payment in page.model.rows][:4] == ["Posted", "Waiting", "–", "Refused"]
    told = {fact.caption: fact.text for fact in page.details._facts.rows}
    assert told["In AMS360"] == "Posted Aug 14, 4:51 PM"
    assert not page.details.posting.isVisible()
    page.table.selectRow(3)
    assert front.says("payments.details.posting.why") == "AMS360, refused: The period is closed."
    office.post.put(office.ledger.rows[6], PostingState.POSTED)
    assert front.window.chores is not None
    front.window.chores.done(Round())
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


def test_a_receipt_is_printed_again_from_the_list(qtbot: QtBot, office: Office) -> None:
    front = Front(qtbot, office)
    _open(front, PAYMENTS, HistoryPage, "payments")
    page = front.find(HistoryPage, "payments")
    asked: list[Payment] = []
    page.reprint.disconnect()
    page.reprint.connect(asked.append)
    front.until(lambda: len(page.model.rows) == 7)
    front.press(Qt.Key.Key_F8)
    assert [payment.receipt_number for payment in asked] == ["R-000007"]
    page.table.setCurrentIndex(page.model.index(2, 0))
    assert not front.button("payments.details.reprint").isVisible()


def test_a_reprint_is_seen_among_what_happened(qtbot: QtBot, office: Office) -> None:
    front = Front(qtbot, office)
    _open(front, PAYMENTS, HistoryPage, "payments")
    front.until(lambda: len(front.find(HistoryPage, "payments").model.rows) == 7)
    front.press(Qt.Key.Key_F8)
    dialog = front.window.findChild(ReceiptDialog)
    assert isinstance(dialog, ReceiptDialog)
    office.ledger.note(7, "reprinted", {})
    dialog.reject()
    events = front.find(Table, "payments.details.events")
    shown = events.model()
    front.until(lambda: "Receipt printed again" in str(shown.index(shown.rowCount() - 1, 1).data()))


def test_an_unclear_payment_can_be_asked_about_at_once(qtbot: QtBot, office: Office) -> None:
    front = Front(qtbot, office)
    office.reconcile.findings.append(APPROVE)
    _open(front, PAYMENTS, HistoryPage, "payments")
    page = front.find(HistoryPage, "payments")
    front.until(lambda: len(page.model.rows) == 7)
    assert not front.button("payments.details.check").isVisible()
    page.table.setCurrentIndex(page.model.index(2, 0))
    front.press(Qt.Key.Key_F5)
    front.until(lambda: front.says("payments.details.state") == "Approved")
    assert page.notice.text.startswith("AndDone was asked: approved.")
    assert office.reconcile.asked == [5]
    front.until(lambda: front.window.tabs.tabText(ATTENTION) == "Needs attention (1)")


def test_a_question_that_fails_is_said_and_can_be_asked_again(qtbot: QtBot, office: Office) -> None:
    front = Front(qtbot, office)
    office.reconcile.findings.append(refuse("AndDone cannot be reached.", "Try again in a minute."))
    _open(front, ATTENTION, AttentionPage, "attention")
    page = front.find(AttentionPage, "attention")
    front.until(lambda: len(page.model.rows) == 2)
    front.press(Qt.Key.Key_F5)
    front.until(lambda: page.notice.text == "AndDone cannot be reached. Try again in a minute.")
    assert front.button("attention.details.check").isEnabled()


# ---- Needs attention ----------------------------------------------------------------------


def test_open_matters_are_counted_on_the_tab_and_explained(qtbot: QtBot, office: Office) -> None:
    front = Front(qtbot, office)
    front.until(lambda: front.window.tabs.tabText(ATTENTION) == "Needs attention (2)")
    _open(front, ATTENTION, AttentionPage, "attention")
    page = front.find(AttentionPage, "attention")
    front.until(lambda: len(page.model.rows) == 2)
    assert front.says("attention.title") == "2 matters to look at"
    assert "AndDone gave no clear answer" in front.says("attention.advice.known")
    assert front.says("attention.advice.never").startswith("Do not take this payment again")
    front.press(Qt.Key.Key_Down)
    assert front.says("attention.advice.title") == "Zoë’s Café & Crêperie was charged $250.90, not $248.40"
    assert "really charged" in page.advice.accessibleName()


def test_a_late_charge_needs_attention(qtbot: QtBot) -> None:
    office = Office()
    office.took("50123", state=State.LATE)
    front = Front(qtbot, office)
    _open(front, ATTENTION, AttentionPage, "attention")
    page = front.find(AttentionPage, "attention")
    front.until(lambda: len(page.model.rows) == 1)
    assert front.says("attention.advice.title") == (
        "$867.33 of Sample Bakery was charged after all: void it, or call AndDone"
    )
    assert "was ruled out first" in front.says("attention.advice.known")


def test_a_charge_this_ledger_does_not_know_is_an_alarm(qtbot: QtBot) -> None:
    office = Office()
    office.reconcile.strangers = (
        Charge("t-77", "PD1", Money(10_00), Money(10_35), True, True, None, "", "", frozenset({"50123"})),
    )
    front = Front(qtbot, office)
    front.until(lambda: front.window.tabs.tabText(ATTENTION) == "Needs attention (1)")
    _open(front, ATTENTION, AttentionPage, "attention")
    page = front.find(AttentionPage, "attention")
    front.until(lambda: "1 charge of ours" in page.strangers.text)
    assert (
        "$10.35 (t-77). Call AndDone, and do not charge these invoices again: 50123." in page.strangers.text
    )


def test_a_receipt_ams360_refused_is_explained_and_posted_again(qtbot: QtBot, office: Office) -> None:
    office.post.put(office.ledger.rows[1], PostingState.REFUSED, "The period is closed.")
    office.post.again = {1}
    front = Front(qtbot, office)
    front.until(lambda: front.window.tabs.tabText(ATTENTION) == "Needs attention (3)")
    _open(front, ATTENTION, AttentionPage, "attention")
    page = front.find(AttentionPage, "attention")
    front.until(lambda: len(page.model.rows) == 3)
    page.table.selectRow(2)
    assert page.model.columns[0].text(page.model.rows[2]) == "Not in AMS360"
    assert (
        front.says("attention.advice.title")
        == "Receipt R-000001 of Northgate Builders, Inc. is not in AMS360"
    )
    assert "The period is closed." in front.says("attention.advice.known")
    assert "Do not charge the customer again" in front.says("attention.advice.never")
    front.press(Qt.Key.Key_F7)
    front.until(lambda: page.notice.text == "Receipt R-000001 is posted again in a moment.")
    front.until(lambda: len(page.model.rows) == 2)


def test_a_receipt_somebody_entered_is_believed_only_when_said_twice(qtbot: QtBot, office: Office) -> None:
    office.post.put(office.ledger.rows[1], PostingState.UNCLEAR, "AMS360 did not answer.")
    front = Front(qtbot, office)
    _open(front, ATTENTION, AttentionPage, "attention")
    page = front.find(AttentionPage, "attention")
    front.until(lambda: len(page.model.rows) == 3)
    page.table.selectRow(2)
    assert not front.button("attention.details.posting.again").isVisible()
    entered = front.button("attention.details.posting.entered")
    entered.click()
    assert office.post.entered == []
    assert entered.text() == "Yes, it is there  F6"
    entered.click()
    front.until(lambda: page.notice.text == "Receipt R-000001 is in AMS360.")
    assert office.post.entered == [1]


def test_a_receipt_in_a_deposit_file_can_be_said_to_be_there(qtbot: QtBot, office: Office) -> None:
    waits = office.post.put(office.ledger.rows[1], PostingState.WAITING)
    in_file = replace(waits, channel="file", sent_at=NOW, sink_ref="D-0001")
    panel = PostingPanel("panel")
    qtbot.addWidget(panel)
    panel.show_posting(waits, may_post_again=False)
    assert panel.isHidden()
    panel.show_posting(in_file, may_post_again=False)
    assert not panel.isHidden()
    assert [one.text() for one in panel.findChildren(QLabel) if one.text()][-1].endswith(
        "in deposit file D-0001."
    )


def test_a_posting_that_is_not_safe_to_repeat_says_why(qtbot: QtBot, office: Office) -> None:
    office.post.put(office.ledger.rows[1], PostingState.UNCLEAR)
    office.post.again = {1}
    office.post.fault = KnownError("The balances changed since.", "Look in AMS360.")
    front = Front(qtbot, office)
    _open(front, ATTENTION, AttentionPage, "attention")
    page = front.find(AttentionPage, "attention")
    front.until(lambda: len(page.model.rows) == 3)
    page.table.selectRow(2)
    front.button("attention.details.posting.again").click()
    front.until(lambda: page.notice.text == "The balances changed since. Look in AMS360.")
    assert front.button("attention.details.posting.again").isEnabled()


def test_a_clear_desk_says_so(qtbot: QtBot) -> None:
    front = Front(qtbot)
    assert front.window.tabs.tabText(ATTENTION) == "Needs attention"
    _open(front, ATTENTION, AttentionPage, "attention")
    front.until(lambda: front.says("attention.title") == "Nothing needs attention")


# ---- Day end ------------------------------------------------------------------------------


def test_the_days_sums_are_those_of_the_ledger(qtbot: QtBot, office: Office) -> None:
    front = Front(qtbot, office)
    _open(front, DAY_END, DayEndPage, "day_end")
    page = front.find(DayEndPage, "day_end")
    front.until(lambda: len(page.model.rows) == 4)
    taken = [payment for payment in office.ledger.rows.values() if payment.state is State.AUTHORIZED]
    whole = total(payment.charged for payment in taken if payment.charged is not None)
    assert front.says("day_end.total") == f"${whole}"
    assert front.says("day_end.count") == FIVE_TAKEN
    assert page.model.rows[-1].total == whole
    assert sum(row.count for row in page.model.rows[:-1]) == len(taken)
    assert front.says("day_end.rest") == (
        "Declined: 1   Not charged: 0   No clear answer: 1   Charged otherwise than quoted: 1"
    )
    assert page.notice.text.startswith("1 payment without a clear answer yet: not in these totals.")


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


def test_sums_split_by_tender_and_keep_the_fee_apart(office: Office) -> None:
    sums = add_up(office.ledger.rows.values())
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
    first = office.ledger.rows[1]
    payer = replace(first.draft.payer, customer_name="=HYPERLINK(1)")
    office.ledger.put(replace(first, draft=replace(first.draft, payer=payer)))
    front = Front(qtbot, office)
    _open(front, DAY_END, DayEndPage, "day_end")
    page = front.find(DayEndPage, "day_end")
    front.until(lambda: front.says("day_end.count") == FIVE_TAKEN)
    page.choose_file = lambda _parent, _name, _what, _suffix: str(tmp_path / "day.csv")
    front.press(Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    front.until(lambda: page.notice.text == "Saved as day.csv.")
    saved = (tmp_path / "day.csv").read_bytes()
    assert saved.startswith(codecs.BOM_UTF8)
    rows = list(csv.DictReader(io.StringIO(saved.decode("utf-8-sig"))))
    assert [row["Receipt"] for row in rows] == [
        payment.receipt_number for payment in office.ledger.rows.values()
    ]
    assert rows[0]["Customer"] == "'=HYPERLINK(1)"
    assert (rows[1]["Amount"], rows[1]["Technology fee"], rows[1]["Total"]) == ("528.17", "3.00", "531.17")
    assert rows[1]["Taken"] == "2026-08-14 13:51:00"


def test_a_day_that_cannot_be_saved_says_so(qtbot: QtBot, office: Office, tmp_path: Path) -> None:
    front = Front(qtbot, office)
    _open(front, DAY_END, DayEndPage, "day_end")
    page = front.find(DayEndPage, "day_end")
    front.until(lambda: front.says("day_end.count") == FIVE_TAKEN)
    page.choose_file = lambda _parent, _name, _what, _suffix: str(tmp_path / "none" / "day.csv")
    front.button("day_end.save").click()
    front.until(lambda: page.notice.text.startswith("day.csv could not be saved"))


def test_a_day_is_printed_on_a_sheet(qtbot: QtBot, office: Office, tmp_path: Path) -> None:
    front = Front(qtbot, office)
    _open(front, DAY_END, DayEndPage, "day_end")
    page = front.find(DayEndPage, "day_end")
    front.until(lambda: front.says("day_end.count") == FIVE_TAKEN)

    def printer(_parent: QWidget, size: QSizeF, _what: str) -> QPrinter:
        made = handing_out.new_printer(size)
        made.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
        made.setOutputFileName(str(tmp_path / "day.pdf"))
        return made

    page.choose_printer = printer
    front.press(Qt.Key.Key_F8)
    front.until(lambda: page.notice.text == "Printed into the file day.pdf.")
    pages = pypdf.PdfReader(tmp_path / "day.pdf").pages
    assert len(pages) == 1
    text = " ".join(pages[0].extract_text().split())
    for wanted in ("Payments of Aug 14, 2026", "TRAINING", "All tenders", "000007", "Submitted", "531.17"):
        assert wanted in text


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
