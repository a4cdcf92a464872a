"""Our reader of workbooks and openpyxl's give the same values, for what openpyxl writes and Excel means."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import Any

import openpyxl
import pytest
from openpyxl.styles import numbers
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from paydesk.gateways.files.values import Formula
from paydesk.gateways.files.workbook import Workbook
from tests.fakes.raw_book import book, packed, parts_of, row, sheet, usual_sheet
from tests.fakes.report_writer import DAMAGES, Shape, truths_of
from tests.proving import seeds, tasted

DAY = datetime.fromisoformat("2026-08-14")  # Excel has no time zones
VALUES: tuple[Any, ...] = (
    None, 0, 1, -7, 50123, 10**15, 0.1, 0.1 + 0.2, 1e-9, 1.5e20, True, False, "", " ", "00123", "Two\nlines",
    'Renée <&> "x"', "日本", "\U0001f4b3", "_x000D_", "=", "#N/A", DAY, DAY + timedelta(hours=10.1),
    date(1999, 12, 31), time(10, 30), timedelta(hours=30, minutes=5), "x" * 32_767,
)  # fmt: skip
FORMATS = (
    "General", "0", "0.00", "m/d/yy", "yyyy-mm-dd", "[h]:mm", "h:mm AM/PM", "[Red]0.00", "@",
    numbers.FORMAT_CURRENCY_USD_SIMPLE, "d-mmm", "(000) 000-0000", "000-00-0000", "0%",
)  # fmt: skip


def by_openpyxl(path: Path, name: str) -> list[tuple[int, list[object]]]:
    """Return the rows that hold a value, without the empty cells at their end."""
    opened = openpyxl.load_workbook(path, read_only=True, data_only=True)
    with contextlib.closing(opened):
        rows = opened[name].iter_rows(values_only=True)
        return [(line, found) for line, cells in enumerate(rows, 1) if (found := trimmed(cells))]


def by_us(path: Path, name: str, size: int = 7) -> list[tuple[int, list[object]]]:
    chunks = Workbook(path).chunks(name, size)
    rows = itertools.chain.from_iterable(zip(lines, rows, strict=True) for lines, rows, _done in chunks)
    return [(line, found) for line, cells in rows if (found := trimmed(cells))]


def trimmed(cells: Sequence[object]) -> list[object]:
    found = [None if isinstance(cell, Formula) or cell == "" else cell for cell in cells]
    while found and found[-1] is None:
        found.pop()
    return found


@pytest.mark.parametrize("mac", [False, True])
def test_every_value_in_every_format(mac: bool, tmp_path: Path) -> None:
    made = openpyxl.Workbook()
    found = made.active
    assert found is not None
    if mac:
        made.epoch = CALENDAR_MAC_1904
    for line, value in enumerate(VALUES, 1):
        for column, form in enumerate(FORMATS, 1):
            cell = found.cell(line * 3, column, value)
            cell.number_format = form
    found["A200"] = "=SUM(A1:A9)"
    made.create_sheet("Second")["C5"] = 7
    made.save(tmp_path / "x.xlsx")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("openpyxl.worksheet._reader.warn", lambda _words: None)  # of a date beyond any
        theirs = by_openpyxl(tmp_path / "x.xlsx", "Sheet")
    assert by_us(tmp_path / "x.xlsx", "Sheet") == theirs
    assert by_us(tmp_path / "x.xlsx", "Second") == [(5, [None, None, 7])]
    assert len(theirs) > 20


@pytest.mark.parametrize(
    ("form", "shown"),
    [
        ('#,##0.00" CR"', "1250 CR"),
        ('"("#,##0.00")"', "(1250)"),
        ("-#,##0.00", "-1250"),
        ("[$€-407] #,##0.00", "€ 1250"),
        ('"CA$"#,##0.00', "CA$1250"),
        ('[Red]"PAID"', "PAID1250"),
        ('"INV-"00000', "INV-1250"),
        ('_("$"* #,##0.00_);_("$"* (#,##0.00)', 1250),
        ("[$$-409]#,##0.00;[Red]-[$$-409]#,##0.00", 1250),
        ("[>=1000]#,##0.00;0.00", 1250),
        ('#,##0.00 "USD"', 1250),
    ],
)
def test_a_number_is_what_its_cell_shows(form: str, shown: object, tmp_path: Path) -> None:
    """A format may make a credit, euros or the word PAID of a plain 1250 (ECMA-376, 18.8.31)."""
    made = openpyxl.Workbook()
    found = made.active
    assert found is not None
    found.append([1250])
    found["A1"].number_format = form
    made.save(tmp_path / "x.xlsx")
    [(_line, [value])] = by_us(tmp_path / "x.xlsx", "Sheet")
    assert value == shown


@tasted
@pytest.mark.parametrize("seed", seeds(12, 300))
def test_reports_of_any_shape(seed: int, tmp_path: Path) -> None:
    chance = Random(seed)
    shape = Shape(chance, chance.choice(["", *DAMAGES]))
    shape.xlsx = True
    (tmp_path / "x.xlsx").write_bytes(shape.written(truths_of(chance, range(700, 760))))
    with contextlib.closing(openpyxl.load_workbook(tmp_path / "x.xlsx", read_only=True)) as opened:
        names = opened.sheetnames
    assert [one.name for one in Workbook(tmp_path / "x.xlsx").sheets] == names
    for name in names:
        assert by_us(tmp_path / "x.xlsx", name) == by_openpyxl(tmp_path / "x.xlsx", name)


def test_shared_texts_in_several_styles(tmp_path: Path) -> None:
    strings = (
        "<si><t>plain</t></si>"
        "<si><r><t>two </t></r><r><rPr><b/></rPr><t>styles</t></r><rPh><t>x</t></rPh></si>"
        "<si/><si><t xml:space='preserve'> kept </t></si><si><t>a&#10;b &amp; c</t></si>"
    )
    cells = "".join(f'<c r="{letter}1" t="s"><v>{at}</v></c>' for at, letter in enumerate("ABCDE"))
    path = book(tmp_path / "x.xlsx", sheet(f'<row r="1">{cells}</row>'), strings)
    assert by_us(path, "Open") == [(1, ["plain", "two styles", None, " kept ", "a\nb & c"])]


def test_a_workbook_of_another_program(tmp_path: Path) -> None:
    """Its parts have other names and prefixes, its cells no places, and its links no common folder."""
    parts = parts_of({"Open": usual_sheet()})
    inner = parts.pop("xl/worksheets/sheet0.xml").replace("xmlns=", "xmlns:x=")
    for name in ("worksheet", "sheetData", "row", "c", "is", "t", "v"):
        inner = inner.replace(f"<{name} ", f"<x:{name} ").replace(f"<{name}>", f"<x:{name}>")
        inner = inner.replace(f"</{name}>", f"</x:{name}>")
    for place in ("A1", "B1", "A2", "B2"):
        inner = inner.replace(f' r="{place}"', "")
    links = parts.pop("xl/_rels/workbook.xml.rels").replace("worksheets/sheet0.xml", "/Data/One.XML")
    parts["Book/_rels/Main.xml.rels"] = links.replace("sharedStrings.xml", "gone.xml")
    parts["Book/Main.xml"] = parts.pop("xl/workbook.xml")
    parts["_rels/.rels"] = parts["_rels/.rels"].replace("xl/workbook.xml", "Book/Main.xml")
    path = packed(tmp_path / "x.xlsx", {**parts, "data/one.xml": "\ufeff" + inner})
    assert [line for line, _cells in by_us(path, "Open")] == [1, 2]
    assert by_us(path, "Open")[1][1] == ["50123", "1001", "Sample Bakery LLC", "400.00"]


def test_rows_come_in_chunks_with_their_lines(tmp_path: Path) -> None:
    rows = "".join(row(line, (str(line),)) for line in (*range(3, 40), 80, 90))
    path = book(tmp_path / "x.xlsx", usual_sheet(rows))
    for size in (1, 2, 7, 1_000):
        chunks = list(Workbook(path).chunks("Open", size))
        assert [line for lines, _rows, _done in chunks for line in lines] == [1, 2, *range(3, 40), 80, 90]
        assert all(len(lines) == len(rows) <= size for lines, rows, _done in chunks)
        done = [part for _lines, _rows, part in chunks]
        assert done == sorted(done)
        assert 0 < done[-1] <= 1


def test_a_formula_is_its_result_or_a_formula(tmp_path: Path) -> None:
    cells = '<c r="A1"><f>1+1</f><v>2</v></c><c r="B1"><f>NOW()</f></c><c r="C1" t="str"><f>x</f><v></v></c>'
    (line, found), *_rest = [
        (lines[0], list(rows[0]))
        for lines, rows, _ in Workbook(book(tmp_path / "x.xlsx", sheet(f'<row r="1">{cells}</row>'))).chunks(
            "Open", 9
        )
    ]
    assert (line, found) == (1, [2, "=NOW()", "=x"])
    assert [isinstance(cell, Formula) for cell in found] == [False, True, True]


def test_cells_merged_downwards_fill_short_rows(tmp_path: Path) -> None:
    rows = row(3, ("1", "2")) + row(4, ("3",)) + row(5, ("4", "5"))
    merged = (
        '<mergeCells><mergeCell ref="B3:B4"/><mergeCell ref="A3:A3"/><mergeCell ref="A4:C4"/></mergeCells>'
    )
    path = book(tmp_path / "x.xlsx", usual_sheet(rows, after=merged))
    assert by_us(path, "Open")[2:] == [(3, ["1", "2"]), (4, ["3", "2"]), (5, ["4", "5"])]
