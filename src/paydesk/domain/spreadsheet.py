"""Tables that a spreadsheet program opens exactly as they are: as a workbook (XLSX), or as CSV.

Excel reads a cell of a CSV file as if a person typed it: ``00123`` becomes 123, a number of twelve digits
``1.23E+11``, ``3-4`` a date, and ``=…`` a formula that it runs (OWASP, CSV Injection, read 2026-08). Nothing
in a CSV file can say that a cell is text. A workbook says it of each cell, so that is what PayDesk suggests.
In a CSV file, what Excel would change is ``="00123"``, which Excel, LibreOffice and PayDesk's import read as
text.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from paydesk.domain.money import Money

if TYPE_CHECKING:
    from openpyxl.cell.cell import Cell as SheetCell

WORKBOOK = ".xlsx"
"""Ending of a file that ``file_of`` writes as a workbook. Every other is CSV."""

Cell = str | int | Money | datetime
"""A value: text stays text, whatever it looks like. A time is shown as it is, without its zone."""

_ROWS_OF_A_SHEET = 1_000_000
_LONGEST_TEXT = 32_767
_WIDEST = 48
"""Rows of a sheet and letters of a cell that Excel takes (support.microsoft.com, "Excel specifications and
limits"), and letters of the widest column."""

_FORMULA = tuple("=+-@＝＋－＠")
_PLAIN_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,4})?|-?[0-9]{1,3}(,[0-9]{3}){1,4}(\.[0-9]{1,4})?")
_LIKE_A_NUMBER = re.compile(r"(?=.*[0-9])[0-9\s.,:/$%()eE+-]+|(?i:true|false)")
_LIKE_A_DATE = re.compile(
    r"(?i)([0-9]{0,4}[\s./,-]*)(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*([\s./,-]*[0-9]{0,4}){0,2}"
)
_KEPT_BY_EXCEL = re.compile(r"0|[1-9][0-9]{0,10}")
_BOM = "\ufeff"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under headings. ``title`` names the sheet."""

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[Cell]]


def file_of(table: Table, suffix: str) -> bytes:
    """Return the table as a workbook if ``suffix`` is ``.xlsx``, else as CSV for a spreadsheet program."""
    if suffix.casefold() == WORKBOOK:
        return _workbook(table)
    return _csv(table.header, table.rows, _excel_cell)


def csv_file(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Return a CSV file of safe cells, for a program that imports it: comma, CRLF, UTF-8 with its BOM."""
    return _csv(header, rows, safe_cell)


# ---- cells of CSV ---------------------------------------------------------------------------


def safe_cell(value: object) -> str:
    """Return the value as text that no spreadsheet program treats as a formula or a command.

    Control characters, line breaks included, become blanks. Invisible direction and joiner marks are
    removed, because they could hide the first letter. A plain number keeps its minus.
    """
    text = _clean(str(value)).strip()
    if text.startswith(_FORMULA) and not _PLAIN_NUMBER.fullmatch(text):
        return f"'{text}"
    return text


def _excel_cell(value: object) -> str:
    """Return the value as Excel shall show it: a text that looks like something else in ``="…"``."""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    if isinstance(value, Money):
        return f"{value.dollars:.2f}"
    text = _clean(str(value)).strip()
    return f'="{text}"' if isinstance(value, str) and _is_changed(text) else safe_cell(text)


def _is_changed(text: str) -> bool:
    """Return True if Excel would make a number, a date, a time or a truth value of the text."""
    if _KEPT_BY_EXCEL.fullmatch(text) or len(text) > 40:
        return False
    return bool(_LIKE_A_NUMBER.fullmatch(text)) or (
        any(letter.isdigit() for letter in text) and bool(_LIKE_A_DATE.fullmatch(text))
    )


def _clean(text: str) -> str:
    return "".join(_visible(letter) for letter in text)


def _visible(letter: str) -> str:
    if letter.isprintable() or letter == " ":
        return letter
    return " " if letter.isspace() or ord(letter) < 0xA0 else ""


def _csv(header: Sequence[str], rows: Iterable[Sequence[object]], cell: Callable[[object], str]) -> bytes:
    file = io.StringIO(newline="")
    file.write(_BOM)
    writer = csv.writer(file)
    writer.writerow([safe_cell(name) for name in header])
    writer.writerows([cell(one) for one in row] for row in rows)
    return file.getvalue().encode("utf-8", "replace")


# ---- workbook -------------------------------------------------------------------------------


def _workbook(table: Table) -> bytes:
    from openpyxl import Workbook  # takes a third of a second

    book = Workbook(write_only=True)
    for number, start in enumerate(range(0, max(len(table.rows), 1), _ROWS_OF_A_SHEET), 1):
        sheet = book.create_sheet(table.title if number == 1 else f"{table.title} {number}")
        _fill(sheet, table.header, table.rows[start : start + _ROWS_OF_A_SHEET])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _fill(sheet: Any, header: Sequence[str], rows: Sequence[Sequence[Cell]]) -> None:
    from openpyxl.utils import get_column_letter

    sheet.freeze_panes = "A2"
    for at, width in enumerate(_widths(header, rows), 1):
        sheet.column_dimensions[get_column_letter(at)].width = width
    sheet.append(_cells(sheet, header))
    for row in rows:
        sheet.append(_cells(sheet, row))


def _widths(header: Sequence[str], rows: Sequence[Sequence[Cell]]) -> list[int]:
    """Return the width of each column in letters, from the first rows."""
    first = [header, *rows[:200]]
    return [
        min(max(len(_excel_cell(row[at])) for row in first if at < len(row)) + 2, _WIDEST)
        for at in range(len(header))
    ]


def _cells(sheet: Any, row: Sequence[Cell]) -> Iterator[SheetCell]:
    from openpyxl.cell import WriteOnlyCell

    for value in row:
        cell = WriteOnlyCell(sheet)
        match value:
            case Money():
                cell.value, cell.number_format = value.dollars, "#,##0.00"
            case datetime():
                cell.value, cell.number_format = value.replace(tzinfo=None), "yyyy-mm-dd hh:mm:ss"
            case int():
                cell.value = value
            case str() if text := _clean(value)[:_LONGEST_TEXT]:
                cell.value, cell.number_format = text, "@"
                cell.data_type = "s"  # openpyxl takes "=…" for a formula, and "#N/A" for an error
        yield cell
