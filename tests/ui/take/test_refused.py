"""A key or a click that does nothing says why, in one place, until the next key or click."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from paydesk.domain.money import ZERO
from paydesk.domain.payment import State
from paydesk.domain.posting import Posted
from paydesk.ui.kit import notices
from tests.fakes.office import Office
from tests.ui.front import Front

OVER = "ACH is limited to $15,000.00 per payment; this is $3,640.00 over. Use a card, or pay part of it (F7)."
CTRL = Qt.KeyboardModifier.ControlModifier


def _click(front: Front, name: str) -> None:
    """Click where the widget is, as the window gets it: a disabled widget hears nothing itself."""
    widget = front.find(QWidget, name)
    window = front.window.windowHandle()
    QTest.mouseClick(
        window, Qt.MouseButton.LeftButton, pos=widget.mapTo(front.window, widget.rect().center())
    )


def _over_the_limit(qtbot: QtBot) -> Front:
    front = Front(qtbot)
    front.look_up_customer("1002", "14534")
    front.until(lambda: len(front.shown) == 2)
    front.press(Qt.Key.Key_A, CTRL)
    front.until(lambda: len(front.ticked) == 2)
    return front


def test_a_method_above_its_limit_says_so_to_its_key(qtbot: QtBot) -> None:
    """Key 3 did nothing and said nothing."""
    front = _over_the_limit(qtbot)
    assert front.at == "selection.table"
    front.press(Qt.Key.Key_3)
    front.until(lambda: front.take.notice.text == OVER)
    qtbot.wait(30)  # nobody is faster
    assert front.take.basket_panel.chosen is None
    front.press(Qt.Key.Key_1)
    front.until(lambda: front.take.basket_panel.chosen is not None)
    assert front.take.notice.text == "", "it goes away at the next key"


def test_a_method_above_its_limit_says_so_to_a_click(qtbot: QtBot) -> None:
    front = _over_the_limit(qtbot)
    _click(front, "basket.tender.ach")
    front.until(lambda: front.take.notice.text == OVER)
    _click(front, "basket.tender.ach")
    qtbot.wait(30)
    assert front.take.notice.text == OVER, "and says so again"
    assert front.at == "selection.table", "where F7 pays a part, and 1 chooses a card"
    _click(front, "basket.tender.credit_card")
    front.until(lambda: front.take.notice.text == "")


def test_the_key_works_wherever_nothing_is_typed(qtbot: QtBot) -> None:
    front = _over_the_limit(qtbot)
    front.take.basket_panel.charge.setFocus()
    front.press(Qt.Key.Key_3)
    assert front.take.notice.text == OVER


@pytest.mark.parametrize("key", [Qt.Key.Key_4, Qt.Key.Key_0])
def test_a_digit_that_is_no_method_says_so(qtbot: QtBot, key: Qt.Key) -> None:
    front = _over_the_limit(qtbot)
    front.press(key)
    front.until(lambda: front.take.notice.text.startswith("There is no payment method"))


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("50305", "Invoice 50305 is a credit of $50.00. It can't be paid. Apply it in AMS360."),
        ("50306", "Invoice 50306 can't be selected. Nothing owed."),
    ],
)
@pytest.mark.parametrize("key", [Qt.Key.Key_Space, Qt.Key.Key_F7])
def test_what_cannot_be_selected_says_why(qtbot: QtBot, number: str, said: str, key: Qt.Key) -> None:
    front = Front(qtbot)
    front.look_up(number)
    front.until(lambda: front.shown == [number])
    front.take.selection.table.setFocus()
    front.press(key)
    assert front.take.notice.text == said


@pytest.mark.parametrize(
    ("state", "words", "then"),
    [
        (
            State.AUTHORIZED,
            "can't be selected. Paid today",
            "To open the payment, search for its number (F5).",
        ),
        (State.UNKNOWN, "not confirmed yet", "See Needs attention."),
    ],
)
def test_what_is_paid_or_being_paid_says_by_whom(qtbot: QtBot, state: State, words: str, then: str) -> None:
    office = Office()
    office.took("50304", state=state)
    front = Front(qtbot, office)
    front.look_up("50304")
    front.until(lambda: front.shown == ["50304"])
    front.take.selection.table.setFocus()
    front.press(Qt.Key.Key_Space)
    assert words in front.take.notice.text
    assert front.take.notice.text.endswith(then)


def test_an_invoice_whose_voided_payment_was_marked_reversed_is_not_simply_not_owed(qtbot: QtBot) -> None:
    """AMS360 still says 0.00: somebody marked the receipt as reversed, and it was not."""
    office = Office()
    office.sent(office.took("50304"), Posted())
    office.desk.voids.void(1, "Wrong invoice")
    office.desk.post.mark_taken_back(1)
    front = Front(qtbot, office)
    front.look_up("50304")
    why = "The payment of invoice 50304 was voided, but AMS360 shows nothing owed."
    check = "Check its receipts in AMS360, then look it up again."
    front.until(lambda: front.take.notice.text == f"{why} {check}")
    assert front.cell("50304", "status") == "Voided, but AMS360 shows nothing owed"
    front.take.selection.table.setFocus()
    front.press(Qt.Key.Key_Space)
    assert front.take.notice.text.endswith(f"Voided, but AMS360 shows nothing owed. {check}")
    front.press(Qt.Key.Key_F5)
    front.keys("50304")
    page = front.take.finder.page
    front.until(lambda: len(page.model.rows) == 1)
    said = page.model.index(0, page.model.column("status")).data()
    assert said == "Voided, but AMS360 shows nothing owed"


def test_of_two_payments_that_went_back_the_later_one_is_told_and_a_live_one_comes_before_both() -> None:
    office = Office()
    for _ in range(2):
        payment = office.took("50304")
        office.sent(payment, Posted())
        office.desk.voids.void(payment.id, "Wrong invoice")
        office.desk.post.mark_taken_back(payment.id)
        office.sink.fall("50304", -payment.draft.quote.subtotal)
    shown = office.source.invoices["50304"]
    [status] = office.ledger.statuses([replace(shown, balance=ZERO)]).values()
    assert (status.reversed, status.receipt_number) == (True, "R-000002")
    assert not office.ledger.statuses([shown]), "it is owed again"
    live = office.took("50304")
    office.sent(live, Posted())
    [status] = office.ledger.statuses([replace(shown, balance=ZERO)]).values()
    assert (status.reversed, status.receipt_number) == (False, "R-000003")


def test_a_click_on_the_box_of_a_paid_invoice_says_why_and_a_double_click_too(qtbot: QtBot) -> None:
    front = Front(qtbot)
    front.look_up("50306")
    front.until(lambda: front.shown == ["50306"])
    table = front.take.selection.table
    box = table.visualRect(front.model.index(0, 0)).center()
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=box)
    assert front.take.notice.text == "Invoice 50306 can't be selected. Nothing owed."
    qtbot.wait(30)
    front.press(Qt.Key.Key_Up)
    assert front.take.notice.text == ""
    table.doubleClicked.emit(front.model.index(0, 1))
    assert front.take.notice.text == "Invoice 50306 can't be selected. Nothing owed."


@pytest.mark.parametrize(
    ("key", "modifier", "said"),
    [
        (Qt.Key.Key_F9, Qt.KeyboardModifier.NoModifier, "Nothing is selected yet."),
        (Qt.Key.Key_F6, Qt.KeyboardModifier.NoModifier, "Nothing is selected yet."),
        (Qt.Key.Key_O, CTRL, "Nothing is selected yet."),
    ],
)
def test_keys_before_any_lookup_say_what_is_missing(
    qtbot: QtBot, key: Qt.Key, modifier: Qt.KeyboardModifier, said: str
) -> None:
    front = Front(qtbot)
    front.press(key, modifier)
    assert front.take.notice.text.startswith(said)


def test_a_click_on_the_disabled_charge_says_what_is_missing(qtbot: QtBot) -> None:
    front = Front(qtbot)
    _click(front, "basket.charge")
    front.until(lambda: front.take.notice.text.startswith("Nothing is selected yet."))


def test_f6_with_nothing_to_add_says_so(qtbot: QtBot) -> None:
    front = Front(qtbot)
    front.look_up("50304")
    front.press(Qt.Key.Key_F6)
    assert front.take.notice.text == "This customer has no other open invoice to add."
    front.press(Qt.Key.Key_F4)
    front.press(Qt.Key.Key_F6)
    assert front.take.notice.text.startswith("The reference isn't an open invoice.")


def test_the_keys_of_hidden_buttons_act_or_say_why(qtbot: QtBot) -> None:
    front = Front(qtbot)
    front.look_up("50304")
    front.take.selection.table.setFocus()
    front.press(Qt.Key.Key_A, CTRL)
    assert front.take.notice.text.startswith("Only one invoice can be selected here.")
    front.press(Qt.Key.Key_O, CTRL)
    assert front.take.notice.text == "No invoice here is overdue."
    front.look_up("50303")
    front.take.selection.table.setFocus()
    front.press(Qt.Key.Key_Space)
    assert front.ticked == []
    front.press(Qt.Key.Key_O, CTRL)
    assert front.ticked == ["50303"], "all are overdue: the button is hidden, its key works"


def test_a_refusal_is_announced_and_a_lasting_notice_stays(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(
        QAccessible, "updateAccessibility", lambda event: said.append(event.object().accessibleName())
    )
    bar = notices.NoticeBar("bar")
    qtbot.addWidget(bar)
    bar.refuse("No.", "Try F2.")
    assert said == ["No. Try F2."]
    QApplication.processEvents()
    bar.say("It is done.", kind="good")
    QTest.keyClick(bar, Qt.Key.Key_F2)
    QTest.mouseClick(bar, Qt.MouseButton.LeftButton, pos=QPoint(1, 1))
    QApplication.processEvents()
    assert bar.text == "It is done."
    bar.refuse("No.")
    QApplication.processEvents()
    QTest.mousePress(bar, Qt.MouseButton.LeftButton, pos=QPoint(1, 1))
    assert bar.text == "No.", "nothing moves under the pointer"
    QTest.mouseRelease(bar, Qt.MouseButton.LeftButton, pos=QPoint(1, 1))
    qtbot.waitUntil(lambda: bar.text == "")
