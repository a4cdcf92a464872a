"""The search field: a name, policy, phone, number or amount, found while it is typed."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from paydesk.ui.card_guard import keep_cards_out
from paydesk.ui.entry import Entry
from paydesk.ui.form import Form, Row

TYPING_PAUSE_MS = 60
"""Between the last key and the search; shorter than anybody notices."""


class FinderForm(Form):
    """``typed`` carries what to search for, ``down`` when the keyboard wants into the results."""

    typed = Signal(str)
    down = Signal()

    def __init__(self) -> None:
        super().__init__("lookup.search")
        self.text = Entry("lookup.search.text", "Search customers and invoices")
        self.text.setPlaceholderText("Sample Bakery, BOP-4471, 617 555 0142, 1,250.00")
        self.text.setClearButtonEnabled(True)
        self.text.setFixedWidth(420)
        row = Row()
        self.add_row(row, row.add("Name, policy, phone, number or am&ount", self.text, lambda: "", stretch=0))
        row.add("", QWidget())
        keep_cards_out(self.text, lambda said: row.mark(self.text, said))
        row.hint("Finds what PayDesk has seen of AMS360; Enter opens the first.")
        self._pause = QTimer(self, interval=TYPING_PAUSE_MS, singleShot=True)
        self._pause.timeout.connect(lambda: self.typed.emit(self.text.text()))
        self.text.textChanged.connect(lambda _text: self._pause.start())
        into = QShortcut(QKeySequence(Qt.Key.Key_Down), self.text)
        into.setContext(Qt.ShortcutContext.WidgetShortcut)
        into.activated.connect(self.down)
