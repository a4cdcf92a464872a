"""Imports of reports: their rows, what became of them, and one import as the ledger keeps it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from paydesk.domain.invoices.columns import Columns
from paydesk.domain.invoices.reading import DateOrder, DecimalSign, LeftOut, OwnFigure, Proof, Unproven
from paydesk.domain.money import ZERO, Money
from paydesk.domain.typed.plain_texts import tidy


@dataclass(frozen=True, slots=True)
class Reject:
    """A refused row, or a cell left blank, and the reason.

    ``line`` is its line in the file, ``cells`` its original text.
    """

    line: int
    reason: str
    cells: tuple[str, ...]

    def __post_init__(self) -> None:
        """Tidy the texts: rejected rows are shown, and saved as a file."""
        tidy(self)


InvoiceRow = tuple[str, str, str, int, int, str | None, str | None, str, str, str]
"""Number, customer number and name, amount and balance in cents, invoice and due date (ISO), description,
policy, insurer. A plain tuple, because there may be a million of them.
"""

CustomerRow = tuple[str, str, str, str, str]
"""Number, name, ZIP, phone, email, each "" if the file does not say."""


@dataclass(slots=True)
class Converted:
    """The result for one chunk of rows. ``lines`` are the lines of ``invoices``, for rejects found later.

    ``lost`` are optional cells that could not be read. ``other_order`` is a date that can only be read in the
    other order of day and month. ``figures`` are totals and counts that the file prints about itself.
    ``refused`` are the numbers of invoices that a refused row names.
    """

    invoices: list[InvoiceRow] = field(default_factory=list)
    lines: Sequence[int] = ()
    customers: dict[str, CustomerRow] = field(default_factory=dict)
    rejects: list[Reject] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)
    lost: list[Reject] = field(default_factory=list)
    left_out: Counter[LeftOut] = field(default_factory=Counter)
    figures: list[OwnFigure] = field(default_factory=list)
    other_order: Proof | None = None


class Scope(StrEnum):
    """The completeness of a file, as a person said it."""

    UNKNOWN = "unknown"
    """Nobody said. The import closes nothing."""
    WHOLE = "complete"
    """It lists all open invoices. The import closes those of an earlier file that it lacks."""
    CUSTOMERS = "customers"
    """It is complete for the customers in it, such as the export of one customer."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """A person's answers for files of one shape. ``date_order`` and ``decimal`` only if they were asked."""

    columns: Columns
    scope: Scope = Scope.UNKNOWN
    date_order: DateOrder | None = None
    decimal: DecimalSign | None = None


@dataclass(frozen=True, slots=True)
class ImportRun:
    """One import as the ledger keeps it. Times are UTC. ``as_of`` is the time of the file's balances.

    ``how`` is a digest of the way it was read. ``missing`` counts the open invoices of
    earlier files that this one lacks, among ``compared``.
    ``unproven`` says why they were not closed.
    """

    id: int
    file_name: str
    digest: str
    scope: Scope
    as_of: datetime
    desk: str
    user: str
    started_at: datetime
    finished_at: datetime | None = None
    undone_at: datetime | None = None
    accepted: int = 0
    rejected: int = 0
    closed: int = 0
    open_total: Money = ZERO
    how: str = ""
    missing: int = 0
    compared: int = 0
    unproven: tuple[Unproven, ...] = ()

    @property
    def asks(self) -> bool:
        """True if only a person's confirmation of ``missing`` is wanting."""
        asked = bool(self.unproven) and {*self.unproven} <= {Unproven.FILTERED, Unproven.UNUSUAL}
        return asked and self.undone_at is None


@dataclass(frozen=True, slots=True)
class ImportReport:
    """The result of an import. Compare ``open_total`` with the report's own total.

    ``newer`` counts rows that PayDesk had read later than the file, or that a newer file lacked. ``same`` is
    True if this very file was imported before: nothing changed.
    """

    run: ImportRun
    rejects: tuple[Reject, ...] = ()
    lost: tuple[Reject, ...] = ()
    lost_count: int = 0
    left_out: Counter[LeftOut] = field(default_factory=Counter)
    figures: tuple[OwnFigure, ...] = ()
    newer: int = 0
    customers: int = 0
    same: bool = False

    @property
    def skipped(self) -> int:
        """Number of lines that were knowingly left out."""
        return self.left_out.total()
