"""Payments: find any payment, see what happened to it, print its receipt again, ask about it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from paydesk.domain.payment import Payment
from paydesk.ui import format as words
from paydesk.ui import notify, payment_table
from paydesk.ui.entry import Entry
from paydesk.ui.models import TableModel
from paydesk.ui.payment_details import PaymentDetails
from paydesk.ui.tables import Table
from paydesk.ui.tasks import Lanes, Task
from paydesk.ui.theme import Space
from paydesk.ui.widgets import label, stack

if TYPE_CHECKING:
    from paydesk.services.desk import Desk

MOST_ROWS = 500
"""How many payments a search shows."""
_TYPING_PAUSE_MS = 150


class PaymentList(QWidget):
    """A list of payments beside the details of one; what is listed, the pages decide.

    ``reprint`` carries a payment; ``changed`` one whose state the processor has just told.
    """

    reprint = Signal(object)
    changed = Signal(object)

    def __init__(self, name: str, lanes: Lanes, desk: Desk, outcome: payment_table.Outcome) -> None:
        super().__init__()
        self.setObjectName(name)
        self._lanes, self._desk = lanes, desk
        zone = words.zone_of(desk.settings.time_zone)
        self.model = TableModel(payment_table.columns(zone, outcome), self)
        self.table = Table(f"{name}.table", "Payments", self.model)
        self.table.set_widths(payment_table.WIDTHS, stretch="payer")
        self.table.setSortingEnabled(False)
        self.details = PaymentDetails(f"{name}.details")
        self.details.set_zone(zone)
        self.notice = notify.NoticeBar(f"{name}.notice")
        self.head = QHBoxLayout()
        self._lay_out()
        self.table.selectionModel().currentRowChanged.connect(self._current_changed)
        self.details.reprint.connect(self.reprint)
        self.details.check.connect(self._check)

    def _lay_out(self) -> None:
        card = QFrame()
        card.setProperty("role", "card")
        stack(card, self.table, margin=1)
        left = QVBoxLayout()
        left.setSpacing(Space.M)
        left.addLayout(self.head)
        left.addWidget(self.notice)
        left.addWidget(card, 1)
        line = QHBoxLayout(self)
        line.setContentsMargins(Space.L, Space.M, Space.L, Space.M)
        line.setSpacing(Space.M)
        line.addLayout(left, 1)
        line.addWidget(self.details)

    def show_payments(self, payments: Sequence[Payment]) -> None:
        """List these; the one that was current stays current."""
        shown = self.details.payment
        self.model.show(payments)
        places = [place for place, payment in enumerate(payments) if shown and payment.id == shown.id]
        if payments:
            self.table.setCurrentIndex(self.model.index(places[0] if places else 0, 0))
        else:
            self.details.show_payment(None)

    def _current_changed(self, index: QModelIndex) -> None:
        payment = self.model.value(index)
        self.details.show_payment(payment)
        if payment is not None:
            self._read_events(payment)

    def _read_events(self, payment: Payment) -> None:
        events, wanted = self._desk.ledger.events, payment.id
        self._lanes.read(
            lambda: events(wanted),
            lambda found: self.details.show_events(wanted, found),
            self._fail,
            self,
        )

    def _check(self, payment: Payment) -> None:
        self.notice.clear()
        self.details.show_checking()
        check, wanted = self._desk.reconcile.check, payment.id
        self._lanes.chore(lambda: check(wanted), self._checked, self._fail, self)

    def _checked(self, payment: Payment) -> None:
        self.notice.say(f"AndDone was asked: {words.outcome(payment).lower()}.", payment.reason)
        self.changed.emit(payment)

    def _fail(self, error: Exception) -> None:
        notify.report(error, self.notice)
        self.details.show_payment(self.details.payment)


class HistoryPage(PaymentList):
    """The Payments tab: newest first, searched while typing."""

    def __init__(self, lanes: Lanes, desk: Desk) -> None:
        super().__init__("payments", lanes, desk, payment_table.BY_STATE)
        self.search = Entry("payments.search", "Search payments")
        self.search.setPlaceholderText("Name, invoice, receipt, customer number or last four digits")
        self.search.setClearButtonEnabled(True)
        self._count = label("", "muted", "payments.count")
        self.head.addWidget(self.search, 1)
        self.head.addWidget(self._count)
        self._task: Task | None = None
        self._pause = QTimer(self, interval=_TYPING_PAUSE_MS, singleShot=True)
        self._pause.timeout.connect(self.refresh)
        self.search.textEdited.connect(self._restart_pause)
        self.search.returnPressed.connect(self._search_now)

    def start(self) -> None:
        """Show the newest payments and put the keyboard into the search."""
        self.search.setFocus()
        self.search.selectAll()
        self.refresh()

    def search_for(self, text: str) -> None:
        """Search for a receipt, reference or name as if it had been typed."""
        self.search.setText(text)
        self.refresh()

    def refresh(self) -> None:
        """Read the list again from the ledger."""
        self._pause.stop()
        if self._task is not None:
            self._task.cancel()
        payments, wanted = self._desk.ledger.payments, self.search.text().strip()
        self._task = self._lanes.read(
            lambda: payments(limit=MOST_ROWS, matching=wanted), self._show, self._fail, self
        )

    def _restart_pause(self, _text: str) -> None:
        self._pause.start()

    def _search_now(self) -> None:
        self.refresh()
        self.table.setFocus()

    def _show(self, payments: Sequence[Payment]) -> None:
        self.show_payments(payments)
        more = "newest " if len(payments) == MOST_ROWS else ""
        self._count.setText(f"{more}{words.count(len(payments), 'payment')}")
