"""Readings of a file: the proof in one value, and the rules of the whole file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class DateOrder(StrEnum):
    """The order of day and month in dates of digits."""

    MONTH_FIRST = "mdy"
    DAY_FIRST = "dmy"


class DecimalSign(StrEnum):
    """The sign between dollars and cents."""

    POINT = "point"
    COMMA = "comma"


class AmountStyle(StrEnum):
    """The way amounts are written."""

    CENTS = "cents"
    """With two digits of cents."""
    OTHER = "other"
    """Without, in a way that no cut could have left: 0, 1250, 12.5."""


@dataclass(frozen=True, slots=True)
class Proof:
    """A value that can be read in one way only. ``line`` is its line in the file."""

    line: int
    text: str


_FEWEST_STEPS = 2
"""Differences that prove a running balance, where no heading says that one is carried forward."""
_ENOUGH_STEPS = 2_000


@dataclass(slots=True)
class Running:
    """Counts the rows whose balance is that of the row before, more or less another amount of the row.

    ``forward`` is True if a heading says so: Previous Balance.
    """

    forward: bool = False
    explained: int = 0
    others: int = 0
    first: Proof | None = None
    _before: int = 0

    def step_to(self, cents: int) -> int:
        """Return the difference to the balance of the row before, 0 if that was nothing."""
        step, self._before = cents - self._before if self._before else 0, cents
        return step

    def count(self, line: int, text: str, *, explained: bool) -> None:
        """Count a difference. ``explained`` is True if it stands in its row."""
        self.others += not explained
        self.explained += explained
        if explained and self.first is None:
            self.first = Proof(line, text)

    @property
    def has_seen_enough(self) -> bool:
        """True if further rows would hardly change the answer."""
        return self.explained + self.others >= _ENOUGH_STEPS

    @property
    def proven(self) -> bool:
        """True if they are the balances of an account after each row, and no invoice's own."""
        return self.explained >= max(1 if self.forward else _FEWEST_STEPS, self.others / 2)


@dataclass(slots=True)
class _Account:
    """The rows of one customer: their number, the sum of their amounts, and each of their balances."""

    rows: int = 0
    cents: int = 0
    balances: set[int] = field(default_factory=set)

    @property
    def is_repeated(self) -> bool:
        """True if each row that has a balance has that of all of them together."""
        return self.rows > 1 and self.balances == {self.cents}


@dataclass(slots=True)
class Accounts:
    """Adds up each customer's amounts, to tell what an invoice owes from what its customer owes in all."""

    _of: dict[str, _Account] = field(default_factory=dict)

    def add(self, customer: str, amount: int, balance: int | None) -> None:
        """Add a row. ``balance`` is None where it is blank."""
        account = self._of.setdefault(customer, _Account())
        account.rows += 1
        account.cents += amount
        account.balances |= set() if balance is None else {balance}

    @property
    def repeated(self) -> int:
        """Number of customers with several rows, each with the balance of all."""
        return sum(one.is_repeated and bool(one.cents) for one in self._of.values())

    @property
    def proven(self) -> bool:
        """True if the balances are those of customers."""
        several = sum(one.rows > 1 for one in self._of.values())
        return self.repeated > 0 and self.repeated >= several / 2


@dataclass(slots=True)
class Proofs:
    """The first proof of each way, and their numbers."""

    first: dict[StrEnum, Proof] = field(default_factory=dict)
    counts: Counter[StrEnum] = field(default_factory=Counter)
    cells: Counter[int] = field(default_factory=Counter)
    """Number of rows by their number of cells."""
    balances: Running = field(default_factory=Running)
    accounts: Accounts = field(default_factory=Accounts)

    def add(self, way: StrEnum, line: int, text: str) -> None:
        """Count one proof."""
        self.first.setdefault(way, Proof(line, text))
        self.counts[way] += 1

    @property
    def always_cents(self) -> bool:
        """True if every amount has its cents."""
        return bool(self.counts[AmountStyle.CENTS]) and not self.counts[AmountStyle.OTHER]

    def date_order(self, decimal: DecimalSign) -> DateOrder | None:
        """Return the proven order, or None if both are proven.

        If nothing proves one: month first, as Americans write, but day first where amounts have a decimal
        comma.
        """
        month, day = self.counts[DateOrder.MONTH_FIRST], self.counts[DateOrder.DAY_FIRST]
        if month and day:
            return None
        comma = decimal is DecimalSign.COMMA
        return DateOrder.DAY_FIRST if day or (comma and not month) else DateOrder.MONTH_FIRST

    @property
    def decimal(self) -> DecimalSign:
        """The proven sign. The point if nothing, or both, are proven: a comma then makes a row unreadable."""
        comma = self.counts[DecimalSign.COMMA] and not self.counts[DecimalSign.POINT]
        return DecimalSign.COMMA if comma else DecimalSign.POINT


@dataclass(frozen=True, slots=True)
class Reading:
    """The meaning of a file's values.

    ``text_only`` is True if every cell is a text, as in CSV. ``said`` is True if a person chose the date
    order: a date that does not fit is then left blank. ``customer`` is the number and name of a file that has
    one customer only and does not name it. ``cells`` is the usual number of cells of a row, 0 if unknown.
    ``always_cents`` is True if every amount has its cents: 1 beside 250 is then 1,250 cut at its comma.
    """

    text_only: bool = True
    date_order: DateOrder = DateOrder.MONTH_FIRST
    decimal: DecimalSign = DecimalSign.POINT
    said: bool = False
    epoch_1904: bool = False
    customer: tuple[str, str] | None = None
    cells: int = 0
    always_cents: bool = False


class LeftOut(StrEnum):
    """Kinds of lines that hold no invoice to import."""

    BLANK = "blank"
    TITLE = "title"
    HEADING = "heading"
    CUSTOMER = "customer"
    TOTAL = "total"
    DIRECT_BILL = "direct_bill"


@dataclass(frozen=True, slots=True)
class OwnFigure:
    """A total (cents) or a count that the file prints about itself, and what its rows give instead.

    ``is_page`` is True for the count of its pages.
    """

    line: int
    is_count: bool
    said: int
    found: int
    is_page: bool = False

    @property
    def proven(self) -> bool:
        """True if the rows give what the file says."""
        return self.said == self.found


class Part(StrEnum):
    """Kinds of parts that a file may be, by its own words."""

    INVOICES = "invoices"
    """It leaves invoices out: those below an amount, or not yet due."""
    CUSTOMERS = "customers"
    """It leaves customers out: those of other divisions or producers."""


class Unproven(StrEnum):
    """A reason why a file is not known to be complete. It closes nothing then."""

    SCOPE = "scope"
    """Nobody said that it is."""
    REFUSED = "refused"
    """A row was refused."""
    FIGURES = "figures"
    """Its own count or total is not that of its rows."""
    OLDER = "older"
    """A file imported before is as new, or newer."""
    SHEETS = "sheets"
    """Another sheet of the workbook has invoices."""
    FILTERED = "filtered"
    """A line of it says that it has only some of them, and nobody confirmed the number."""
    UNUSUAL = "unusual"
    """More invoices than usual would be closed, and nobody confirmed the number."""


USUAL_COUNT, USUAL_SHARE = 50, 0.20


def is_usual(closing: int, compared: int) -> bool:
    """Return True if so many of the invoices compared may be closed without a question."""
    return closing <= USUAL_COUNT and closing <= compared * USUAL_SHARE


def unproven(checks: Mapping[Unproven, bool]) -> tuple[Unproven, ...]:
    """Return the reasons that apply, in their order."""
    return tuple(reason for reason in Unproven if checks.get(reason))
