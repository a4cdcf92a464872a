"""A column is told what it means by dragging its title onto a field, as well as by choice."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QMimeData, QObject, QPoint, Qt
from PySide6.QtGui import QDrag, QDragEnterEvent, QDropEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QComboBox, QHeaderView

HEADING = "application/x-paydesk-heading"
"""What is dragged: the text of a title."""


class FieldChoice(QComboBox):
    """Which column a field is read from; ``activated`` follows a choice and a drop alike."""

    def __init__(self) -> None:
        super().__init__()
        self.setAcceptDrops(True)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take titles of this file only."""
        if self._place_of(event.mimeData()) >= 0:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """The field is read from the column whose title was dropped."""
        place = self._place_of(event.mimeData())
        if place >= 0:
            event.acceptProposedAction()
            self.setCurrentIndex(place)
            self.activated.emit(place)

    def _place_of(self, dragged: QMimeData) -> int:
        heading = dragged.data(HEADING).toStdString() if dragged.hasFormat(HEADING) else ""
        return self.findText(heading, Qt.MatchFlag.MatchExactly) if heading else -1


class TitleDrag(QObject):
    """Lets the titles of a table be dragged; lives as long as they do."""

    def __init__(self, titles: QHeaderView, headings: Sequence[str]) -> None:
        super().__init__(titles)
        self._titles = titles
        self._headings = headings
        self._pressed: QPoint | None = None
        titles.viewport().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A press that moves far enough begins a drag; everything else goes its way."""
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
    """A title as it is dragged."""
    dragged = QMimeData()
    dragged.setData(HEADING, heading.encode("utf-8"))
    return dragged


def _is_far(at: QPoint, pressed: QPoint | None) -> bool:
    return pressed is not None and (at - pressed).manhattanLength() >= QApplication.startDragDistance()
