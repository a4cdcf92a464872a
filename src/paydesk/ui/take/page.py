"""The Take payment page: a lookup above, its answer below, the basket beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QVBoxLayout, QWidget

from paydesk.domain.errors import KnownError
from paydesk.domain.invoices.basket import Basket
from paydesk.domain.invoices.customer_check import CustomerCheck
from paydesk.domain.tender import TenderKind
from paydesk.domain.typed.numbers import customer_number_in
from paydesk.ui.kit import notices
from paydesk.ui.kit.scrolling import reveal
from paydesk.ui.kit.theme import Space
from paydesk.ui.kit.widgets import keyed, native_key, shortcut, tab_before
from paydesk.ui.qt.tasks import Lanes
from paydesk.ui.take.anytime_form import AnytimePage
from paydesk.ui.take.basket import BasketPanel
from paydesk.ui.take.cleared import Cleared, work_in
from paydesk.ui.take.lookup_flow import LookupFlow
from paydesk.ui.take.lookup_page import LookupPage, Mode
from paydesk.ui.take.reference_check import CustomerNumberCheck, ReferenceCheck
from paydesk.ui.take.search_flow import SearchFlow
from paydesk.ui.take.selection_page import OthersBar, SelectionPage
from paydesk.ui.take.words import basket as basket_words
from paydesk.ui.take.words import lookup as lookup_words
from paydesk.ui.take.words import selection as selection_words

if TYPE_CHECKING:
    from paydesk.domain.invoices.selection import Row
    from paydesk.services.desk.desk import Desk
    from paydesk.ui.take.search_results import SearchResults


_METHOD_KEYS = tuple(str(place) for place, _ in enumerate(TenderKind, start=1))


class TakePage(QWidget):
    """The page where payments begin. ``pay_requested`` carries a Basket, and a TenderKind or None.

    ``payment_wanted`` carries the reference of a payment to show in the Payments tab. ``open_again`` asks for
    another try to open the desk. ``history_wanted`` asks for all payments of the customer in view.
    """

    pay_requested = Signal(object, object)
    payment_wanted = Signal(str)
    open_again = Signal()
    history_wanted = Signal()

    def __init__(self, lanes: Lanes) -> None:
        super().__init__()
        self.setObjectName("take")
        self._desk: Desk | None = None
        self._refused: KnownError | None = None
        """The reason why there is no desk."""
        self._pay_when_ready = False
        self._found_in = Mode.INVOICE
        """The lookup whose answer is shown."""
        self.lookup, self.selection, self.basket_panel = LookupPage(), SelectionPage(), BasketPanel()
        self.notice = notices.NoticeBar("take.notice")
        self.retry = OthersBar("take.retry", lookup_words.TRY_AGAIN, "F5", icon="refresh")
        self.question = OthersBar("take.clear", lookup_words.CLEAR, "F12", bound=False, icon="question")
        """The question before much work is cleared."""
        self.undo = OthersBar("take.undo", lookup_words.UNDO, "Shift+F12", icon="undo")
        self._cleared: Cleared | None = None
        self.answers = LookupFlow(lanes, self.lookup, self.selection, self.basket_panel, self.notice)
        self.search = self.answers.search
        self.instead = OthersBar("anytime.instead", lookup_words.PAY_THAT_INVOICE, "F6", bound=False)
        self.reference = ReferenceCheck(lanes, self)
        self.customer_number = CustomerNumberCheck(lanes, self)
        self._open_invoice: Row | None = None
        """The open invoice that an anytime payment's reference names."""
        self._account_warning: tuple[str, str] | None = None
        """The warning about a customer number whose account has another name than the payer."""
        self.finder = SearchFlow(lanes, self.lookup.finder, self.notice)
        self.anytime = AnytimePage(self.lookup.anytime)
        self.selection.hold(self.anytime)
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        self._left = left = QVBoxLayout()
        left.addWidget(self.lookup)
        left.addWidget(self.selection, 1)
        # Below the list, so that its rows stay under the pointer when a notice comes or goes.
        for bar in (self.instead, self.retry, self.question, self.undo, self.notice):
            left.addWidget(bar)
        self._line = line = QHBoxLayout(self)
        self.be_compact(False)
        line.addLayout(left, 1)
        line.addWidget(self.basket_panel)

    def be_compact(self, compact: bool) -> None:
        """Reduce the margins in a small window."""
        edge = Space.S if compact else Space.L
        above = Space.XS if compact else Space.M
        self._line.setContentsMargins(edge, above, edge, above)
        for layout in (self._line, self._left):
            layout.setSpacing(Space.S if compact else Space.M)

    def _connect(self) -> None:
        self.lookup.invoice.asked.connect(self._wait_no_more)
        self.lookup.customer.asked.connect(self._wait_no_more)
        for entry in (self.lookup.invoice.number, self.lookup.customer.number, self.lookup.customer.zip_code):
            entry.textEdited.connect(self._other_customer)
        self.lookup.canceled.connect(self.step_back)
        self.lookup.cleared.connect(self._clear_wanted)
        self.question.taken.connect(self._clear)
        self.undo.taken.connect(self._put_back)
        self.lookup.mode_changed.connect(self._mode_changed)
        self.lookup.anytime.changed.connect(self._price)
        for begun in (self.lookup.invoice.asked, self.lookup.customer.asked, self.lookup.anytime.edited):
            begun.connect(self._drop_cleared)
        for changed in (self.selection.changed, self.lookup.anytime.changed, self.lookup.mode_changed):
            changed.connect(lambda: self.question.say(""))
        self.lookup.anytime.submitted.connect(self._anytime_done)
        self.lookup.anytime.reference_entered.connect(self.reference.start)
        self.reference.answered.connect(self._reference_answered)
        self.lookup.anytime.customer_entered.connect(self.customer_number.start)
        self.customer_number.answered.connect(self._customer_checked)
        self.instead.taken.connect(self._pay_invoice_instead)
        self.finder.invoice.connect(self.lookup.look_up_invoice)
        self.finder.customer.connect(self._ask_zip)
        self.finder.payment.connect(self.payment_wanted)
        self.finder.made.connect(self._hold_results)
        self.answers.confirmed.connect(self._confirmed)
        self.search.failed.connect(self._wait_no_more)
        self.selection.changed.connect(self._price)
        self.selection.go_on.connect(self.go_on)
        self.selection.left.connect(self.step_back)
        self.selection.table.choose.connect(self._choose)
        self.selection.refused.connect(self.notice.refuse)
        self.basket_panel.refused.connect(self._refuse_tender)
        self.selection.table.number_typed.connect(self.lookup.type_on)
        self.selection.model.refused.connect(self._refuse_part)
        self.retry.taken.connect(self._try_again)
        self.basket_panel.pay_requested.connect(self._pay)
        self.selection.table.more_actions = self._add_history
        shortcut(self, "F9", self.go_on, basket_words.TAKE_PAYMENT)
        last = self.selection.last
        keyed(self, "F8", last.button, lambda: self.notice.refuse(*lookup_words.NOTHING_TO_REPRINT))
        offers = (self.selection.others.button, self.instead.button)
        keyed(self, "F6", offers[0], lambda: self.notice.refuse(*self._nothing_to_add()), offers[1])

    def _hold_results(self, page: SearchResults) -> None:
        """Take in the page of search results, which is made when it is first needed."""
        self.selection.hold(page)
        tab_before(self.instead.button, page.table)
        page.left.connect(self.step_back)
        page.table.more_actions = self._add_history

    # ---- the desk -------------------------------------------------------------------------

    def attach(self, desk: Desk) -> None:
        """Connect to the desk, and start the lookup that the clerk asked for meanwhile."""
        self._desk = desk
        self.notice.begin()
        self.reference.attach(desk)
        self.customer_number.attach(desk)
        self.finder.attach(desk)
        self.answers.attach(desk)
        self._price()

    def refuse(self, error: KnownError) -> None:
        """Show why there is no desk, disable the lookups, and offer another try."""
        self._refused = error
        self.notice.show_error(error)
        self.selection.cover(None)
        self.selection.clear(lookup_words.NO_DESK)
        self.lookup.setEnabled(False)
        self.retry.say(lookup_words.NOT_OPEN)
        self.retry.button.setFocus()

    def _try_again(self) -> None:
        self._refused = None
        self.notice.begin()
        self.retry.say("")
        self.selection.clear()
        self.lookup.setEnabled(True)
        self.lookup.start()
        self.open_again.emit()

    def resume(self) -> None:
        """Return from the payment dialog without a payment. The selection stays, with the keyboard in it."""
        self.answers.refresh_marks()
        if self._anytime and self._account_warning is not None:
            self.notice.say(*self._account_warning, "warning")
        (self.basket_panel.charge if self._anytime else self.selection.table).setFocus()

    def next_caller(self) -> None:
        """Clear everything about the last caller. The keyboard moves to the invoice number."""
        self._wait_no_more()
        self._drop_cleared()
        self.question.say("")
        self.reference.cancel()
        self.customer_number.cancel()
        self._open_invoice = None
        self._account_warning = None
        self.finder.clear()
        self.answers.forget()
        self.selection.clear()
        self.lookup.clear()
        self.instead.say("")
        self.basket_panel.forget_tender()
        self.lookup.switch(Mode.INVOICE)
        self.notice.clear()
        self._price()

    def _clear_wanted(self) -> None:
        """Clear, but ask first if that is more than a moment's work."""
        if self._refused is None and self.question.text == "" and self._work.much:
            self._offer(self.question, lookup_words.clear_question(self._work.selected, self._work.filled))
        else:
            self._clear()

    @property
    def _work(self) -> Cleared:
        return work_in(self.lookup, self.answers)

    def _clear(self) -> None:
        """Clear, and offer to undo it. A second F12 clears nothing, and does not take the offer away."""
        work = self._work if self._work.worth_undoing else self._cleared
        self.next_caller()
        if work is not None:
            self._cleared = work
            self._offer(self.undo, lookup_words.cleared(work.selected, work.filled))

    def _offer(self, bar: OthersBar, text: str) -> None:
        """Show an offer that waits for an answer. A small window scrolls to it."""
        bar.say(text)
        bar.announce()
        QTimer.singleShot(0, bar, lambda: reveal(bar))  # once it has its place

    def _put_back(self) -> None:
        work = self._cleared
        self._drop_cleared()
        if work is not None:
            work.put_back(self.lookup, self.answers)

    def _drop_cleared(self) -> None:
        """Forget what was cleared, because the next customer is being served."""
        self._cleared = None
        self.undo.say("")

    # ---- the customer -----------------------------------------------------------------------

    @property
    def customer(self) -> tuple[str, str]:
        """The number and name of the customer in view, either of them ``""`` if it is not known."""
        if self.lookup.mode.value is Mode.SEARCH:
            return self.finder.page.customer
        if self._anytime:
            form = self.lookup.anytime
            return customer_number_in(form.customer.text()), form.payer.text().strip()
        return self.selection.customer

    def _add_history(self, menu: QMenu) -> None:
        menu.addSeparator()
        menu.addAction(
            f"{selection_words.CUSTOMER_HISTORY}\t{native_key('Ctrl+L')}", self.history_wanted.emit
        )

    # ---- keys -----------------------------------------------------------------------------

    def go_on(self) -> None:
        """Continue to the charge as soon as possible, or show what is missing."""
        self.selection.table.end_digits()
        if self.selection.table.editing:
            self.notice.refuse(*basket_words.AMOUNT_BEING_TYPED)
        elif self.basket_panel.ready:
            self.basket_panel.charge.click()
        elif self.answers.unconfirmed:
            self._pay_when_ready = True
        elif self._anytime:
            self.lookup.anytime.complete()  # marks what is missing, and moves there
        elif self.basket is not None or not self.notice.repeat():
            self.notice.refuse(*self._missing())

    def _missing(self) -> tuple[str, str]:
        """Return why there is nothing to charge, and the next step."""
        if self._desk is None:
            return basket_words.STILL_OPENING
        if self._anytime:
            return basket_words.ANYTIME_INCOMPLETE
        if not self.selection.model.rows or self.lookup.mode.value is Mode.SEARCH:
            return basket_words.NOTHING_CHOSEN
        if not self.selection.model.payable:
            return self.selection.why_nothing
        if not self.selection.model.selection.rows:
            return selection_words.NOTHING_TICKED
        return (self.basket_panel.hindrance or basket_words.NOTHING_TO_CHARGE, "")

    def _choose(self, number: int) -> None:
        """Choose a payment method by its key."""
        if 1 <= number <= len(TenderKind):
            self.basket_panel.choose(number)
        else:
            self.notice.refuse(*basket_words.no_such_method(number))

    def _refuse_tender(self, kind: TenderKind | None) -> None:
        """Say why a payment method or the charge was pressed in vain."""
        if kind is None:
            self.go_on()
            return
        over = self.basket_panel.over_limit(kind)
        self.notice.refuse(*(basket_words.method_over_limit(over) if over else self._missing()))

    def _refuse_part(self, error: KnownError) -> None:
        """Say why an amount cannot be paid, until the clerk types another one."""
        self.notice.refuse(error.sentence, error.next_step)

    def _nothing_to_add(self) -> tuple[str, str]:
        if self._anytime:
            return selection_words.NO_INVOICE_INSTEAD
        return selection_words.NOTHING_TO_ADD if self.selection.model.rows else basket_words.NOTHING_CHOSEN

    def step_back(self) -> None:
        """Close the question (Esc), or stop a running lookup and return to the lookup field."""
        if self.question.text:
            self.question.say("")  # what it asked about stays, and the keyboard with it
            return
        self._wait_no_more()
        self.answers.stop()
        self.lookup.start()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Step back on Esc from any widget. Enter presses the focused button, a digit chooses a method."""
        if event.key() == Qt.Key.Key_Escape:
            self.step_back()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.basket_panel.charge.hasFocus():
            if not event.isAutoRepeat():
                self.go_on()
        elif event.text() in _METHOD_KEYS and not event.isAutoRepeat():
            self._choose(int(event.text()))
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
        """Show a customer found by search like any other: only once number and ZIP match."""
        self.lookup.ask_zip(customer_number)
        self._other_customer()
        self.selection.clear(lookup_words.ASK_ZIP)

    def _other_customer(self) -> None:
        """Clear the answer when another number is typed, so that it cannot be mistaken for the new one's."""
        if self.selection.model.rows or self.search.busy:
            self._wait_no_more()
            self.answers.forget()
            self.selection.clear()

    def _mode_changed(self, mode: Mode) -> None:
        if mode in (Mode.INVOICE, Mode.CUSTOMER) and mode is not self._found_in:
            self._other_customer()
            self._found_in = mode
        match mode:
            case Mode.ANYTIME:
                self.selection.cover(self.anytime)
            case Mode.SEARCH:
                self.selection.cover(self.finder.page)
                self.finder.refresh()
            case _:
                self.selection.cover(None)
        self.instead.setVisible(mode is Mode.ANYTIME and self._open_invoice is not None)
        if self._refused is None:
            self.notice.begin()
        self._price()

    def _anytime_done(self) -> None:
        if self.lookup.anytime.complete():
            self.basket_panel.charge.setFocus()

    def _reference_answered(self, row: Row | None) -> None:
        self._open_invoice = row
        if row is not None:
            self._wait_no_more()
            self.instead.say(lookup_words.is_open_invoice(row))
            self.instead.setVisible(self._anytime)
        else:
            self.instead.say("")
        self._pay_if_checked()

    def _customer_checked(self, answer: CustomerCheck | None) -> None:
        form = self.lookup.anytime
        if answer is CustomerCheck.UNKNOWN:
            self._wait_no_more()
            done = self.basket_panel.charge.hasFocus()
            form.refuse_customer()
            if done:  # or Qt would move the keyboard from the disabled button to the payments below
                form.customer.setFocus()
                form.customer.selectAll()
        elif answer is CustomerCheck.OTHER_NAME and self._anytime:
            self._wait_no_more()
            number = customer_number_in(form.customer.text())
            self._account_warning = lookup_words.other_name(number, form.payer.text().strip())
            self.notice.say(*self._account_warning, "warning")
        if answer is not CustomerCheck.OTHER_NAME:
            self._account_warning = None
        self._pay_if_checked()

    @property
    def _checking(self) -> bool:
        return self.reference.busy or self.customer_number.busy

    def _pay_if_checked(self) -> None:
        """Go on to the charge that waited for the checks."""
        if self._pay_when_ready and not self._checking:
            self._pay_when_ready = False
            self.basket_panel.charge.click()

    def _pay_invoice_instead(self) -> None:
        row = self._open_invoice
        if row is not None:
            self.lookup.look_up_invoice(row.invoice.number)

    # ---- the basket -----------------------------------------------------------------------

    @property
    def basket(self) -> Basket | None:
        """The payment as selected or entered now, or None."""
        if self._anytime:
            return self.lookup.anytime.basket
        if self.lookup.mode.value is Mode.SEARCH:
            return None
        return self.selection.basket(from_cache=self.basket_panel.agreed)

    def _price(self) -> None:
        if self._desk is not None:
            self.basket_panel.price(self.basket, self._desk.quotes)

    def _pay(self, _basket: Basket, kind: TenderKind | None) -> None:
        if self._anytime:
            self.lookup.anytime.check_now()
            if self._checking:
                self._pay_when_ready = True
                return
        self.notice.begin()
        self.pay_requested.emit(self.basket, kind)
