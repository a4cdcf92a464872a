"""Ask before a payment is voided: what goes back, and why."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QDialog, QWidget

from paydesk.domain.money import ZERO
from paydesk.domain.payment import Payment, State
from paydesk.domain.posting import Posting
from paydesk.domain.receipt import void_number
from paydesk.ui.kit import format as fmt
from paydesk.ui.kit import words as kit_words
from paydesk.ui.kit.banner import Banner
from paydesk.ui.kit.scrolling import be_tall_enough
from paydesk.ui.kit.theme import Space
from paydesk.ui.kit.widgets import button, label, row, stack
from paydesk.ui.kit.world_banner import mark_world
from paydesk.ui.lists.payment_columns import paid
from paydesk.ui.payments import words
from paydesk.ui.payments.reversal.reason_field import ReasonField

WIDTH = 480


class VoidDialog(QDialog):
    """The dialog. It voids nothing itself: ``confirmed`` carries the payment and the reason."""

    confirmed = Signal(object, object)

    def __init__(self, payment: Payment, posting: Posting | None, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("void.dialog")
        self.setWindowTitle(words.VOID_TITLE)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(True)
        self.setFixedWidth(WIDTH)
        self._payment = payment
        amount = fmt.dollars(paid(payment))
        self._asked = ReasonField("void", words.WHY_SPOKEN, words.WHY_MISSING)
        self.reason = self._asked.entry
        self.reason.setPlaceholderText(words.WHY_EXAMPLE)
        back = button(words.BACK, "void.back", key="Esc", role="quiet")
        confirm = button(words.void_amount(amount), "void.confirm", key="Enter", role="danger")
        self._lay_out(amount, posting, back, confirm)
        mark_world(self)
        self._asked.given.connect(self._confirm)
        confirm.clicked.connect(self._asked.confirm)
        back.clicked.connect(self.reject)

    def _lay_out(self, amount: str, posting: Posting | None, *buttons: QWidget) -> None:
        payment = self._payment
        who = label(fmt.payer(payment), "strong", "void.payer")
        what = label(f"{kit_words.paid_for(payment)} · {kit_words.paid_with(payment)}", "muted", "void.what")
        total = label(amount, "amount", "void.total")
        note = label(words.about_void(len(payment.draft.invoice_numbers)), "muted", "void.note")
        for text in (who, what, note):
            text.setWordWrap(True)
        fee = label(_with_fee(payment), "small", "void.fee")
        for text in (total, fee):
            text.setAlignment(Qt.AlignmentFlag.AlignRight)
        sums = stack_of(total, fee)
        names = stack_of(who, what)
        head = row(names, sums, spacing=Space.L)
        head.setStretch(0, 1)
        foot = row(spacing=Space.S)
        foot.addStretch(1)
        for one in buttons:
            foot.addWidget(one)
        column = stack(self, spacing=Space.M, margin=Space.XL)
        column.addLayout(head)
        about = words.about_receipt(posting) if posting is not None else None
        if about is not None:
            posted = Banner("void.posted")
            posted.say(*about)
            column.addWidget(posted)
        column.addWidget(note)
        column.addWidget(self._asked)
        column.addLayout(foot)

    def showEvent(self, event: QShowEvent) -> None:
        """Start in the field for the reason."""
        super().showEvent(event)
        be_tall_enough(self)
        self.reason.setFocus()

    def _confirm(self, why: str) -> None:
        self.accept()
        self.confirmed.emit(self._payment, why)


def stack_of(*parts: QWidget) -> QWidget:
    """Stack the parts close together."""
    made = QWidget()
    stack(made, *parts, spacing=Space.XS)
    return made


def _with_fee(payment: Payment) -> str:
    fee = max(paid(payment) - payment.draft.quote.subtotal, ZERO)
    return words.fee_goes_back(fmt.dollars(fee)) if fee else words.NO_FEE_GOES_BACK


def void_result(payment: Payment) -> tuple[str, str, str]:
    """Return sentence, next step and notice kind for a payment whose void was requested."""
    what = words.amount_of(fmt.dollars(paid(payment)), fmt.named(payment))
    if payment.state is State.VOIDED:
        return words.voided(what), words.void_receipt(void_number(payment.receipt_number)), "good"
    if payment.state is State.VOIDING:
        return words.void_not_confirmed(what), words.VOID_ASKED_ON, "warning"
    return words.not_voided(what), payment.reason, "danger"
