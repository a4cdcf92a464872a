"""The search field: finds a name, policy, phone, number or amount while it is typed."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from paydesk.ui.kit.form import Form, Row
from paydesk.ui.kit.line_edits import Entry
from paydesk.ui.kit.widgets import shortcut
from paydesk.ui.qt.timers import pause
from paydesk.ui.take.words import search as words

TYPING_PAUSE_MS = 60
"""Milliseconds between the last key and the search, too short to notice."""


class SearchForm(Form):
    """The form. ``typed`` carries the text to search for, ``down`` asks to move into the results."""

    typed = Signal(str)
    down = Signal()

    def __init__(self) -> None:
        super().__init__("lookup.search")
        self.text = Entry("lookup.search.text", words.SEARCH_SPOKEN)
        self.text.setPlaceholderText(words.SEARCH_SAMPLE)
        self.text.setClearButtonEnabled(True)
        self.text.setFixedWidth(420)
        row = Row()
        self.add_row(row, row.add(words.SEARCH_LABEL, self.text, lambda: "", stretch=0))
        row.add("", QWidget())
        row.hint(words.SEARCH_HINT)
        self._pause = pause(self, TYPING_PAUSE_MS, lambda: self.typed.emit(self.text.text()))
        self.text.textChanged.connect(lambda _text: self._pause.start())
        shortcut(self.text, "Down", self.down.emit, words.INTO_RESULTS, focused=True)
