"""A field for numbers behaves like any other, and neither Qt nor a screen reader ever has the number."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from paydesk.domain.tender import TenderKind, card_groups
from paydesk.domain.typed.digits import digits_in
from paydesk.ui.pay.card_fields import CardNumber
from paydesk.ui.pay.input_masks import masked
from paydesk.ui.pay.sealed_entry import Numeral, SealedEntry
from tests.ui.paying import AMEX, VISA, Counter, full

FOURS = (4, 4, 4, 4)


@pytest.mark.parametrize(
    ("number", "at", "shown"),
    [
        ("", 0, ""),
        ("4", 1, "4"),
        ("4111", 4, "4111"),
        ("41112", 5, "•••• 2"),
        ("41112", 4, "4111 •"),
        ("41112222", 8, "•••• 2222"),
        ("41112222333", 11, "•••• •••• 333"),
        ("41112222333", 2, "4111 •••• •••"),
        ("411122223333", 4, "4111 •••• 3333"),
        ("4111222233334444", 16, "•••• •••• •••• 4444"),
        ("4111222233334444", 7, "•••• 2222 •••• 4444"),
        ("4111222233334444", 0, "4111 •••• •••• 4444"),
        ("41112222333344445", 17, "•••• •••• •••• •••• 5"),
        ("41112222333344445", 12, "•••• •••• 3333 •444 5"),
        ("41112222333344445", 16, "•••• •••• •••• 4444 •"),
        ("4111222233334444", None, "•••• •••• •••• 4444"),
        ("41112", None, "••• 12"),
        ("411122223", None, "••••• 2223"),
        ("41112222333344445", None, "••••••••••••• 4445"),
        ("4111", None, "••11"),
        ("4", None, "•"),
    ],
)
def test_the_group_being_typed_and_the_last_four_are_seen(number: str, at: int | None, shown: str) -> None:
    assert masked(number, FOURS, at) == shown


@given(st.text(alphabet="0123456789", min_size=5, max_size=24), st.none() | st.integers(0, 24))
def test_a_whole_number_is_never_seen(number: str, at: int | None) -> None:
    for sizes in (FOURS, (4, 6, 5)):
        shown = masked(number, sizes, None if at is None else min(at, len(number)))
        assert len(shown.replace(" ", "")) == len(number)
        assert len(digits_in(shown)) <= min(max(sizes) + 4, len(number) - 1) or len(number) <= max(sizes)
        assert len(number) <= 24 - 9 or len(digits_in(shown)) <= len(number) // 2 + 1


class Edits:
    """A plain field and a sealed one that get the same keys."""

    def __init__(self) -> None:
        self.plain, self.sealed = QLineEdit(), SealedEntry("sealed", "Number", Numeral(lambda: 24))

    def agree(self) -> bool:
        """Return True if both have the same digits, caret and selection."""
        carets = [(one.cursorPosition(), one.selectionStart(), one.selectionLength()) for one in self.both]
        return "".join(self.sealed.digits) == self.plain.text() and carets[0] == carets[1]

    @property
    def both(self) -> tuple[QLineEdit, QLineEdit]:
        """Both fields."""
        return self.plain, self.sealed


SHIFT, CONTROL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
NONE = Qt.KeyboardModifier.NoModifier
KEYS = [
    *((Qt.Key(Qt.Key.Key_0 + digit), NONE) for digit in range(10)),
    *((key, mod) for key in (Qt.Key.Key_Left, Qt.Key.Key_Right) for mod in (NONE, NONE, SHIFT)),
    *((key, mod) for key in (Qt.Key.Key_Home, Qt.Key.Key_End) for mod in (NONE, SHIFT)),
    *((key, mod) for key in (Qt.Key.Key_Backspace, Qt.Key.Key_Delete) for mod in (NONE, CONTROL)),
    (Qt.Key.Key_A, CONTROL),
]


@given(st.lists(st.sampled_from(KEYS), max_size=23))
def test_every_key_does_what_it_does_in_a_plain_field(
    qapp: QApplication, keys: list[tuple[Qt.Key, Qt.KeyboardModifier]]
) -> None:
    edits = Edits()
    for key, modifier in keys:
        for one in edits.both:
            QTest.keyClick(one, key, modifier)
        assert edits.agree(), (key, modifier)
    edits.sealed.wipe()
    assert (edits.sealed.text(), list(edits.sealed.digits)) == ("", [])


@given(
    st.lists(
        st.tuples(st.integers(0, 12), st.integers(0, 12), st.text(alphabet="0123456789", max_size=5)),
        max_size=5,
    )
)
def test_a_paste_replaces_what_is_selected(qapp: QApplication, pastes: list[tuple[int, int, str]]) -> None:
    edits = Edits()
    for begin, length, text in pastes:
        for one in edits.both:
            one.setSelection(min(begin, len(one.text())), length)
        edits.plain.insert(text)
        edits.sealed.enter(text)
        assert edits.agree()


@pytest.fixture
def counter(qtbot: QtBot) -> Counter:
    return Counter(qtbot)


def heard(entry: QLineEdit) -> str:
    """All that a screen reader or another program can ask for about a field."""
    at = QAccessible.queryAccessibleInterface(entry)
    said = [at.text(kind) for kind in QAccessible.Text if kind != QAccessible.Text.UserText]
    text = at.textInterface()
    if text is not None:
        said.append(text.text(0, text.characterCount()))
    return " ".join([*said, entry.text(), entry.displayText(), entry.selectedText()])


@pytest.mark.parametrize("number", [VISA, AMEX])
def test_no_screen_reader_gets_a_card_number_at_any_key(counter: Counter, number: str) -> None:
    card = counter.take().page.card
    typed = ""
    for digit in number + "0330" + "123":
        counter.type(digit)
        typed += digit
        for entry in (card.number, card.code):
            entry_said = digits_in(heard(entry))
            for length in (7, len(typed)):
                run = number[:length]
                assert len(run) < 7 or run not in entry_said
        assert digits_in(card.code.text()) == ""
    assert card.number.text() == masked(number, card_groups(number), None)
    assert digits_in(heard(card.code)) == ""
    card.number.setFocus()
    for place in range(len(card.number.text()) + 1):
        card.number.setCursorPosition(place)
        assert len(digits_in(card.number.text())) <= 10
    card.number.selectAll()
    assert number not in digits_in(heard(card.number))


def test_no_screen_reader_gets_an_account_number(counter: Counter) -> None:
    bank = counter.take(kind=TenderKind.ACH).page.bank
    counter.account()
    for entry in (bank.account, bank.again):
        assert entry.text() == "••••• 6789"
        assert "123456789" not in digits_in(heard(entry))
        assert "".join(entry.digits) == "123456789"


def test_a_group_is_read_again_by_moving_the_caret_into_it(counter: Counter) -> None:
    number = counter.take().page.card.number
    counter.type("4222333344445556")  # a wrong check digit keeps the focus here
    assert number.text() == "•••• •••• •••• 5556"
    counter.press(Qt.Key.Key_Left, times=6)
    assert number.text() == "•••• •••• 4444 5556"
    counter.press(Qt.Key.Key_Home)
    assert number.text() == "4222 •••• •••• 5556"
    counter.press(Qt.Key.Key_End)
    counter.press(Qt.Key.Key_Tab)
    assert number.text() == "•••• •••• •••• 5556"
    assert full(number) == "4222 3333 4444 5556"


def test_an_input_method_may_commit_several_digits(qtbot: QtBot) -> None:
    number = CardNumber()
    qtbot.addWidget(number)
    for part in ("41", "1", "1 1111 1111", "", "1111"):
        event = QInputMethodEvent("", [])
        event.setCommitString(part)
        QApplication.sendEvent(number, event)
    assert full(number) == "4111 1111 1111 1111"
    assert VISA not in digits_in(number.text())


def set_by_assistance(entry: SealedEntry, text: str) -> None:
    """Set the text as a program for blind people does, behind the field's back."""
    QAccessible.queryAccessibleInterface(entry).setText(QAccessible.Text.Value, text)


def set_by_program(entry: SealedEntry, text: str) -> None:
    """Set the text as a program does."""
    QLineEdit.setText(entry, text)


@pytest.mark.parametrize("put", [set_by_assistance, set_by_program])
def test_a_number_that_a_program_sets_is_taken_and_masked(
    qtbot: QtBot, put: Callable[[SealedEntry, str], None]
) -> None:
    number = CardNumber()
    qtbot.addWidget(number)
    put(number, "4111-1111-1111-1111")
    assert "".join(number.digits) == VISA
    assert number.text() == "•••• •••• •••• 1111"
    put(number, "")
    assert list(number.digits) == []


def test_a_pasted_swipe_is_taken_away_and_said(qtbot: QtBot) -> None:
    number = CardNumber()
    qtbot.addWidget(number)
    said: list[str] = []
    number.card_refused.connect(said.append)
    number.enter("41")
    number.enter("%B4111111111111111^DOE/JANE^30031010000000000?")
    assert (number.text(), list(number.digits), len(said)) == ("", [], 1)
