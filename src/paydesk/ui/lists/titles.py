"""The column titles of a list, drawn without the style. A click sorts."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from PySide6.QtCore import QPointF, QRect, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent, QPolygonF
from PySide6.QtWidgets import QHeaderView, QWidget

from paydesk.ui.kit import theme
from paydesk.ui.kit.theme import Space
from paydesk.ui.lists.model import LEFT, RIGHT, Column, TableModel

ARROW = 12
"""Room for the arrow beside the title of the sorted column, in device-independent pixels."""


@lru_cache(maxsize=256)
def _cut(title: str, width: int) -> str:
    metrics = QFontMetrics(theme.font("small", QFont.Weight.Medium))
    return metrics.elidedText(title, Qt.TextElideMode.ElideRight, width)


class Titles(QHeaderView):
    """The column titles, drawn without the style for the same reasons as the cells."""

    def __init__(self, model: TableModel[Any], parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._model = model

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw all titles and the line below them."""
        painter, ground = QPainter(self.viewport()), self.viewport().rect()
        painter.fillRect(ground, theme.color("surface"))
        painter.fillRect(0, ground.bottom(), ground.width(), 1, theme.color("hair"))
        painter.setFont(theme.font("small", QFont.Weight.Medium))
        painter.setPen(theme.color("muted"))
        for place, column in enumerate(self._model.columns):
            if column.title and not self.isSectionHidden(place):
                room = QRect(self.sectionViewportPosition(place), 0, self.sectionSize(place), ground.height())
                self._draw(painter, room.adjusted(Space.S, 0, -Space.S, 0), column)
        painter.end()

    def _draw(self, painter: QPainter, room: QRect, column: Column[Any]) -> None:
        """Draw one title. An arrow is on its inner side, so that figures stay aligned."""
        sorting = self._model.sorting
        if sorting is None or sorting.column != column.name:
            painter.drawText(room, RIGHT if column.right else LEFT, _cut(column.title, room.width()))
            return
        title = _cut(column.title, room.width() - ARROW)
        used = painter.fontMetrics().horizontalAdvance(title)
        left = room.right() - used - ARROW if column.right else room.left() + used + ARROW // 2
        painter.save()
        painter.setPen(theme.color("link"))
        painter.drawText(room, RIGHT if column.right else LEFT, title)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("link"))
        painter.drawPolygon(_arrow(left, room.center().y(), down=sorting.down))
        painter.restore()


def _arrow(left: int, middle: int, *, down: bool) -> QPolygonF:
    """Return a triangle of 8 by 5 pixels."""
    tip = 3 if down else -3
    corners = ((left, middle - tip), (left + 8, middle - tip), (left + 4, middle + tip))
    return QPolygonF([QPointF(x, y + 0.5) for x, y in corners])
