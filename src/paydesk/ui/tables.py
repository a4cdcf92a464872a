"""Tables as PayDesk shows them: even rows, hairlines, the current row marked, nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial
from typing import Any

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QGuiApplication, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QMenu,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from paydesk.ui import icons, theme
from paydesk.ui.models import LEFT, RIGHT, Index, TableModel
from paydesk.ui.theme import Space

TICK = 20
"""The side of a tick box, in device-independent pixels."""

LEAST_STRETCH = 120
"""The least width of the column that takes what is left, in device-independent pixels."""


class RowDelegate(QStyledItemDelegate):
    """Draws cells itself: the colours of the row, a sign, one line of text, a hairline below.

    Leaving the style out of it makes an answer appear at once and keeps a red row red while
    it is current; a bar at its left edge shows which row that is, and whether keys go there.
    """

    hairlines = True
    padding: int = Space.S

    def __init__(self, model: TableModel[Any], parent: QWidget) -> None:
        super().__init__(parent)
        self._model = model

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw one cell."""
        from PySide6.QtWidgets import QStyle  # takes long to load, and is not needed before the first row

        rect = option.rect
        current = bool(option.state & QStyle.StateFlag.State_Selected)
        row, column, cell = (
            self._model.rows[index.row()],
            self._model.columns[index.column()],
            self._model.cell,
        )
        ground = cell(row, column, Qt.ItemDataRole.BackgroundRole)
        if ground is not None or current:
            painter.fillRect(rect, ground or theme.color("selected"))
        if self.hairlines:
            painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, theme.color("line"))
        if index.column() == 0:
            if current:
                bar = theme.color("accent" if option.widget.hasFocus() else "edge")
                painter.fillRect(rect.left(), rect.top(), 3, rect.height(), bar)
            self._paint_tick(painter, rect, cell(row, column, Qt.ItemDataRole.CheckStateRole))
        self._paint_text(painter, rect, partial(cell, row, column), column.elide)

    def _paint_tick(self, painter: QPainter, rect: QRect, state: Qt.CheckState | None) -> None:
        if state is None:
            return
        ticked = Qt.CheckState(state) == Qt.CheckState.Checked
        box = icons.pixmap("box-ticked" if ticked else "box", "accent" if ticked else "edge", TICK)
        corner = rect.center() - QPoint(TICK // 2 - 1, TICK // 2)
        painter.drawPixmap(corner, box)

    def _paint_text(
        self, painter: QPainter, rect: QRect, cell: Callable[[int], Any], elide: Qt.TextElideMode
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
        strong = cell(Qt.ItemDataRole.FontRole)
        painter.setFont(strong or theme.font("body"))
        painter.setPen(cell(Qt.ItemDataRole.ForegroundRole) or theme.color("ink"))
        cut = painter.fontMetrics().elidedText(text, elide, inner.width())
        painter.drawText(inner, cell(Qt.ItemDataRole.TextAlignmentRole), cut)


@lru_cache(maxsize=256)
def _cut(title: str, width: int) -> str:
    metrics = QFontMetrics(theme.font("small", QFont.Weight.Medium))
    return metrics.elidedText(title, Qt.TextElideMode.ElideRight, width)


class Titles(QHeaderView):
    """The titles of the columns; drawn without the style, like the cells, and for the same reason."""

    def __init__(self, model: TableModel[Any], parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._model = model

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw all titles and the line below them."""
        painter, ground = QPainter(self.viewport()), self.viewport().rect()
        painter.fillRect(ground, theme.color("surface"))
        painter.fillRect(0, ground.bottom(), ground.width(), 1, theme.color("line"))
        painter.setFont(theme.font("small", QFont.Weight.Medium))
        painter.setPen(theme.color("muted"))
        for place, column in enumerate(self._model.columns):
            if column.title and not self.isSectionHidden(place):
                room = QRect(self.sectionViewportPosition(place), 0, self.sectionSize(place), ground.height())
                room.adjust(Space.S, 0, -Space.S, 0)
                painter.drawText(room, RIGHT if column.right else LEFT, _cut(column.title, room.width()))
        painter.end()


class Table(QTableView):
    """A read-only table of whole rows with fixed heights; ``keys`` are handled before Qt's own."""

    def __init__(self, name: str, spoken: str, model: TableModel[Any]) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(spoken)
        self._model = model
        self.setHorizontalHeader(Titles(model, self))
        self.setModel(model)
        self._rows = RowDelegate(model, self)
        self.setItemDelegate(self._rows)
        self.keys: dict[Qt.Key, Callable[[], None]] = {}
        self._spare: list[tuple[str, int]] = []
        self._taken = 0
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
        titles.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        titles.setMinimumSectionSize(Space.XXL)
        titles.setFixedHeight(theme.ROW_HEIGHT - Space.XS)

    def set_widths(self, widths: Mapping[str, int], stretch: str, spare: Sequence[str] = ()) -> None:
        """Widths by column name; one column takes what is left.

        Where that would be too little, the ``spare`` columns are left out, the first of them first.
        """
        self._spare = [(name, widths[name]) for name in spare]
        self._taken = sum(widths.values())
        model = self.model()
        assert isinstance(model, TableModel)
        for name, width in widths.items():
            self.setColumnWidth(model.column(name), width)
        self.horizontalHeader().setSectionResizeMode(model.column(stretch), QHeaderView.ResizeMode.Stretch)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave out what there is no room for."""
        missing = self._taken + LEAST_STRETCH - event.size().width()
        for name, width in self._spare:
            self.setColumnHidden(self._model.column(name), missing > 0)
            missing -= width
        super().resizeEvent(event)

    def be_quiet(self) -> None:
        """Only to read: no header, no lines, no current row, no stop for the keyboard."""
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.horizontalHeader().hide()
        self._rows.hairlines, self._rows.padding = False, 0

    def offer_copies(self) -> None:
        """Let a right click copy what a cell says, in full."""
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(
            lambda place: self.copy_menu(place).popup(self.viewport().mapToGlobal(place))
        )

    def copy_menu(self, place: QPoint) -> QMenu:
        """The menu that copies the cell at a place; it goes when it is closed."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        text = str(self.indexAt(place).data() or "")
        copy = menu.addAction("Copy", partial(QGuiApplication.clipboard().setText, text))
        copy.setEnabled(bool(text))
        return menu

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
