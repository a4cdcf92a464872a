"""Run payment links through their dialog: make the address, watch it, take it back."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from paydesk.config.faults import log_fault
from paydesk.domain.errors import KnownError
from paydesk.domain.invoices.basket import Basket
from paydesk.domain.payment import Draft, OfferKind, Payment, State
from paydesk.domain.tender import TenderKind
from paydesk.services.desk.desk import Desk
from paydesk.ui.kit.faults import please_report
from paydesk.ui.offer import words
from paydesk.ui.offer.dialog import OfferDialog
from paydesk.ui.pay.tender_page import Opening
from paydesk.ui.pay.watch import Watch
from paydesk.ui.qt.tasks import Lanes
from paydesk.ui.receipt.printing import Printers

WATCHED_EVERY_S = 2.0
"""Seconds between two questions about a link that is in view."""
SELDOM_AFTER_S, SELDOM_S = 900.0, 10.0
"""After so many seconds, it is asked about more seldom."""


class OfferCheckout(QObject):
    """The payment links of one window.

    ``opened`` carries the dialog, before it is shown. ``answered`` follows every change of a payment.
    ``closed`` carries True if a link was made for the basket, and False if it is still to be paid.
    ``went_back`` follows with the basket and the payment method if the clerk wants to pay another way.
    """

    opened = Signal(object)
    answered = Signal(object)
    closed = Signal(bool)
    went_back = Signal(object, object)

    def __init__(self, window: QWidget, lanes: Lanes, printers: Printers) -> None:
        super().__init__(window)
        self._window, self._lanes, self._printers = window, lanes, printers
        self._dialog: OfferDialog | None = None
        self._watches: dict[int, Watch] = {}

    @property
    def dialog(self) -> OfferDialog | None:
        """The dialog while it is open, or None."""
        return self._dialog if self._dialog is not None and isValid(self._dialog) else None

    def take(self, desk: Desk, basket: Basket, preferred: TenderKind | None = None) -> None:
        """Open the dialog for a basket. Raises KnownError if the desk cannot charge."""
        if self.dialog is not None:
            return
        opening = Opening(basket, desk.quotes(basket.subtotal), preferred)
        dialog = self._open(desk, opening, new=True)
        dialog.finished.connect(lambda _result: self._gone_back(dialog, basket))
        dialog.offer_wanted.connect(
            lambda draft, kind, life_s: self._offer(desk, dialog, draft, kind, life_s)
        )

    def show(self, desk: Desk, payment: Payment) -> None:
        """Show the link of a payment again, if it may still be shown."""
        if self.dialog is not None or payment.state is not State.OFFERED:
            return
        draft = payment.draft
        basket = Basket(draft.lines, draft.payer, "", draft.reference_kind, draft.reference_value)
        opening = Opening(basket, {draft.kind: draft.quote}, draft.kind)
        dialog = self._open(desk, opening, new=False)
        self._watch(desk, dialog, payment)

    def heard(self, payment: Payment) -> bool:
        """Pass on an outcome found elsewhere. Returns True if a dialog was waiting for it."""
        watch = self._watches.get(payment.id)
        if watch is not None:
            watch.heard(payment)
        return watch is not None

    def _open(self, desk: Desk, opening: Opening, *, new: bool) -> OfferDialog:
        dialog = OfferDialog(
            desk, self._lanes, opening, desk.settings.anddone.offer_kinds, self._printers, self._window
        )
        dialog.back_wanted.connect(lambda payment: self._take_back(desk, dialog, payment))
        dialog.finished.connect(lambda _result: self._closed(dialog, new=new))
        self._dialog = dialog
        self.opened.emit(dialog)
        dialog.open()
        return dialog

    def _offer(self, desk: Desk, dialog: OfferDialog, draft: Draft, kind: OfferKind, life_s: int) -> None:
        self._lanes.money.run(
            lambda: desk.offers.offer(draft, kind, life_s),
            lambda payment: self._offered(desk, dialog, payment),
            lambda error: self._failed(dialog, error),
            self,
        )

    def _offered(self, desk: Desk, dialog: OfferDialog, payment: Payment) -> None:
        if isValid(dialog):
            self._watch(desk, dialog, payment, open_page=payment.offer_kind is OfferKind.HOSTED)
        self.answered.emit(payment)

    def _watch(self, desk: Desk, dialog: OfferDialog, payment: Payment, *, open_page: bool = False) -> None:
        watch = Watch(desk, self._lanes, payment, self, pause_s=_pause_s)
        watch.resolved.connect(self._resolved)
        self._watches[payment.id] = watch
        dialog.show_offered(watch, open_page=open_page)

    def _resolved(self, payment: Payment) -> None:
        watch = self._watches.pop(payment.id, None)
        if watch is not None:
            watch.rest()
            watch.deleteLater()
        self.answered.emit(payment)

    def _take_back(self, desk: Desk, dialog: OfferDialog, payment: Payment) -> None:
        def back() -> Payment:
            desk.offers.take_back(payment.id)
            return desk.resolve.check(payment.id)

        self._lanes.money.run(
            back,
            lambda after: self._being_taken_back(dialog, after),
            lambda error: self._failed(dialog, error),
            self,
        )

    def _being_taken_back(self, dialog: OfferDialog, payment: Payment) -> None:
        watch = self._watches.get(payment.id)
        if watch is not None:
            watch.told(payment)
        elif isValid(dialog):
            dialog.waiting.show_payment(payment)
        self.answered.emit(payment)

    def _failed(self, dialog: OfferDialog, error: Exception) -> None:
        if not isValid(dialog):
            return
        if isinstance(error, KnownError):
            said = error
        else:
            what = words.STILL_OPEN if dialog.spent else words.NO_LINK
            said = KnownError(what, please_report(log_fault(error)))
        if dialog.spent:
            dialog.waiting.banner.say(said.sentence, said.next_step, "warning")
        else:
            dialog.show_refusal(said)

    def _closed(self, dialog: OfferDialog, *, new: bool) -> None:
        self._dialog = None
        for watch in self._watches.values():
            watch.rest()
            watch.deleteLater()
        self._watches.clear()
        self._window.activateWindow()  # some window managers leave no window with the keyboard
        if new:
            self.closed.emit(dialog.spent)

    def _gone_back(self, dialog: OfferDialog, basket: Basket) -> None:
        if dialog.went_back:
            self.went_back.emit(basket, dialog.order.quote.kind)


def _pause_s(age_s: float) -> float:
    """Return the seconds until the next question about a link in view."""
    return WATCHED_EVERY_S if age_s < SELDOM_AFTER_S else SELDOM_S
