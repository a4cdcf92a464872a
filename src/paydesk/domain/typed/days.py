"""Find the days that a search text names: ``11/28/2026``, ``today``, ``Nov 28``, ``Nov 2026``."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from paydesk.domain.dates import MONTHS

_BEGIN, _END = r"(?<![\w/.-])", r"(?![\w/]|[.-]\d)"
_NAME = "(?P<name>" + "|".join(sorted(f"{month}|{month[:3]}" for month in MONTHS)) + r"|Sept)\.?"
_DAY = r"(?P<day>[0-3]?[0-9])(?:st|nd|rd|th)?"
_YEAR = r"(?P<year>(?:19|20)[0-9]{2})"


@dataclass(frozen=True, slots=True)
class Days:
    """The days from ``first`` to ``last``, both included."""

    first: date
    last: date


def days_in(text: str, today: date) -> tuple[Days | None, str]:
    """Return the days that the text names, and the rest of the text.

    A day without a year is the last such day, counted from ``today``. What is no day of the calendar stays
    in the text, and so does a second date.
    """
    for form, read in _FORMS:
        found = form.search(text)
        days = read(found, today) if found else None
        if found and days is not None:
            return days, f"{text[: found.start()]} {text[found.end() :]}"
    return None, text


def _near(match: re.Match[str], today: date) -> Days:
    named = today if match["near"].lower() == "today" else today - timedelta(days=1)
    return Days(named, named)


def _day(match: re.Match[str], today: date) -> Days | None:
    said = match.groupdict()
    month, year = _month(said), said.get("year")
    if year is not None:
        on = _date(int(year) if len(year) == 4 else 2000 + int(year), month, int(said["day"]))
    else:
        years = range(today.year, today.year - 8, -1)  # eight: February 29 is in one of them
        dates = (_date(one, month, int(said["day"])) for one in years)
        on = next((one for one in dates if one is not None and one <= today), None)
    return None if on is None else Days(on, on)


def _whole_month(match: re.Match[str], _today: date) -> Days | None:
    said = match.groupdict()
    first = _date(int(said["year"]), _month(said), 1)
    if first is None:
        return None
    return Days(first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1))


def _month(said: dict[str, str | None]) -> int:
    name = said.get("name")
    if name is None:
        return int(said["month"] or 0)
    return next(place for place, month in enumerate(MONTHS, start=1) if month[:3].lower() == name[:3].lower())


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _form(pattern: str) -> re.Pattern[str]:
    return re.compile(f"{_BEGIN}{pattern}{_END}", re.ASCII | re.IGNORECASE)


_FORMS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], date], Days | None]], ...] = (
    (_form(r"(?P<near>today|yesterday)"), _near),
    (_form(rf"{_NAME}\s*{_DAY},?\s+{_YEAR}"), _day),
    (_form(rf"{_DAY}\s+{_NAME},?\s+{_YEAR}"), _day),
    (_form(rf"{_NAME},?\s+{_YEAR}"), _whole_month),
    (_form(rf"{_NAME}\s*{_DAY}"), _day),
    (_form(r"(?P<month>[01]?[0-9])(?P<by>[/-])(?P<day>[0-3]?[0-9])(?P=by)(?P<year>(?:20)?[0-9]{2})"), _day),
    (_form(r"(?P<year>20[0-9]{2})-(?P<month>[01][0-9])-(?P<day>[0-3][0-9])"), _day),
    (_form(r"(?P<month>[01]?[0-9])/(?P<year>20[0-9]{2})"), _whole_month),
    (_form(r"(?P<month>[01]?[0-9])/(?P<day>[0-3]?[0-9])"), _day),
)
"""The longest first: the day and year of ``Nov 28, 2026`` belong together."""
