"""Table models: named columns, a sort role with raw values, and a role that returns the row itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QFont

from paydesk.ui import icons, theme

T = TypeVar("T")
Index = QModelIndex | QPersistentModelIndex

RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class Role(IntEnum):
    """What a cell tells besides Qt's own roles: a raw value to sort by, and the row's value."""

    SORT = Qt.ItemDataRole.UserRole + 1
    VALUE = Qt.ItemDataRole.UserRole + 2


@dataclass(frozen=True, slots=True, eq=False)
class Column(Generic[T]):
    """One column: its words, and where it differs from plain text on the left.

    ``sort`` gives the raw value (cents, dates); ``icon`` an icon name and its tint;
    ``tint`` the token its words are coloured with; ``strong`` says where they are bold, ``elide``
    which part of a text that is too long is left out.
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


class TableModel(QAbstractTableModel, Generic[T]):
    """Rows of values shown through columns; read only."""

    def __init__(self, columns: Sequence[Column[T]], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.columns = tuple(columns)
        self.rows: list[T] = []

    def show(self, rows: Sequence[T]) -> None:
        """Replace all rows."""
        self.beginResetModel()
        self.rows = list(rows)
        self.endResetModel()

    def column(self, name: str) -> int:
        """The number of the column with that name."""
        return next(place for place, column in enumerate(self.columns) if column.name == name)

    def value(self, index: Index) -> T | None:
        """The row an index stands in."""
        return self.rows[index.row()] if index.isValid() else None

    def rowCount(self, parent: Index | None = None) -> int:
        """How many rows; none below a cell."""
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index | None = None) -> int:
        """How many columns; none below a cell."""
        return 0 if parent is not None and parent.isValid() else len(self.columns)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """The column titles; the rows have no header."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.columns[section].title
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return RIGHT if self.columns[section].right else LEFT
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What a cell says, looks like and sorts by."""
        if not index.isValid():
            return None
        return self.cell(self.rows[index.row()], self.columns[index.column()], role)

    def cell(self, row: T, column: Column[T], role: int) -> Any:
        """One role of one cell."""
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.ToolTipRole:
                return column.text(row)
            case Qt.ItemDataRole.TextAlignmentRole:
                return RIGHT if column.right else LEFT
            case Qt.ItemDataRole.DecorationRole:
                found = column.icon(row) if column.icon else None
                return icons.pixmap(*found) if found else None
            case Qt.ItemDataRole.ForegroundRole:
                return theme.color(column.tint(row)) if column.tint else None
            case Qt.ItemDataRole.FontRole:
                bold = column.strong is not None and column.strong(row)
                return theme.font("body", QFont.Weight.DemiBold) if bold else None
            case Role.SORT:
                return column.sort(row) if column.sort else column.text(row)
            case Role.VALUE:
                return row
            case _:
                return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column's raw values; rows without one come last, whichever way."""
        key = self.columns[column].sort or self.columns[column].text
        backwards = order == Qt.SortOrder.DescendingOrder
        with_value = sorted((row for row in self.rows if key(row) is not None), key=key, reverse=backwards)
        without = [row for row in self.rows if key(row) is None]
        self._reorder(with_value + without)

    def _reorder(self, rows: list[T]) -> None:
        self.layoutAboutToBeChanged.emit()
        places = {id(row): place for place, row in enumerate(rows)}
        old = self.persistentIndexList()
        new = [self.index(places[id(self.rows[index.row()])], index.column()) for index in old]
        self.rows = rows
        self.changePersistentIndexList(old, new)
        self.layoutChanged.emit()
