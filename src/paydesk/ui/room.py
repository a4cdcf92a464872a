"""Making room: text that is never cut, and content that scrolls only when it must."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QWidget

_TITLE_BAR = 32
"""What a window's title takes of the screen's height, in device-independent pixels."""

_BELOW_FIELD = 40
"""Room for the hint or the sentence below a field, in device-independent pixels."""


class Prose(QLabel):
    """Wrapped text that always gets the height it needs; layouts forget it for nested labels."""

    def __init__(self, role: str, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setProperty("role", role)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)

    def setText(self, text: str) -> None:
        """Show the text."""
        super().setText(text)
        self._claim_height()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Claim the height for the new width."""
        super().resizeEvent(event)
        self._claim_height()

    def _claim_height(self) -> None:
        self.setMinimumHeight(0)  # heightForWidth never goes below it
        self.setFixedHeight(self.heightForWidth(self.width()))


class Roomy(QScrollArea):
    """A whole page that scrolls both ways on a screen too small for it.

    Qt's own resizing would give a page with wrapped text its preferred height, and scroll too early.
    """

    def __init__(self, page: QWidget) -> None:
        super().__init__()
        self._page = page
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidget(page)
        page.installEventFilter(self)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the page all there is, and no less than it needs."""
        super().resizeEvent(event)
        self._fit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow what the page needs."""
        if watched is self._page and event.type() == QEvent.Type.LayoutRequest:
            self._fit()
        return super().eventFilter(watched, event)

    def _fit(self) -> None:
        self._page.resize(self.viewport().size().expandedTo(self._page.minimumSizeHint()))


def scrolled(inner: QWidget) -> QScrollArea:
    """The widget on the ground of its parent; it scrolls down when there is too little room."""
    area = QScrollArea()
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(inner)
    inner.setAutoFillBackground(False)
    area.viewport().setAutoFillBackground(False)
    return area


def reveal(widget: QWidget) -> None:
    """Scroll to a widget and to what is said below it; Qt does so only for the Tab key."""
    area = widget.parentWidget()
    while area is not None and not isinstance(area, QScrollArea):
        area = area.parentWidget()
    if area is not None:
        area.ensureWidgetVisible(widget, 0, _BELOW_FIELD)


def room_for(window: QWidget) -> QSize:
    """How large a window can be on its screen, in device-independent pixels."""
    return window.screen().availableGeometry().size() - QSize(0, _TITLE_BAR)
