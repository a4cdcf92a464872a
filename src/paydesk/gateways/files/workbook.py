"""Sheets of an XLSX workbook, row by row.

The reader is our own: openpyxl keeps a record of every row and each cell up to the width that a sheet claims,
and a text of any length, so that a file of some kilobytes could fill the memory. Its knowledge of number
formats and dates is used.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path

from paydesk.domain.errors import KnownError
from paydesk.gateways.files import package
from paydesk.gateways.files.csv_lines import Row
from paydesk.gateways.files.package import NotSound, Package
from paydesk.gateways.files.values import spanned
from paydesk.gateways.http.xml_stream import XmlRefused

_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s+ref="([A-Z]{1,3})([0-9]{1,7}):([A-Z]{1,3})([0-9]{1,7})"')
_MOST_MERGED = 100_000
_OVERLAP = 300
"""Bytes of a block that are searched again with the next, so that nothing is cut in two."""
MOST_OF_A_CHUNK = 8_000_000
"""Most bytes of XML in one chunk of rows."""


class Workbook:
    """An XLSX file whose sheets are read on demand. Raises KnownError where it is not sound."""

    def __init__(self, path: Path) -> None:
        from paydesk.gateways.files import book_parts  # brings openpyxl, which only XLSX files need

        self._path = path
        with self._opened() as opened:
            self._book = book_parts.book_of(opened)
        self.sheets = self._book.sheets
        self.epoch_1904 = self._book.epoch_1904
        if not self.sheets:
            raise KnownError(f"{path.name} has no sheet with cells.", "Choose another file.")

    @contextlib.contextmanager
    def _opened(self) -> Iterator[Package]:
        with self._trouble(), contextlib.closing(Package(self._path)) as opened:
            yield opened

    def chunks(self, sheet: str, size: int) -> Iterator[tuple[list[int], list[Row], float]]:
        """Yield up to ``size`` rows at a time, with their lines and the part read so far.

        Rows that the file does not have are left out.
        """
        from paydesk.gateways.files.book_parts import meanings_of
        from paydesk.gateways.files.sheet import SheetRows

        part = next(one.part for one in self.sheets if one.name == sheet)
        with self._opened() as opened:
            spans = _merged(opened, part)
            found = SheetRows(meanings_of(opened, self._book))
            fill = _Filler(spans)
            lines: list[int] = []
            rows: list[Row] = []
            read = begun = 0
            for block in opened.blocks(part):
                found.feed(block)
                read += len(block)
                for line, cells in found.taken():
                    lines.append(line)
                    rows.append(fill.filled(line, cells))
                    if len(rows) == size:
                        yield lines, rows, read / opened.size(part)
                        lines, rows, begun = [], [], read
                if read - begun >= MOST_OF_A_CHUNK and rows:
                    yield lines, rows, read / opened.size(part)
                    lines, rows, begun = [], [], read
            found.close()
            if rows:
                yield lines, rows, 1.0

    @contextlib.contextmanager
    def _trouble(self) -> Iterator[None]:
        try:
            yield
        except KnownError:
            raise
        except NotSound as odd:
            raise package.not_sound(self._path, str(odd)) from None
        except XmlRefused as odd:
            raise package.not_sound(self._path, f"its XML has {odd}") from None
        except Exception as error:  # zipfile and zlib raise all kinds
            raise package.not_sound(self._path, type(error).__name__) from None


def _merged(opened: Package, part: str) -> dict[tuple[int, int], int]:
    """Return the last row of each cell that spans several rows, by its column (0 is the first) and row.

    They stand after the rows, so the sheet is searched before it is read.
    """
    spans, kept = {}, b""
    for block in opened.blocks(part):
        held = kept + block
        for left, top, right, bottom in _MERGED.findall(held):
            if left == right and int(top) < int(bottom):
                spans[_column(left), int(top)] = int(bottom)
        if len(spans) > _MOST_MERGED:
            raise NotSound("too many merged cells")
        kept = held[-_OVERLAP:]
    return spans


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number - 1


class _Filler:
    """Gives each row that a merged cell spans the value of that cell."""

    def __init__(self, spans: dict[tuple[int, int], int]) -> None:
        self._spans = spans
        self._columns = sorted({column for column, _top in spans})
        self._held: dict[int, tuple[int, object]] = {}

    def filled(self, line: int, cells: list[object]) -> Row:
        """Return the row with the values of the cells that span it.

        A row without a value of its own is blank.
        """
        if all(cell is None for cell in cells):
            return cells
        for column in self._columns:
            value = cells[column] if column < len(cells) else None
            if (column, line) in self._spans:
                self._held[column] = (self._spans[column, line], spanned(value))
                if column < len(cells):
                    cells[column] = self._held[column][1]
            elif value is None and column in self._held and line <= self._held[column][0]:
                cells += [None] * (column + 1 - len(cells))
                cells[column] = self._held[column][1]
        return cells
