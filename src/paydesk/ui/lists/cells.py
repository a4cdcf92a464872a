"""Cells of a list, drawn without the style: row color, icon, text, and the bar of the current row."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QAbstractItemView, QStyledItemDelegate, QTableView, QWidget

from paydesk.ui.kit import icons, theme
from paydesk.ui.kit.theme import Space
from paydesk.ui.lists.model import LEFT, RIGHT, Band, Column, Index, Role, TableModel

if TYPE_CHECKING:
    from PySide6.QtWidgets import QStyleOptionViewItem

TICK = 20
"""Side of a check box, in device-independent pixels."""


BAND = 30
"""Height of the line above a group, in device-independent pixels."""

BAR, FRAME = 3, 2
"""Widths of the bar at the left edge of a row, and of the frame, in device-independent pixels."""


def before_sums(band: Band, metrics: QFontMetrics, width: int) -> str:
    """Return the text of a band, cut so that it ends before its sums."""
    room = width - metrics.horizontalAdvance(band.sums) - Space.M
    return metrics.elidedText(band.text, Qt.TextElideMode.ElideRight, max(room, 0))


class RowDelegate(QStyledItemDelegate):
    """Draws cells itself: row color, icon, one line of text, and a hairline below.

    Drawing without the style shows an answer at once, and keeps a red row red while it is current. A bar at
    the left edge marks the current row, or a frame if the row has a bar and a background of its own. Its
    color shows if the table has the keyboard.
    """

    hairlines = True
    too_narrow: Callable[[Column[Any], int], None] | None = None
    """Hears of a column whose text was cut, and the width that it needs."""
    padding: int = Space.S
    sums_under = ""
    """The column below whose right edge the sums of a band end, or ``""`` for that of the list."""

    def __init__(self, model: TableModel[Any], parent: QWidget) -> None:
        super().__init__(parent)
        self._model = model

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw one cell."""
        from PySide6.QtWidgets import QStyle  # slow to load, and not needed before the first row

        rect = option.rect
        band = self._model.bands.get(index.row())
        if band is not None:
            self._paint_band(painter, rect, option.widget, band)
            rect = rect.adjusted(0, BAND, 0, 0)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        row, column, cell = (
            self._model.rows[index.row()],
            self._model.columns[index.column()],
            self._model.cell,
        )
        ground = cell(row, column, Qt.ItemDataRole.BackgroundRole)
        bar = cell(row, column, Role.BAR) if ground is not None else None
        if ground is not None or selected:
            current = cell(row, column, Role.CURRENT) if selected else ground
            painter.fillRect(rect, current or theme.color("selected"))
        if self.hairlines:
            painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, theme.color("hair"))
        if bar is not None and index.column() == 0:
            painter.fillRect(rect.left(), rect.top(), BAR, rect.height(), bar)
        marked = bar is not None or index.column() == 0
        if marked and (selected or _is_current(option.widget, index)):
            mark = theme.color("accent" if option.widget.hasFocus() else "edge")
            if bar is not None:
                painter.fillRect(rect.left(), rect.top(), rect.width(), FRAME, mark)
                painter.fillRect(rect.left(), rect.bottom() + 1 - FRAME, rect.width(), FRAME, mark)
            else:
                painter.fillRect(rect.left(), rect.top(), BAR, rect.height(), mark)
        if index.column() == 0:
            self._paint_tick(painter, rect, cell(row, column, Qt.ItemDataRole.CheckStateRole))
        self._paint_text(painter, rect, partial(cell, row, column), column)

    def _paint_band(self, painter: QPainter, rect: QRect, view: QWidget, band: Band) -> None:
        """Draw this cell's part of the line above a group, which goes over the whole list."""
        part = QRect(rect.left(), rect.top(), rect.width(), BAND)
        assert isinstance(view, QTableView)
        end = view.viewport().width()
        if self.sums_under:
            place = self._model.column(self.sums_under)
            end = view.columnViewportPosition(place) + view.columnWidth(place)
        line = QRect(0, rect.top(), end, BAND)
        painter.save()
        painter.setClipRect(part)
        painter.fillRect(part, theme.color("raised"))
        painter.setPen(theme.color("ink"))
        painter.setFont(theme.font("small", QFont.Weight.DemiBold))
        inner = line.adjusted(Space.S, 0, -Space.S, 0)
        painter.drawText(inner, LEFT, before_sums(band, painter.fontMetrics(), inner.width()))
        painter.drawText(inner, RIGHT, band.sums)
        painter.restore()

    def _paint_tick(self, painter: QPainter, rect: QRect, state: Qt.CheckState | None) -> None:
        if state is None:
            return
        ticked = Qt.CheckState(state) == Qt.CheckState.Checked
        box = icons.pixmap("box-ticked" if ticked else "box", "accent" if ticked else "edge", TICK)
        corner = rect.center() - QPoint(TICK // 2 - 1, TICK // 2)
        painter.drawPixmap(corner, box)

    def _paint_text(
        self, painter: QPainter, rect: QRect, cell: Callable[[int], Any], column: Column[Any]
    ) -> None:
        inner = rect.adjusted(self.padding, 0, -self.padding, 0)
        sign = cell(Qt.ItemDataRole.DecorationRole)
        if sign is not None:
            side = theme.ICON.width()
            painter.drawPixmap(QRect(inner.left(), rect.center().y() - side // 2, side, side), sign)
            inner.setLeft(inner.left() + side + Space.S)
        text = cell(Qt.ItemDataRole.DisplayRole)
        if not text:
            return
        plain = theme.font("body", figures=column.right)
        painter.setFont(cell(Qt.ItemDataRole.FontRole) or plain)
        painter.setPen(cell(Qt.ItemDataRole.ForegroundRole) or theme.color("ink"))
        cut = painter.fontMetrics().elidedText(text, column.elide, inner.width())
        if cut != text and self.too_narrow is not None:
            used = rect.width() - inner.width()
            self.too_narrow(column, used + painter.fontMetrics().horizontalAdvance(text) + 1)
        painter.drawText(inner, cell(Qt.ItemDataRole.TextAlignmentRole), cut)


def _is_current(view: QWidget, index: Index) -> bool:
    """Return True for the row with the keyboard, which may be one that Ctrl and a click took out again."""
    return isinstance(view, QAbstractItemView) and view.currentIndex().row() == index.row()


def frame_if_focused(view: QAbstractItemView) -> None:
    """Paint the frame of an empty list that has the keyboard: there is no row that could show it."""
    if view.hasFocus():
        painter = QPainter(view.viewport())
        painter.setPen(QPen(theme.color("accent"), 2))
        painter.drawRect(view.viewport().rect().adjusted(1, 1, -1, -1))
