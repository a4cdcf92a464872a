"""The invoice table: Space ticks, Enter goes on to the charge, a scanned number starts the next lookup."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemDelegate, QLineEdit, QWidget

from paydesk.domain.errors import KnownError
from paydesk.domain.selection import Row
from paydesk.ui.invoice_model import InvoiceTableModel, part_in
from paydesk.ui.tables import RowDelegate, Table

SCAN_GAP_MS = 60
"""Digits closer together than this come from a scanner or a fast typist: a number, not a choice."""

_ENDS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab)

_WIDTHS = {
    "tick": 44, "invoice": 84, "status": 188, "due": 116, "policy": 118,
    "amount": 96, "balance": 96, "pay": 96,
}  # fmt: skip


class PartDelegate(RowDelegate):
    """Lets a part be typed; what cannot be paid stays in its editor until it is put right."""

    def __init__(self, model: InvoiceTableModel, table: InvoiceTable) -> None:
        super().__init__(model, table)
        self._invoices, self._table = model, table

    def eventFilter(self, editor: QObject, event: QEvent) -> bool:
        """Enter and Tab end the typing only with an amount that can be paid."""
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
    """``go_on`` on Enter, ``choose`` on a single digit, ``number_typed`` when digits follow fast."""

    go_on = Signal()
    choose = Signal(int)
    number_typed = Signal(str)

    def __init__(self, model: InvoiceTableModel) -> None:
        super().__init__("selection.table", "Invoices", model)
        self._invoices = model
        self._rows = PartDelegate(model, self)
        self.setItemDelegate(self._rows)
        self._digits = ""
        self._pause = QTimer(self, interval=SCAN_GAP_MS, singleShot=True)
        self._pause.timeout.connect(self._digits_ended)
        self.set_widths(_WIDTHS, stretch="description", spare=("due", "policy", "amount"))
        self.keys = {
            Qt.Key.Key_Space: self.toggle_current,
            Qt.Key.Key_Return: self._enter,
            Qt.Key.Key_Enter: self._enter,
            Qt.Key.Key_F7: self.edit_part,
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

    @property
    def current(self) -> Row | None:
        """The row the keyboard is on."""
        return self._invoices.value(self.currentIndex())

    def go_to(self, place: int) -> None:
        """Put the keyboard on a row."""
        self.setCurrentIndex(self._invoices.index(place, self._invoices.column("invoice")))

    def toggle_current(self) -> None:
        """Tick or untick the current row, and step to the next one that can be ticked."""
        row = self.current
        if row is not None:
            self._invoices.toggle(row)

    def edit_part(self) -> None:
        """Type a smaller amount for the current row; ticks it first."""
        row = self.current
        if row is None or not row.payable:
            return
        if not self._invoices.is_ticked(row):
            self._invoices.toggle(row)
        self.showColumn(self._invoices.column("pay"))
        self.edit(self._invoices.index(self.currentIndex().row(), self._invoices.column("pay")))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Digits: one alone chooses a tender, several in a row are the next invoice number."""
        if self.state() == Table.State.EditingState:
            # Qt lets the editor's Enter through to the table before the amount is taken over.
            event.accept()
        elif event.text().isdecimal() and event.text().isascii():
            self._digits += event.text()
            self._pause.start()
            if len(self._digits) > 1:
                self._digits_ended()
        else:
            super().keyPressEvent(event)

    def _digits_ended(self) -> None:
        digits, self._digits = self._digits, ""
        self._pause.stop()
        if len(digits) == 1:
            self.choose.emit(int(digits))
        elif digits:
            self.number_typed.emit(digits)

    def _enter(self) -> None:
        if self._digits:
            self._digits_ended()
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
        """Back to the table when a part has been typed."""
        super().closeEditor(editor, hint)
        self._hide_pay()

    def _hide_pay(self) -> None:
        """What is paid is shown beside the balance only where the two differ."""
        if self.state() != Table.State.EditingState:
            self.setColumnHidden(self._invoices.column("pay"), not self._invoices.has_parts)

    def _span_reasons(self) -> None:
        """Where a row cannot be ticked, its reason takes the room up to the amounts."""
        first, last = self._invoices.column("status"), self._invoices.column("policy")
        self.clearSpans()
        for place, row in enumerate(self._invoices.rows):
            if not row.payable and row.mark is not None:
                self.setSpan(place, first, 1, last - first + 1)
