"""The field for the reason of a step that only a person may take."""

from __future__ import annotations

from PySide6.QtCore import Signal

from paydesk.services.payments.reasons import LONGEST_REASON
from paydesk.ui.kit.form import Row
from paydesk.ui.kit.line_edits import Entry
from paydesk.ui.payments import words


class ReasonField(Row):
    """The entry with its caption, and the line that says that the reason is missing.

    ``given`` carries the reason, which is never empty.
    """

    given = Signal(str)

    def __init__(self, name: str, spoken: str, missing: str) -> None:
        super().__init__()
        self._missing = missing
        self.entry = Entry(f"{name}.reason", spoken)
        self.entry.setMaxLength(LONGEST_REASON)
        self.add(words.WHY, self.entry)
        self.setFocusProxy(self.entry)
        self.entry.textEdited.connect(self._typed)
        self.entry.returnPressed.connect(self.confirm)

    def confirm(self) -> None:
        """Give the reason, or say that it is missing."""
        why = self.entry.text().strip()
        if why:
            self.given.emit(why)
        else:
            self.mark(self.entry, self._missing)
            self.entry.setFocus()

    def _typed(self, text: str) -> None:
        if text:
            self.mark(self.entry, "")
