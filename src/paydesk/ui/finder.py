"""Search as typed: asks the ledger's cache, shows what fits, and opens it by the rules of the lookups."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from paydesk.ui import notify
from paydesk.ui.finder_form import FinderForm
from paydesk.ui.hits_page import HitsPage
from paydesk.ui.tasks import Lanes, Task

if TYPE_CHECKING:
    from collections.abc import Sequence

    from paydesk.services.desk import Desk
    from paydesk.services.search import Hit


class Finder(QObject):
    """One search field and its results. ``invoice`` and ``customer`` carry the number that was opened:
    an invoice is looked up by it, a customer once the ZIP is known.
    """

    invoice = Signal(str)
    customer = Signal(str)

    def __init__(self, lanes: Lanes, form: FinderForm, notice: notify.NoticeBar) -> None:
        super().__init__(form)
        self._lanes, self._form, self._notice = lanes, form, notice
        self._desk: Desk | None = None
        self._task: Task | None = None
        self._open_first = False
        self.page = HitsPage()
        form.typed.connect(self._search)
        form.submitted.connect(self._entered)
        form.down.connect(self._into_results)
        self.page.opened.connect(self._open)

    def attach(self, desk: Desk) -> None:
        """The services are ready."""
        self._desk = desk
        if self._form.text.text():
            self._search(self._form.text.text())

    def clear(self) -> None:
        """Forget what was searched for the last caller."""
        self._open_first = False
        self._form.text.clear()
        self._search("")

    @property
    def busy(self) -> bool:
        """The answer to what stands in the field is still to come."""
        return self._task is not None

    def _search(self, text: str) -> None:
        if self._task is not None:
            self._task.cancel()
            self._task = None
        if self._desk is None:
            return
        if not text.strip():
            self.page.show_hits("", ())
            return
        find = self._desk.search.find
        self._task = self._lanes.read(
            lambda: find(text), lambda hits: self._show(text, hits), self._fail, self
        )

    def _show(self, text: str, hits: Sequence[Hit]) -> None:
        self._task = None
        self.page.show_hits(text, hits)
        if self._open_first:
            self._open_first = False
            self.page.open_current()

    def _fail(self, error: Exception) -> None:
        self._task, self._open_first = None, False
        notify.report(error, self._notice)

    def _entered(self) -> None:
        """Enter before the answer opens the best of it when it comes."""
        self._open_first = True
        self._search(self._form.text.text())

    def _into_results(self) -> None:
        if self.page.model.rows:
            self.page.table.setFocus()

    def _open(self, hit: Hit) -> None:
        if hit.invoice is not None:
            self.invoice.emit(hit.invoice.number)
        else:
            self.customer.emit(hit.customer_number)
