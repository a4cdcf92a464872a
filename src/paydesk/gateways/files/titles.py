"""Lines around the rows of a report: the time of its balances, and what it says of its own number."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from paydesk.domain.invoices.reading import DateOrder
from paydesk.gateways.files.dates import day_of
from paydesk.gateways.files.values import Unreadable, text_of

_AS_OF = re.compile(
    r"(?i)(?<![a-z])as[-_\s]*(?:of|at)(?![a-z]{3})(?:[-_\s]*date)?"
    r"|\b(?:through|thru|aging (?:date|at|on)|aged (?:on|to)|cut[- ]?off(?: date)?)\b"
    r"|\b(?:period (?:ending|ended|end)|balances? (?:effective|on))\b"
)
_RANGE = re.compile(r"(?i)(?<=\d)\s+(?:to|[-\u2010-\u2014])\s+(?=\w)")
"""The middle of 7/1/2026 - 7/31/2026: the balances are those of its end."""
_MADE = re.compile(
    r"(?i)\b(?:report|run|print|export|extract|statement|snapshot)\s+date\b(?:\s*/\s*time\b)?"
    r"|\b(?:printed|generated|exported|created|downloaded|prepared|produced|run)(?:\s+by:?(?:\s+[a-z.]+){1,3}?)?(?:\s+(?:date|on|at))?\b"
    r"|^\s*(?:date\b)?(?:\s*/\s*time\b)?"
)
_NAMED = re.compile(r"(?<!\d)(?:\d{4}[-.]\d\d?[-.]\d\d?|\d\d?[-.]\d\d?[-.](?:\d{4}|\d\d)|20\d{6})(?!\d)")
"""A day in the name of a file or a sheet."""
_CLOCK = re.compile(r"(?i)\b(\d{1,2}):(\d\d)(?::\d\d)?\s*([ap])?\.?m?\.?")
_COUNT = re.compile(
    r"(?i)(?:\bcount|\bnumber of (?:open )?(?:invoices|items|records|rows|lines)"
    r"|\b(?:total )?(?:open )?(?:invoices|records|items|rows)(?: listed| printed| found)?)"
    r"\s*[:=#]?\s*([0-9][0-9,]{0,14})(?![.,0-9])"
    r"|(?<![.,0-9$/-])([0-9][0-9,]{0,14})\s+(?:open )?(?:invoices?|records?|items?|rows?)\b"
)

_PAGE_OF = re.compile(r"(?i)\bpage\s*:?\s*(\d{1,6})\s*(?:of|/)\s*(\d{1,6})\b")
_HOUSE_NUMBER = re.compile(r"\d{5}(?:\.\d*)?")
"""No day in a title: 46266 Main Street."""
_LONGEST_TITLE = 1_000
"""Most characters of a line that are searched: each "as of" in it is followed by a date, or not."""


@dataclass(frozen=True, slots=True)
class TitleTime:
    """A time that a title tells. ``clock`` is None if it has only a day."""

    day: date
    clock: time | None = None


def time_in(
    rows: Iterable[Sequence[object]], order: DateOrder, names: Sequence[str] = ()
) -> TitleTime | None:
    """Return the time of the balances, "as of" before the end of a period and the time of printing, or None.

    ``names`` are those of file and sheet, which count if no line tells a day.
    """
    lines = [" ".join(filter(None, map(text_of, cells)))[:_LONGEST_TITLE] for cells in rows]
    spaced = [name.replace("_", " ") for name in names]
    for pattern, where in ((_AS_OF, lines), (_RANGE, lines), (_MADE, lines), (_AS_OF, spaced)):
        for line in where:
            for found in pattern.finditer(line):
                told = _after(line[found.end() :], order)
                if told is not None:
                    return told
    found_in = [_after(found[0], order) for name in spaced for found in _NAMED.finditer(name)]
    return next(filter(None, found_in), None)


def _after(text: str, order: DateOrder) -> TitleTime | None:
    """Return the date that a text begins with."""
    words = text.replace("\u00a0", " ").strip(" :.-–—=,").split()[:6]
    for count in range(min(len(words), 5), 0, -1):
        with contextlib.suppress(Unreadable):
            said = " ".join(words[:count]).strip(" ,.;)")
            day = None if _HOUSE_NUMBER.fullmatch(said) else day_of(said, order)
            if day is not None and any(char.isdigit() for char in words[0] + words[count - 1]):
                return TitleTime(date.fromisoformat(day), _clock(" ".join(words[:6])))
    return None


def _clock(text: str) -> time | None:
    found = _CLOCK.search(text)
    if found is None:
        return None
    hour, minute = int(found[1]), int(found[2])
    if found[3]:
        hour = hour % 12 + (12 if found[3].lower() == "p" else 0)
    with contextlib.suppress(ValueError):
        return time(hour, minute)
    return None


def count_in(texts: Sequence[str]) -> int | None:
    """Return the number of invoices that a line says the report has, or None."""
    found = _COUNT.search(" ".join(filter(None, texts)))
    return int((found[1] or found[2]).replace(",", "")) if found else None


def page_in(texts: Sequence[str]) -> tuple[int, int] | None:
    """Return 2 and 3 of a line with "Page 2 of 3", or None."""
    found = _PAGE_OF.search(" ".join(filter(None, texts)))
    return (int(found[1]), int(found[2])) if found else None


def local_time(told: TitleTime) -> datetime:
    """Return the naive local time of a title, the beginning of its day if it has no clock."""
    return datetime.combine(told.day, told.clock or time())
