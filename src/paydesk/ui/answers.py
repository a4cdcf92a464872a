"""What a lookup answers: the rows last seen at once, then AMS360's word, or why there is none."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, tzinfo
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QApplication

from paydesk.domain.errors import KnownError, NoAnswer
from paydesk.ui import format as words
from paydesk.ui import notify
from paydesk.ui.basket import Basket
from paydesk.ui.corrections import corrections
from paydesk.ui.lookup_page import LookupPage
from paydesk.ui.notify import NoticeBar
from paydesk.ui.search import Search
from paydesk.ui.selection_page import SelectionPage
from paydesk.ui.tasks import Lanes

if TYPE_CHECKING:
    from paydesk.services.desk import Desk
    from paydesk.services.lookup import Found, Lookup

EMPTY_AFTER_MS = 60
"""How long the answer before stays in view, unusable, while the next one is looked up."""

_AGREE = "Charge what was owed"


class Answers(QObject):
    """Asks what was looked up, and puts the answer into the table, the basket and the notice.

    ``source_answered`` tells whether AMS360 answered the last question, ``no_answer`` why it did not,
    ``age_changed`` how old the invoices on the screen are, ``confirmed`` that the live answer is there:
    True when it is as shown.
    """

    source_answered = Signal(bool)
    no_answer = Signal(object)
    age_changed = Signal(str)
    confirmed = Signal(bool)

    def __init__(
        self, lanes: Lanes, lookup: LookupPage, selection: SelectionPage, basket: Basket, notice: NoticeBar
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
        self._empty_soon = QTimer(self, interval=EMPTY_AFTER_MS, singleShot=True)
        self._empty_soon.timeout.connect(lambda: self._selection.clear(self._what, "Esc cancels."))
        self.search = Search(lanes, self)
        self.search.found.connect(self._show)
        self.search.failed.connect(self._fail)
        self.search.busy_changed.connect(lookup.show_busy)
        lookup.invoice.asked.connect(self.find_invoice)
        lookup.customer.asked.connect(self.find_customer)

    def attach(self, desk: Desk) -> None:
        """The services are ready: whatever was asked meanwhile is asked now."""
        self._desk = desk
        self._zone = words.zone_of(desk.settings.time_zone)
        if self._ask is not None:
            self._ask(desk.lookup)

    @property
    def unconfirmed(self) -> bool:
        """There are rows to see, and the live answer is still to come."""
        return self.search.busy and self._found is not None

    # ---- asking ---------------------------------------------------------------------------

    def find_invoice(self, number: str) -> None:
        """Look an invoice up."""

        def ask(lookup: Lookup) -> None:
            self.search.start(partial(lookup.cached_by_invoice, number), partial(lookup.by_invoice, number))

        self._begin(f"Looking up invoice {number}…", (number,), ask)

    def find_customer(self, number: str, zip_code: str, second: str) -> None:
        """Look a customer up."""

        def ask(lookup: Lookup) -> None:
            self.search.start(
                partial(lookup.cached_by_customer, number, zip_code, second),
                partial(lookup.by_customer, number, zip_code, second),
            )

        self._begin(f"Looking up customer {number}…", (), ask)

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
        """Stop what is running; rows that were there already stay, unconfirmed."""
        self._empty_soon.stop()
        self._ask = None
        if not self.search.cancel():
            return
        if self._found is None:
            self._selection.clear()
            self._basket.wait("")
        else:
            self._no_live_answer(KnownError("The check with AMS360 was stopped.", "Look it up again."))

    def forget(self) -> None:
        """Nothing was looked up: the answer is no longer known, nor anything said of it."""
        self._empty_soon.stop()
        self.search.cancel()
        self._found = None
        self._notice.clear()
        self._lookup.say("")
        self._basket.wait("")
        self._basket.ask_agreement("")
        self.age_changed.emit("")

    def refresh_marks(self) -> None:
        """Read again what the ledger knows of the invoices shown: after a payment, or a refusal."""
        if self._desk is not None and self._found is not None:
            found, remark = self._found, self._desk.lookup.remark
            self._lanes.read(lambda: remark(found), self._remarked, notify.log_failure, self)

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
            self._move_on()
        else:
            self._selection.correct(found)
        self._say_age(", checking AMS360…" if found.cached else "")
        self._basket.wait("Checking with AMS360…" if found.cached else "")
        if not found.cached:
            self.source_answered.emit(True)
            told = [] if first else corrections(before, self._selection.model.selection)
            self._say_corrections(told)
            self.confirmed.emit(not told)

    def _say_corrections(self, told: list[str]) -> None:
        if told:
            self._notice.say(
                f"AMS360 has newer figures. {' '.join(told)}",
                "Say the new sum before you charge.",
                "warning",
            )

    def _move_on(self) -> None:
        """After an answer the keyboard is in the table, unless something else is being typed by now."""
        typing = QApplication.focusWidget()
        if self._selection.model.payable and (typing is None or self._lookup.isAncestorOf(typing)):
            self._selection.table.setFocus()

    def _say_age(self, state: str) -> str:
        assert self._desk is not None
        assert self._found is not None
        age = words.age(self._found.read_at, self._desk.clock.now(), self._zone)
        self._selection.show_age(age + state)
        self.age_changed.emit(age + state)
        return age

    # ---- no answer ------------------------------------------------------------------------

    def _fail(self, error: Exception) -> None:
        from paydesk.services.lookup import NotFound, SecondIdentifierNeeded  # loaded by now, not at start

        self._empty_soon.stop()
        clear_answer = isinstance(error, NotFound)
        if clear_answer or isinstance(error, NoAnswer):
            self.source_answered.emit(clear_answer)
        if isinstance(error, NoAnswer):
            self.no_answer.emit(error)
        if self._found is not None and not clear_answer and isinstance(error, KnownError):
            self._no_live_answer(error)
            return
        self._found = None
        self._basket.wait("")
        if clear_answer:
            self._selection.clear("Nothing to show", "Correct what is typed above, or look up otherwise.")
        else:
            self._selection.clear("No answer to show", "What was typed stays; Enter looks it up again.")
        if isinstance(error, SecondIdentifierNeeded):
            self._selection.clear(error.sentence, error.next_step)
            self._lookup.customer.need_second(True)
        elif isinstance(error, NotFound):
            # First the keyboard, then the sentence: leaving a field takes its sentence away.
            self._lookup.start()
            self._lookup.say(f"{error.sentence} {error.next_step}")
        else:
            notify.report(error, self._notice)
            self._lookup.start()

    def _no_live_answer(self, error: KnownError) -> None:
        """Rows from the cache stay; charging them needs an explicit yes, which is recorded."""
        age = self._say_age(", AMS360 did not answer")
        assert self._found is not None
        assert self._desk is not None
        refusal = self._desk.refuses_cached(self._found.read_at)
        way = refusal or f"Tick “{_AGREE}” to take the payment all the same."
        self._notice.say(
            error.sentence,
            f"Shown is what was owed {age}. {way} Enter in the lookup asks AMS360 again.",
            "warning",
        )
        self._basket.wait(f"Not checked with AMS360. {refusal}".rstrip())
        self._basket.ask_agreement("" if refusal else f"{_AGREE} {age}")
