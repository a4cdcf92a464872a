"""Dates of a report in all their spellings, and the order of day and month that they prove."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

from paydesk.domain.invoices.reading import DateOrder
from paydesk.gateways.files.values import Formula, Unreadable, bare, quoted

_FIRST_YEAR, _LAST_YEAR = 1990, 2100
_PIVOT = 69
"""First year of two digits that belongs to the last century, as in POSIX."""
_TIME = r"(?:[ T,]+\d{1,2}:\d\d.*)?"
_DIGITS = re.compile(
    rf"(\d{{1,2}})\s*[-/.\u2010-\u2014]\s*(\d{{1,2}})\s*[-/.\u2010-\u2014]\s*(\d{{4}}|\d\d){_TIME}"
)
_YEAR_FIRST = re.compile(rf"(\d{{4}})[-/.](\d{{1,2}})[-/.](\d{{1,2}}){_TIME}")
_PACKED = re.compile(r"(\d{4})(\d\d)(\d\d)")
_PACKED_US = re.compile(r"(\d\d)(\d\d)(\d{4})")
_WEEKDAY = re.compile(r"(?i)(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s+")
_DAY_WORD = re.compile(
    rf"(?i)(\d{{1,2}})(?:st|nd|rd|th)?[-/. ]*([a-z]{{3,9}})\.?[-/., ]*(\d{{4}}|\d\d){_TIME}"
)
_WORD_DAY = re.compile(
    rf"(?i)([a-z]{{3,9}})\.?[-/. ]*(\d{{1,2}})(?:st|nd|rd|th)?[-/., ]+(\d{{4}}|\d\d){_TIME}"
)
_YEAR_WORD = re.compile(rf"(?i)(\d{{4}})[-/. ]*([a-z]{{3,9}})\.?[-/., ]*(\d{{1,2}}){_TIME}")
_SERIAL = re.compile(r"(\d{5})(?:\.\d*)?")
_FIRST_SERIAL, _LAST_SERIAL = 32_874, 73_415
"""1990-01-01 and 2100-12-31, as Excel counts days."""
_MONTHS = (
    "january", "february", "march", "april", "may",
    "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip


class OtherOrder(Unreadable):
    """A date that can only be read in the other order of day and month."""


def day_of(
    value: object, order: DateOrder = DateOrder.MONTH_FIRST, *, epoch_1904: bool = False
) -> str | None:
    """Return an ISO date, or None for a blank or a database's empty date. Raises Unreadable."""
    if isinstance(value, datetime):
        value = value.date()
    if isinstance(value, date):
        return value.isoformat() if _FIRST_YEAR <= value.year <= _LAST_YEAR else None
    if isinstance(value, bool | timedelta | Formula):
        raise Unreadable(f"{quoted(str(value))} is not a date")
    text = "" if value is None else bare(str(value).strip()).lstrip("'’")
    if not text:
        return None
    if found := _SERIAL.fullmatch(text):
        return _of_serial(int(found[1]), text, epoch_1904=epoch_1904)
    parts = _parts(text, order)
    if parts is None:
        raise Unreadable(f"{quoted(text)} is not a date")
    year, month, day = parts
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        return None  # 1/1/0001 and 12/31/9999 are how databases write "none"
    made = _iso(year, month, day)
    if made is not None:
        return made
    if _DIGITS.fullmatch(text) and _iso(year, day, month) is not None:
        raise OtherOrder(f"{quoted(text)} is not a date with the {_ORDERS[order]} first")
    raise Unreadable(f"{quoted(text)} is not a date")


_ORDERS = {DateOrder.MONTH_FIRST: "month", DateOrder.DAY_FIRST: "day"}


def date_proof(value: object) -> DateOrder | None:
    """Return the order that a date of digits proves, or None."""
    found = _DIGITS.fullmatch(bare(value.strip())) if isinstance(value, str) else None
    if found is None:
        return None
    first, second, year = int(found[1]), int(found[2]), _year(found[3])
    if first <= 12 < second and _iso(year, first, second):
        return DateOrder.MONTH_FIRST
    return DateOrder.DAY_FIRST if second <= 12 < first and _iso(year, second, first) else None


def _of_serial(days: int, text: str, *, epoch_1904: bool) -> str:
    days += 1462 if epoch_1904 else 0
    if not _FIRST_SERIAL <= days <= _LAST_SERIAL:
        raise Unreadable(f"{quoted(text)} is not a date")
    return (date(1899, 12, 30) + timedelta(days=days)).isoformat()


def _iso(year: int, month: int, day: int) -> str | None:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None


def _parts(text: str, order: DateOrder) -> tuple[int, int, int] | None:
    """Return year, month and day of a text."""
    if found := _DIGITS.fullmatch(text):
        first, second = int(found[1]), int(found[2])
        month, day = (first, second) if order is DateOrder.MONTH_FIRST else (second, first)
        return _year(found[3]), month, day
    if found := _YEAR_FIRST.fullmatch(text):
        return int(found[1]), int(found[2]), int(found[3])
    if (found := _PACKED.fullmatch(text)) and _iso(int(found[1]), int(found[2]), int(found[3])):
        return int(found[1]), int(found[2]), int(found[3])
    if (found := _PACKED_US.fullmatch(text)) and order is DateOrder.MONTH_FIRST:
        return int(found[3]), int(found[1]), int(found[2])
    return _with_words(_WEEKDAY.sub("", text, count=1))


def _with_words(text: str) -> tuple[int, int, int] | None:
    for pattern, (year, month, day) in (
        (_DAY_WORD, (3, 2, 1)),
        (_WORD_DAY, (3, 1, 2)),
        (_YEAR_WORD, (1, 2, 3)),
    ):
        found = pattern.fullmatch(text)
        number = _month(found[month]) if found else 0
        if found and number:
            return _year(found[year]), number, int(found[day])
    return None


def _month(word: str) -> int:
    """Return 1 to 12 for the name of a month or its beginning, or 0."""
    lower = word.lower()
    lower = "sep" if lower == "sept" else lower
    return next((at for at, month in enumerate(_MONTHS, 1) if month.startswith(lower)), 0)


def _year(digits: str) -> int:
    if len(digits) == 4:
        return int(digits)
    return int(digits) + (1900 if int(digits) >= _PIVOT else 2000)
