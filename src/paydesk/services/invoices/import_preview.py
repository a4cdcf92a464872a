"""A file before its import: the evidence in its rows, and the questions that only a person can answer."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from enum import StrEnum
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

from paydesk.domain.invoices.columns import Header
from paydesk.domain.invoices.headings import Field, carries_forward
from paydesk.domain.invoices.importing import Converted, Reject, Scope
from paydesk.domain.invoices.reading import (
    DateOrder,
    DecimalSign,
    LeftOut,
    OwnFigure,
    Part,
    Proofs,
    Reading,
    Running,
)
from paydesk.domain.money import Money
from paydesk.services.invoices import import_words as words

SURVEYED = 20_000
"""Rows read for a preview. Nearly every agency's list is shorter. The import goes on looking at the
others.
"""

_MOST_CHUNKS = 8
"""Chunks read for a preview. A chunk ends early where its rows are huge."""

_LAST = 8
"""Last rows of a file that may tell when it was made."""

_FIRST_YEAR = 2000
"""A file older than this has lost its time: copies through archives get 1970 or 1980."""


class TitleTime(Protocol):
    """A day, and perhaps a time of it, that a file's title tells."""

    @property
    def day(self) -> date:
        """The day."""
        ...

    @property
    def clock(self) -> time | None:
        """The time, or None."""
        ...


class Convert(Protocol):
    """Converter of the rows of one file, in order."""

    def convert(self, lines: Sequence[int], rows: list[Sequence[object]]) -> Converted:
        """Convert the rows of one chunk."""
        ...

    def figures(self) -> list[OwnFigure]:
        """Return the file's own totals and counts, compared with its rows."""
        ...

    def parts(self) -> set[Part]:
        """Return what the file is only a part of, by its own words."""
        ...


class Report(Protocol):
    """An opened report file, such as ``gateways.files.reports.ReportFile``."""

    path: Path
    encoding: str
    delimiter: str
    sheet: str
    sheets: tuple[str, ...]

    @property
    def is_xlsx(self) -> bool:
        """True for a workbook."""
        ...

    @property
    def done(self) -> float:
        """The part of the file read so far, from 0.0 to 1.0."""
        ...

    def digest(self) -> str:
        """Return a text that only a file with the same bytes has. Raises KnownError."""
        ...

    def use_sheet(self, name: str) -> None:
        """Read another sheet. Raises KnownError if there is none of that name."""
        ...

    def other_sheets(self, header: Header) -> tuple[str, ...]:
        """Return the visible sheets besides this one that seem to hold invoices."""
        ...

    def header(self) -> Header | None:
        """Return the header row, or None if no row is recognized as one."""
        ...

    def guess(self) -> Header | None:
        """Return a row that a person may name as the header, or None if nothing looks like a table."""
        ...

    def headers(self) -> list[Header]:
        """Return each of the first rows as a header."""
        ...

    def header_in(self, line: int) -> Header | None:
        """Return the header in a line that a person named, or None."""
        ...

    def titled(
        self, header: Header, order: DateOrder, last: Sequence[Sequence[object]] = ()
    ) -> TitleTime | None:
        """Return the time of the balances as the file tells it, or None. ``last`` are its last rows."""
        ...

    def first_rows(self, count: int = 30) -> list[tuple[int, tuple[str, ...]]]:
        """Return the first rows with their lines, for the preview."""
        ...

    def reading(self) -> Reading:
        """Return the way values are read while nothing is known of them."""
        ...

    def prove(self, proofs: Proofs, header: Header, line: int, cells: Sequence[object]) -> None:
        """Add what the dates and amounts of one row prove."""
        ...

    def unknown_parts(self, header: Header, rows: Sequence[Sequence[object]]) -> tuple[int, ...]:
        """Return the columns that may be parts of the balance, and have no meaning yet."""
        ...

    def counts_rows(self, header: Header, rows: Sequence[Sequence[object]]) -> bool:
        """Return True if the column of invoice numbers only counts the rows."""
        ...

    def telling_columns(
        self, header: Header, rows: Sequence[Sequence[object]]
    ) -> tuple[tuple[int, str], ...]:
        """Return the columns without a meaning that may say what is owed, each with such a value."""
        ...

    def converter(self, header: Header, reading: Reading) -> Convert:
        """Return a converter of this file's rows."""
        ...

    def chunks(
        self, size: int, header: Header | None = None
    ) -> Iterator[tuple[Sequence[int], list[Sequence[object]]]]:
        """Yield the rows with their line numbers, ``size`` at a time."""
        ...


@dataclass(frozen=True, slots=True)
class Answers:
    """A person's answers about a file, each empty if not asked.

    ``customer`` is a number, and perhaps a name.
    """

    sheet: str = ""
    heading_row: int | None = None
    as_of: datetime | None = None
    date_order: DateOrder | None = None
    decimal: DecimalSign | None = None
    customer: tuple[str, str] | None = None


class Age(StrEnum):
    """The source of a file's age."""

    SAID = "said"
    TITLE = "title"
    FILE_TIME = "file time"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Question:
    """A doubt that stops an import: a sentence with its figures, and how to answer it."""

    asks: str
    sentence: str
    answer: str


@dataclass(frozen=True, slots=True)
class Survey:
    """The evidence of a file's first rows. ``whole`` is True if these are all rows.

    ``unknown_parts`` are columns of amounts without a meaning, beside aging columns without a total.
    ``telling`` are other columns that may say what is owed, each with such a value. ``counted`` is True
    if the invoice numbers only count the rows. ``last`` are the last rows of a whole file.
    """

    header: Header
    proofs: Proofs = field(default_factory=Proofs)
    whole: bool = True
    accepted: int = 0
    open_total: Money = Money(0)
    customers: int = 0
    rejects: tuple[Reject, ...] = ()
    lost: tuple[Reject, ...] = ()
    left_out: Counter[LeftOut] = field(default_factory=Counter)
    figures: tuple[OwnFigure, ...] = ()
    unknown_parts: tuple[int, ...] = ()
    telling: tuple[tuple[int, str], ...] = ()
    counted: bool = False
    last: tuple[Sequence[object], ...] = ()


@dataclass(frozen=True, slots=True)
class Preview:
    """A file before its import, with the meaning of its columns and values.

    ``sample`` holds its first rows unchanged, with their lines. ``as_of`` is the time of its balances.
    ``confirmed`` is True if a person has confirmed these columns before, and ``scope`` is what was said then.
    Only a file with the same ``digest`` is imported.
    """

    report: Report
    header: Header
    sample: tuple[tuple[int, tuple[str, ...]], ...]
    as_of: datetime
    confirmed: bool
    age: Age
    reading: Reading
    survey: Survey
    scope: Scope = Scope.UNKNOWN
    answers: Answers = Answers()
    other_sheets: tuple[str, ...] = ()
    digest: str = ""

    @property
    def questions(self) -> tuple[Question, ...]:
        """The questions that a person has to answer before the import."""
        found = []
        if self.survey.proofs.date_order(self.reading.decimal) is None and self.answers.date_order is None:
            found.append(words.which_order(self.survey.proofs))
        if self.age is Age.UNKNOWN:
            found.append(words.how_old())
        named = {*self.header.columns.of.values(), *self.header.columns.aging, *self.header.columns.ignored}
        unknown = [at for at in self.survey.unknown_parts if at not in named]
        if unknown:
            found.append(words.which_parts([self.header.names[at] for at in unknown]))
        balances, at = self.survey.proofs.balances, self.header.columns.of.get(Field.BALANCE)
        if balances.proven and at is not None:
            found.append(words.running_balance(self.header.names[at], balances))
        accounts, amount = self.survey.proofs.accounts, self.header.columns.of.get(Field.AMOUNT)
        if accounts.proven and at is not None and amount is not None:
            found.append(words.account_balance(self.header.names[at], self.header.names[amount], accounts))
        if self.survey.counted and not self.confirmed:
            number = self.header.names[self.header.columns.of[Field.INVOICE_NUMBER]]
            found.append(words.counted_rows(number))
        telling = [(at, told) for at, told in self.survey.telling if at not in {*named, *unknown}]
        if telling:
            found.append(words.which_columns([(self.header.names[at], told) for at, told in telling]))
        return tuple(Question(*one) for one in found)


def reading_for(report: Report, header: Header, survey: Proofs, answers: Answers) -> Reading:
    """Return how the values of a file are read, by what they prove and by what a person said."""
    base = report.reading()
    decimal = answers.decimal or survey.decimal
    usual = max(survey.cells, key=survey.cells.__getitem__, default=0)
    return Reading(
        text_only=base.text_only,
        date_order=answers.date_order or survey.date_order(decimal) or DateOrder.MONTH_FIRST,
        decimal=decimal,
        said=answers.date_order is not None,
        epoch_1904=base.epoch_1904,
        customer=answers.customer,
        cells=usual if usual >= header.width else 0,
        always_cents=survey.always_cents,
    )


def survey_of(report: Report, header: Header, answers: Answers) -> tuple[Survey, Reading]:
    """Read the first rows: what they prove, and what an import would take of them."""
    lines, rows, whole = _first_rows(report, header)
    proofs = Proofs(balances=Running(forward=carries_forward(header.headings)))
    for line, cells in zip(lines, rows, strict=True):
        if line > header.line:
            report.prove(proofs, header, line, cells)
    reading = reading_for(report, header, proofs, answers)
    below = [cells for line, cells in zip(lines, rows, strict=True) if line > header.line]
    unknown, telling = report.unknown_parts(header, below), report.telling_columns(header, below)
    last = tuple(below[-_LAST:]) if whole else ()
    if header.columns.missing(customer_told=answers.customer is not None):
        return Survey(header, proofs, whole, unknown_parts=unknown, telling=telling, last=last), reading
    converter = report.converter(header, reading)
    made = converter.convert(lines, rows)
    survey = Survey(
        header,
        proofs,
        whole,
        accepted=len(made.invoices),
        open_total=Money(sum(row[4] for row in made.invoices)),
        customers=len(made.customers),
        rejects=tuple(made.rejects),
        lost=tuple(made.lost),
        left_out=made.left_out,
        figures=tuple(converter.figures()) if whole else (),
        unknown_parts=unknown,
        telling=telling,
        counted=report.counts_rows(header, below),
        last=last,
    )
    return survey, reading


def _first_rows(report: Report, header: Header) -> tuple[list[int], list[Sequence[object]], bool]:
    """Return the rows of a survey with their lines, and True if these are all.

    A file of huge rows comes in many small chunks. Of those only some are kept.
    """
    lines: list[int] = []
    rows: list[Sequence[object]] = []
    for number, (some_lines, some) in enumerate(report.chunks(SURVEYED // 4, header)):
        if len(rows) == SURVEYED or number == _MOST_CHUNKS:
            return lines, rows, False
        lines += some_lines
        rows += some
        if len(rows) > SURVEYED:
            return lines[:SURVEYED], rows[:SURVEYED], False
    return lines, rows, True


def age_of(
    report: Report, survey: Survey, reading: Reading, answers: Answers, now: datetime, zone: ZoneInfo
) -> tuple[datetime, Age]:
    """Return the time of a file's balances (UTC), and where it comes from.

    A title's day without a clock counts from its beginning: nothing posted on that day is surely contained.
    On the day when the file was made, the file's own time is better.
    """
    if answers.as_of is not None:
        return answers.as_of.astimezone(UTC), Age.SAID
    made = min(datetime.fromtimestamp(report.path.stat().st_mtime, UTC), now)
    told = report.titled(survey.header, reading.date_order, survey.last)
    if told is not None:
        if told.clock is None and made.astimezone(zone).date() == told.day:
            return made, Age.TITLE
        at = datetime.combine(told.day, told.clock or time(), zone).astimezone(UTC)
        return min(at, made), Age.TITLE
    return made, Age.FILE_TIME if made.year >= _FIRST_YEAR else Age.UNKNOWN


def customer_in(text: str) -> tuple[str, str] | None:
    """Return number and name of the one customer of a file, as a person types them. None for nothing."""
    found = re.fullmatch(r"\s*#?0*([1-9][0-9]{0,9})\b[\s,:-]*(.*?)\s*", text)
    return (found[1], found[2]) if found else None


CUSTOMER_FIELDS = (Field.CUSTOMER_NUMBER, Field.CUSTOMER_NAME)
"""Fields that a file of one customer may lack."""
