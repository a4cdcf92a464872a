"""The check after the fact sees more than the guard of the window, and ordinary texts leave it quiet."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn

from paydesk.domain.typed.card_numbers import holds_card_data
from paydesk.store.verify.card_shapes import looks_like_card, texts_in
from tests.domain.typed.test_card_numbers import AS_WRITTEN, NEIGHBORS, ORDINARY, WITH_CODES

ONLY_HERE = ["12284111111111111111", "28124111111111111111", "1228378282246310005"]
"""An expiry glued to the front of a number. So long a piece may be anything, and the guard lets it be."""


@pytest.mark.parametrize("text", AS_WRITTEN + NEIGHBORS + WITH_CODES + ONLY_HERE)
def test_every_spelling_is_seen(text: str) -> None:
    assert looks_like_card(text)


@pytest.mark.parametrize("text", ONLY_HERE)
def test_some_spellings_are_seen_only_here(text: str) -> None:
    assert not holds_card_data(text)


@pytest.mark.parametrize(
    "text",
    [
        *ORDINARY,
        "2026-08-14T22:30:15.123456+00:00",
        "10/14/2026 - 10/14/2027",
        "Invoices 50123, 50124 and 50140",
        "34012, 34013, 34014",
        "d41d8cd98f00b204e9800998ecf8427e",
        "PD7K2M9QX4T8W3Z6R5N1-1",
    ],
)
def test_ordinary_texts_leave_it_quiet(text: str) -> None:
    assert not looks_like_card(text)


_SEPARATORS = st.text(st.characters(exclude_categories=["L", "N", "Cs"]), min_size=0, max_size=3)
_PREFIXES = st.sampled_from(["4", "51", "55", "2221", "2720", "6011", "644", "65", "3528", "3589", "62"])


@given(_PREFIXES, st.integers(0, 10**15 - 1), st.lists(_SEPARATORS, min_size=3, max_size=3))
def test_what_the_guard_sees_is_seen_here(prefix: str, rest: int, separators: list[str]) -> None:
    body = (prefix + f"{rest:015d}")[:15]
    number = body + luhn.calc_check_digit(body)
    groups = [number[at : at + 4] for at in (0, 4, 8, 12)]
    text = "".join(a + b for a, b in zip(groups, [*separators, ""], strict=True))
    assert holds_card_data(text) <= looks_like_card(text)


@given(
    _PREFIXES,
    st.integers(0, 10**15 - 1),
    st.sets(st.integers(1, 15), max_size=15),
    st.sampled_from([" ", "-", ".", "/", "_", ", ", " - ", "\n", "\u00a0", ":", "*"]),
    st.sampled_from(["", "card ", "50123 ", "Invoice 50123 ", "(617) 555-0142 "]),
)
def test_what_the_guard_sees_in_odd_pieces_is_seen_here(
    prefix: str, rest: int, cuts: set[int], separator: str, before: str
) -> None:
    """Its own patterns of dates and moments hid 131 of 44,723 such numbers."""
    body = (prefix + f"{rest:015d}")[:15]
    number = body + luhn.calc_check_digit(body)
    pieces = [number[a:b] for a, b in pairwise([0, *sorted(cuts), 16])]
    text = before + separator.join(pieces) + " 12/28"
    assert holds_card_data(text) <= looks_like_card(text)


@given(st.text())
def test_any_text_is_judged(text: str) -> None:
    looks_like_card(text)


@pytest.mark.parametrize("text", [*AS_WRITTEN[:12], *NEIGHBORS[:8]])
def test_documents_are_read_to_their_last_leaf(text: str) -> None:
    inner = json.dumps({"lines": [{"description": text}]})
    for document in (inner, json.dumps({"body": inner}), json.dumps([[text]]), json.dumps({text: 1})):
        assert any(looks_like_card(said) for _, said in texts_in(document))


def test_a_leaf_has_its_name_and_a_broken_document_is_one_text() -> None:
    assert list(texts_in('{"a": {"b": "c"}, "n": null, "t": true}')) == [
        ("", "a"),
        ("", "b"),
        ("b", "c"),
        ("", "n"),
        ("", "t"),
        ("t", "True"),
    ]
    assert list(texts_in('{"a": ')) == [("", '{"a": ')]
    assert list(texts_in("plain")) == [("", "plain")]
    assert list(texts_in("[" * 100_000)) == [("", "[" * 100_000)]


def test_no_moment_of_a_year_looks_like_a_card() -> None:
    made, begin = random.Random(7), datetime(2026, 1, 1, tzinfo=UTC)
    moments = (begin + timedelta(seconds=made.random() * 366 * 86_400) for _ in range(20_000))
    assert not any(looks_like_card(moment.isoformat()) for moment in moments)
