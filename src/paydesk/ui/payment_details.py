"""One payment in full: its figures, what happened to it, and what can be done with it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, tzinfo

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from paydesk.domain.payment import VOIDABLE, Payment, State
from paydesk.domain.posting import Posting
from paydesk.services.ports import Happening
from paydesk.ui import format as words
from paydesk.ui import icons
from paydesk.ui.models import Column, TableModel
from paydesk.ui.payment_facts import FACTS, facts, happened, moment
from paydesk.ui.payment_table import paid, sign
from paydesk.ui.posting_panel import PostingPanel
from paydesk.ui.tables import Table
from paydesk.ui.theme import Space
from paydesk.ui.widgets import button, label

WIDTH, LINE = 368, 23
"""Of the card, and the height of a line in it, in device-independent pixels."""
FEWEST = 3
"""Lines of facts and of events that stay in view, whatever else there is to say; the others scroll."""


class PaymentDetails(QFrame):
    """``reprint``, ``check`` and ``void`` carry the payment."""

    reprint = Signal(object)
    check = Signal(object)
    void = Signal(object)

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setProperty("role", "card")
        self.setFixedWidth(WIDTH)
        self._zone: tzinfo = UTC
        self._payment: Payment | None = None
        self._sign = label()
        self._state = label("", "title", f"{name}.state")
        self._total = label("", "amount", f"{name}.total")
        self._reason = label("", "muted", f"{name}.reason")
        self._reason.setWordWrap(True)
        self._facts = TableModel(FACTS, self)
        self._facts_table = Table(f"{name}.facts", "Details of the payment", self._facts)
        self._facts_table.set_widths({"caption": 124}, stretch="text")
        self._facts_table.offer_copies()
        self._events: TableModel[Happening] = TableModel(self._event_columns(), self)
        self._events_table = Table(f"{name}.events", "What happened to the payment", self._events)
        self._events_table.set_widths({"when": 140}, stretch="what")
        for table in (self._facts_table, self._events_table):
            table.be_quiet()
            table.verticalHeader().setDefaultSectionSize(LINE)
            table.setMinimumHeight(FEWEST * LINE)
        self._reprint = button("Print again", f"{name}.reprint", key="F8", icon="print")
        self._check = button("Check now", f"{name}.check", key="F5", icon="refresh")
        self._void = button("Void…", f"{name}.void", key="F10", icon="undo")
        self._void.clicked.connect(lambda: self.void.emit(self._payment))
        self._reprint.clicked.connect(lambda: self.reprint.emit(self._payment))
        self._check.clicked.connect(lambda: self.check.emit(self._payment))
        self.posting = PostingPanel(f"{name}.posting")
        self._happened = label("What happened", "caption")
        self._lay_out()
        self.show_payment(None)

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
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.L, Space.L, Space.L, Space.L)
        column.setSpacing(Space.S)
        column.addLayout(head)
        column.addWidget(self._reason)
        column.addWidget(self._facts_table, 4)
        column.addWidget(self._happened)
        column.addWidget(self._events_table, 1)
        column.addWidget(self.posting)
        column.addStretch()  # only where nothing is chosen: the tables take all there is
        column.addLayout(buttons)

    def set_zone(self, zone: tzinfo) -> None:
        """The agency's zone, for all times shown."""
        self._zone = zone

    @property
    def payment(self) -> Payment | None:
        """The payment shown."""
        return self._payment

    def show_payment(
        self, payment: Payment | None, posting: Posting | None = None, *, may_post_again: bool = False
    ) -> None:
        """Show one payment and its posting, or an empty card."""
        same = payment is not None and self._payment is not None and payment.id == self._payment.id
        self._payment = payment
        if not same:
            self._events.show([])
        for part in (self._sign, self._facts_table, self._happened, self._events_table):
            part.setVisible(payment is not None)
        self._reprint.setVisible(payment is not None and bool(payment.receipt_number))
        self._check.setVisible(payment is not None and payment.state in (State.UNKNOWN, State.VOIDING))
        self._void.setVisible(payment is not None and payment.state in VOIDABLE)
        self._set_busy(False)
        self.posting.show_posting(posting, may_post_again=may_post_again)
        if payment is None:
            self._state.setText("Choose a payment")
            self._total.clear()
            self._reason.setText("Its details and what happened to it are shown here.")
            self._reason.show()
            return
        voided = payment.state is State.VOIDED
        self._reprint.setText(f"{'Print void receipt' if voided else 'Print again'}  F8")
        icons.put(self._sign, *sign(payment), 22)
        self._state.setText(words.outcome(payment))
        self._total.setText(words.dollars(paid(payment)))
        self._reason.setText(payment.reason)
        self._reason.setVisible(bool(payment.reason))
        self._facts.show(facts(payment, posting, self._zone))
        self._facts_table.setMaximumHeight(LINE * len(self._facts.rows))

    def show_events(self, payment_id: int, events: Sequence[Happening]) -> None:
        """What happened to the payment, when it is still the one shown."""
        ours = self._payment is not None and self._payment.id == payment_id
        if ours and list(events) != self._events.rows:
            self._events.show(events)
            self._events_table.scrollToBottom()

    def show_checking(self) -> None:
        """The processor is being asked."""
        self._say_busy("Asking AndDone…")

    def show_voiding(self) -> None:
        """The processor is being asked to cancel the charge."""
        self._say_busy("Asking AndDone to cancel it…")

    def _say_busy(self, said: str) -> None:
        self._set_busy(True)
        self._reason.setText(said)
        self._reason.show()

    def _set_busy(self, busy: bool) -> None:
        for one in (self._check, self._void):
            one.setEnabled(not busy)

    def _event_columns(self) -> list[Column[Happening]]:
        return [
            Column("when", "", lambda event: moment(event.at, self._zone)),
            Column("what", "", lambda event: f"{happened(event, self._payment)}, {event.desk}"),
        ]
