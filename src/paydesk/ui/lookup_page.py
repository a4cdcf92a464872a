"""The lookup tabs: invoice number, customer number and ZIP, a payment without an invoice, or a search."""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import StrEnum
from functools import partial

from PySide6.QtCore import QElapsedTimer, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from paydesk.domain.invoice import customer_number_in, invoice_number_in, zip5
from paydesk.ui.anytime_form import AnytimeForm
from paydesk.ui.card_guard import keep_cards_out
from paydesk.ui.entry import Entry
from paydesk.ui.finder_form import FinderForm
from paydesk.ui.form import Choice, Form, Row
from paydesk.ui.theme import Space
from paydesk.ui.widgets import Elided, button, shortcut

BUSY_AFTER_MS = 150
"""How long AMS360 may take before the window says that it is being asked."""


QUIET_MS = 700
"""How long an Enter may still belong to the payment before."""


_ANOTHER = r"(?<![0-9$])(?<![0-9][.,/-])[0-9]{5,9}(?![0-9]|[.,/-][0-9])"
_HINT = "Type, paste or scan it; Enter looks it up."


class Mode(StrEnum):
    """Which lookup is shown."""

    INVOICE = "invoice"
    CUSTOMER = "customer"
    ANYTIME = "anytime"
    SEARCH = "search"


class InvoiceForm(Form):
    """The invoice number, typed, pasted in any wording, or scanned."""

    asked = Signal(str)

    def __init__(self) -> None:
        super().__init__("lookup.invoice")
        self._quiet = QElapsedTimer()
        self.number = Entry("lookup.invoice.number", "Invoice number")
        self.number.setPlaceholderText("50123")
        self.number.setFixedWidth(260)
        self._row = Row()
        self.add_row(self._row, self._row.add("Invoice &number", self.number, self._check, stretch=0))
        _end_with_button(self._row, "lookup.invoice.go", self.ask)
        keep_cards_out(self.number, self.say)
        self._row.hint(_HINT)
        self.submitted.connect(self.ask)

    def ask(self) -> None:
        """Look the number up, if there is one; a key still held from the payment before asks nothing."""
        if not self.number.text() and self._quiet.isValid() and self._quiet.elapsed() < QUIET_MS:
            return
        if self.complete():
            found, others = _number_in(self.number.text()), _others_in(self.number.text())
            self._row.hint(f"Only {found} is looked up, not {others}." if others else _HINT)
            self.number.setText(found)
            self.number.selectAll()
            self.asked.emit(found)

    def be_quiet(self) -> None:
        """The next customer has just begun: an Enter in the empty field was meant for the one before."""
        self._quiet.start()

    def say(self, problem: str) -> None:
        """Show what is wrong below the field."""
        self._row.mark(self.number, problem)

    def _check(self) -> str:
        return "" if _number_in(self.number.text()) else "Type the digits of an invoice number, like 50123."


class CustomerForm(Form):
    """Customer number and ZIP; a second identifier only where no ZIP is on file."""

    asked = Signal(str, str, str)

    def __init__(self) -> None:
        super().__init__("lookup.customer")
        self.number = Entry("lookup.customer.number", "Customer number")
        self.zip_code = Entry("lookup.customer.zip", "ZIP")
        self.second = Entry("lookup.customer.second", "Name or phone number on the account")
        self.number.setPlaceholderText("1001")
        self.zip_code.setPlaceholderText("02108")
        self._row, self._second_row = Row(), Row()
        self.add_row(
            self._row,
            self._row.add("Customer n&umber", self.number, self._check_number, stretch=0),
            self._row.add("&ZIP", self.zip_code, self._check_zip, stretch=0),
        )
        _end_with_button(self._row, "lookup.customer.go", self.ask)
        self.add_row(
            self._second_row,
            self._second_row.add("Nam&e or phone on the account", self.second, self._check_second, stretch=0),
        )
        self._second_row.add("", QWidget())
        self.number.setFixedWidth(200)
        self.zip_code.setFixedWidth(140)
        self.second.setFixedWidth(352)
        self.need_second(False)
        self.number.textEdited.connect(lambda: self.need_second(False))
        for entry, at in (
            (self.number, self._row),
            (self.zip_code, self._row),
            (self.second, self._second_row),
        ):
            keep_cards_out(entry, partial(at.mark, entry))
        self.submitted.connect(self.ask)

    def ask(self) -> None:
        """Look the customer up, if number and ZIP can be right."""
        if self.complete():
            second = "" if self._second_row.isHidden() else self.second.text().strip()
            self.asked.emit(customer_number_in(self.number.text()), self.zip_code.text().strip(), second)

    def need_second(self, needed: bool) -> None:
        """Ask for a second identifier, or take the question back."""
        self._second_row.setVisible(needed)
        self._second_row.hint("Exactly as on the account; that it was used is recorded.")
        self._row.hint("No ZIP on file." if needed else "Nothing of the customer is shown unless both match.")
        if needed:
            self.second.setFocus()
        else:
            self.second.clear()

    def say(self, problem: str) -> None:
        """Show what is wrong below the fields."""
        if self._second_row.isHidden():
            self._row.mark(self.zip_code, problem)
        else:
            self._second_row.mark(self.second, problem)

    def _check_number(self) -> str:
        return "" if customer_number_in(self.number.text()) else "Type the customer number, like 1001."

    def _check_zip(self) -> str:
        # Empty is allowed: a customer may have none on file, and only AMS360 knows.
        typed = self.zip_code.text().strip()
        return "" if not typed or zip5(typed) else "A ZIP has five digits."

    def _check_second(self) -> str:
        return "" if self.second.text().strip() else "Type the name or phone number on the account."


class LookupPage(QFrame):
    """The lookups; says what is asked for, and knows nothing of the answer."""

    mode_changed = Signal(object)
    cancelled = Signal()
    cleared = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("lookup")
        self.setProperty("role", "card")
        self.mode = Choice(
            "lookup.mode",
            "Look up by",
            [
                (Mode.INVOICE, "Invoice  F2"),
                (Mode.CUSTOMER, "Customer  F3"),
                (Mode.ANYTIME, "Anytime payment  F4"),
                (Mode.SEARCH, "Search  F5"),
            ],
        )
        self.invoice, self.customer, self.anytime = InvoiceForm(), CustomerForm(), AnytimeForm()
        self.finder = FinderForm()
        self._forms: dict[Mode, Form] = {
            Mode.INVOICE: self.invoice,
            Mode.CUSTOMER: self.customer,
            Mode.ANYTIME: self.anytime,
            Mode.SEARCH: self.finder,
        }
        self._busy = Elided("Asking AMS360…", "small", "lookup.busy")
        self._cancel = button("Cancel  Esc", "lookup.cancel", role="quiet")
        self._cancel.clicked.connect(self.cancelled)
        self._clear = button("Next customer", "lookup.clear", key="F12", role="quiet")
        self._clear.clicked.connect(self.cleared)
        self._line = QProgressBar(maximum=0, textVisible=False)
        self._line.setObjectName("lookup.progress")
        self._line.setAccessibleName("Asking AMS360")
        self._busy_soon = QTimer(self, interval=BUSY_AFTER_MS, singleShot=True)
        self._busy_soon.timeout.connect(lambda: self._show_progress(True))
        self._lay_out()
        self.mode.changed.connect(self._switched)
        self._switched()
        self.show_busy(False)
        # Only while this page is shown: on other pages F5 asks again.
        shortcut(self, "F5", lambda: self.switch(Mode.SEARCH))

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(Space.S)
        head.addWidget(self.mode)
        head.addWidget(self._busy, 1)
        head.addStretch(1)
        head.addWidget(self._cancel)
        head.addWidget(self._clear)
        self._column = column = QVBoxLayout(self)
        column.setContentsMargins(Space.L, Space.M, Space.L, Space.S)
        column.setSpacing(Space.S)
        column.addLayout(head)
        for form in self._forms.values():
            column.addWidget(form)
        self._line.setParent(self)
        self._line.setFixedHeight(3)

    def switch(self, mode: Mode) -> None:
        """Show a lookup and put the keyboard into it; what was typed in the others stays."""
        self.mode.choose(mode)
        self.start()

    def start(self) -> None:
        """Put the keyboard where the next thing is typed, what is there selected."""
        match self.mode.value:
            case Mode.INVOICE:
                self.invoice.number.setFocus()
                self.invoice.number.selectAll()
            case Mode.CUSTOMER:
                self.customer.number.setFocus()
                self.customer.number.selectAll()
            case Mode.ANYTIME:
                self.anytime.start()
            case Mode.SEARCH:
                self.finder.text.setFocus()
                self.finder.text.selectAll()

    def look_up_invoice(self, number: str) -> None:
        """Look an invoice up as if its number had been typed."""
        self.switch(Mode.INVOICE)
        self.invoice.number.setText(number)
        self.invoice.ask()

    def ask_zip(self, customer_number: str) -> None:
        """Go on with a customer who was found otherwise: the ZIP has to be asked for all the same."""
        self.switch(Mode.CUSTOMER)
        self.customer.number.setText(customer_number)
        self.customer.need_second(False)
        self.customer.zip_code.clear()
        self.customer.zip_code.setFocus()

    def type_on(self, digits: str) -> None:
        """Begin a new invoice number with digits that were typed elsewhere."""
        self.switch(Mode.INVOICE)
        self.invoice.number.setText(digits)
        self.invoice.number.end(False)

    def say(self, problem: str) -> None:
        """Show what is wrong below the field it concerns."""
        if self.mode.value is Mode.INVOICE:
            self.invoice.say(problem)
        elif self.mode.value is Mode.CUSTOMER:
            self.customer.say(problem)

    def clear(self) -> None:
        """Forget what was typed for the last caller."""
        self.invoice.number.clear()
        self.customer.number.clear()
        self.customer.zip_code.clear()
        self.customer.need_second(False)
        self.anytime.clear()
        self.say("")

    def be_compact(self, compact: bool) -> None:
        """Stand closer together, in a small window."""
        edge = Space.S if compact else Space.L
        self._column.setContentsMargins(edge, Space.S if compact else Space.M, edge, Space.S)
        self._clear.setText("Next  F12" if compact else "Next customer  F12")

    def show_busy(self, busy: bool) -> None:
        """Show that AMS360 is being asked, and that Esc stops it; a quick answer shows nothing of it."""
        if busy:
            self._busy_soon.start()
        else:
            self._busy_soon.stop()
            self._show_progress(False)

    def _show_progress(self, on: bool) -> None:
        for part in (self._busy, self._cancel, self._line):
            part.setVisible(on)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the progress line at the lower edge."""
        super().resizeEvent(event)
        self._line.setGeometry(Space.S, self.height() - 3, self.width() - 2 * Space.S, 3)

    def _switched(self) -> None:
        mode = self.mode.value
        for which, form in self._forms.items():
            form.setVisible(which is mode)
        self.mode_changed.emit(mode)


def _end_with_button(row: Row, name: str, ask: Callable[[], None]) -> None:
    go = button("Look up", name, icon="search")
    go.clicked.connect(ask)
    row.add("", go, stretch=0)
    row.add("", QWidget())


def _number_in(text: str) -> str:
    """The first invoice number in any line of what was typed or pasted."""
    return next((number for line in text.splitlines() if (number := invoice_number_in(line))), "")


def _others_in(text: str) -> str:
    """What else looks like an invoice number in what was typed: ``50140 and 50141``."""
    found = list(dict.fromkeys(re.findall(_ANOTHER, text)))
    return " and ".join(one for one in found if one.lstrip("0") != _number_in(text)) if len(found) > 1 else ""
