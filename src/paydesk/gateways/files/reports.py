"""Open reports of open receivables, CSV or XLSX, and read their rows. No step holds the whole file in
memory.
"""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
import itertools
import re
import stat
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from paydesk.config.faults import reading
from paydesk.domain.errors import KnownError
from paydesk.domain.invoices.columns import HEADER_WITHIN, Header, find_header, guessed_header, header_at
from paydesk.domain.invoices.headings import AMOUNTS, DATES, LONGEST_HEADING, Field, plain
from paydesk.domain.invoices.reading import DateOrder, OwnFigure, Part, Proofs, Reading
from paydesk.gateways.files.csv_lines import LONGEST_LINE, Broken, Lines, Row, TooLong, rows_of
from paydesk.gateways.files.evidence import (
    add_proofs,
    counts_rows,
    is_invoice_row,
    telling_columns,
    unknown_parts,
)
from paydesk.gateways.files.package import check_size
from paydesk.gateways.files.rows import Converter
from paydesk.gateways.files.titles import TitleTime, owed_sheet, says_when, time_in
from paydesk.gateways.files.workbook import Workbook

if TYPE_CHECKING:
    import contextlib

    from paydesk.domain.invoices.importing import Converted

MOST_BYTES: Final = 500_000_000
"""Most bytes of a CSV file. A million invoices are about 100 MB."""
MOST_ROWS: Final = 5_000_000
_SAMPLE_BYTES = 200_000
_DELIMITERS = ",;\t|"
_SEP_LINE = re.compile(r"\ufeff*sep=([^\"\w\s]|\t)\s*")
_AGE_COLUMNS = frozenset(("as of", "as of date", "asofdate", "aging date", "report date", "snapshot date"))
_MOST_OF_A_FOOTER = 3
"""Most cells of a line below the rows that tells its day."""
_KINDS = (
    (rb"\xd0\xcf\x11\xe0", "an old Excel file (.xls), or has a password"),
    (rb"%PDF", "a PDF"),
    (rb"\{\\rtf", "a Word document (.rtf)"),
    (rb"\s*<\?xml", "an XML file"),
    (rb"\s*<(?:!doctype|html|head|meta|body|table|style|div|center|!--)", "a web page, despite its name"),
    (rb"\x1f\x8b|Rar!|7z\xbc\xaf|BZh[1-9]|\xfd7zXZ|\x28\xb5\x2f\xfd|PK", "a compressed file"),
)
"""First bytes of files that are no reports, and their kinds in words."""


_AS_CP1252 = "paydesk.cp1252"
"""Error handler by which a letter that is no UTF-8 is read as cp1252. Files put together have both."""


_CP1252 = [bytes([code]).decode("cp1252", "replace") for code in range(256)]


def _letters_of_cp1252(odd: UnicodeError) -> tuple[str, int]:
    assert isinstance(odd, UnicodeDecodeError)
    return _CP1252[odd.object[odd.start]], odd.start + 1


codecs.register_error(_AS_CP1252, _letters_of_cp1252)


class ReportFile:
    """One report file. ``rows`` starts at the beginning on each call.

    ``encoding`` and ``delimiter`` are those of a CSV file, and "" for XLSX. ``sheet`` is the one that is
    read, ``sheets`` are all visible ones, both empty for CSV. Every method raises KnownError for a file that
    is no table, or larger than any report, and UnreadableError for one that no reader expected.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.encoding = self.delimiter = self.sheet = ""
        self.sheets: tuple[str, ...] = ()
        self._book: Workbook | None = None
        self._read = 0.0
        with self._guarded():
            self._open()

    def _guarded(self) -> contextlib.AbstractContextManager[None]:
        return reading(str(self.path), "Choose another file, or export the report again.")

    def _open(self) -> None:
        path = self.path
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):  # a pipe or a device never ends
            raise KnownError(f"{path} is not a file.", "Choose another file.")
        self.size = found.st_size
        with path.open("rb") as file:
            start = file.read(_SAMPLE_BYTES)
        if start.startswith(b"PK\x03\x04"):
            self._open_book()
        else:
            _check_kind(path, start)
            check_size(path, MOST_BYTES)
            self.encoding = _encoding(path, start)
            self.delimiter = _delimiter(start, self.encoding)

    def _open_book(self) -> None:
        self._book = Workbook(self.path)
        self.sheets = tuple(one.name for one in self._book.sheets if not one.hidden)
        self.sheet = self.sheets[0] if self.sheets else self._book.sheets[0].name
        best = None
        for name in self.sheets:
            header = find_header(self._first(name))
            of = header.columns.of if header else {}
            known = (Field.INVOICE_NUMBER in of, *owed_sheet(name), len(of))  # a summary has no invoices
            if best is None or known > best:
                self.sheet, best = name, known

    @property
    def is_xlsx(self) -> bool:
        """True for a workbook."""
        return self._book is not None

    def use_sheet(self, name: str) -> None:
        """Read another sheet, hidden or not. Raises KnownError if there is none of that name."""
        names = [one.name for one in self._book.sheets] if self._book else []
        found = next((one for one in names if one.strip().casefold() == name.strip().casefold()), None)
        if found is None:
            has = f"Choose one of its sheets: {', '.join(names)}." if names else "Only a workbook has sheets."
            raise KnownError(f"{self.path.name} has no sheet “{name}”.", has)
        self.sheet = found

    def other_sheets(self, header: Header) -> tuple[str, ...]:
        """Return the visible sheets besides this one that seem to hold invoices."""
        return tuple(name for name in self.sheets if name != self.sheet and self._has_invoices(name, header))

    def _has_invoices(self, name: str, header: Header) -> bool:
        first = self._first(name)
        found = find_header(first)
        if found is not None and Field.INVOICE_NUMBER in found.columns.of:
            return True
        return any(is_invoice_row(cells, header.columns) for _line, cells in first)

    @property
    def done(self) -> float:
        """The part of the file that the last ``rows`` has read, 0.0 to 1.0."""
        return min(self._read, 1.0)

    def digest(self) -> str:
        """Return a text that only a file with the same bytes has."""
        with self._guarded(), self.path.open("rb") as file:
            return hashlib.file_digest(file, "blake2b").hexdigest()[:64]

    # ---- headings and titles ------------------------------------------------------------------

    def header(self) -> Header | None:
        """Return the header row among the first rows, or None if no row is recognized as one."""
        return find_header(self._first(self.sheet))

    def guess(self) -> Header | None:
        """Return a row that a person may name as the header, or None if nothing looks like a table."""
        return guessed_header(self._first(self.sheet))

    def headers(self) -> list[Header]:
        """Return each of the first rows as a header, to compare with those that a person confirmed before."""
        rows = self._first(self.sheet)
        return [header_at(rows, place) for place in range(len(rows))]

    def header_in(self, line: int) -> Header | None:
        """Return the header that begins, or ends, in a line that a person named."""
        found = self.headers()
        rows = self._first(self.sheet, max(line + 1, HEADER_WITHIN))
        found = [header_at(rows, place) for place in range(len(rows))]
        starts = [at for at, (first, _cells) in enumerate(rows) if first == line]
        return found[starts[0]] if starts else None

    def titled(self, header: Header, order: DateOrder, last: Sequence[Row] = ()) -> TitleTime | None:
        """Return the time of the balances as the file tells it, or None.

        It stands above the headings, below the rows (``last`` are the last ones), in a column of its own, or
        in the name of the file or sheet.
        """
        first = self._first(self.sheet)
        around = [cells for line, cells in first if line < header.line]
        around += [cells for cells in last if _is_footer(cells, header)]
        below = [cells for line, cells in first if line > header.line]
        own = [at for at, heading in enumerate(header.headings) if plain(heading) in _AGE_COLUMNS]
        around += [("as of", cells[at]) for at in own for cells in below[:1] if at < len(cells)]
        return time_in(around, order, (self.sheet, self.path.stem))

    def first_rows(self, count: int = HEADER_WITHIN) -> list[tuple[int, tuple[str, ...]]]:
        """Return the first rows with their lines, for the preview."""
        return [
            (line, tuple("" if cell is None else str(cell)[:LONGEST_HEADING] for cell in cells))
            for line, cells in self._first(self.sheet, count)
        ]

    def _first(self, sheet: str, count: int = HEADER_WITHIN) -> list[tuple[int, Row]]:
        found: list[tuple[int, Row]] = []
        for lines, rows in self._chunks(sheet, count, 0):
            found += zip(lines, rows, strict=True)
            break
        return found[:count]

    # ---- rows ---------------------------------------------------------------------------------

    def converter(self, header: Header, reading: Reading) -> GuardedConverter:
        """Return a converter of this file's rows."""
        return GuardedConverter(Converter(header, reading), self._guarded)

    def prove(self, proofs: Proofs, header: Header, line: int, cells: Row) -> None:
        """Add what the dates and amounts of one row prove."""
        if isinstance(cells, Broken):
            return
        with self._guarded():
            add_proofs(proofs, header.columns, line, cells)

    def unknown_parts(self, header: Header, rows: Sequence[Row]) -> tuple[int, ...]:
        """Return the columns that may be parts of the balance, and have no meaning yet."""
        with self._guarded():
            return unknown_parts(header, rows)

    def counts_rows(self, header: Header, rows: Sequence[Row]) -> bool:
        """Return True if the column of invoice numbers only counts the rows."""
        with self._guarded():
            return counts_rows(header, rows)

    def telling_columns(self, header: Header, rows: Sequence[Row]) -> tuple[tuple[int, str], ...]:
        """Return the columns without a meaning that may say what is owed, each with such a value."""
        with self._guarded():
            width = len(header.headings) if self.is_xlsx else header.width
            return telling_columns(header, rows, width=width)

    def reading(self) -> Reading:
        """Return the way values are read while nothing is known of them."""
        return Reading(text_only=not self.is_xlsx, epoch_1904=bool(self._book and self._book.epoch_1904))

    def rows(self) -> Iterator[tuple[int, Row]]:
        """Yield each row with the line it begins on. 1 is the first."""
        for lines, rows in self.chunks(1):
            yield lines[0], rows[0]

    def chunks(self, size: int, header: Header | None = None) -> Iterator[tuple[Sequence[int], list[Row]]]:
        """Yield up to ``size`` rows at a time, with their lines.

        Raises KnownError where the file is broken.
        """
        return self._chunks(self.sheet, size, header.width if header else 0)

    def _chunks(self, sheet: str, size: int, width: int) -> Iterator[tuple[Sequence[int], list[Row]]]:
        self._read = 0.0
        with self._guarded():
            if self._book is None:
                yield from self._csv_chunks(size, width)
                return
            for lines, rows, done in self._book.chunks(sheet, size):
                self._read = done
                yield lines, rows

    def _csv_chunks(self, size: int, width: int) -> Iterator[tuple[Sequence[int], list[Row]]]:
        line = 1
        with self.path.open("rb") as raw:
            mixed = self.encoding == "cp1252"
            encoding, errors = ("utf-8", _AS_CP1252) if mixed else (self.encoding, "replace")
            text = io.TextIOWrapper(raw, encoding, errors=errors)
            lines = Lines(text)
            while found := self._next_rows(lines, line, size, width):
                rows, places, used = found
                self._read = raw.tell() / max(self.size, 1)
                yield ([line + at for at in places] if used != len(rows) else range(line, line + used)), rows
                line += used

    def _next_rows(
        self, lines: Lines, line: int, size: int, width: int
    ) -> tuple[list[Row], Sequence[int], int] | None:
        name = self.path.name
        if line > MOST_ROWS:
            raise KnownError(
                f"{name} has more than {MOST_ROWS:,} lines.", "Export the report for fewer days."
            )
        try:
            return rows_of(lines, size, self.delimiter, width)
        except TooLong:
            raise KnownError(
                f"{name} has a line of more than {LONGEST_LINE:,} characters, so it isn't a report.",
                "Export the report again as CSV or XLSX.",
            ) from None


def _is_footer(cells: Row, header: Header) -> bool:
    """Return True for a line below the rows that may tell when the report was made.

    A day in its own column is an invoice's, as long as anything but a word such as Printed is beside it.
    """
    filled = [at for at, cell in enumerate(cells) if cell not in (None, "")]
    of = header.columns.of
    own = {of[name] for name in (*DATES, *AMOUNTS) if name in of}
    in_place = len(filled) > 1 and not own.isdisjoint(filled)
    in_place = in_place and not any(says_when(str(cells[at])) for at in filled)
    return len(filled) <= _MOST_OF_A_FOOTER and not in_place and not is_invoice_row(cells, header.columns)


class GuardedConverter:
    """A converter that raises UnreadableError for rows nobody expected."""

    def __init__(
        self, converter: Converter, guarded: Callable[[], contextlib.AbstractContextManager[None]]
    ) -> None:
        self._converter = converter
        self._guarded = guarded

    def convert(self, lines: Sequence[int], rows: list[Row]) -> Converted:
        """Convert the rows of one chunk."""
        with self._guarded():
            return self._converter.convert(lines, rows)

    def parts(self) -> set[Part]:
        """Return what the file is only a part of, by its own words."""
        return self._converter.parts()

    def figures(self) -> list[OwnFigure]:
        """Return the totals and counts that the file printed, compared with its rows."""
        with self._guarded():
            return self._converter.figures()


def _check_kind(path: Path, start: bytes) -> None:
    """Raise KnownError for a file that is no text."""
    wide = start[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    start = start.decode("utf-16", "ignore").encode() if wide else start.removeprefix(codecs.BOM_UTF8)
    for mark, kind in _KINDS:
        if re.match(mark, start, re.IGNORECASE):
            raise KnownError(f"{path.name} is {kind}.", "Open it in Excel and save it as .xlsx or .csv.")
    if not start.strip():
        raise KnownError(f"{path.name} is empty.", "Export the report again.")


def _encoding(path: Path, start: bytes) -> str:
    """Return the encoding of a CSV file.

    A byte order mark decides, or zero bytes as UTF-16 has them. Else it is UTF-8 if the whole file is valid
    UTF-8, and if not, cp1252, as Excel saves on an American Windows.
    """
    marks = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
    for mark, name in marks.items():
        if start.startswith(mark):
            return name
    for first, name in ((1, "utf-16-le"), (0, "utf-16-be")):
        half = start.rstrip(b"\0")[first:400:2]  # a disk may pad the end of a file
        if half.count(0) > len(half) * 0.6:
            return name
    return "utf-8" if _is_utf8(path) else "cp1252"


def _is_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        try:
            while piece := file.read(1 << 20):
                decoder.decode(piece)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def _delimiter(start: bytes, encoding: str) -> str:
    """Return the delimiter that splits the first lines into the most columns, most evenly."""
    lines = start.decode(encoding, "replace").splitlines()[: HEADER_WITHIN * 2]
    if lines and (said := _SEP_LINE.fullmatch(lines[0])):
        return said[1]
    best, score = ",", 0
    for delimiter in _DELIMITERS:
        widths = [len(row) for row in _loosely(lines, delimiter) if len(row) > 1]
        usual = max(set(widths), key=widths.count, default=0)
        found = widths.count(usual) * min(usual, 12)
        if found > score:
            best, score = delimiter, found
    return best


def _loosely(lines: list[str], delimiter: str) -> list[list[str]]:
    """Cut each line on its own, so that an open quote spoils one line only."""
    csv.field_size_limit(2**31 - 1)
    return list(
        itertools.chain.from_iterable(
            csv.reader([line], delimiter=delimiter, skipinitialspace=True) for line in lines
        )
    )
