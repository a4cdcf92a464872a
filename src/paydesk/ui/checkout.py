"""Walks a payment: the dialog, the charge, the answer, the receipt, and back to the window."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from paydesk.domain.bill import Bill
from paydesk.domain.consent import Channel
from paydesk.domain.errors import KnownError, NoAnswer
from paydesk.domain.payment import OPEN, PAID, VOIDABLE, Draft, Payment, State
from paydesk.domain.tender import Tender, TenderKind
from paydesk.services.authorize import NotRecorded, Step
from paydesk.services.desk import Desk
from paydesk.ui.attention_page import alarm
from paydesk.ui.comforts import Comforts
from paydesk.ui.format import outcome
from paydesk.ui.notify import log_bug
from paydesk.ui.tasks import Lanes
from paydesk.ui.tender_dialog import TenderDialog
from paydesk.ui.tender_page import Opening
from paydesk.ui.void_dialog import void_result
from paydesk.ui.watch import Watch


class Checkout(QObject):
    """One window's payments, one after the other.

    ``answered`` follows every payment's answer, so that lists can be read again; ``resolved``
    comes when an unclear payment is decided after its dialog was closed, to be announced;
    ``closed`` says whether what was to be paid is done with (True) or still stands;
    ``no_answer`` carries the NoAnswer of a system that kept a payment from being sent.
    """

    answered = Signal(object)
    resolved = Signal(object)
    closed = Signal(bool)
    no_answer = Signal(object)

    def __init__(self, window: QWidget, lanes: Lanes, comforts: Comforts) -> None:
        super().__init__(window)
        self._window, self._lanes, self._comforts = window, lanes, comforts
        self._dialog: TenderDialog | None = None
        self._left_unclear = False
        self._watches: dict[int, Watch] = {}

    @property
    def dialog(self) -> TenderDialog | None:
        """The dialog while it is open."""
        return self._dialog if self._dialog is not None and isValid(self._dialog) else None

    def take(self, desk: Desk, bill: Bill, preferred: TenderKind | None = None) -> None:
        """Open the dialog for a bill; deaf while one is open.

        Raises KnownError when the desk cannot charge.
        """
        if self.dialog is not None:
            return
        channel = self._comforts.word("channel", Channel.PHONE)
        opening = Opening(bill, desk.offers(bill.subtotal), preferred, channel)
        paper = self._comforts.word("paper", desk.settings.paper)
        dialog = TenderDialog(desk, self._lanes, opening, paper, self._window)
        dialog.charge_requested.connect(lambda draft, tender: self._charge(desk, dialog, draft, tender))
        dialog.channel_changed.connect(partial(self._comforts.keep_word, "channel"))
        dialog.paper_changed.connect(partial(self._comforts.keep_word, "paper"))
        dialog.finished.connect(lambda _result: self._closed(dialog))
        self._dialog = dialog
        dialog.open()

    @property
    def asking(self) -> bool:
        """The open dialog itself asks what became of its payment."""
        return any(not watch.resting for watch in self._watches.values())

    @property
    def left_unclear(self) -> bool:
        """The dialog that was closed last left a payment that is still asked about."""
        return self._left_unclear

    def heard(self, payment: Payment) -> bool:
        """Somebody else asked about a payment and got an answer: whether anybody here waits for it."""
        watch = self._watches.get(payment.id)
        if watch is not None:
            watch.heard(payment)
        return watch is not None

    def _charge(self, desk: Desk, dialog: TenderDialog, draft: Draft, tender: Tender) -> None:
        def on_step(step: Step) -> None:
            self._lanes.post(lambda: dialog.show_step(step) if isValid(dialog) else None)

        self._lanes.money(
            lambda: desk.authorize.pay(draft, tender, on_step),
            lambda payment: self._answered(desk, dialog, payment),
            lambda error: self._failed(dialog, error),
            self,
        )

    def _answered(self, desk: Desk, dialog: TenderDialog, payment: Payment) -> None:
        if payment.state in OPEN:
            self._watch(desk, dialog, payment)
        elif isValid(dialog):
            dialog.show_answer(payment)
        self.answered.emit(payment)

    def _watch(self, desk: Desk, dialog: TenderDialog, payment: Payment) -> None:
        watch = Watch(desk, self._lanes, payment, self)
        watch.resolved.connect(lambda decided: self._resolved(dialog, decided))
        self._watches[payment.id] = watch
        if isValid(dialog):
            dialog.show_unknown(watch)
        else:
            watch.rest()

    def _resolved(self, dialog: TenderDialog, payment: Payment) -> None:
        self._watches.pop(payment.id).deleteLater()
        self.answered.emit(payment)
        if not isValid(dialog) or not dialog.isVisible():
            self.resolved.emit(payment)

    def _failed(self, dialog: TenderDialog, error: Exception) -> None:
        if not isValid(dialog):
            return
        if isinstance(error, NotRecorded):
            dialog.show_stop(error)
        elif isinstance(error, KnownError):
            if isinstance(error, NoAnswer):
                self.no_answer.emit(error)
            dialog.show_refusal(error)
        else:
            # Our own fault: whether anything was sent is not known here, so nothing is promised.
            dialog.show_stop(
                KnownError(
                    "Something went wrong inside PayDesk, and it is not clear whether this was charged.",
                    "Do not take this payment again: look under Needs attention first. "
                    f"Please report it with the reference {log_bug(error)}.",
                )
            )

    def _closed(self, dialog: TenderDialog) -> None:
        self._dialog = None
        self._left_unclear = dialog.spent and dialog.receipt is None
        for watch in self._watches.values():
            watch.rest()
        self._window.activateWindow()  # some window managers leave the keyboard nowhere
        self.closed.emit(dialog.spent)


def announcement(payment: Payment) -> tuple[str, str, str]:
    """Sentence, next step and notice kind for a payment that was decided after its dialog was closed."""
    if payment.state is State.LATE:
        return alarm(payment)
    amount = f"${payment.draft.quote.total}"
    who = payment.draft.payer.customer_name or payment.draft.payer.name
    if payment.state is State.VOIDED or (payment.state in VOIDABLE and payment.reason):
        return void_result(payment)
    if payment.state in PAID:
        return (
            f"The payment of {amount} by {who} was {outcome(payment).lower()}: "
            f"receipt {payment.receipt_number}.",
            "Print the receipt from the Payments tab.",
            "good",
        )
    return (
        f"The payment of {amount} by {who} was not charged. {payment.reason}".strip(),
        "It may be taken again.",
        "warning",
    )


def announcements(payments: Sequence[Payment]) -> tuple[str, str, str]:
    """The same for all that were decided at once, the most alarming first."""
    said = sorted((announcement(payment) for payment in payments), key=lambda one: _ALARM.index(one[2]))
    if len(said) == 1:
        return said[0]
    return " ".join(sentence for sentence, _, _ in said), "The Payments tab shows them.", said[0][2]


_ALARM = ("danger", "warning", "info", "good")
