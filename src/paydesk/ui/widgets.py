"""The few building blocks every page is made of: text, buttons, captioned fields, cards."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from paydesk.ui import icons
from paydesk.ui.theme import Space


def label(text: str = "", role: str = "body", name: str = "") -> QLabel:
    """Text in one of the style sheet's roles: ``muted``, ``small``, ``title``, ``amount``, ``total``, …"""
    made = QLabel(text)
    made.setObjectName(name)
    made.setTextFormat(Qt.TextFormat.PlainText)
    set_role(made, role)
    return made


class Elided(QLabel):
    """A text of any length on one line: what does not fit is cut with an ellipsis and stays as a tip."""

    def __init__(self, text: str, role: str, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.setAlignment(
            Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignAbsolute
        )
        self._full = ""
        set_role(self, role)
        self.set_text(text)

    @property
    def full_text(self) -> str:
        """The whole text."""
        return self._full

    def set_text(self, text: str) -> None:
        """Show a text; line breaks become spaces."""
        self._full = " ".join(text.split())
        self.setAccessibleName(self._full)
        self._elide()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Cut again for the new width."""
        super().resizeEvent(event)
        self._elide()

    def changeEvent(self, event: QEvent) -> None:
        """Keep the height of the font: letters of another script must not push the page down."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.setFixedHeight(self.fontMetrics().height() + 2)
            self._elide()

    def _elide(self) -> None:
        cut = self.fontMetrics().elidedText(self._full, Qt.TextElideMode.ElideRight, max(self.width(), 0))
        self.setText(cut)
        self.setToolTip(self._full if cut != self._full else "")


def set_role(widget: QWidget, role: str) -> None:
    """Change which rules of the style sheet apply to the widget."""
    if widget.property("role") != role:
        widget.setProperty("role", role)
        if widget.testAttribute(Qt.WidgetAttribute.WA_WState_Polished):
            widget.style().unpolish(widget)
            widget.style().polish(widget)


def button(text: str, name: str, *, key: str = "", role: str = "", icon: str = "") -> QPushButton:
    """A button that shows its key and answers to it; ``role`` is ``primary``, ``quiet`` or empty."""
    made = QPushButton(f"{text}  {key}" if key else text)
    made.setObjectName(name)
    made.setAccessibleName(text)
    made.setAutoDefault(False)
    if role:
        made.setProperty("role", role)
    if icon:
        icons.put(made, icon, "on_accent" if role == "primary" else "ink")
    if key:
        shortcut(made, key, made.click)
    return made


def shortcut(parent: QWidget, key: str, act: Callable[[], None]) -> None:
    """Let a key act while ``parent`` is shown in the active window; never repeats while it is held."""
    made = QShortcut(QKeySequence(key), parent)
    made.setAutoRepeat(False)
    made.activated.connect(act)


def stack(
    parent: QWidget, *children: QWidget | QBoxLayout, spacing: int = Space.S, margin: int = 0
) -> QVBoxLayout:
    """Put the children into ``parent``, one below the other."""
    made = QVBoxLayout(parent)
    _fill(made, children, spacing, margin)
    return made


def row(*children: QWidget | QBoxLayout, spacing: int = Space.S, margin: int = 0) -> QHBoxLayout:
    """The children side by side."""
    made = QHBoxLayout()
    _fill(made, children, spacing, margin)
    return made


def card(name: str = "") -> QFrame:
    """A quiet surface that holds what belongs together."""
    made = QFrame()
    made.setObjectName(name)
    made.setProperty("role", "card")
    return made


def _fill(layout: QBoxLayout, children: tuple[QWidget | QBoxLayout, ...], spacing: int, margin: int) -> None:
    layout.setContentsMargins(margin, margin, margin, margin)
    layout.setSpacing(spacing)
    for child in children:
        if isinstance(child, QWidget):
            layout.addWidget(child)
        else:
            layout.addLayout(child)
