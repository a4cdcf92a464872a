"""The payment's lines, subtotal, fee and total, always in view in the payment dialog."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from paydesk.domain.invoices.basket import Basket
from paydesk.domain.payment import PaymentLine
from paydesk.domain.quote import Quote
from paydesk.ui.kit import format as fmt
from paydesk.ui.kit.scrolling import scrolled
from paydesk.ui.kit.theme import Space
from paydesk.ui.kit.widgets import label, row, set_role, stack
from paydesk.ui.pay import words

WIDTH, NARROW = 320, 256
"""Widths of the panel, normal and on a small screen, in device-independent pixels."""


class SummaryPanel(QFrame):
    """The left side of the payment dialog."""

    def __init__(self, basket: Basket) -> None:
        super().__init__()
        self.setObjectName("tender.summary")
        self.setProperty("role", "panel")
        self.setFixedWidth(WIDTH)
        name = label(basket.payer.customer_name or basket.payer.name, "title", "tender.summary.payer")
        name.setWordWrap(True)
        self._fee, self._total = (
            label("", "", "tender.summary.fee"),
            label("", "total", "tender.summary.total"),
        )
        body = stack(self, label(words.PAYMENT_FOR, "caption"), name, spacing=Space.XS, margin=Space.XL)
        if _about(basket):
            body.addWidget(label(_about(basket), "muted"))
        body.addSpacing(Space.L)
        body.addWidget(_lines(basket), 1)
        body.addWidget(_rule())
        subtotal = label(fmt.dollars(basket.subtotal), "", "tender.summary.subtotal")
        body.addLayout(_sum(words.SUBTOTAL, subtotal))
        body.addLayout(_sum(words.TECHNOLOGY_FEE, self._fee))
        body.addWidget(_rule())
        body.addWidget(label(words.TOTAL, "caption"))
        body.addWidget(self._total)

    def be_narrow(self) -> None:
        """Leave more room for the fields."""
        self.setFixedWidth(NARROW)
        set_role(self._total, "amount")

    def show_quote(self, quote: Quote) -> None:
        """Show the fee and the total of the chosen tender."""
        self._fee.setText(fmt.dollars(quote.fee) if quote.fee else words.NO_FEE)
        self._total.setText(fmt.dollars(quote.total))
        self._total.setAccessibleName(f"{words.TOTAL} {fmt.dollars(quote.total)}")


def _about(basket: Basket) -> str:
    number = basket.payer.customer_number
    return words.customer(number) if number else ""


def _lines(basket: Basket) -> QWidget:
    """Return the lines in a scroll area. The sums below never scroll."""
    inner = QWidget()
    column = QVBoxLayout(inner)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(Space.M)
    for line in basket.lines:
        column.addWidget(_line(line))
    column.addStretch()
    return scrolled(inner, words.PAYMENT_FOR)


def _line(line: PaymentLine) -> QWidget:
    made = QWidget()
    grid = QGridLayout(made)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setVerticalSpacing(0)
    grid.setColumnStretch(0, 1)
    grid.addWidget(label(_name(line), "strong"), 0, 0)
    grid.addWidget(label(fmt.money(line.amount)), 0, 1, Qt.AlignmentFlag.AlignRight)
    for place, text in enumerate(_details(line), 1):
        detail = label(text, "small")
        detail.setWordWrap(True)
        grid.addWidget(detail, place, 0)
    return made


def _name(line: PaymentLine) -> str:
    if line.invoice_number:
        return words.invoice(line.invoice_number)
    return line.description or words.UNNAMED_LINE


def _details(line: PaymentLine) -> list[str]:
    texts = [line.description if line.invoice_number else ""]
    # Without an invoice, the name of the line says the policy.
    texts.append(words.policy(line.policy_number) if line.invoice_number and line.policy_number else "")
    if line.owed is not None and line.amount < line.owed:
        texts.append(words.part_of(fmt.dollars(line.owed)))
    return [text for text in texts if text]


def _sum(text: str, amount: QLabel) -> QHBoxLayout:
    line = row(label(text, "muted"))
    line.addStretch()
    line.addWidget(amount)
    return line


def _rule() -> QFrame:
    rule = QFrame()
    rule.setProperty("role", "line")
    return rule
