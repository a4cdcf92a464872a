"""Lines of text beside a list, such as a payment's details: wrapped, read and copied by keyboard."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import QPoint, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QFontMetricsF,
    QGuiApplication,
    QPainter,
    QResizeEvent,
    QTextLayout,
    QTextOption,
)
from PySide6.QtWidgets import QAbstractItemView, QMenu, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from paydesk.ui.kit import theme, words
from paydesk.ui.kit.theme import Space
from paydesk.ui.kit.widgets import native_key
from paydesk.ui.lists.model import Index, TableModel
from paydesk.ui.lists.table import Table

LINE = 23
"""Height of one line of text, in device-independent pixels."""
_EDGE = Space.XS
"""Half of the room at the left, where a bar marks the current line."""
_OPTION = QTextOption(Qt.AlignmentFlag.AlignLeft)
_OPTION.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)


class LineDelegate(QStyledItemDelegate):
    """Draws a cell with all of its text, below one another if it is long."""

    def __init__(self, model: TableModel[Any], parent: QWidget) -> None:
        super().__init__(parent)
        self._model = model

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw one cell. The current line is marked while it has the keyboard."""
        from PySide6.QtWidgets import QStyle  # slow to load, and not needed before the first line

        row, column = self._model.rows[index.row()], self._model.columns[index.column()]
        if option.state & QStyle.StateFlag.State_Selected:
            # Also without the keyboard: Qt has filled the row with its highlight, too dark to read on.
            focused = option.widget.hasFocus()
            painter.fillRect(option.rect, theme.color("selected" if focused else "surface"))
            if focused and index.column() == 0:
                bar = QRect(option.rect.left(), option.rect.top(), 3, option.rect.height())
                painter.fillRect(bar, theme.color("accent"))
        painter.setFont(theme.font("body"))
        painter.setPen(self._model.cell(row, column, Qt.ItemDataRole.ForegroundRole) or theme.color("ink"))
        room = QRectF(option.rect).adjusted(2 * _EDGE, (LINE - _line_height()) / 2, -_EDGE, 0)
        painter.drawText(room, column.text(row), _OPTION)


class Lines(Table):
    """Captions and texts. Arrow keys move, Ctrl+C copies a text, Esc emits ``left``.

    Only whole lines are shown, wherever it is scrolled to.
    """

    left = Signal()

    def __init__(self, name: str, spoken: str, model: TableModel[Any], caption_width: int) -> None:
        super().__init__(name, spoken, model)
        self._caption, self._text = model.columns
        self.setItemDelegate(LineDelegate(model, self))
        self.horizontalHeader().hide()
        self.set_widths({self._caption.name: caption_width}, stretch=self._text.name)
        self.let_select_several()
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.verticalHeader().setMinimumSectionSize(LINE)
        self.verticalHeader().setDefaultSectionSize(LINE)
        self.verticalScrollBar().setSingleStep(LINE)
        self.keys[Qt.Key.Key_Escape] = self.left.emit
        model.modelReset.connect(self.fit_heights)

    @property
    def whole_height(self) -> int:
        """The height of all lines, in device-independent pixels."""
        return sum(self.rowHeight(place) for place in range(len(self._model.rows)))

    def fit_heights(self) -> None:
        """Give each line the height of its wrapped caption and text."""
        # Not the column's own width, which the header sets only after the scroll bar has come or gone.
        caption_width = self.columnWidth(0)
        text_width = self.viewport().width() - caption_width
        for place, row in enumerate(self._model.rows):
            lines = max(
                _lines_in(self._caption.text(row), caption_width - 3 * _EDGE),
                _lines_in(self._text.text(row), text_width - 3 * _EDGE),
            )
            self.setRowHeight(place, LINE * lines)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Wrap again for the new width."""
        super().resizeEvent(event)
        self.fit_heights()

    def updateGeometries(self) -> None:
        """Leave no room for half a line."""
        super().updateGeometries()
        rest = self.height() % LINE
        if self.viewportMargins().bottom() != rest:
            self.setViewportMargins(0, 0, 0, rest)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Begin with the first line. Qt makes it the current one, and selects it only at the next key."""
        super().focusInEvent(event)
        if self._model.rows and not self.selectionModel().hasSelection():
            self.setCurrentIndex(self._model.index(max(self.currentIndex().row(), 0), 0))
        self.viewport().update()

    def copied(self, rows: Sequence[Any]) -> str:
        """Return the text of one line, or several lines with their captions."""
        return self._text.text(rows[0]) if len(rows) == 1 else super().copied(rows)

    def copy_menu(self, place: QPoint) -> QMenu:
        """Return the menu for the line at a place of the viewport. Its first action copies the text."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        row = self._model.value(self.indexAt(place)) or next(iter(self.chosen), None)
        text = self._text.text(row) if row is not None else ""
        copy = menu.addAction(
            f"{words.COPY}\t{native_key('Ctrl+C')}", partial(QGuiApplication.clipboard().setText, text)
        )
        copy.setEnabled(bool(text))
        menu.addAction(words.COPY_ALL, self._copy_all).setEnabled(bool(self._model.rows))
        return menu

    def _copy_all(self) -> None:
        QGuiApplication.clipboard().setText(super().copied(self._model.rows))

    def scrollTo(
        self, index: Index, hint: QAbstractItemView.ScrollHint = QAbstractItemView.ScrollHint.EnsureVisible
    ) -> None:
        """Scroll without moving sideways."""
        super().scrollTo(self._model.index(index.row(), 0), hint)


def _line_height() -> float:
    return QFontMetricsF(theme.font("body")).lineSpacing()


def _lines_in(text: str, width: int) -> int:
    """Return the number of lines that a text takes in a width, at least one."""
    layout = QTextLayout(text, theme.font("body"))
    layout.setTextOption(_OPTION)
    layout.beginLayout()
    count = 0
    while (line := layout.createLine()).isValid():
        line.setLineWidth(max(width, 1))
        count += 1
    layout.endLayout()
    return max(count, 1)
