"""Sealed digits: read one by one, found in no buffer, and gone when wiped."""

import copy
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paydesk.domain.typed.sealed import CAPACITY, Sealed

DIGITS = st.text(alphabet="0123456789", max_size=CAPACITY)
VISA = "4111111111111111"


@given(DIGITS, st.integers(-40, 40), st.integers(-40, 40))
def test_they_are_read_like_a_text(text: str, begin: int, end: int) -> None:
    sealed = Sealed(text)
    assert "".join(sealed) == text
    assert len(sealed) == len(text)
    assert sealed[begin:end] == list(text[begin:end])
    assert sealed == text
    assert list(reversed(sealed)) == list(reversed(text))
    if -len(text) <= begin < len(text):
        assert sealed[begin] == text[begin]
    else:
        with pytest.raises(IndexError):
            sealed[begin]


@given(DIGITS, DIGITS)
def test_they_are_equal_only_to_the_same_digits(one: str, other: str) -> None:
    assert (Sealed(one) == Sealed(other)) is (one == other)
    assert (Sealed(one) == other) is (one == other)
    assert Sealed(one) != 1


@given(st.text(alphabet="0123456789", min_size=4, max_size=CAPACITY))
def test_no_buffer_has_them(text: str) -> None:
    sealed = Sealed(text)
    values = bytes(map(int, text))
    for buffer in (sealed._hidden, sealed._pad):
        assert text.encode() not in buffer
        assert values not in buffer or values.strip(b"\0") == b""


def test_two_of_the_same_number_look_different() -> None:
    one, other = Sealed(VISA), Sealed(VISA)
    assert one._hidden != other._hidden
    assert one.copy()._hidden != one._hidden
    assert one.copy() == one


@pytest.mark.parametrize("text", [VISA, "0" * CAPACITY, ""])
def test_wiping_leaves_nothing_to_put_together(text: str) -> None:
    sealed = Sealed(text)
    hidden, pad, before = sealed._hidden, sealed._pad, bytes(sealed._hidden)
    copied = sealed.copy()
    sealed.wipe()
    assert (len(sealed), list(sealed)) == (0, [])
    assert (sealed._hidden is hidden, sealed._pad is pad) == (True, True), "overwritten, not replaced"
    assert hidden == pad
    assert bytes(hidden) != before
    assert "".join(copied) == text


def test_they_can_be_put_together_from_themselves() -> None:
    sealed = Sealed(VISA)
    sealed.put([*sealed[:4], "9", *sealed[4:]])
    assert "".join(sealed) == "41119" + VISA[4:]


@pytest.mark.parametrize("text", ["4111a", "٤", "4 1", "/", ":", "1" * (CAPACITY + 1)])
def test_anything_else_is_refused_without_naming_it(text: str) -> None:
    sealed = Sealed(VISA)
    with pytest.raises(ValueError, match="not so many digits"):
        sealed.put(text)
    assert sealed == VISA


def test_they_are_neither_printed_nor_stored_nor_hashed() -> None:
    sealed = Sealed(VISA)
    assert repr(sealed) == str(sealed) == f"{sealed}" == "Sealed(****)"
    for leave in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="must not leave memory"):
            leave(sealed)
    with pytest.raises(TypeError):
        hash(sealed)
