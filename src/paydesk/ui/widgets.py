"""The few building blocks every page is made of: text, buttons, captioned fields, cards."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
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


def set_role(widget: QWidget, role: str) -> None:
    """Change which rules of the style sheet apply to the widget."""
    if widget.property("role") != role:
        widget.setProperty("role", role)
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
        shortcut = QShortcut(QKeySequence(key), made)
        shortcut.activated.connect(made.click)
    return made


class Field(QWidget):
    """A line to type in, its caption above and, when something is wrong, one sentence below."""

    def __init__(self, caption: str, name: str, *, hint: str = "", width: int = 0) -> None:
        super().__init__()
        self.caption = label(caption, "caption")
        self.input = QLineEdit()
        self.input.setObjectName(name)
        self.input.setAccessibleName(caption.replace("&", ""))
        self.input.setPlaceholderText(hint)
        self.caption.setBuddy(self.input)
        self.sentence = label("", "problem", f"{name}.problem")
        self.sentence.setWordWrap(True)
        self.sentence.hide()
        if width:
            self.input.setFixedWidth(width)
        stack(self, self.caption, self.input, self.sentence, spacing=Space.XS)
        self.setFocusProxy(self.input)
        self.input.textEdited.connect(lambda: self.show_problem(""))

    def text(self) -> str:
        """What was typed."""
        return self.input.text()

    def set_text(self, text: str) -> None:
        """Replace what was typed."""
        self.input.setText(text)

    def show_problem(self, sentence: str) -> None:
        """Say what is wrong below the field and mark it; ``""`` takes it back."""
        self.sentence.setText(sentence)
        self.sentence.setVisible(bool(sentence))
        self.input.setAccessibleDescription(sentence)
        set_role(self.input, "wrong" if sentence else "")


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
