"""The lookup forms: by invoice number, by customer number and ZIP, without an invoice, or by search."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from PySide6.QtCore import QElapsedTimer, QEvent, QObject, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QFrame,
    QHBoxLayout,
    QProgressBar,
    QVBoxLayout,
    QWidget,
)

from paydesk.domain.invoices.invoice import zip5
from paydesk.domain.typed.numbers import customer_number_in, read_invoice_number
from paydesk.ui.kit.form import Choice, Form, Row
from paydesk.ui.kit.line_edits import Entry
from paydesk.ui.kit.theme import Space
from paydesk.ui.kit.widgets import Elided, button, shortcut, with_key
from paydesk.ui.qt.timers import pause
from paydesk.ui.take.anytime_form import AnytimeForm
from paydesk.ui.take.search_form import SearchForm
from paydesk.ui.take.words import lookup as words

BUSY_AFTER_MS = 150
"""Milliseconds before the window shows that it is waiting for the agency system."""


QUIET_MS = 700
"""Milliseconds in which an Enter may still belong to the previous payment."""


class Mode(StrEnum):
    """The lookup that is shown."""

    INVOICE = "invoice"
    CUSTOMER = "customer"
    ANYTIME = "anytime"
    SEARCH = "search"


class InvoiceForm(Form):
    """The invoice number: typed, pasted with any text around it, or scanned."""

    asked = Signal(str)

    def __init__(self) -> None:
        super().__init__("lookup.invoice")
        self._quiet = QElapsedTimer()
        self.number = Entry("lookup.invoice.number", words.INVOICE_SPOKEN)
        self.number.setPlaceholderText(words.INVOICE_SAMPLE)
        self.number.setFixedWidth(260)
        self._row = Row()
        self.add_row(self._row, self._row.add(words.INVOICE_LABEL, self.number, self._check, stretch=0))
        _end_with_button(self._row, "lookup.invoice.go", self.ask)
        self._row.hint(words.INVOICE_HINT)
        self.number.textEdited.connect(lambda: self._row.hint(words.INVOICE_HINT))
        self.submitted.connect(self.ask)

    def clear(self) -> None:
        """Clear the number and everything said about it."""
        self.number.clear()
        self._row.hint(words.INVOICE_HINT)
        self.unmark()

    def ask(self) -> None:
        """Look up the number, if there is one. Ignores a key still held down from the previous payment."""
        if not self.number.text() and self._quiet.isValid() and self._quiet.elapsed() < QUIET_MS:
            return
        if self.complete():
            read = read_invoice_number(self.number.text())
            hint = words.only_one_invoice(read.number, read.others) if read.others else words.INVOICE_HINT
            self._row.hint(hint)
            self.number.setText(read.number)
            self.number.selectAll()
            self.asked.emit(read.number)

    def be_quiet(self) -> None:
        """Ignore Enter in the empty field for a moment, because it was meant for the previous customer."""
        self._quiet.start()

    def say(self, problem: str) -> None:
        """Show an error below the field."""
        self._row.mark(self.number, problem)

    def _check(self) -> str:
        read = read_invoice_number(self.number.text())
        if read.number:
            return ""
        return words.which_invoice(read.others) if read.others else words.INVOICE_MISSING


class CustomerForm(Form):
    """Customer number and ZIP, and a second identifier if no ZIP is on file."""

    asked = Signal(str, str, str)

    def __init__(self) -> None:
        super().__init__("lookup.customer")
        self.number = Entry("lookup.customer.number", words.CUSTOMER_SPOKEN)
        self.zip_code = Entry("lookup.customer.zip", words.ZIP_SPOKEN)
        self.second = Entry("lookup.customer.second", words.SECOND_SPOKEN)
        self.number.setPlaceholderText(words.CUSTOMER_SAMPLE)
        self.zip_code.setPlaceholderText(words.ZIP_SAMPLE)
        self._row, self._second_row = Row(), Row()
        self.add_row(
            self._row,
            self._row.add(words.CUSTOMER_LABEL, self.number, self._check_number, stretch=0),
            self._row.add(words.ZIP_LABEL, self.zip_code, self._check_zip, stretch=0),
        )
        _end_with_button(self._row, "lookup.customer.go", self.ask)
        self.add_row(
            self._second_row,
            self._second_row.add(words.SECOND_LABEL, self.second, self._check_second, stretch=0),
        )
        self._second_row.add("", QWidget())
        self.number.setFixedWidth(200)
        self.zip_code.setFixedWidth(140)
        self.second.setFixedWidth(352)
        self.need_second(False)
        self.number.textEdited.connect(lambda: self.need_second(False))
        self.submitted.connect(self.ask)

    def ask(self) -> None:
        """Look up the customer, if number and ZIP are possible."""
        if self.complete():
            second = "" if self._second_row.isHidden() else self.second.text().strip()
            self.asked.emit(customer_number_in(self.number.text()), self.zip_code.text().strip(), second)

    def clear(self) -> None:
        """Clear the fields and everything said about them."""
        self.number.clear()
        self.zip_code.clear()
        self.need_second(False)
        self.unmark()

    def need_second(self, needed: bool) -> None:
        """Ask for a second identifier, or withdraw the question."""
        self._second_row.setVisible(needed)
        self._second_row.hint(words.SECOND_HINT)
        self._row.hint(words.ZIP_NOT_ON_FILE if needed else words.ZIP_HINT)
        if needed:
            self.second.setFocus()
        else:
            self.second.clear()

    def say(self, problem: str) -> None:
        """Show an error below the fields."""
        if self._second_row.isHidden():
            self._row.mark(self.zip_code, problem)
        else:
            self._second_row.mark(self.second, problem)

    def _check_number(self) -> str:
        return "" if customer_number_in(self.number.text()) else words.CUSTOMER_MISSING

    def _check_zip(self) -> str:
        # An empty ZIP is allowed: a customer may have none on file, and only the agency system knows.
        typed = self.zip_code.text().strip()
        return "" if not typed or zip5(typed) else words.ZIP_WRONG

    def _check_second(self) -> str:
        return "" if self.second.text().strip() else words.SECOND_MISSING


class LookupPage(QFrame):
    """The lookup forms. They emit what to look up, and do not see the answers.

    Only the form of a payment without an invoice is elsewhere, in the place of the answers.
    """

    mode_changed = Signal(object)
    canceled = Signal()
    cleared = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("lookup")
        self.setProperty("role", "card")
        self.mode = Choice(
            "lookup.mode",
            words.LOOK_UP_BY_SPOKEN,
            [
                (Mode.INVOICE, with_key(words.BY_INVOICE, "F2")),
                (Mode.CUSTOMER, with_key(words.BY_CUSTOMER, "F3")),
                (Mode.ANYTIME, with_key(words.ANYTIME, "F4")),
                (Mode.SEARCH, with_key(words.BY_SEARCH, "F5")),
            ],
        )
        self.invoice, self.customer, self.anytime = InvoiceForm(), CustomerForm(), AnytimeForm()
        self.finder = SearchForm()
        self._forms: dict[Mode, Form] = {
            Mode.INVOICE: self.invoice,
            Mode.CUSTOMER: self.customer,
            Mode.ANYTIME: self.anytime,
            Mode.SEARCH: self.finder,
        }
        self._busy = Elided(words.ASKING, "small", "lookup.busy")
        self._cancel = button(with_key(words.CANCEL, "Esc"), "lookup.cancel", role="quiet")
        self._cancel.clicked.connect(self.canceled)
        self._clear = button(words.NEXT_CUSTOMER, "lookup.clear", key="F12", role="quiet")
        self._clear.clicked.connect(self.cleared)
        self._line = QProgressBar()
        self._line.setMaximum(0)
        self._line.setTextVisible(False)
        self._line.setObjectName("lookup.progress")
        self._line.setAccessibleName(words.ASKING_SPOKEN)
        self._busy_soon = pause(self, BUSY_AFTER_MS, lambda: self._show_progress(True))
        self._lay_out()
        self.mode.changed.connect(self._switched)
        for one in self.mode.findChildren(QAbstractButton):
            one.installEventFilter(self)
        self._switched()
        self.show_busy(False)
        # Only on this page: on other pages F5 asks again.
        shortcut(self, "F5", lambda: self.switch(Mode.SEARCH), words.BY_SEARCH)

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
        for form in (self.invoice, self.customer, self.finder):
            column.addWidget(form)
        self._line.setParent(self)
        self._line.setFixedHeight(3)

    def switch(self, mode: Mode) -> None:
        """Show a lookup and move the keyboard into it. Entries in the other lookups stay."""
        self.mode.choose(mode)
        self.start()

    def correct(self) -> None:
        """Move the keyboard to the field to correct: a ZIP that is missing, or the first one."""
        self.start()
        if self.mode.value is Mode.CUSTOMER and not self.customer.zip_code.text().strip():
            self.customer.zip_code.setFocus()

    def start(self) -> None:
        """Move the keyboard to the first field, with its text selected."""
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
        """Look up an invoice as if its number had been typed."""
        self.switch(Mode.INVOICE)
        self.invoice.number.setText(number)
        self.invoice.ask()

    def ask_zip(self, customer_number: str) -> None:
        """Continue with a customer found by search. The ZIP must still be asked for."""
        self.switch(Mode.CUSTOMER)
        self.customer.number.setText(customer_number)
        self.customer.need_second(False)
        self.customer.zip_code.clear()
        self.customer.unmark()  # an error is that of the customer before
        self.customer.zip_code.setFocus()

    def type_on(self, digits: str) -> None:
        """Start a new invoice number with digits that were typed elsewhere."""
        self.switch(Mode.INVOICE)
        self.invoice.number.setText(digits)
        self.invoice.number.end(False)

    def say(self, problem: str) -> None:
        """Show an error below the field it concerns."""
        if self.mode.value is Mode.INVOICE:
            self.invoice.say(problem)
        elif self.mode.value is Mode.CUSTOMER:
            self.customer.say(problem)

    @property
    def looks_up(self) -> bool:
        """True if the keyboard is in the number that was looked up, or beside it."""
        forms = {Mode.INVOICE: self.invoice, Mode.CUSTOMER: self.customer}
        form = forms.get(self.mode.value)
        typing = QApplication.focusWidget()
        return form is not None and (typing is None or form.isAncestorOf(typing))

    @property
    def entries(self) -> list[Entry]:
        """The fields of all forms."""
        return [entry for form in self._forms.values() for entry in form.findChildren(Entry)]

    def clear(self) -> None:
        """Clear what was entered for the last caller."""
        self.invoice.clear()
        self.customer.clear()
        self.anytime.clear()
        self.finder.unmark()

    def be_compact(self, compact: bool) -> None:
        """Reduce the margins in a small window."""
        edge = Space.S if compact else Space.L
        self._column.setContentsMargins(edge, Space.S if compact else Space.M, edge, Space.S)
        self._clear.setText(with_key(words.NEXT_CUSTOMER_COMPACT if compact else words.NEXT_CUSTOMER, "F12"))
        anytime = words.ANYTIME_COMPACT if compact else words.ANYTIME
        self.mode.reword(Mode.ANYTIME, with_key(anytime, "F4"))

    def show_busy(self, busy: bool) -> None:
        """Show that the agency system is being asked and that Esc stops it. A quick answer shows nothing."""
        if busy:
            self._busy_soon.start()
        else:
            self._busy_soon.stop()
            self._show_progress(False)

    def _show_progress(self, on: bool) -> None:
        for part in (self._busy, self._cancel, self._line):
            part.setVisible(on)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Move the keyboard into the lookup that was clicked. Arrow keys go on to the next one."""
        if event.type() == QEvent.Type.MouseButtonRelease:
            QTimer.singleShot(0, self, self.start)  # after the click
        return super().eventFilter(watched, event)

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
    go = button(words.LOOK_UP, name, icon="search")
    go.clicked.connect(ask)
    row.add("", go, stretch=0)
    row.add("", QWidget())
