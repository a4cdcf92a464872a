"""The payment dialog: what is paid on the left; on the right how, then what became of it."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from PySide6.QtCore import QElapsedTimer, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QAbstractButton, QDialog, QHBoxLayout, QStackedWidget, QWidget

from paydesk.domain.errors import KnownError
from paydesk.domain.payment import PAID, Payment, State
from paydesk.domain.receipt import Paper
from paydesk.services.authorize import Step
from paydesk.services.desk import Desk
from paydesk.ui.bill_panel import BillPanel
from paydesk.ui.receipt_page import ReceiptPage
from paydesk.ui.room import room_for
from paydesk.ui.tasks import Lanes
from paydesk.ui.tender_page import Opening, TenderPage
from paydesk.ui.unknown_page import UnknownPage
from paydesk.ui.watch import Watch

HELD_MS = 400
"""Enters closer together than this come from a key that is held: not every window system says so."""

SIZE = QSize(1040, 660)
"""Fits a screen of 1366 × 768 with its taskbar, in device-independent pixels."""


class TenderDialog(QDialog):
    """Shows; charges nothing itself. What it is told by ``show_…`` is all it ever claims."""

    charge_requested = Signal(object, object)
    channel_changed = Signal(object)
    paper_changed = Signal(object)

    def __init__(self, desk: Desk, lanes: Lanes, opening: Opening, paper: Paper, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("tender.dialog")
        self.setWindowTitle("Take payment")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(True)
        self._desk, self._lanes, self._paper = desk, lanes, paper
        self._told_of_typed = False
        self._enter_at = QElapsedTimer()
        self.bill = BillPanel(opening.bill)
        self.page = TenderPage(desk, opening)
        self.unknown = UnknownPage(ZoneInfo(desk.settings.time_zone))
        self.receipt: ReceiptPage | None = None
        self._right = QStackedWidget()
        self._right.addWidget(self.page)
        self._right.addWidget(self.unknown)
        halves = QHBoxLayout(self)
        halves.setContentsMargins(0, 0, 0, 0)
        halves.setSpacing(0)
        halves.addWidget(self.bill)
        halves.addWidget(self._right, 1)
        self.bill.show_quote(self.page.quote)
        self.page.quote_changed.connect(self.bill.show_quote)
        self.page.charge_requested.connect(self.charge_requested)
        self.page.channel_changed.connect(self.channel_changed)
        self.page.leaving.connect(self.reject)
        self.unknown.leaving.connect(self.reject)
        for form in (self.page.card, self.page.bank):
            form.edited.connect(self._typed_on)
        self._fit()

    @property
    def spent(self) -> bool:
        """Something was charged, or may have been: what was to be paid is not to be offered again."""
        return self.receipt is not None or self._right.currentWidget() is self.unknown

    def show_step(self, step: Step) -> None:
        """How far the charge is."""
        self.page.show_step(step)

    def show_answer(self, payment: Payment) -> None:
        """A decided payment, as read back from the ledger."""
        self.page.in_flight = False
        if payment.state in PAID:
            self._show_receipt(payment)
            return
        self._right.setCurrentWidget(self.page)
        if payment.state is State.DECLINED:
            self.page.show_declined(payment.reason)
        else:
            self.page.show_not_charged(
                f"Nothing was charged. {payment.reason}", "You may try again: press Charge."
            )

    def show_unknown(self, watch: Watch) -> None:
        """No clear answer: nothing may be charged again, and the code is not kept for it."""
        self.page.in_flight = False
        self.page.card.forget_code()
        self._right.setCurrentWidget(self.unknown)
        self.unknown.show_watch(watch)
        watch.resolved.connect(self.show_answer)

    def show_refusal(self, error: KnownError) -> None:
        """Stopped before anything was sent."""
        self.page.show_not_charged(error.sentence, _nothing_charged(error.next_step))

    def show_stop(self, error: KnownError) -> None:
        """It is not known here what was charged, and nothing may be charged again from here."""
        self.page.in_flight = False
        self.page.wipe()
        self._right.setCurrentWidget(self.unknown)
        self.unknown.show_stop(error)

    def reject(self) -> None:
        """Close, unless money is in flight; a typed card is forgotten only when told so twice."""
        if self.page.in_flight:
            self.page.explain_wait()
        elif self._right.currentWidget() is self.page and self.page.typed and not self._told_of_typed:
            self._told_of_typed = True
            self.page.banner.say(
                "Press Esc once more to go back.",
                "The numbers typed here are then forgotten; the selection stays.",
            )
        elif self.receipt is not None:
            self.accept()
        else:
            super().reject()

    def done(self, result: int) -> None:
        """Close, and forget all that is secret."""
        self.page.wipe()
        super().done(result)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses the button that has the focus."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            focused = self.focusWidget()
            held = self._enter_at.isValid() and self._enter_at.elapsed() < HELD_MS
            self._enter_at.start()
            over = self.receipt is not None
            if isinstance(focused, QAbstractButton) and not event.isAutoRepeat() and not (over and held):
                focused.click()
            event.accept()
            return
        super().keyPressEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        """Start where the next thing is typed."""
        super().showEvent(event)
        self.page.start()

    def _typed_on(self) -> None:
        """Whoever types on did not mean to go back."""
        if self._told_of_typed:
            self._told_of_typed = False
            self.page.banner.clear()

    def _show_receipt(self, payment: Payment) -> None:
        self.page.wipe()
        self.receipt = ReceiptPage(self._desk, self._lanes, payment, self._paper)
        self.receipt.done.connect(self.accept)
        self.receipt.view.paper_changed.connect(self.paper_changed)
        self._right.addWidget(self.receipt)
        self._right.setCurrentWidget(self.receipt)
        self.receipt.setFocus()

    def _fit(self) -> None:
        room = room_for(self)
        if room.width() < SIZE.width():
            self.bill.be_narrow()
        self.resize(SIZE.boundedTo(room))


def _nothing_charged(next_step: str) -> str:
    if "othing was charged" in next_step:
        return next_step
    return f"Nothing was charged. {next_step}".strip()
