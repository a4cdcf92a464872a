"""Show a lookup's answers: cached rows first, then the agency system's live answer, or why there is none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, tzinfo
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication

from paydesk.domain.errors import CannotBePaid, KnownError, NoAnswer
from paydesk.domain.money import Money
from paydesk.ui.kit import faults, notices
from paydesk.ui.kit import format as fmt
from paydesk.ui.kit import words as kit_words
from paydesk.ui.kit.notices import NoticeBar
from paydesk.ui.qt.tasks import Lanes
from paydesk.ui.qt.timers import pause
from paydesk.ui.take.basket import BasketPanel
from paydesk.ui.take.corrections import corrections
from paydesk.ui.take.lookup_page import LookupPage
from paydesk.ui.take.selection_page import SelectionPage
from paydesk.ui.take.two_phase_lookup import Search
from paydesk.ui.take.words import basket as basket_words
from paydesk.ui.take.words import lookup as lookup_words
from paydesk.ui.take.words import selection as selection_words

if TYPE_CHECKING:
    from paydesk.services.desk.desk import Desk
    from paydesk.services.invoices.lookup import Found, Lookup


@dataclass(frozen=True, slots=True)
class Memory:
    """An answered lookup and the selection in it, to do both again."""

    what: str
    ask: Callable[[Lookup], None]
    ticked: tuple[str, ...]
    parts: tuple[tuple[str, Money], ...]


EMPTY_AFTER_MS = 60
"""Milliseconds for which the previous answer stays visible, disabled, during the next lookup."""


class LookupFlow(QObject):
    """Runs lookups, and shows the answers in the table, the basket and the notice.

    ``source_answered`` tells if the agency system answered the last question, and ``no_answer`` carries why
    it did not. ``age_changed`` carries the age of the invoices on the screen. ``confirmed`` follows the live
    answer, with True if it equals what is shown.
    """

    source_answered = Signal(bool)
    no_answer = Signal(object)
    age_changed = Signal(str)
    confirmed = Signal(bool)

    def __init__(
        self,
        lanes: Lanes,
        lookup: LookupPage,
        selection: SelectionPage,
        basket: BasketPanel,
        notice: NoticeBar,
    ) -> None:
        super().__init__(selection)
        self._lanes = lanes
        self._lookup, self._selection, self._basket, self._notice = lookup, selection, basket, notice
        self._desk: Desk | None = None
        self._zone: tzinfo = UTC
        self._found: Found | None = None
        self._asked_for: tuple[str, ...] = ()
        self._ask: Callable[[Lookup], None] | None = None
        self._what = ""
        self._parts: tuple[tuple[str, Money], ...] = ()
        """Partial amounts to bring back with the next answer."""
        self._empty_soon = pause(
            self, EMPTY_AFTER_MS, lambda: self._selection.clear((self._what, lookup_words.ESC_CANCELS))
        )
        self.search = Search(lanes, self)
        self.search.found.connect(self._show)
        self.search.failed.connect(self._fail)
        self.search.busy_changed.connect(lookup.show_busy)
        lookup.invoice.asked.connect(self.find_invoice)
        lookup.customer.asked.connect(self.find_customer)

    def attach(self, desk: Desk) -> None:
        """Connect to the desk, and start the lookup that the clerk asked for meanwhile."""
        self._desk = desk
        self._zone = fmt.zone_of(desk.settings.time_zone)
        if self._ask is not None:
            self._ask(desk.lookup)

    @property
    def unconfirmed(self) -> bool:
        """True while rows are shown and the live answer is still to come."""
        return self.search.busy and self._found is not None

    # ---- asking ---------------------------------------------------------------------------

    def find_invoice(self, number: str) -> None:
        """Look up an invoice."""

        def ask(lookup: Lookup) -> None:
            self.search.start(partial(lookup.cached_by_invoice, number), partial(lookup.by_invoice, number))

        self._begin(lookup_words.looking_up_invoice(number), (number,), ask)

    def find_customer(self, number: str, zip_code: str, second: str) -> None:
        """Look up a customer."""

        def ask(lookup: Lookup) -> None:
            self.search.start(
                partial(lookup.cached_by_customer, number, zip_code, second),
                partial(lookup.by_customer, number, zip_code, second),
            )

        self._begin(lookup_words.looking_up_customer(number), (), ask)

    def remember(self) -> Memory | None:
        """Return the lookup on the screen with its selection, or None if there is none to do again."""
        if self._found is None or self._ask is None:
            return None
        chosen = self._selection.model.selection
        ticked = tuple(row.invoice.number for row in chosen.rows)
        return Memory(self._what, self._ask, ticked, chosen.parts)

    def again(self, memory: Memory) -> None:
        """Do a lookup again, and select the same invoices as far as they can still be paid."""
        self._begin(memory.what, memory.ticked, memory.ask)
        self._parts = memory.parts

    def _begin(self, what: str, asked_for: tuple[str, ...], ask: Callable[[Lookup], None]) -> None:
        self.forget()
        self._asked_for, self._ask, self._what = asked_for, ask, what
        # The cache mostly answers before an emptied table could be seen: no flicker, and no time lost.
        self._basket.wait(what)
        self._empty_soon.start()
        self._basket.forget_tender()
        if self._desk is not None:
            ask(self._desk.lookup)

    def stop(self) -> None:
        """Stop the running lookup. Rows that are shown already stay, and F12 can still bring them back."""
        self._empty_soon.stop()
        if self._found is None:
            self._ask = None
        if not self.search.cancel():
            return
        if self._found is None:
            self._selection.clear()
            self._basket.wait("")
        else:
            self._no_live_answer(KnownError(*lookup_words.CHECK_STOPPED))

    def forget(self) -> None:
        """Drop the answer and every message about it."""
        self._empty_soon.stop()
        self.search.cancel()
        self._found, self._parts = None, ()
        self._notice.begin()
        self._lookup.say("")
        self._basket.wait("")
        self._basket.ask_agreement("")
        self.age_changed.emit("")

    def refresh_marks(self) -> None:
        """Read the ledger's statuses of the shown invoices again, after a payment or a refusal."""
        if self._desk is not None and self._found is not None:
            found, remark = self._found, self._desk.lookup.remark
            self._lanes.read.run(lambda: remark(found), self._remarked, faults.log_failure, self)

    def _remarked(self, found: Found) -> None:
        if self._found is not None and found.customer == self._found.customer:
            self._found = found
            self._selection.correct(found)

    # ---- answers --------------------------------------------------------------------------

    def _show(self, found: Found) -> None:
        assert self._desk is not None
        self._empty_soon.stop()
        first, self._found = self._found is None, found
        before = self._selection.model.selection
        if first:
            self._selection.show_found(found, self._asked_for, self._desk.today(), self._zone)
            self._selection.add_wanted(self._asked_for, self._parts)
            self._move_on()
        else:
            self._selection.correct(found)
        self._say_age(selection_words.AGE_CHECKING if found.cached else "")
        self._basket.wait(basket_words.CHECKING if found.cached else "")
        if not found.cached:
            self.source_answered.emit(True)
            told = [] if first else corrections(before, self._selection.model.selection)
            if self._selection.model.payable:
                self._say_corrections(told)
            elif self._lookup.looks_up:
                self._go_on_without()
            elif told:  # there is no new total to tell
                self._notice.say(*self._selection.why_nothing, "warning")
            self.confirmed.emit(not told)

    def _say_corrections(self, told: list[str]) -> None:
        if told:
            self._notice.say(*selection_words.newer_figures(told), "warning")

    def _move_on(self) -> None:
        """Move the keyboard into the table after an answer, unless the clerk is typing elsewhere."""
        typing = QApplication.focusWidget()
        if self._selection.model.payable and (typing is None or self._lookup.isAncestorOf(typing)):
            self._selection.table.setFocus()

    def _go_on_without(self) -> None:
        """Say that nothing can be paid, and let the clerk type the next number."""
        self._lookup.start()
        self._notice.refuse(*self._selection.why_nothing)

    def _say_age(self, state: str) -> str:
        assert self._desk is not None
        assert self._found is not None
        age = kit_words.age(self._found.read_at, self._desk.clock.now(), self._zone)
        self._selection.show_age(age + state)
        self.age_changed.emit(age + state)
        return age

    # ---- no answer ------------------------------------------------------------------------

    def _fail(self, error: Exception) -> None:
        from paydesk.services.invoices.lookup import (  # loaded by now, but not at the start
            EntryIncomplete,
            NotFound,
            SecondIdentifierNeeded,
        )

        self._empty_soon.stop()
        clear_answer = isinstance(error, NotFound | CannotBePaid)
        if clear_answer or isinstance(error, NoAnswer):
            self.source_answered.emit(clear_answer)
        if isinstance(error, NoAnswer):
            self.no_answer.emit(error)
        if self._found is not None and not clear_answer and isinstance(error, KnownError):
            self._no_live_answer(error)
            return
        self._found = None
        self.age_changed.emit("")
        self._basket.wait("")
        if isinstance(error, CannotBePaid):
            self._selection.clear(lookup_words.CANNOT_BE_PAID)
        elif isinstance(error, EntryIncomplete):
            self._selection.clear(lookup_words.READY)
        else:
            self._selection.clear(lookup_words.NOT_FOUND if clear_answer else lookup_words.NO_ANSWER)
        if isinstance(error, SecondIdentifierNeeded):
            self._selection.clear((error.sentence, error.next_step))
            self._lookup.customer.need_second(True)
        elif isinstance(error, NotFound):
            # First the focus, then the message: a field that loses the focus clears its message.
            self._lookup.correct()
            self._lookup.say(f"{error.sentence} {error.next_step}")
        else:
            notices.report(error, self._notice)
            self._lookup.start()

    def _no_live_answer(self, error: KnownError) -> None:
        """Keep the rows from the cache. Charging them needs an explicit yes, which is recorded."""
        age = self._say_age(selection_words.AGE_NO_ANSWER)
        assert self._found is not None
        assert self._desk is not None
        refusal = self._desk.refuses_cached(self._found.read_at)
        self._notice.say(error.sentence, basket_words.shown_is_cached(age, refusal), "warning")
        self._basket.wait(basket_words.not_checked(refusal))
        self._basket.ask_agreement("" if refusal else basket_words.agreement(age))
