"""What happened, in a box of its own: an icon, a headline, and what to do next."""

from __future__ import annotations

from PySide6.QtGui import QAccessible, QAccessibleEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from paydesk.ui import icons
from paydesk.ui.theme import Space
from paydesk.ui.widgets import label, set_role, stack

_ICONS = {"good": "check-circle", "warning": "clock", "danger": "alert", "info": "info"}


class Banner(QFrame):
    """A headline and a sentence of kind ``good``, ``warning``, ``danger`` or ``info``; hidden while empty."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self._icon = label()
        self._headline = label("", "notice", f"{name}.headline")
        self._sentence = label("", "body", f"{name}.sentence")
        self._headline.setWordWrap(True)
        self._sentence.setWordWrap(True)
        line = QHBoxLayout(self)
        line.setContentsMargins(Space.M, Space.S, Space.M, Space.S)
        line.setSpacing(Space.M)
        words = QWidget()
        stack(words, self._headline, self._sentence, spacing=Space.XS)
        line.addWidget(self._icon)
        line.addWidget(words, 1)
        self.hide()

    @property
    def text(self) -> str:
        """What it says, ``""`` while it is hidden."""
        return "" if self.isHidden() else self.accessibleName()

    def say(self, headline: str, sentence: str = "", kind: str = "info") -> None:
        """Show it."""
        self._headline.setText(headline)
        self._sentence.setText(sentence)
        self._sentence.setVisible(bool(sentence))
        icons.put(self._icon, _ICONS[kind], "link" if kind == "info" else kind, 22)
        set_role(self, f"notice-{kind}")
        self.setAccessibleName(f"{headline} {sentence}".strip())
        self.show()
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))

    def clear(self) -> None:
        """Take it away: something new has begun."""
        self.hide()
