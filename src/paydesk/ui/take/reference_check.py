"""Checks of a payment without an invoice: its reference, and the customer number that the payer gave."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from paydesk.ui.qt.tasks import Lanes, Task

if TYPE_CHECKING:
    from paydesk.services.desk.desk import Desk


class Check(QObject):
    """One question at a time. ``answered`` carries the answer, or None if there is none."""

    answered = Signal(object)

    def __init__(self, lanes: Lanes, parent: QObject) -> None:
        super().__init__(parent)
        self._lanes = lanes
        self._desk: Desk | None = None
        self._task: Task | None = None

    def attach(self, desk: Desk) -> None:
        """Connect to the desk."""
        self._desk = desk

    @property
    def busy(self) -> bool:
        """True while the answer is still to come."""
        return self._task is not None

    def cancel(self) -> None:
        """Stop the check."""
        if self._task is not None:
            self._task.cancel()
        self._task = None

    def _ask(self, question: Callable[[], object]) -> None:
        """Ask on the lookup lane. Drops an older question."""
        self.cancel()
        self._task = self._lanes.lookup.run(question, self._answer, lambda _error: self._answer(None), self)

    def _answer(self, found: object) -> None:
        self._task = None
        self.answered.emit(found)


class ReferenceCheck(Check):
    """Checks if a reference is an open invoice, so that nobody pays one twice. Answers with its Row."""

    def start(self, reference: str) -> None:
        """Check a reference."""
        if self._desk is not None:
            self._ask(partial(self._desk.lookup.invoice_for, reference))


class CustomerNumberCheck(Check):
    """Checks the customer number that a payer gave. Answers with a CustomerCheck."""

    def start(self, number: str, payer: str) -> None:
        """Check the number of a payer by that name."""
        if self._desk is not None:
            self._ask(partial(self._desk.lookup.check_customer, number, payer))
