"""Fields for what a file does not tell for certain: sheet, heading line, age, date order, and customer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, tzinfo

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QVBoxLayout, QWidget

from paydesk.domain import dates
from paydesk.domain.invoices.columns import HEADER_WITHIN
from paydesk.domain.invoices.headings import Field
from paydesk.domain.invoices.reading import DateOrder, DecimalSign
from paydesk.services.invoices.import_preview import Answers, Preview, customer_in
from paydesk.ui.imports import words
from paydesk.ui.kit.line_edits import Entry
from paydesk.ui.kit.theme import Space
from paydesk.ui.kit.widgets import label, stack
from paydesk.ui.lists.flow import Flow

_TIME_WIDTH = 27
"""Characters of a date with its time, and of the margins around them."""


class AnswersRow(QWidget):
    """The fields, each filled with what the file tells. ``changed`` carries the new Answers."""

    changed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._preview: Preview | None = None
        self._zone: tzinfo | None = None
        self.sheet, self.line = _list("sheet", words.SHEET), _list("line", words.HEADING_LINE)
        self.order, self.decimal = _list("order", words.DATE_ORDER), _list("decimal", words.DECIMAL)
        self.as_of = Entry("import.as_of", words.AS_OF)
        self.customer = Entry("import.customer", words.ONLY_CUSTOMER)
        for field in (self.as_of, self.customer):
            field.card_refused.connect(field.setPlaceholderText)
            field.editingFinished.connect(self._tell)
        self.as_of.setPlaceholderText(words.AS_OF_LIKE)
        self.as_of.setMinimumWidth(self.as_of.fontMetrics().averageCharWidth() * _TIME_WIDTH)
        self.customer.setPlaceholderText(words.CUSTOMER_LIKE)
        for choice in (self.sheet, self.line, self.order, self.decimal):
            choice.activated.connect(lambda _place: self._tell())
        self._captioned = {
            field: _captioned(text, field)
            for text, field in (
                (words.SHEET, self.sheet),
                (words.HEADING_LINE, self.line),
                (words.AS_OF, self.as_of),
                (words.DATE_ORDER, self.order),
                (words.DECIMAL, self.decimal),
                (words.ONLY_CUSTOMER, self.customer),
            )
        }
        around = Flow(self, Space.L)
        for captioned in self._captioned.values():
            around.addWidget(captioned)

    def show_preview(self, preview: Preview, zone: tzinfo) -> None:
        """Show what the file tells, and hide what it cannot have."""
        self._preview, self._zone = preview, zone
        report, header = preview.report, preview.header
        _fill(self.sheet, [(name, name) for name in report.sheets], report.sheet)
        lines = [(words.line_number(at), at) for at in range(1, HEADER_WITHIN + 1)]
        _fill(self.line, lines, header.line - (1 if header.below else 0))
        _fill(self.order, list(words.DATE_ORDERS.items()), preview.answers.date_order, swap=True)
        _fill(self.decimal, list(words.DECIMALS.items()), preview.answers.decimal, swap=True)
        self.as_of.setText(dates.day_and_time(preview.as_of.astimezone(zone)))
        told = preview.answers.customer
        self.customer.setText(" ".join(told) if told else "")
        self._captioned[self.sheet].setVisible(len(report.sheets) > 1)
        missing = Field.CUSTOMER_NUMBER not in header.columns.of
        self._captioned[self.customer].setVisible(missing and Field.INVOICE_NUMBER in header.columns.of)

    def _tell(self) -> None:
        if self._preview is None:
            return
        answers = self._answers(self._preview)
        if answers != self._preview.answers:
            self.changed.emit(answers)

    def _answers(self, preview: Preview) -> Answers:
        before, header = preview.answers, preview.header
        line = self.line.currentData()
        shown = header.line - (1 if header.below else 0)
        sheet = self.sheet.currentData() or ""
        order, decimal = self.order.currentData(), self.decimal.currentData()
        return replace(
            before,
            sheet=sheet if sheet != preview.report.sheet else before.sheet,
            heading_row=line if line != shown else before.heading_row,
            date_order=DateOrder(order) if order else None,  # Qt keeps an enum of texts as a bare text
            decimal=DecimalSign(decimal) if decimal else None,
            as_of=self._typed_time(preview),
            customer=customer_in(self.customer.text()),
        )

    def _typed_time(self, preview: Preview) -> datetime | None:
        """Return the time that was typed, or None while the one of the file stands unchanged."""
        assert self._zone is not None
        text = self.as_of.text().strip()
        if text == dates.day_and_time(preview.as_of.astimezone(self._zone)):
            return preview.answers.as_of
        entered = dates.day_and_time_in(text)
        if entered is not None:
            return entered.replace(tzinfo=self._zone)
        self.as_of.setText(dates.day_and_time(preview.as_of.astimezone(self._zone)))
        return preview.answers.as_of


def _list(name: str, spoken: str) -> QComboBox:
    made = QComboBox()
    made.setObjectName(f"import.{name}")
    made.setAccessibleName(spoken)
    return made


def _captioned(text: str, field: QWidget) -> QWidget:
    made = QWidget()
    caption = label(text, "caption")
    caption.setBuddy(field)
    inner: QVBoxLayout = stack(made, caption, field, spacing=Space.XS)
    inner.setContentsMargins(0, 0, 0, 0)
    return made


def _fill(
    choice: QComboBox, items: Sequence[tuple[object, object]], chosen: object, *, swap: bool = False
) -> None:
    """Fill a list of texts and values, and choose a value. ``swap`` if the value comes first."""
    choice.clear()
    for text, value in ((value, text) for text, value in items) if swap else items:
        choice.addItem(str(text), value)
    found = [at for at in range(choice.count()) if choice.itemData(at) == chosen]
    choice.setCurrentIndex(found[0] if found else 0)
