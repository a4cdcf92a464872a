"""What is known of an open matter, what to do, and what must not be done; to be read aloud."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel

from paydesk.services.advice import Advice
from paydesk.ui import icons
from paydesk.ui.theme import Space
from paydesk.ui.widgets import label, set_role


class AdvicePanel(QFrame):
    """Up to three short paragraphs, each with its word and its sign."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self._title = label("", "title", f"{name}.title")
        self._title.setWordWrap(True)
        self._texts = {
            part: _paragraph(f"{name}.{part}", role)
            for part, role in (("known", "body"), ("do", "body"), ("never", "strong"))
        }
        self._words = {
            "known": _word("Known", "info", "muted"),
            "do": _word("Do", "check", "good"),
            "never": _word("Never", "close", "danger"),
        }
        grid = QGridLayout(self)
        grid.setContentsMargins(Space.L, Space.M, Space.L, Space.M)
        grid.setHorizontalSpacing(Space.S)
        grid.setVerticalSpacing(Space.S)
        grid.setColumnStretch(2, 1)
        grid.addWidget(self._title, 0, 0, 1, 3)
        for place, (part, (sign, word)) in enumerate(self._words.items(), start=1):
            for column, widget in enumerate((sign, word, self._texts[part])):
                grid.addWidget(widget, place, column, Qt.AlignmentFlag.AlignTop)
        self.hide()

    def show_advice(self, title: str, advice: Sequence[Advice], kind: str) -> None:
        """Say it, on the ground of a notice of that kind; without advice, nothing is shown."""
        self._title.setText(title)
        for part, text in self._texts.items():
            said = "\n".join(paragraph for one in advice if (paragraph := getattr(one, part)))
            text.setText(said)
            for widget in (*self._words[part], text):
                widget.setVisible(bool(said))
        set_role(self, f"notice-{kind}")
        self.setAccessibleName(self.text)
        self.setVisible(bool(advice))

    @property
    def text(self) -> str:
        """All of it, as it is read aloud."""
        parts = [self._title.text(), *(text.text() for text in self._texts.values())]
        return " ".join(" ".join(parts).split())


def _paragraph(name: str, role: str) -> QLabel:
    made = label("", role, name)
    made.setWordWrap(True)
    made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return made


def _word(text: str, icon: str, tint: str) -> tuple[QLabel, QLabel]:
    sign = label()
    icons.put(sign, icon, tint)
    return sign, label(text, "muted")
