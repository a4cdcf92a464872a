"""Cells for a spreadsheet program: never a formula, whatever people typed."""

from __future__ import annotations

import csv
import io
import re
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from paydesk.domain import spreadsheet
from paydesk.domain.money import Money
from paydesk.domain.spreadsheet import Cell, Table, csv_file, file_of, safe_cell
from paydesk.gateways.files.values import bare


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("Sample Bakery LLC", "Sample Bakery LLC"),
        ("=1+1", "'=1+1"),
        ('=HYPERLINK("http://x","y")', '\'=HYPERLINK("http://x","y")'),
        ("+1 617 555 0100", "'+1 617 555 0100"),
        ("-12.50", "-12.50"),
        ("-1,234.50", "-1,234.50"),
        (Money(-12_50), "-12.50"),
        ("-2+3", "'-2+3"),
        ("--1", "'--1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("＝1+1", "'＝1+1"),
        ("\t=1+1", "'=1+1"),
        ("  =1+1", "'=1+1"),
        ("\u200b=1+1", "'=1+1"),
        ("\u202e=1+1", "'=1+1"),
        ("two\r\nlines\x00", "two  lines"),
        ("Renée O’Brien 株式会社", "Renée O’Brien 株式会社"),
        (1234, "1234"),
        ("", ""),
    ],
)
def test_a_safe_cell(value: object, cell: str) -> None:
    assert safe_cell(value) == cell


@given(st.text())
def test_no_text_becomes_a_formula_or_breaks_the_line(text: str) -> None:
    cell = safe_cell(text)
    assert all(letter.isprintable() for letter in cell)
    if cell[:1] in set("=+@＝＋－＠"):
        raise AssertionError(cell)
    if cell.startswith("-"):
        assert set(cell) <= set("-0123456789.,")


@given(st.lists(st.lists(st.text(), min_size=2, max_size=2), max_size=4))
def test_a_file_reads_back_as_its_cells(rows: list[list[str]]) -> None:
    made = csv_file(["a", "b"], rows)
    assert made.startswith(b"\xef\xbb\xbf")
    read = list(csv.reader(io.StringIO(made.decode("utf-8-sig"), newline="")))
    assert read[0] == ["a", "b"]
    assert read[1:] == [[safe_cell(cell) for cell in row] for row in rows]


# ---- tables for a spreadsheet program -------------------------------------------------------------

AS_TEXT = [
    "00123", "0", "50123", "000000000042", "123456789012", "9007199254740993", "4.50", "1E5", "12e3",
    "3-4", "3/4/2026", "10:30", "1-Mar", "MAR1", "Mar 5, 2026", "Sept 2", "TRUE", "5%", "$5.00",
    "(12.00)", "1,250.00", "+1 617 555 0100", "=1+1", "=HYPERLINK(\"http://x\",\"y\")", "-2+3",
    "@SUM(A1)", "#N/A", "#REF!", "'quoted", "Renée O’Brien 株式会社", "a,b;c", 'He said "no"', "",
]  # fmt: skip
"""Texts that a spreadsheet program must not change. Excel changes most of them in a plain CSV file."""

TAKEN = datetime(2026, 8, 14, 16, 51, 7, tzinfo=ZoneInfo("America/Chicago"))


def opened(made: bytes) -> list[list[Any]]:
    """Return the values of the first sheet, as openpyxl reads them."""
    sheet = load_workbook(io.BytesIO(made)).worksheets[0]
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


@pytest.mark.parametrize("text", AS_TEXT)
def test_a_workbook_keeps_every_text(text: str) -> None:
    made = file_of(Table("Payments", ["Number"], [[text]]), ".xlsx")
    cell = load_workbook(io.BytesIO(made)).worksheets[0]["A2"]
    assert (cell.value or "") == text
    if text:
        assert (cell.data_type, cell.number_format) == ("s", "@"), "and keeps it when a person edits the cell"


def test_a_workbook_adds_up_amounts_and_sorts_times() -> None:
    rows: list[list[Cell]] = [[Money(1_250_00), TAKEN, 7]]
    made = file_of(Table("Payments", ["Amount", "Taken", "Line"], rows), ".XLSX")
    assert opened(made) == [["Amount", "Taken", "Line"], [1250, datetime(2026, 8, 14, 16, 51, 7), 7]]  # noqa: DTZ001
    book = load_workbook(io.BytesIO(made))
    assert book.sheetnames == ["Payments"]
    assert [cell.number_format for cell in book.worksheets[0][2]] == [
        "#,##0.00", "yyyy-mm-dd hh:mm:ss", "General",
    ]  # fmt: skip


def test_a_workbook_takes_any_text() -> None:
    odd = ["\x00\x0b\x1f", "two\r\nlines", "\ud800", "\ufffe", "x" * 40_000]
    rows = opened(file_of(Table("Rows", ["a"], [[text] for text in odd]), ".xlsx"))
    assert [row[0] for row in rows[2:]][:1] == ["two  lines"]
    assert len(rows[5][0]) == 32_767


def test_a_workbook_goes_on_in_another_sheet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreadsheet, "_ROWS_OF_A_SHEET", 2)
    book = load_workbook(io.BytesIO(file_of(Table("Rows", ["a"], [[str(one)] for one in range(5)]), ".xlsx")))
    assert book.sheetnames == ["Rows", "Rows 2", "Rows 3"]
    assert [sheet.max_row for sheet in book] == [3, 3, 2]
    assert opened(file_of(Table("Rows", ["a", "b"], []), ".xlsx")) == [["a", "b"]]


def shown_by_excel(cell: str) -> str:
    """Return the text of a CSV cell in Excel: of ``="…"`` what is inside. All else must be what it keeps."""
    if cell.startswith('="') and cell.endswith('"'):
        return cell[2:-1]
    assert re.fullmatch(r"0|[1-9][0-9]{0,10}|'.*|[^=+@0-9-].*|", cell), cell
    return cell.removeprefix("'")


@pytest.mark.parametrize("text", AS_TEXT)
def test_a_csv_file_for_excel_keeps_every_text(text: str) -> None:
    made = file_of(Table("Payments", ["Number"], [[text]]), ".csv").decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(made, newline="")))
    assert shown_by_excel(rows[1][0] if rows[1] else "") == text.removeprefix("'")


def test_a_csv_file_has_plain_figures_and_times() -> None:
    table = Table("Payments", ["Amount", "Taken", "Line"], [[Money(-1_250_00), TAKEN, 7]])
    assert file_of(table, "").decode("utf-8-sig").splitlines()[1] == "-1250.00,2026-08-14 16:51:07,7"


@given(st.lists(st.text(max_size=45), min_size=1, max_size=5))
def test_no_text_becomes_a_formula_in_excel(texts: list[str]) -> None:
    table = Table("Rows", [f"column {at}" for at in range(len(texts))], [texts])
    rows = list(csv.reader(io.StringIO(file_of(table, ".csv").decode("utf-8-sig"), newline="")))
    for cell in rows[1] if len(rows) > 1 else []:
        if cell.startswith("="):
            assert re.fullmatch(r'="[^"=]*"', cell)
        else:
            assert not cell.startswith(tuple("+@＝＋－＠"))
    for row in load_workbook(io.BytesIO(file_of(table, ".xlsx"))).worksheets[0].iter_rows(min_row=2):
        assert all(cell.data_type in ("s", "n") for cell in row), "n without a value is an empty cell"
        assert all(cell.value is None or isinstance(cell.value, str) for cell in row)


def test_what_is_saved_as_csv_is_imported_again_as_it_was() -> None:
    made = file_of(Table("Rows", ["Invoice"], [["00123"]]), ".csv").decode("utf-8-sig")
    assert bare(list(csv.reader(io.StringIO(made)))[1][0]) == "00123"
