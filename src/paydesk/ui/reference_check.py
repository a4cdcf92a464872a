"""An anytime payment's reference against the open invoices: nobody pays twice under two names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from paydesk.ui.tasks import Lanes, Task

if TYPE_CHECKING:
    from paydesk.domain.selection import Row
    from paydesk.services.desk import Desk


class ReferenceCheck(QObject):
    """Whether an anytime payment's reference is an open invoice; ``answered`` carries its Row or None."""

    answered = Signal(object)

    def __init__(self, lanes: Lanes, parent: QObject) -> None:
        super().__init__(parent)
        self._lanes = lanes
        self._desk: Desk | None = None
        self._task: Task | None = None
        self.found: Row | None = None

    def attach(self, desk: Desk) -> None:
        """From now on there is somebody to ask."""
        self._desk = desk

    @property
    def busy(self) -> bool:
        """The answer is still to come."""
        return self._task is not None

    def start(self, reference: str) -> None:
        """Ask about a reference; an older question is dropped."""
        self.cancel()
        if self._desk is not None:
            invoice_for = self._desk.lookup.invoice_for
            self._task = self._lanes.lookup(
                lambda: invoice_for(reference), self._answer, lambda _error: self._answer(None), self
            )

    def cancel(self) -> None:
        """Stop asking, and forget the last answer."""
        if self._task is not None:
            self._task.cancel()
        self._task, self.found = None, None

    def _answer(self, row: Row | None) -> None:
        self._task, self.found = None, row
        self.answered.emit(row)
