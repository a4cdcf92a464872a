"""Choose a field's column from a list, or by dragging the column's title onto the field."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QMimeData, QObject, QPoint, Qt
from PySide6.QtGui import QDrag, QDragEnterEvent, QDropEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QComboBox, QHeaderView

_LEAST = 8
"""Characters of a heading that are seen in the narrowest window. The list shows all."""

HEADING = "application/x-paydesk-heading"
"""MIME type of a drag. Its data is the text of a title."""


class FieldChoice(QComboBox):
    """The column that a field is read from. ``activated`` follows a choice and a drop."""

    def __init__(self) -> None:
        super().__init__()
        self.setAcceptDrops(True)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(_LEAST)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Accept only titles of this file."""
        if self._place_of(event.mimeData()) >= 0:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Choose the column whose title was dropped."""
        place = self._place_of(event.mimeData())
        if place >= 0:
            event.acceptProposedAction()
            self.setCurrentIndex(place)
            self.activated.emit(place)

    def _place_of(self, dragged: QMimeData) -> int:
        heading = dragged.data(HEADING).toStdString() if dragged.hasFormat(HEADING) else ""
        return self.findText(heading, Qt.MatchFlag.MatchExactly) if heading else -1


class TitleDrag(QObject):
    """Makes the titles of a table draggable. The header view owns it."""

    def __init__(self, titles: QHeaderView, headings: Sequence[str]) -> None:
        super().__init__(titles)
        self._titles = titles
        self._headings = headings
        self._pressed: QPoint | None = None
        titles.viewport().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Start a drag if a press moves far enough. Every event is passed on."""
        if not isinstance(event, QMouseEvent):
            return False
        at = event.position().toPoint()
        if event.type() == QEvent.Type.MouseButtonPress:
            self._pressed = at
        elif event.type() == QEvent.Type.MouseMove and _is_far(at, self._pressed):
            assert self._pressed is not None
            place, self._pressed = self._titles.logicalIndexAt(self._pressed), None
            if place >= 0 and self._headings[place]:
                self._drag(self._headings[place])
        return False

    def _drag(self, heading: str) -> None:
        drag = QDrag(self._titles)
        drag.setMimeData(mime_of(heading))
        drag.exec(Qt.DropAction.CopyAction)


def mime_of(heading: str) -> QMimeData:
    """Return a title as the data of a drag."""
    dragged = QMimeData()
    dragged.setData(HEADING, heading.encode("utf-8"))
    return dragged


def _is_far(at: QPoint, pressed: QPoint | None) -> bool:
    return pressed is not None and (at - pressed).manhattanLength() >= QApplication.startDragDistance()
