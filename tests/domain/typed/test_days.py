"""The days that a search text names."""

from __future__ import annotations

from datetime import date

import pytest

from paydesk.domain.typed.days import Days, days_in

TODAY = date(2026, 11, 29)


@pytest.mark.parametrize(
    ("text", "first", "last", "rest"),
    [
        ("11/28/2026", "2026-11-28", "2026-11-28", ""),
        ("11/28/26", "2026-11-28", "2026-11-28", ""),
        ("11-28-2026", "2026-11-28", "2026-11-28", ""),
        ("1/2/2026 bakery", "2026-01-02", "2026-01-02", "bakery"),
        ("2026-11-28", "2026-11-28", "2026-11-28", ""),
        ("today", "2026-11-29", "2026-11-29", ""),
        ("Today visa", "2026-11-29", "2026-11-29", "visa"),
        ("YESTERDAY", "2026-11-28", "2026-11-28", ""),
        ("Nov 28", "2026-11-28", "2026-11-28", ""),
        ("nov 28 reyes", "2026-11-28", "2026-11-28", "reyes"),
        ("Nov. 28th", "2026-11-28", "2026-11-28", ""),
        ("November 28, 2025", "2025-11-28", "2025-11-28", ""),
        ("28 Nov 2025", "2025-11-28", "2025-11-28", ""),
        ("Dec 1", "2025-12-01", "2025-12-01", ""),
        ("12/1", "2025-12-01", "2025-12-01", ""),
        ("11/29", "2026-11-29", "2026-11-29", ""),
        ("Feb 29", "2024-02-29", "2024-02-29", ""),
        ("Nov 2026", "2026-11-01", "2026-11-30", ""),
        ("11/2026 declined", "2026-11-01", "2026-11-30", "declined"),
        ("February 2024", "2024-02-01", "2024-02-29", ""),
        ("Sept 3", "2026-09-03", "2026-09-03", ""),
        ("May 5 smith", "2026-05-05", "2026-05-05", "smith"),
    ],
)
def test_days_are_found_in_a_text(text: str, first: str, last: str, rest: str) -> None:
    days, left = days_in(text, TODAY)
    assert days == Days(date.fromisoformat(first), date.fromisoformat(last))
    assert left.split() == rest.split()


@pytest.mark.parametrize(
    "text",
    [
        "", "50123", "1,449.00", "May", "June Smith", "R-000017", "13/40/2026", "2/30/2026", "617-555-0142",
        "HO-77-1234", "todays", "4/5/6/7", "A-11/28", "11/28/20261", "02108-1234", "$11/28x", "Augustine 5",
        "Marlow 12", "2026", "13/2026",
    ],
)  # fmt: skip
def test_what_names_no_day_stays_as_it_is(text: str) -> None:
    assert days_in(text, TODAY) == (None, text)
