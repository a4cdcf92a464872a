"""Ask for the reason of a step that only a person may take."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QDialog, QWidget

from paydesk.ui.kit.scrolling import be_tall_enough
from paydesk.ui.kit.theme import Space
from paydesk.ui.kit.widgets import button, label, row, stack
from paydesk.ui.kit.world_banner import mark_world
from paydesk.ui.payments import words
from paydesk.ui.payments.reversal.reason_field import ReasonField

WIDTH = 480


class ReasonDialog(QDialog):
    """The dialog. It does nothing itself: ``confirmed`` carries the reason."""

    confirmed = Signal(str)

    def __init__(self, name: str, title: str, about: str, note: str, confirm: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName(f"{name}.dialog")
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(True)
        self.setFixedWidth(WIDTH)
        asked = ReasonField(name, words.REASON_SPOKEN, words.REASON_MISSING)
        self.reason = asked.entry
        texts = [label(about, "strong", f"{name}.about"), label(note, "muted", f"{name}.note")]
        for text in texts:
            text.setWordWrap(True)
        back = button(words.BACK, f"{name}.back", key="Esc", role="quiet")
        done = button(confirm, f"{name}.confirm", key="Enter", role="primary")
        column = stack(self, *texts, asked, spacing=Space.M, margin=Space.XL)
        foot = row(spacing=Space.S)
        foot.addStretch(1)
        foot.addWidget(back)
        foot.addWidget(done)
        column.addLayout(foot)
        mark_world(self)
        asked.given.connect(self._confirm)
        done.clicked.connect(asked.confirm)
        back.clicked.connect(self.reject)

    def showEvent(self, event: QShowEvent) -> None:
        """Start in the field for the reason."""
        super().showEvent(event)
        be_tall_enough(self)
        self.reason.setFocus()

    def _confirm(self, why: str) -> None:
        self.accept()
        self.confirmed.emit(why)
