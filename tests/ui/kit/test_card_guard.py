"""A card number or a swipe in the wrong field leaves nothing behind, and says what to do."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from paydesk.ui.kit.card_guard import SWIPE_MS, is_swipe
from paydesk.ui.kit.line_edits import Entry, SecretEntry
from paydesk.ui.kit.words import CARD_NUMBER_REMOVED, CARD_SWIPED, CARD_SWIPED_HERE

TRACK_1 = "%B4111111111111111^DOE/JANE^30031010000000000?"
TRACK_2 = ";4111111111111111=30031010000000000?"
AMEX = "%B378282246310005^DOE/JANE A^3003101000000000000000000?"


class Two:
    """A window with two fields, where Enter moves from the first to the second."""

    def __init__(self, qtbot: QtBot, first: Entry | None = None) -> None:
        self.qtbot, self.said, self.entered = qtbot, [], 0
        self.first, self.second = first or Entry("first", "First"), Entry("second", "Second")
        for entry in (self.first, self.second):
            entry.card_refused.connect(self.said.append)
        self.first.returnPressed.connect(self._enter)
        self.window = QWidget()
        column = QVBoxLayout(self.window)
        column.addWidget(self.first)
        column.addWidget(self.second)
        qtbot.addWidget(self.window)
        self.window.show()
        self.window.activateWindow()
        self.first.setFocus()
        qtbot.waitUntil(self.first.hasFocus)

    said: list[str]

    def _enter(self) -> None:
        self.entered += 1
        self.second.setFocus()

    def type(self, text: str) -> None:
        """Type like a card reader: one key after the other, wherever the focus is."""
        for sign in text:
            focus = self.window.focusWidget()
            if sign == "\r":
                QTest.keyClick(focus, Qt.Key.Key_Return)
            else:
                QTest.keyClicks(focus, sign)

    @property
    def left(self) -> str:
        return self.first.text() + self.second.text()


@pytest.mark.parametrize(
    "swiped",
    [
        TRACK_1 + "\r",
        TRACK_2 + "\r",
        TRACK_1 + TRACK_2 + "\r",
        TRACK_1 + "\r" + TRACK_2 + "\r",
        TRACK_1 + "\r" + TRACK_2 + "\r" + "+E?\r",
        AMEX + "\r;378282246310005=3003101000000000000?\r",
        "%B6011111111111117^ROE/RICHARD^28121010000000000?\r",
        "4111111111111111=30031010000000000?\r",
        "4111111111111111^DOE/JANE^30031010000000000\r",
        ";4222222222222=3003101?\r",
        "%b4111111111111111^doe/jane^30031010000000000?\r",
    ],
)
def test_a_swipe_leaves_nothing_behind(qtbot: QtBot, swiped: str) -> None:
    two = Two(qtbot)
    two.type(swiped)
    assert two.left == ""
    assert two.entered == 0
    assert two.said
    assert set(two.said) <= {CARD_SWIPED, CARD_NUMBER_REMOVED}
    if swiped[0] in "%;":
        assert two.said[0] == CARD_SWIPED


def test_a_short_field_keeps_no_piece_of_a_swipe(qtbot: QtBot) -> None:
    two = Two(qtbot)
    two.first.setMaxLength(10)
    two.type(TRACK_1 + "\r" + TRACK_2 + "\r")
    assert two.left == ""
    assert two.said[0] == CARD_SWIPED


def test_a_person_types_on_after_a_swipe(qtbot: QtBot) -> None:
    two = Two(qtbot)
    two.type(TRACK_1 + "\r")
    qtbot.wait(SWIPE_MS + 100)
    two.type("Dana\r")
    assert two.left == "Dana"
    assert two.entered == 1


def test_function_keys_and_escape_still_work(qtbot: QtBot) -> None:
    two = Two(qtbot)
    pressed: list[int] = []
    two.window.keyPressEvent = lambda event: pressed.append(event.key())  # type: ignore[method-assign]
    two.type(TRACK_1)
    QTest.keyClick(two.first, Qt.Key.Key_F9)
    QTest.keyClick(two.first, Qt.Key.Key_Escape)
    QTest.keyClick(two.first, Qt.Key.Key_Return)
    assert pressed == [Qt.Key.Key_F9, Qt.Key.Key_Escape]


@pytest.mark.parametrize("pasted", [TRACK_1, f"{TRACK_1}\n{TRACK_2}", "card: 4111 1111 1111 1111 12/28 737"])
def test_what_is_pasted_is_taken_out_whole(qtbot: QtBot, pasted: str) -> None:
    two = Two(qtbot)
    QGuiApplication.clipboard().setText(pasted)
    QTest.keyClick(two.first, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert two.left == ""
    assert two.said == [CARD_SWIPED if is_swipe(pasted) else CARD_NUMBER_REMOVED]


@pytest.mark.parametrize("text", ["5% off; 10 left", "a = b", "50123; 50124", "100%", "Policy HO-204417 ^"])
def test_other_texts_are_let_be(qtbot: QtBot, text: str) -> None:
    two = Two(qtbot)
    two.type(text)
    assert two.first.text() == text
    assert two.said == []


def test_a_number_suggested_by_the_program_is_not_told_as_typed(qtbot: QtBot) -> None:
    two = Two(qtbot)
    two.first.put("Sample Bakery")
    assert (two.left, two.said) == ("Sample Bakery", [])


@pytest.mark.parametrize("swiped", [f"{TRACK_1}\r{TRACK_2}\r", f"{TRACK_2}\r", "4111111111111111=3003?\r"])
def test_a_field_for_digits_keeps_nothing_of_a_swipe_either(qtbot: QtBot, swiped: str) -> None:
    digits = SecretEntry("secret", "Digits", lambda text, _caret, _grew: (text, len(text)))
    two = Two(qtbot, digits)
    two.type("12")
    two.type(swiped)
    assert two.left == ""
    assert two.entered == 0
    assert two.said[0] == CARD_SWIPED_HERE


def test_every_field_of_the_window_has_a_guard(qtbot: QtBot) -> None:
    """Fields are ``Entry``: no page makes one of Qt's own."""
    from pathlib import Path

    import paydesk.ui

    ui = Path(str(paydesk.ui.__file__)).parent
    bare = [
        path.name
        for path in ui.rglob("*.py")
        for made in ("QLineEdit(", "QTextEdit(", "QPlainTextEdit(", "QInputDialog")
        if made in path.read_text("utf-8").replace("class Entry(QLineEdit)", "")
    ]
    assert bare == []
    assert issubclass(Entry, QLineEdit)
