"""Take payment: a lookup above, what it found below, the basket beside."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, tzinfo
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QVBoxLayout, QWidget

from paydesk.domain.bill import Bill
from paydesk.domain.errors import KnownError
from paydesk.domain.money import Money
from paydesk.domain.tender import TenderKind
from paydesk.ui import format as words
from paydesk.ui import notify
from paydesk.ui.basket import Basket
from paydesk.ui.lookup_page import LookupPage, Mode
from paydesk.ui.reference_check import ReferenceCheck
from paydesk.ui.search import Search
from paydesk.ui.selection_page import OthersBar, SelectionPage
from paydesk.ui.tasks import Lanes
from paydesk.ui.theme import Space

if TYPE_CHECKING:
    from paydesk.domain.selection import Row, Selection
    from paydesk.services.desk import Desk
    from paydesk.services.lookup import Found, Lookup


EMPTY_AFTER_MS = 60
"""How long the answer before stays in view, unusable, while the next one is looked up."""


class TakePage(QWidget):
    """Where a payment begins. ``pay_requested`` carries a Bill and the chosen TenderKind or None.

    ``source_answered`` tells whether AMS360 answered the last question, ``age_changed`` how old
    the invoices on the screen are.
    """

    pay_requested = Signal(object, object)
    source_answered = Signal(bool)
    age_changed = Signal(str)

    def __init__(self, lanes: Lanes) -> None:
        super().__init__()
        self.setObjectName("take")
        self._lanes = lanes
        self._desk: Desk | None = None
        self._found: Found | None = None
        self._asked_for: tuple[str, ...] = ()
        self._ask: Callable[[Lookup], None] | None = None
        self._pay_when_ready = False
        self._what = ""
        self._zone: tzinfo = UTC
        self._empty_soon = QTimer(self, interval=EMPTY_AFTER_MS, singleShot=True)
        self._empty_soon.timeout.connect(self._still_waiting)
        self.search = Search(lanes, self)
        self.lookup, self.selection, self.basket = LookupPage(), SelectionPage(), Basket()
        self.notice = notify.NoticeBar("take.notice")
        self.instead = OthersBar("anytime.instead", "Pay that invoice", "F6")
        self.reference = ReferenceCheck(lanes, self)
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        left = QVBoxLayout()
        left.setSpacing(Space.M)
        left.addWidget(self.lookup)
        left.addWidget(self.notice)
        left.addWidget(self.instead)
        left.addWidget(self.selection, 1)
        line = QHBoxLayout(self)
        line.setContentsMargins(Space.L, Space.M, Space.L, Space.M)
        line.setSpacing(Space.M)
        line.addLayout(left, 1)
        line.addWidget(self.basket)

    def _connect(self) -> None:
        self.lookup.invoice.asked.connect(self._find_invoice)
        self.lookup.customer.asked.connect(self._find_customer)
        self.lookup.cancelled.connect(self.step_back)
        self.lookup.cleared.connect(self.next_caller)
        self.lookup.mode_changed.connect(self._mode_changed)
        self.lookup.anytime.changed.connect(self._price)
        self.lookup.anytime.submitted.connect(self._anytime_done)
        self.lookup.anytime.reference_entered.connect(self.reference.start)
        self.reference.answered.connect(self._reference_answered)
        self.instead.taken.connect(self._pay_invoice_instead)
        self.search.found.connect(self._show)
        self.search.failed.connect(self._fail)
        self.search.busy_changed.connect(self.lookup.show_busy)
        self.selection.changed.connect(self._price)
        self.selection.go_on.connect(self.go_on)
        self.selection.left.connect(self.step_back)
        self.selection.table.choose.connect(self.basket.choose)
        self.selection.table.number_typed.connect(self.lookup.type_on)
        self.selection.model.refused.connect(self.notice.show_error)
        self.basket.pay_requested.connect(self._pay)

    # ---- the desk -------------------------------------------------------------------------

    def attach(self, desk: Desk) -> None:
        """The services are ready: whatever was asked meanwhile is asked now."""
        self._desk = desk
        self._zone = words.zone_of(desk.settings.time_zone)
        self.reference.attach(desk)
        if self._ask is not None:
            self._ask(desk.lookup)
        self._price()

    def refuse(self, error: KnownError) -> None:
        """There is no desk: say why, and take no questions."""
        self.notice.show_error(error)
        self.selection.clear(
            "This desk cannot take payments now", "What is wrong, and what to do, stands above."
        )
        self.lookup.setEnabled(False)

    def resume(self) -> None:
        """Back from the payment dialog without a payment: the selection stands, the keyboard is in it."""
        self.refresh_marks()
        (self.basket.charge if self._anytime else self.selection.table).setFocus()

    def next_caller(self) -> None:
        """Forget the last caller altogether; the keyboard is where the next number is typed."""
        self.search.cancel()
        self.reference.cancel()
        self._forget_answer()
        self.selection.clear()
        self.lookup.clear()
        self.instead.say("")
        self.basket.forget_tender()
        self.lookup.switch(Mode.INVOICE)
        self._price()

    def refresh_marks(self) -> None:
        """Read again what the ledger knows of the invoices shown: after a payment, or a refusal."""
        if self._desk is not None and self._found is not None:
            found, remark = self._found, self._desk.lookup.remark
            self._lanes.read(lambda: remark(found), self._remarked, notify.log_failure, self)

    def _remarked(self, found: Found) -> None:
        if self._found is not None and found.customer == self._found.customer:
            self._found = found
            self.selection.correct(found)

    # ---- looking up -----------------------------------------------------------------------

    def _find_invoice(self, number: str) -> None:
        def ask(lookup: Lookup) -> None:
            self.search.start(partial(lookup.cached_by_invoice, number), partial(lookup.by_invoice, number))

        self._begin(f"Looking up invoice {number}…", (number,), ask)

    def _find_customer(self, number: str, zip_code: str, second: str) -> None:
        def ask(lookup: Lookup) -> None:
            self.search.start(
                partial(lookup.cached_by_customer, number, zip_code, second),
                partial(lookup.by_customer, number, zip_code, second),
            )

        self._begin(f"Looking up customer {number}…", (), ask)

    def _begin(self, what: str, asked_for: tuple[str, ...], ask: Callable[[Lookup], None]) -> None:
        self._forget_answer()
        self._asked_for, self._ask, self._what = asked_for, ask, what
        # The cache mostly answers before an emptied table could be seen: no flicker, and no time lost.
        self.basket.wait(what)
        self._empty_soon.start()
        self.basket.forget_tender()
        if self._desk is not None:
            ask(self._desk.lookup)

    def _still_waiting(self) -> None:
        self.selection.clear(self._what, "Esc cancels.")

    def _forget_answer(self) -> None:
        self._empty_soon.stop()
        self._found = None
        self._pay_when_ready = False
        self.notice.clear()
        self.lookup.say("")
        self.basket.wait("")
        self.basket.ask_agreement("")
        self.age_changed.emit("")

    def _show(self, found: Found) -> None:
        desk = self._require_desk()
        self._empty_soon.stop()
        first, self._found = self._found is None, found
        before = self.selection.model.selection
        if first:
            self.selection.show_found(found, self._asked_for, desk.today(), self._zone)
        else:
            self.selection.correct(found)
        self._say_age(", checking AMS360…" if found.cached else "")
        self.basket.wait("Checking with AMS360…" if found.cached else "")
        if not found.cached:
            self.source_answered.emit(True)
        if first:
            self._move_on()
        elif before.rows and _amounts(before) != _amounts(after := self.selection.model.selection):
            self._say_changed(before.subtotal, after.subtotal)
        if not found.cached and self._pay_when_ready:
            self._pay_when_ready = False
            self.go_on()

    def _fail(self, error: Exception) -> None:
        from paydesk.services.lookup import NotFound, SecondIdentifierNeeded  # loaded by now, not at start

        self._empty_soon.stop()
        clear_answer = isinstance(error, NotFound)
        self.source_answered.emit(clear_answer)
        self._pay_when_ready = False
        if self._found is not None and not clear_answer and isinstance(error, KnownError):
            self._no_live_answer(error)
            return
        self._found = None
        self.basket.wait("")
        self.selection.clear("Nothing to show", "Correct what is typed above, or look up otherwise.")
        if isinstance(error, SecondIdentifierNeeded):
            self.selection.clear(error.sentence, error.next_step)
            self.lookup.customer.need_second(True)
        elif isinstance(error, NotFound):
            # First the keyboard, then the sentence: leaving a field takes its sentence away.
            self.lookup.start()
            self.lookup.say(f"{error.sentence} {error.next_step}")
        else:
            notify.report(error, self.notice)
            self.lookup.start()

    def _no_live_answer(self, error: KnownError) -> None:
        """Rows from the cache stay; charging them needs an explicit yes, which is recorded."""
        age = self._say_age(", AMS360 did not answer")
        self.notice.say(error.sentence, error.next_step, "warning")
        self.basket.wait("These amounts could not be checked with AMS360.")
        self.basket.ask_agreement(f"Charge what was owed {age}")

    def _say_age(self, state: str) -> str:
        desk = self._require_desk()
        assert self._found is not None
        age = words.age(self._found.read_at, desk.clock.now(), self._zone)
        self.selection.show_age(age + state)
        self.age_changed.emit(age + state)
        return age

    def _say_changed(self, before: Money, after: Money) -> None:
        self._pay_when_ready = False
        self.notice.say(
            "AMS360 has newer figures than were shown.",
            f"The sum was {before} and is now {after}. Say the new amount before you charge.",
            "warning",
        )

    def _move_on(self) -> None:
        """After an answer the keyboard is in the table, unless something else is being typed by now."""
        typing = QApplication.focusWidget()
        if self.selection.model.payable and (typing is None or self.lookup.isAncestorOf(typing)):
            self.selection.table.setFocus()

    # ---- keys -----------------------------------------------------------------------------

    def go_on(self) -> None:
        """Go on to the charge as soon as that is possible; say what is missing."""
        if self.basket.ready:
            self.basket.charge.click()
        elif self.search.busy and self._found is not None:
            self._pay_when_ready = True
        elif not self.selection.model.selection.rows and not self._anytime:
            self.notice.say("Nothing is ticked yet.", "Space ticks the invoice the bar stands at.")

    def step_back(self) -> None:
        """Esc: stop what is running, else go back to what was typed."""
        self._empty_soon.stop()
        if self.search.cancel():
            self._pay_when_ready = False
            if self._found is not None:
                self._no_live_answer(KnownError("The check with AMS360 was stopped.", "Look it up again."))
            else:
                self.selection.clear()
        self._ask = None
        self.lookup.start()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc steps back, from wherever the keyboard is."""
        if event.key() == Qt.Key.Key_Escape:
            self.step_back()
        else:
            super().keyPressEvent(event)

    # ---- anytime --------------------------------------------------------------------------

    @property
    def _anytime(self) -> bool:
        return self.lookup.mode.value is Mode.ANYTIME

    def _mode_changed(self, mode: Mode) -> None:
        self.selection.show_anytime(mode is Mode.ANYTIME)
        self.instead.setVisible(mode is Mode.ANYTIME and self.reference.found is not None)
        self.notice.clear()
        self._price()

    def _anytime_done(self) -> None:
        if self.lookup.anytime.complete():
            self.basket.charge.setFocus()

    def _reference_answered(self, row: Row | None) -> None:
        if row is not None:
            invoice = row.invoice
            self._pay_when_ready = False
            self.instead.say(f"{invoice.number} is an open invoice of {invoice.customer_name}, {row.owed}")
            self.instead.setVisible(self._anytime)
        else:
            self.instead.say("")
        if self._pay_when_ready:
            self._pay_when_ready = False
            self.basket.charge.click()

    def _pay_invoice_instead(self) -> None:
        row = self.reference.found
        if row is not None:
            self.lookup.look_up_invoice(row.invoice.number)

    # ---- the basket -----------------------------------------------------------------------

    @property
    def bill(self) -> Bill | None:
        """What would be paid now."""
        if self._anytime:
            return self.lookup.anytime.bill
        return self.selection.bill(from_cache=self.basket.agreed)

    def _price(self) -> None:
        if self._desk is not None:
            self.basket.price(self.bill, self._desk.offers)

    def _pay(self, _bill: Bill, kind: TenderKind | None) -> None:
        if self._anytime and self.reference.busy:
            self._pay_when_ready = True
            return
        self.notice.clear()
        self.pay_requested.emit(self.bill, kind)

    def _require_desk(self) -> Desk:
        assert self._desk is not None
        return self._desk


def _amounts(selection: Selection) -> dict[str, Money]:
    return {row.invoice.number: selection.amount_of(row) for row in selection.rows}
