"""Digits of any script are read as 0 to 9, and what nobody sees is left out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paydesk.domain.typed.digits import digits_in, just_digits, plain_digits


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("4111", "4111"),
        ("４１１１", "4111"),
        ("٤١١١", "4111"),
        ("۴۱۱۱", "4111"),
        ("४१११", "4111"),
        ("๔๑๑๑", "4111"),
        ("④①①①", "4111"),
        ("⁴¹¹¹", "4111"),
        ("𝟒𝟏𝟏𝟏", "4111"),
        ("4️⃣1️⃣1️⃣1️⃣", "4111"),
        ("4\u200b1\u200c1\u200d1", "4111"),
        ("41\u00ad11", "4111"),
        ("\u202a4111\u202c", "4111"),
        ("\ufeff4111", "4111"),
        ("Übung 4–1", "Übung 4–1"),
    ],
)
def test_digits_of_any_script(text: str, plain: str) -> None:
    assert plain_digits(text) == plain


@given(st.text())
def test_plain_digits_stay_as_they_are(text: str) -> None:
    assert plain_digits(plain_digits(text)) == plain_digits(text)
    assert digits_in(text).isascii()
    assert digits_in(text) == digits_in(plain_digits(text))


@pytest.mark.parametrize(
    ("text", "digits"),
    [("4111 1111", "41111111"), ("４１-11\n", "4111"), ("card 4111", ""), ("", ""), ("4111é", "")],
)
def test_just_digits_and_separators(text: str, digits: str) -> None:
    assert just_digits(text) == digits
