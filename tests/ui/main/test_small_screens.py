"""On a screen of 1920 × 1080 at 200 %, and with large amounts, everything that is needed can be reached."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest
from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtWidgets import QApplication, QLabel, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from paydesk.domain.consent import Channel, Proof
from paydesk.domain.invoices.basket import Basket
from paydesk.domain.money import Money
from paydesk.domain.outcome import AchReturned, ChargeStatus, Reason
from paydesk.domain.posting import PostingState
from paydesk.domain.tender import TenderKind
from paydesk.services.posting.words import NO_CUSTOMER
from paydesk.ui.kit.scrolling import ScrollingPage
from paydesk.ui.kit.theme import Space
from paydesk.ui.main.window import ATTENTION, PAYMENTS, SMALLEST, first_size
from paydesk.ui.pay import payment_dialog
from paydesk.ui.payments.attention_page import AttentionPage
from paydesk.ui.payments.page import HistoryPage
from tests.fakes.office import Office
from tests.fakes.world import START
from tests.ui.front import Front
from tests.ui.paying import Counter, basket

SMALL = (960, 508)
"""The screen in device-independent pixels, without the title of the window."""


def _of(cents: int) -> Basket:
    made = basket()
    return replace(made, lines=tuple(replace(line, amount=Money(cents)) for line in made.lines))


def test_the_payment_dialog_needs_no_more_room_for_a_large_amount(qtbot: QtBot) -> None:
    widths = []
    for cents in (10_00, 12_345_67, 999_999_99):
        counter = Counter(qtbot)
        counter.take(_of(cents))
        counter.dialog.summary.be_narrow()
        widths.append(counter.dialog.minimumSizeHint().width())
        counter.dialog.done(0)
    assert max(widths) <= SMALL[0]


def test_nothing_of_a_card_payment_is_cut_on_the_smallest_screen(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(payment_dialog, "room_for", lambda _window: QSize(800, 440))
    counter = Counter(qtbot)
    counter.take(_of(12_345_67))
    dialog = counter.dialog
    assert dialog.width() == 800
    parts = [
        part for part in dialog.page.findChildren(QWidget) if part.focusPolicy() & Qt.FocusPolicy.TabFocus
    ]
    seen = [part for part in parts if part.isVisible()]
    assert {"tender.card.number", "tender.card.zip", "tender.choice.ach", "tender.charge"} <= {
        part.objectName() for part in seen
    }
    for part in seen:
        right = part.mapTo(dialog, part.rect().topRight()).x()
        assert right < 800 - Space.M, part.objectName()
    counter.card()
    field = dialog.page.card.holder
    assert field.visibleRegion().boundingRect() == field.rect(), "the form scrolls to the last field"


def test_amounts_of_the_lines_end_where_the_sums_end(qtbot: QtBot) -> None:
    counter = Counter(qtbot)
    counter.take()
    ends = {
        text.mapTo(counter.dialog, text.rect().topRight()).x()
        for text in counter.dialog.summary.findChildren(QLabel)
        if text.text() in ("838.00", "412.00", "$1,250.00", "$43.75")
    }
    assert len(ends) == 1


def test_a_debit_with_a_letter_needs_no_scrolling_sideways(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(payment_dialog, "room_for", lambda _window: QSize(800, 440))
    counter = Counter(qtbot)
    counter.take(kind=TenderKind.ACH)
    page, area = counter.dialog.page, _view(counter.dialog.page.bank).parentWidget()
    assert isinstance(area, QScrollArea)
    counter.account()
    for proof in (Proof.RECORDING, Proof.WRITTEN_NOTICE):
        page.consent.proof.choose(proof)
        for channel in (Channel.PHONE, Channel.COUNTER):
            page.channel.choose(channel)
            QApplication.processEvents()
            assert area.horizontalScrollBar().maximum() == 0, (proof, channel)


def test_a_form_that_scrolls_follows_the_keyboard(qtbot: QtBot) -> None:
    counter = Counter(qtbot)
    counter.take(kind=TenderKind.ACH)
    counter.dialog.summary.be_narrow()
    counter.dialog.resize(SMALL[0], 340)
    bank = counter.dialog.page.bank
    for field, text in ((bank.routing, "021000021"), (bank.account, "123456789"), (bank.again, "123456789")):
        field.setText(text)
    bank.holder.clear()
    assert not bank.complete()
    assert counter.at == "tender.bank.holder"
    view = _view(bank.holder)
    assert bank.holder.mapTo(view, QPoint(0, bank.holder.height())).y() <= view.height()


def test_no_advice_about_money_is_cut_in_a_small_window(qtbot: QtBot) -> None:
    """A charge to void stands above it, which needs its own room."""
    office = Office()
    office.took("50200", minutes_ago=40, otherwise=250)
    [own] = office.processor.charges(START.date(), START.date())
    office.processor.outside.append(replace(own, processor_ref="t-78"))
    office.processor.statuses["t-78"] = ChargeStatus.VOIDABLE
    front = Front(qtbot, office)
    front.window.resize(*SMALL)
    front.window.tabs.setCurrentIndex(ATTENTION)
    page = front.find(AttentionPage, "attention")
    front.until(lambda: "Void extra charges here" in page.strangers.text)
    front.until(lambda: "was quoted, but" in front.says("attention.advice.known"))
    front.until(lambda: front.button("attention.advice.acknowledge").isVisible())
    for name in ("title", "known", "do", "never"):
        front.until(partial(_whole, front.find(QLabel, f"attention.advice.{name}")))
    button, panel = front.button("attention.advice.acknowledge"), page.advice
    front.until(lambda: panel.rect().contains(button.geometry()))
    front.until(lambda: page.height() >= page.advice.geometry().bottom())


def test_a_small_window_needs_no_scrolling_and_shows_what_is_owed(qtbot: QtBot) -> None:
    front = Front(qtbot)
    front.window.resize(first_size(QSize(960, 540)))
    front.look_up("50123")
    front.press(Qt.Key.Key_F6)
    page, table = front.take, front.take.selection.table
    area = page.window().findChild(ScrollingPage)
    assert isinstance(area, ScrollingPage)
    qtbot.waitUntil(lambda: page.size() == area.viewport().size())
    columns = enumerate(page.selection.model.columns)
    assert [column.name for place, column in columns if not table.isColumnHidden(place)] == [
        "tick",
        "invoice",
        "invoiced",
        "due",
        "status",
        "balance",
    ]
    last = table.visualRect(page.selection.model.index(0, page.selection.model.column("balance")))
    assert last.right() + 1 == table.viewport().width(), "and they fill the table"
    assert front.window.recent.isHidden()
    front.window.resize(1366, 728)
    qtbot.waitUntil(lambda: not table.isColumnHidden(page.selection.model.column("policy")))
    assert front.window.recent.isVisible()


def test_a_search_over_payments_can_be_read_while_it_is_typed(qtbot: QtBot) -> None:
    office = Office()
    office.took("50200", minutes_ago=40)
    office.outbox.stop(1, PostingState.BY_HAND, NO_CUSTOMER)
    front = Front(qtbot, office)
    front.window.resize(first_size(QSize(960, 540)))
    front.window.tabs.setCurrentIndex(PAYMENTS)
    page = front.find(HistoryPage, "payments")
    front.until(page.by_hand.isVisible)
    front.until(lambda: page.search.width() >= 150)


def _view(widget: QWidget) -> QWidget:
    area: QWidget | None = widget
    while not isinstance(area, QScrollArea):
        assert area is not None
        area = area.parentWidget()
    return area.viewport()


def _whole(text: QLabel) -> bool:
    return text.height() >= text.heightForWidth(text.width())


def _is_shown(text: QLabel) -> bool:
    return text.visibleRegion().boundingRect() == text.rect() and (not text.wordWrap() or _whole(text))


def test_a_long_reason_leaves_the_buttons_whole(qtbot: QtBot) -> None:
    office = Office()
    office.took("50200", minutes_ago=3_000, kind=TenderKind.ACH)
    why = "The bank says: the account holder says it was not authorized (R10)."
    office.hear_of_the_bank(AchReturned(why, Reason.SENT_BACK_FORBIDDEN))
    front = Front(qtbot, office)
    front.window.resize(*SMALL)
    front.window.tabs.setCurrentIndex(ATTENTION)
    details = front.find(AttentionPage, "attention").details
    front.until(details.posting.entered_button.isVisible)
    layout = details.layout()
    assert layout is not None
    front.until(lambda: layout.minimumHeightForWidth(details.width()) <= details.height())


def test_the_smallest_window_shows_a_whole_row_and_scrolls_to_a_question(qtbot: QtBot) -> None:
    """F12 asked below the lower edge, so that it seemed to do nothing."""
    front = Front(qtbot, Office().seen())
    front.window.resize(SMALLEST)
    front.look_up_customer("1004", "02139")
    bar, table = front.take.question, front.take.selection.table
    front.until(lambda: table.viewport().rect().contains(table.visualRect(front.model.index(0, 1))))
    front.press(Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    front.until(lambda: len(front.ticked) > 3)
    front.press(Qt.Key.Key_F12)
    front.until(lambda: bar.isVisible() and bar.visibleRegion().boundingRect().height() == bar.height())
    front.press(Qt.Key.Key_F12)
    undo = front.take.undo
    front.until(lambda: undo.isVisible() and undo.visibleRegion().boundingRect().height() == undo.height())


def test_nothing_of_an_unconfirmed_payment_is_cut_on_the_smallest_screen(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second line of what happened was cut."""
    monkeypatch.setattr(payment_dialog, "room_for", lambda _window: QSize(800, 408))
    counter = Counter(qtbot)
    counter.office.processor.lose_next_reply()
    counter.take()
    counter.card()
    counter.charge()
    page = counter.dialog.unknown
    counter.until(page.isVisible)
    assert (counter.dialog.width(), counter.dialog.height()) == (800, 408)
    for text in page.findChildren(QLabel):
        counter.until(partial(_is_shown, text))
