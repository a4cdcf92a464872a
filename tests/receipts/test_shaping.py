"""Cleaning, ordering and breaking text."""

from __future__ import annotations

import unicodedata

import bidi
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paydesk.receipts.bidi import embedding_levels
from paydesk.receipts.fonts import Weight
from paydesk.receipts.layout import Style, wrap
from paydesk.receipts.shaping import clean, set_line, visual_order

STYLE = Style(10, 14, (0, 0, 0))


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("  Sample \t Bakery\r\n", "Sample Bakery"),
        ("Jose\u0301", "José"),
        ("a\u202eb\u2066c\u200ed\ufeffe", "abcde"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("a\x00b\x1b[31m\ud800", "ab[31m"),
        ("wide\u3000and\u00a0hard\u2028end", "wide and hard end"),
        ("soft\u00adhyphen", "softhyphen"),
    ],
)
def test_clean(typed: str, printed: str) -> None:
    assert clean(typed) == printed


@given(st.text())
def test_clean_is_stable_and_holds_nothing_unseen(text: str) -> None:
    once = clean(text)
    assert clean(once) == once
    categories = {unicodedata.category(character) for character in once if character not in " \u200c\u200d"}
    assert not categories & {"Cc", "Cf", "Cs", "Zs", "Zl", "Zp"}


@settings(max_examples=400)
@given(st.text(alphabet="אבגدهو abXY12٣٤()[].,-'", min_size=1, max_size=24).map(str.strip).filter(bool))
def test_right_to_left_order_is_that_of_the_unicode_rules(text: str) -> None:
    levels = embedding_levels(text)
    assert "".join(text[index] for index in visual_order(levels)) == bidi.get_display(text)


def test_joiners_keep_their_letters_together() -> None:
    (run,) = set_line("می\u200cخواهم", Weight.REGULAR).runs
    assert {glyph.text for glyph in run.glyphs} >= set("میخواهم")


@given(st.text(max_size=200), st.floats(20, 300))
def test_wrapped_lines_hold_the_whole_text(text: str, width: float) -> None:
    lines = wrap(text, STYLE, width, most=10_000)
    assert "".join("".join(line.text.split()) for line in lines) == "".join(clean(text).split())


@given(st.text(alphabet="abc é張দ্ক👩‍👧", max_size=200), st.floats(60, 300))
def test_wrapped_lines_fit(text: str, width: float) -> None:
    for line in wrap(text, STYLE, width):
        assert line.width * STYLE.size / 1000 <= width


def test_lines_break_at_spaces_and_never_inside_an_emoji() -> None:
    assert [line.text for line in wrap("Sample Bakery of Springfield", STYLE, 80)] == [
        "Sample Bakery",
        "of Springfield",
    ]
    assert {line.text for line in wrap("👩‍👩‍👧" * 6, STYLE, 30)} == {"👩‍👩‍👧" * 2}


def test_a_text_that_is_too_long_says_so() -> None:
    lines = wrap("word " * 500, STYLE, 100, most=3)
    assert len(lines) == 3
    assert lines[-1].text.endswith("…")


def test_amounts_have_digits_of_one_width() -> None:
    narrow, wide = (set_line(text, Weight.REGULAR, figures=True).width for text in ("1,111.11", "8,888.88"))
    assert narrow == wide
    assert set_line("1,111.11", Weight.REGULAR).width < narrow
