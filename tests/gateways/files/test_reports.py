"""Reports as agencies export them: encodings, delimiters, headings, printed pages, spellings of money."""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from paydesk.domain.errors import KnownError
from paydesk.domain.invoices.columns import Header, find_header, recognize
from paydesk.domain.invoices.headings import Field
from paydesk.domain.invoices.importing import Converted, Remembered
from paydesk.domain.stored import remembered_from, remembered_text
from paydesk.gateways.files.dates import day_of
from paydesk.gateways.files.reports import ReportFile
from paydesk.gateways.files.rows import Converter
from paydesk.gateways.files.values import Unreadable, cents_of, zip_of

HEADINGS = (
    "Invoice #",
    "Cust No",
    "Insured",
    "Zip",
    "Inv Date",
    "Due Date",
    "Amount",
    "Balance Due",
    "Policy #",
)
ROW = ("50123", "1001", "Sample Bakery LLC", "02108", "7/1/2026", "07/22/2026", "1250.00", "400.00", "BOP-1")


def written(folder: Path, text: str, encoding: str = "utf-8", name: str = "open.csv") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def table(*rows: Sequence[str], delimiter: str = ",") -> str:
    return "".join(delimiter.join(row) + "\r\n" for row in (HEADINGS, *rows))


def read(path: Path, header: Header | None = None) -> Converted:
    report = ReportFile(path)
    header = header or report.header()
    assert header is not None
    converter = report.converter(header, report.reading())
    whole = Converted(lines=[])
    for lines, rows in report.chunks(3, header):
        made = converter.convert(lines, rows)
        whole.invoices += made.invoices
        whole.lines = [*whole.lines, *made.lines]
        whole.customers |= made.customers
        whole.rejects += made.rejects
        whole.lost += made.lost
        whole.left_out += made.left_out
    whole.figures = converter.figures()
    return whole


def reasons(made: Converted) -> list[tuple[int, str]]:
    return [(reject.line, reject.reason) for reject in made.rejects]


TAKEN = ("50123", "1001", "Sample Bakery LLC", 1_250_00, 400_00, "2026-07-01", "2026-07-22", "", "BOP-1", "")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_encodings_and_delimiters(encoding: str, delimiter: str, tmp_path: Path) -> None:
    other = ("50124", "1002", "Renée’s Café", *ROW[3:])
    made = read(written(tmp_path, table(ROW, other, delimiter=delimiter), encoding))
    assert made.invoices[0] == TAKEN
    assert made.invoices[1][2] == "Renée’s Café"
    assert made.customers["1001"] == ("1001", "Sample Bakery LLC", "02108", "", "")
    assert (made.rejects, made.lines) == ([], [2, 3])


def test_a_late_letter_decides_the_encoding(tmp_path: Path) -> None:
    rows = [(str(60_000 + at), *ROW[1:]) for at in range(5_000)]
    text = table(*rows, ("50124", "1002", "Renée", *ROW[3:]))
    assert ReportFile(written(tmp_path, text, "cp1252")).encoding == "cp1252"
    assert ReportFile(written(tmp_path, text, "utf-8")).encoding == "utf-8"


def test_quoted_cells_with_commas_and_lines(tmp_path: Path) -> None:
    text = table(("50123", "1001", '"Sample, Bakery\r\n LLC"', *ROW[3:]), ("50124", *ROW[1:]))
    made = read(written(tmp_path, text))
    assert [row[2] for row in made.invoices] == ["Sample, Bakery LLC", "Sample Bakery LLC"]
    assert made.lines == [2, 4]


def test_a_printed_report(tmp_path: Path) -> None:
    """It has titles above, repeated headers, groups by customer, and totals and page numbers between rows."""
    lines = [
        ["Customer Aged Accounts Receivable"],
        ["Harbor Street Insurance", "As of 08/14/2026"],
        [],
        list(HEADINGS),
        ["", "1001", "Sample Bakery LLC", "02108"],
        ["50123", "", "", "", "7/1/2026", "7/22/2026", "1,250.00", "400.00", "BOP-1"],
        ["50140", "", "", "", "7/1/2026", "", "150.00", "(12.00)", ""],
        ["Customer Total", "", "", "", "", "", "", "388.00"],
        ["Page 1 of 2"],
        list(HEADINGS),
        ["50200", "1002", "Renée O’Brien", "", "7/1/2026", "8/1/2026", "$75.00", "75.00-", ""],
        ["Grand Total:", "", "", "", "", "", "", "313.00"],
    ]
    text = "".join(",".join(f'"{cell}"' for cell in row) + "\n" for row in lines)
    made = read(written(tmp_path, text))
    assert [(row[0], row[1], row[2], row[4]) for row in made.invoices] == [
        ("50123", "1001", "Sample Bakery LLC", 400_00),
        ("50140", "1001", "Sample Bakery LLC", -12_00),
        ("50200", "1002", "Renée O’Brien", -75_00),
    ]
    assert (made.left_out.total(), made.rejects) == (5, [])


def test_every_row_that_is_not_taken_says_why(tmp_path: Path) -> None:
    def row(**changes: str) -> list[str]:
        return [changes.get(name, value) for name, value in zip("icnzdupby", ROW, strict=True)]

    text = table(
        row(i=""),
        row(i="INV-A"),
        row(c=""),
        row(c="A1"),
        row(n=""),
        row(b=""),
        row(b="12.345"),
        row(b="n/a"),
        row(u="13/45/2026"),
        row(d="yesterday"),
        row(p="1.2.3"),
        row(z="021081"),
        row(b="99999999999.00"),
        row(),
    )
    made = read(written(tmp_path, text))
    assert reasons(made) == [
        (2, "no invoice number"),
        (3, "“INV-A” is not an invoice number"),
        (4, "no customer number"),
        (5, "“A1” is not a customer number"),
        (6, "no customer name"),
        (7, "no balance"),
        (8, "“12.345” is not an amount"),
        (9, "“n/a” is not an amount"),
        (14, "“99999999999.00” is not an amount of dollars and cents"),
    ]
    assert [(lost.line, lost.reason) for lost in made.lost] == [
        (10, "“13/45/2026” is not a date"),
        (11, "“yesterday” is not a date"),
        (12, "“1.2.3” is not an amount"),
        (13, "“021081” is not a ZIP"),
    ], "an optional cell costs itself, and not the row"
    assert made.lines == [10, 11, 12, 13, 15]
    assert made.rejects[0].cells[1] == "1001"


def test_direct_bill_is_left_out(tmp_path: Path) -> None:
    headings = "Invoice,Customer #,Name,Balance,Bill\n"
    text = headings + "1,1,A,1.00,A\n2,1,A,1.00,P\n3,1,A,1.00,\n4,1,A,1.00,Direct Bill\n5,1,A,1.00,Weekly\n"
    made = read(written(tmp_path, text))
    assert [row[0] for row in made.invoices] == ["1", "3"]
    assert (made.left_out.total(), reasons(made)) == (2, [(6, "“Weekly” isn't a bill method PayDesk knows")])


def test_aging_columns_add_up_where_there_is_no_balance(tmp_path: Path) -> None:
    text = "Inv No,Account,Client,Current,1-30,31 - 60,61-90 Days,Over 90\n7,8,A,1.00,2.00,,(0.50),\n"
    assert [row[4] for row in read(written(tmp_path, text)).invoices] == [2_50]


def test_a_list_of_zips(tmp_path: Path) -> None:
    made = read(written(tmp_path, "Cust #,Zip Code,Name\n1001,2108,Bakery\n1002,021081234,\n1003,x,\n"))
    assert list(made.customers.values()) == [
        ("1001", "Bakery", "02108", "", ""),
        ("1002", "", "021081234", "", ""),
        ("1003", "", "", "", ""),
    ]
    assert made.invoices == []


def test_an_xlsx_file(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Aged receivables"])
    sheet.append(HEADINGS)
    sheet.append(
        (
            50123,
            1001,
            "Sample Bakery LLC",
            2108,
            datetime.fromisoformat("2026-07-01"),  # Excel has no time zones
            date(2026, 7, 22),
            1250,
            0.1 + 0.2,
            "P",
        )
    )
    sheet.append((50124.0, "1002", "Renée", "02109-1234", None, "8/1/2026", "1,000.00", 12.5, None))
    sheet.append((50125, 1002, "Renée", None, None, None, None, 1.005, None))
    sheet.append(("Total", None, None, None, None, None, None, 12.8, None))
    book.save(tmp_path / "open.xlsx")
    made = read(tmp_path / "open.xlsx")
    assert made.invoices == [
        ("50123", "1001", "Sample Bakery LLC", 1_250_00, 30, "2026-07-01", "2026-07-22", "", "P", ""),
        ("50124", "1002", "Renée", 1_000_00, 12_50, None, "2026-08-01", "", "", ""),
    ]
    assert made.customers["1001"][2] == "02108"
    assert reasons(made) == [(5, "“1.005” is not an amount of dollars and cents")]
    assert made.left_out.total() == 1


def test_files_that_are_no_reports(tmp_path: Path) -> None:
    def refused(content: bytes, words: str) -> None:
        path = tmp_path / "file.xlsx"
        path.write_bytes(content)
        with pytest.raises(KnownError, match=words):
            ReportFile(path).header()

    refused(b"", "is empty")
    refused(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "old Excel file")
    refused(b"PK\x03\x04 nothing more", "a damaged Excel file")
    with pytest.raises(KnownError, match="can't be read"):
        ReportFile(tmp_path / "missing.csv")
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as packed:
        packed.writestr("readme.txt", "hello")
    with pytest.raises(KnownError, match="a damaged Excel file"):
        ReportFile(tmp_path / "other.zip").header()
    with zipfile.ZipFile(tmp_path / "bomb.xlsx", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b"0" * 60_000_000)
    with pytest.raises(KnownError, match="is too large to open safely"):
        ReportFile(tmp_path / "bomb.xlsx")
    assert ReportFile(written(tmp_path, "a,b\n1,2\n")).header() is None


def test_an_xlsx_with_entities_is_refused(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.save(tmp_path / "good.xlsx")
    with zipfile.ZipFile(tmp_path / "good.xlsx") as good, zipfile.ZipFile(tmp_path / "bad.xlsx", "w") as bad:
        for part in good.infolist():
            body = good.read(part)
            if part.filename == "xl/workbook.xml":
                body = b'<!DOCTYPE x [<!ENTITY a "aaaa">]>' + body
            bad.writestr(part, body)
    with pytest.raises(KnownError, match="a damaged Excel file"):
        ReportFile(tmp_path / "bad.xlsx").header()


@pytest.mark.parametrize("rows", [3, 60, 20_000])
def test_an_open_quote_is_refused_at_its_line_and_the_lines_after_it_are_read(
    rows: int, tmp_path: Path
) -> None:
    good = "".join(f"{at},1001,Sample,1.00\n" for at in range(6, 6 + rows))
    made = read(written(tmp_path, f'Invoice,Customer #,Name,Balance\n5,1001,"Sample,1.00\n{good}'))
    assert reasons(made) == [(2, "a quotation mark is missing or out of place")]
    assert [row[0] for row in made.invoices] == [str(at) for at in range(6, 6 + rows)]


def test_an_open_quote_before_a_quoted_row_swallows_neither(tmp_path: Path) -> None:
    text = (
        "Invoice,Customer #,Name,Balance\n"
        '5,1001,"Sample,1.00\n6,1002,"Harbor, Inc",2.00\n7,1003,Lee,3.00\n8,1004,"Ann\nMary",4.00\n'
        '9,1005,6" pipe,5.00\n10,1006,"The "Best" Shop",6.00\n11,1007,"A "B, C" D",7.00\n'
    )
    made = read(written(tmp_path, text))
    assert [line for line, _reason in reasons(made)] == [2, 9]
    assert [(row[0], row[2], row[4]) for row in made.invoices] == [
        ("6", "Harbor, Inc", 2_00),
        ("7", "Lee", 3_00),
        ("8", "Ann Mary", 4_00),
        ("9", '6" pipe', 5_00),
        ("10", 'The Best" Shop"', 6_00),
    ]


@given(st.lists(st.lists(st.text('ab,"\n', max_size=4), min_size=3, max_size=3), min_size=1, max_size=9))
def test_rows_are_cut_as_csv_reads_them(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]
) -> None:
    path = tmp_path_factory.mktemp("cut") / "x.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([["h", "e", "ad"], *rows])
    report = ReportFile(path)
    report.delimiter = ","
    read_back = [tuple(row) for _, chunk in report.chunks(2) for row in chunk]
    assert read_back[1:] == [tuple(row) for row in rows]
    lines = [line for lines, _ in report.chunks(2) for line in lines]
    assert lines[0] == 1
    assert lines == sorted(set(lines))


def test_headings_can_be_corrected() -> None:
    header = find_header([(1, ("Title",)), (2, ("Ref", "Who", "Name", "Balance", "Invoice"))])
    assert header is not None
    assert header.line == 2
    assert header.columns.missing() == (Field.CUSTOMER_NUMBER,)
    with pytest.raises(KnownError, match="recognizes as customer number"):
        header.columns.check()
    better = header.with_column(Field.CUSTOMER_NUMBER, "who").with_column(Field.INVOICE_NUMBER, "REF")
    assert (better.columns.of[Field.CUSTOMER_NUMBER], better.columns.of[Field.INVOICE_NUMBER]) == (1, 0)
    better.columns.check()
    assert remembered_from(remembered_text(Remembered(better.columns))) == Remembered(better.columns)
    with pytest.raises(KnownError, match="no heading “Nope”"):
        header.with_column(Field.ZIP, "Nope")
    assert recognize(("Invoice #", "Invoice", "INV. NO.")).of == {Field.INVOICE_NUMBER: 0}


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("1,234.50", 1_234_50),
        ("1234.5", 1_234_50),
        ("(12.00)", -12_00),
        ("$12", 12_00),
        ("$ 1,000.00 ", 1_000_00),
        ("12.00 CR", -12_00),
        ("12.00CR", -12_00),
        ("12.00-", -12_00),
        ("-12.00", -12_00),
        ("($1,234.50)", -1_234_50),
        ("-$12.00", -12_00),
        ("$-12.00", -12_00),
        ("12.00 DR", 12_00),
        ("\u221212.00", -12_00),
        (".50", 50),
        ("0", 0),
        ("", None),
        ("-", 0),
        (None, None),
        (12, 12_00),
        (12.5, 12_50),
        (-0.01, -1),
        (Decimal("1.10"), 1_10),
        (0.1 + 0.2, 30),
        (1e-9, 0),
    ],
)
def test_spellings_of_money(text: object, cents: int | None) -> None:
    assert cents_of(text) == cents


@pytest.mark.parametrize(
    "text",
    ["1.234,50", "12,34", "1,23.00", "--1", "1-2", "(1", "1e5", "١٢", "12.345", "$", "CR", 0.001, "nan"],
)
def test_what_is_no_amount(text: object) -> None:
    with pytest.raises(Unreadable):
        cents_of(text)


@pytest.mark.parametrize(
    ("value", "day"),
    [
        ("7/1/2026", "2026-07-01"),
        ("07-01-26", "2026-07-01"),
        ("2026-07-01", "2026-07-01"),
        ("20260701", "2026-07-01"),
        ("2026-07-01T00:00:00", "2026-07-01"),
        ("7/1/2026 12:00:00 AM", "2026-07-01"),
        ("Jul 1, 2026", "2026-07-01"),
        ("1-Jul-26", "2026-07-01"),
        ("July 1 2026", "2026-07-01"),
        (date(2026, 7, 1), "2026-07-01"),
        ("", None),
        (None, None),
        ("1/1/0001", None),
        ("1/1/1900", None),
        ("12:00:00 AM", Unreadable),
        ("2/30/2026", Unreadable),
        ("7/2026", Unreadable),
        (46204, "2026-07-01"),
        (20462, Unreadable),
    ],
)
def test_spellings_of_dates(value: object, day: str | type[Unreadable] | None) -> None:
    if day is Unreadable:
        with pytest.raises(Unreadable):
            day_of(value)
    else:
        assert day_of(value) == day


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("2108", "02108"),
        ("02108", "02108"),
        ("21081234", "021081234"),
        ("02108-1234", "02108-1234"),
        ("", ""),
        ("2108-1234", "02108-1234"),
        ("2110.0", "02110"),
        ("501", "00501"),
        ("02108 1234", "02108-1234"),
        ("'02108", "02108"),
        ("021081", Unreadable),
        ("none", Unreadable),
        ("K1A 0B1", Unreadable),
    ],
)
def test_zips_that_lost_a_zero(text: str, code: str | type[Unreadable]) -> None:
    if code is Unreadable:
        with pytest.raises(Unreadable):
            zip_of(text)
    else:
        assert zip_of(text) == code


CELLS = {
    0: st.sampled_from(["50123", "50124-2", "007", "", "A1", "12345678901"]),
    1: st.sampled_from(["1001", "1002", "", "01001"]),
    2: st.sampled_from(["Sample Bakery", "Renée", "", " padded ", "two\nlines"]),
    3: st.sampled_from(["02108", "2108", "", "02108-1234"]),
    4: st.sampled_from(["7/1/2026", "", "nonsense"]),
    5: st.sampled_from(["2026-07-22", "", "7/22/26"]),
    6: st.sampled_from(["1250.00", "1,250.00", "", "(1.00)"]),
    7: st.sampled_from(["400.00", "-400.00", "$1,400.00", "4", ""]),
    8: st.sampled_from(["BOP-1", "", "x" * 400]),
}


@given(st.lists(st.tuples(*CELLS.values()), min_size=1, max_size=4))
def test_both_ways_of_reading_agree(rows: list[tuple[str, ...]]) -> None:
    header = Header(1, HEADINGS, recognize(HEADINGS))
    lines = range(2, 2 + len(rows))
    by_column, by_row = Converter(header), Converter(header)
    by_row._plain = None  # not even a plain chunk is read at once
    whole = [list(row) for row in rows]
    first, second = by_column.convert(lines, list(whole)), by_row.convert(lines, list(whole))
    assert first.invoices == second.invoices
    assert first.customers == second.customers
    assert (first.rejects, first.lost, first.left_out) == (second.rejects, second.lost, second.left_out)
    assert list(first.lines) == list(second.lines)
