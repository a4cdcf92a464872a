"""Open receivables from a report: previewed first, then imported row by row, and undone as a whole.

A report is evidence, not the truth. An invoice that it lacks is closed only if the report is proven complete.
"""

from __future__ import annotations

import contextlib
import gc
import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from zoneinfo import ZoneInfo

from paydesk.domain.errors import KnownError
from paydesk.domain.invoices.columns import Header
from paydesk.domain.invoices.importing import (
    Converted,
    ImportReport,
    ImportRun,
    InvoiceRow,
    Reject,
    Remembered,
    Scope,
)
from paydesk.domain.invoices.reading import (
    USUAL_COUNT,
    LeftOut,
    OwnFigure,
    Part,
    Unproven,
    is_usual,
    unproven,
)
from paydesk.domain.money import Money
from paydesk.domain.spreadsheet import Table
from paydesk.services.invoices import import_words as words
from paydesk.services.invoices.import_preview import Answers, Preview, Report, age_of, survey_of
from paydesk.services.ports.cache import Imports
from paydesk.services.ports.clock import Clock
from paydesk.services.ports.rights import EVERYONE, Right, Rights

CHUNK = 10_000
"""Rows read and written together. A payment may wait for one chunk, some dozens of milliseconds."""

_RARELY = 200_000
"""Allocations between two runs of the garbage collector during an import. The rows hold no cycles, and at
Python's usual 700 the collector scanned every row several times, half of an import's time."""

MOST_REJECTS = 10_000
"""Maximum number of rejected rows. A file with more is being misread: the import stops and is undone."""

MOST_LOST = 1_000
"""Maximum number of unreadable optional cells that are kept with their lines."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Progress of an import: ``done`` from 0.0 to 1.0, and the rows taken so far."""

    done: float
    accepted: int
    rejected: int


class Cancelled(KnownError):
    """A person stopped the import, and it was undone."""


class NothingImported(KnownError):
    """A file without a single good row. It changed nothing. ``rejects`` are its refused rows."""

    def __init__(self, file_name: str, rejects: Sequence[Reject]) -> None:
        super().__init__(*words.nothing_imported(file_name, rejects[0] if rejects else None))
        self.rejects = tuple(rejects)


class Importing:
    """Imports files. Every method takes time and uses the disk, so do not call it on the UI thread."""

    def __init__(
        self,
        imports: Imports,
        open_report: Callable[[Path], Report],
        clock: Clock,
        time_zone: str,
        rights: Rights = EVERYONE,
    ) -> None:
        self._imports = imports
        self._open = open_report
        self._clock = clock
        self._zone = ZoneInfo(time_zone)
        self._rights = rights

    # ---- the preview --------------------------------------------------------------------------

    def preview(self, path: Path, answers: Answers | None = None) -> Preview:
        """Open a file, recognize its columns, and read its first rows.

        Raises KnownError if it is no table.
        """
        answers = self._named(answers or Answers())
        report = self._open(path)
        digest = report.digest()  # before the rows are read: what is shown is this file, or is not imported
        if answers.sheet:
            report.use_sheet(answers.sheet)
        header, remembered = self._header(report, answers)
        if remembered is not None:
            header = header.with_columns(remembered.columns)
            answers = replace(
                answers,
                date_order=answers.date_order or remembered.date_order,
                decimal=answers.decimal or remembered.decimal,
            )
        scope = remembered.scope if remembered is not None else Scope.UNKNOWN
        found = self._looked_at(report, header, answers, scope, confirmed=remembered is not None)
        return replace(found, digest=digest)

    def look_again(self, preview: Preview, header: Header, answers: Answers | None = None) -> Preview:
        """Return the preview with other columns or answers.

        Another sheet or row of headings needs a new one.
        """
        answers = self._named(answers or preview.answers)
        found = self._looked_at(preview.report, header, answers, preview.scope, confirmed=preview.confirmed)
        return replace(found, digest=preview.digest)

    def _looked_at(
        self, report: Report, header: Header, answers: Answers, scope: Scope, *, confirmed: bool
    ) -> Preview:
        survey, reading = survey_of(report, header, answers)
        as_of, age = age_of(report, survey, reading, answers, self._clock.now(), self._zone)
        sample = tuple(report.first_rows())
        others = report.other_sheets(header)
        return Preview(report, header, sample, as_of, confirmed, age, reading, survey, scope, answers, others)

    def _header(self, report: Report, answers: Answers) -> tuple[Header, Remembered | None]:
        """Return the headings: where a person said, else of a shape known before, else as recognized."""
        if answers.heading_row is not None:
            named = report.header_in(answers.heading_row)
            if named is None:
                raise words.no_such_row(answers.heading_row)
            return named, self._imports.remembered(named.shape)
        for header in report.headers():
            remembered = self._imports.remembered(header.shape)
            if remembered is not None:
                return header, remembered
        found = report.header() or report.guess()
        if found is None:
            raise words.no_headings(report.path.name)
        return found, None

    def _named(self, answers: Answers) -> Answers:
        """Return the answers with the name of the file's only customer.

        Raises KnownError if nobody told it.
        """
        if answers.customer is None or answers.customer[1]:
            return answers
        number = answers.customer[0]
        name = self._imports.customer_name(number)
        if not name:
            raise words.no_customer_name(number)
        return replace(answers, customer=(number, name))

    # ---- the import -----------------------------------------------------------------------------

    def run(
        self,
        preview: Preview,
        *,
        scope: Scope | None = None,
        close: int | None = None,
        on_progress: Callable[[Progress], None] = lambda _progress: None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> ImportReport:
        """Import a file whose columns a person confirmed, and remember the answers for files of its shape.

        ``scope`` is what a person says of its completeness, or None for what was said before. ``close``
        confirms that exactly so many invoices are to be closed. The same file twice changes nothing. Raises
        Cancelled if a person stops it, and KnownError if the file turns out to be broken, or is not the one
        of the preview any more. All undo it.
        """
        self._rights.require(Right.IMPORT)
        header, report = preview.header, preview.report
        header.columns.check(customer_told=preview.answers.customer is not None)
        if preview.survey.header != header:
            preview = self.look_again(preview, header)
        for question in preview.questions:
            raise KnownError(question.sentence, question.answer)
        said = preview.scope if scope is None else scope
        digest, how = _unchanged(preview), _how(preview)
        kept = self._imports.remembered(header.shape)
        answers = preview.answers
        self._imports.remember(
            header.shape, Remembered(header.columns, said, answers.date_order, answers.decimal)
        )
        before = (
            self._same(digest, how, said) if kept is not None and kept.columns == header.columns else None
        )
        if before is not None:
            if close is not None and before.asks:
                return ImportReport(self._imports.close(before, close))
            return ImportReport(before, same=True)
        run = self._imports.begin(report.path.name, digest, how, said, preview.as_of)
        try:
            with _rare_collections():
                return self._through(run, preview, close, on_progress, cancelled)
        except BaseException:
            self._imports.undo(run.id)
            raise

    def _same(self, digest: str, how: str, scope: Scope) -> ImportRun | None:
        """Return the newest import if it was of this very file, read in the same way."""
        newest = next((run for run in self._imports.runs(9) if run.undone_at is None), None)
        if newest is None or newest.finished_at is None or newest.digest != digest or newest.how != how:
            return None
        return newest if scope in (newest.scope, Scope.UNKNOWN) else None

    def _through(
        self,
        run: ImportRun,
        preview: Preview,
        close: int | None,
        on_progress: Callable[[Progress], None],
        cancelled: Callable[[], bool],
    ) -> ImportReport:
        report, header = preview.report, preview.header
        tally = _Tally(self._imports, run, without_invoices=header.columns.customers_only)
        converter = report.converter(header, preview.reading)
        for lines, rows in report.chunks(CHUNK, header):
            if cancelled():
                raise Cancelled(*words.STOPPED)
            tally.take(converter.convert(lines, rows))
            on_progress(Progress(report.done, tally.accepted, len(tally.rejects)))
        tally.withdraw_zeroed()
        tally.withdraw_repeated(lambda: _found_again(preview, tally.early))
        _unchanged(preview)
        if not tally.accepted and not tally.newer and not tally.customers_only:
            raise NothingImported(report.path.name, tally.rejects)
        figures = tuple(converter.figures())
        done = self._imports.finish(self._judged(tally, preview, figures, converter.parts(), close))
        return tally.report(done, figures)

    def _judged(
        self,
        tally: _Tally,
        preview: Preview,
        figures: Sequence[OwnFigure],
        parts: set[Part],
        close: int | None,
    ) -> ImportRun:
        """Return the import with its counts, and with the reasons why it closes nothing."""
        run = tally.run
        missing, compared = (0, 0) if not tally.accepted else self._imports.missing(run)
        filtered = parts - ({Part.CUSTOMERS} if run.scope is Scope.CUSTOMERS else set())
        usual = is_usual(missing, compared) if close is None else False
        reasons = unproven(
            {
                Unproven.SCOPE: run.scope is Scope.UNKNOWN,
                Unproven.REFUSED: bool(tally.rejects),
                Unproven.FIGURES: not all(figure.proven for figure in figures),
                Unproven.OLDER: self._imports.newest(run) is not None,
                Unproven.SHEETS: bool(preview.other_sheets),
                Unproven.FILTERED: bool(filtered) and missing != close,
                Unproven.UNUSUAL: not (usual or missing == close),
            }
        )
        return replace(
            run,
            accepted=tally.accepted,
            rejected=len(tally.rejects),
            open_total=Money(tally.open_cents),
            missing=missing,
            compared=compared,
            unproven=reasons if missing or not tally.accepted else (),
        )

    # ---- afterwards -----------------------------------------------------------------------------

    def close(self, count: int, run_id: int | None = None) -> ImportRun:
        """Close the invoices that the newest import lacks. Raises KnownError if they are not ``count``."""
        self._rights.require(Right.IMPORT)
        newest = next((run for run in self._imports.runs() if run.undone_at is None), None)
        if newest is None or not newest.asks or run_id not in (None, newest.id):
            raise words.nothing_to_close()
        return self._imports.close(newest, count)

    def undo(self, run_id: int | None = None) -> ImportRun:
        """Undo the newest import. Raises KnownError if there is none, or if it is not ``run_id``."""
        self._rights.require(Right.IMPORT)
        newest = next((run for run in self._imports.runs() if run.undone_at is None), None)
        if newest is None:
            raise words.nothing_to_undo()
        return self._imports.undo(newest.id if run_id is None else run_id)

    def runs(self) -> Sequence[ImportRun]:
        """Return the imports so far, newest first."""
        return self._imports.runs()


class _Tally:
    """Counts of a running import."""

    def __init__(self, imports: Imports, run: ImportRun, *, without_invoices: bool) -> None:
        self._imports = imports
        self.run = run
        self._without_invoices = without_invoices
        self.rejects: list[Reject] = []
        self.lost: list[Reject] = []
        self.left_out: Counter[LeftOut] = Counter()
        self.accepted = self.open_cents = self.newer = self.lost_count = 0
        self.customers_only = False
        self._repeated: set[str] = set()
        self._refused: set[str] = set()
        """Invoices that a refused row names: another row of them is not all of their balance."""
        self.early: set[str] = set()
        """Repeated invoices whose first row was counted as taken, in an earlier chunk."""

    def take(self, made: Converted) -> None:
        """Write one chunk."""
        if made.other_order is not None:
            raise words.other_order(made.other_order)
        in_the_way = self._imports.add(self.run, made.invoices, list(made.customers.values()))
        self.left_out += made.left_out
        self.rejects += made.rejects
        self._refused |= made.refused
        self.lost_count += len(made.lost)
        self.lost += made.lost[: MOST_LOST - len(self.lost)]
        self.customers_only = self.customers_only or bool(self._without_invoices and made.customers)
        if in_the_way is not None:
            self._count_apart(made, *in_the_way)
        else:
            self.accepted += len(made.invoices)
            self.open_cents += sum(row[4] for row in made.invoices)
        if len(self.rejects) > MOST_REJECTS:
            raise words.misread(MOST_REJECTS, self.first_reject)

    def _count_apart(self, made: Converted, before: set[str], newer: set[str]) -> None:
        counts = Counter(row[0] for row in made.invoices)
        for line, row in zip(made.lines, made.invoices, strict=True):
            number = row[0]
            if number in newer:
                self.newer += 1
            elif number in before or counts[number] > 1:
                self.rejects.append(Reject(line, words.repeated(number), _shown(row)))
            else:
                self.accepted += 1
                self.open_cents += row[4]
        self.early |= {number for number in counts if number in before and number not in self._repeated}
        self._repeated |= {number for number, count in counts.items() if count > 1 or number in before}
        self._repeated -= newer

    def withdraw_repeated(self, found_again: Callable[[], Iterator[tuple[int, InvoiceRow]]]) -> None:
        """Take back every invoice that stands in several rows: one row's balance is not the invoice's."""
        refused = self._refused - self._repeated
        if not self._repeated and not refused:
            return
        balances = self._imports.withdraw(self.run, sorted(self._repeated | refused))
        self.early |= refused & balances.keys()
        self.accepted -= len(self.early)
        self.open_cents -= sum(balances[number].cents for number in self.early if number in balances)
        if self.early:
            known = {reject.line for reject in self.rejects}
            self.rejects += [
                Reject(line, words.repeated(row[0]), _shown(row))
                for line, row in found_again()
                if line not in known
            ]
            self.rejects.sort(key=lambda reject: reject.line)

    def withdraw_zeroed(self) -> None:
        """Take back the zeros of a file by which too many open invoices owe nothing: a wrong column, perhaps.

        They then count as missing, so a person is asked with their number.
        """
        zeroed = self._imports.zeroed(self.run)
        nothing_owed = len(zeroed) > 1 and not self.open_cents
        if nothing_owed or (len(zeroed) > USUAL_COUNT and not is_usual(*self._share_of(zeroed))):
            self._imports.withdraw(self.run, sorted(zeroed))

    def _share_of(self, zeroed: Sequence[str]) -> tuple[int, int]:
        missing, compared = self._imports.missing(self.run)
        return len(zeroed) + missing, compared

    def report(self, run: ImportRun, figures: tuple[OwnFigure, ...]) -> ImportReport:
        """Return the result of the import."""
        return ImportReport(
            run,
            tuple(self.rejects),
            tuple(self.lost),
            self.lost_count,
            self.left_out,
            figures,
            self.newer,
            self._imports.customers(run),
        )

    @property
    def first_reject(self) -> Reject | None:
        """The first rejected row, or None."""
        return self.rejects[0] if self.rejects else None


def _found_again(preview: Preview, numbers: set[str]) -> Iterator[tuple[int, InvoiceRow]]:
    """Read the file once more, and yield the rows of these invoices."""
    converter = preview.report.converter(preview.header, preview.reading)
    for lines, rows in preview.report.chunks(CHUNK, preview.header):
        made = converter.convert(lines, rows)
        for line, row in zip(made.lines, made.invoices, strict=True):
            if row[0] in numbers:
                yield line, row


def _unchanged(preview: Preview) -> str:
    """Return the digest of the file. Raises KnownError if it is not the one that a person has seen."""
    if preview.report.digest() != preview.digest:
        raise words.changed(preview.report.path.name)
    return preview.digest


def _how(preview: Preview) -> str:
    """Return a digest of the way a file is read: sheet, headings, columns, and answers."""
    header = preview.header
    of = sorted((field.value, at) for field, at in header.columns.of.items())
    said = preview.answers.as_of
    parts = (preview.report.sheet, header.shape, header.line, of, header.columns.aging, preview.reading, said)
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:32]


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


def rejects_table(rejects: Sequence[Reject]) -> Table:
    """Return the rejected rows for a spreadsheet program: line, reason, and the original cells."""
    width = max((len(reject.cells) for reject in rejects), default=0)
    header = ["line", "reason", *(f"column {at}" for at in range(1, width + 1))]
    return Table("Rows", header, [(reject.line, reject.reason, *reject.cells) for reject in rejects])
