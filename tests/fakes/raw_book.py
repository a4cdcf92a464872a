"""Workbooks written byte by byte, so that they can be what no spreadsheet program writes."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
HEADINGS = ("Invoice", "Customer #", "Name", "Balance")
ROW = ("50123", "1001", "Sample Bakery LLC", "400.00")


def cell(place: str, text: str) -> str:
    """Return a cell with its own text."""
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


def row(line: int, texts: Iterable[str], more: str = "") -> str:
    """Return a row whose first cells have these texts."""
    cells = "".join(cell(f"{letter}{line}", text) for letter, text in zip("ABCDEFG", texts, strict=False))
    return f'<row r="{line}">{cells}{more}</row>'


def sheet(rows: str, before: str = "", after: str = "") -> str:
    """Return a sheet with this XML before, in and after its rows."""
    return f'<worksheet xmlns="{MAIN}">{before}<sheetData>{rows}</sheetData>{after}</worksheet>'


def usual_sheet(rows: str = "", before: str = "", after: str = "") -> str:
    """Return a sheet with headings, one invoice, and these rows from line 3 on."""
    return sheet(row(1, HEADINGS) + row(2, ROW) + rows, before, after)


def parts_of(sheets: Mapping[str, str], strings: str = "", styles: str = "") -> dict[str, str]:
    """Return the parts of a workbook with these sheets, by their names."""
    names = list(sheets)
    links = "".join(
        f'<Relationship Id="r{at}" Type="{LINKS}/worksheet" Target="worksheets/sheet{at}.xml"/>'
        for at in range(len(names))
    )
    links += f'<Relationship Id="s" Type="{LINKS}/sharedStrings" Target="sharedStrings.xml"/>'
    links += f'<Relationship Id="t" Type="{LINKS}/styles" Target="/xl/styles.xml"/>'
    listed = "".join(f'<sheet name="{name}" sheetId="{at}" r:id="r{at}"/>' for at, name in enumerate(names))
    made = {
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Id="r" '
        f'Type="{LINKS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{LINKS}"><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}">{links}</Relationships>',
    }
    made |= {f"xl/worksheets/sheet{at}.xml": sheets[name] for at, name in enumerate(names)}
    if strings:
        made["xl/sharedStrings.xml"] = f'<sst xmlns="{MAIN}">{strings}</sst>'
    if styles:
        made["xl/styles.xml"] = f'<styleSheet xmlns="{MAIN}">{styles}</styleSheet>'
    return made


def packed(path: Path, parts: Mapping[str, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    """Write the parts into a file, and return it."""
    with zipfile.ZipFile(path, "w", method) as file:
        for name, body in parts.items():
            file.writestr(name, body)
    return path


def book(path: Path, first: str, strings: str = "", styles: str = "") -> Path:
    """Write a workbook of one sheet, and return its file."""
    return packed(path, parts_of({"Open": first}, strings, styles))
