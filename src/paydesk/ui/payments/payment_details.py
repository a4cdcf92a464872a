"""Details of one payment: its figures, its history, and its actions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, tzinfo

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from paydesk.domain.payment import VOIDABLE, Payment, State
from paydesk.domain.posting import Posting
from paydesk.domain.refund import REFUNDABLE, Refund, void_closes_at
from paydesk.services.desk.advice import Advice
from paydesk.services.ports.ledger import LedgerEvent
from paydesk.ui.kit import format as fmt
from paydesk.ui.kit import icons
from paydesk.ui.kit import words as kit_words
from paydesk.ui.kit.theme import Space
from paydesk.ui.kit.widgets import button, keyed, label, row, with_key
from paydesk.ui.lists.lines import LINE, Lines
from paydesk.ui.lists.model import Column, TableModel
from paydesk.ui.lists.payment_columns import paid, sign
from paydesk.ui.lists.table import Table
from paydesk.ui.payments import words
from paydesk.ui.payments.payment_facts import FACTS, facts, happened, letter_missing, moment
from paydesk.ui.payments.posting_panel import PostingPanel
from paydesk.ui.payments.reversal.refund_words import REFUNDING
from paydesk.ui.qt.timers import repeating

WIDTH = 392
"""Width of the card, in device-independent pixels."""
MINUTE_MS = 60_000
"""Milliseconds after which the time left for a void is shown anew."""
FEWEST = 2
"""Minimum number of lines of facts, and of events, that stay in view. The others scroll."""


class PaymentDetails(QFrame):
    """The card. ``reprint``, ``letter``, ``check``, ``void``, ``link`` and ``back`` carry the payment.

    ``link`` shows its payment link again, ``back`` takes it back.

    ``letter`` is emitted for a letter that was never printed. ``refused`` carries why a key does nothing.
    ``left`` follows Esc in the lines of text. ``history`` asks for all payments of the same customer.
    """

    reprint = Signal(object)
    letter = Signal(object)
    check = Signal(object)
    void = Signal(object)
    refused = Signal(str, str)
    left = Signal()
    link = Signal(object)
    back = Signal(object)
    history = Signal()
    refund = Signal(object)
    """Carries a payment to refund."""
    refund_paper = Signal(object, object)
    """Carries a payment and the refund whose receipt should be printed."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setProperty("role", "card")
        self.setFixedWidth(WIDTH)
        self._today: Callable[[], date] = lambda: date.max
        self._zone: tzinfo = UTC
        self._payment: Payment | None = None
        self._posting: Posting | None = None
        self._now: Callable[[], datetime] = lambda: datetime.max.replace(tzinfo=UTC)
        self._refunds: Sequence[Refund] = ()
        self._busy = False
        self._sign = label()
        self._state = label("", "title", f"{name}.state")
        self._state.setWordWrap(True)
        self._total = label("", "amount", f"{name}.total")
        self._reason = label("", "muted", f"{name}.reason")
        self._reason.setWordWrap(True)
        self._facts = TableModel(FACTS, self)
        self._facts_table = Lines(f"{name}.facts", words.DETAILS, self._facts, 124)
        self._events: TableModel[LedgerEvent] = TableModel(self._event_columns(), self)
        self._events_table = Lines(f"{name}.events", words.HAPPENED_SPOKEN, self._events, 140)
        # The newest are in view, and the line at the top of them is a whole one.
        self._events_table.setVerticalScrollMode(Table.ScrollMode.ScrollPerItem)
        for lines in (self._facts_table, self._events_table):
            lines.setMinimumHeight(FEWEST * LINE)
            lines.left.connect(self.left)
        self._reprint = button(words.PRINT_AGAIN, f"{name}.reprint", key="F8", icon="print", bound=False)
        self._check = button(words.CHECK_NOW, f"{name}.check", key="F5", icon="refresh", bound=False)
        self._void = button(words.VOID, f"{name}.void", key="F10", icon="undo", bound=False)
        self._void.clicked.connect(lambda: self.void.emit(self._payment))
        self._refund = button(words.REFUND, f"{name}.refund", key="F10", icon="undo", bound=False)
        self._refund.clicked.connect(lambda: self.refund.emit(self._payment))
        self._paper = button(
            words.PRINT_REFUND, f"{name}.refund_paper", key="Shift+F8", icon="print", bound=False
        )
        self._paper.clicked.connect(lambda: self.refund_paper.emit(self._payment, self._printed))
        self._link = button(words.SHOW_LINK, f"{name}.link", key="F8", icon="sent", bound=False)
        self._back = button(words.TAKE_BACK, f"{name}.back", key="F10", icon="undo", bound=False)
        self._link.clicked.connect(lambda: self.link.emit(self._payment))
        self._back.clicked.connect(lambda: self.back.emit(self._payment))
        self._reprint.clicked.connect(self._print)
        self._check.clicked.connect(lambda: self.check.emit(self._payment))
        self.posting = PostingPanel(f"{name}.posting")
        self._bind_keys()
        self._happened = label(words.HAPPENED, "caption")
        self._history = button(
            words.ALL_OF_CUSTOMER, f"{name}.history", key="Ctrl+L", role="chip", bound=False
        )
        self._history.clicked.connect(self.history)
        self.minutes = repeating(self, MINUTE_MS, self._follow_clock)
        self.minutes.start()
        self._lay_out()
        self.show_payment(None)

    def _bind_keys(self) -> None:
        posting = self.posting
        keyed(self, "F8", self._reprint, lambda: self._refuse(words.why_no_receipt), self._link)
        keyed(self, "F5", self._check, lambda: self._refuse(words.why_not_checked))
        keyed(self, "F10", self._void, lambda: self._refuse(words.why_not_voided), self._refund, self._back)
        keyed(self, "Shift+F8", self._paper, lambda: self._refuse(words.why_no_refund_paper))
        keyed(self, "F7", posting.again_button, lambda: self._refuse(words.why_not_posted_again))
        keyed(self, "F6", posting.entered_button, lambda: self._refuse(words.why_nothing_to_confirm))
        keyed(self, "Shift+F6", posting.file_button, lambda: self._refuse(words.why_no_file))

    def _print(self) -> None:
        (self.letter if self._letter_missing else self.reprint).emit(self._payment)

    @property
    def _letter_missing(self) -> bool:
        return self._payment is not None and letter_missing(self._payment, self._events.rows)

    def _refuse(self, why: Callable[[Payment], words.Pair]) -> None:
        """Say why a key does nothing with this payment now."""
        if self._payment is None:
            self.refused.emit(words.CHOOSE_PAYMENT_FIRST, "")
        elif self._busy:
            self.refused.emit(words.BEING_ASKED, "")
        else:
            self.refused.emit(*why(self._payment))

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(Space.S)
        head.addWidget(self._sign)
        head.addWidget(self._state, 1)
        head.addWidget(self._total)
        buttons = QHBoxLayout()
        buttons.setSpacing(Space.S)
        buttons.addWidget(self._reprint)
        buttons.addWidget(self._check)
        buttons.addWidget(self._void)
        buttons.addWidget(self._refund)
        buttons.addWidget(self._link)
        buttons.addWidget(self._back)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.L - Space.S, Space.L, Space.L, Space.L)  # lines begin with a bar
        for part in (head, buttons, self.posting):
            part.setContentsMargins(Space.S, 0, 0, 0)
        for text in (self._reason, self._happened):
            text.setIndent(Space.S)
        column.setSpacing(Space.S)
        column.addLayout(head)
        column.addWidget(self._reason)
        column.addWidget(self._facts_table, 3)
        between = row(self._happened, self._history)
        between.setStretch(0, 1)
        column.addLayout(between)
        column.addWidget(self._events_table, 2)
        column.addWidget(self.posting)
        column.addStretch()  # only without a payment: with one the tables take all the room
        papers = row(self._paper)
        papers.addStretch(1)
        papers.setContentsMargins(Space.S, 0, 0, 0)
        column.addLayout(papers)
        column.addLayout(buttons)

    @property
    def stops(self) -> list[QWidget]:
        """Its stops of the Tab key, in order."""
        return [
            self._facts_table, self._history, self._events_table, self.posting.again_button,
            self.posting.entered_button, self.posting.file_button, self._reprint, self._check, self._void,
            self._refund, self._paper, self._link, self._back,
        ]  # fmt: skip

    def read(self) -> None:
        """Move the keyboard into the details, to read and copy them."""
        self._facts_table.setFocus()

    def set_day(
        self,
        today: Callable[[], date],
        zone: tzinfo,
        now: Callable[[], datetime] = lambda: datetime.max.replace(tzinfo=UTC),
    ) -> None:
        """Set the agency's date and time zone, for all times, and the present time in UTC."""
        self._today, self._zone, self._now = today, zone, now

    @property
    def payment(self) -> Payment | None:
        """The payment shown."""
        return self._payment

    def show_payment(
        self, payment: Payment | None, posting: Posting | None = None, said: Advice | None = None
    ) -> None:
        """Show one payment and its posting with the advice about them, or an empty card."""
        same = payment is not None and self._payment is not None and payment.id == self._payment.id
        self._payment, self._posting = payment, posting
        if not same:
            self._events.show([])
            self._refunds = ()
        for part in (self._sign, self._facts_table, self._happened, self._history, self._events_table):
            part.setVisible(payment is not None)
        self._reprint.setVisible(payment is not None and bool(payment.receipt_number))
        asked = (State.UNKNOWN, State.VOIDING, State.CLOSING)
        self._check.setVisible(payment is not None and payment.state in asked)
        self._offer_money_back()
        self._paper.setVisible(self._printed is not None)
        for one in (self._link, self._back):
            one.setVisible(payment is not None and payment.state is State.OFFERED)
        self._set_busy(False)
        self.posting.show_posting(posting, said)
        if payment is None:
            self._state.setText(words.CHOOSE_PAYMENT)
            self._total.clear()
            self._reason.setText(words.DETAILS_SHOWN_HERE)
            self._reason.show()
            return
        self._name_print(payment)
        icons.put(self._sign, *sign(payment), 22)
        self._state.setText(kit_words.outcome(payment))
        self._total.setText(fmt.dollars(paid(payment)))
        self._reason.setText(payment.reason)
        self._reason.setVisible(bool(payment.reason))
        self._show_facts()
        self._facts_table.setMaximumHeight(max(self._facts_table.whole_height, FEWEST * LINE))

    def _offer_money_back(self) -> None:
        """Offer a void while it is open, and then a refund."""
        payment = self._payment
        voidable = payment is not None and self._may_be_voided(payment)
        self._void.setVisible(voidable)
        refundable = payment is not None and payment.state in REFUNDABLE and bool(payment.receipt_number)
        self._refund.setVisible(refundable and not voidable)

    def _follow_clock(self) -> None:
        """Keep the time left for a void true. A line that is being read stays where it is."""
        if self._payment is None or not self.isVisible():
            return
        self._offer_money_back()
        if not self._facts_table.hasFocus():
            bar = self._facts_table.verticalScrollBar()
            place = bar.value()
            self._show_facts()
            bar.setValue(place)

    def showEvent(self, event: QShowEvent) -> None:
        """Show what the clock has changed meanwhile."""
        super().showEvent(event)
        self._follow_clock()

    def _may_be_voided(self, payment: Payment) -> bool:
        """Return True until the batch of its night runs. A payment that never settles can be voided later."""
        closes = void_closes_at(payment)
        return payment.state in VOIDABLE and (closes is None or self._now() < closes)

    @property
    def _printed(self) -> Refund | None:
        """The newest refund that has a receipt."""
        return next((one for one in reversed(self._refunds) if one.number), None)

    def _show_facts(self) -> None:
        assert self._payment is not None
        shown = facts(self._payment, self._posting, self._zone, self._events.rows, self._refunds, self._now())
        self._facts.show(shown)

    def _name_print(self, payment: Payment) -> None:
        voided = payment.state is State.VOIDED
        said = words.PRINT_VOID_RECEIPT if voided else words.PRINT_AGAIN
        self._reprint.setText(with_key(words.PRINT_LETTER if self._letter_missing else said, "F8"))

    def show_events(
        self, payment_id: int, events: Sequence[LedgerEvent], refunds: Sequence[Refund] = ()
    ) -> None:
        """Show the events and refunds of the payment, if it is still the current one."""
        ours = self._payment is not None and self._payment.id == payment_id
        if ours and (list(events) != self._events.rows or list(refunds) != list(self._refunds)):
            self._refunds = refunds
            self._paper.setVisible(self._printed is not None)
            self._events.show(events)
            assert self._payment is not None
            self._name_print(self._payment)
            self._show_facts()
            self._facts_table.setMaximumHeight(max(self._facts_table.whole_height, FEWEST * LINE))
            self._events_table.setMaximumHeight(max(self._events_table.whole_height, FEWEST * LINE))
            self._events_table.scrollToBottom()

    def show_checking(self) -> None:
        """Show that the processor is being asked."""
        self._say_busy(words.ASKING)

    def show_voiding(self) -> None:
        """Show that the processor is being asked to cancel the charge."""
        self._say_busy(words.ASKING_TO_CANCEL)

    def show_refunding(self) -> None:
        """Show that the processor is being asked to refund."""
        self._say_busy(REFUNDING)

    def _say_busy(self, said: str) -> None:
        self._set_busy(True)
        self._reason.setText(said)
        self._reason.show()

    def _set_busy(self, busy: bool) -> None:
        self._busy = busy
        for one in (self._check, self._void, self._refund, self._back):
            one.setEnabled(not busy)

    def _event_columns(self) -> list[Column[LedgerEvent]]:
        return [
            Column("when", "", lambda event: moment(event.at, self._zone, self._today())),
            Column("what", "", lambda event: words.happened_at(happened(event, self._payment), event.desk)),
        ]
