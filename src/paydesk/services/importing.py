"""Open receivables from a report: looked at first, then imported row by row, and undone as a whole."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

from paydesk.domain.errors import KnownError
from paydesk.domain.importing import Converted, Header, ImportReport, ImportRun, Reject, Scope
from paydesk.domain.money import Money
from paydesk.domain.spreadsheet import csv_file
from paydesk.services.ports import Clock, Imports

CHUNK = 10_000
"""Rows read and written together: some dozens of milliseconds that a payment may have to wait."""

_RARELY = 200_000
"""New objects between two runs of the garbage collector while rows stream through: they hold no cycles, and
the usual 700 would let it look at every row several times, half of an import's time."""

MOST_REJECTS = 10_000
"""A file with more is read wrongly: the import stops, and is taken back."""


class Report(Protocol):
    """An opened file, as ``gateways.ams_files.ReportFile`` is."""

    path: Path
    encoding: str
    delimiter: str
    is_xlsx: bool

    @property
    def done(self) -> float:
        """How much of it has been read, 0.0 to 1.0."""
        ...

    def digest(self) -> str:
        """A text that only a file of the same bytes has."""
        ...

    def header(self) -> Header | None:
        """The header row; None when none is recognised."""
        ...

    def first_rows(self, count: int = 30) -> list[tuple[int, tuple[str, ...]]]:
        """The first rows, to show."""
        ...

    def chunks(self, size: int) -> Iterator[tuple[Sequence[int], list[Sequence[object]]]]:
        """The rows with their lines, some at a time."""
        ...


class Convert(Protocol):
    """Reads the rows below a header."""

    def convert(self, lines: Sequence[int], rows: list[Sequence[object]]) -> Converted:
        """The rows of one chunk."""
        ...


ConverterFor = Callable[[Header, bool], Convert]


@dataclass(frozen=True, slots=True)
class Preview:
    """A file before it is imported: what its header means, and whether a person confirmed that before.

    ``header`` is to be corrected with ``with_column``; ``sample`` are its first rows as they stand, with
    their lines. ``as_of`` is when its balances held, as far as can be told: the beginning of its day.
    """

    report: Report
    header: Header
    sample: tuple[tuple[int, tuple[str, ...]], ...]
    as_of: datetime
    confirmed: bool


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an import is: ``done`` from 0.0 to 1.0, and rows taken so far."""

    done: float
    accepted: int
    rejected: int


class Cancelled(KnownError):
    """A person stopped the import; it was taken back."""


class Importing:
    """Imports files. All of it takes time and touches the disk: not for the UI thread."""

    def __init__(
        self,
        imports: Imports,
        open_report: Callable[[Path], Report],
        converter_for: ConverterFor,
        clock: Clock,
        time_zone: str,
    ) -> None:
        self._imports = imports
        self._open = open_report
        self._converter_for = converter_for
        self._clock = clock
        self._zone = ZoneInfo(time_zone)

    def preview(self, path: Path) -> Preview:
        """Open a file and say what its columns mean. Raises KnownError when it is no such report."""
        report = self._open(path)
        header = report.header()
        sample = tuple(report.first_rows())
        if header is None:
            raise KnownError(
                f"{path.name} has no row of headings PayDesk recognises within its first 30 rows.",
                "It needs at least Invoice, Customer #, Customer and Balance.",
            )
        kept = self._imports.columns(header.shape)
        if kept is not None:
            header = Header(header.line, header.headings, kept)
        return Preview(report, header, sample, self._as_of(path), kept is not None)

    def _as_of(self, path: Path) -> datetime:
        """The beginning of the day the file was made: what was posted since is surely not in it."""
        made = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        day = min(made, self._clock.now()).astimezone(self._zone).date()
        return datetime.combine(day, time(), self._zone).astimezone(UTC)

    def run(
        self,
        preview: Preview,
        *,
        scope: Scope = Scope.WHOLE,
        on_progress: Callable[[Progress], None] = lambda _progress: None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> ImportReport:
        """Import a file whose columns were confirmed; they are remembered for files of its shape.

        The same file a second time changes nothing. Raises Cancelled, or KnownError for a file that
        turns out broken; then the import was taken back.
        """
        header, report = preview.header, preview.report
        header.columns.check()
        digest = report.digest()
        newest = next((run for run in self._imports.runs(9) if run.undone_at is None), None)
        if newest is not None and newest.digest == digest and newest.finished_at is not None:
            return ImportReport(newest, same=True)
        self._imports.keep_columns(header.shape, header.columns)
        run = self._imports.begin(report.path.name, digest, header.shape, scope, preview.as_of)
        try:
            with _rare_collections():
                return self._through(run, preview, on_progress, cancelled)
        except BaseException:
            self._imports.undo(run.id)
            raise

    def _through(
        self,
        run: ImportRun,
        preview: Preview,
        on_progress: Callable[[Progress], None],
        cancelled: Callable[[], bool],
    ) -> ImportReport:
        tally = _Tally(self._imports, run)
        report, header = preview.report, preview.header
        converter = self._converter_for(header, not report.is_xlsx)
        for lines, rows in report.chunks(CHUNK):
            if cancelled():
                raise Cancelled("The import was stopped.", "Nothing of the file was kept.")
            below = next((at for at, line in enumerate(lines) if line > header.line), len(rows))
            tally.take(converter.convert(lines[below:], rows[below:]) if below < len(rows) else Converted())
            on_progress(Progress(report.done, tally.accepted, len(tally.rejects)))
        if not tally.accepted and not tally.customers:
            raise KnownError(f"{report.path.name} holds no row that could be imported.", tally.first_reason())
        done = self._imports.finish(run, tally.accepted, len(tally.rejects), Money(tally.open_cents))
        return ImportReport(done, tuple(tally.rejects), tally.skipped, tally.newer, tally.customers)

    def undo(self, run_id: int | None = None) -> ImportRun:
        """Take the newest import back. Raises KnownError when there is none, or it is not ``run_id``."""
        newest = next((run for run in self._imports.runs() if run.undone_at is None), None)
        if newest is None:
            raise KnownError("There is no import to undo.")
        return self._imports.undo(newest.id if run_id is None else run_id)

    def runs(self) -> Sequence[ImportRun]:
        """The imports so far, the newest first."""
        return self._imports.runs()


class _Tally:
    """What an import has taken so far."""

    def __init__(self, imports: Imports, run: ImportRun) -> None:
        self._imports = imports
        self._run = run
        self.rejects: list[Reject] = []
        self.accepted = self.open_cents = self.skipped = self.newer = self.customers = 0

    def take(self, made: Converted) -> None:
        """Write one chunk."""
        in_the_way = self._imports.add(self._run, made.invoices, list(made.customers.values()))
        self.skipped += made.skipped
        self.customers += len(made.customers)
        self.rejects += made.rejects
        if in_the_way is not None:
            self._count_apart(made, *in_the_way)
        else:
            self.accepted += len(made.invoices)
            self.open_cents += sum(row[4] for row in made.invoices)
        if len(self.rejects) > MOST_REJECTS:
            raise KnownError(
                f"More than {MOST_REJECTS:,} rows of the file cannot be read: {self.first_reason()}",
                "Nothing of it was kept. Check which column is which.",
            )

    def _count_apart(self, made: Converted, before: set[str], newer: set[str]) -> None:
        seen = set(before)
        for line, row in zip(made.lines, made.invoices, strict=True):
            number = row[0]
            if number in newer:
                self.newer += 1
            elif number in seen:
                self.rejects.append(Reject(line, f"invoice {number} stands in the file before", _shown(row)))
            else:
                self.accepted += 1
                self.open_cents += row[4]
                seen.add(number)

    def first_reason(self) -> str:
        """The first rejected row, in words."""
        first = self.rejects[0] if self.rejects else None
        return f"line {first.line}: {first.reason}." if first else "It has headings and no rows."


@contextlib.contextmanager
def _rare_collections() -> Iterator[None]:
    usual = gc.get_threshold()
    gc.set_threshold(_RARELY, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def _shown(row: Sequence[object]) -> tuple[str, ...]:
    return tuple("" if cell is None else str(cell) for cell in row)


def rejects_csv(rejects: Sequence[Reject]) -> bytes:
    """The rejected rows as a file: line, reason, and the cells as they stand."""
    width = max((len(reject.cells) for reject in rejects), default=0)
    header = ["line", "reason", *(f"column {at}" for at in range(1, width + 1))]
    return csv_file(header, ((reject.line, reject.reason, *reject.cells) for reject in rejects))
