"""Files made to fill the memory or to take hours: refused in a sentence, in little memory, however they try.

Memory is what Python, expat and zlib ask for at the same time (tracemalloc), so no figure depends on the
machine.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from paydesk.domain.errors import KnownError, UnreadableError
from paydesk.domain.invoices.importing import Converted
from paydesk.gateways.files import book_parts, csv_lines, own_figures, package, reports, workbook
from paydesk.gateways.files.reports import ReportFile
from tests.fakes.raw_book import HEADINGS, ROW, book, cell, packed, parts_of, row, sheet, usual_sheet
from tests.gateways.memory import MB, at_most

pytestmark = pytest.mark.no_cover  # which triples their time, and other tests read the same lines
LARGE = 3 * MB
"""A text that no reader may hold. It packs into some kilobytes."""
HEAD = "Invoice,Customer #,Name,Balance\n"
GOOD = "50123,1001,Sample Bakery LLC,400.00\n"


def taken(path: Path) -> Converted:
    """Return all that a file gives, as an import reads it."""
    report = ReportFile(path)
    header = report.header()
    assert header is not None
    report.first_rows()
    report.other_sheets(header)
    converter = report.converter(header, report.reading())
    whole = Converted(lines=[])
    for lines, rows in report.chunks(1_000, header):
        made = converter.convert(lines, rows)
        whole.invoices += made.invoices
        whole.lines = [*whole.lines, *made.lines]
        whole.rejects += made.rejects
    whole.figures = converter.figures()
    return whole


def refused(path: Path, words: str, megabytes: float = 5) -> None:
    """Read a file in little memory, and expect a sentence with these words and a next step."""
    with at_most(megabytes), pytest.raises(KnownError, match=words) as told:
        taken(path)
    assert not isinstance(told.value, UnreadableError), "a bound, and not an accident"
    assert told.value.next_step
    assert len(told.value.sentence) < 300


@pytest.fixture(autouse=True)
def _warm(tmp_path: Path) -> None:
    """Import whatever the readers import, which is no memory of a file."""
    taken(book(tmp_path / "warm.xlsx", usual_sheet()))


# ---- XLSX ---------------------------------------------------------------------------------------


def inline(text: str) -> str:
    return cell("A3", text)


TOO_LONG_TEXTS: dict[str, Callable[[], str]] = {
    "its own text": lambda: inline("x" * LARGE),
    "in many pieces": lambda: inline("</t><t>".join(["x" * 1000] * (LARGE // 1000))),
    "in runs": lambda: f'<c r="A3" t="inlineStr"><is>{"<r><t>abc</t></r>" * 50_000}</is></c>',
    "a result": lambda: f'<c r="A3" t="str"><v>{"x" * LARGE}</v></c>',
    "a number": lambda: f'<c r="A3"><v>{"7" * LARGE}</v></c>',
    "a formula": lambda: f'<c r="A3"><f>{"x" * LARGE}</f></c>',
    "CDATA": lambda: f'<c r="A3" t="str"><v><![CDATA[{"<" * 500_000}]]></v></c>',
    "characters by number": lambda: f'<c r="A3" t="str"><v>{"&#65;" * 120_000}</v></c>',
}


@pytest.mark.parametrize("more", TOO_LONG_TEXTS.values(), ids=TOO_LONG_TEXTS)
def test_a_cell_without_end_is_refused(more: Callable[[], str], tmp_path: Path) -> None:
    path = book(tmp_path / "x.xlsx", usual_sheet(f'<row r="3">{more()}</row>'))
    refused(path, "more than 100,000 characters")


TAGS_WITHOUT_END: dict[str, Callable[[], str]] = {
    "an attribute": lambda: f'<c r="A3" x="{"x" * LARGE}"/>',
    "many attributes": lambda: f"<c {' '.join(f'a{at}=_' for at in range(400_000))}/>".replace("_", '""'),
    "a comment": lambda: f"<!--{'x' * LARGE}-->",
    "an instruction": lambda: f"<?x {'x' * LARGE}?>",
    "a name": lambda: f"<{'x' * LARGE}/>",
    "spaces": lambda: f"<c {' ' * LARGE}/>",
}


@pytest.mark.parametrize("more", TAGS_WITHOUT_END.values(), ids=TAGS_WITHOUT_END)
def test_a_tag_without_end_is_refused(more: Callable[[], str], tmp_path: Path) -> None:
    refused(book(tmp_path / "x.xlsx", usual_sheet(f'<row r="3">{more()}</row>')), "XML has")


SHAPES = {
    "deep": ("<a>" * 100_000 + "</a>" * 100_000, "too deep"),
    "names of elements": ("".join(f"<e{at}/>" for at in range(60_000)), "too many names"),
    "names of attributes": ("".join(f'<e a{at}=""/>' for at in range(60_000)), "too many names"),
    "namespaces": ("".join(f'<e xmlns:a{at}="u{at}"/>' for at in range(60_000)), "too many names"),
    "addresses": ("".join(f'<e xmlns="u{at}"/>' for at in range(60_000)), "too many names"),
}


@pytest.mark.parametrize(("more", "words"), SHAPES.values(), ids=SHAPES)
@pytest.mark.parametrize("place", ["sheet", "strings", "styles", "list"])
def test_xml_of_no_honest_shape_is_refused(more: str, words: str, place: str, tmp_path: Path) -> None:
    parts = parts_of({"Open": usual_sheet(after=more if place == "sheet" else "")}, "<si/>", "<xf/>")
    name = {"strings": "xl/sharedStrings.xml", "styles": "xl/styles.xml", "list": "xl/workbook.xml"}.get(
        place
    )
    if name:
        beginning, end, rest = parts[name].rpartition("</")
        parts[name] = beginning + more + end + rest
    refused(packed(tmp_path / "x.xlsx", parts), words)


@pytest.mark.parametrize(
    "name", ["xl/workbook.xml", "xl/_rels/workbook.xml.rels", "_rels/.rels", "xl/worksheets/sheet0.xml"]
)
def test_a_document_type_is_refused_in_every_part(name: str, tmp_path: Path) -> None:
    parts = parts_of({"Open": usual_sheet()})
    laughs = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
    refused(packed(tmp_path / "x.xlsx", parts | {name: laughs + parts[name]}), "a document type")


def test_elements_beyond_number_cost_no_memory(tmp_path: Path) -> None:
    rows, more = "<row><c/></row>" * 10_000, "<hyperlink/>" * 30_000
    path = book(tmp_path / "x.xlsx", usual_sheet(rows, after=more))
    with at_most(5):
        made = taken(path)
    assert len(made.invoices) == 1


def test_a_cell_in_the_last_column_is_refused_and_a_blank_one_costs_nothing(tmp_path: Path) -> None:
    rows = "".join(row(line, ROW, cell(f"XFD{line}", "1")) for line in range(3, 600))
    refused(book(tmp_path / "x.xlsx", usual_sheet(rows)), "line 3 has a value beyond column 1,000")
    blank = "".join(row(line, (str(line), *ROW[1:]), f'<c r="XFD{line}" s="1"/>') for line in range(3, 600))
    path = book(tmp_path / "y.xlsx", usual_sheet(blank))
    with at_most(8):
        made = taken(path)
    assert (len(made.invoices), made.rejects) == (598, [])


def test_a_claimed_size_and_a_far_row_cost_nothing(tmp_path: Path) -> None:
    """A file of 5 kB that claims to fill the whole sheet, and has its second row at line 99,999."""
    far = row(99_999, ("50124", *ROW[1:])) + row(1_048_576, ("50125", *ROW[1:]))
    path = book(tmp_path / "x.xlsx", usual_sheet(far, before='<dimension ref="A1:XFD1048576"/>'))
    with at_most(5):
        made = taken(path)
    assert made.lines == [2, 99_999, 1_048_576]


UNSOUND = {
    "beyond the last row": row(1_048_577, ROW),
    "rows out of order": row(9, ROW) + row(8, ROW),
    "a row twice": row(3, ROW) + row(3, ROW),
    "row 0": row(0, ROW),
    "a row of 10,000 digits": f'<row r="{"9" * 10_000}"/>',
    "a cell twice": f'<row r="3">{cell("A3", "1")}{cell("A3", "2")}</row>',
    "beyond the last column": f'<row r="3">{cell("ZZZ3", "1")}</row>',
    "no place": f'<row r="3">{cell("3", "1")}</row>',
    "no number": '<row r="3"><c r="A3"><v>nan</v></c></row>',
    "a number of 10,000 digits": f'<row r="3"><c r="A3"><v>{"9" * 10_000}</v></c></row>',
    "a text that is not there": '<row r="3"><c r="A3" t="s"><v>7</v></c></row>',
    "a text by a negative number": '<row r="3"><c r="A3" t="s"><v>-1</v></c></row>',
    "a style of 10,000 digits": f'<row r="3"><c r="A3" s="{"9" * 10_000}"><v>1</v></c></row>',
    "no day": '<row r="3"><c r="A3" t="d"><v>2026-99-99</v></c></row>',
    "cut off": "<row",
}


@pytest.mark.parametrize("rows", UNSOUND.values(), ids=UNSOUND)
def test_a_sheet_that_no_program_writes_is_refused_whole(rows: str, tmp_path: Path) -> None:
    refused(book(tmp_path / "x.xlsx", usual_sheet(rows)), "a damaged Excel file")


def test_a_number_beyond_any_date_or_amount_costs_its_row(tmp_path: Path) -> None:
    styles = '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs>'
    rows = '<row r="3"><c r="A3" s="1"><v>1e99</v></c><c r="D3"><v>1E999</v></c></row>'
    made = taken(book(tmp_path / "x.xlsx", usual_sheet(rows), styles=styles))
    assert [reject.line for reject in made.rejects] == [3]


def test_a_workbook_without_a_worksheet_is_refused(tmp_path: Path) -> None:
    refused(packed(tmp_path / "x.xlsx", parts_of({})), "has no sheet with cells")
    parts = parts_of({"Chart": usual_sheet()})
    chart = {name: body.replace("/worksheet", "/chartsheet") for name, body in parts.items()}
    refused(packed(tmp_path / "y.xlsx", chart), "has no sheet with cells")
    refused(packed(tmp_path / "z.xlsx", {"readme.txt": "hello"}), "a damaged Excel file")
    refused(packed(tmp_path / "w.xlsx", {"inside.xlsx": b"PK\x03\x04" + b"0" * 500}), "a damaged Excel file")


def test_too_many_sheets_are_refused(tmp_path: Path) -> None:
    sheets = {f"S{at}": "" for at in range(60_000)}
    parts = {name: body for name, body in parts_of(sheets).items() if "sheet" not in name}
    refused(packed(tmp_path / "x.xlsx", parts), "more than 500 sheets")


def test_the_texts_of_a_workbook_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    strings = "<si><t>abcdefgh</t></si>" * 20_000
    path = book(tmp_path / "x.xlsx", usual_sheet(), strings)
    assert len(taken(path).invoices) == 1
    monkeypatch.setattr(book_parts, "MOST_STRINGS", 10_000)
    refused(path, "texts would fill the memory", 8)
    monkeypatch.setattr(book_parts, "MOST_STRINGS", 30_000)
    monkeypatch.setattr(book_parts, "MOST_OF_STRINGS", MB)
    refused(path, "texts would fill the memory", 8)
    path = book(tmp_path / "y.xlsx", usual_sheet(), f"<si><t>{'x' * LARGE}</t></si>")
    refused(path, "more than 100,000 characters")


def test_styles_links_and_merged_cells_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(book_parts, "MOST_STYLES", 1_000)
    monkeypatch.setattr(workbook, "_MOST_MERGED", 1_000)
    styles = f"<cellXfs>{'<xf/>' * 2_000}</cellXfs>"
    refused(book(tmp_path / "a.xlsx", usual_sheet(), styles=styles), "too many styles")
    formats = "".join(f'<numFmt numFmtId="{at}" formatCode="0"/>' for at in range(2_000))
    refused(book(tmp_path / "b.xlsx", usual_sheet(), styles=formats), "too many styles")
    merged = "".join(f'<mergeCell ref="A{at}:A{at + 1}"/>' for at in range(1, 2_001))
    refused(book(tmp_path / "c.xlsx", usual_sheet(after=merged)), "too many merged cells")
    parts = parts_of({"Open": usual_sheet()})
    links = "".join(f'<Relationship Id="q{at}" Target="x"/>' for at in range(2_000))
    name = "xl/_rels/workbook.xml.rels"
    parts[name] = parts[name].replace("</Rel", f"{links}</Rel")
    refused(packed(tmp_path / "d.xlsx", parts), "too many links")


def test_a_chunk_of_huge_rows_ends_early_and_loses_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "x" * 30_000
    rows = "".join(row(line, (str(line), "1002", name, "1.00")) for line in range(3, 200))
    monkeypatch.setattr(workbook, "MOST_OF_A_CHUNK", MB)
    path = book(tmp_path / "x.xlsx", usual_sheet(rows))
    with at_most(10):
        made = taken(path)
    assert len(made.invoices) == 198
    assert len([lines for lines, _rows in ReportFile(path).chunks(1_000)]) > 4


# ---- the ZIP around it ----------------------------------------------------------------------------


def test_the_unpacked_size_is_bounded_whatever_its_ratio(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = "".join(row(line, (str(line), *ROW[1:])) for line in range(3, 300))
    path = book(tmp_path / "x.xlsx", usual_sheet(rows))
    assert len(taken(path).invoices) == 298
    monkeypatch.setattr(package, "MOST_UNPACKED", 30_000)
    refused(path, "is too large to open safely")
    monkeypatch.setattr(package, "MOST_UNPACKED", 500 * MB)
    monkeypatch.setattr(package, "MOST_PACKED", 1_000)
    refused(path, "is too large to open safely")


def test_a_part_larger_than_its_directory_says_is_cut_off_there(tmp_path: Path) -> None:
    body = usual_sheet(f"<row r='3'>{cell('A3', 'x' * 90_000)}</row>" + " " * MB).encode()
    path = packed(tmp_path / "x.xlsx", parts_of({"Open": body.decode()}))
    lied = path.read_bytes().replace(len(body).to_bytes(4, "little"), (70_000).to_bytes(4, "little"))
    path.write_bytes(lied)
    refused(path, "a damaged Excel file")


def test_a_directory_of_many_entries_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    with zipfile.ZipFile(path, "w") as file:
        for at in range(10_001):
            file.writestr(str(at), b"")
    refused(path, "is too large to open safely", 4)


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_a_method_that_takes_memory_by_its_own_word_is_refused(method: int, tmp_path: Path) -> None:
    refused(
        packed(tmp_path / "x.xlsx", parts_of({"Open": usual_sheet()}), method), "a damaged Excel file", 20
    )


def test_every_cut_of_a_workbook_is_refused_in_words(tmp_path: Path) -> None:
    whole = book(tmp_path / "whole.xlsx", usual_sheet(), "<si><t>a</t></si>").read_bytes()
    path = tmp_path / "x.xlsx"
    for at in range(4, len(whole), 97):
        path.write_bytes(whole[:at])
        with pytest.raises(KnownError, match="a damaged Excel file"):
            taken(path)


# ---- CSV ------------------------------------------------------------------------------------------


def written(folder: Path, *pieces: str, encoding: str = "utf-8") -> Path:
    path = folder / "x.csv"
    path.write_bytes("".join(pieces).encode(encoding))
    return path


@pytest.mark.parametrize("around", ["", '"'])
def test_a_long_first_field_costs_its_row(around: str, tmp_path: Path) -> None:
    """csv itself stops at 131,072 characters, unless it is told not to before its first use."""
    field = around + "x" * 140_000 + around
    made = taken(written(tmp_path, HEAD, GOOD, f"{field},1001,Sample,1.00\n", GOOD.replace("123", "124")))
    assert made.lines == [2, 4]
    assert [reject.line for reject in made.rejects] == [3]
    path = written(tmp_path, f"{field}\n", HEAD, GOOD)
    assert taken(path).lines == [3]


WITHOUT_END: dict[str, Callable[[], bytes]] = {
    "no line": lambda: b"x" * LARGE,
    "a quote": lambda: b'"' + b"x" * LARGE,
    "after headings": lambda: HEAD.encode() + b"x" * LARGE,
    "UTF-16": lambda: ("\ufeff" + "x" * LARGE).encode("utf-16-le"),
    "UTF-16 whose bytes look like line ends": lambda: b"\xfe\xff" + b"\x0a" * LARGE,
}


@pytest.mark.parametrize("made", WITHOUT_END.values(), ids=WITHOUT_END)
def test_a_line_without_end_is_refused(made: Callable[[], bytes], tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(made())
    refused(path, "a line of more than 1,000,000 characters", 30)


def test_letters_of_no_encoding_are_no_line_either(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_lines, "LONGEST_LINE", 20_000)
    (tmp_path / "x.csv").write_bytes(b"\x81" * 60_000)
    refused(tmp_path / "x.csv", "a line of more than")


def test_long_lines_are_read_few_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = (f"{at},1001,{'x' * 900_000},1.00\n" for at in range(1, 100))
    path = written(tmp_path, HEAD, *lines)
    monkeypatch.setattr(csv_lines, "MOST_OF_A_BLOCK", 2 * MB)
    with at_most(60):
        made = taken(path)
    assert len(made.invoices) == 99


def test_an_open_quote_before_long_lines_holds_few_of_them(tmp_path: Path) -> None:
    lines = (f'{at},1001,"{"x" * 900_000},1.00\n' for at in range(1, 30))
    path = written(tmp_path, HEAD, *lines)
    with at_most(160):
        made = taken(path)
    assert len(made.rejects) == 29
    assert sum(len(text) for reject in made.rejects for text in reject.cells) < 29 * 20_000


def test_a_line_of_a_million_cells_costs_itself(tmp_path: Path) -> None:
    wide = ("," * 900_000 + "\n") * 8
    path = written(tmp_path, wide[: -(6 * 900_001)], HEAD, GOOD, wide)
    with at_most(120):
        made = taken(path)
    assert made.lines == [4]
    assert {reject.reason for reject in made.rejects} == {"more than 1,000 cells"}


def test_a_title_that_says_as_of_for_ever_is_read_quickly(tmp_path: Path) -> None:
    """It was searched again from each "as of" to its end: the square of its length."""
    title = "as of " * 15_000
    report = ReportFile(written(tmp_path, title, "\n", HEAD, GOOD))
    header = report.header()
    assert header is not None
    order = report.reading().date_order
    assert report.titled(header, order) is None


def test_totals_without_end_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_figures, "MOST_CLAIMS", 100)
    refused(written(tmp_path, HEAD, GOOD, "Total,,,1.00\n" * 101), "totals of its own")


def test_size_and_rows_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, HEAD, *(f"{at},1001,Sample,1.00\n" for at in range(1, 3_000)))
    monkeypatch.setattr(reports, "MOST_ROWS", 2_000)
    refused(path, "more than 2,000 lines", 8)
    monkeypatch.setattr(reports, "MOST_BYTES", 10_000)
    refused(path, "too large to open safely")


def test_a_number_of_invoices_of_5000_digits_is_no_number(tmp_path: Path) -> None:
    made = taken(written(tmp_path, f"{'9' * 5_000} invoices\n", HEAD, GOOD, f"Count: {'9' * 5_000},,,\n"))
    assert len(made.invoices) == 1


@pytest.mark.parametrize("sign", ['"', "a", " ", "\r", "0"])
def test_a_separator_that_is_none_is_not_taken(sign: str, tmp_path: Path) -> None:
    assert ReportFile(written(tmp_path, f"sep={sign}\n", HEAD, GOOD)).delimiter == ","


# ---- what is no file of text --------------------------------------------------------------------------

OTHERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zstd": lambda body: b"\x28\xb5\x2f\xfd" + body,
    "an empty zip": lambda _body: b"PK\x05\x06" + bytes(18),
    "a split zip": lambda body: b"PK\x07\x08" + body,
}


@pytest.mark.parametrize("pack", OTHERS.values(), ids=OTHERS)
def test_a_packed_file_is_no_report(pack: Callable[[bytes], bytes], tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(pack((HEAD + GOOD).encode()))
    refused(path, "is a compressed file")


@pytest.mark.parametrize("start", ["<html>", "\n <!DOCTYPE html>", "<TABLE>", "<?xml version='1.0'?>"])
def test_a_web_page_by_another_name_is_no_report(start: str, tmp_path: Path) -> None:
    refused(written(tmp_path, start, "<tr><td>50123</td></tr>" * 100), "is (a web page|an XML file)")


@pytest.mark.skipif(sys.platform == "win32", reason="has neither")
def test_pipes_devices_and_folders_are_no_reports(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    for path in (tmp_path / "pipe.csv", Path("/dev/zero"), tmp_path):
        with pytest.raises(KnownError, match="is not a file"):
            ReportFile(path)


# ---- surprises ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("odd", [MemoryError(), RecursionError(), ValueError("4111"), OSError(5, "Bad disk")])
@pytest.mark.parametrize("name", ["x.csv", "x.xlsx"])
def test_a_surprise_has_a_sentence_and_a_reference_in_the_log(
    odd: Exception,
    name: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    path = tmp_path / name
    if name == "x.csv":
        path.write_text(HEAD + GOOD, encoding="utf-8")
    else:
        book(path, usual_sheet())
    report = ReportFile(path)
    header = report.header()
    assert header is not None

    def fail(*_: object) -> None:
        raise odd

    for place in ("convert", "figures"):
        monkeypatch.setattr(f"paydesk.gateways.files.rows.Converter.{place}", fail)
    converter = report.converter(header, report.reading())
    for act in (lambda: converter.convert([2], [ROW]), converter.figures):
        with pytest.raises(UnreadableError, match="can't be read: ") as told:
            act()
        error = told.value
        assert error.reference in error.sentence
        assert error.reference in caplog.text
        assert "4111" not in caplog.text + error.sentence
        assert error.__cause__ is None


def test_a_file_that_is_taken_away_is_told(tmp_path: Path) -> None:
    report = ReportFile(written(tmp_path, HEAD, GOOD))
    report.path.unlink()
    for act in (report.digest, lambda: list(report.chunks(10)), report.header):
        with pytest.raises(UnreadableError, match="can't be read: No such file"):
            act()


def test_a_usual_workbook_is_read_as_before(tmp_path: Path) -> None:
    assert HEADINGS[0] == "Invoice"
    assert taken(book(tmp_path / "x.xlsx", sheet(row(1, HEADINGS) + row(2, ROW)))).lines == [2]
