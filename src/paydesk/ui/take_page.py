"""Take payment: a lookup above, what it found below, the basket beside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from paydesk.domain.bill import Bill
from paydesk.domain.errors import KnownError
from paydesk.domain.tender import TenderKind
from paydesk.ui import notify
from paydesk.ui.answers import Answers
from paydesk.ui.basket import Basket
from paydesk.ui.finder import Finder
from paydesk.ui.lookup_page import LookupPage, Mode
from paydesk.ui.reference_check import ReferenceCheck
from paydesk.ui.selection_page import OthersBar, SelectionPage
from paydesk.ui.tasks import Lanes
from paydesk.ui.theme import Space
from paydesk.ui.widgets import shortcut

if TYPE_CHECKING:
    from paydesk.domain.selection import Row
    from paydesk.services.desk import Desk


class TakePage(QWidget):
    """Where a payment begins. ``pay_requested`` carries a Bill and the chosen TenderKind or None."""

    pay_requested = Signal(object, object)

    def __init__(self, lanes: Lanes) -> None:
        super().__init__()
        self.setObjectName("take")
        self._desk: Desk | None = None
        self._pay_when_ready = False
        self._found_in = Mode.INVOICE
        """The lookup whose answer is shown."""
        self.lookup, self.selection, self.basket = LookupPage(), SelectionPage(), Basket()
        self.notice = notify.NoticeBar("take.notice")
        self.answers = Answers(lanes, self.lookup, self.selection, self.basket, self.notice)
        self.search = self.answers.search
        self.instead = OthersBar("anytime.instead", "Pay that invoice", "F6")
        self.reference = ReferenceCheck(lanes, self)
        self.finder = Finder(lanes, self.lookup.finder, self.notice)
        self.selection.hold(self.finder.page)
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
        self.lookup.invoice.asked.connect(self._wait_no_more)
        self.lookup.customer.asked.connect(self._wait_no_more)
        for entry in (self.lookup.invoice.number, self.lookup.customer.number, self.lookup.customer.zip_code):
            entry.textEdited.connect(self._other_customer)
        self.lookup.cancelled.connect(self.step_back)
        self.lookup.cleared.connect(self.next_caller)
        self.lookup.mode_changed.connect(self._mode_changed)
        self.lookup.anytime.changed.connect(self._price)
        self.lookup.anytime.submitted.connect(self._anytime_done)
        self.lookup.anytime.reference_entered.connect(self.reference.start)
        self.reference.answered.connect(self._reference_answered)
        self.instead.taken.connect(self._pay_invoice_instead)
        self.finder.invoice.connect(self.lookup.look_up_invoice)
        self.finder.customer.connect(self._ask_zip)
        self.finder.page.left.connect(self.step_back)
        self.answers.confirmed.connect(self._confirmed)
        self.search.failed.connect(self._wait_no_more)
        self.selection.changed.connect(self._price)
        self.selection.go_on.connect(self.go_on)
        self.selection.left.connect(self.step_back)
        self.selection.table.choose.connect(self.basket.choose)
        self.selection.table.number_typed.connect(self.lookup.type_on)
        self.selection.model.refused.connect(self.notice.show_error)
        self.basket.pay_requested.connect(self._pay)
        shortcut(self, "F9", self.go_on)

    # ---- the desk -------------------------------------------------------------------------

    def attach(self, desk: Desk) -> None:
        """The services are ready: whatever was asked meanwhile is asked now."""
        self._desk = desk
        self.reference.attach(desk)
        self.finder.attach(desk)
        self.answers.attach(desk)
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
        self.answers.refresh_marks()
        (self.basket.charge if self._anytime else self.selection.table).setFocus()

    def next_caller(self) -> None:
        """Forget the last caller altogether; the keyboard is where the next number is typed."""
        self._wait_no_more()
        self.reference.cancel()
        self.finder.clear()
        self.answers.forget()
        self.selection.clear()
        self.lookup.clear()
        self.instead.say("")
        self.basket.forget_tender()
        self.lookup.switch(Mode.INVOICE)
        self._price()

    # ---- keys -----------------------------------------------------------------------------

    def go_on(self) -> None:
        """Go on to the charge as soon as that is possible; say what is missing."""
        if self.selection.table.state() == self.selection.table.State.EditingState:
            self.notice.say("The amount is still being typed.", "Enter takes it over.")
        elif self.basket.ready:
            self.basket.charge.click()
        elif self.answers.unconfirmed:
            self._pay_when_ready = True
        elif self._anytime:
            self.lookup.anytime.complete()  # marks what is missing, and goes there
        else:
            self.notice.say(*self._missing())

    def _missing(self) -> tuple[str, str]:
        """Why there is nothing to charge, and the next step."""
        if self._desk is None:
            return ("PayDesk is still opening.", "One moment.")
        if not self.selection.model.rows or self.lookup.mode.value is Mode.SEARCH:
            return ("Nothing is chosen yet.", "Look up an invoice (F2) or a customer (F3) first.")
        if not self.selection.model.payable:
            return ("Nothing here can be paid.", "The table says why.")
        if not self.selection.model.selection.rows:
            return ("Nothing is ticked yet.", "Space ticks the invoice the bar stands at.")
        return (self.basket.hindrance or "Nothing can be charged now.", "")

    def step_back(self) -> None:
        """Esc: stop what is running, else go back to what was typed."""
        self._wait_no_more()
        self.answers.stop()
        self.lookup.start()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc steps back, from wherever the keyboard is; Enter presses the button it is on."""
        if event.key() == Qt.Key.Key_Escape:
            self.step_back()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.basket.charge.hasFocus():
            if not event.isAutoRepeat():
                self.go_on()
        else:
            super().keyPressEvent(event)

    def _confirmed(self, as_shown: bool) -> None:
        wanted, self._pay_when_ready = self._pay_when_ready, False
        if wanted and as_shown:
            self.go_on()

    def _wait_no_more(self) -> None:
        self._pay_when_ready = False

    # ---- anytime --------------------------------------------------------------------------

    @property
    def _anytime(self) -> bool:
        return self.lookup.mode.value is Mode.ANYTIME

    def _ask_zip(self, customer_number: str) -> None:
        """A customer who was searched for is shown like any other: once number and ZIP match."""
        self.lookup.ask_zip(customer_number)
        self._other_customer()
        self.selection.clear("Ask for the ZIP on the account", "Enter shows what is open once both match.")

    def _other_customer(self) -> None:
        """Another number is being typed: what was found for the one before must not stand below it."""
        if self.selection.model.rows or self.search.busy:
            self._wait_no_more()
            self.answers.forget()
            self.selection.clear()

    def _mode_changed(self, mode: Mode) -> None:
        if mode in (Mode.INVOICE, Mode.CUSTOMER) and mode is not self._found_in:
            self._other_customer()
            self._found_in = mode
        covers = {Mode.ANYTIME: self.selection.anytime, Mode.SEARCH: self.finder.page}
        self.selection.cover(covers.get(mode))
        self.instead.setVisible(mode is Mode.ANYTIME and self.reference.found is not None)
        self.notice.clear()
        self._price()

    def _anytime_done(self) -> None:
        if self.lookup.anytime.complete():
            self.basket.charge.setFocus()

    def _reference_answered(self, row: Row | None) -> None:
        if row is not None:
            invoice = row.invoice
            self._wait_no_more()
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
        if self.lookup.mode.value is Mode.SEARCH:
            return None
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
