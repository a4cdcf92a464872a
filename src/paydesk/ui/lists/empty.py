"""A list without rows: a sentence, the next step, and a way back."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from paydesk.ui.kit import icons
from paydesk.ui.kit.theme import Space
from paydesk.ui.kit.widgets import button, label


class EmptyList(QWidget):
    """The sentence. ``back`` follows its button, which clears what narrows the list.

    A list that nothing narrows needs no button.
    """

    back = Signal()

    def __init__(self, name: str, back: str = "", key: str = "", *, icon: str = "search") -> None:
        super().__init__()
        self.setObjectName(name)
        sign = label()
        icons.put(sign, icon, "faint", 40)
        self._sentence = label("", "title", f"{name}.sentence")
        self._next = label("", "muted", f"{name}.next_step")
        self.button = button(back, f"{name}.back", key=key, bound=False) if back else None
        column = QVBoxLayout(self)
        column.setSpacing(Space.S)
        column.addStretch(1)
        for part in (sign, self._sentence, self._next):
            part.setAlignment(Qt.AlignmentFlag.AlignCenter)
            part.setWordWrap(True)
            column.addWidget(part)
        if self.button is not None:
            self.button.clicked.connect(self.back)
            column.addWidget(self.button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)

    def say(self, sentence: str, next_step: str, *, narrowed: bool = False) -> None:
        """Show why there are no rows. Only a narrowed list has a way back."""
        self._sentence.setText(sentence)
        self._next.setText(next_step)
        self.setAccessibleName(f"{sentence} {next_step}")
        if self.button is not None:
            self.button.setVisible(narrowed)
