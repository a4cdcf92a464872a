"""Ask what to refund of a payment, and why. The processor says first what is possible."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QComboBox, QDialog, QWidget

from paydesk.domain.money import ZERO, AmountError, Money
from paydesk.domain.payment import Payment
from paydesk.domain.refund import (
    LIVE,
    RefundAsk,
    RefundKind,
    RefundReason,
    ask_for,
    charged,
    left_of,
    left_of_lines,
)
from paydesk.services.payments.reasons import LONGEST_REASON
from paydesk.services.payments.refunds import Refundable
from paydesk.ui.kit import format as fmt
from paydesk.ui.kit import words as kit_words
from paydesk.ui.kit.banner import Banner
from paydesk.ui.kit.form import Choice, Row, Tick
from paydesk.ui.kit.line_edits import Entry
from paydesk.ui.kit.scrolling import Prose, be_tall_enough, reveal, room_for, scrolled, stay_on_screen
from paydesk.ui.kit.theme import Space
from paydesk.ui.kit.widgets import button, label, row, stack, with_key
from paydesk.ui.kit.world_banner import mark_world
from paydesk.ui.lists.payment_columns import paid
from paydesk.ui.payments.reversal import refund_words as words

WIDTH = 560
MOST_SHARES = 6
"""Most invoices of a payment for which a part can be refunded here."""


class RefundDialog(QDialog):
    """The dialog. It refunds nothing itself.

    ``confirmed`` and ``wished`` carry the payment and the RefundAsk. ``void_wanted`` carries the payment.
    """

    confirmed = Signal(object, object)
    wished = Signal(object, object)
    void_wanted = Signal(object)

    def __init__(self, payment: Payment, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("refund.dialog")
        self.setWindowTitle(words.TITLE)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(True)
        self.setFixedWidth(WIDTH)
        self._payment = payment
        self._found: Refundable | None = None
        self.said = Banner("refund.said")
        self.kind = Choice("refund.kind", words.HOW_MUCH, words.KINDS.items())
        self._sum = Prose("muted", "refund.sum")
        self.shares = [self._share(place) for place in range(min(len(payment.draft.lines), MOST_SHARES))]
        self._part = QWidget()
        self.reason = QComboBox()
        self.reason.setObjectName("refund.reason")
        for reason, said in words.REASONS.items():
            self.reason.addItem(said, reason)
        self._reason_row, self._note_row = Row(), Row()
        self._reason_row.add(words.REASON, self.reason)
        self.note = Entry("refund.note", words.NOTE_SPOKEN)
        self.note.setMaxLength(LONGEST_REASON)
        self.note.setPlaceholderText(words.NOTE_EXAMPLE)
        self._note_row.add(words.NOTE, self.note)
        self.sure = Tick("refund.sure")
        self.sure.say(words.RETURNABLE)
        self._sure_row = Row(beside=True)
        self._sure_row.add("", self.sure, stretch=0)
        self._returnable = Prose("body", "refund.returnable")
        self._next = Prose("muted", "refund.next")
        self._next.setText(words.NEXT)
        self.back = button(words.BACK, "refund.back", key="Esc", role="quiet")
        self.void = button(words.VOID_INSTEAD, "refund.void", key="F10")
        self.remind = button(words.REMIND, "refund.remind", key="F7")
        self.confirm = button(words.refund_amount(""), "refund.confirm", key="Enter", role="danger")
        self._form = QWidget()
        self._area = scrolled(self._form, words.TITLE)
        self._lay_out()
        mark_world(self)
        self._connect()
        self._show_checking()

    def _share(self, place: int) -> tuple[Row, Entry]:
        line = self._payment.draft.lines[place]
        found = Row()
        name = words.share_of(line.invoice_number or "")
        entry = Entry(f"refund.share.{place}", name)
        entry.textEdited.connect(self._changed)
        found.add(name, entry)
        return found, entry

    def _lay_out(self) -> None:
        payment = self._payment
        who = label(fmt.payer(payment), "strong", "refund.payer")
        what = label(
            f"{kit_words.paid_for(payment)} · {kit_words.paid_with(payment)}", "muted", "refund.what"
        )
        for text in (who, what):
            text.setWordWrap(True)
        names = QWidget()
        stack(names, who, what, spacing=Space.XS)
        total = label(fmt.dollars(paid(payment)), "amount", "refund.total")
        head = row(names, total, spacing=Space.L)
        head.setStretch(0, 1)
        stack(self._part, *(one for one, _ in self.shares), spacing=Space.S)
        stack(
            self._form, label(words.HOW_MUCH, "caption"), self.kind, self._part, self._sum,
            self._reason_row, self._note_row, self._returnable, self._sure_row, self._next,
            spacing=Space.S,
        )  # fmt: skip
        foot = row(spacing=Space.S)
        foot.addStretch(1)
        for one in (self.back, self.void, self.remind, self.confirm):
            foot.addWidget(one)
        column = stack(self, spacing=Space.M, margin=Space.XL)
        column.addLayout(head)
        column.addWidget(self.said)
        column.addWidget(self._area)
        column.addLayout(foot)

    def _connect(self) -> None:
        self.kind.changed.connect(self._changed)
        self.reason.currentIndexChanged.connect(self._changed)
        self.sure.toggled.connect(self._changed)
        self.note.textEdited.connect(self._changed)
        self.note.returnPressed.connect(self._confirm)
        for _, entry in self.shares:
            entry.returnPressed.connect(self._confirm)
        self.confirm.clicked.connect(self._confirm)
        self.remind.clicked.connect(self._remind)
        self.back.clicked.connect(self.reject)
        self.void.clicked.connect(self._void)

    def showEvent(self, event: QShowEvent) -> None:
        """Fit its texts."""
        super().showEvent(event)
        self._fit()

    # ---- what is possible -------------------------------------------------------------------

    def _show_checking(self) -> None:
        self._area.hide()
        for one in (self.void, self.remind, self.confirm):
            one.hide()
        self.said.say(words.CHECKING)
        self.back.setFocus()

    def show_refundable(self, found: Refundable) -> None:
        """Show what the processor allows."""
        self._found = found
        self._payment = found.payment
        if found.refusal:
            self.said.say(found.refusal, words.opens(found.opens_on) if found.opens_on else "", "warning")
            self.void.setVisible(found.voidable)
            self.remind.setVisible(found.opens_on is not None)
            (self.void if found.voidable else self.remind if found.opens_on else self.back).setFocus()
            self._fit()
            return
        live = [one for one in found.refunds if one.state in LIVE]
        given = charged(self._payment) - left_of(self._payment, found.refunds)
        if given:
            self.said.say(words.already(given.shown))
        else:
            self.said.hide()
        only = {RefundKind.SUBTOTAL: not live, RefundKind.PARTIAL: not self._unnamed}
        for kind, may in only.items():
            self.kind.let(kind, may)
        until = found.returnable_until
        self._returnable.setText(words.bank_can_return(until) if until else "")
        for part in (self._returnable, self._sure_row):
            part.setVisible(until is not None)
        self._area.show()
        self.confirm.show()
        self._changed()
        self.kind.setFocus()
        self._fit()

    def show_error(self, error: tuple[str, str]) -> None:
        """Show why the processor gave no answer."""
        self.said.say(*error, "warning")
        self._fit()

    @property
    def _reason(self) -> RefundReason:
        return RefundReason(self.reason.currentData())

    @property
    def _unnamed(self) -> bool:
        """True if no part can be chosen: there are too many lines, or refunds of the portal."""
        refunds = self._found.refunds if self._found else ()
        portal = any(one.state in LIVE and not one.shares for one in refunds)
        return portal or len(self._payment.draft.lines) > MOST_SHARES

    def _fit(self) -> None:
        """Be as high as everything needs. On a smaller screen the form scrolls, and no button is lost."""
        form, all_of_it = self._form.layout(), self.layout()
        assert form is not None
        assert all_of_it is not None
        wanted = form.totalHeightForWidth(WIDTH - 2 * Space.XL)
        self._area.setFixedHeight(wanted)
        over = all_of_it.totalHeightForWidth(WIDTH) - room_for(self).height()
        self._area.setFixedHeight(wanted - max(over, 0))
        be_tall_enough(self)
        self.resize(self.minimumSize())
        stay_on_screen(self)

    # ---- the ask ----------------------------------------------------------------------------

    def _changed(self) -> None:
        part = self.kind.value is RefundKind.PARTIAL
        self._part.setVisible(part)
        ask = self._ask()
        self.confirm.setText(with_key(words.refund_amount(ask.amount.shown if ask else ""), "Enter"))
        self._sum.setText(self._said_sum(ask))
        for found, entry in self.shares:
            found.mark(entry, "")
        self._note_row.mark(self.note, "")
        self._sure_row.mark(self.sure, "")
        if self.isVisible():
            self._fit()

    def _said_sum(self, ask: RefundAsk | None) -> str:
        if self.kind.value is RefundKind.TOTAL and ask is not None:
            return words.all_of_it(ask.amount.shown, ask.fee.shown if ask.fee else "")
        return words.FEE_STAYS

    def _ask(self) -> RefundAsk | None:
        """Return what is asked for, or None while the amounts are not right."""
        found = self._found
        if found is None:
            return None
        reason, note = self._reason, self.note.text().strip()
        if self.kind.value is not RefundKind.PARTIAL:
            ask = ask_for(self._payment, found.refunds, self.kind.value, reason, note)
        else:
            amounts = self._amounts()
            if amounts is None or not any(amounts):
                return None
            ask = RefundAsk(RefundKind.PARTIAL, tuple(amounts), ZERO, reason, note)
        sure = self.sure.isChecked()
        return RefundAsk(ask.kind, ask.shares, ask.fee, ask.reason, ask.note, still_returnable=sure)

    def _amounts(self) -> list[Money] | None:
        amounts = []
        for _, entry in self.shares:
            text = entry.text().strip()
            try:
                amounts.append(Money.parse(text) if text else ZERO)
            except AmountError:
                return None
        return amounts

    def _mistake(self) -> bool:
        """Mark the first wrong field, and move the keyboard there. Returns False if all are right."""
        found = self._found
        if found is None:
            return True
        if self.kind.value is RefundKind.PARTIAL:
            left = left_of_lines(self._payment, found.refunds)
            for place, (line, entry) in enumerate(self.shares):
                said = _wrong(entry.text().strip(), left[place])
                if said:
                    return self._mark(line, entry, said)
            if self._ask() is None:
                line, entry = self.shares[0]
                return self._mark(line, entry, words.AMOUNT_MISSING)
        if self._reason is RefundReason.OTHER and not self.note.text().strip():
            return self._mark(self._note_row, self.note, words.NOTE_MISSING)
        if found.returnable_until is not None and not self.sure.isChecked():
            return self._mark(self._sure_row, self.sure, words.SURE_MISSING)
        return False

    def _mark(self, line: Row, widget: QWidget, said: str) -> bool:
        line.mark(widget, said)
        widget.setFocus()
        if isinstance(widget, Entry):
            widget.selectAll()
        reveal(widget)
        return True

    def _confirm(self) -> None:
        if self._mistake():
            return
        ask = self._ask()
        if ask is not None:
            self.accept()
            self.confirmed.emit(self._payment, ask)

    def _remind(self) -> None:
        found = self._found
        assert found is not None
        self.accept()
        ask = ask_for(self._payment, found.refunds, RefundKind.TOTAL, RefundReason.ASKED)
        self.wished.emit(self._payment, ask)

    def _void(self) -> None:
        self.accept()
        self.void_wanted.emit(self._payment)


def _wrong(text: str, left: Money) -> str:
    """Return what is wrong with an amount to give back, or ``""``."""
    if not text:
        return ""
    try:
        amount = Money.parse(text)
    except AmountError as error:
        return error.sentence
    return words.at_most(left.shown) if amount > left else ""
