"""Anchors as printed, and as entered again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paydesk.domain.typed.anchors import read_anchor, short_form

HASH = "3f2a9c0177be4d10a1b2" + "0" * 44


def test_the_short_form_has_five_groups() -> None:
    assert short_form(HASH) == "3f2a 9c01 77be 4d10 a1b2"


@given(st.from_regex(r"[0-9a-f]{64}", fullmatch=True))
def test_what_is_printed_is_read_again(head: str) -> None:
    assert read_anchor(short_form(head)) == head[:20]
    assert read_anchor(head) == head


@pytest.mark.parametrize(
    "text",
    [
        "3f2a 9c01 77be 4d10 a1b2",
        "3F2A9C0177BE4D10A1B2",
        " 3f2a-9c01-77be-4d10-a1b2\n",
        "3f2a\u00a09c01\t77be 4d10  a1b2",
    ],
)
def test_spelling_does_not_matter(text: str) -> None:
    assert read_anchor(text) == "3f2a9c0177be4d10a1b2"


@pytest.mark.parametrize(
    "text", ["", "3f2a 9c01 77b", "R-000123", HASH + "0", "3f2a 9c01 77bx", "%" * 12, "３" * 12]
)
def test_anything_else_is_no_anchor(text: str) -> None:
    assert read_anchor(text) == ""
