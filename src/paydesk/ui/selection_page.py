"""What a lookup found: the customer, the invoices to tick, the customer's others, the current one in full."""

from __future__ import annotations

from datetime import UTC, date, tzinfo
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from paydesk.domain.bill import Bill
from paydesk.domain.invoice import Customer
from paydesk.domain.money import total
from paydesk.domain.payment import Payer
from paydesk.domain.selection import Row
from paydesk.ui import format as words
from paydesk.ui import icons
from paydesk.ui.invoice_model import InvoiceTableModel
from paydesk.ui.invoice_table import InvoiceTable
from paydesk.ui.theme import Space
from paydesk.ui.widgets import Elided, button, card, label, stack

if TYPE_CHECKING:
    from paydesk.services.lookup import Found


class OthersBar(QFrame):
    """``2 more open for Sample Bakery, 412.00``, and the key that takes them in."""

    taken = Signal()

    def __init__(self, name: str, action: str, key: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setProperty("role", "notice-info")
        self._sign = label()
        icons.put(self._sign, "plus", "link")
        self._text = Elided("", "strong", f"{name}.text")
        self.button = button(action, f"{name}.take", key=key)
        self.button.clicked.connect(self.taken)
        line = QHBoxLayout(self)
        line.setContentsMargins(Space.M, Space.XS, Space.XS, Space.XS)
        line.addWidget(self._sign)
        line.addWidget(self._text, 1)
        line.addWidget(self.button)
        self.hide()

    def say(self, text: str) -> None:
        """Offer something, or with ``""`` nothing."""
        self._text.set_text(text)
        self.setVisible(bool(text))

    @property
    def text(self) -> str:
        """What is offered."""
        return self._text.full_text if not self.isHidden() else ""


class SelectionPage(QWidget):
    """``changed`` when the ticks or amounts changed; the other signals are keys typed in the table."""

    changed = Signal()
    go_on = Signal()
    left = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("selection")
        self._customer: Customer | None = None
        self._others: tuple[Row, ...] = ()
        self._asked_for: tuple[str, ...] = ()
        self._today = date.min
        self._zone: tzinfo = UTC
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
        self._age = label("", "muted", "selection.age")
        self._all = button("Tick all", "selection.all", key="Ctrl+A", role="quiet")
        self._overdue = button("Tick overdue", "selection.overdue", key="Ctrl+O", role="quiet")
        self.others = OthersBar("selection.others", "Add them", "F6")
        self._facts = Elided("", "strong", "selection.facts")
        self._description = Elided("", "muted", "selection.description")

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(Space.L, Space.S, Space.S, Space.S)
        head.setSpacing(Space.M)
        names = QVBoxLayout()
        names.setSpacing(0)
        names.addWidget(self._name)
        under = QHBoxLayout()
        under.setSpacing(Space.M)
        under.addWidget(self._number)
        under.addWidget(self._age)
        under.addStretch(1)
        names.addLayout(under)
        head.addLayout(names, 1)
        head.addWidget(self._overdue)
        head.addWidget(self._all)
        facts = QFrame()
        facts.setProperty("role", "foot")
        foot = stack(facts, self._facts, self._description, spacing=2)
        foot.setContentsMargins(Space.L, Space.S, Space.L, Space.S)
        answer = card()
        column = stack(answer, spacing=0)
        column.addLayout(head)
        column.addWidget(self.table, 1)
        column.addWidget(facts)
        # The offer is part of this page: it is laid out once, while the page is still hidden.
        self._found = QWidget()
        stack(self._found, answer, self.others, spacing=Space.S)
        self._empty = EmptyState("selection.empty")
        self._pages = QStackedWidget()
        self.anytime = EmptyState("selection.anytime")
        self.anytime.say("A payment without an invoice", _ANYTIME)
        self._pages.addWidget(self.anytime)
        self._pages.addWidget(self._empty)
        self._pages.addWidget(self._found)
        stack(self, self._pages)

    def _connect(self) -> None:
        self.model.changed.connect(self._ticks_changed)
        self.table.go_on.connect(self.go_on)
        self.table.selectionModel().currentRowChanged.connect(self._show_facts)
        self._all.clicked.connect(self._tick_all)
        self._overdue.clicked.connect(lambda: self.model.tick(self.model.overdue))
        self.others.taken.connect(self.add_others)

    # ---- what was found -------------------------------------------------------------------

    def show_found(self, found: Found, asked_for: tuple[str, ...], today: date, zone: tzinfo) -> None:
        """A new answer. What was asked for by number is ticked; so is a customer's only invoice."""
        self._today, self._zone, self._asked_for = today, zone, asked_for
        self.model.set_day(today, zone)
        payable = [row.invoice.number for row in found.rows if row.payable]
        self.model.show_fresh(found.rows, asked_for or (payable if len(payable) == 1 else ()))
        self._take_in(found)
        if self.model.rows:
            self.table.go_to(0)

    def correct(self, found: Found) -> None:
        """A newer reading of the same answer: no row moves, no tick is lost that still can be."""
        shown = {row.invoice.number for row in self.model.rows}
        added = [row for row in found.others if row.invoice.number in shown]
        self.model.correct([*found.rows, *added], self._asked_for)
        self._take_in(found)

    def _take_in(self, found: Found) -> None:
        shown = {row.invoice.number for row in self.model.rows}
        self._customer = found.customer
        self._others = tuple(row for row in found.others if row.payable and row.invoice.number not in shown)
        self._show_head()
        self._show_others()
        self._show_facts()
        self._pages.setCurrentWidget(self._found)

    def clear(self, sentence: str = "", next_step: str = "") -> None:
        """Nothing found, or nothing asked yet: no trace of a customer stays."""
        self._customer, self._others, self._asked_for = None, (), ()
        self.model.show_fresh([])
        self.show_age("")
        self.others.say("")
        self._empty.say(sentence or "Ready for the next customer", next_step or _WAYS)
        self._pages.setCurrentWidget(self._empty)

    def hold(self, page: QWidget) -> None:
        """Take in another page to ``cover`` with."""
        self._pages.addWidget(page)

    def cover(self, page: QWidget | None) -> None:
        """Show another page over what was found; None takes it away, and all is as it was."""
        self._pages.setCurrentWidget(page or (self._found if self.model.rows else self._empty))

    def show_age(self, text: str) -> None:
        """How old the reading is: ``as of 9:41 AM, checking AMS360…``."""
        self._age.setText(text)

    def add_others(self) -> None:
        """Take in the customer's other open invoices, ticked."""
        self.model.add(self._others)
        self._others = ()
        self._show_others()
        self._show_head()
        self.table.setFocus()

    @property
    def empty(self) -> bool:
        """No answer is shown."""
        return self._pages.currentWidget() is self._empty

    def bill(self, *, from_cache: bool = False) -> Bill | None:
        """What is ticked, as a bill; None when nothing is."""
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
        return Bill(selection.lines, payer, customer.zip_code if customer else "", from_cache=from_cache)

    # ---- showing --------------------------------------------------------------------------

    def _tick_all(self) -> None:
        ticked = len(self.model.selection.rows)
        self.model.tick([] if ticked == len(self.model.payable) else self.model.payable)

    def _ticks_changed(self) -> None:
        payable, ticked = self.model.payable, len(self.model.selection.rows)
        self._all.setVisible(len(payable) > 1)
        self._all.setText(f"{'Untick' if ticked == len(payable) else 'Tick'} all {len(payable)}  Ctrl+A")
        overdue = len(self.model.overdue)
        self._overdue.setVisible(0 < overdue < len(payable))
        self._overdue.setText(f"Tick {overdue} overdue  Ctrl+O")
        self.changed.emit()

    def _show_head(self) -> None:
        customer = self._customer
        self._name.set_text(customer.name if customer else "")
        self._number.setText(f"Customer {customer.number}" if customer else "")

    def _show_others(self) -> None:
        if not self._others or self._customer is None:
            self.others.say("")
            return
        sum_of_others = total(row.owed for row in self._others)
        self.others.say(
            f"{len(self._others)} more open for {words.apart(self._customer.name)}, {sum_of_others}"
        )
        self.others.button.setText(f"{'Add it' if len(self._others) == 1 else 'Add them'}  F6")

    def _show_facts(self) -> None:
        row = self.table.current
        if row is None:
            self._facts.set_text("")
            self._description.set_text("No open invoices." if not self.model.rows else "")
            return
        self._facts.set_text(_facts(row))
        self._description.set_text(self._why_or_description(row))

    def _why_or_description(self, row: Row) -> str:
        why = words.why_not_payable(row, self._zone, self._today)
        return f"{why}.  {row.invoice.description}" if why else row.invoice.description


class EmptyState(QFrame):
    """What stands where the table will be: one sentence and the ways on."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setProperty("role", "card")
        sign = label()
        icons.put(sign, "invoice", "faint", 40)
        self._sentence = label("", "title", f"{name}.sentence")
        self._next = label("", "muted", f"{name}.next_step")
        column = QVBoxLayout(self)
        column.setSpacing(Space.S)
        column.addStretch(1)
        for part in (sign, self._sentence, self._next):
            part.setAlignment(Qt.AlignmentFlag.AlignCenter)
            part.setWordWrap(True)
            column.addWidget(part)
        column.addStretch(1)

    def say(self, sentence: str, next_step: str) -> None:
        """Show a sentence and what to do next."""
        self._sentence.setText(sentence)
        self._next.setText(next_step)


_WAYS = (
    "Type or scan an invoice number and press Enter.\n"
    "F3 looks up a customer by number and ZIP, F4 takes a payment without an invoice, F5 searches."
)
_ANYTIME = (
    "Type the amount, what it is for and who pays. If the reference is an open invoice, PayDesk says so."
)


def _facts(row: Row) -> str:
    invoice = row.invoice
    facts = [f"Invoice {invoice.number}"]
    if invoice.invoice_date:
        facts.append(f"invoiced {words.day(invoice.invoice_date)}")
    if invoice.due_date:
        facts.append(f"due {words.day(invoice.due_date)}")
    if invoice.policy_number:
        facts.append(f"policy {invoice.policy_number}")
    if invoice.insurer:
        facts.append(invoice.insurer)
    if row.payable:
        facts.append("F7 pays a part")
    return "  ·  ".join(facts)
