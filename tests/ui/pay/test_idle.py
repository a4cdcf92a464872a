"""Nobody touches a key: numbers go after two minutes, and the fields lock after fifteen."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from paydesk.domain.tender import TenderKind
from paydesk.ui.pay import words
from paydesk.ui.pay.payment_dialog import PaymentDialog
from tests.ui.paying import VISA, Counter


def times_out(counter: Counter, which: int) -> None:
    """Let the time of a running timer be over now."""
    timer: QTimer = counter.dialog.idle._timers[which]
    assert timer.isActive()
    usual = timer.interval()
    timer.setInterval(0)
    counter.until(lambda: not timer.isActive())
    timer.setInterval(usual)


@pytest.fixture
def counter(qtbot: QtBot) -> Counter:
    return Counter(qtbot)


def blank(counter: Counter) -> None:
    times_out(counter, 0)
    assert not counter.dialog.page.typed


def lock(counter: Counter) -> None:
    times_out(counter, 1)
    assert counter.dialog.page.locked


def test_the_times_are_two_and_fifteen_minutes(counter: Counter) -> None:
    first, last = counter.take().idle._timers
    assert (first.interval(), last.interval()) == (120_000, 900_000)
    assert first.isActive()
    assert last.isActive()


def test_a_card_is_forgotten_and_said(counter: Counter) -> None:
    page = counter.take().page
    counter.card()
    blank(counter)
    assert not any(entry.text() for entry in (page.card.number, page.card.expiry, page.card.code))
    assert page.card.holder.text() == "Dana Reyes"
    assert page.banner.text == f"{words.NUMBER_FORGOTTEN} {words.ENTER_NUMBER_AGAIN}"
    assert counter.at == "tender.card.number"
    counter.press(Qt.Key.Key_Escape)
    counter.until(lambda: counter.closed == [False])


def test_a_bank_account_is_forgotten_with_its_consent(counter: Counter) -> None:
    page = counter.take(kind=TenderKind.ACH).page
    counter.account()
    counter.press(Qt.Key.Key_Space)
    blank(counter)
    assert not any(entry.text() for entry in (page.bank.routing, page.bank.account, page.bank.again))
    assert not page.consent.tick.isChecked()
    assert "6789" not in page.consent.script.text()
    assert counter.at == "tender.bank.routing"


def test_a_card_begun_before_the_bank_account_is_forgotten_too(counter: Counter) -> None:
    page = counter.take().page
    counter.type("4111")
    counter.press(Qt.Key.Key_3, Qt.KeyboardModifier.AltModifier)
    blank(counter)
    assert page.card.number.text() == ""
    assert counter.at == "tender.bank.routing"


def test_an_empty_form_says_nothing(counter: Counter) -> None:
    dialog = counter.take()
    blank(counter)
    assert dialog.page.banner.text == ""


def press_a_key(dialog: PaymentDialog) -> None:
    QTest.keyClick(dialog.page.card.number, Qt.Key.Key_4)


def press_a_modifier(dialog: PaymentDialog) -> None:
    QTest.keyClick(dialog.page.card.number, Qt.Key.Key_Shift)


def click_the_summary(dialog: PaymentDialog) -> None:
    QTest.mouseClick(dialog.summary, Qt.MouseButton.LeftButton, pos=QPoint(5, 5))


def type_into_another_window(_dialog: PaymentDialog) -> None:
    other = QLineEdit()
    QTest.keyClick(other, Qt.Key.Key_A)


@pytest.mark.parametrize(
    "touch", [press_a_key, press_a_modifier, click_the_summary, type_into_another_window]
)
def test_a_key_or_a_click_lets_the_time_run_anew(
    counter: Counter, touch: Callable[[PaymentDialog], None]
) -> None:
    dialog = counter.take()
    for timer in dialog.idle._timers:
        timer.stop()
    touch(dialog)
    assert [timer.isActive() for timer in dialog.idle._timers] == [True, True]


def test_the_mouse_alone_does_not(counter: Counter) -> None:
    dialog = counter.take()
    for timer in dialog.idle._timers:
        timer.stop()
    QTest.mouseMove(dialog.summary, QPoint(5, 5))
    QTest.mouseMove(dialog.summary, QPoint(9, 9))
    assert not any(timer.isActive() for timer in dialog.idle._timers)


def test_a_closed_dialog_watches_no_longer(counter: Counter) -> None:
    dialog = counter.take()
    dialog.done(0)
    QTest.keyClick(counter.window, Qt.Key.Key_A)
    assert not any(timer.isActive() for timer in dialog.idle._timers)


def press_enter(counter: Counter, _line: QWidget) -> None:
    counter.press(Qt.Key.Key_Return)


def click(_counter: Counter, line: QWidget) -> None:
    QTest.mouseClick(line, Qt.MouseButton.LeftButton)


@pytest.mark.parametrize("open_again", [press_enter, click])
@pytest.mark.parametrize("kind", [TenderKind.CREDIT_CARD, TenderKind.ACH])
def test_the_fields_lock_and_one_line_opens_them(
    counter: Counter, kind: TenderKind, open_again: Callable[[Counter, QWidget], None]
) -> None:
    page = counter.take(kind=kind).page
    first = counter.at
    lock(counter)
    assert counter.at == "tender.unlock"
    assert counter.button("tender.unlock").text() == words.LOCKED
    fields = [one for one in page.findChildren(QLineEdit) if one.isVisible()]
    assert fields == []
    open_again(counter, counter.button("tender.unlock"))
    assert not page.locked
    assert counter.at == first
    if kind is TenderKind.CREDIT_CARD:
        counter.card()
        counter.charge()
        counter.until(lambda: counter.dialog.receipt is not None)


def test_nothing_is_charged_or_chosen_while_locked(counter: Counter) -> None:
    page = counter.take().page
    counter.type(VISA)
    lock(counter)
    assert not page.typed
    counter.press(Qt.Key.Key_3, Qt.KeyboardModifier.AltModifier)
    counter.button("tender.charge").click()
    page.lock()
    assert page.locked
    assert page.quote.kind is TenderKind.CREDIT_CARD
    assert not counter.office.processor.sales


def test_escape_leaves_locked_fields(counter: Counter) -> None:
    counter.take()
    lock(counter)
    counter.press(Qt.Key.Key_Escape)
    counter.until(lambda: counter.closed == [False])


def test_a_running_charge_is_not_disturbed(counter: Counter) -> None:
    counter.office.processor.gate.clear()
    dialog = counter.take()
    counter.card()
    counter.charge()
    blank(counter)
    times_out(counter, 1)
    assert not dialog.page.locked
    assert dialog.page.banner.text == ""
    counter.office.processor.gate.set()
    counter.until(lambda: dialog.receipt is not None)
    assert len(counter.office.processor.sales) == 1


def test_a_refusal_after_the_number_is_forgotten_asks_for_it(counter: Counter) -> None:
    counter.office.processor.refuse_next_connection()
    counter.office.processor.gate.clear()
    dialog = counter.take()
    counter.card()
    counter.charge()
    blank(counter)
    counter.office.processor.gate.set()
    counter.until(lambda: not dialog.page.in_flight)
    assert words.TRY_AGAIN_FROM_START in dialog.page.banner.text
    assert counter.at == "tender.card.number"


def test_an_unclear_payment_is_not_locked_away(counter: Counter) -> None:
    counter.office.processor.lose_next_request()
    dialog = counter.take()
    counter.card()
    counter.charge()
    counter.until(dialog.unknown.isVisible)
    times_out(counter, 1)
    assert not dialog.page.locked
    assert dialog.unknown.isVisible()
