"""Lines around the rows of a report: the time of its balances, and what it says of its own number."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from paydesk.domain.invoices.reading import DateOrder, Part
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
_NO_AGE = re.compile(
    r"(?i)\b(?:polic(?:y|ies) (?:period|term)|template|waive\w*|copyright|revised|version)\b"
)
"""A line with a day that is not the one of its balances."""
_NAMED = re.compile(r"(?<!\d)(?:\d{4}[-.]\d\d?[-.]\d\d?|\d\d?[-.]\d\d?[-.](?:\d{4}|\d\d)|20\d{6})(?!\d)")
"""A day in the name of a file or a sheet."""
_CLOCK = re.compile(r"(?i)\b(\d{1,2}):(\d\d)(?::\d\d)?\s*([ap])?\.?m?\.?")
_COUNT = re.compile(
    r"(?i)(?:\bcount|\bnumber of (?:open )?(?:invoices|items|records|rows|lines)"
    r"|\b(?:total )?(?:open )?(?:invoices|records|items|rows)(?: listed| printed| found)?)"
    r"\s*[:=#(\[]?\s*([0-9][0-9,]{0,14})(?![.,0-9])"
    r"|(?<![.,0-9$/-])([0-9][0-9,]{0,14})\s+(?:open )?(?:invoices?|records?|items?|rows?)\b"
)

_SPAN = re.compile(
    r"(?i)(?<![\d/.-])\d[\d,]{0,14}\s*(?:-|\u2013|to|through)\s*\d[\d,]{0,14}\s+of\s+(\d[\d,]{0,14})(?![.\d])"
)
"""Showing 1 to 50 of 120."""
_SOME = r"(?:selected|over ?due|past ?due|delinquent)"
_THINGS = r"(?:invoices|items|records|rows|accounts|customers|clients|receivables|balances)"
_MONEY = r"\W*(?!0(?:[.,]?0*)?\b|zero\b|nothing\b)\d"
"""An amount that is not zero: a list of all balances above zero is whole."""
_ALL = r"(?:all|any|open|unpaid|outstanding|agency|active|usd)"
_SOME_INVOICES = re.compile(
    r"(?i)\W*(?:filter(?:s|ed)? (?:applied|by|on)|(?:filters?|(?:selection )?criteria|selection|where) ?[:=])"
    r"\W*(?!(?:none|all|no|off)\b)\w"
    rf"|.*\b{_SOME} (?:{_THINGS} )?only\b|\W*{_SOME} {_THINGS}(?: (?:report|list|listing))?\W*$"
    rf"|.*\b(?:minimum|min\.?) (?:balance|amount){_MONEY}"
    rf"|.*\b(?:balances?|amounts?) (?:over|above|greater than|more than|at least|>=?){_MONEY}"
    rf"|\W*(?:top|first|last) \d[\d,]* {_THINGS}\b"
    r"|\W*(?:invoices? dated|(?:(?:invoice|due|effective|billing|transaction) )?dates?(?: range)?|from)\b"
    r".*\d[-/]\d+.*(?:\b(?:to|thru|through|and)\b|-)\s*\d"
    r"|\W*(?:(?:invoice|policy|payment) )?(?:status|type|line of business|lob|coverage|carrier)"
    rf"\s*[:=]\s*(?!{_ALL}\b)\w"
    rf"|(?!.*\b(?:use|eyes|staff|{_ALL}(?: {_THINGS})?) only\b).*\bonly\W*$"
)
_LEAVES_OUT = re.compile(
    r"(?i)\b(?:exclud(?:es|ing|ed)|omit(?:s|ted|ting)|suppress(?:es|ed|ing)"
    r"|not (?:including|included?|shown|listed))\b"
)
_NOTHING_OWED = re.compile(
    r"(?i)\b(?:zero|paid|void\w*|closed|credits?|inactive|deleted|cancel\w*|tax\w*|internal|fees?)\b"
    r"|\b(?:direct|company bill)"
)
"""Words of what a list of open invoices may leave out, and is still whole."""
_MORE_THAN_THAT = re.compile(r"\d|,|&|\b(?:and|or|not paid)\b")
"""Signs that such a line leaves out something else, too: credits and invoices below $25."""
_BY = (
    r"(?:customer|client|account|insured|division|department|branch|office|business unit|producer|salesperson"
    r"|agent|csr|(?:account )?executive|account rep|servicer)(?: (?:number|no\.?|name|code))?"
)
_SOME_CUSTOMERS = re.compile(
    rf"(?i)\W*{_BY}\s*[:=#]\s*#?\s*(?!(?:all|any)\b)\w|\W*(?:customer|client|account) #?\d"
    r"|\W*(?:customers|clients|names?) [A-Z]\w{0,9}\s*(?:-|\u2013|to|through|thru)\s*[A-Y]\b"
)
_GOES_ON = re.compile(
    r"(?i)\W*(?:cont(?:inued|inues|'d|\.)?(?: (?:on|in|at|with) .*)?|next(?: page)?"
    r"|(?:load|show|see|view) more"
    r"|\.{2,}|\u2026|etc)\W*"
)
_PAGE_OF = re.compile(r"(?i)\bpage\s*:?\s*(\d{1,6})\s*(?:of|/)\s*(\d{1,6})\b")
_PAGE_ALONE = re.compile(r"(?i)\W*(\d{1,6})\W+of\W+(\d{1,6})\W*")
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
    told = [" ".join(filter(None, map(text_of, cells)))[:_LONGEST_TITLE] for cells in rows]
    lines = [line for line in told if not _NO_AGE.search(line)]
    spaced = [name.replace("_", " ") for name in names]
    for pattern, where in ((_AS_OF, lines), (_RANGE, lines), (_MADE, lines), (_AS_OF, spaced)):
        for line in where:
            for found in pattern.finditer(line):
                day = _after(line[found.end() :], order)
                if day is not None:
                    return day
    found_in = [_after(found[0], order) for name in spaced for found in _NAMED.finditer(name)]
    return next(filter(None, found_in), None)


_DONE_SHEET = re.compile(
    r"(?i)\b(?:paid|voids?|voided|closed|archived?|history|old|prior|previous|credits?)\b"
)


def owed_sheet(name: str) -> tuple[bool, date]:
    """Return what makes one sheet of a workbook better than another: open invoices, of the newest day."""
    spaced = name.replace("_", " ")
    told = [_after(found[0], DateOrder.MONTH_FIRST) for found in _NAMED.finditer(spaced)]
    day = next((one.day for one in told if one is not None), date.min)
    return _DONE_SHEET.search(spaced) is None, day


def says_when(text: str) -> bool:
    """Return True for words before the day of a report: As of, Printed."""
    made = (found.group().strip() for found in _MADE.finditer(text))
    return _AS_OF.search(text) is not None or any(made)


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
    line = " ".join(filter(None, texts))
    found = _SPAN.search(line) or _COUNT.search(line)
    return int(next(filter(None, found.groups())).replace(",", "")) if found else None


_OLD = re.compile(
    r"(?i)\b\d{1,3}\+ days\b|\b(?:over|more than|older than) \d{1,3} days\b|\b(?:commercial|personal) lines\b"
    r"|\W*(?:agency )?(?:department|dept|location|branch|division|office) #?\d+\W*$"
)
"""Titles of a list that is a part. Below the headings, such a line is only the next age."""


def is_part_by_title(texts: Sequence[str]) -> bool:
    """Return True for a title above the headings, such as Invoices over 90 days old."""
    return _OLD.search(" ".join(filter(None, texts))[:_LONGEST_TITLE]) is not None


def parts_in(texts: Sequence[str]) -> set[Part]:
    """Return what a line above the headings says that the file is only a part of."""
    line = " ".join(filter(None, texts))[:_LONGEST_TITLE]
    patterns = {Part.INVOICES: _SOME_INVOICES, Part.CUSTOMERS: _SOME_CUSTOMERS}
    found = {part for part, pattern in patterns.items() if pattern.match(line)}
    harmless = _NOTHING_OWED.search(line) and not _MORE_THAN_THAT.search(line)
    if _LEAVES_OUT.search(line) and not harmless:
        found.add(Part.INVOICES)
    return found


def goes_on(texts: Sequence[str]) -> bool:
    """Return True for a line that says that there is more: (continued), Load more."""
    return bool(any(texts)) and all(_GOES_ON.fullmatch(text) for text in texts if text)


def page_in(texts: Sequence[str]) -> tuple[int, int] | None:
    """Return 2 and 3 of a line with "Page 2 of 3", or None."""
    line = " ".join(filter(None, texts))
    found = _PAGE_OF.search(line) or _PAGE_ALONE.fullmatch(line)
    return (int(found[1]), int(found[2])) if found else None


def local_time(told: TitleTime) -> datetime:
    """Return the naive local time of a title, the beginning of its day if it has no clock."""
    return datetime.combine(told.day, told.clock or time())
