"""The basket: the lines to pay, the three totals side by side, and the button to the payment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from paydesk.domain.errors import KnownError
from paydesk.domain.invoices.basket import Basket
from paydesk.domain.money import ZERO, Money
from paydesk.domain.payment import PaymentLine
from paydesk.domain.quote import OverLimit, Quote
from paydesk.domain.tender import TenderKind
from paydesk.ui.kit import format as fmt
from paydesk.ui.kit.form import Tick
from paydesk.ui.kit.theme import Space
from paydesk.ui.kit.widgets import (
    Elided,
    be_one_of,
    button,
    label,
    set_role,
    when_disabled,
    with_key,
)
from paydesk.ui.lists.model import Column, TableModel
from paydesk.ui.lists.table import Table
from paydesk.ui.take.tender_row import TenderRow
from paydesk.ui.take.words import basket as words

WIDTH, NARROW = 356, 304
"""Widths of the basket, normal and in a small window, in device-independent pixels."""

Offers = Callable[[Money], Mapping[TenderKind, Quote | OverLimit]]


class BasketPanel(QFrame):
    """The basket panel. ``pay_requested`` carries the basket and the chosen tender, or None without one.

    ``refused`` carries the tender that a key or click chose in vain, or None for the charge.
    The clerk checks ``agreed`` to charge the amounts on the screen although the agency system cannot answer.
    """

    pay_requested = Signal(object, object)
    refused = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("basket")
        self.setProperty("role", "card")
        self.setFixedWidth(WIDTH)
        self._basket: Basket | None = None
        self._offers: Mapping[TenderKind, Quote | OverLimit] = {}
        self._wait = ""
        self._problem = ""
        self._make_parts()
        self._lay_out()
        self.show_basket(None, {})

    def _make_parts(self) -> None:
        self._payer = Elided("", "payer", "basket.payer")
        self._model = TableModel(_COLUMNS, self)
        self._lines = Table("basket.lines", words.LINES_SPOKEN, self._model)
        self._lines.be_quiet()
        self._lines.setMinimumHeight(30)
        self._lines.verticalHeader().setDefaultSectionSize(30)
        self._lines.fit_columns(stretch="what")
        self._count = label("", "muted", "basket.count")
        self._subtotal = label("", "amount", "basket.subtotal")
        self.tenders = {kind: TenderRow(kind, place) for place, kind in enumerate(TenderKind, start=1)}
        be_one_of(self.tenders.values())
        for tender in self.tenders.values():
            tender.clicked.connect(lambda _on, row=tender: self._clicked(row))
        self._agree = Tick("basket.from_cache")
        self._agree.say(words.AGREE_LABEL)
        self._agree.toggled.connect(self._refresh)
        self._agree.hide()
        self._sentence = label("", "small", "basket.sentence")
        self._sentence.setWordWrap(True)
        self._sentence.setMinimumHeight(self._sentence.fontMetrics().height())
        # The page handles its key, F9.
        self.charge = button(words.TAKE_PAYMENT, "basket.charge", role="primary")
        self.charge.clicked.connect(self._pay)
        for kind, row in self.tenders.items():
            when_disabled(row, partial(self.refused.emit, kind))
        when_disabled(self.charge, partial(self.refused.emit, None))

    def _lay_out(self) -> None:
        self._column = column = QVBoxLayout(self)
        column.setContentsMargins(Space.L, Space.M, Space.L, Space.L)
        column.setSpacing(Space.S)
        self._caption = label(words.TO_PAY, "caption")
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
        """Take less room in a small window."""
        self.setFixedWidth(NARROW if compact else WIDTH)
        self._caption.setVisible(not compact)
        edge = Space.S if compact else Space.L
        self._column.setContentsMargins(edge, Space.S if compact else Space.M, edge, edge)
        self._column.setSpacing(Space.XS if compact else Space.S)
        for tender in self.tenders.values():
            tender.be_compact(compact)

    # ---- display --------------------------------------------------------------------------

    def show_basket(self, basket: Basket | None, offers: Mapping[TenderKind, Quote | OverLimit]) -> None:
        """Show the lines to pay and each tender's total. ``basket`` is None while nothing is selected."""
        self._basket, self._offers = basket, offers
        lines = basket.lines if basket else ()
        self._payer.set_text((basket.payer.customer_name or basket.payer.name) if basket else words.NO_PAYER)
        self._payer.setEnabled(basket is not None)
        self._model.show(lines)
        self._lines.scrollToBottom()
        self._count.setText(_count(lines))
        self._subtotal.setText(fmt.dollars(basket.subtotal if basket else ZERO))
        for kind, tender in self.tenders.items():
            tender.show_offer(offers.get(kind))
        self._refresh()

    def price(self, basket: Basket | None, offers: Offers) -> None:
        """Show the basket with its totals, or the reason why there are none."""
        self._problem = ""
        try:
            found = offers(basket.subtotal) if basket else {}
        except KnownError as error:
            found = {}
            self._problem = f"{error.sentence} {error.next_step}"
        self.show_basket(basket, found)

    def wait(self, why: str) -> None:
        """Disable charging for a reason, such as a lookup that still runs. ``""`` enables it again."""
        self._wait = why
        self._refresh()

    def ask_agreement(self, question: str) -> None:
        """Ask for the explicit yes to charge cached amounts. ``""`` removes the question."""
        self._agree.say(question or words.AGREE_LABEL)
        self._agree.setVisible(bool(question))
        self._agree.setChecked(False)

    @property
    def agreed(self) -> bool:
        """True if the clerk said yes to charging cached amounts."""
        return not self._agree.isHidden() and self._agree.isChecked()

    # ---- the tender and the charge --------------------------------------------------------

    @property
    def chosen(self) -> TenderKind | None:
        """The tender chosen so far, or None."""
        return next((kind for kind, tender in self.tenders.items() if tender.isChecked()), None)

    def choose(self, number: int) -> None:
        """Choose the first, second or third tender, as its key does. Says so if it cannot be chosen."""
        kind = list(TenderKind)[number - 1]
        if self.tenders[kind].isEnabled():
            self.tenders[kind].click()
        else:
            self.refused.emit(kind)

    def over_limit(self, kind: TenderKind) -> OverLimit | None:
        """Return the limit that keeps the tender from being chosen, or None."""
        offer = self._offers.get(kind)
        return offer if isinstance(offer, OverLimit) else None

    def forget_tender(self) -> None:
        """Clear the choice of tender for the next caller."""
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
        """Reason why nothing can be charged although something is selected, or ``""``."""
        return self._problem or ("" if self.agreed else self._wait)

    @property
    def ready(self) -> bool:
        """True if something is selected, its totals are known, and nothing delays the charge."""
        waiting = bool(self._wait) and not self.agreed
        return (
            self._basket is not None
            and any(isinstance(o, Quote) for o in self._offers.values())
            and not waiting
        )

    def _pay(self) -> None:
        if self.ready and self._basket is not None:
            self.pay_requested.emit(self._basket, self.chosen)

    def _refresh(self) -> None:
        offer = self._offers.get(self.chosen) if self.chosen else None
        text = words.take(offer) if isinstance(offer, Quote) else words.TAKE_PAYMENT
        self.charge.setText(with_key(text, "F9"))
        self.charge.setEnabled(self.ready)
        says = self._problem or ("" if self.agreed or self._basket is None else self._wait)
        self._sentence.setText(says)
        set_role(self._sentence, "problem" if self._problem else "small")


def _what(line: PaymentLine) -> str:
    if line.invoice_number is None:
        return line.description
    return f"{line.invoice_number}  {line.description}".rstrip()


_COLUMNS: list[Column[PaymentLine]] = [
    Column("what", "", _what),
    Column("amount", "", lambda line: fmt.money(line.amount), right=True),
]


def _count(lines: tuple[PaymentLine, ...]) -> str:
    if not lines:
        return words.SUBTOTAL
    if lines[0].invoice_number is None:
        return words.ONE_TIME_PAYMENT
    return words.subtotal_of(len(lines))


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
