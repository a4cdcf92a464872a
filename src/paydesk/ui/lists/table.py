"""Lists: even rows, hairlines, the current row marked, and nothing else.

Columns are as wide as their texts, one takes the rest. A click on a title sorts, Ctrl+C copies the rows, and
the menu (right click or Menu key) offers both by name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPoint, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QActionGroup,
    QContextMenuEvent,
    QFocusEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QAbstractScrollArea, QHeaderView, QMenu, QTableView

from paydesk.ui.kit import theme, words
from paydesk.ui.kit.scrolling import make_viewport, stop_if_it_scrolls
from paydesk.ui.kit.theme import Space
from paydesk.ui.kit.widgets import native_key
from paydesk.ui.lists.cells import BAND, RowDelegate, frame_if_focused
from paydesk.ui.lists.model import Column, Sorting, TableModel
from paydesk.ui.lists.titles import ARROW, Titles
from paydesk.ui.lists.widths import text_width, title_width

_MEASURED = 40
"""Rows that are measured before they are shown. The others are when they scroll into view."""
LEAST_STRETCH = 120
"""Minimum width of the stretching column, in device-independent pixels."""


class Table(QTableView):
    """A read-only list of whole rows with fixed heights. ``keys`` are handled before Qt's own.

    ``sort_asked`` carries the Sorting that a person chose, after the rows are sorted.
    """

    sort_asked = Signal(object)

    def __init__(self, name: str, spoken: str, model: TableModel[Any]) -> None:
        super().__init__()
        make_viewport(self)
        self.setObjectName(name)
        self.setAccessibleName(spoken)
        self._model = model
        self._titles = Titles(model, self)
        self.setHorizontalHeader(self._titles)
        self.setModel(model)
        self._rows = RowDelegate(model, self)
        self.setItemDelegate(self._rows)
        self.keys: dict[Qt.Key, Callable[[], None]] = {}
        self.opens: Callable[[], None] | None = None
        """Opens the current row, on Enter and from the menu."""
        self.more_actions: Callable[[QMenu], None] | None = None
        """Adds a page's own actions to the menu."""
        self._growing: frozenset[str] = frozenset()
        self._spare: list[str] = []
        self._least = 0
        self._stretching = 0
        self._widths: dict[str, int] = {}
        self._banded = False
        """True if rows are higher than others."""
        self._quiet = False
        self._calm()
        for changed in (model.modelReset, model.rowsInserted, model.layoutChanged):
            changed.connect(self._make_room_for_bands)
        self._titles.sectionClicked.connect(self._title_clicked)

    def _calm(self) -> None:
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
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
        titles.setSectionsClickable(True)

    # ---- widths ---------------------------------------------------------------------------

    def set_widths(
        self, widths: Mapping[str, int], stretch: str, spare: Sequence[str] = (), grow: Sequence[str] = ()
    ) -> None:
        """Set the width of every column by name. The ``stretch`` column takes the rest.

        If space is short, the ``spare`` columns are hidden, in order. Columns that ``grow`` are made wider
        for a text that would be cut. If even the ``stretch`` column is spare, the last one takes the rest.
        """
        assert {*widths, stretch} == {column.name for column in self._model.columns}, "each has a width"
        self._spare, self._widths = list(spare), dict(widths)
        self._let_stretch(stretch)
        self._use_widths()
        self._follow(grow)

    def fit_columns(self, stretch: str, spare: Sequence[str] = (), least: int = 0) -> None:
        """Keep every column as wide as its texts. The ``stretch`` column takes the rest.

        Widths grow and do not shrink again, so that nothing jumps while a search is typed. If space is short,
        the ``spare`` columns are hidden, in order. No other column is narrower than ``least``.
        """
        self._spare, self._least = list(spare), least
        self._let_stretch(stretch)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self._follow([column.name for column in self._model.columns if column.name != stretch])

    def _follow(self, names: Sequence[str]) -> None:
        """Let columns grow with their texts."""
        self._growing = frozenset(names)
        for changed in (self._model.modelReset, self._model.dataChanged):
            changed.connect(self._fit)
        self._rows.too_narrow = self._widen
        self._fit()

    def _let_stretch(self, name: str) -> None:
        self._stretching = self._model.column(name)
        self.horizontalHeader().setSectionResizeMode(self._stretching, QHeaderView.ResizeMode.Stretch)

    def _widen(self, column: Column[Any], needed: int) -> None:
        """Make a column wider after a text was cut that scrolled into view."""
        most = needed if column.most is None else column.most + 2 * Space.S
        wanted = min(needed, most)
        if column.name in self._growing and wanted > self._widths[column.name]:
            self._widths[column.name] = wanted
            QTimer.singleShot(0, self, self._use_widths)  # a view is not laid out while it is painted

    def _fit(self) -> None:
        before = dict(self._widths)
        first = self._model.rows[:_MEASURED]
        for column in self._model.columns:
            if column.name in self._growing:
                needed = max(content_width(column, first), self._least)
                self._widths[column.name] = max(self._widths.get(column.name, 0), needed)
        if self._widths != before:
            self._use_widths()

    def _use_widths(self) -> None:
        for name, width in self._widths.items():
            self.setColumnWidth(self._model.column(name), width)
        self._hide_spare(self.viewport().width())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Hide the columns that have no room."""
        self._hide_spare(event.size().width())
        super().resizeEvent(event)

    def show_column(self, name: str, on: bool) -> None:
        """Show or hide a column that is not spare. The spare ones make room for it, or come back."""
        place = self._model.column(name)
        if self.isColumnHidden(place) == on:
            self.setColumnHidden(place, not on)
            self._hide_spare(self.viewport().width())

    def _hide_spare(self, room: int) -> None:
        columns = {name: self._model.column(name) for name in (*self._widths, *self._spare)}
        away = {name for name, place in columns.items() if self.isColumnHidden(place)} - {*self._spare}
        missing = sum(width for name, width in self._widths.items() if name not in away)
        missing += LEAST_STRETCH - room
        for name in self._spare:
            self.setColumnHidden(columns[name], missing > 0)
            missing -= self._widths.get(name, LEAST_STRETCH)
        self.horizontalHeader().setStretchLastSection(self.isColumnHidden(self._stretching))

    def _make_room_for_bands(self) -> None:
        """Make the first row of each group higher.

        Qt lets a height follow its row to another place, so every row is looked at.
        """
        bands, usual = self._model.bands, self.verticalHeader().defaultSectionSize()
        if bands or self._banded:
            for place in range(len(self._model.rows)):
                height = usual + BAND if place in bands else usual
                if self.rowHeight(place) != height:
                    self.setRowHeight(place, height)
        self._banded = bool(bands)

    def moveCursor(
        self, action: QAbstractItemView.CursorAction, modifiers: Qt.KeyboardModifier
    ) -> QModelIndex:
        """Let Home and End go to the first and the last row. Qt moves to a column, which nobody sees."""
        if action in (QAbstractItemView.CursorAction.MoveHome, QAbstractItemView.CursorAction.MoveEnd):
            modifiers |= Qt.KeyboardModifier.ControlModifier
        return super().moveCursor(action, modifiers)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take no click on a line above a group, which is not part of the row below it."""
        if not self._is_band(event.position().toPoint()):
            super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """See mousePressEvent."""
        if not self._is_band(event.position().toPoint()):
            super().mouseDoubleClickEvent(event)

    def _is_band(self, place: QPoint) -> bool:
        index = self.indexAt(place)
        return index.row() in self._model.bands and place.y() < self.visualRect(index).top() + BAND

    # ---- sorting --------------------------------------------------------------------------

    def sort_by(self, sorting: Sorting | None) -> None:
        """Sort by a column, or return to the first order."""
        self._model.sort_by(sorting)
        self.scrollTo(self.currentIndex())
        self.sort_asked.emit(self._model.sorting)

    def _title_clicked(self, section: int) -> None:
        self.sort_by(next_sorting(self._model.columns[section], self._model.sorting, self._model.home))

    def _sort_menu(self, parent: QMenu) -> QMenu:
        menu = QMenu(words.SORT_BY, parent)
        group, now = QActionGroup(menu), self._model.sorting
        for column in self._model.columns:
            if column.title:
                wanted = next_sorting(column, now, None) or Sorting(column.name, column.down)
                action = menu.addAction(column.title, partial(self.sort_by, wanted))
                action.setCheckable(True)
                action.setChecked(now is not None and now.column == column.name)
                group.addAction(action)
        menu.addSeparator()
        menu.addAction(words.FIRST_ORDER, partial(self.sort_by, None)).setEnabled(now != self._model.home)
        return menu

    # ---- reading only ---------------------------------------------------------------------

    def be_quiet(self) -> None:
        """Make the list for reading only: no header, no lines, no current row, no tab stop but to scroll."""
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setProperty("role", "scrolled")
        self._quiet = True
        stop_if_it_scrolls(self)
        self.horizontalHeader().hide()
        self._rows.hairlines, self._rows.padding = False, 0

    def be_unsorted(self) -> None:
        """Keep the order of the rows as it is. The titles take no clicks."""
        self.horizontalHeader().setSectionsClickable(False)

    # ---- copying --------------------------------------------------------------------------

    def let_select_several(self) -> None:
        """Let Shift, Ctrl and Ctrl+A select several rows, to copy them."""
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)

    @property
    def chosen(self) -> list[Any]:
        """The selected rows from top to bottom, or the current one."""
        places = sorted({index.row() for index in self.selectionModel().selectedRows()})
        if not places and self.currentIndex().isValid():
            places = [self.currentIndex().row()]
        return [self._model.rows[place] for place in places]

    def copied(self, rows: Sequence[Any]) -> str:
        """Return these rows as text for the clipboard."""
        from paydesk.ui.lists.copying import rows_as_text  # not needed before the first copy

        return rows_as_text(self._model.columns, rows)

    def copy_rows(self) -> None:
        """Copy the selected rows as text."""
        if self.chosen:
            QGuiApplication.clipboard().setText(self.copied(self.chosen))

    def copy_menu(self, place: QPoint) -> QMenu:
        """Return the menu for the row at a place of the viewport. It is deleted when it closes."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        text = str(self.indexAt(place).data() or "")
        if text:
            menu.addAction(words.copy_cell(text), partial(QGuiApplication.clipboard().setText, text))
        if self.opens is not None and self.chosen:
            menu.addAction(f"{words.OPEN}\tEnter", self.opens)
        copy = menu.addAction(f"{words.copy_rows(len(self.chosen))}\t{native_key('Ctrl+C')}", self.copy_rows)
        copy.setEnabled(bool(self.chosen))
        if self.selectionMode() is QAbstractItemView.SelectionMode.ExtendedSelection:
            menu.addAction(f"{words.SELECT_ALL}\t{native_key('Ctrl+A')}", self.selectAll)
        if self._titles.sectionsClickable() and not self._titles.isHidden():
            menu.addMenu(self._sort_menu(menu))
        if self.more_actions is not None:
            self.more_actions(menu)
        return menu

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Open the menu of the row below the pointer, or of the current one for the Menu key."""
        place = event.pos()
        if event.reason() is QContextMenuEvent.Reason.Keyboard:
            place = QPoint(-1, -1)
            spot = self.visualRect(self.currentIndex()).bottomLeft() + QPoint(Space.XL, 0)
        else:
            self._choose_at(place)
            spot = place
        self.copy_menu(place).popup(self.viewport().mapToGlobal(spot))

    def _choose_at(self, place: QPoint) -> None:
        """Make the row at a place the current one, unless it is among the selected."""
        index = self.indexAt(place)
        can = self.selectionMode() is not QAbstractItemView.SelectionMode.NoSelection
        if can and index.isValid() and not self.selectionModel().isRowSelected(index.row()):
            flags = QItemSelectionModel.SelectionFlag
            self.selectionModel().setCurrentIndex(index, flags.ClearAndSelect | flags.Rows)

    # ---- keys -----------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Handle the keys in ``keys``, Enter and Ctrl+C before Qt does."""
        if self._quiet:
            QAbstractScrollArea.keyPressEvent(self, event)
            return
        plain = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier == Qt.KeyboardModifier.NoModifier
        act = self.keys.get(Qt.Key(event.key())) if plain else None
        if act is None and plain and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            act = self.opens
        if event.matches(QKeySequence.StandardKey.Copy):
            act = self.copy_rows
        if act is None or event.isAutoRepeat():
            super().keyPressEvent(event)
        else:
            act()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Choose a row, but none of a list for reading only."""
        if self._quiet:
            QAbstractScrollArea.focusInEvent(self, event)
        else:
            super().focusInEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the rows. Without any, a frame shows that the list has the keyboard."""
        super().paintEvent(event)
        if not self._model.rows:
            frame_if_focused(self)

    def sizeHint(self) -> QSize:
        """Return a small size, because the layout decides."""
        return QSize(320, 4 * theme.ROW_HEIGHT)


def content_width(column: Column[Any], rows: Sequence[Any]) -> int:
    """Return the width at which no text of the column is cut, or its ``most``."""
    title = title_width(column.title) + (ARROW if column.title else 0)
    icon = theme.ICON.width() + Space.S if column.icon else 0
    strong = column.strong or (lambda _row: False)
    texts = {(column.text(row), strong(row)) for row in rows}
    widest = max((text_width(text, strong=bold) for text, bold in texts), default=0) + icon
    if column.most is not None:
        widest = min(widest, column.most)
    return max(title, widest) + 2 * Space.S


def next_sorting(column: Column[Any], now: Sorting | None, home: Sorting | None) -> Sorting | None:
    """Return the order after a click: the column's own, then the other way, then the first order."""
    first = Sorting(column.name, column.down)
    if now is None or now.column != column.name:
        return first
    other = Sorting(column.name, not now.down)
    return home if other == first and now != home else other
