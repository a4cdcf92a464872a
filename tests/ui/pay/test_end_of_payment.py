"""The end of a payment: no gesture that charges also sends its answer away, however quickly that comes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QEvent, QPoint, QRect, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget
from pytestqt.qtbot import QtBot

from paydesk.domain.tender import TenderKind
from paydesk.ui.pay import gesture_guard
from paydesk.ui.receipt.printing import Job
from tests.ui.paying import VISA, Counter

LEFT = Qt.MouseButton.LeftButton
LONG_MS = 10_000_000
Gesture = Callable[[Counter, QPoint], None]


@pytest.fixture
def counter(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Counter:
    """Return a counter whose buttons stay dead until a test calls ``guard.end``."""
    monkeypatch.setattr(gesture_guard, "DEAD_MS", LONG_MS)
    return Counter(qtbot)


def place_of(widget: QWidget) -> QPoint:
    """Return the middle of a widget on the screen: the pointer does not move when the page changes."""
    return widget.mapToGlobal(widget.rect().center())


def click_at(counter: Counter, place: QPoint, *, double: bool = False) -> None:
    """Click at a place of the screen, whatever is there now."""
    dialog = counter.checkout.dialog
    if dialog is None:
        return
    under = dialog.childAt(dialog.mapFromGlobal(place)) or dialog
    press = QTest.mouseDClick if double else QTest.mouseClick
    press(under, LEFT, pos=under.mapFromGlobal(place))


def hold(counter: Counter, key: Qt.Key, *, told: bool) -> None:
    """Repeat a held key as the window system does. Some do not tell a repetition from a new press."""
    for place in range(30):
        for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            at = counter.focus
            if at is not None:
                event = QKeyEvent(kind, key, Qt.KeyboardModifier.NoModifier, "\r", told and place > 0, 1)
                QApplication.sendEvent(at, event)


def clicks(*kinds: bool) -> Gesture:
    """Return a gesture of several clicks. True is the second half of a double click."""

    def gesture(counter: Counter, place: QPoint) -> None:
        for kind in kinds:
            click_at(counter, place, double=kind)

    return gesture


GESTURES: dict[str, Gesture] = {
    "one Enter": lambda counter, _: counter.press(Qt.Key.Key_Return),
    "three Enters": lambda counter, _: counter.press(Qt.Key.Key_Return, times=3),
    "Enter on the number pad": lambda counter, _: counter.press(Qt.Key.Key_Enter, times=3),
    "Space": lambda counter, _: counter.press(Qt.Key.Key_Space, times=3),
    "a held Enter": lambda counter, _: hold(counter, Qt.Key.Key_Return, told=True),
    "a held Enter, not told": lambda counter, _: hold(counter, Qt.Key.Key_Return, told=False),
    "a held Space, not told": lambda counter, _: hold(counter, Qt.Key.Key_Space, told=False),
    "a click": click_at,
    "two clicks": clicks(False, False),
    "a double tap": clicks(False, True),
    "an impatient hand": clicks(*[False, True] * 6),
}


def ready_to_charge(counter: Counter) -> QPoint:
    """Fill in a card, and put the focus on Charge. Returns the place of the button."""
    counter.take()
    counter.card()
    charge = counter.button("tender.charge")
    charge.setFocus()
    return place_of(charge)


SLOW = ("three Enters", "a held Enter, not told", "a double tap", "an impatient hand")
"""Gestures that are tried with an answer after 5 s, too."""


@pytest.mark.parametrize(
    ("name", "slow"), [(name, slow) for name in GESTURES for slow in (False, *[True] * (name in SLOW))]
)
def test_the_gesture_that_charges_leaves_the_receipt_on_the_screen(
    counter: Counter, name: str, slow: bool
) -> None:
    gesture = GESTURES[name]
    place = ready_to_charge(counter)
    dialog = counter.dialog
    if slow:
        counter.office.processor.gate.clear()
    gesture(counter, place)
    if counter.office.processor.sales == [] and not dialog.page.in_flight:
        pytest.fail("the gesture did not charge")
    for _ in range(5 if slow else 0):  # a clerk who waits, and tries again
        gesture(counter, place)
    counter.office.processor.gate.set()
    counter.until(lambda: dialog.receipt is not None)
    assert dialog.receipt is not None
    counter.printers.choose = lambda _parent, _job, _remembered: None
    dialog.receipt.view.choose_file = lambda _parent, _name: ""
    for _ in range(3):
        gesture(counter, place)
        assert not dialog.receipt.next_button.isEnabled()
    counter.press(Qt.Key.Key_Escape)
    counter.press(Qt.Key.Key_F12)
    assert not dialog.close()
    assert dialog.isVisible()
    assert counter.closed == []
    assert len(counter.office.processor.sales) == 1
    assert dialog.receipt.view.banner.text == "", "and nothing was printed by accident"
    dialog.guard.end()
    assert counter.at == "receipt.next"
    click_at(counter, place)
    assert dialog.isVisible(), "nothing at the place of Charge closes, then or later"
    dialog.receipt.next_button.setFocus()  # the click may have been on Save, once the receipt is drawn
    counter.press(Qt.Key.Key_Return)
    counter.until(lambda: counter.closed == [True])


class Started:
    """A timer that remembers which gesture started it."""

    def __init__(self, name: str, started: list[str]) -> None:
        self._name, self._started = name, started

    def start(self) -> None:
        """Start again."""
        self._started.append(self._name)


def test_each_gesture_starts_the_dead_time_again(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    place = ready_to_charge(counter)
    dialog = counter.dialog
    counter.press(Qt.Key.Key_Return)
    counter.until(lambda: dialog.receipt is not None)
    started: list[str] = []
    for name, gesture in GESTURES.items():
        monkeypatch.setattr(dialog.guard, "_timer", Started(name, started))
        gesture(counter, place)
    assert list(dict.fromkeys(started)) == list(GESTURES)


def test_the_dead_time_is_longer_than_any_double_click() -> None:
    assert gesture_guard.DEAD_MS >= 700 > QApplication.doubleClickInterval()


def test_printing_needs_no_wait(counter: Counter) -> None:
    ready_to_charge(counter)
    dialog = counter.dialog
    counter.press(Qt.Key.Key_Return)
    counter.until(lambda: dialog.receipt is not None and dialog.receipt.view.pages == 1)
    assert dialog.receipt is not None
    asked: list[QWidget] = []

    def cancel(parent: QWidget, _job: Job, _remembered: str) -> None:
        asked.append(parent)

    counter.printers.choose = cancel
    counter.press(Qt.Key.Key_F8)
    assert len(asked) == 1


def test_a_second_click_on_next_customer_does_not_reach_the_window(counter: Counter, qtbot: QtBot) -> None:
    ready_to_charge(counter)
    dialog = counter.dialog
    counter.press(Qt.Key.Key_Return)
    counter.until(lambda: dialog.receipt is not None)
    assert dialog.receipt is not None
    dialog.guard.end()
    QTest.mouseClick(dialog.receipt.next_button, LEFT)
    counter.until(lambda: counter.closed == [True])
    assert counter.checkout.guard.active
    assert counter.checkout.guard.eventFilter(counter.window, QEvent(QEvent.Type.MouseButtonDblClick))
    for other in (QEvent.Type.KeyPress, QEvent.Type.MouseButtonPress):
        assert not counter.checkout.guard.eventFilter(counter.window, QEvent(other)), "work goes on"
    counter.checkout.guard.end()
    assert not counter.checkout.guard.active


def test_a_refusal_is_not_tried_again_by_the_same_enter(counter: Counter) -> None:
    ready_to_charge(counter)
    dialog = counter.dialog
    counter.office.processor.refuse_next_connection()
    counter.press(Qt.Key.Key_Return)
    counter.until(lambda: "Nothing was charged" in dialog.page.banner.text)
    hold(counter, Qt.Key.Key_Return, told=False)
    assert counter.office.processor.sales == []
    assert not dialog.page.in_flight
    dialog.guard.end()
    counter.press(Qt.Key.Key_Return)
    counter.until(lambda: dialog.receipt is not None)


@pytest.mark.parametrize("reason", ["insufficient funds.", "the card has expired.", "no reason given."])
def test_a_declined_card_is_never_called_a_mistake_of_typing(counter: Counter, reason: str) -> None:
    ready_to_charge(counter)
    dialog = counter.dialog
    counter.office.processor.decline_next(f"The bank declined the card: {reason}")
    counter.press(Qt.Key.Key_Return)
    said = f"The bank declined the card: {reason} Nothing was charged. Enter a card, or pay another way."
    counter.until(lambda: dialog.page.banner.text == said)
    assert "orrect" not in dialog.page.banner.text


@pytest.mark.parametrize("by_key", [True, False])
def test_another_card_starts_with_an_empty_number(counter: Counter, by_key: bool) -> None:
    ready_to_charge(counter)
    dialog = counter.dialog
    card = dialog.page.card
    counter.press(Qt.Key.Key_F6)
    assert card.number.text(), "nothing was declined yet"
    counter.office.processor.decline_next("The bank declined the card: insufficient funds.")
    counter.press(Qt.Key.Key_Return)
    counter.until(lambda: "The bank declined the card" in dialog.page.banner.text)
    dialog.guard.end()
    another = counter.button("tender.another")
    assert another.text() == "Use another card  F6"
    if by_key:
        counter.press(Qt.Key.Key_F6)
    else:
        QTest.mouseClick(another, LEFT)
    assert counter.at == "tender.card.number"
    assert (card.number.text(), card.expiry.text(), card.code.text()) == ("", "", "")
    assert (card.zip.text(), card.holder.text()) == ("14414", "Dana Reyes")
    assert dialog.page.banner.text == ""
    assert not another.isVisible()
    counter.card(VISA)
    counter.press(Qt.Key.Key_Return)
    counter.until(lambda: dialog.receipt is not None)


def test_another_account_starts_with_an_empty_routing_number(counter: Counter) -> None:
    counter.office.processor.decline_next("The bank refused the account: insufficient funds.")
    dialog = counter.take(kind=TenderKind.ACH)
    counter.account()
    counter.press(Qt.Key.Key_Space)
    counter.press(Qt.Key.Key_Return)
    counter.type("call-1")
    counter.charge()
    counter.until(lambda: "The bank refused the account" in dialog.page.banner.text)
    dialog.guard.end()
    assert counter.button("tender.another").text() == "Use another account  F6"
    counter.press(Qt.Key.Key_F6)
    assert counter.at == "tender.bank.routing"
    bank = dialog.page.bank
    assert (bank.routing.text(), bank.account.text(), bank.again.text()) == ("", "", "")
    assert bank.holder.text()
    assert not dialog.page.consent.tick.isEnabled()


@pytest.mark.parametrize("kind", [TenderKind.CREDIT_CARD, TenderKind.ACH])
def test_no_button_of_the_receipt_lies_where_charge_was(qtbot: QtBot, kind: TenderKind) -> None:
    counter = Counter(qtbot)
    dialog = counter.take(kind=kind)
    charge = counter.button("tender.charge")
    before = QRect(charge.mapTo(dialog, QPoint()), charge.size())
    if kind is TenderKind.ACH:
        counter.press(Qt.Key.Key_1, Qt.KeyboardModifier.AltModifier)
    counter.card()
    counter.press(Qt.Key.Key_Return)
    counter.until(lambda: dialog.receipt is not None and dialog.receipt.view.pages > 0)
    assert dialog.receipt is not None
    buttons = [one for one in dialog.receipt.findChildren(QAbstractButton) if one.isVisible()]
    assert {"receipt.save", "receipt.print", "receipt.next"} <= {one.objectName() for one in buttons}
    for one in buttons:
        place = QRect(one.mapTo(dialog, QPoint()), one.size())
        assert not place.intersects(before), one.objectName()
