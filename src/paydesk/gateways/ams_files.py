"""Reports of open receivables, CSV or XLSX, row by row: nothing holds the whole file."""

from __future__ import annotations

import codecs
import contextlib
import csv
import hashlib
import io
import itertools
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from paydesk.domain.errors import KnownError
from paydesk.domain.importing import HEADER_WITHIN, Header, find_header

Row = Sequence[object]

_SAMPLE_BYTES = 200_000
_DELIMITERS = ",;\t|"
_LONGEST_CELL = 100_000
_MOST_LINES = 40
"""A cell of more lines is one whose closing quote is missing."""
_MOST_UNPACKED = 4_000_000_000
_MOST_PACKED_RATIO = 200
_MOST_SHARED = 300_000_000


class ReportFile:
    """One file, open for as long as it is read; ``rows`` begins anew each time it is asked for.

    ``encoding`` and ``delimiter`` are those of a CSV file, "" for XLSX. Raises KnownError for a file
    that cannot be read as a table.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.encoding = self.delimiter = ""
        try:
            self.size = path.stat().st_size
            with path.open("rb") as file:
                start = file.read(_SAMPLE_BYTES)
        except OSError as error:
            raise KnownError(f"{path} cannot be read ({error.strerror}).", "Choose another file.") from None
        self.is_xlsx = start.startswith(b"PK\x03\x04")
        if self.is_xlsx:
            _check_zip(path)
        elif start.startswith(b"\xd0\xcf\x11\xe0"):
            raise KnownError(
                f"{path.name} is an old Excel file (.xls), or has a password.",
                "Open it in Excel and save it as .xlsx or .csv.",
            )
        elif not start.strip():
            raise KnownError(f"{path.name} is empty.", "Export the report again.")
        else:
            self.encoding = _encoding(path, start)
            self.delimiter = _delimiter(start, self.encoding)
        self._read = 0

    @property
    def done(self) -> float:
        """How much of the file the last ``rows`` has read: 0.0 to 1.0. Unknown stays 0.0 for XLSX."""
        return min(self._read / self.size, 1.0) if self.size else 1.0

    def digest(self) -> str:
        """A text that only a file of the same bytes has."""
        with self.path.open("rb") as file:
            return hashlib.file_digest(file, "blake2b").hexdigest()[:64]

    def header(self) -> Header | None:
        """The header row among the first rows; None when none is recognised."""
        return find_header(itertools.islice(self.rows(), HEADER_WITHIN))

    def first_rows(self, count: int = HEADER_WITHIN) -> list[tuple[int, tuple[str, ...]]]:
        """The first rows with their lines, to show."""
        return [
            (line, tuple("" if cell is None else str(cell) for cell in cells))
            for line, cells in itertools.islice(self.rows(), count)
        ]

    def rows(self) -> Iterator[tuple[int, Row]]:
        """Each row with the line it begins on; 1 is the first. Raises KnownError at a broken place."""
        for lines, rows in self.chunks(1):
            yield lines[0], rows[0]

    def chunks(self, size: int) -> Iterator[tuple[Sequence[int], list[Row]]]:
        """Up to ``size`` rows at a time, with their lines. Raises KnownError at a broken place."""
        self._read = 0
        return self._xlsx_chunks(size) if self.is_xlsx else self._csv_chunks(size)

    # ---- CSV --------------------------------------------------------------------------------

    def _csv_chunks(self, size: int) -> Iterator[tuple[Sequence[int], list[Row]]]:
        csv.field_size_limit(_LONGEST_CELL)
        line = 1
        with self.path.open("rb") as raw:
            text = io.TextIOWrapper(raw, self.encoding, errors="replace")
            while block := list(itertools.islice(text, size)):
                rows, read = self._rows_of(block, text, line)
                self._read = raw.tell()
                yield _lines(line, read, rows), rows
                line += read

    def _rows_of(self, block: list[str], rest: Iterator[str], line: int) -> tuple[list[Row], int]:
        """The rows that begin in these lines, and how many lines they took.

        A line without a quote is a row, and cut far quicker than ``csv`` reads it. So is one whose quotes
        are closed; else a cell goes on in the next lines, perhaps in those after the block.
        """
        quoted = [text for text in block if '"' in text]
        if all(text.count('"') % 2 == 0 for text in quoted):
            parsed = list(csv.reader(quoted, delimiter=self.delimiter))
            if len(parsed) == len(quoted):
                found = iter(parsed)
                cut = self.delimiter
                return [next(found) if '"' in text else text.rstrip("\n").split(cut) for text in block], len(
                    block
                )
        return self._rows_over_lines(block, rest, line)

    def _rows_over_lines(self, block: list[str], rest: Iterator[str], line: int) -> tuple[list[Row], int]:
        reader = csv.reader(itertools.chain(block, rest), delimiter=self.delimiter)
        rows: list[Row] = []
        before = 0
        try:
            while before < len(block):
                rows.append(next(reader))
                if reader.line_num - before > _MOST_LINES:
                    raise csv.Error
                before = reader.line_num
        except (csv.Error, StopIteration):
            raise KnownError(
                f"{self.path.name} is broken at line {line + before}: a cell does not end.",
                "Export the report again.",
            ) from None
        return rows, reader.line_num

    # ---- XLSX -------------------------------------------------------------------------------

    def _xlsx_chunks(self, size: int) -> Iterator[tuple[Sequence[int], list[Row]]]:
        import openpyxl  # only a file of this kind needs it

        with self._xlsx_trouble():
            book = openpyxl.load_workbook(self.path, read_only=True, data_only=True, keep_links=False)
        try:
            sheet = book.worksheets[0]
            rows = sheet.iter_rows(values_only=True)
            line = 0
            while True:
                with self._xlsx_trouble():
                    chunk: list[Row] = list(itertools.islice(rows, size))
                if not chunk:
                    return
                yield range(line + 1, line + 1 + len(chunk)), chunk
                line += len(chunk)
                self._read = round(self.size * line / max(sheet.max_row or line, line))
        finally:
            book.close()

    @contextlib.contextmanager
    def _xlsx_trouble(self) -> Iterator[None]:
        try:
            yield
        except KnownError:
            raise
        except Exception as error:  # openpyxl and the zip and XML below it raise all kinds
            raise KnownError(
                f"{self.path.name} is not a sound XLSX file ({type(error).__name__}).",
                "Open it in Excel and save it again, or export the report as CSV.",
            ) from None


def _lines(first: int, read: int, rows: list[Row]) -> Sequence[int]:
    """The line each row begins on, where no row spans several; else counted by their line breaks."""
    if read == len(rows):
        return range(first, first + read)
    lines = []
    for row in rows:
        lines.append(first)
        first += 1 + sum(str(cell).count("\n") for cell in row)
    return lines


def _encoding(path: Path, start: bytes) -> str:
    """By mark; else UTF-8 where all of it is valid, else what Excel saves on an American Windows."""
    marks = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
    for mark, name in marks.items():
        if start.startswith(mark):
            return name
    for first, name in ((1, "utf-16-le"), (0, "utf-16-be")):
        half = start[first:400:2]
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
    """The one that cuts the first lines into the most columns, most evenly."""
    lines = start.decode(encoding, "replace").splitlines()[: HEADER_WITHIN * 2]
    best, score = ",", 0
    for delimiter in _DELIMITERS:
        widths = [len(row) for row in csv.reader(lines, delimiter=delimiter) if len(row) > 1]
        usual = max(set(widths), key=widths.count, default=0)
        found = widths.count(usual) * min(usual, 12)
        if found > score:
            best, score = delimiter, found
    return best


def _check_zip(path: Path) -> None:
    """Refuse what would unfold into far more than any report holds."""
    try:
        with zipfile.ZipFile(path) as packed:
            parts = packed.infolist()
    except (zipfile.BadZipFile, OSError, ValueError):
        raise KnownError(f"{path.name} is not a sound XLSX file.", "Save it again in Excel.") from None
    unpacked, size = sum(part.file_size for part in parts), max(path.stat().st_size, 1)
    shared = sum(part.file_size for part in parts if part.filename.lower().endswith("sharedstrings.xml"))
    too_dense = unpacked > 50_000_000 and unpacked / size > _MOST_PACKED_RATIO
    if unpacked > _MOST_UNPACKED or shared > _MOST_SHARED or too_dense:
        raise KnownError(
            f"{path.name} unfolds into far more than a report holds; it was left alone.",
            "Export the report as CSV.",
        )
