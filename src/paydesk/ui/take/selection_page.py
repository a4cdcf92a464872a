"""The answer to a lookup: the customer, the invoices to select, and details of the current one."""

from __future__ import annotations

from datetime import UTC, date, tzinfo
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from paydesk.domain.invoices.basket import Basket
from paydesk.domain.invoices.invoice import Customer
from paydesk.domain.invoices.selection import Dues, Row, dues
from paydesk.domain.money import ZERO, Money, total
from paydesk.domain.payment import Payer, Payment
from paydesk.ui.kit import icons
from paydesk.ui.kit.announce import announce
from paydesk.ui.kit.format import dollars
from paydesk.ui.kit.format import phone as as_phone
from paydesk.ui.kit.theme import Space
from paydesk.ui.kit.widgets import Elided, button, card, keyed, label, row, stack, with_key
from paydesk.ui.take.invoice_model import InvoiceTableModel
from paydesk.ui.take.invoice_table import InvoiceTable
from paydesk.ui.take.words import basket as basket_words
from paydesk.ui.take.words import lookup as lookup_words
from paydesk.ui.take.words import selection as selection_words

if TYPE_CHECKING:
    from paydesk.services.invoices.lookup import Found


class OthersBar(QFrame):
    """An offer such as ``2 more open for Sample Bakery, 412.00``, with the key that accepts it.

    Without ``bound`` the page handles the key, and says why if there is no offer.
    """

    taken = Signal()

    def __init__(self, name: str, action: str, key: str, *, bound: bool = True, icon: str = "plus") -> None:
        super().__init__()
        self.setObjectName(name)
        self.setProperty("role", "notice-info")
        self._sign = label()
        icons.put(self._sign, icon, "link")
        self._text = Elided("", "strong", f"{name}.text")
        self.button = button(action, f"{name}.take", key=key, bound=bound)
        self.button.clicked.connect(self.taken)
        line = QHBoxLayout(self)
        line.setContentsMargins(Space.M, Space.XS, Space.XS, Space.XS)
        line.addWidget(self._sign)
        line.addWidget(self._text, 1)
        line.addWidget(self.button)
        self.hide()

    def say(self, text: str) -> None:
        """Show an offer, or hide the bar with ``""``."""
        self._text.set_text(text)
        self.setVisible(bool(text))

    def announce(self) -> None:
        """Let a screen reader say it, because it waits for an answer."""
        self.setAccessibleName(self.text)
        announce(self)

    @property
    def text(self) -> str:
        """The visible offer, or ``""``."""
        return self._text.full_text if not self.isHidden() else ""


class SelectionPage(QWidget):
    """The selection. ``changed`` follows new selections or amounts. ``refused`` says why a key does nothing.

    The other signals are keys in the table.
    """

    changed = Signal()
    go_on = Signal()
    left = Signal()
    refused = Signal(str, str)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("selection")
        self._customer: Customer | None = None
        self._others: tuple[Row, ...] = ()
        self._asked_for: tuple[str, ...] = ()
        self._sums = Dues(ZERO, ZERO, ZERO)
        self._today = date.min
        self._zone: tzinfo = UTC
        self._cover: QWidget | None = None
        self._make_parts()
        self._lay_out()
        self._connect()
        self.clear()

    def _make_parts(self) -> None:
        self.model = InvoiceTableModel(self)
        self.table = InvoiceTable(self.model)
        self.table.keys[Qt.Key.Key_Escape] = self.left.emit
        self._name = Elided("", "title", "selection.customer")
        self._number = label("", "muted", "selection.customer_number")
        self._phone = label("", "muted", "selection.phone")
        self._age = Elided("", "muted", "selection.age")
        self._due = Sum(selection_words.TOTAL_DUE, "selection.due")
        self._late = Sum(selection_words.TOTAL_OVERDUE, "selection.late", "danger")
        self._held = Sum(selection_words.TOTAL_BEING_PAID, "selection.being_paid")
        self._all = button(selection_words.TICK_ALL, "selection.all", key="Ctrl+A", role="quiet", bound=False)
        self._overdue = button(
            selection_words.TICK_OVERDUE, "selection.overdue", key="Ctrl+O", role="quiet", bound=False
        )
        self.others = OthersBar("selection.others", selection_words.ADD_THEM, "F6", bound=False)
        self._part = button(selection_words.PAY_PART, "selection.part", key="F7", role="quiet", bound=False)
        self._facts = Elided("", "strong", "selection.facts")
        self._description = Elided("", "muted", "selection.description")

    def _lay_out(self) -> None:
        self._head = head = QVBoxLayout()
        head.setSpacing(0)
        self._room = QWidget()  # holds the height of the buttons, so that the table does not move with them
        self._room.setFixedWidth(0)
        names = row(self._name, self._room, self._overdue, self._all, spacing=Space.M)
        names.setStretch(0, 1)
        self._under = under = row(self._number, self._phone, self._age, self._due, self._late, self._held)
        under.setStretch(2, 1)
        head.addLayout(names)
        head.addLayout(under)
        facts = QFrame()
        facts.setProperty("role", "foot")
        lines = QVBoxLayout()
        lines.setSpacing(2)
        lines.addWidget(self._facts)
        lines.addWidget(self._description)
        self._foot = foot = QHBoxLayout(facts)
        foot.addLayout(lines, 1)
        foot.addWidget(self._part)
        self.be_compact(False)
        answer = card()
        column = stack(answer, spacing=0)
        column.addLayout(head)
        column.addWidget(self.table, 1)
        column.addWidget(facts)
        # The offer is part of this page, which is laid out once, while it is still hidden.
        self._found = QWidget()
        stack(self._found, answer, self.others, spacing=Space.S)
        self._empty = EmptyState("selection.empty")
        self.last = LastPayment()
        self._empty.hold(self.last)
        self._pages = QStackedWidget()
        self._pages.addWidget(self._empty)
        self._pages.addWidget(self._found)
        stack(self, self._pages)

    def be_compact(self, compact: bool) -> None:
        """Move the customer's figures together in a small window."""
        edge = Space.S if compact else Space.L
        gap = Space.XS if compact else Space.S
        self._head.setContentsMargins(edge, Space.XS, Space.S, gap)
        self._foot.setContentsMargins(edge, gap, Space.S, gap)
        self._under.setSpacing(Space.S if compact else Space.M)

    def _connect(self) -> None:
        self.model.changed.connect(self._ticks_changed)
        self.table.go_on.connect(self.go_on)
        self.table.selectionModel().currentRowChanged.connect(self._show_facts)
        self._all.clicked.connect(self._tick_all)
        self._overdue.clicked.connect(lambda: self.model.tick(self.model.overdue))
        self.others.taken.connect(self.add_others)
        self.table.refused.connect(self._refuse_row)
        self._part.clicked.connect(self._edit_part)
        keyed(self, "F7", self._part, self._no_part)
        keyed(self, "Ctrl+A", self._all, lambda: self.refused.emit(*self._why_not_all()))
        keyed(self, "Ctrl+O", self._overdue, self._overdue_unseen)

    # ---- the answer -----------------------------------------------------------------------

    def show_found(self, found: Found, asked_for: tuple[str, ...], today: date, zone: tzinfo) -> None:
        """Show a new answer. Selects the invoice asked for by number, or a customer's only invoice."""
        self._today, self._zone, self._asked_for = today, zone, asked_for
        self.model.set_day(today, zone)
        payable = [row.invoice.number for row in found.rows if row.payable]
        self.model.show_fresh(found.rows, asked_for or (payable if len(payable) == 1 else ()))
        self._take_in(found)
        if self.model.rows:
            self.table.go_to(0)

    def add_wanted(self, wanted: tuple[str, ...], parts: tuple[tuple[str, Money], ...]) -> None:
        """Add those of the customer's other invoices that are wanted, and bring partial amounts back."""
        more = tuple(row for row in self._others if row.invoice.number in wanted)
        if more:
            self.model.add(more)
            self._others = tuple(row for row in self._others if row not in more)
            self._show_others()
        self.model.pay_parts(parts)

    def correct(self, found: Found) -> None:
        """Apply a newer reading of the same answer. No row moves, and every possible selection stays."""
        shown = {row.invoice.number for row in self.model.rows}
        added = [row for row in found.others if row.invoice.number in shown]
        self.model.correct([*found.rows, *added], self._asked_for)
        self._take_in(found)

    def _take_in(self, found: Found) -> None:
        shown = {row.invoice.number for row in self.model.rows}
        self._customer = found.customer
        self._sums = dues((*found.rows, *found.others), self._today)
        self._others = tuple(row for row in found.others if row.payable and row.invoice.number not in shown)
        self._show_head()
        self._show_others()
        self._show_facts()
        self._show_page(self._found)

    def clear(self, said: tuple[str, str] | None = None) -> None:
        """Show a sentence and a next step in place of an answer, or that the desk is ready for a customer.

        Nothing about a customer stays visible.
        """
        self._customer, self._others, self._asked_for = None, (), ()
        self.model.show_fresh([])
        self.show_age("")
        self.others.say("")
        self._empty.say(*(said or lookup_words.READY))
        self.last.allow(said is None)
        self._show_page(self._empty)

    def _show_page(self, page: QWidget) -> None:
        """Show a page, or keep it for later while another one covers it."""
        self._own_page = page
        self._pages.setCurrentWidget(self._cover or page)

    def hold(self, page: QWidget) -> None:
        """Add another page for ``cover``."""
        self._pages.addWidget(page)

    def cover(self, page: QWidget | None) -> None:
        """Show another page over the answer, whatever comes meanwhile. None removes it."""
        self._cover = page
        self._show_page(self._own_page)

    def show_age(self, text: str) -> None:
        """Show the age of the reading, such as ``as of 9:41 AM``."""
        self._age.set_text(text)

    def add_others(self) -> None:
        """Add the customer's other open invoices, selected."""
        self.model.add(self._others)
        self._others = ()
        self._show_others()
        self._show_head()
        self.table.setFocus()

    @property
    def customer(self) -> tuple[str, str]:
        """The number and name of the customer shown, or ``""``."""
        return (self._customer.number, self._customer.name) if self._customer else ("", "")

    @property
    def why_nothing(self) -> tuple[str, str]:
        """The reason why nothing of the answer can be paid, and the next step."""
        _number, name = self.customer
        by_number = bool(self._asked_for)
        return selection_words.nothing_to_pay(self.model.rows, len(self._others), name, by_number=by_number)

    def basket(self, *, from_cache: bool = False) -> Basket | None:
        """Return the selected invoices as a basket, or None if there are none."""
        selection = self.model.selection
        if not selection.rows:
            return None
        invoice, customer = selection.rows[0].invoice, self._customer
        payer = Payer(
            name=invoice.customer_name,
            phone=customer.phones[0] if customer and customer.phones else "",
            email=customer.email if customer else "",
            customer_number=invoice.customer_number,
            customer_name=invoice.customer_name,
        )
        return Basket(selection.lines, payer, customer.zip_code if customer else "", from_cache=from_cache)

    # ---- keys that do nothing ---------------------------------------------------------------

    def _refuse_row(self, row: Row) -> None:
        self.refused.emit(*selection_words.cannot_select(row, self._zone, self._today))

    def _edit_part(self) -> None:
        """Let the clerk type a smaller amount for the current invoice, wherever the keyboard was."""
        if not self.table.editing:
            self.table.setFocus()
            self.table.edit_part()

    def _no_part(self) -> None:
        current = self.table.current
        if current is not None and self.table.isVisible():
            self._refuse_row(current)
        else:
            self.refused.emit(*basket_words.NOTHING_CHOSEN)

    def _why_not_all(self) -> tuple[str, str]:
        if not self.model.rows:
            return basket_words.NOTHING_CHOSEN
        return selection_words.ONE_PAYABLE if self.model.payable else self.why_nothing

    def _overdue_unseen(self) -> None:
        """Select the overdue invoices although the button is hidden, because they are all. Or say why not."""
        if self.model.overdue:
            self.model.tick(self.model.overdue)
        else:
            self.refused.emit(
                *(selection_words.NOTHING_OVERDUE if self.model.payable else self._why_not_all())
            )

    # ---- showing --------------------------------------------------------------------------

    def _tick_all(self) -> None:
        ticked = len(self.model.selection.rows)
        self.model.tick([] if ticked == len(self.model.payable) else self.model.payable)

    def _ticks_changed(self) -> None:
        payable, ticked = self.model.payable, len(self.model.selection.rows)
        self._all.setVisible(len(payable) > 1)
        self._all.setText(
            with_key(selection_words.tick_all(len(payable), all_ticked=ticked == len(payable)), "Ctrl+A")
        )
        overdue = len(self.model.overdue)
        self._overdue.setVisible(0 < overdue < len(payable))
        self._overdue.setText(with_key(selection_words.tick_overdue(overdue), "Ctrl+O"))
        self.changed.emit()

    def _show_head(self) -> None:
        self._room.setFixedHeight(self._all.sizeHint().height())
        customer = self._customer
        self._name.set_text(customer.name if customer else "")
        self._number.setText(selection_words.customer(customer.number) if customer else "")
        phone = customer.phones[0] if customer and customer.phones else ""
        self._phone.setText(as_phone(phone))
        self._phone.setVisible(bool(phone))
        self._due.show_amount(self._sums.due)
        self._late.show_amount(self._sums.overdue)
        self._late.setVisible(self._sums.overdue > ZERO)
        self._held.show_amount(self._sums.being_paid)
        self._held.setVisible(self._sums.being_paid > ZERO)

    def _show_others(self) -> None:
        if not self._others or self._customer is None:
            self.others.say("")
            return
        number, owed = len(self._others), total(row.owed for row in self._others)
        self.others.say(selection_words.others_open(number, self._customer.name, owed))
        self.others.button.setText(
            with_key(selection_words.ADD_IT if number == 1 else selection_words.ADD_THEM, "F6")
        )

    def _show_facts(self) -> None:
        row = self.table.current
        self._part.setVisible(row is not None and row.payable)
        if row is None:
            self._facts.set_text("")
            self._description.set_text(selection_words.NO_OPEN_INVOICES if not self.model.rows else "")
            return
        self._facts.set_text(selection_words.facts(row))
        self._description.set_text(self._why_or_description(row))

    def _why_or_description(self, row: Row) -> str:
        why = selection_words.why_not_payable(row, self._zone, self._today)
        return f"{why}.  {row.invoice.description}" if why else row.invoice.description


class Sum(QWidget):
    """An amount with its caption before it."""

    def __init__(self, caption: str, name: str, role: str = "strong") -> None:
        super().__init__()
        self._caption = caption
        self._amount = label("", role, name)
        self.setLayout(row(label(caption, "muted"), self._amount, spacing=Space.XS))

    def show_amount(self, amount: Money) -> None:
        """Show an amount."""
        self._amount.setText(dollars(amount))
        self._amount.setAccessibleName(f"{self._caption} {dollars(amount)}")


class LastPayment(QWidget):
    """The line about the payment before: it answers if that one went through, and prints it again.

    ``reprint`` carries the payment.
    """

    reprint = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("take.last")
        self._payment: Payment | None = None
        self._allowed = False
        self._text = Elided("", "muted", "take.last.text")
        self.button = button(lookup_words.REPRINT, "take.last.reprint", key="F8", role="quiet", bound=False)
        self.button.clicked.connect(lambda: self.reprint.emit(self._payment))
        line = row(self._text, self.button, spacing=Space.XS)
        line.setContentsMargins(Space.S, 0, 0, 0)
        line.setStretch(0, 1)
        self.setLayout(line)
        self.hide()

    @property
    def text(self) -> str:
        """The visible line, or ``""``."""
        return self._text.full_text if self._payment is not None and self._allowed else ""

    def show_payment(self, payment: Payment | None) -> None:
        """Show this payment, or none."""
        self._payment = payment
        self._text.set_text(lookup_words.last_payment(payment) if payment is not None else "")
        self.setVisible(bool(self.text))

    def allow(self, allowed: bool) -> None:
        """Show the line while the page is ready for the next customer, and only then."""
        self._allowed = allowed
        self.setVisible(bool(self.text))


class EmptyState(QFrame):
    """A placeholder for the table: one sentence and the next steps."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setProperty("role", "card")
        sign = label()
        icons.put(sign, "invoice", "faint", 40)
        self._sentence = label("", "title", f"{name}.sentence")
        self._next = label("", "muted", f"{name}.next_step")
        self._column = column = QVBoxLayout(self)
        column.setContentsMargins(Space.S, Space.S, Space.S, Space.S)
        column.setSpacing(Space.S)
        column.addStretch(1)
        for part in (sign, self._sentence, self._next):
            part.setAlignment(Qt.AlignmentFlag.AlignCenter)
            part.setWordWrap(True)
            column.addWidget(part)
        column.addStretch(1)

    def hold(self, line: QWidget) -> None:
        """Add a line at the lower edge."""
        self._column.addWidget(line)

    def say(self, sentence: str, next_step: str) -> None:
        """Show a sentence and the next step."""
        self._sentence.setText(sentence)
        self._next.setText(next_step)
