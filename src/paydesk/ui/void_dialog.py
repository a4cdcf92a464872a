"""Asks before a payment is voided: what goes back, and why."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QDialog, QWidget

from paydesk.domain.money import ZERO
from paydesk.domain.payment import Payment, State
from paydesk.domain.posting import Posting, PostingState
from paydesk.domain.receipt import void_number
from paydesk.services.void import LONGEST_REASON
from paydesk.ui import format as words
from paydesk.ui.banner import Banner
from paydesk.ui.card_guard import keep_cards_out
from paydesk.ui.entry import Entry
from paydesk.ui.payment_table import paid
from paydesk.ui.theme import Space
from paydesk.ui.widgets import button, label, row, set_role, stack

WIDTH = 480


class VoidDialog(QDialog):
    """Voids nothing itself: ``confirmed`` carries the payment and the reason."""

    confirmed = Signal(object, object)

    def __init__(self, payment: Payment, posting: Posting | None, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("void.dialog")
        self.setWindowTitle("Void payment")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(True)
        self.setFixedWidth(WIDTH)
        self._payment = payment
        amount = words.dollars(paid(payment))
        self.reason = Entry("void.reason", "Why this payment is voided")
        self.reason.setMaxLength(LONGEST_REASON)
        self.reason.setPlaceholderText("For example: wrong invoice")
        self._wrong = label("", "problem", "void.wrong")
        self._wrong.hide()
        back = button("Back", "void.back", key="Esc", role="quiet")
        confirm = button(f"Void {amount}", "void.confirm", key="Enter", role="primary")
        self._lay_out(amount, posting, back, confirm)
        keep_cards_out(self.reason, self._say_wrong)
        self.reason.textEdited.connect(self._typed)
        self.reason.returnPressed.connect(self._confirm)
        confirm.clicked.connect(self._confirm)
        back.clicked.connect(self.reject)

    def _lay_out(self, amount: str, posting: Posting | None, *buttons: QWidget) -> None:
        payment = self._payment
        who = label(words.payer(payment), "strong", "void.payer")
        what = label(f"{words.paid_for(payment)} · {words.paid_with(payment)}", "muted", "void.what")
        total = label(amount, "amount", "void.total")
        note = label(
            "AndDone cancels the whole charge. That works until its batch runs at night; after that it "
            "has to be refunded. The invoices are owed again as soon as AndDone has confirmed it.",
            "muted",
            "void.note",
        )
        caption = label("Why", "caption")
        caption.setBuddy(self.reason)
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
        if posting is not None and posting.state is not PostingState.WAITING:
            posted = Banner("void.posted")
            posted.say(
                f"Receipt {payment.receipt_number} is, or may be, in AMS360.",
                "It has to be reversed there as well; it then stands under Needs attention.",
                "warning",
            )
            column.addWidget(posted)
        column.addWidget(note)
        asked = stack_of(caption, self.reason, self._wrong)
        column.addWidget(asked)
        column.addLayout(foot)

    def showEvent(self, event: QShowEvent) -> None:
        """Start where the next thing is typed."""
        super().showEvent(event)
        self.reason.setFocus()

    def _typed(self, text: str) -> None:
        if text:
            self._wrong.hide()
            set_role(self.reason, "")

    def _confirm(self) -> None:
        why = self.reason.text().strip()
        if not why:
            self._say_wrong("Say in a few words why: it is kept with the payment.")
            return
        self.accept()
        self.confirmed.emit(self._payment, why)

    def _say_wrong(self, said: str) -> None:
        self._wrong.setText(said)
        self._wrong.show()
        set_role(self.reason, "wrong")
        self.reason.setFocus()


def stack_of(*parts: QWidget) -> QWidget:
    """The parts one below the other, close together."""
    made = QWidget()
    stack(made, *parts, spacing=Space.XS)
    return made


def _with_fee(payment: Payment) -> str:
    fee = max(paid(payment) - payment.draft.quote.subtotal, ZERO)
    return f"with the fee of {words.money(fee)}" if fee else "no fee"


def void_result(payment: Payment) -> tuple[str, str, str]:
    """Sentence, next step and notice kind for a payment whose void was asked for, as it stands now."""
    what = f"{words.dollars(paid(payment))} of {words.payer(payment)}"
    if payment.state is State.VOIDED:
        return f"Voided: {what}.", f"Void receipt {void_number(payment.receipt_number)}.", "good"
    if payment.state is State.VOIDING:
        return (
            f"AndDone has not confirmed the void of {what} yet.",
            "The payment counts as paid until it has. PayDesk keeps asking; see Needs attention.",
            "warning",
        )
    return f"{what} was not voided.", payment.reason.removeprefix("Not voided. "), "danger"
