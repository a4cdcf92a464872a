"""A box with an outcome: an icon, a headline, and the next step."""

from __future__ import annotations

from PySide6.QtWidgets import QAbstractButton, QFrame, QHBoxLayout, QWidget

from paydesk.ui.kit import icons
from paydesk.ui.kit.announce import announce
from paydesk.ui.kit.theme import Space
from paydesk.ui.kit.widgets import label, set_role, stack

_ICONS = {"good": "check-circle", "warning": "clock", "danger": "alert", "info": "info"}


class Banner(QFrame):
    """A headline and a sentence of kind ``good``, ``warning``, ``danger`` or ``info``. Hidden while empty."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self._icon = label()
        self._headline = label("", "notice", f"{name}.headline")
        self._sentence = label("", "body", f"{name}.sentence")
        self._headline.setWordWrap(True)
        self._sentence.setWordWrap(True)
        self._offers: list[QAbstractButton] = []
        self._line = line = QHBoxLayout(self)
        line.setContentsMargins(Space.M, Space.S, Space.M, Space.S)
        line.setSpacing(Space.M)
        words = QWidget()
        stack(words, self._headline, self._sentence, spacing=Space.XS)
        line.addWidget(self._icon)
        line.addWidget(words, 1)
        self.hide()

    @property
    def text(self) -> str:
        """The visible text, or ``""`` while the banner is hidden."""
        return "" if self.isHidden() else self.accessibleName()

    def say(self, headline: str, sentence: str = "", kind: str = "info") -> None:
        """Show a headline and a sentence. Announces them to screen readers."""
        for offered in self._offers:
            offered.hide()
        self._headline.setText(headline)
        self._sentence.setText(sentence)
        self._sentence.setVisible(bool(sentence))
        icons.put(self._icon, _ICONS[kind], "link" if kind == "info" else kind, 22)
        set_role(self, f"notice-{kind}")
        self.setAccessibleName(f"{headline} {sentence}".strip())
        self.show()
        announce(self)

    def offer(self, way: QAbstractButton) -> None:
        """Show a button beside the words, until other words come."""
        if way not in self._offers:
            self._offers.append(way)
            self._line.addWidget(way)
        way.show()

    def clear(self) -> None:
        """Hide the banner, because something new has begun."""
        self.hide()
