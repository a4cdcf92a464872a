"""The advice about an open item: what is known, what to do, and what must not be done."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel

from paydesk.services.desk.advice import Action, Advice, Case
from paydesk.ui.kit import icons
from paydesk.ui.kit.scrolling import Prose
from paydesk.ui.kit.theme import Space
from paydesk.ui.kit.widgets import button, keyed, label, row, set_role
from paydesk.ui.payments import attention_words as words


class AdvicePanel(QFrame):
    """Up to three short paragraphs, each with its caption and icon, to be read aloud.

    ``acknowledge`` follows a press of the button that is there if the advice asks for it.
    """

    acknowledge = Signal()
    entered = Signal()
    """Follows a press of the button that says that what was left to do about a refund is done."""
    attributed = Signal(bool)
    """Carries True if a person says that a refund which the processor lists is ours."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self._title = Prose("title", f"{name}.title")
        self._texts = {
            part: _paragraph(f"{name}.{part}", role)
            for part, role in (("known", "body"), ("do", "body"), ("never", "strong"))
        }
        self._captions = {
            "known": _caption(words.KNOWN, "info", "muted"),
            "do": _caption(words.DO, "check", "good"),
            "never": _caption(words.NEVER, "close", "danger"),
        }
        grid = QGridLayout(self)
        grid.setContentsMargins(Space.L, Space.M, Space.L, Space.M)
        grid.setHorizontalSpacing(Space.S)
        grid.setVerticalSpacing(Space.S)
        grid.setColumnStretch(2, 1)
        grid.addWidget(self._title, 0, 0, 1, 3)
        for place, (part, (sign, caption)) in enumerate(self._captions.items(), start=1):
            for column, widget in enumerate((sign, caption, self._texts[part])):
                grid.addWidget(widget, place, column, Qt.AlignmentFlag.AlignTop)
        self._acknowledge = button(
            words.ACKNOWLEDGE, f"{name}.acknowledge", key="F11", icon="check", bound=False
        )
        self._acknowledge.clicked.connect(self.acknowledge)
        self._entered = button(words.REFUND_ENTERED, f"{name}.entered", key="F11", icon="check", bound=False)
        self._entered.clicked.connect(self.entered)
        self._ours = button(words.REFUND_IS_OURS, f"{name}.ours", key="F11", icon="check", bound=False)
        self._ours.clicked.connect(lambda: self.attributed.emit(True))
        self._other = button(words.REFUND_IS_OTHER, f"{name}.other", key="Shift+F11", bound=False)
        self._other.clicked.connect(lambda: self.attributed.emit(False))
        self._buttons = row(self._acknowledge, self._entered, self._ours, self._other)
        self._buttons.addStretch(1)
        grid.addLayout(self._buttons, 4, 1, 1, 2)
        keyed(self, "F11", self._acknowledge, lambda: None, self._entered, self._ours)
        keyed(self, "Shift+F11", self._other, lambda: None)
        self.hide()

    def show_advice(self, title: str, advice: Advice | None, kind: str) -> None:
        """Show the advice in the colors of that notice kind. Without advice, hide the panel."""
        self._title.setText(title)
        for part, text in self._texts.items():
            said = getattr(advice, part) if advice else ""
            text.setText(said)
            for widget in (*self._captions[part], text):
                widget.setVisible(bool(said))
        actions = advice.actions if advice else frozenset()
        self._acknowledge.setVisible(Action.ACKNOWLEDGE in actions)
        wished = advice is not None and advice.case is Case.REFUND_WISHED
        self._entered.setVisible(Action.SAY_REFUND_ENTERED in actions or wished)
        for one in (self._ours, self._other):
            one.setVisible(Action.SAY_REFUND_IS_OURS in actions)
        set_role(self, f"notice-{kind}")
        self.setAccessibleName(self.text)
        self.setVisible(advice is not None)

    @property
    def title(self) -> str:
        """The headline."""
        return self._title.text()

    @property
    def text(self) -> str:
        """The whole text, as it is read aloud."""
        parts = [self._title.text(), *(text.text() for text in self._texts.values())]
        return " ".join(" ".join(parts).split())


def _paragraph(name: str, role: str) -> Prose:
    made = Prose(role, name)
    made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return made


def _caption(text: str, icon: str, tint: str) -> tuple[QLabel, QLabel]:
    sign = label()
    icons.put(sign, icon, tint)
    return sign, label(text, "muted")
