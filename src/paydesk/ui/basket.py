"""The basket: what is being paid, the three totals side by side, and the button that goes on."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from paydesk.domain.bill import Bill
from paydesk.domain.errors import KnownError
from paydesk.domain.money import Money
from paydesk.domain.payment import PaymentLine
from paydesk.domain.quote import OverLimit, Quote
from paydesk.domain.tender import TenderKind
from paydesk.ui import format as words
from paydesk.ui.form import Tick
from paydesk.ui.models import Column, TableModel
from paydesk.ui.tables import Table
from paydesk.ui.tender_row import TenderRow
from paydesk.ui.theme import Space
from paydesk.ui.widgets import Elided, button, label, set_role

WIDTH, NARROW = 356, 304
"""Of the basket, and of that in a small window, in device-independent pixels."""

Offers = Callable[[Money], Mapping[TenderKind, Quote | OverLimit]]


class Basket(QFrame):
    """``pay_requested`` carries the bill and the chosen tender, or None when none was chosen.

    ``from_cache_agreed`` is checked by the person when AMS360 cannot answer and the amounts
    on the screen are to be charged all the same.
    """

    pay_requested = Signal(object, object)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("basket")
        self.setProperty("role", "card")
        self.setFixedWidth(WIDTH)
        self._bill: Bill | None = None
        self._offers: Mapping[TenderKind, Quote | OverLimit] = {}
        self._wait = ""
        self._trouble = ""
        self._make_parts()
        self._lay_out()
        self.show_bill(None, {})

    def _make_parts(self) -> None:
        self._payer = Elided("", "payer", "basket.payer")
        self._model = TableModel(_COLUMNS, self)
        self._lines = Table("basket.lines", "What is being paid", self._model)
        self._lines.be_quiet()
        self._lines.setMinimumHeight(30)
        self._lines.verticalHeader().setDefaultSectionSize(30)
        self._lines.set_widths({"amount": 112}, stretch="what")
        self._count = label("", "muted", "basket.count")
        self._subtotal = label("", "amount", "basket.subtotal")
        self.tenders = {kind: TenderRow(kind, place) for place, kind in enumerate(TenderKind, start=1)}
        for tender in self.tenders.values():
            tender.clicked.connect(lambda _on, row=tender: self._clicked(row))
        self._agree = Tick("basket.from_cache")
        self._agree.toggled.connect(self._refresh)
        self._agree.hide()
        self._sentence = label("", "small", "basket.sentence")
        self._sentence.setWordWrap(True)
        self._sentence.setMinimumHeight(self._sentence.fontMetrics().height())
        self.charge = button("Take payment", "basket.charge", role="primary")  # its key is the page's: F9
        self.charge.clicked.connect(self._pay)

    def _lay_out(self) -> None:
        self._column = column = QVBoxLayout(self)
        column.setContentsMargins(Space.L, Space.M, Space.L, Space.L)
        column.setSpacing(Space.S)
        self._caption = label("To pay", "caption")
        column.addWidget(self._caption)
        column.addWidget(self._payer)
        column.addWidget(self._lines, 1)
        column.addWidget(_hairline())
        column.addLayout(_ends(self._count, self._subtotal))
        for tender in self.tenders.values():
            column.addWidget(tender)
        column.addWidget(self._agree)
        column.addWidget(self._sentence)
        self.charge.setProperty("scale", "big")
        column.addWidget(self.charge)

    def be_compact(self, compact: bool) -> None:
        """Take less room, in a small window."""
        self.setFixedWidth(NARROW if compact else WIDTH)
        self._caption.setVisible(not compact)
        edge = Space.S if compact else Space.L
        self._column.setContentsMargins(edge, Space.S if compact else Space.M, edge, edge)
        for tender in self.tenders.values():
            tender.be_compact(compact)

    # ---- what is shown --------------------------------------------------------------------

    def show_bill(self, bill: Bill | None, offers: Mapping[TenderKind, Quote | OverLimit]) -> None:
        """What is to be paid and what each tender would cost; None for nothing yet."""
        self._bill, self._offers = bill, offers
        lines = bill.lines if bill else ()
        self._payer.set_text((bill.payer.customer_name or bill.payer.name) if bill else "Nothing chosen yet")
        self._payer.setEnabled(bill is not None)
        self._model.show(lines)
        self._lines.scrollToBottom()
        self._count.setText(_count(lines))
        self._subtotal.setText(words.dollars(bill.subtotal) if bill else "$0.00")
        for kind, tender in self.tenders.items():
            tender.show_offer(offers.get(kind))
        self._refresh()

    def price(self, bill: Bill | None, offers: Offers) -> None:
        """Show the bill with its totals, or the sentence why there are none."""
        self._trouble = ""
        try:
            found = offers(bill.subtotal) if bill else {}
        except KnownError as error:
            found = {}
            self._trouble = f"{error.sentence} {error.next_step}"
        self.show_bill(bill, found)

    def wait(self, why: str) -> None:
        """Charging has to wait: ``"Checking AMS360…"``; ``""`` when it need not."""
        self._wait = why
        self._refresh()

    def ask_agreement(self, question: str) -> None:
        """Ask for the explicit yes to charge what was last known; ``""`` takes the question away."""
        self._agree.say(f"&{question}")
        self._agree.setVisible(bool(question))
        self._agree.setChecked(False)

    @property
    def agreed(self) -> bool:
        """The person said yes to charging what was last known."""
        return not self._agree.isHidden() and self._agree.isChecked()

    # ---- the tender and the charge --------------------------------------------------------

    @property
    def chosen(self) -> TenderKind | None:
        """The tender chosen so far."""
        return next((kind for kind, tender in self.tenders.items() if tender.isChecked()), None)

    def choose(self, number: int) -> None:
        """Choose the first, second or third tender, as its key does."""
        rows = list(self.tenders.values())
        if 1 <= number <= len(rows) and rows[number - 1].isEnabled():
            rows[number - 1].click()

    def forget_tender(self) -> None:
        """No tender is chosen: the next caller may pay otherwise."""
        for tender in self.tenders.values():
            tender.setChecked(False)
        self._refresh()

    def _clicked(self, chosen: TenderRow) -> None:
        for tender in self.tenders.values():
            if tender is not chosen:
                tender.setChecked(False)
        self._refresh()

    @property
    def hindrance(self) -> str:
        """Why nothing can be charged although something is chosen, or ``""``."""
        return self._trouble or ("" if self.agreed else self._wait)

    @property
    def ready(self) -> bool:
        """Something is ticked, its totals are known, and nothing has to be waited for."""
        waiting = bool(self._wait) and not self.agreed
        return (
            self._bill is not None
            and any(isinstance(o, Quote) for o in self._offers.values())
            and not waiting
        )

    def _pay(self) -> None:
        if self.ready and self._bill is not None:
            self.pay_requested.emit(self._bill, self.chosen)

    def _refresh(self) -> None:
        offer = self._offers.get(self.chosen) if self.chosen else None
        if isinstance(offer, Quote):
            text = f"Take {words.dollars(offer.total)} by {words.tender(offer.kind).split(' (')[0].lower()}"
        else:
            text = "Take payment"
        self.charge.setText(f"{text}  F9")
        self.charge.setAccessibleName(text)
        self.charge.setEnabled(self.ready)
        says = self._trouble or ("" if self.agreed or self._bill is None else self._wait)
        self._sentence.setText(says)
        set_role(self._sentence, "problem" if self._trouble else "small")


def _what(line: PaymentLine) -> str:
    if line.invoice_number is None:
        return line.description
    return f"{line.invoice_number}  {line.description}".rstrip()


_COLUMNS: list[Column[PaymentLine]] = [
    Column("what", "", _what),
    Column("amount", "", lambda line: words.money(line.amount), right=True),
]


def _count(lines: tuple[PaymentLine, ...]) -> str:
    if not lines:
        return "Subtotal"
    if lines[0].invoice_number is None:
        return "One-time payment"
    return f"Subtotal, {words.count(len(lines), 'invoice')}"


def _ends(left: QLabel, right: QLabel) -> QHBoxLayout:
    line = QHBoxLayout()
    line.addWidget(left)
    line.addStretch(1)
    line.addWidget(right)
    return line


def _hairline() -> QWidget:
    line = QFrame()
    line.setProperty("role", "line")
    line.setFixedHeight(1)
    return line
