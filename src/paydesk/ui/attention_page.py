"""Needs attention: unclear charges, late charges, and charges that differ from what was quoted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal

from paydesk.domain.payment import Payment, State
from paydesk.ui import format as words
from paydesk.ui import payment_table
from paydesk.ui.history_page import PaymentList
from paydesk.ui.payment_table import Outcome, paid
from paydesk.ui.tasks import Lanes
from paydesk.ui.widgets import label

if TYPE_CHECKING:
    from paydesk.services.desk import Desk
    from paydesk.services.ports import Ledger

MOST_ROWS = 500
"""More open matters than this are not listed; there should be none."""


def open_matters(ledger: Ledger) -> list[Payment]:
    """What a person has to look at, the oldest first; reads the ledger."""
    waiting = ledger.payments(limit=MOST_ROWS, states=(State.UNKNOWN, State.LATE))
    differing = [
        payment
        for payment in ledger.payments(limit=MOST_ROWS, states=(State.AUTHORIZED, State.SETTLED))
        if payment.charged_otherwise
    ]
    return sorted([*waiting, *differing], key=lambda payment: payment.id)


def why(payment: Payment) -> tuple[str, str]:
    """Why the payment is here, and what to do about it."""
    match payment.state:
        case State.UNKNOWN:
            return (
                "AndDone gave no clear answer.",
                "PayDesk keeps asking, and the invoices stay locked. Do not charge them again.",
            )
        case State.LATE:
            return (
                "This charge appeared late.",
                "It was believed not to exist. Void it, or tell the customer.",
            )
        case _:
            quoted = payment.draft.quote.total
            said = f"Quoted {quoted}, but AndDone charged {paid(payment)}."
            return (said, "Tell the customer and correct it.")


def _matter(payment: Payment) -> str:
    return "Charged otherwise" if payment.charged_otherwise else words.outcome(payment)


def _sign(payment: Payment) -> tuple[str, str]:
    return ("alert", "danger") if payment.charged_otherwise else payment_table.sign(payment)


class AttentionPage(PaymentList):
    """The list of open matters, each with its reason and what can be done."""

    counted = Signal(int)

    def __init__(self, lanes: Lanes, desk: Desk) -> None:
        super().__init__("attention", lanes, desk, Outcome(_matter, _sign))
        self._title = label("", "title", "attention.title")
        self.head.addWidget(self._title, 1)
        self.table.selectionModel().currentRowChanged.connect(self._explain)

    def start(self) -> None:
        """Read the list and put the keyboard into it."""
        self.refresh()
        self.table.setFocus()

    def refresh(self) -> None:
        """Read the list again from the ledger."""
        ledger = self._desk.ledger
        self._lanes.read(lambda: open_matters(ledger), self._show, self._fail, self)

    def _show(self, payments: Sequence[Payment]) -> None:
        self.show_payments(payments)
        if payments:
            self._title.setText(f"{words.count(len(payments), 'payment')} to look at")
        else:
            self._title.setText("Nothing needs attention")
            self.notice.say("Every payment is clear.", "Unclear and late charges are listed here.", "good")
        self.counted.emit(len(payments))

    def _explain(self) -> None:
        payment = self.details.payment
        if payment is not None:
            self.notice.say(*why(payment), "warning" if payment.state is State.UNKNOWN else "danger")
