"""The payment dialog: the basket at the left, and at the right the tender, then the outcome."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QAbstractButton, QDialog, QHBoxLayout, QStackedWidget, QWidget

from paydesk.domain.errors import KnownError
from paydesk.domain.payment import PAID, Payment, State
from paydesk.services.desk.desk import Desk
from paydesk.services.payments.authorize import Step
from paydesk.ui.kit.scrolling import room_for
from paydesk.ui.kit.world_banner import mark_world
from paydesk.ui.pay import words
from paydesk.ui.pay.gesture_guard import GestureGuard
from paydesk.ui.pay.idle import Idle
from paydesk.ui.pay.summary_panel import SummaryPanel
from paydesk.ui.pay.tender_page import Opening, TenderPage
from paydesk.ui.pay.unresolved_page import UnresolvedPage
from paydesk.ui.pay.watch import Watch
from paydesk.ui.qt import screen_capture
from paydesk.ui.qt.tasks import Lanes
from paydesk.ui.receipt.printing import Printers
from paydesk.ui.receipt.receipt_page import ReceiptPage

SIZE = QSize(1040, 700)
"""Size in device-independent pixels that fits a screen of 1366 × 768 with its taskbar."""

ROOMY = 920
"""Least width in device-independent pixels for tiles that show their key, and the fee beside the total."""


class PaymentDialog(QDialog):
    """The dialog. It charges nothing itself, and shows only what the ``show_…`` methods pass to it."""

    charge_requested = Signal(object, object)
    channel_changed = Signal(object)
    link_wanted = Signal(object)

    def __init__(
        self, desk: Desk, lanes: Lanes, opening: Opening, printers: Printers, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.setObjectName("tender.dialog")
        self.setWindowTitle(words.TITLE)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(True)
        self._desk, self._lanes, self._printers = desk, lanes, printers
        self._told_of_typed = False
        self.guard = GestureGuard(self)
        """Lets no gesture through for a moment after each answer."""
        self.summary = SummaryPanel(opening.basket)
        self.page = TenderPage(desk, opening, printers, narrow=room_for(self).width() < ROOMY)
        self.unknown = UnresolvedPage(ZoneInfo(desk.settings.time_zone))
        self.receipt: ReceiptPage | None = None
        self._right = QStackedWidget()
        self._right.addWidget(self.page)
        self._right.addWidget(self.unknown)
        self._right.currentChanged.connect(self._hide_from_capture)
        halves = QHBoxLayout(self)
        halves.setContentsMargins(0, 0, 0, 0)
        halves.setSpacing(0)
        halves.addWidget(self.summary)
        halves.addWidget(self._right, 1)
        mark_world(self)
        self.summary.show_quote(self.page.quote)
        self.page.quote_changed.connect(self.summary.show_quote)
        self.page.charge_requested.connect(self.charge_requested)
        self.page.channel_changed.connect(self.channel_changed)
        self.guard.ended.connect(self._seen)
        self.page.leaving.connect(self.reject)
        self.page.link_wanted.connect(self.link_wanted)
        self.unknown.leaving.connect(self.reject)
        for form in (self.page.card, self.page.bank):
            form.edited.connect(self._typed_on)
        self.idle = Idle(self)
        self.idle.blank_due.connect(self.page.blank)
        self.idle.lock_due.connect(self._lock)
        self._fit()

    @property
    def spent(self) -> bool:
        """True if something was or may have been charged, so that the basket is not offered again."""
        return self.receipt is not None or self._right.currentWidget() is self.unknown

    def show_step(self, step: Step) -> None:
        """Show the progress of the charge."""
        self.page.show_step(step)

    def show_answer(self, payment: Payment) -> None:
        """Show a decided payment, as read back from the ledger."""
        self._answered()
        if payment.state in PAID:
            self._show_receipt(payment)
            return
        self._right.setCurrentWidget(self.page)
        if payment.state is State.DECLINED:
            self.page.show_declined(payment.reason)
        else:
            next_step = words.TRY_AGAIN if self.page.typed else words.TRY_AGAIN_FROM_START
            self.page.show_not_charged(words.nothing_charged(payment.reason), next_step)

    def show_unknown(self, watch: Watch) -> None:
        """Show that there is no clear answer. Nothing may be charged again, and no number is kept."""
        self._answered()
        self.page.forget_numbers()
        self._right.setCurrentWidget(self.unknown)
        self.unknown.show_watch(watch)
        watch.resolved.connect(self.show_answer)

    def show_refusal(self, error: KnownError) -> None:
        """Show that the payment stopped before anything was sent."""
        self._answered()
        self.page.show_not_charged(error.sentence, words.nothing_charged(error.next_step).strip())

    def show_stop(self, error: KnownError) -> None:
        """Show that the outcome is unknown here. Nothing may be charged again from here."""
        self._answered()
        self.page.wipe()
        self._right.setCurrentWidget(self.unknown)
        self.unknown.show_stop(error)

    def reject(self) -> None:
        """Close, unless a charge is running or its receipt is only just on the screen.

        If a card was typed, ask once before it is dropped.
        """
        if self.receipt is not None and self.guard.active:
            return
        if self.page.in_flight:
            self.page.explain_wait()
        elif self._right.currentWidget() is self.page and self.page.typed and not self._told_of_typed:
            self._told_of_typed = True
            self.page.banner.say(words.PRESS_ESC_AGAIN, words.ENTRIES_FORGOTTEN)
        elif self.receipt is not None:
            self.receipt.leave()
        else:
            super().reject()

    def done(self, result: int) -> None:
        """Close, and clear every secret field."""
        self.idle.stop()
        self.page.wipe()
        super().done(result)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Press the focused button on Enter."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            focused = self.focusWidget()
            if isinstance(focused, QAbstractButton) and not event.isAutoRepeat():
                focused.click()
            event.accept()
            return
        super().keyPressEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        """Start in the first field to fill in."""
        super().showEvent(event)
        self._hide_from_capture()
        self.page.start()
        self.idle.start()

    def _hide_from_capture(self) -> None:
        """Leave the dialog out of screenshots and shared screens while it shows fields for numbers."""
        if self._desk.settings.hide_from_capture:
            screen_capture.leave_out(self, left_out=self._right.currentWidget() is self.page)

    def _lock(self) -> None:
        """Lock the fields, if they are what the dialog shows."""
        if self._right.currentWidget() is self.page:
            self.page.lock()

    def _answered(self) -> None:
        """Protect the answer from the gesture that charged, which may not be over."""
        self.page.in_flight = False
        self.guard.start()

    def _seen(self) -> None:
        """Let the clerk go on from the receipt, now that the answer could be seen."""
        if self.receipt is not None:
            self.receipt.be_ready()

    def _typed_on(self) -> None:
        """Withdraw the question about going back, and let Enter through: the clerk types on."""
        if self.guard.active:
            self.guard.end()
        if self._told_of_typed:
            self._told_of_typed = False
            self.page.banner.clear()

    def _show_receipt(self, payment: Payment) -> None:
        self.page.wipe()
        self.receipt = ReceiptPage(self._desk, self._printers, self._lanes, payment)
        self.receipt.done.connect(self.accept)
        self._right.addWidget(self.receipt)
        self._right.setCurrentWidget(self.receipt)
        self.receipt.setFocus()

    def _fit(self) -> None:
        room = room_for(self)
        if room.width() < SIZE.width():
            self.summary.be_narrow()
        self.resize(SIZE.boundedTo(room))
