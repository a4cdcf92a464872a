"""A list of payments, with the details and actions of the current one beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QVBoxLayout, QWidget

from paydesk.domain.errors import KnownError
from paydesk.domain.payment import GIVEN_BACK, Payment, State
from paydesk.domain.posting import Posting, PostingState
from paydesk.domain.refund import Refund, RefundAsk, refund_opens_on
from paydesk.services.desk.advice import advice
from paydesk.ui.kit import format as fmt
from paydesk.ui.kit import notices
from paydesk.ui.kit import words as kit_words
from paydesk.ui.kit.theme import Space
from paydesk.ui.kit.widgets import stack
from paydesk.ui.lists import payment_columns
from paydesk.ui.lists.model import TableModel
from paydesk.ui.lists.table import Table
from paydesk.ui.payments import words
from paydesk.ui.payments.payment_details import PaymentDetails
from paydesk.ui.payments.reversal import refund_words
from paydesk.ui.payments.reversal.refund_dialog import RefundDialog
from paydesk.ui.payments.reversal.void_dialog import VoidDialog, void_result
from paydesk.ui.qt.tasks import Lanes

if TYPE_CHECKING:
    from paydesk.services.desk.desk import Desk


@dataclass(frozen=True, slots=True)
class Listing:
    """Payments from one reading of the ledger, and their postings by payment."""

    payments: Sequence[Payment] = ()
    postings: Mapping[int, Posting] = field(default_factory=dict)


class PaymentList(QWidget):
    """Base class of the pages with a list. The pages decide what is listed.

    ``reprint`` and ``letter`` carry a payment whose receipt or letter should be printed. ``changed`` carries
    one whose state the processor has just reported. ``settled`` follows a person's decision about a posting.
    ``voided`` carries a payment whose void receipt should be printed. ``history_wanted`` asks for all of the
    current one's customer.
    """

    reprint = Signal(object)
    letter = Signal(object)
    changed = Signal(object)
    settled = Signal()
    voided = Signal(object)
    history_wanted = Signal()
    refunded = Signal(object, object)
    """Carries a payment and its refund whose receipt should be printed, and that is new."""
    refund_paper = Signal(object, object)
    link_wanted = Signal(object)
    """Carries a payment whose payment link should be shown again."""

    def __init__(self, name: str, lanes: Lanes, desk: Desk, outcome: payment_columns.Outcome) -> None:
        super().__init__()
        self.setObjectName(name)
        self._lanes, self._desk = lanes, desk
        self._listing: Listing | None = None
        zone = fmt.zone_of(desk.settings.time_zone)
        self.model = TableModel(payment_columns.columns(zone, desk.today, outcome, self.posting_of), self)
        self.table = Table(f"{name}.table", words.PAYMENTS, self.model)
        self.table.fit_columns(stretch="payer", spare=payment_columns.SPARE)
        self.table.let_select_several()
        self.details = PaymentDetails(f"{name}.details")
        self.details.set_day(desk.today, zone, desk.clock.now)
        self.notice = notices.NoticeBar(f"{name}.notice")
        self.head = QHBoxLayout()
        self.above = QVBoxLayout()
        self.foot = QVBoxLayout()
        self._lay_out()
        self.table.selectionModel().currentRowChanged.connect(self._current_changed)
        self.details.reprint.connect(self.reprint)
        self.details.letter.connect(self.letter)
        self.details.check.connect(self._check)
        self.details.void.connect(self._ask_void)
        self.details.refund.connect(self._ask_refund)
        self.details.refund_paper.connect(self.refund_paper)
        self.details.link.connect(self._show_link)
        self.details.back.connect(self._take_back)
        self.details.refused.connect(self.notice.refuse)
        self.details.history.connect(self.history_wanted)
        self.details.left.connect(self.table.setFocus)
        self.table.opens = self.details.read
        self.table.more_actions = self._add_actions
        self.details.posting.again.connect(self._post_again)
        self.details.posting.entered.connect(self._mark_entered)
        self.details.posting.file_entered.connect(self._mark_file_entered)

    def _lay_out(self) -> None:
        card = QFrame()
        card.setProperty("role", "card")
        stack(card, self.table, margin=1)
        self.card = card
        left = QVBoxLayout()
        left.setSpacing(Space.M)
        left.addLayout(self.head)
        left.addLayout(self.above)
        left.addWidget(card, 1)
        left.addLayout(self.foot)
        left.addWidget(self.notice)  # at the foot, so that no row moves when it comes or goes
        line = QHBoxLayout(self)
        line.setContentsMargins(Space.L, Space.M, Space.L, Space.M)
        line.setSpacing(Space.M)
        line.addLayout(left, 1)
        line.addWidget(self.details)

    def _add_actions(self, menu: QMenu) -> None:
        """Add what a page can do with its list to the list's menu."""
        menu.addSeparator()
        menu.addAction(f"{words.CUSTOMER_HISTORY}\tCtrl+L", self.history_wanted.emit)

    @property
    def customer(self) -> tuple[str, str]:
        """The number and name of the current payment's customer, either of them ``""`` if it is not known."""
        payment = self.details.payment
        return (payment.draft.payer.customer_number, fmt.payer(payment)) if payment else ("", "")

    def posting_of(self, payment: Payment) -> Posting | None:
        """Return the posting of a listed payment, or None."""
        return self._listing.postings.get(payment.id) if self._listing else None

    def show_listing(self, listing: Listing) -> None:
        """List these payments. The current one stays current, and an unchanged list does not move."""
        if listing == self._listing:
            self._read_events(self.details.payment)  # a reprint changes nothing else
            return
        shown, self._listing = self.details.payment, listing
        payments = listing.payments
        self.model.show(payments)
        rows = self.model.rows
        places = [place for place, payment in enumerate(rows) if shown and payment.id == shown.id]
        if rows:
            self.table.setCurrentIndex(self.model.index(places[0] if places else 0, 0))
        else:
            self._show_details(None)

    def add_listing(self, listing: Listing) -> None:
        """List these payments after the others."""
        before = self._listing or Listing()
        payments = [*before.payments, *listing.payments]
        self._listing = Listing(payments, {**before.postings, **listing.postings})
        self.model.append(listing.payments)

    def refresh(self) -> None:
        """Read the list again from the ledger."""
        raise NotImplementedError

    def _current_changed(self, index: QModelIndex) -> None:
        payment = self.model.value(index)
        self._show_details(payment)
        self._read_events(payment)

    def _read_events(self, payment: Payment | None) -> None:
        if payment is not None:
            ledger, wanted = self._desk.ledger, payment.id
            self._lanes.read.run(
                lambda: (ledger.events(wanted), ledger.refunds_of([wanted]).get(wanted, ())),
                lambda found: self.details.show_events(wanted, *found),
                self._fail,
                self,
            )

    def _show_details(self, payment: Payment | None) -> None:
        posting = self.posting_of(payment) if payment else None
        if posting is not None and payment is not None:
            posting = replace(posting, payment=payment)  # the list may have read an older state of it
        again = posting is not None and self._desk.post.may_post_again(posting)
        said = advice(payment, posting, may_post_again=again) if payment else None
        self.details.show_payment(payment, posting, said)

    # ---- the charge -----------------------------------------------------------------------

    def _check(self, payment: Payment) -> None:
        self.notice.clear()
        self.details.show_checking()
        check, wanted = self._desk.resolve.check, payment.id
        self._lanes.background.run(lambda: check(wanted), self._checked, self._fail, self)

    def _checked(self, payment: Payment) -> None:
        said = words.processor_asked(kit_words.outcome(payment).lower())
        under_way = payment.state in (State.VOIDING, State.CLOSING)  # the reason is that of the clerk
        self.notice.say(said, "" if under_way else payment.reason, end=notices.Ends.SOON)
        self._show_details(payment)
        self.changed.emit(payment)

    def _show_link(self, payment: Payment) -> None:
        self.notice.clear()
        offers, wanted = self._desk.offers, payment.id
        self._lanes.money.run(lambda: offers.shown_again(wanted), self.link_wanted.emit, self._fail, self)

    def _take_back(self, payment: Payment) -> None:
        self.notice.clear()
        self.details.show_checking()
        offers, resolve, wanted = self._desk.offers, self._desk.resolve, payment.id

        def back() -> Payment:
            offers.take_back(wanted)
            return resolve.check(wanted)

        self._lanes.money.run(back, self._taken_back, self._fail, self)

    def _taken_back(self, payment: Payment) -> None:
        said = words.taken_back(payment)
        self.notice.say(*said)
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
        self._lanes.money.run(lambda: void(payment.id, why), self._void_answered, self._void_failed, self)

    def _void_answered(self, payment: Payment) -> None:
        self.notice.say(*void_result(payment))
        self._show_details(payment)
        self.changed.emit(payment)
        if payment.state is State.VOIDED:
            self.voided.emit(payment)

    def _void_failed(self, error: Exception) -> None:
        self._fail(error)
        self.settled.emit()

    # ---- a refund -------------------------------------------------------------------------

    def _ask_refund(self, payment: Payment) -> None:
        self.notice.clear()
        dialog = RefundDialog(payment, self)
        dialog.confirmed.connect(self._refund)
        dialog.wished.connect(self._remind)
        dialog.void_wanted.connect(self._ask_void)
        dialog.open()
        check = self._desk.refunds.check
        self._lanes.money.run(
            lambda: check(payment.id), dialog.show_refundable, lambda error: _say_in(dialog, error), dialog
        )

    def _refund(self, payment: Payment, ask: RefundAsk) -> None:
        self.details.show_refunding()
        refund = self._desk.refunds.refund
        self._lanes.money.run(
            lambda: refund(payment.id, ask),
            lambda made: self._refund_answered(payment, made),
            self._void_failed,
            self,
        )

    def _refund_answered(self, payment: Payment, refund: Refund) -> None:
        self.notice.say(*refund_words.result(refund, fmt.named(payment)))
        self._show_details(payment)
        self._read_events(payment)
        self.changed.emit(payment)
        if refund.number:
            self.refunded.emit(payment, refund)

    def _remind(self, payment: Payment, ask: RefundAsk) -> None:
        wish = self._desk.refunds.wish
        self._lanes.money.run(
            lambda: wish(payment.id, ask), lambda _made: self._reminded(payment), self._void_failed, self
        )

    def _reminded(self, payment: Payment) -> None:
        self.notice.say(*refund_words.wished(refund_opens_on(payment)))
        self._read_events(payment)
        self.settled.emit()

    # ---- the posting ----------------------------------------------------------------------

    def _post_again(self) -> None:
        self._decide(self._desk.post.post_again)

    def _mark_entered(self) -> None:
        payment, post = self.details.payment, self._desk.post
        given_back = payment is not None and payment.state in GIVEN_BACK
        self._decide(post.mark_taken_back if given_back else post.mark_entered)

    def _mark_file_entered(self, name: str) -> None:
        confirm = self._desk.deposits.confirm
        self.notice.clear()
        self.details.posting.set_busy(True)
        self._lanes.lookup.run(
            lambda: confirm(name), lambda done: self._file_decided(name, len(done)), self._fail, self
        )

    def _file_decided(self, name: str, number: int) -> None:
        self.notice.say(words.file_posted(name, number), kind="good")
        self.settled.emit()

    def _decide(self, act: Callable[[int], Posting]) -> None:
        payment = self.details.payment
        if payment is not None:
            wanted = payment.id
            self.notice.clear()
            self.details.posting.set_busy(True)
            self._lanes.lookup.run(lambda: act(wanted), self._decided, self._fail, self)

    def _decided(self, posting: Posting) -> None:
        receipt = posting.payment.receipt_number
        if posting.state is PostingState.POSTED:
            self.notice.say(words.receipt_posted(receipt), kind="good")
        elif posting.state is PostingState.WITHDRAWN:
            self.notice.say(words.receipt_withdrawn(receipt), kind="good")
            post, payment = self._desk.post, posting.payment
            self._lanes.lookup.run(
                lambda: post.paid_still(payment),
                lambda numbers: self._warn_of_paid(receipt, numbers),
                self._not_asked,
                self,
            )
        else:
            self.notice.say(words.receipt_to_be_posted(receipt))
        self.settled.emit()

    def _warn_of_paid(self, receipt: str, numbers: Sequence[str]) -> None:
        """Warn if AMS360 does not show that the receipt was reversed."""
        if numbers:
            self.notice.say(*words.not_reversed(receipt, numbers), "warning", notices.Ends.NEXT_CUSTOMER)

    def _not_asked(self, error: Exception) -> None:
        """Do not say that AMS360 is away: the receipt is marked, and it is asked only to be sure."""
        if not isinstance(error, KnownError):
            notices.report(error, self.notice)

    def _fail(self, error: Exception) -> None:
        notices.report(error, self.notice)
        self._show_details(self.details.payment)


def _say_in(dialog: RefundDialog, error: Exception) -> None:
    """Say in the dialog why the processor could not be asked, as long as it is open."""
    if isinstance(error, KnownError):
        dialog.show_error((error.sentence, error.next_step))
    else:
        dialog.reject()
        notices.report(error, dialog.parent().notice)  # type: ignore[union-attr]  # a list of payments
