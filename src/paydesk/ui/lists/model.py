"""Table models: named columns, a sort role with raw values, and a role that returns the row itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QFont

from paydesk.ui.kit import icons, theme, words
from paydesk.ui.kit.widgets import tip

T = TypeVar("T")
Index = QModelIndex | QPersistentModelIndex

RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class Role(IntEnum):
    """Roles besides Qt's own: a raw value to sort by, the row's value, and how the row is marked."""

    SORT = Qt.ItemDataRole.UserRole + 1
    VALUE = Qt.ItemDataRole.UserRole + 2
    BAR = Qt.ItemDataRole.UserRole + 3
    """The color of a bar at the left edge of a row that has a background of its own, or None."""
    CURRENT = Qt.ItemDataRole.UserRole + 4
    """The background of a row that has its own, while it is the current one."""


@dataclass(frozen=True, slots=True, eq=False)
class Column(Generic[T]):
    """One column: its text, and its differences from plain text at the left.

    ``sort`` returns the raw value (cents, dates). ``icon`` returns an icon name and its tint. ``tint``
    returns the token of the text's color. ``strong`` returns True for bold text. ``elide`` is the part to cut
    from a text that is too long. ``most`` is the most width that texts may take, in device-independent
    pixels. Without it none of the column's texts is cut. ``down`` is True if a first click sorts downwards.
    """

    name: str
    title: str
    text: Callable[[T], str]
    sort: Callable[[T], Any] | None = None
    right: bool = False
    icon: Callable[[T], tuple[str, str] | None] | None = None
    tint: Callable[[T], str] | None = None
    strong: Callable[[T], bool] | None = None
    elide: Qt.TextElideMode = Qt.TextElideMode.ElideRight
    most: int | None = None
    down: bool = False


@dataclass(frozen=True, slots=True)
class Sorting:
    """The column by which a list is sorted, and the direction."""

    column: str
    down: bool = False

    @property
    def order(self) -> Qt.SortOrder:
        """The direction as Qt calls it."""
        return Qt.SortOrder.DescendingOrder if self.down else Qt.SortOrder.AscendingOrder


@dataclass(frozen=True, slots=True)
class Band:
    """The line above the first row of a group: its name, and its sums."""

    text: str
    sums: str


class TableModel(QAbstractTableModel, Generic[T]):
    """Rows of values shown through columns. Read-only."""

    def __init__(self, columns: Sequence[Column[T]], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.columns = tuple(columns)
        self.rows: list[T] = []
        self.sorting: Sorting | None = None
        """The order of the rows, or None if it has no name."""
        self.home: Sorting | None = None
        """The order in which rows are given, or None if it has no name."""
        self._places: dict[int, int] = {}
        """The place at which each row was given, by the row's identity."""
        self.group: Callable[[Sequence[T]], Mapping[int, Band]] | None = None
        """Returns the bands by row, for the order in which rows are given."""
        self.bands: Mapping[int, Band] = {}
        self.read_more: Callable[[], None] | None = None
        """Reads the rows after the last, or None. The view calls it at the end of the list."""

    def be_given(self, home: Sorting) -> None:
        """Take rows in this order from now on. They stay in it until a person sorts."""
        if self.sorting == self.home:
            self.sorting = home
        self.home = home

    def show(self, rows: Sequence[T]) -> None:
        """Replace all rows. They are sorted as the last ones were."""
        self.beginResetModel()
        self._places = {id(row): place for place, row in enumerate(rows)}
        self.rows = self._in_order(rows)
        self._regroup()
        self.endResetModel()

    def append(self, rows: Sequence[T]) -> None:
        """Add rows at the end. The view stays as it is."""
        if rows:
            self.beginInsertRows(QModelIndex(), len(self.rows), len(self.rows) + len(rows) - 1)
            self._places |= {id(row): place for place, row in enumerate(rows, start=len(self.rows))}
            self.rows += rows
            self._regroup()
            self.endInsertRows()
            if self.sorting != self.home:
                self._reorder(self._in_order(self.rows))

    def canFetchMore(self, parent: Index) -> bool:
        """Return True if there are rows after the last."""
        return not parent.isValid() and self.read_more is not None

    def fetchMore(self, parent: Index) -> None:
        """Read the rows after the last. They come later, by ``append``."""
        read, self.read_more = self.read_more, None
        if read is not None:
            read()

    def column(self, name: str) -> int:
        """Return the index of the column with that name."""
        return next(place for place, column in enumerate(self.columns) if column.name == name)

    def value(self, index: Index) -> T | None:
        """Return the row of an index, or None if the index is invalid."""
        return self.rows[index.row()] if index.isValid() else None

    def rowCount(self, parent: Index | None = None) -> int:
        """Return the number of rows, none below a cell."""
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index | None = None) -> int:
        """Return the number of columns, none below a cell."""
        return 0 if parent is not None and parent.isValid() else len(self.columns)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Return the column titles. The rows have no header."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.columns[section].title
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return RIGHT if self.columns[section].right else LEFT
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self._title_spoken(self.columns[section])
        return None

    def _title_spoken(self, column: Column[T]) -> str:
        if self.sorting is None or self.sorting.column != column.name:
            return column.title
        return words.sorted_by(column.title, down=self.sorting.down)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the text, look or sort value of a cell."""
        if not index.isValid():
            return None
        if role == Qt.ItemDataRole.AccessibleTextRole and index.column() == 0 and index.row() in self.bands:
            band, row, first = self.bands[index.row()], self.rows[index.row()], self.columns[0]
            return f"{band.text}, {band.sums}. {self.cell(row, first, role) or first.text(row)}"
        return self.cell(self.rows[index.row()], self.columns[index.column()], role)

    def cell(self, row: T, column: Column[T], role: int) -> Any:
        """Return one role of one cell."""
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return column.text(row)
            case Qt.ItemDataRole.ToolTipRole:
                return tip(column.text(row))
            case Qt.ItemDataRole.TextAlignmentRole:
                return RIGHT if column.right else LEFT
            case Qt.ItemDataRole.DecorationRole:
                found = column.icon(row) if column.icon else None
                return icons.pixmap(*found) if found else None
            case Qt.ItemDataRole.ForegroundRole:
                return theme.color(column.tint(row)) if column.tint else None
            case Qt.ItemDataRole.FontRole:
                bold = column.strong is not None and column.strong(row)
                return theme.font("body", QFont.Weight.DemiBold, figures=column.right) if bold else None
            case Role.SORT:
                return column.sort(row) if column.sort else column.text(row)
            case Role.VALUE:
                return row
            case _:
                return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column's raw values. Rows without one come last in either order."""
        self.sort_by(Sorting(self.columns[column].name, order == Qt.SortOrder.DescendingOrder))

    def sort_by(self, sorting: Sorting | None) -> None:
        """Sort, or put the rows back as they were given."""
        self.sorting = sorting or self.home
        self._reorder(self._in_order(self.rows))
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(self.columns) - 1)

    def _in_order(self, rows: Sequence[T]) -> list[T]:
        if self.sorting is None or self.sorting == self.home:
            return self._as_given(rows)
        column = self.columns[self.column(self.sorting.column)]
        key = column.sort or (lambda row: column.text(row).casefold())
        keyed = [(key(row), row) for row in rows]
        with_value = [(value, row) for value, row in keyed if value not in (None, "")]
        with_value.sort(key=lambda pair: pair[0], reverse=self.sorting.down)
        return [row for _value, row in with_value] + [row for value, row in keyed if value in (None, "")]

    def regroup(self) -> None:
        """Name the groups anew, because their sums have changed."""
        self.layoutAboutToBeChanged.emit()
        self._regroup()
        self.layoutChanged.emit()

    def _regroup(self) -> None:
        """Name the groups anew. Another order than the given one tears them apart."""
        given = self.sorting == self.home
        self.bands = self.group(self.rows) if self.group is not None and given else {}

    def _as_given(self, rows: Sequence[T]) -> list[T]:
        """Return the rows in their order without sorting."""
        return sorted(rows, key=lambda row: self._places.get(id(row), len(self._places)))

    def _reorder(self, rows: list[T]) -> None:
        self.layoutAboutToBeChanged.emit()
        places = {id(row): place for place, row in enumerate(rows)}
        old = self.persistentIndexList()
        new = [self.index(places[id(self.rows[index.row()])], index.column()) for index in old]
        self.rows = rows
        self._regroup()
        self.changePersistentIndexList(old, new)
        self.layoutChanged.emit()
