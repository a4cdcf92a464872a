"""Days and times as a person enters them, and as a field shows them."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paydesk.domain.dates import day_and_time, day_and_time_in


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10/31/2026", (2026, 10, 31, 0, 0)),
        ("1/2/26", (2026, 1, 2, 0, 0)),
        ("2026-10-31", (2026, 10, 31, 0, 0)),
        ("2026-10-31T16:51", (2026, 10, 31, 16, 51)),
        ("10/31/2026 4:51 PM", (2026, 10, 31, 16, 51)),
        ("10/31/2026 4:51 p.m.", (2026, 10, 31, 16, 51)),
        ("10/31/2026 12:05 AM", (2026, 10, 31, 0, 5)),
        ("10/31/2026 12:05 pm", (2026, 10, 31, 12, 5)),
        (" 10-31-2026  08:00:59 ", (2026, 10, 31, 8, 0)),
    ],
)
def test_a_day_is_read_as_it_is_entered(text: str, expected: tuple[int, ...]) -> None:
    assert day_and_time_in(text) == datetime(*expected)  # type: ignore[arg-type]  # noqa: DTZ001


@pytest.mark.parametrize(
    "text",
    ["", "today", "31/10/2026", "2/30/2026", "10/31", "10/31/2026 25:00", "10/31/2026 13:00 PM", "0/0/0000",
     "10/31/2026 0:10 AM", "10/31/2026 9:60", "\u0661/2/2026"],
)  # fmt: skip
def test_what_is_no_day_is_not_guessed(text: str) -> None:
    assert day_and_time_in(text) is None


@given(st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 31)))  # noqa: DTZ001
def test_a_field_reads_what_it_shows(at: datetime) -> None:
    assert day_and_time_in(day_and_time(at)) == at.replace(second=0, microsecond=0)
