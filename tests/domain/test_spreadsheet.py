"""What a spreadsheet program may be given: never a formula, whatever people typed."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paydesk.domain.money import Money
from paydesk.domain.spreadsheet import csv_file, safe_cell


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
