"""Day end: what one day's ledger rows add up to, by tender; computed from the ledger and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import TYPE_CHECKING

from PySide6.QtCore import QDate
from PySide6.QtWidgets import QDateEdit, QFrame, QHBoxLayout, QWidget

from paydesk.domain.money import Money, total
from paydesk.domain.payment import PAID, Payment, State
from paydesk.domain.tender import TenderKind
from paydesk.ui import format as words
from paydesk.ui import notify
from paydesk.ui.models import Column, TableModel
from paydesk.ui.tables import Table
from paydesk.ui.tasks import Lanes, Task
from paydesk.ui.theme import ROW_HEIGHT, Space
from paydesk.ui.widgets import button, label, stack

if TYPE_CHECKING:
    from paydesk.services.desk import Desk


@dataclass(frozen=True, slots=True)
class TenderSum:
    """What one tender took on a day; ``kind`` None for all together."""

    kind: TenderKind | None
    count: int
    lines: Money
    fee: Money

    @property
    def total(self) -> Money:
        """Lines and fee together."""
        return self.lines + self.fee


@dataclass(frozen=True, slots=True)
class DaySums:
    """A day's takings, and how many payments took nothing, or nobody knows yet."""

    tenders: tuple[TenderSum, ...]
    declined: int
    unknown: int
    not_charged: int
    submitted: int
    """Taken from a bank account, and not yet cleared: in the totals all the same."""
    differing: int
    """Charged otherwise than quoted: their figures here are what was charged."""


def add_up(payments: Iterable[Payment]) -> DaySums:
    """The sums of a day's payments."""
    rows = list(payments)
    taken = [payment for payment in rows if payment.state in PAID]
    sums = [_sum(kind, [payment for payment in taken if payment.draft.kind is kind]) for kind in TenderKind]
    states = [payment.state for payment in rows]
    return DaySums(
        tenders=(*sums, _sum(None, taken)),
        declined=states.count(State.DECLINED),
        unknown=states.count(State.UNKNOWN) + states.count(State.SUBMITTED),
        not_charged=states.count(State.RELEASED) + states.count(State.NOT_CHARGED),
        submitted=sum(words.only_submitted(payment) for payment in taken),
        differing=sum(payment.charged_otherwise for payment in taken),
    )


def _sum(kind: TenderKind | None, payments: Sequence[Payment]) -> TenderSum:
    charged = total(payment.charged or payment.draft.quote.total for payment in payments)
    lines = total(payment.draft.quote.subtotal for payment in payments)
    return TenderSum(kind, len(payments), lines, charged - lines)


def day_bounds(day: date, zone: tzinfo) -> tuple[datetime, datetime]:
    """The day's first moment and the next day's, in UTC; 23 or 25 hours apart twice a year."""
    start, end = (datetime.combine(on, time(), zone) for on in (day, day + timedelta(days=1)))
    return start.astimezone(UTC), end.astimezone(UTC)


class DayEndPage(QWidget):
    """Choose a day; its sums follow."""

    def __init__(self, lanes: Lanes, desk: Desk) -> None:
        super().__init__()
        self.setObjectName("day_end")
        self._lanes, self._desk = lanes, desk
        self._zone = words.zone_of(desk.settings.time_zone)
        self._task: Task | None = None
        self.day = QDateEdit()
        self.day.setCalendarPopup(True)
        self.day.setDisplayFormat("MMM d, yyyy")
        self.day.setObjectName("day_end.day")
        self.day.setAccessibleName("Day")
        self._today = button("Today", "day_end.today", role="quiet")
        self._refresh = button("Read again", "day_end.refresh", key="F5", icon="refresh")
        self.notice = notify.NoticeBar("day_end.notice")
        self._grand = label("", "total", "day_end.total")
        self._count = label("", "muted", "day_end.count")
        self.model = TableModel(_COLUMNS, self)
        self._table = Table("day_end.table", "Totals by tender", self.model)
        self._table.set_widths({"count": 120, "lines": 160, "fee": 160, "total": 160}, stretch="tender")
        self._table.setFixedHeight((len(TenderKind) + 2) * ROW_HEIGHT - Space.XS)
        self._rest = label("", "body", "day_end.rest")
        self._rest.setWordWrap(True)
        self._lay_out()
        self.day.dateChanged.connect(self.refresh)
        self._refresh.clicked.connect(self.refresh)
        self._today.clicked.connect(self._go_to_today)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(Space.S)
        caption = label("&Day", "caption")
        caption.setBuddy(self.day)
        for part in (caption, self.day, self._today):
            head.addWidget(part)
        head.addStretch(1)
        head.addWidget(self._refresh)
        grand = QFrame()
        grand.setProperty("role", "card")
        inside = stack(
            grand, label("Taken, fees included", "caption"), self._grand, self._count, spacing=Space.XS
        )
        inside.setContentsMargins(Space.XL, Space.L, Space.XL, Space.L)
        card = QFrame()
        card.setProperty("role", "card")
        stack(card, self._table, margin=1)
        column = stack(self, head, self.notice, grand, card, self._rest, spacing=Space.M)
        column.setContentsMargins(Space.L, Space.M, Space.L, Space.M)
        column.addStretch(1)

    def start(self) -> None:
        """Show today and put the keyboard on the day."""
        self.day.setFocus()
        self._go_to_today()

    def refresh(self) -> None:
        """Add the day up again."""
        if self._task is not None:
            self._task.cancel()
        picked = self.day.date()
        start, end = day_bounds(date(picked.year(), picked.month(), picked.day()), self._zone)
        between = self._desk.ledger.payments_between
        self._task = self._lanes.read(
            lambda: add_up(between(start, end)),
            self._show,
            lambda error: notify.report(error, self.notice),
            self,
        )

    def _go_to_today(self) -> None:
        today = self._desk.today()
        wanted = QDate(today.year, today.month, today.day)
        if self.day.date() == wanted:
            self.refresh()
        else:
            self.day.setDate(wanted)

    def _show(self, sums: DaySums) -> None:
        everything = sums.tenders[-1]
        self.notice.clear()
        self.model.show(sums.tenders)
        self._grand.setText(words.dollars(everything.total))
        self._count.setText(_taken(everything.count, sums.submitted))
        self._rest.setText("   ".join(_rest(sums)))
        if sums.unknown:
            self.notice.say(
                f"{words.count(sums.unknown, 'payment')} without a clear answer yet: not in these totals.",
                "See Needs attention; the day is not complete before they are settled.",
                "warning",
            )


def _taken(count: int, submitted: int) -> str:
    said = f"{words.count(count, 'payment')} taken"
    return f"{said}, {submitted} of them submitted to a bank and not yet cleared" if submitted else said


def _rest(sums: DaySums) -> list[str]:
    said = [
        f"Declined: {sums.declined}",
        f"Not charged: {sums.not_charged}",
        f"No clear answer: {sums.unknown}",
    ]
    if sums.differing:
        said.append(f"Charged otherwise than quoted: {sums.differing}")
    return said


def _all(row: TenderSum) -> bool:
    return row.kind is None


def _column(
    name: str, title: str, text: Callable[[TenderSum], str], *, right: bool = True
) -> Column[TenderSum]:
    return Column(name, title, text, right=right, strong=_all)


_COLUMNS = [
    _column(
        "tender", "Tender", lambda row: words.tender(row.kind) if row.kind else "All tenders", right=False
    ),
    _column("count", "Payments", lambda row: str(row.count)),
    _column("lines", "Amounts", lambda row: words.money(row.lines)),
    _column("fee", "Technology fee", lambda row: words.money(row.fee)),
    _column("total", "Total", lambda row: words.money(row.total)),
]
