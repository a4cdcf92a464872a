"""Numbers keep their shape, and the caret its place, whatever is typed where."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from paydesk.domain.tender import card_groups
from paydesk.domain.typed.digits import digits_in
from paydesk.ui.pay.card_fields import CardNumber
from paydesk.ui.pay.input_masks import digits_as_typed, expiry_as_typed, grouped
from tests.ui.paying import full


@pytest.mark.parametrize(
    ("text", "caret", "shown", "place"),
    [
        ("41111", 5, "4111 1", 6),
        ("4111 1111 1111 1111", 19, "4111 1111 1111 1111", 19),
        ("4111-1111-1111-1111", 19, "4111 1111 1111 1111", 19),
        ("378282246310005", 15, "3782 822463 10005", 17),
        ("4111 91111", 6, "4111 9111 1", 6),
        ("41119 1111", 5, "4111 9111 1", 6),
        ("card 4111", 9, "4111", 4),
        ("", 0, "", 0),
        ("４１１１１", 5, "4111 1", 6),
        ("٤١١١١١١١١١١١١١١١", 16, "4111 1111 1111 1111", 19),
        ("4111\u20111111\u20111111\u20111111", 19, "4111 1111 1111 1111", 19),
        ("4111111111111111 03/30 737", 26, "4111 1111 1111 1111", 19),
        ("PAN: 4111111111111111 exp 03/30", 31, "4111 1111 1111 1111", 19),
        ("378282246310005 0330 1234", 25, "3782 822463 10005", 17),
    ],
)
def test_card_numbers_are_grouped_and_the_caret_stays(
    qtbot: QtBot, text: str, caret: int, shown: str, place: int
) -> None:
    assert typed(text, caret) == (shown, place)


@given(st.text(alphabet="0123456789 -x", max_size=40), st.data())
def test_no_digit_is_lost_reordered_or_jumped_over(
    qapp: QApplication, text: str, data: st.DataObject
) -> None:
    caret = data.draw(st.integers(0, len(text)))
    shown, place = typed(text, caret)
    assert digits_in(shown) == digits_in(text)[:24]
    assert digits_in(shown[:place]) == digits_in(text[:caret])[:24]


def typed(text: str, caret: int) -> tuple[str, int]:
    """Enter a text behind the caret, then one before it. Returns the number in full, and the caret."""
    number = CardNumber()
    number.enter(text[caret:])
    number.setCursorPosition(0)
    number.enter(text[:caret])
    return full(number), number.cursorPosition()


@given(st.text(alphabet="0123456789", max_size=24))
def test_spacing_loses_no_digit(number: str) -> None:
    assert digits_in(grouped(number, card_groups(number), range(24))) == number


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("0", "0"),
        ("1", "1"),
        ("3", "03/"),
        ("1/", "01/"),
        ("03", "03/"),
        ("03/3", "03/3"),
        ("0330", "03/30"),
        ("3/30", "03/30"),
        ("03/2030", "03/30"),
        ("03/203", "03/203"),
        ("12 / 29", "12/29"),
        ("1/28", "01/28"),
        ("2028-12", "12/28"),
        ("Dec 2028", "12/28"),
        ("exp 12/28", "12/28"),
        ("1228", "12/28"),
        ("12 28", "12/28"),
        ("12-28", "12/28"),
        ("203003", "03/30"),
        ("Mar 30", "03/30"),
        ("１２/３０", "12/30"),
        ("11/20131", "11/20131"),
    ],
)
def test_expiry_takes_every_usual_spelling(text: str, shown: str) -> None:
    assert expiry_as_typed(text, len(text), growing=True) == (shown, len(shown))


def test_the_slash_of_an_expiry_can_be_deleted() -> None:
    assert expiry_as_typed("03", 2, growing=False) == ("03", 2)


def test_plain_digits_are_cut_at_their_length() -> None:
    assert digits_as_typed("12a34567", 8, 4) == ("1234", 4)
