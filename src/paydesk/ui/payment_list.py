"""A list of payments beside the details of one, and what can be done with that one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from paydesk.domain.payment import Payment, State
from paydesk.domain.posting import Posting, PostingState
from paydesk.ui import format as words
from paydesk.ui import notify, payment_table
from paydesk.ui.models import TableModel
from paydesk.ui.payment_details import PaymentDetails
from paydesk.ui.tables import Table
from paydesk.ui.tasks import Lanes
from paydesk.ui.theme import Space
from paydesk.ui.void_dialog import VoidDialog, void_result
from paydesk.ui.widgets import stack

if TYPE_CHECKING:
    from paydesk.services.desk import Desk


@dataclass(frozen=True, slots=True)
class Listing:
    """Payments as one reading of the ledger shows them, and their postings by payment."""

    payments: Sequence[Payment] = ()
    postings: Mapping[int, Posting] = field(default_factory=dict)


class PaymentList(QWidget):
    """What is listed, the pages decide.

    ``reprint`` carries a payment; ``changed`` one whose state the processor has just told;
    ``settled`` follows what a person decided about a posting; ``voided`` carries a payment whose
    void receipt is to be handed out.
    """

    reprint = Signal(object)
    changed = Signal(object)
    settled = Signal()
    voided = Signal(object)

    def __init__(self, name: str, lanes: Lanes, desk: Desk, outcome: payment_table.Outcome) -> None:
        super().__init__()
        self.setObjectName(name)
        self._lanes, self._desk = lanes, desk
        self._listing: Listing | None = None
        zone = words.zone_of(desk.settings.time_zone)
        self.model = TableModel(payment_table.columns(zone, outcome, self.posting_of), self)
        self.table = Table(f"{name}.table", "Payments", self.model)
        self.table.set_widths(payment_table.WIDTHS, stretch="payer", spare=payment_table.SPARE)
        self.table.setSortingEnabled(False)
        self.details = PaymentDetails(f"{name}.details")
        self.details.set_zone(zone)
        self.notice = notify.NoticeBar(f"{name}.notice")
        self.head = QHBoxLayout()
        self.foot = QVBoxLayout()
        self._lay_out()
        self.table.selectionModel().currentRowChanged.connect(self._current_changed)
        self.details.reprint.connect(self.reprint)
        self.details.check.connect(self._check)
        self.details.void.connect(self._ask_void)
        self.details.posting.again.connect(self._post_again)
        self.details.posting.entered.connect(self._mark_entered)

    def _lay_out(self) -> None:
        card = QFrame()
        card.setProperty("role", "card")
        stack(card, self.table, margin=1)
        left = QVBoxLayout()
        left.setSpacing(Space.M)
        left.addLayout(self.head)
        left.addWidget(self.notice)
        left.addWidget(card, 1)
        left.addLayout(self.foot)
        line = QHBoxLayout(self)
        line.setContentsMargins(Space.L, Space.M, Space.L, Space.M)
        line.setSpacing(Space.M)
        line.addLayout(left, 1)
        line.addWidget(self.details)

    def posting_of(self, payment: Payment) -> Posting | None:
        """The posting of a listed payment, where it has one."""
        return self._listing.postings.get(payment.id) if self._listing else None

    def show_listing(self, listing: Listing) -> None:
        """List these; the one that was current stays current, and nothing moves where nothing changed."""
        if listing == self._listing:
            self._read_events(self.details.payment)  # a receipt that was printed again changes nothing else
            return
        shown, self._listing = self.details.payment, listing
        payments = listing.payments
        self.model.show(payments)
        places = [place for place, payment in enumerate(payments) if shown and payment.id == shown.id]
        if payments:
            self.table.setCurrentIndex(self.model.index(places[0] if places else 0, 0))
        else:
            self._show_details(None)

    def refresh(self) -> None:
        """Read the list again from the ledger."""
        raise NotImplementedError

    def _current_changed(self, index: QModelIndex) -> None:
        payment = self.model.value(index)
        self._show_details(payment)
        self._read_events(payment)

    def _read_events(self, payment: Payment | None) -> None:
        if payment is not None:
            events, wanted = self._desk.ledger.events, payment.id
            self._lanes.read(
                lambda: events(wanted),
                lambda found: self.details.show_events(wanted, found),
                self._fail,
                self,
            )

    def _show_details(self, payment: Payment | None) -> None:
        posting = self.posting_of(payment) if payment else None
        again = posting is not None and self._desk.post.may_post_again(posting)
        self.details.show_payment(payment, posting, may_post_again=again)

    # ---- the charge -----------------------------------------------------------------------

    def _check(self, payment: Payment) -> None:
        self.notice.clear()
        self.details.show_checking()
        check, wanted = self._desk.reconcile.check, payment.id
        self._lanes.chore(lambda: check(wanted), self._checked, self._fail, self)

    def _checked(self, payment: Payment) -> None:
        said = f"AndDone was asked: {words.outcome(payment).lower()}."
        self.notice.say(said, "" if payment.state is State.VOIDING else payment.reason)
        self._show_details(payment)
        self.changed.emit(payment)

    def _ask_void(self, payment: Payment) -> None:
        self.notice.clear()
        dialog = VoidDialog(payment, self.posting_of(payment), self)
        dialog.confirmed.connect(self._void)
        dialog.open()

    def _void(self, payment: Payment, why: str) -> None:
        self.details.show_voiding()
        void = self._desk.voids.void
        self._lanes.money(lambda: void(payment.id, why), self._void_answered, self._void_failed, self)

    def _void_answered(self, payment: Payment) -> None:
        self.notice.say(*void_result(payment))
        self._show_details(payment)
        self.changed.emit(payment)
        if payment.state is State.VOIDED:
            self.voided.emit(payment)

    def _void_failed(self, error: Exception) -> None:
        self._fail(error)
        self.settled.emit()

    # ---- the posting ----------------------------------------------------------------------

    def _post_again(self) -> None:
        self._decide(self._desk.post.post_again)

    def _mark_entered(self) -> None:
        payment, post = self.details.payment, self._desk.post
        voided = payment is not None and payment.state is State.VOIDED
        self._decide(post.mark_taken_back if voided else post.mark_entered)

    def _decide(self, act: Callable[[int], Posting]) -> None:
        payment = self.details.payment
        if payment is not None:
            wanted = payment.id
            self.notice.clear()
            self.details.posting.set_busy(True)
            self._lanes.lookup(lambda: act(wanted), self._decided, self._fail, self)

    def _decided(self, posting: Posting) -> None:
        receipt = posting.payment.receipt_number
        if posting.state is PostingState.POSTED:
            self.notice.say(f"Receipt {receipt} is in AMS360.", kind="good")
        elif posting.state is PostingState.WITHDRAWN:
            self.notice.say(f"Receipt {receipt} is not in AMS360 any more.", kind="good")
        else:
            self.notice.say(f"Receipt {receipt} is posted again in a moment.")
        self.settled.emit()

    def _fail(self, error: Exception) -> None:
        notify.report(error, self.notice)
        self._show_details(self.details.payment)
