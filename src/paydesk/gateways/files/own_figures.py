"""Totals and counts that a report prints about itself, compared with its rows."""

from __future__ import annotations

from dataclasses import dataclass

from paydesk.domain.errors import KnownError
from paydesk.domain.invoices.reading import OwnFigure

MOST_CLAIMS = 300_000
"""Most totals and counts of one file: one for each customer, and some."""


@dataclass(slots=True)
class _Claim:
    line: int
    is_count: bool
    said: int
    found: int
    proven: bool


class OwnFigures:
    """Running sums of a report. A total is that of all rows so far, or of those since an earlier total.

    There are two sums: of what is taken, and of all that the rows say, direct-bill items and paid invoices
    included. A report may mean either.
    """

    def __init__(self) -> None:
        self._sums, self._counts = [0, 0], [0, 0]
        self._sums_before, self._counts_before = ({0}, {0}), ({0}, {0})
        self._before = ({(0, 0)}, {(0, 0)})
        self._refused, self._all_before = 0, {0}
        self._claims: list[_Claim] = []
        self._pages: OwnFigure | None = None

    def add(self, cents: int, stated: int, *, rows: int = 1, stated_rows: int = 1) -> None:
        """Count rows: cents that are taken, and cents that the file states."""
        self._sums[0] += cents
        self._sums[1] += stated
        self._counts[0] += rows
        self._counts[1] += stated_rows

    def is_total(self, cents: int) -> bool:
        """Return True if this is the total of the rows so far, or since an earlier total."""
        return any(now - cents in before for now, before in zip(self._sums, self._sums_before, strict=True))

    def is_counted_total(self, count: int, cents: int) -> bool:
        """Return True if just so many rows, since one point before, have this total."""
        now = zip(self._counts, self._sums, self._before, strict=True)
        return any((rows - count, sum_ - cents) in before for rows, sum_, before in now)

    def refuse(self) -> None:
        """Count a row that is not taken, and whose amount is not known."""
        self._refused += 1

    def may_be_count(self, count: int) -> bool:
        """Return True if there are just so many rows since one point before, refused ones among them."""
        return bool(self._refused) and self._counts[1] + self._refused - count in self._all_before

    def begin_group(self) -> None:
        """Remember that a group of rows begins: a total may be that of the group."""
        self._break()

    def claim_total(self, line: int, cents: int) -> None:
        """Compare a total that stands in the file."""
        self._claim(_Claim(line, False, cents, self._sums[1], self.is_total(cents)))
        self._break()

    def claim_count(self, line: int, count: int) -> None:
        """Compare a count that stands in the file."""
        proven = any(
            now - count in before for now, before in zip(self._counts, self._counts_before, strict=True)
        )
        self._claim(_Claim(line, True, count, self._counts[1], proven))

    def claim_page(self, line: int, page: int, pages: int) -> None:
        """Remember the last page of which the file tells. Its pages are a count of its own, too."""
        if self._pages is None or page >= self._pages.found:
            self._pages = OwnFigure(line, True, pages, page, is_page=True)

    def _claim(self, claim: _Claim) -> None:
        if len(self._claims) >= MOST_CLAIMS:
            raise KnownError(
                f"The file has more than {MOST_CLAIMS:,} totals of its own.",
                "Export the report without totals.",
            )
        self._claims.append(claim)

    def _break(self) -> None:
        for sums, before in ((self._sums, self._sums_before), (self._counts, self._counts_before)):
            for now, known in zip(sums, before, strict=True):
                known.add(now)
        for count, cents, together in zip(self._counts, self._sums, self._before, strict=True):
            together.add((count, cents))
        self._all_before.add(self._counts[1] + self._refused)

    def compared(self) -> list[OwnFigure]:
        """Return every claim at the end of the file. One that stands above its rows is compared with all."""
        compared = [self._compared(one) for one in self._claims]
        return compared if self._pages is None or self._pages.proven else [*compared, self._pages]

    def _compared(self, one: _Claim) -> OwnFigure:
        at_end = self._counts if one.is_count else self._sums
        proven = one.proven or one.said in at_end
        found = one.said if proven else (one.found or at_end[1])
        return OwnFigure(one.line, one.is_count, one.said, found)
