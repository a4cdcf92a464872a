"""Run a payment through the dialog: charge, answer, receipt, and back to the window."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from paydesk.config.faults import log_fault
from paydesk.domain.consent import Channel
from paydesk.domain.errors import KnownError, NoAnswer
from paydesk.domain.invoices.basket import Basket
from paydesk.domain.outcome import Reason
from paydesk.domain.payment import OPEN, PAID, Draft, Payer, Payment, State
from paydesk.domain.tender import Tender, TenderKind
from paydesk.services.desk.desk import Desk
from paydesk.services.payments.authorize import NotRecorded, Step
from paydesk.services.ports.ledger import Warned
from paydesk.ui.kit import format as fmt
from paydesk.ui.kit import words as kit_words
from paydesk.ui.kit.faults import please_report
from paydesk.ui.pay import words
from paydesk.ui.pay.gesture_guard import GestureGuard
from paydesk.ui.pay.payment_dialog import PaymentDialog
from paydesk.ui.pay.tender_page import Opening
from paydesk.ui.pay.watch import Watch
from paydesk.ui.payments.attention_page import alarm
from paydesk.ui.payments.reversal.void_dialog import void_result
from paydesk.ui.qt.tasks import Lanes
from paydesk.ui.receipt.printing import Printers


class Checkout(QObject):
    """The payments of one window, one after the other.

    ``opened`` carries the dialog, before it is shown. ``answered`` follows every payment's answer, so that
    lists are read again. ``resolved`` carries an unclear payment that was decided after its dialog was
    closed. ``closed`` carries True if the basket is done, and False if it is still to be paid. ``no_answer``
    carries the NoAnswer of a system that prevented a payment.
    """

    opened = Signal(object)
    answered = Signal(object)
    resolved = Signal(object)
    closed = Signal(bool)
    no_answer = Signal(object)
    link_wanted = Signal(object, object)
    """Carries basket and payment method, if somebody else is to enter the card or account."""

    def __init__(self, window: QWidget, lanes: Lanes, printers: Printers) -> None:
        super().__init__(window)
        self._window, self._lanes, self._printers = window, lanes, printers
        self._dialog: PaymentDialog | None = None
        self._left_unclear = False
        self._channel_of: tuple[Payer | None, Channel] = (None, Channel.PHONE)
        self._watches: dict[int, Watch] = {}
        self.guard = GestureGuard(window, only_doubles=True)
        """Keeps a second click on Next customer from reaching the window below."""

    @property
    def dialog(self) -> PaymentDialog | None:
        """The dialog while it is open, or None."""
        return self._dialog if self._dialog is not None and isValid(self._dialog) else None

    def take(self, desk: Desk, basket: Basket, preferred: TenderKind | None = None) -> None:
        """Open the dialog for a basket. Does nothing while one is open.

        Raises KnownError if the desk cannot charge.
        """
        if self.dialog is not None:
            return
        if not desk.settings.anddone.typed:
            desk.quotes(basket.subtotal)  # raises if the desk cannot charge
            self.link_wanted.emit(basket, preferred)
            return
        if basket.payer != self._channel_of[0]:
            self._channel_of = (basket.payer, Channel.PHONE)
        opening = Opening(basket, desk.quotes(basket.subtotal), preferred, self._channel_of[1])
        dialog = PaymentDialog(desk, self._lanes, opening, self._printers, self._window)
        warned: set[str] = set()
        dialog.charge_requested.connect(
            lambda draft, tender: self._charge(desk, dialog, draft, tender, warned)
        )
        dialog.channel_changed.connect(lambda channel: self._keep_channel(basket.payer, channel))
        dialog.finished.connect(lambda _result: self._closed(dialog))
        dialog.link_wanted.connect(lambda kind: self._change_to_link(dialog, basket, kind))
        self._dialog = dialog
        self.opened.emit(dialog)
        dialog.open()

    def _change_to_link(self, dialog: PaymentDialog, basket: Basket, kind: TenderKind) -> None:
        """Close the dialog, and let the payment be offered by a link or page instead."""
        dialog.done(PaymentDialog.DialogCode.Rejected)
        self.link_wanted.emit(basket, kind)

    def _keep_channel(self, payer: Payer | None, channel: Channel) -> None:
        """Remember it for this customer alone: for the next one, a wrong channel is a wrong consent."""
        self._channel_of = (payer, channel)

    @property
    def asking(self) -> bool:
        """True while the open dialog itself asks about its payment."""
        return any(not watch.resting for watch in self._watches.values())

    @property
    def left_unclear(self) -> bool:
        """True if the last dialog closed on an unresolved payment."""
        return self._left_unclear

    def heard(self, payment: Payment) -> bool:
        """Pass on an outcome found elsewhere. Returns True if a dialog was waiting for it."""
        watch = self._watches.get(payment.id)
        if watch is not None:
            watch.heard(payment)
        return watch is not None

    def _charge(
        self, desk: Desk, dialog: PaymentDialog, draft: Draft, tender: Tender, warned: set[str]
    ) -> None:
        """Charge on a worker. ``warned`` is what the clerk was warned about in this dialog."""

        def on_step(step: Step) -> None:
            self._lanes.post(lambda: dialog.show_step(step) if isValid(dialog) else None)

        def pay() -> Payment:
            try:
                return desk.authorize.pay(draft, tender, on_step, warned)
            except Warned as error:
                warned.add(error.about)
                raise
            finally:
                tender.wipe()  # the outcome is known, or never will be here

        self._lanes.money.run(
            pay,
            lambda payment: self._answered(desk, dialog, payment),
            lambda error: self._failed(dialog, error),
            self,
        )

    def _answered(self, desk: Desk, dialog: PaymentDialog, payment: Payment) -> None:
        if payment.state in OPEN:
            self._watch(desk, dialog, payment)
        elif isValid(dialog):
            dialog.show_answer(payment)
        self.answered.emit(payment)

    def _watch(self, desk: Desk, dialog: PaymentDialog, payment: Payment) -> None:
        watch = Watch(desk, self._lanes, payment, self)
        watch.resolved.connect(lambda decided: self._resolved(dialog, decided))
        self._watches[payment.id] = watch
        if isValid(dialog):
            dialog.show_unknown(watch)
        else:
            watch.rest()

    def _resolved(self, dialog: PaymentDialog, payment: Payment) -> None:
        self._watches.pop(payment.id).deleteLater()
        self.answered.emit(payment)
        if not isValid(dialog) or not dialog.isVisible():
            self.resolved.emit(payment)

    def _failed(self, dialog: PaymentDialog, error: Exception) -> None:
        if not isValid(dialog):
            return
        if isinstance(error, NotRecorded):
            dialog.show_stop(error)
        elif isinstance(error, KnownError):
            if isinstance(error, NoAnswer):
                self.no_answer.emit(error)
            dialog.show_refusal(error)
        else:
            # A bug of ours: it is not known here if anything was sent, so nothing is promised.
            next_step = words.look_before_charging(please_report(log_fault(error)))
            dialog.show_stop(KnownError(words.MAYBE_CHARGED, next_step))

    def _closed(self, dialog: PaymentDialog) -> None:
        self._dialog = None
        self._left_unclear = dialog.spent and dialog.receipt is None
        for watch in self._watches.values():
            watch.rest()
        if dialog.spent:
            self._keep_channel(None, Channel.PHONE)
        if dialog.receipt is not None:
            self.guard.start()
        self._window.activateWindow()  # some window managers leave no window with the keyboard
        self.closed.emit(dialog.spent)


def announcement(payment: Payment) -> tuple[str, str, str]:
    """Return sentence, next step and notice kind for a payment decided after its dialog was closed."""
    if payment.state is State.LATE:
        return alarm(payment)
    amount, who = fmt.dollars(payment.draft.quote.total), fmt.named(payment)
    if payment.state is State.VOIDED or payment.reason_code in (Reason.VOID_TOO_LATE, Reason.VOID_REFUSED):
        return void_result(payment)
    if payment.state in PAID:
        became = kit_words.outcome(payment).lower()
        said = words.turned_out_paid(amount, who, became, payment.receipt_number)
        return said, words.PRINT_RECEIPT, "good"
    return words.turned_out_not_charged(amount, who, payment.reason), words.TAKE_AGAIN, "warning"


def announcements(payments: Sequence[Payment]) -> tuple[str, str, str]:
    """Return one announcement for all payments decided together, the most alarming first."""
    said = sorted((announcement(payment) for payment in payments), key=lambda one: _ALARM.index(one[2]))
    if len(said) == 1:
        return said[0]
    return " ".join(sentence for sentence, _, _ in said), words.SEE_PAYMENTS, said[0][2]


_ALARM = ("danger", "warning", "info", "good")
