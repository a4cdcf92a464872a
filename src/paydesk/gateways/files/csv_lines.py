"""Lines of a CSV file, cut into rows. A quote that does not close costs its own line, not the next forty."""

from __future__ import annotations

import csv
import functools
import itertools
import re
from collections.abc import Sequence
from typing import Final, TextIO

from paydesk.gateways.files.values import MOST_COLUMNS

Row = Sequence[object]

LONGEST_LINE: Final = 1_000_000
"""Most characters of a line. A thousand cells of Excel's length have fewer, if they hold a report."""
MOST_OF_A_BLOCK: Final = 16_000_000
"""Characters after which a block of rows ends, however few they are."""
_STEP: Final = 16
"""Lines between two looks at their length: at most ``_STEP`` longest lines are held unseen."""

MOST_LINES = 40
"""Most lines in one cell. In a longer cell the closing quote is missing."""
LONGEST_OVER_LINES: Final = 200_000
"""Most characters of a row that takes several lines."""
_WITH_CENTS = re.compile(r"[-+($\s]*[0-9][0-9,]*\.[0-9]{2}[-)\s]*")
_BEGUN = re.compile(r"[-+($\s]*[0-9][0-9,]*(?:\.[0-9]?)?")
"""An amount with its cents, and the beginning of one."""
_ATTEMPTS: Final = 3
"""Times that a row of several lines is tried. One whose quotes close is whole where they first do."""
_LONGEST_CELL = 2**31 - 1  # the largest C long of Windows: csv must never raise for a long cell


class Broken(tuple[object, ...]):
    """A line that cannot be cut into cells. It holds the whole line as its only cell."""

    __slots__ = ()

    reason = "a quotation mark is missing or out of place"


class TooWide(Broken):
    """A line of more cells than any report has."""

    __slots__ = ()

    reason = f"more than {MOST_COLUMNS:,} cells"


class CutShort(Broken):
    """The last line, where the file ends in the middle of an amount."""

    __slots__ = ()

    reason = "the file ends in the middle of this amount"


class TooLong(Exception):
    """A line, or what should be one, is longer than LONGEST_LINE."""


class Lines:
    """The lines of a text file, some of which can be put back."""

    def __init__(self, text: TextIO) -> None:
        csv.field_size_limit(_LONGEST_CELL)
        self._text = iter(functools.partial(text.readline, LONGEST_LINE + 1), "")
        self._back: list[str] = []

    def take(self, count: int) -> list[str]:
        """Return the next lines with their ends, fewer where they are long, none at the end of the file.

        Raises TooLong.
        """
        held, self._back = self._back[:count], self._back[count:]
        size = 0
        while len(held) < count and size < MOST_OF_A_BLOCK:
            some = list(itertools.islice(self._text, min(_STEP, count - len(held))))
            if not some:
                break
            lengths = list(map(len, some))
            if max(lengths) > LONGEST_LINE:
                raise TooLong
            size += sum(lengths)
            held += some
        return held

    def put_back(self, lines: list[str]) -> None:
        """Let ``take`` return these lines next."""
        self._back = lines + self._back


def rows_of(
    lines: Lines, size: int, delimiter: str, width: int
) -> tuple[list[Row], Sequence[int], int] | None:
    """Return the next rows, the place of each row's first line, and the number of lines. None at the end.

    ``width`` is the number of columns, 0 if it is not known yet. A line without a quote is one row, and
    splitting it is far quicker than ``csv``. Usually all quotes of a block close on their lines, too.
    """
    block = lines.take(size)
    if not block:
        return None
    quoted = [text for text in block if '"' in text]
    if all(text.count('"') % 2 == 0 for text in quoted):
        parsed = _parsed(quoted, delimiter)
        if parsed is not None:
            found = iter(parsed)
            rows: list[Row] = [
                next(found) if '"' in text else text.rstrip("\n").split(delimiter) for text in block
            ]
            return _complete(_narrow(rows), block[-1]), range(len(block)), len(block)
    careful, places, used = _carefully(block, lines, delimiter, width)
    return _complete(_narrow(careful), block[-1]), places, used


def _narrow(rows: list[Row]) -> list[Row]:
    """Return the rows, with a TooWide in place of each that has too many cells."""
    if max(map(len, rows)) <= MOST_COLUMNS:
        return rows
    return [row if len(row) <= MOST_COLUMNS else TooWide((str(row[0])[:80],)) for row in rows]


def _complete(rows: list[Row], last_line: str) -> list[Row]:
    """Return the rows, with a CutShort in place of a last one that lacks its end: 1250 under 1250.00."""
    if last_line.endswith("\n") or len(rows) < 2 or not _BEGUN.fullmatch(str(rows[-1][-1])):
        return rows
    ends = [str(row[-1]) for row in rows[:-1] if len(row) == len(rows[-1])]
    amounts = [end for end in ends if any(map(str.isdigit, end))]
    if amounts and all(map(_WITH_CENTS.fullmatch, amounts)):
        rows[-1] = CutShort((" ".join(map(str, rows[-1])),))
    return rows


def _parsed(lines: list[str], delimiter: str) -> list[list[str]] | None:
    """Return one row for each line, or None if a line is not one row of well-formed cells."""
    try:
        parsed = list(csv.reader(lines, delimiter=delimiter, strict=True, skipinitialspace=True))
    except csv.Error:
        return None
    return parsed if len(parsed) == len(lines) else None


def _carefully(
    block: list[str], lines: Lines, delimiter: str, width: int
) -> tuple[list[Row], Sequence[int], int]:
    ahead = block + lines.take(MOST_LINES)
    rows: list[Row] = []
    places: list[int] = []
    at = 0
    while at < len(block):
        row, used = _row(ahead[at : at + MOST_LINES], delimiter, width)
        rows.append(row)
        places.append(at)
        at += used
    lines.put_back(ahead[at:])
    return rows, places, at


def _row(ahead: list[str], delimiter: str, width: int) -> tuple[Row, int]:
    """Return the row that begins in the first of these lines, and the number of lines it takes."""
    first = ahead[0].rstrip("\n")
    if '"' not in first:
        return first.split(delimiter), 1
    if parsed := _parsed([first], delimiter):
        return parsed[0], 1
    if _parsed([first + '"'], delimiter):  # nothing is wrong but the quote that is still open
        found = _over_lines(ahead, delimiter, width)
        if found is not None:
            return found
    split = first.split(delimiter)
    loose = next(csv.reader([first], delimiter=delimiter, skipinitialspace=True))
    if first.count('"') % 2 == 0 and len(loose) == len(split) == (width or len(split)):
        return loose, 1  # quotes inside quotes, and no delimiter is hidden by them
    return Broken((first,)), 1


def _over_lines(ahead: list[str], delimiter: str, width: int) -> tuple[Row, int] | None:
    """Return a row whose cell continues in the next lines, or None if those lines are rows themselves."""
    quotes, size, attempts = ahead[0].count('"'), len(ahead[0]), _ATTEMPTS
    for used, line in enumerate(ahead[1:], 2):
        if width > 1 and line.count(delimiter) >= width - 1:
            return None
        quotes, size = quotes + line.count('"'), size + len(line)
        if size > LONGEST_OVER_LINES or not attempts:
            return None
        if quotes % 2 == 0:
            if parsed := _whole("".join(ahead[:used]).rstrip("\n"), delimiter):
                return (parsed, used) if width in (0, len(parsed)) else None
            attempts -= 1
    return None


def _whole(text: str, delimiter: str) -> list[str] | None:
    whole = text.splitlines(keepends=True)
    try:
        rows = list(csv.reader(whole, delimiter=delimiter, strict=True, skipinitialspace=True))
    except csv.Error:
        return None
    return rows[0] if len(rows) == 1 else None
