"""The invoice table: Space selects, Enter continues to the charge, a scanned number starts a lookup."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemDelegate, QLineEdit, QStyleOptionViewItem, QWidget

from paydesk.domain.errors import KnownError
from paydesk.domain.invoices.selection import Row
from paydesk.ui.kit.theme import ROW_HEIGHT
from paydesk.ui.lists.cells import BAND, RowDelegate
from paydesk.ui.lists.model import Index
from paydesk.ui.lists.table import Table
from paydesk.ui.qt.timers import pause
from paydesk.ui.take.invoice_model import InvoiceTableModel, part_in
from paydesk.ui.take.words import selection as words

SCAN_GAP_MS = 60
"""Most milliseconds between two digits of one number, from a scanner or a fast typist. A digit alone is a
choice."""

_ENDS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab)

_WIDTHS = {
    "tick": 40, "invoice": 72, "invoiced": 104, "due": 104, "status": 176, "policy": 108,
    "amount": 94, "balance": 94, "pay": 94,
}  # fmt: skip
_LEAST, _ROOMY = 546, 608
"""Widths in device-independent pixels that show both dates and the balance beside a scroll bar: with the due
status cut, and with all of it."""
_CUT_STATUS = 112
_TITLES = 32
"""Height of the titles, in device-independent pixels."""
_NEVER_CUT = ("invoice", "invoiced", "due", "amount", "balance", "pay")
"""Not the status: the reason of an unpayable row goes over the next columns."""


class PartDelegate(RowDelegate):
    """Editor for a partial amount. An impossible amount stays in the editor until the clerk corrects it."""

    def __init__(self, model: InvoiceTableModel, table: InvoiceTable) -> None:
        super().__init__(model, table)
        self._invoices, self._table = model, table

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:
        """Put the editor into the row, below the line above its group."""
        above = BAND if index.row() in self._invoices.bands else 0
        editor.setGeometry(option.rect.adjusted(0, above, 0, 0))

    def eventFilter(self, editor: QObject, event: QEvent) -> bool:
        """Let Enter and Tab end the edit only if the amount can be paid."""
        ends = isinstance(event, QKeyEvent) and event.key() in _ENDS and event.type() == QEvent.Type.KeyPress
        row = self._table.current
        if ends and row is not None and isinstance(editor, QLineEdit):
            try:
                part_in(editor.text(), row)
            except KnownError as error:
                self._invoices.refused.emit(error)
                editor.selectAll()
                return True
        return super().eventFilter(editor, event)


class InvoiceTable(Table):
    """The table. Enter emits ``go_on``, one digit ``choose``, and several fast digits ``number_typed``.

    ``refused`` carries the row that was to be selected and cannot be.
    """

    go_on = Signal()
    refused = Signal(object)
    choose = Signal(int)
    number_typed = Signal(str)

    def __init__(self, model: InvoiceTableModel) -> None:
        super().__init__("selection.table", words.INVOICES_SPOKEN, model)
        self._invoices = model
        self._rows = PartDelegate(model, self)
        self._rows.sums_under = "balance"  # the amounts to pay may stand right of it
        self.setItemDelegate(self._rows)
        self._digits = ""
        self._pause = pause(self, SCAN_GAP_MS, self.end_digits)
        spare = ("amount", "policy", "description", "invoiced")
        self.setMinimumSize(_LEAST, _TITLES + BAND + ROW_HEIGHT)  # a whole row
        self.set_widths(_WIDTHS, stretch="description", spare=spare, grow=_NEVER_CUT)
        self.keys = {
            Qt.Key.Key_Space: self.toggle_current,
            Qt.Key.Key_Return: self._enter,
            Qt.Key.Key_Enter: self._enter,
        }
        self._hide_pay()
        model.changed.connect(self._hide_pay)
        self.clicked.connect(self._clicked)
        self.doubleClicked.connect(self._double_clicked)
        model.modelReset.connect(self._span_reasons)
        model.rowsInserted.connect(self._span_reasons)
        model.rowsRemoved.connect(self._span_reasons)
        model.dataChanged.connect(self._span_reasons)
        model.layoutChanged.connect(self._span_reasons)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Cut the due status in a narrow window, and no date: its icon and the group say what counts."""
        width = _WIDTHS["status"] if self.width() >= _ROOMY else _CUT_STATUS
        self._widths["status"] = width
        self.setColumnWidth(self._invoices.column("status"), width)
        super().resizeEvent(event)

    @property
    def current(self) -> Row | None:
        """The row with the keyboard, or None."""
        return self._invoices.value(self.currentIndex())

    @property
    def editing(self) -> bool:
        """True while an amount is typed."""
        return self.state() == Table.State.EditingState

    def go_to(self, place: int) -> None:
        """Move the keyboard to a row."""
        self.setCurrentIndex(self._invoices.index(place, self._invoices.column("invoice")))

    def toggle_current(self) -> None:
        """Select or clear the current row."""
        row = self.current
        if row is not None and not self._invoices.toggle(row):
            self.refused.emit(row)

    def edit_part(self) -> None:
        """Edit a smaller amount for the current row. Selects the row first."""
        row = self.current
        if row is None:
            return
        if not row.payable:
            self.refused.emit(row)
            return
        if not self._invoices.is_ticked(row):
            self._invoices.toggle(row)
        self.show_column("pay", True)
        self.edit(self._invoices.index(self.currentIndex().row(), self._invoices.column("pay")))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Collect digits: one alone chooses a tender, several in a row are the next invoice number."""
        if self.editing:
            # Qt passes the editor's Enter to the table before the amount is stored.
            event.accept()
        elif event.text().isdecimal() and event.text().isascii():
            self._digits += event.text()
            self._pause.start()
            if len(self._digits) > 1:
                self.end_digits()
        else:
            super().keyPressEvent(event)

    def end_digits(self) -> None:
        """Take what was typed as a choice or as a number, without waiting for another digit."""
        digits, self._digits = self._digits, ""
        self._pause.stop()
        if len(digits) == 1:
            self.choose.emit(int(digits))
        elif digits:
            self.number_typed.emit(digits)

    def _enter(self) -> None:
        self.end_digits()
        self.go_on.emit()

    def _clicked(self, index: QModelIndex) -> None:
        if index.column() == self._invoices.column("tick"):
            self.toggle_current()

    def _double_clicked(self, index: QModelIndex) -> None:
        if index.column() == self._invoices.column("pay"):
            self.edit_part()
        elif index.column() != self._invoices.column("tick"):
            self.toggle_current()

    def closeEditor(self, editor: QWidget, hint: QAbstractItemDelegate.EndEditHint) -> None:
        """Return to the table after a partial amount was typed."""
        super().closeEditor(editor, hint)
        self._hide_pay()

    def _hide_pay(self) -> None:
        """Show the amount to pay only if it differs from a balance."""
        if not self.editing:
            self.show_column("pay", self._invoices.has_parts)

    def _span_reasons(self) -> None:
        """Span the reason of an unpayable row over the columns up to the amounts."""
        first, last = self._invoices.column("status"), self._invoices.column("amount") - 1
        self.clearSpans()
        for place, row in enumerate(self._invoices.rows):
            if not row.payable and row.status is not None:
                self.setSpan(place, first, 1, last - first + 1)
