"""Day end: one day's sums by tender, to read, to print and to take into a spreadsheet."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QDate, QSizeF, Signal
from PySide6.QtWidgets import QDateEdit, QFrame, QHBoxLayout, QWidget

from paydesk.domain.tender import TenderKind
from paydesk.services.day_end import Day, DaySums, TenderSum, day_bounds, day_csv, day_of
from paydesk.ui import day_sheet, handing_out, notify
from paydesk.ui import format as words
from paydesk.ui.models import Column, TableModel
from paydesk.ui.tables import Table
from paydesk.ui.tasks import Lanes, Task
from paydesk.ui.theme import ROW_HEIGHT, Space
from paydesk.ui.widgets import button, label, row, stack

if TYPE_CHECKING:
    from PySide6.QtPrintSupport import QPrinter

    from paydesk.services.desk import Desk

LETTER_PT = QSizeF(612, 792)
"""The page a day is printed on, in points."""


class DayEndPage(QWidget):
    """Choose a day; its sums follow. The choosers can be replaced, as a receipt's.

    ``import_wanted`` asks for the window that reads invoices from a file.
    """

    import_wanted = Signal()

    def __init__(self, lanes: Lanes, desk: Desk) -> None:
        super().__init__()
        self.setObjectName("day_end")
        self._lanes, self._desk = lanes, desk
        self._zone = words.zone_of(desk.settings.time_zone)
        self._task: Task | None = None
        self._shown: Day | None = None
        self.choose_printer: Callable[[QWidget, QSizeF, str], QPrinter | None] = handing_out.ask_for_printer
        self.choose_file: Callable[[QWidget, str, str, str], str] = handing_out.ask_for_file
        self.day = QDateEdit()
        self.day.setCalendarPopup(True)
        self.day.setDisplayFormat("MMM d, yyyy")
        self.day.setObjectName("day_end.day")
        self.day.setAccessibleName("Day")
        self._today = button("Today", "day_end.today", role="quiet")
        self._refresh = button("Read again", "day_end.refresh", key="F5", icon="refresh")
        self._save_button = button("Save as CSV…", "day_end.save", key="Ctrl+S", icon="save")
        self._print_button = button("Print", "day_end.print", key="F8", icon="print")
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
        self._save_button.clicked.connect(self._save)
        self._print_button.clicked.connect(self._print)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(Space.S)
        caption = label("&Day", "caption")
        caption.setBuddy(self.day)
        for part in (caption, self.day, self._today):
            head.addWidget(part)
        head.addStretch(1)
        for part in (self._refresh, self._save_button, self._print_button):
            head.addWidget(part)
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
        column.addLayout(self._back_office())

    def _back_office(self) -> QHBoxLayout:
        """What is done rarely, and not while somebody waits; its key works on every tab."""
        files = button("Import invoices from a file…  Ctrl+I", "day_end.import", role="quiet", icon="inbox")
        files.clicked.connect(self.import_wanted)
        line = row(files)
        line.addStretch(1)
        return line

    def start(self) -> None:
        """Show today and put the keyboard on the day."""
        self.day.setFocus()
        self._go_to_today()

    def refresh(self) -> None:
        """Add the day up again."""
        if self._task is not None:
            self._task.cancel()
        picked = self.day.date()
        on = date(picked.year(), picked.month(), picked.day())
        start, end = day_bounds(on, self._zone)
        between = self._desk.ledger.payments_between
        self._task = self._lanes.read(
            lambda: day_of(on, between(start, end)),
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

    def _show(self, day: Day) -> None:
        self._shown, sums = day, day.sums
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

    def _print(self) -> None:
        if self._shown is None:
            return
        printer = self.choose_printer(self, LETTER_PT, "the day")
        if printer is not None:
            sheet = day_sheet.html(self._shown, self._desk.settings, self._zone)
            said = handing_out.printed_words(printer)
            self._hand_out(lambda: day_sheet.print_sheet(sheet, printer), "Printing…", said)

    def _save(self) -> None:
        if self._shown is None:
            return
        day, zone = self._shown, self._zone
        suggested = str(Path(handing_out.documents()) / f"PayDesk {day.on.isoformat()}.csv")
        path = self.choose_file(self, suggested, "the day's payments", "csv")
        if path:
            self._hand_out(
                lambda: handing_out.save(day_csv(day, zone), path), "Saving…", f"Saved as {Path(path).name}."
            )

    def _hand_out(self, work: Callable[[], None], saying: str, said: str) -> None:
        self.notice.say(saying)
        self._lanes.lookup(
            work,
            lambda _none: self.notice.say(said, kind="good"),
            lambda error: notify.report(error, self.notice),
            self,
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
    if sums.voided.count:
        said.append(f"Voided, in no total: {sums.voided.count}, {words.dollars(sums.voided.total)}")
    if sums.returned.count:
        said.append(
            f"Sent back by the bank, in no total: {sums.returned.count}, {words.dollars(sums.returned.total)}"
        )
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
