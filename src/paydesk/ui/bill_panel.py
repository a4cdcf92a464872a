"""What is being paid, always in view while it is: lines, subtotal, fee and the total to say aloud."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from paydesk.domain.bill import Bill
from paydesk.domain.payment import PaymentLine
from paydesk.domain.quote import Quote
from paydesk.ui import format as fmt
from paydesk.ui.room import scrolled
from paydesk.ui.theme import Space
from paydesk.ui.widgets import label, row, set_role, stack

WIDTH, NARROW = 320, 256
"""Width of the panel, and on a small screen, in device-independent pixels."""


class BillPanel(QFrame):
    """The left side of the payment dialog."""

    def __init__(self, bill: Bill) -> None:
        super().__init__()
        self.setObjectName("tender.bill")
        self.setProperty("role", "panel")
        self.setFixedWidth(WIDTH)
        name = label(bill.payer.customer_name or bill.payer.name, "title", "tender.bill.payer")
        name.setWordWrap(True)
        self._fee, self._total = label("", "", "tender.bill.fee"), label("", "total", "tender.bill.total")
        self._total.setAccessibleName("Total")
        body = stack(self, label("Payment for", "caption"), name, spacing=Space.XS, margin=Space.XL)
        if _about(bill):
            body.addWidget(label(_about(bill), "muted"))
        body.addSpacing(Space.L)
        body.addWidget(_lines(bill), 1)
        body.addWidget(_rule())
        body.addLayout(_sum("Subtotal", label(fmt.money(bill.subtotal), "", "tender.bill.subtotal")))
        body.addLayout(_sum("Technology fee", self._fee))
        body.addWidget(_rule())
        body.addWidget(label("Total", "caption"))
        body.addWidget(self._total)

    def be_narrow(self) -> None:
        """Leave the room to what is typed."""
        self.setFixedWidth(NARROW)
        set_role(self._total, "amount")

    def show_quote(self, quote: Quote) -> None:
        """Show the fee and the total of the chosen tender."""
        self._fee.setText(fmt.money(quote.fee) if quote.fee else "none")
        self._total.setText(fmt.dollars(quote.total))


def _about(bill: Bill) -> str:
    if bill.payer.customer_number:
        return f"Customer {bill.payer.customer_number}"
    if bill.reference_kind and bill.reference_value:
        return f"{bill.reference_kind.value.capitalize()} {bill.reference_value}"
    return ""


def _lines(bill: Bill) -> QWidget:
    """The lines; they scroll when there are many, the sums never do."""
    inner = QWidget()
    column = QVBoxLayout(inner)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(Space.M)
    for line in bill.lines:
        column.addWidget(_line(line))
    column.addStretch()
    return scrolled(inner)


def _line(line: PaymentLine) -> QWidget:
    made = QWidget()
    grid = QGridLayout(made)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setVerticalSpacing(0)
    grid.setColumnStretch(0, 1)
    named = f"Invoice {line.invoice_number}" if line.invoice_number else line.description or "Payment"
    grid.addWidget(label(named, "strong"), 0, 0)
    grid.addWidget(label(fmt.money(line.amount)), 0, 1, Qt.AlignmentFlag.AlignRight)
    for place, text in enumerate(_details(line), 1):
        detail = label(text, "small")
        detail.setWordWrap(True)
        grid.addWidget(detail, place, 0)
    return made


def _details(line: PaymentLine) -> list[str]:
    texts = [line.description if line.invoice_number else ""]
    texts.append(f"Policy {line.policy_number}" if line.policy_number else "")
    if line.owed is not None and line.amount < line.owed:
        texts.append(f"Part of {line.owed}")
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
