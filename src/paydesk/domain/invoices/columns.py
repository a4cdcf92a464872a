"""Columns of an imported report: recognized by heading, corrected by people, remembered by shape."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from paydesk import COMMAND
from paydesk.domain.errors import KnownError
from paydesk.domain.invoices.headings import (
    LONGEST_HEADING,
    Field,
    Flag,
    aging_of,
    fields_of,
    flags_of,
    plain,
    total_of,
    twins_of,
)

HEADER_WITHIN = 30
"""Number of first rows to search for the header. Titles and blank lines may precede it."""

AGING = "aging"
"""Name of a column that is one part of the balance."""
IGNORED = "ignore"
"""Name of a column that a person says means nothing here."""


def shape(header: Sequence[object]) -> str:
    """Return a short digest that only a header with the same headings in the same order has."""
    joined = "\x1f".join(plain(cell) for cell in header)
    return hashlib.sha256(joined.encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Columns:
    """The column of each field, 0 for the first.

    The ``aging`` columns add up to the balance, and the ``twins`` say the same as it. A person said that the
    ``ignored`` ones mean nothing here.
    """

    of: Mapping[Field, int]
    aging: tuple[int, ...] = ()
    ignored: tuple[int, ...] = ()
    twins: tuple[int, ...] = ()

    @property
    def customers_only(self) -> bool:
        """True if the file has customers only, such as a list of their ZIPs."""
        return Field.INVOICE_NUMBER not in self.of

    def missing(self, *, customer_told: bool = False) -> tuple[Field, ...]:
        """Return the required fields that have no column."""
        if self.customers_only and Field.BALANCE not in self.of and not self.aging and Field.ZIP in self.of:
            needed: tuple[Field, ...] = (Field.CUSTOMER_NUMBER,)
        else:
            needed = (Field.INVOICE_NUMBER,)
            needed += () if customer_told else (Field.CUSTOMER_NUMBER, Field.CUSTOMER_NAME)
            needed += () if self.aging else (Field.BALANCE,)
        return tuple(field for field in needed if field not in self.of)

    def check(self, *, customer_told: bool = False) -> None:
        """Raise KnownError with the names of the missing columns, if any."""
        missing = self.missing(customer_told=customer_told)
        if not missing:
            return
        words = ", ".join(field.value.replace("_", " ") for field in missing)
        step = f"Say which one it is: {COMMAND} import FILE --column FIELD=HEADING."
        if Field.CUSTOMER_NUMBER in missing and Field.INVOICE_NUMBER not in missing:
            step += " If all of it is of one customer: --customer NUMBER."
        raise KnownError(
            f"The file has no column PayDesk recognizes as {words}.", "Choose a column for each.", step
        )

    def named(self, name: Field | str, at: int) -> Columns:
        """Return these columns with a person's meaning of the one at ``at``, alone."""
        bare = self.unnamed(at)
        if name == AGING:
            return Columns(bare.of, tuple(sorted((*bare.aging, at))), bare.ignored, bare.twins)
        if name == IGNORED:
            return Columns(bare.of, bare.aging, (*bare.ignored, at), bare.twins)
        twins = () if name is Field.BALANCE else bare.twins  # a person chose between them
        return Columns({**bare.of, Field(name): at}, bare.aging, bare.ignored, twins)

    def unnamed(self, at: int) -> Columns:
        """Return these columns without a meaning of the one at ``at``."""
        of = {field: place for field, place in self.of.items() if place != at}
        aging = tuple(place for place in self.aging if place != at)
        twins = tuple(place for place in self.twins if place != at)
        return Columns(of, aging, tuple(place for place in self.ignored if place != at), twins)

    def without(self, field: Field) -> Columns:
        """Return these columns without a field."""
        of = {other: at for other, at in self.of.items() if other is not field}
        return Columns(of, self.aging, self.ignored, self.twins)


@dataclass(frozen=True, slots=True)
class Header:
    """The headings of a file. ``line`` is their last line (1 is the first line of the file).

    ``headings`` are those of two lines joined, if they stand in two. ``below`` has the second line's alone.
    """

    line: int
    headings: tuple[str, ...]
    columns: Columns
    below: tuple[str, ...] = ()

    @property
    def shape(self) -> str:
        """The digest that files with the same headings share."""
        return shape(self.headings)

    @property
    def flags(self) -> Mapping[int, Flag]:
        """The columns that say beside the status if an invoice is closed, such as Void or Paid."""
        columns = self.columns
        used = {at for field, at in columns.of.items() if field is not Field.STATUS}
        used |= {*columns.aging, *columns.ignored}
        found = {at: flag for at, flag in flags_of(self.headings).items() if at not in used}
        if found.get(columns.of.get(Field.STATUS, -1)) is Flag.STATUS:
            del found[columns.of[Field.STATUS]]  # the first status is no second one
        return found

    @property
    def beside_balance(self) -> tuple[int, ...]:
        """The columns without a meaning to the left and right of the balance."""
        columns, at = self.columns, self.columns.of.get(Field.BALANCE)
        known = {*columns.of.values(), *columns.aging, *columns.ignored, *columns.twins, *self.flags}
        around = () if at is None else (at - 1, at + 1)
        return tuple(one for one in around if 0 <= one < len(self.headings) and one not in known)

    @property
    def width(self) -> int:
        """Number of columns up to the last one with a heading."""
        return max((at + 1 for at, held in enumerate(self.headings) if held), default=0)

    @property
    def names(self) -> tuple[str, ...]:
        """The headings. A column without one is "Column 3"."""
        return tuple(held or f"Column {at}" for at, held in enumerate(self.headings, 1))

    def with_columns(self, columns: Columns) -> Header:
        """Return this header with other columns."""
        return Header(self.line, self.headings, columns, self.below)

    def with_column(self, name: Field | str, heading: str) -> Header:
        """Return this header with a field at the column of ``heading``, or without it if that is "".

        ``name`` is a field, AGING or IGNORED. Raises KnownError if there is no such heading.
        """
        if heading:
            return self.with_columns(self.columns.named(name, self._at(heading)))
        if name == AGING:
            return self.with_columns(replace(self.columns, aging=()))
        return self if name == IGNORED else self.with_columns(self.columns.without(Field(name)))

    def _at(self, heading: str) -> int:
        for headings in (self.headings, self.below, self.names):
            for at, held in enumerate(headings):
                if held == heading or (plain(held) == plain(heading) and plain(heading)):
                    return at
        said = ", ".join(f"“{held}”" for held in self.headings if held)
        raise KnownError(f"The file has no heading “{heading}”.", f"Choose one of its headings: {said}.")


def recognize(headings: Sequence[object]) -> Columns:
    """Return the fields of the headings."""
    of = fields_of(headings)
    aging = tuple(at for at in aging_of(headings) if at not in of.values())
    if aging and Field.BALANCE not in of:
        total = total_of(headings)
        if total is not None and total not in of.values():
            of[Field.BALANCE] = total
    if len(aging) == 1 and not {Field.BALANCE, Field.AMOUNT}.isdisjoint(of):
        aging = ()  # a single one says how much of the balance is late
    if not aging and of.get(Field.UNAPPLIED) is not None and Field.BALANCE not in of:
        del of[Field.UNAPPLIED]
    twins = tuple(at for at in twins_of(headings) if at not in of.values() and at not in aging)
    return Columns(of, aging, twins=twins)


def is_heading(texts: Sequence[str]) -> bool:
    """Return True for a row of words, two of which are headings. Rows of invoices have digits."""
    if any(char.isdigit() for text in texts for char in text):
        return False
    return len(fields_of(texts)) >= 2


def _known(columns: Columns) -> int:
    return len(columns.of) + min(len(columns.aging), 1)


def _useful(columns: Columns) -> bool:
    return Field.INVOICE_NUMBER in columns.of or Field.CUSTOMER_NUMBER in columns.of


def texts_of(cells: Sequence[object]) -> tuple[str, ...]:
    """Return the cells of a header row as texts, without line breaks, of a heading's length."""
    return tuple("" if cell is None else " ".join(str(cell)[:LONGEST_HEADING].split()) for cell in cells)


def header_at(rows: Sequence[tuple[int, Sequence[object]]], place: int) -> Header:
    """Return the header in the row at ``place``, with the row below it where the headings stand in two."""
    line, cells = rows[place]
    upper = texts_of(cells)
    one = Header(line, upper, recognize(upper))
    if place + 1 >= len(rows) or not any(upper):
        return one
    line_below, cells_below = rows[place + 1]
    lower = texts_of(cells_below)
    if any(any(char.isdigit() for char in text) for text in lower if not aging_of([text])):
        return one
    if not any(lower) or lower == upper or _known(recognize(upper)) > _known(recognize(lower)) + 2:
        return one
    joined = _joined(upper, lower)
    both = Header(line_below, joined, _recognized_in_two(joined, lower), lower)
    return both if _known(both.columns) > _known(one.columns) else one


def _joined(upper: Sequence[str], lower: Sequence[str]) -> tuple[str, ...]:
    """Join headings in two rows. One that spans several columns counts for each column below it."""
    made, over = [], ""
    for at in range(max(len(upper), len(lower))):
        top = upper[at] if at < len(upper) else ""
        bottom = lower[at] if at < len(lower) else ""
        over = top or (over if bottom else "")
        made.append(f"{over} {bottom}".strip())
    return tuple(made)


def _recognized_in_two(joined: Sequence[str], lower: Sequence[str]) -> Columns:
    """Recognize joined headings, and where they mean nothing together, the row below alone."""
    best: list[str] = []
    for at, both in enumerate(joined):
        bottom = lower[at] if at < len(lower) else ""
        known = fields_of([both]) or aging_of([both])
        best.append(both if known or not bottom else bottom)
    return recognize(best)


def find_header(rows: Iterable[tuple[int, Sequence[object]]]) -> Header | None:
    """Return the row among the first HEADER_WITHIN that looks most like a header, or None."""
    first = [row for row in rows if row[0] <= HEADER_WITHIN]
    found = [header_at(first, place) for place in range(len(first))]
    likely = [one for one in found if _known(one.columns) >= 2 and _useful(one.columns)]
    # A title above the headings is no second row of them: of equals, the one in a single row counts.
    return max(likely, key=lambda one: (_known(one.columns), not one.below), default=None)


def guessed_header(rows: Sequence[tuple[int, Sequence[object]]]) -> Header | None:
    """Return the first row that could be one of headings, for a person to name. None if there is none."""
    full = [sum(1 for text in texts_of(cells) if text) for _line, cells in rows]
    most = max(full, default=0)
    if most < 2:
        return None
    place = next(at for at, count in enumerate(full) if count >= max(2, most * 0.6))
    line, cells = rows[place]
    headings = texts_of(cells)
    return Header(line, headings, recognize(headings))
