"""The dialog of a payment link: order it, wait for its payment, then the receipt."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QAbstractButton, QDialog, QHBoxLayout, QStackedWidget, QWidget

from paydesk.domain.errors import KnownError
from paydesk.domain.payment import PAID, OfferKind, Payment, State
from paydesk.services.desk.desk import Desk
from paydesk.ui.kit.scrolling import room_for
from paydesk.ui.kit.world_banner import mark_world
from paydesk.ui.offer import words
from paydesk.ui.offer.customer_screen import CustomerScreen
from paydesk.ui.offer.order_page import OrderPage
from paydesk.ui.offer.waiting_page import WaitingPage
from paydesk.ui.pay.gesture_guard import GestureGuard
from paydesk.ui.pay.payment_dialog import ROOMY, SIZE
from paydesk.ui.pay.summary_panel import SummaryPanel
from paydesk.ui.pay.tender_page import Opening
from paydesk.ui.pay.watch import Watch
from paydesk.ui.qt.tasks import Lanes
from paydesk.ui.receipt.printing import Printers
from paydesk.ui.receipt.receipt_page import ReceiptPage


class OfferDialog(QDialog):
    """The dialog. It makes no link itself, and has no field for a card or account."""

    offer_wanted = Signal(object, object, int)
    back_wanted = Signal(object)

    def __init__(
        self,
        desk: Desk,
        lanes: Lanes,
        opening: Opening,
        kinds: Sequence[OfferKind],
        printers: Printers,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("offer.dialog")
        self.setWindowTitle(words.TITLE)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(True)
        self._desk, self._lanes, self._printers = desk, lanes, printers
        self.guard = GestureGuard(self)
        self.summary = SummaryPanel(opening.basket)
        room = room_for(self)
        self.order = OrderPage(opening, kinds, narrow=room.width() < ROOMY)
        zone, agency = ZoneInfo(desk.settings.time_zone), desk.settings.agency.name
        self.waiting = WaitingPage(zone, agency, desk.settings.world, desk.code_of, desk.today)
        self.receipt: ReceiptPage | None = None
        self.screen_beside: CustomerScreen | None = None
        self._payment: Payment | None = None
        self.went_back = False
        """True if the clerk went back to pay another way."""
        self._right = QStackedWidget()
        self._right.addWidget(self.order)
        self._right.addWidget(self.waiting)
        halves = QHBoxLayout(self)
        halves.setContentsMargins(0, 0, 0, 0)
        halves.setSpacing(0)
        halves.addWidget(self.summary)
        halves.addWidget(self._right, 1)
        mark_world(self)
        self.summary.show_quote(self.order.quote)
        self.order.quote_changed.connect(self.summary.show_quote)
        self.order.wanted.connect(self.offer_wanted)
        self.order.leaving.connect(self._go_back)
        self.waiting.leaving.connect(self.reject)
        self.waiting.taken_back.connect(lambda: self.back_wanted.emit(self._payment))
        self.waiting.screen_wanted.connect(self._show_beside)
        self.guard.ended.connect(self._seen)
        if room.width() < SIZE.width():
            self.summary.be_narrow()
        self.resize(SIZE.boundedTo(room))

    @property
    def spent(self) -> bool:
        """True if a link was made, so that the basket is not offered again."""
        return self._payment is not None

    def show_refusal(self, error: KnownError) -> None:
        """Show that no link was made."""
        self.order.show_refusal(error.sentence, error.next_step)

    def show_offered(self, watch: Watch, *, open_page: bool = False) -> None:
        """Show the address, and wait for its payment."""
        self.order.in_flight = False
        self._payment = watch.payment
        self.waiting.follow(watch)
        self._right.setCurrentWidget(self.waiting)
        watch.asked.connect(lambda _hindrance: self._follow(watch.payment))
        watch.resolved.connect(self.show_answer)
        self.waiting.start()
        if open_page:
            self.waiting.open_page()

    def show_answer(self, payment: Payment) -> None:
        """Show the outcome, as read back from the ledger."""
        self._follow(payment)
        if payment.state not in PAID:
            self.waiting.show_payment(payment)
            self.waiting.start()
            return
        self.guard.start()
        self.receipt = ReceiptPage(self._desk, self._printers, self._lanes, payment)
        self.receipt.done.connect(self.accept)
        self._right.addWidget(self.receipt)
        self._right.setCurrentWidget(self.receipt)
        self.receipt.setFocus()

    def reject(self) -> None:
        """Close. A link that was made goes on working, and PayDesk keeps checking it."""
        if self.order.in_flight or (self.receipt is not None and self.guard.active):
            return
        if self.receipt is not None:
            self.receipt.leave()
        else:
            super().reject()

    def _go_back(self) -> None:
        """Go one step back, to the fields of a card or account."""
        if not self.order.in_flight:
            self.went_back = True
            self.reject()

    def done(self, result: int) -> None:
        """Close, also on the other screen."""
        self._end_beside()
        super().done(result)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Press the focused button on Enter."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            focused = self.focusWidget()
            if isinstance(focused, QAbstractButton) and not event.isAutoRepeat():
                focused.click()
            event.accept()
        elif event.key() == Qt.Key.Key_Escape and self._payment is None:
            self._go_back()
        else:
            super().keyPressEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        """Start where Enter goes on."""
        super().showEvent(event)
        if self._payment is None:
            self.order.start()

    def _follow(self, payment: Payment) -> None:
        """Take the address from the other screen once it is no longer offered."""
        self._payment = payment
        if payment.state is not State.OFFERED:
            self._end_beside()

    def _show_beside(self) -> None:
        if self._payment is not None and self.screen_beside is None:
            self.screen_beside = CustomerScreen.beside(self, self._payment, self.waiting.code.modules)

    def _end_beside(self) -> None:
        if self.screen_beside is not None:
            self.screen_beside.close()
            self.screen_beside = None

    def _seen(self) -> None:
        if self.receipt is not None:
            self.receipt.be_ready()
