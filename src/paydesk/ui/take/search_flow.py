"""Search while typing in the ledger's cache, and open a hit by the rules of the lookups."""

from __future__ import annotations

from datetime import UTC, tzinfo
from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from paydesk.domain.errors import KnownError
from paydesk.ui.kit import faults, notices
from paydesk.ui.kit import format as fmt
from paydesk.ui.qt.tasks import Lanes, Task
from paydesk.ui.qt.timers import pause
from paydesk.ui.take.search_form import SearchForm
from paydesk.ui.take.words import search as words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from paydesk.services.desk.desk import Desk
    from paydesk.services.invoices.agency_search import AgencyHits, AgencySearch
    from paydesk.services.invoices.search import Hit
    from paydesk.ui.take.search_results import SearchResults


ASK_AFTER_MS = 600
"""Milliseconds without a key after which the agency system is asked for a name."""


class AgencyQuestion(QObject):
    """The question to the agency system about a typed name. ``answered`` follows any news.

    It runs beside the desk's own search, and never holds it up.
    """

    answered = Signal()

    def __init__(self, lanes: Lanes, parent: QObject) -> None:
        super().__init__(parent)
        self._lanes = lanes
        self._search: AgencySearch | None = None
        self._task: Task | None = None
        self._text = ""
        self._cannot = ""
        """The reason that the source cannot search by name at all."""
        self.hits: tuple[Hit, ...] = ()
        self.said, self.warning = "", False
        self._soon = pause(self, ASK_AFTER_MS, self.ask_now)

    def attach(self, search: AgencySearch) -> None:
        """Connect to the desk's search."""
        self._search = search

    def consider(self, text: str) -> None:
        """Ask for the name once the clerk pauses, unless this very text was asked already."""
        if text == self._text:
            return
        self.clear()
        self._text = text
        if self._search is None or not self._search.asks(text):
            return
        if self._cannot:
            self._say(self._cannot)
        else:
            self._soon.start()

    def ask_now(self) -> None:
        """Ask without waiting for a pause."""
        self._soon.stop()
        search, text = self._search, self._text
        if search is None or self._cannot or self._task is not None or not search.asks(text):
            return
        self._say(words.ASKING_BY_NAME)
        self._task = self._lanes.lookup.run(lambda: search.find(text), self._found, self._failed, self)

    def clear(self) -> None:
        """Drop the question and its answer."""
        self._soon.stop()
        if self._task is not None:
            self._task.cancel()
        self._task, self._text, self.hits = None, "", ()
        self.said, self.warning = "", False

    def _found(self, found: AgencyHits) -> None:
        self._task, self.hits = None, found.hits
        self._say(words.found_by_name(len(found.hits), found.more, found.doubtful), warning=found.doubtful)

    def _failed(self, error: Exception) -> None:
        from paydesk.services.ports.agency import CannotSearch  # not needed before an answer

        self._task = None
        if isinstance(error, CannotSearch):
            self._cannot = error.sentence
            self._say(self._cannot)
        elif isinstance(error, KnownError):
            self._say(words.not_found_by_name(error.sentence), warning=True)
        else:
            faults.log_failure(error)
            self._say(words.not_found_by_name(words.NAME_SEARCH_FAILED), warning=True)

    def _say(self, said: str, *, warning: bool = False) -> None:
        self.said, self.warning = said, warning
        self.answered.emit()


class SearchFlow(QObject):
    """A search field and its results. ``invoice`` and ``customer`` carry the number of the opened hit.

    An invoice is looked up by its number. A customer is looked up once the ZIP is known. An invoice that is
    paid or being paid leads to its payment: ``payment`` carries that one's reference. ``made`` carries the
    page of results, which is made when it is first needed.
    """

    invoice = Signal(str)
    customer = Signal(str)
    payment = Signal(str)
    made = Signal(object)

    def __init__(self, lanes: Lanes, form: SearchForm, notice: notices.NoticeBar) -> None:
        super().__init__(form)
        self._lanes, self._form, self._notice = lanes, form, notice
        self._desk: Desk | None = None
        self._task: Task | None = None
        self._open_first = False
        self._zone: tzinfo = UTC
        self._hits: tuple[Hit, ...] = ()
        self._text = ""
        self.agency = AgencyQuestion(lanes, self)
        self.agency.answered.connect(self._draw)
        form.typed.connect(self._search)
        form.submitted.connect(self._entered)
        form.down.connect(self._into_results)

    @cached_property
    def page(self) -> SearchResults:
        """The page of results."""
        from paydesk.ui.take.search_results import SearchResults  # most lookups need no search

        made = SearchResults()
        made.opened.connect(self._open)
        self.made.emit(made)
        return made

    def attach(self, desk: Desk) -> None:
        """Connect to the desk, and search for what was typed meanwhile."""
        self._desk = desk
        self.agency.attach(desk.agency_search)
        self._zone = fmt.zone_of(desk.settings.time_zone)
        if self._form.text.text():
            self._search(self._form.text.text())

    def clear(self) -> None:
        """Clear what was searched for the last caller."""
        self._open_first = False
        self._form.text.clear()
        self._search("")

    def refresh(self) -> None:
        """Search again for the same text, because payments may have changed what is owed."""
        if self._form.text.text().strip():
            self._search(self._form.text.text())

    @property
    def busy(self) -> bool:
        """True while the answer for the typed text is still to come."""
        return self._task is not None

    def _search(self, text: str) -> None:
        if self._task is not None:
            self._task.cancel()
            self._task = None
        if self._desk is None:
            return
        if not text.strip():
            self.agency.clear()
            if "page" in vars(self):  # without it, nothing has been found yet
                self._show("", ())
            return
        find = self._desk.search.find
        self.page.set_day(self._desk.today(), self._zone)
        self._task = self._lanes.read.run(
            lambda: find(text), lambda hits: self._show(text, hits), self._fail, self
        )

    def _show(self, text: str, hits: Sequence[Hit]) -> None:
        self._task, self._text, self._hits = None, text, tuple(hits)
        self.agency.consider(text)
        self._draw()
        if self._open_first:
            self._open_first = False
            if hits:
                self.page.open_first()
            else:
                self.agency.ask_now()

    def _draw(self) -> None:
        """Show the desk's own hits, and below them those that only the agency system knows."""
        seen = {hit.customer_number for hit in self._hits}
        others = [hit for hit in self.agency.hits if hit.customer_number not in seen]
        self.page.show_hits(self._text, [*self._hits, *others])
        self.page.say(self.agency.said, warning=self.agency.warning)

    def _fail(self, error: Exception) -> None:
        self._task, self._open_first = None, False
        notices.report(error, self._notice)

    def _entered(self) -> None:
        """Open the best hit as soon as it is found."""
        self._open_first = True
        self._search(self._form.text.text())

    def _into_results(self) -> None:
        if self.page.model.rows:
            self.page.table.setFocus()

    def _open(self, hit: Hit) -> None:
        if hit.payment:
            self.payment.emit(hit.payment)
        elif hit.row is not None:
            self.invoice.emit(hit.row.invoice.number)
        else:
            self.customer.emit(hit.customer_number)
