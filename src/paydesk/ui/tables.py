"""Tables as PayDesk shows them: even rows, hairlines, the current row marked, nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPalette
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
)

from paydesk.ui import icons, theme
from paydesk.ui.models import Index, TableModel
from paydesk.ui.theme import Space


class RowDelegate(QStyledItemDelegate):
    """Draws cells with a hairline below and the current row tinted, with a bar at its left edge."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        """Ticks as large boxes; no focus rectangle: the row's bar shows where the keyboard is."""
        super().initStyleOption(option, index)
        option.state &= ~QStyle.StateFlag.State_HasFocus
        ink = option.palette.color(QPalette.ColorRole.Text)
        option.palette.setColor(QPalette.ColorRole.HighlightedText, ink)
        option.palette.setColor(QPalette.ColorRole.Highlight, theme.color("selected"))
        if option.features & QStyleOptionViewItem.ViewItemFeature.HasCheckIndicator:
            option.features &= ~QStyleOptionViewItem.ViewItemFeature.HasCheckIndicator

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """The cell, then what all cells of PayDesk share."""
        super().paint(painter, option, index)
        rect = option.rect
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, theme.color("line"))
        check = index.data(Qt.ItemDataRole.CheckStateRole)
        if check is not None:
            self._paint_tick(painter, rect, Qt.CheckState(check))
        if index.column() == 0 and option.state & QStyle.StateFlag.State_Selected:
            on = bool(option.state & QStyle.StateFlag.State_Active) and option.widget.hasFocus()
            painter.fillRect(
                rect.left(), rect.top(), 3, rect.height(), theme.color("accent" if on else "edge")
            )

    def _paint_tick(self, painter: QPainter, rect: QRect, state: Qt.CheckState) -> None:
        ticked = state == Qt.CheckState.Checked
        box = icons.pixmap("box-ticked" if ticked else "box", "accent" if ticked else "edge", 20)
        painter.drawPixmap(rect.center().x() - 9, rect.center().y() - 9, box)


class Table(QTableView):
    """A read-only table of whole rows with fixed heights; ``keys`` are handled before Qt's own."""

    def __init__(self, name: str, spoken: str, model: TableModel[Any]) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(spoken)
        self.setModel(model)
        self.setItemDelegate(RowDelegate(self))
        self.keys: dict[Qt.Key, Callable[[], None]] = {}
        self._calm()

    def _calm(self) -> None:
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setIconSize(theme.ICON)
        self.setFrameShape(QTableView.Shape.NoFrame)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        rows = self.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(theme.ROW_HEIGHT)
        titles = self.horizontalHeader()
        titles.setHighlightSections(False)
        titles.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        titles.setMinimumSectionSize(Space.XXL)
        titles.setFixedHeight(theme.ROW_HEIGHT - Space.XS)

    def set_widths(self, widths: Mapping[str, int], stretch: str) -> None:
        """Widths by column name; one column takes what is left."""
        model = self.model()
        assert isinstance(model, TableModel)
        for name, width in widths.items():
            self.setColumnWidth(model.column(name), width)
        self.horizontalHeader().setSectionResizeMode(model.column(stretch), QHeaderView.ResizeMode.Stretch)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keys with a meaning here come first."""
        plain = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier == Qt.KeyboardModifier.NoModifier
        act = self.keys.get(Qt.Key(event.key())) if plain else None
        if act is None or event.isAutoRepeat():
            super().keyPressEvent(event)
        else:
            act()

    def sizeHint(self) -> QSize:
        """Small: the layout decides."""
        return QSize(320, 4 * theme.ROW_HEIGHT)
