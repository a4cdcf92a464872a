"""Needs attention: charges and postings that a person has to look at, each with advice."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal

from paydesk.domain.outcome import Charge, ChargeStatus, Reason
from paydesk.domain.payment import Payment
from paydesk.domain.posting import Posting, PostingChannel
from paydesk.domain.refund import Refund, RefundState
from paydesk.services.desk.advice import Case
from paydesk.services.desk.attention import OpenItem, open_items
from paydesk.services.payments.acknowledge import acknowledge, acknowledged_with
from paydesk.ui.kit import format as fmt
from paydesk.ui.kit import words as kit_words
from paydesk.ui.kit.widgets import label, tab_before
from paydesk.ui.lists.empty import EmptyList
from paydesk.ui.lists.payment_columns import Outcome, paid
from paydesk.ui.payments import attention_words as words
from paydesk.ui.payments.advice_panel import AdvicePanel
from paydesk.ui.payments.extra_charges import ExtraCharges, amount, void_answer
from paydesk.ui.payments.payment_list import Listing, PaymentList
from paydesk.ui.payments.reversal.reason_dialog import ReasonDialog
from paydesk.ui.qt.tasks import Lanes

if TYPE_CHECKING:
    from paydesk.services.desk.desk import Desk


@dataclass(frozen=True, slots=True)
class Agenda:
    """All open items: payments, and charges of ours that no payment of this ledger accounts for."""

    matters: Sequence[OpenItem]
    strangers: Sequence[Charge]
    voidable: frozenset[str] = frozenset()
    """The processor's numbers of the strangers that a person may void."""
    postings: Mapping[int, Posting] = field(default_factory=dict)
    """The postings of all the payments, also of those that need a person for their charge only."""

    def __len__(self) -> int:
        return len(self.matters) + len(self.strangers)


def agenda(desk: Desk) -> Agenda:
    """Read the present agenda from the ledger."""
    after = timedelta(minutes=desk.settings.anddone.attention_min)
    matters = open_items(desk.ledger, desk.post, desk.clock.now(), after, desk.refunds.doubtful)
    strangers = desk.resolve.strangers
    voidable = frozenset(one.processor_ref for one in strangers if desk.resolve.may_void(one))
    if desk.post.rules.channel is PostingChannel.NONE:
        return Agenda(matters, strangers, voidable)
    postings = desk.post.outbox.of(matter.payment.id for matter in matters)
    return Agenda(matters, strangers, voidable, postings)


def alarm(payment: Payment) -> tuple[str, str, str]:
    """Return sentence, next step and notice kind for a charge that appeared after it was ruled out."""
    said = words.charged_after_all(fmt.dollars(paid(payment)), fmt.named(payment))
    return said, words.call_processor(payment.processor_ref), "danger"


class AttentionPage(PaymentList):
    """The list of open items, with the advice about the current one below.

    ``counted`` carries the number of items after each reading.
    """

    counted = Signal(int)

    def __init__(self, lanes: Lanes, desk: Desk) -> None:
        super().__init__("attention", lanes, desk, Outcome(self._what, self._sign))
        self._matters: dict[int, OpenItem] = {}
        self._title = label("", "title", "attention.title")
        self.head.addWidget(self._title, 1)
        self.strangers = ExtraCharges("attention.strangers")
        self.strangers.void.connect(self._ask_void_stranger)
        self.advice = AdvicePanel("attention.advice")
        self.advice.acknowledge.connect(self._ask_acknowledge)
        self.advice.entered.connect(self._refund_entered)
        self.advice.attributed.connect(self._attribute)
        self.empty = EmptyList("attention.empty", icon="check-circle")
        self.empty.say(*words.ALL_CLEAR)
        self.empty.hide()
        inside = self.card.layout()
        assert inside is not None
        inside.addWidget(self.empty)
        self.foot.addWidget(self.strangers)
        self.foot.addWidget(self.advice)

    def start(self) -> None:
        """Read the list, with the keyboard in it."""
        self.refresh()
        self.table.setFocus()

    def refresh(self) -> None:
        """Read the list again from the ledger."""
        desk = self._desk
        self._lanes.read.run(lambda: agenda(desk), self._show, self._fail, self)

    def _show(self, found: Agenda) -> None:
        self._matters = {matter.payment.id: matter for matter in found.matters}
        self.show_listing(Listing([matter.payment for matter in found.matters], found.postings))
        self.strangers.show_charges(found.strangers, found.voidable)
        tab_before(self.details, *self.strangers.stops)
        self.counted.emit(len(found))
        self._title.setText(words.items_open(len(found)) if len(found) else words.NOTHING_OPEN)
        if not len(found):
            self.notice.solve()  # what it said of an item may not be true any more
        if self.table.hasFocus() and not found.matters:
            self.setFocus()  # or Qt would move the keyboard to the nearest button
        elif self.hasFocus() and found.matters:
            self.table.setFocus()
        self.table.setVisible(bool(found.matters))
        self.empty.setVisible(not len(found))

    def _show_details(self, payment: Payment | None) -> None:
        super()._show_details(payment)
        matter = self._matters.get(payment.id) if payment else None
        if matter is None:
            self.advice.show_advice("", None, "info")
        else:
            said = matter.advice
            self.advice.show_advice(_headline(matter, said.case), said, _kind(said.case))

    # ---- what only a person may do --------------------------------------------------------

    def _ask_acknowledge(self) -> None:
        payment = self.details.payment
        if payment is None:
            return
        listed = [matter.payment for matter in self._matters.values()]
        covered = acknowledged_with(payment, listed)
        about = words.acknowledge_all(len(covered)) if len(covered) > 1 else self.advice.title
        dialog = ReasonDialog(
            "acknowledge", words.ACKNOWLEDGE_TITLE, about, words.ABOUT_ACKNOWLEDGE, words.ACKNOWLEDGE_IT, self
        )
        dialog.confirmed.connect(lambda why: self._acknowledge(covered, why))
        dialog.open()

    def _acknowledge(self, payments: Sequence[Payment], why: str) -> None:
        desk = self._desk
        self._lanes.lookup.run(
            lambda: acknowledge(desk.ledger, payments, why, desk.rights), self._acknowledged, self._fail, self
        )

    def _acknowledged(self, payments: Sequence[Payment]) -> None:
        self.notice.say(words.acknowledged(len(payments)), kind="good")
        self.settled.emit()

    @property
    def _refund_shown(self) -> Refund | None:
        payment = self.details.payment
        matter = self._matters.get(payment.id) if payment else None
        return matter.refund if matter else None

    def _refund_entered(self) -> None:
        """Mark what was left to do about a refund as done, or drop a wish for one."""
        refund, refunds = self._refund_shown, self._desk.refunds
        if refund is None:
            return
        act = refunds.drop if refund.state is RefundState.WISHED else refunds.entered
        self._end_refund(partial(act, refund.id), words.REFUND_DONE)

    def _attribute(self, ours: bool) -> None:
        refund, refunds = self._refund_shown, self._desk.refunds
        if refund is not None:
            act = refunds.is_ours if ours else refunds.is_not_ours
            self._end_refund(partial(act, refund.id), words.REFUND_KNOWN if ours else words.REFUND_OTHER)

    def _end_refund(self, act: Callable[[], Refund], said: str) -> None:
        self.notice.clear()
        self._lanes.lookup.run(act, lambda _refund: self._refund_ended(said), self._fail, self)

    def _refund_ended(self, said: str) -> None:
        self.notice.say(said, kind="good")
        self.settled.emit()

    def _ask_void_stranger(self, charge: Charge) -> None:
        about = words.stranger(amount(charge), charge.processor_ref)
        confirm = words.void_stranger(amount(charge))
        dialog = ReasonDialog(
            "extra", words.VOID_STRANGER_TITLE, about, words.ABOUT_VOID_STRANGER, confirm, self
        )
        dialog.confirmed.connect(lambda why: self._void_stranger(charge, why))
        dialog.open()

    def _void_stranger(self, charge: Charge, why: str) -> None:
        void = self._desk.resolve.void_stranger
        self.strangers.setEnabled(False)
        self._lanes.money.run(
            lambda: void(charge, why),
            lambda status: self._stranger_answered(charge, status),
            self._stranger_failed,
            self,
        )

    def _stranger_answered(self, charge: Charge, status: ChargeStatus) -> None:
        self.strangers.setEnabled(True)
        self.notice.say(*void_answer(charge, status))
        self.settled.emit()

    def _stranger_failed(self, error: Exception) -> None:
        self.strangers.setEnabled(True)
        self._fail(error)

    def _what(self, payment: Payment) -> str:
        matter = self._matters.get(payment.id)
        said = words.OUTCOMES.get(matter.advice.case) if matter is not None else None
        return said or kit_words.outcome(payment)

    def _sign(self, payment: Payment) -> tuple[str, str]:
        matter = self._matters.get(payment.id)
        if matter is not None and _kind(matter.advice.case) == "danger":
            return ("alert", "danger")
        return ("question", "warning")


def _headline(matter: OpenItem, case: Case) -> str:
    payment = matter.payment
    if matter.refund is not None and case in _OF_REFUNDS:
        return words.refund_of(case, matter.refund.amount.shown, fmt.named(payment))
    total, who, receipt = fmt.dollars(paid(payment)), fmt.named(payment), payment.receipt_number
    match case:
        case Case.LATE:
            return words.charged_late(total, who)
        case Case.VOIDING:
            return words.void_unconfirmed(total, who)
        case Case.CHARGED_OTHERWISE:
            return words.charged_differently(who, total, fmt.dollars(payment.draft.quote.total))
        case Case.FEE_NOT_TOLD:
            return words.fee_not_told(total, who)
        case Case.RETURNED:
            return words.sent_back(total, who)
        case Case.UNKNOWN if payment.reason_code is Reason.PENDING:
            return words.being_authorized(total, who)
        case Case.CHARGED_BACK | Case.PARTLY_REFUNDED:
            return words.went_back(kit_words.outcome(payment), total, who)
        case Case.TO_REVERSE:
            return words.receipt_of(receipt, who, payment.state)
        case Case.LETTER_DUE:
            return words.letter_due(who)
        case Case.HELD | Case.SUBMITTED | Case.UNKNOWN | Case.DECIDED:
            return words.no_clear_answer(total, who)
        case _:
            return words.receipt_stuck(case, receipt, who)


def _kind(case: Case) -> str:
    """Return the notice kind: danger if money is not as reported or a receipt was refused, else warning."""
    return "danger" if case in _DANGERS else "warning"


_DANGERS = frozenset(
    {
        Case.LATE, Case.CHARGED_OTHERWISE, Case.RETURNED, Case.CHARGED_BACK, Case.POSTING_REFUSED,
        Case.REFUND_FAILED,
    }
)  # fmt: skip
_OF_REFUNDS = frozenset(
    {
        Case.REFUND_UNKNOWN, Case.REFUND_DOUBTFUL, Case.REFUND_FAILED, Case.REFUND_TO_ENTER,
        Case.REFUND_WISHED,
    }
)  # fmt: skip
