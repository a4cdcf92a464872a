"""The Day end page: one day's sums by tender, to read, print or save as CSV."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QDate, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from paydesk.domain.money import total
from paydesk.domain.posting import Posting
from paydesk.domain.receipt import Paper
from paydesk.domain.spreadsheet import file_of
from paydesk.domain.tender import TenderKind
from paydesk.domain.typed.days import Days
from paydesk.domain.typed.payment_filter import PaymentFilter
from paydesk.services.desk.day_end import Day, DaySums, TenderSum, day_bounds, day_from, day_table
from paydesk.ui.day_end import sheet as day_sheet
from paydesk.ui.day_end import words
from paydesk.ui.kit import format as fmt
from paydesk.ui.kit import notices
from paydesk.ui.kit import words as kit_words
from paydesk.ui.kit.day_edit import DayEdit
from paydesk.ui.kit.theme import ROW_HEIGHT, Space
from paydesk.ui.kit.widgets import button, keyed, label, row, stack
from paydesk.ui.lists.model import Column, TableModel
from paydesk.ui.lists.table import Table
from paydesk.ui.qt.tasks import Lanes, Task
from paydesk.ui.receipt import print_and_save
from paydesk.ui.receipt.printing import Job, Printers, Told

if TYPE_CHECKING:
    from PySide6.QtPrintSupport import QPrinter

    from paydesk.services.desk.desk import Desk

_NUMBERS = 150
"""Least width of a column of numbers, in device-independent pixels."""


class DayEndPage(QWidget):
    """The page: choose a day, and its sums appear. Tests replace ``choose_file``.

    ``import_wanted`` asks for the import dialog, ``by_hand_wanted`` for the receipts to enter by hand.
    ``payments_wanted`` carries the PaymentFilter of the current row, which Enter opens.
    ``notice`` tells how the last action ended, ``incomplete`` that the day shown has payments without an
    answer. Neither hides the other.
    """

    import_wanted = Signal()
    by_hand_wanted = Signal()
    payments_wanted = Signal(object)
    customer = ("", "")
    """No customer is in view here."""

    def __init__(self, lanes: Lanes, desk: Desk, printers: Printers) -> None:
        super().__init__()
        self.setObjectName("day_end")
        self._lanes, self._desk, self.printers = lanes, desk, printers
        self._zone = fmt.zone_of(desk.settings.time_zone)
        self._task: Task | None = None
        self._shown: Day | None = None
        self.choose_file: Callable[[QWidget, str, str, str], str] = print_and_save.ask_for_file
        self.day = DayEdit("day_end.day", words.DAY_SPOKEN)
        self._today = button(words.TODAY, "day_end.today", role="quiet")
        self._refresh = button(words.READ_AGAIN, "day_end.refresh", key="F5", icon="refresh")
        self._save_button = button(words.SAVE, "day_end.save", key="Ctrl+S", icon="save")
        self._print_button = button(words.PRINT, "day_end.print", key="F8", icon="print")
        self._unread = False
        """True if the notice says why the day could not be read."""
        self.incomplete = notices.NoticeBar("day_end.incomplete")
        self.notice = notices.NoticeBar("day_end.notice")
        self._grand = label("", "total", "day_end.total")
        self._count = label("", "muted", "day_end.count")
        self.model = TableModel(_COLUMNS, self)
        self._table = Table("day_end.table", words.TOTALS, self.model)
        self._table.fit_columns(stretch="tender", least=_NUMBERS)
        self._table.be_unsorted()
        self._table.let_select_several()
        self._table.opens = self._open_row
        self._table.doubleClicked.connect(lambda _index: self._open_row())
        self._table.setFixedHeight((len(TenderKind) + 2) * ROW_HEIGHT - Space.XS)
        self._rest = label("", "body", "day_end.rest")
        self._rest.setWordWrap(True)
        self._by_hand = label("", "strong", "day_end.by_hand")
        self._by_hand.setWordWrap(True)
        self._show_by_hand = button(
            words.SHOW_BY_HAND, "day_end.show_by_hand", key="F6", icon="inbox", bound=False
        )
        self._show_by_hand.clicked.connect(self.by_hand_wanted)
        keyed(self, "F6", self._show_by_hand, self._say_none_by_hand)
        self._lay_out()
        self.day.dateChanged.connect(self._read_again)
        self._refresh.clicked.connect(self._read_again)
        self._today.clicked.connect(self._go_to_today)
        self._save_button.clicked.connect(self._save)
        self._print_button.clicked.connect(self._print)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(Space.S)
        caption = label(words.DAY, "caption")
        caption.setBuddy(self.day)
        for part in (caption, self.day, self._today):
            head.addWidget(part)
        head.addStretch(1)
        for part in (self._refresh, self._save_button, self._print_button):
            head.addWidget(part)
        grand = QFrame()
        grand.setProperty("role", "card")
        inside = stack(grand, label(words.TAKEN, "caption"), self._grand, self._count, spacing=Space.XS)
        inside.setContentsMargins(Space.XL, Space.L, Space.XL, Space.L)
        card = QFrame()
        card.setProperty("role", "card")
        stack(card, self._table, margin=1)
        self._work = QFrame()
        self._work.setObjectName("day_end.work")
        self._work.setProperty("role", "notice-info")
        line = row(self._by_hand, self._show_by_hand, margin=Space.S)
        line.setStretch(0, 1)
        self._work.setLayout(line)
        self._work.hide()
        parts = (head, self.incomplete, grand, card, self._rest, self._work, self.notice)
        column = stack(self, *parts, spacing=Space.M)
        column.setContentsMargins(Space.L, Space.M, Space.L, Space.M)
        column.addStretch(1)
        column.addLayout(self._back_office())

    def _back_office(self) -> QHBoxLayout:
        """Return the line with rare tasks, for times without a customer. Its key works on every tab."""
        files = button(words.IMPORT, "day_end.import", key="Ctrl+I", role="quiet", icon="inbox", bound=False)
        files.clicked.connect(self.import_wanted)
        line = row(files)
        line.addStretch(1)
        return line

    def start(self) -> None:
        """Show today, with the keyboard on the day."""
        self.day.setFocus()
        self._go_to_today()

    def refresh(self) -> None:
        """Add up the day again."""
        if self._task is not None:
            self._task.cancel()
        picked = self.day.date()
        on = date(picked.year(), picked.month(), picked.day())
        start, end = day_bounds(on, self._zone)
        ledger, by_hand = self._desk.ledger, self._desk.post.by_hand
        self._task = self._lanes.read.run(
            lambda: (day_from(ledger, on, start, end), by_hand()),
            self._show,
            self._not_read,
            self,
        )

    def _read_again(self) -> None:
        """Add up the day because the clerk asks for it."""
        self.notice.clear()
        self.refresh()

    def _say_none_by_hand(self) -> None:
        self.notice.say(words.NONE_BY_HAND, end=notices.Ends.NEXT_GESTURE)

    def _not_read(self, error: Exception) -> None:
        self._unread = True
        notices.report(error, self.notice)

    def _go_to_today(self) -> None:
        today = self._desk.today()
        wanted = QDate(today.year, today.month, today.day)
        if self.day.date() == wanted:
            self.refresh()
        else:
            self.day.setDate(wanted)

    def _show(self, found: tuple[Day, Sequence[Posting]]) -> None:
        day, by_hand = found
        self._shown, sums = day, day.sums
        self._by_hand.setText(words.to_enter(len(by_hand), _net(by_hand)))
        self._work.setVisible(bool(by_hand))
        everything = sums.tenders[-1]
        self.incomplete.clear()
        if self._unread:
            self._unread = False
            self.notice.clear()
        self.model.show(sums.tenders)
        self._grand.setText(fmt.dollars(everything.total))
        self._count.setText(_taken(everything.count, sums.submitted))
        self._rest.setText("   ".join(_rest(sums)))
        if sums.unknown:
            self.incomplete.say(words.without_answer(sums.unknown), words.DAY_INCOMPLETE, "warning")

    def _open_row(self) -> None:
        """Ask for the payments of the current row's payment method, or of all."""
        row = self.model.value(self._table.currentIndex())
        if row is not None and self._shown is not None:
            on = self._shown.on
            self.payments_wanted.emit(PaymentFilter(days=Days(on, on), method=row.kind))

    def _print(self) -> None:
        if self._shown is None:
            return
        sheet = day_sheet.html(self._shown, self._desk.settings, self._zone)

        def draw(printer: QPrinter) -> None:
            day_sheet.print_sheet(sheet, printer)

        name = words.sheet_file(self._shown.on.isoformat())
        job = Job(name, words.THE_DAY, Paper.LETTER, print_and_save.LETTER_PT, draw)
        if self.printers.print(job, Told(self, self._handed_out, self._not_handed_out)):
            self.notice.say(words.PRINTING)

    def _save(self) -> None:
        if self._shown is None:
            return
        day, zone = self._shown, self._zone
        suggested = print_and_save.free_path(words.suggested_file(day.on.isoformat()))
        path = self.choose_file(self, suggested, words.THE_PAYMENTS, "xlsx")
        if path:
            self._hand_out(
                lambda: print_and_save.save(file_of(day_table(day, zone), Path(path).suffix), path),
                words.SAVING,
                words.saved_as(Path(path).name),
            )

    def _hand_out(self, work: Callable[[], None], saying: str, said: str) -> None:
        self.notice.say(saying)
        self._lanes.lookup.run(work, lambda _none: self._handed_out(said), self._not_handed_out, self)

    def _handed_out(self, said: str) -> None:
        self.notice.say(said, kind="good")

    def _not_handed_out(self, error: Exception) -> None:
        notices.report(error, self.notice)


def _net(postings: Sequence[Posting]) -> str:
    return fmt.dollars(total(posting.payment.draft.quote.subtotal for posting in postings))


def _taken(count: int, submitted: int) -> str:
    return words.payments_taken_and_submitted(count, submitted) if submitted else words.payments_taken(count)


def _rest(sums: DaySums) -> list[str]:
    said = [
        words.declined(sums.declined),
        words.not_charged(sums.not_charged),
        words.no_clear_answer(sums.unknown),
    ]
    if sums.voided.count:
        said.append(words.voided(sums.voided.count, fmt.dollars(sums.voided.total)))
    if sums.went_back.count:
        said.append(words.went_back(sums.went_back.count, fmt.dollars(sums.went_back.total)))
    if sums.differing:
        said.append(words.charged_otherwise(sums.differing))
    return said


def _all(row: TenderSum) -> bool:
    return row.kind is None


def _tender(row: TenderSum) -> str:
    return kit_words.tender(row.kind) if row.kind else words.ALL_TENDERS


def _column(name: str, text: Callable[[TenderSum], str], *, right: bool = True) -> Column[TenderSum]:
    return Column(name, words.COLUMNS[name], text, right=right, strong=_all)


_COLUMNS = [
    _column("tender", _tender, right=False),
    _column("count", lambda row: str(row.count)),
    _column("lines", lambda row: fmt.money(row.lines)),
    _column("fee", lambda row: fmt.money(row.fee)),
    _column("total", lambda row: fmt.money(row.total)),
]
