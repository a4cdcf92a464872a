"""Needs attention: charges and postings that a person has to look at, each with what to do about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from paydesk.domain.outcome import Charge
from paydesk.domain.payment import GIVEN_BACK, OPEN, Payment, State
from paydesk.services.advice import Advice
from paydesk.services.attention import Matter, open_matters
from paydesk.ui import format as words
from paydesk.ui import notify
from paydesk.ui.advice_panel import AdvicePanel
from paydesk.ui.payment_list import Listing, PaymentList
from paydesk.ui.payment_table import Outcome, paid
from paydesk.ui.tasks import Lanes
from paydesk.ui.widgets import label

if TYPE_CHECKING:
    from paydesk.services.desk import Desk


_CLEAR = Advice("Unclear and late charges, and receipts that AMS360 did not take, are listed here.", "")


@dataclass(frozen=True, slots=True)
class Agenda:
    """All that is open: payments, and charges of ours that no payment of this ledger accounts for."""

    matters: Sequence[Matter]
    strangers: Sequence[Charge]

    def __len__(self) -> int:
        return len(self.matters) + len(self.strangers)


def agenda(desk: Desk) -> Agenda:
    """What is open now; reads the ledger."""
    after = timedelta(minutes=desk.settings.anddone.attention_min)
    matters = open_matters(desk.ledger, desk.post, desk.clock.now(), after)
    return Agenda(matters, desk.reconcile.strangers)


def alarm(payment: Payment) -> tuple[str, str, str]:
    """Sentence, next step and notice kind for a charge that appeared after it had been ruled out."""
    number = f" with its number {payment.processor_ref}" if payment.processor_ref else ""
    return (
        f"{words.dollars(paid(payment))} of {words.payer(payment)} was charged after all.",
        f"Call AndDone{number}, and see Needs attention.",
        "danger",
    )


class AttentionPage(PaymentList):
    """The list of open matters; what is known, what to do and what never stands below it."""

    def __init__(self, lanes: Lanes, desk: Desk) -> None:
        super().__init__("attention", lanes, desk, Outcome(self._what, self._sign))
        self._matters: dict[int, Matter] = {}
        self._title = label("", "title", "attention.title")
        self.head.addWidget(self._title, 1)
        self.strangers = notify.NoticeBar("attention.strangers")
        self.advice = AdvicePanel("attention.advice")
        self.foot.addWidget(self.strangers)
        self.foot.addWidget(self.advice)

    def start(self) -> None:
        """Read the list and put the keyboard into it."""
        self.refresh()
        self.table.setFocus()

    def refresh(self) -> None:
        """Read the list again from the ledger."""
        desk = self._desk
        self._lanes.read(lambda: agenda(desk), self._show, self._fail, self)

    def _show(self, found: Agenda) -> None:
        self._matters = {matter.payment.id: matter for matter in found.matters}
        postings = {number: matter.posting for number, matter in self._matters.items() if matter.posting}
        self.show_listing(Listing([matter.payment for matter in found.matters], postings))
        self._show_strangers(found.strangers)
        if len(found):
            self._title.setText(f"{words.count(len(found), 'matter')} to look at")
        else:
            self._title.setText("Nothing needs attention")
            self.advice.show_advice("Every payment is clear", (_CLEAR,), "good")

    def _show_strangers(self, charges: Sequence[Charge]) -> None:
        if not charges:
            self.strangers.clear()
            return
        named = ", ".join(f"{words.dollars(one.charged)} ({one.processor_ref})" for one in charges)
        invoices = sorted({number for one in charges for number in one.invoice_numbers})
        self.strangers.say(
            f"AndDone holds {words.count(len(charges), 'charge')} of ours that this ledger does not know.",
            f"{named}. Call AndDone, and do not charge these invoices again: "
            f"{', '.join(invoices) or 'none is named'}.",
            "danger",
        )

    def _show_details(self, payment: Payment | None) -> None:
        super()._show_details(payment)
        matter = self._matters.get(payment.id) if payment else None
        if matter is None:
            self.advice.show_advice("", (), "info")
        else:
            self.advice.show_advice(_headline(matter), matter.advice, _kind(matter))

    def _what(self, payment: Payment) -> str:
        matter = self._matters.get(payment.id)
        if matter is not None and not matter.charge and matter.posting is not None:
            return "To be reversed" if payment.state in GIVEN_BACK else "Not in AMS360"
        return "Charged otherwise" if payment.charged_otherwise else words.outcome(payment)

    def _sign(self, payment: Payment) -> tuple[str, str]:
        matter = self._matters.get(payment.id)
        if matter is not None and _kind(matter) == "danger":
            return ("alert", "danger")
        return ("question", "warning")


def _headline(matter: Matter) -> str:
    payment = matter.payment
    amount, who = words.dollars(paid(payment)), words.payer(payment)
    if not matter.charge and payment.state in GIVEN_BACK:
        what = "the payment was voided" if payment.state is State.VOIDED else "the bank sent the money back"
        return f"Receipt {payment.receipt_number} of {who}: {what}"
    if not matter.charge:
        return f"Receipt {payment.receipt_number} of {who} is not in AMS360"
    if payment.state is State.LATE:
        return f"{amount} of {who} was charged after all: void it, or call AndDone"
    if payment.state is State.VOIDING:
        return f"{amount} of {who}: the void is not confirmed yet"
    if payment.state in OPEN:
        return f"{amount} of {who}: no clear answer yet"
    if payment.state is State.RETURNED:
        return f"The bank sent {amount} of {who} back"
    return f"{who} was charged {amount}, not {words.dollars(payment.draft.quote.total)}"


def _kind(matter: Matter) -> str:
    """How loud: money that is not as it was said is an alarm, what PayDesk still asks about a warning."""
    payment = matter.payment
    waits = payment.state in OPEN or payment.state is State.VOIDING
    return "danger" if matter.charge and not waits else "warning"
