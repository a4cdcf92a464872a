"""Scrolling: text that is never cut, and content that scrolls only if it must."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QSize, Qt
from PySide6.QtGui import QPalette, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QLabel, QScrollArea, QWidget

_TITLE_BAR = 32
"""Height of a window's title bar, in device-independent pixels."""

_BELOW_FIELD, _ABOVE_FIELD = 40, 24
"""Room for the hint or the error below a field, and for its label, in device-independent pixels."""


def make_viewport(area: QAbstractScrollArea) -> None:
    """Give the area a viewport like Qt's own, but made here. Call it first.

    To return one that Qt made, PySide loads every class of widgets: 11 ms of a start.
    """
    made = QWidget()
    if not isinstance(area, QScrollArea):
        made.setBackgroundRole(QPalette.ColorRole.Base)
    made.setAutoFillBackground(True)
    area.setViewport(made)


class Prose(QLabel):
    """Wrapped text that always gets the height it needs. Layouts ignore that height for nested labels."""

    def __init__(self, role: str, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setProperty("role", role)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)

    def setText(self, text: str) -> None:
        """Show the text."""
        super().setText(text)
        self._hold_height()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Set the height for the new width."""
        super().resizeEvent(event)
        self._hold_height()

    def _hold_height(self) -> None:
        self.setMinimumHeight(0)  # heightForWidth never goes below it
        self.setFixedHeight(max(self.heightForWidth(self.width()), 0))  # an empty text has none: -1


class ScrollingPage(QScrollArea):
    """A whole page that scrolls both ways on a screen too small for it.

    Qt's own resizing would give a page with wrapped text its preferred height, and scroll too early.
    """

    def __init__(self, page: QWidget) -> None:
        super().__init__()
        make_viewport(self)
        self._page = page
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidget(page)
        page.installEventFilter(self)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the page all the room there is, and no less than it needs."""
        super().resizeEvent(event)
        self._fit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow changes of the page's minimum size."""
        if watched is self._page and event.type() == QEvent.Type.LayoutRequest:
            self._fit()
        return super().eventFilter(watched, event)

    def _fit(self) -> None:
        self._page.resize(self.viewport().size().expandedTo(self._page.minimumSizeHint()))


def scrolled(inner: QWidget, spoken: str) -> QScrollArea:
    """Return the widget in a scroll area with its parent's background. It scrolls vertically.

    ``spoken`` is its name for a screen reader, which stops there while no part of it takes the keyboard.
    """
    area = QScrollArea()
    make_viewport(area)
    area.setAccessibleName(spoken)
    area.setProperty("role", "scrolled")
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(inner)
    inner.setAutoFillBackground(False)
    area.viewport().setAutoFillBackground(False)
    stop_if_it_scrolls(area)
    return area


def stop_if_it_scrolls(area: QAbstractScrollArea) -> None:
    """Let the Tab key stop at an area while some of it is out of sight and nothing in it takes the keyboard.

    Its arrow keys and Page Down then scroll it (WCAG 2.1.1).
    """

    def decide() -> None:
        hidden = bar.maximum() > bar.minimum()
        inside = any(one.focusPolicy() & Qt.FocusPolicy.TabFocus for one in area.findChildren(QWidget))
        area.setFocusPolicy(Qt.FocusPolicy.TabFocus if hidden and not inside else Qt.FocusPolicy.NoFocus)

    bar = area.verticalScrollBar()
    bar.rangeChanged.connect(decide)
    decide()


def reveal(widget: QWidget) -> None:
    """Scroll to a widget, its label and the line below it, in every scroll area around it.

    Qt does so only for the Tab key, and its ``ensureWidgetVisible`` is content with the caret of a field.
    """
    area = widget.parentWidget()
    while area is not None:
        inner = area.widget() if isinstance(area, QScrollArea) else None
        if isinstance(area, QScrollArea) and inner is not None:
            end = widget.mapTo(inner, widget.rect().bottomRight())
            start = widget.mapTo(inner, QPoint())
            area.ensureVisible(end.x(), end.y(), 0, _BELOW_FIELD)
            area.ensureVisible(start.x(), start.y(), 0, _ABOVE_FIELD)
        area = area.parentWidget()


def be_tall_enough(window: QWidget) -> None:
    """Make a window of fixed width as high as its wrapped texts need. Qt itself asks for less."""
    layout = window.layout()
    if layout is not None and layout.hasHeightForWidth():
        window.setMinimumHeight(layout.totalHeightForWidth(window.width()))


def stay_on_screen(window: QWidget) -> None:
    """Move a window up that has grown below the edge of its screen."""
    frame, screen = window.frameGeometry(), window.screen().availableGeometry()
    below = frame.bottom() - screen.bottom()
    if below > 0:
        window.move(frame.x(), max(frame.y() - below, screen.y()))


def room_for(window: QWidget) -> QSize:
    """Return the largest size of a window on its screen, in device-independent pixels."""
    return window.screen().availableGeometry().size() - QSize(0, _TITLE_BAR)
