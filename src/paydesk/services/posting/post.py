"""Drain the posting outbox: post receipts into AMS360 in order, each at most once.

A receipt that surely did not arrive is sent again automatically. One that may have arrived is not: PayDesk
reads the balances again, and if each fell by exactly the amount paid, the receipt counts as posted. If not, a
person decides.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from paydesk.domain.errors import KnownError
from paydesk.domain.money import Money
from paydesk.domain.payment import GIVEN_BACK, PAID, Payment, State
from paydesk.domain.posting import (
    AchAt,
    AgencyReceipt,
    AnytimeAs,
    ByHand,
    MayHaveArrived,
    NotReceived,
    Posted,
    Posting,
    PostingChannel,
    PostingRules,
    PostingState,
    PostOutcome,
    Refused,
    Verdict,
    agency_receipt,
    verdict,
)
from paydesk.domain.tender import TenderKind
from paydesk.domain.vendors import AGENCY_SYSTEM
from paydesk.services.ports.agency import InvoiceSource, NoteSink, ReceiptSink
from paydesk.services.ports.clock import Clock
from paydesk.services.ports.ledger import StaleMove
from paydesk.services.ports.outbox import Outbox
from paydesk.services.ports.rights import EVERYONE, Right, Rights
from paydesk.services.posting import words

SENDING_S = 120.0
"""Seconds after which a posting without an answer is unclear, because its sender is gone."""

QUIET_S = 600.0
"""Seconds within which a request still under way arrives, or never."""

_PAUSES_S = (5.0, 15.0, 60.0, 300.0, 900.0)
"""Seconds between two tries. The last pause repeats."""

_LONG_S = 3600.0
"""Seconds of waiting after which a person should look."""

_IMPORTED_WITHIN_S = 24 * 3600.0
"""Seconds after which a deposit file that nobody has confirmed was perhaps forgotten."""

_ROUND = 2_000
"""Maximum number of postings in one round. Bank debits may wait for days to settle."""

_FAILURES = 3
"""Number of postings without an answer that end a round. Fewer do not, so that one unanswered invoice cannot
block the others."""

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Pauses:
    """Times when each posting is due again, on the monotonic clock."""

    due_s: dict[int, float] = field(default_factory=dict)
    tries: dict[int, int] = field(default_factory=dict)

    def is_due(self, payment_id: int, now_s: float) -> bool:
        return self.due_s.get(payment_id, now_s) <= now_s

    def wait(self, payment_id: int, now_s: float) -> None:
        tries = self.tries.get(payment_id, 0)
        self.tries[payment_id] = tries + 1
        self.due_s[payment_id] = now_s + _PAUSES_S[min(tries, len(_PAUSES_S) - 1)]

    def forget(self, payment_id: int) -> None:
        self.due_s.pop(payment_id, None)
        self.tries.pop(payment_id, None)


class _Unreachable(Exception):
    """AMS360 did not receive the posting. After a few of these the round ends."""


class Post:
    """The outbox's worker. Run one at a time in a process. Any number of desks may share one ledger."""

    def __init__(
        self,
        outbox: Outbox,
        sink: ReceiptSink | None,
        source: InvoiceSource,
        clock: Clock,
        rules: PostingRules,
        time_zone: str,
        notes: NoteSink | None = None,
        rights: Rights = EVERYONE,
    ) -> None:
        self.outbox = outbox
        self.rules = rules
        self._sink = sink if rules.channel is PostingChannel.EMS else None
        self._source = source
        self._clock = clock
        self._zone = ZoneInfo(time_zone)
        self._notes = notes
        self._rights = rights
        self._pauses = _Pauses()

    # ---- the worker -------------------------------------------------------------------------

    def due(self) -> list[Posting]:
        """Run one round: resolve postings in doubt, and send those that wait. Returns those that changed.

        Raises KnownError if the ledger is unreachable. Takes as long as AMS360 does, so do not call it on the
        UI thread.
        """
        if self._sink is None:
            self._write_notes()
            return []
        changed, failures = [], 0
        for posting in self.outbox.postings((PostingState.WAITING, PostingState.UNCLEAR), limit=_ROUND):
            if failures == _FAILURES or not self._pauses.is_due(posting.payment.id, self._clock.elapsed_s()):
                continue
            try:
                after = self._look_at(posting, self._sink)
            except StaleMove:  # another desk was faster: the recorded state counts
                continue
            except _Unreachable:
                failures += 1
                continue
            if after is not None and (after.state, after.reason) != (posting.state, posting.reason):
                changed.append(after)
        return changed

    def now(self) -> list[Posting]:
        """Run a round without waiting for any pause."""
        self._pauses = _Pauses()
        return self.due()

    def _look_at(self, posting: Posting, sink: ReceiptSink) -> Posting | None:
        if posting.channel == PostingChannel.FILE.value and posting.in_doubt:
            return None  # in a deposit file, which a person confirms
        if posting.in_doubt:
            return self._look_again(posting)
        step = self.step(posting)
        match step:
            case AgencyReceipt():
                return self._send(posting, step, sink)
            case PostingState():
                return None
            case (state, reason):
                return self.outbox.stop(posting.payment.id, state, reason)

    def step(self, posting: Posting) -> AgencyReceipt | PostingState | tuple[PostingState, str]:
        """Return the receipt to send, or WAITING, or the state to stop in with the reason."""
        payment = posting.payment
        hindrance = _hindrance(payment)
        if hindrance is not None:
            return hindrance
        undecided = payment.state in (State.VOIDING, State.LATE)  # the money may go back at once
        if undecided or self._waits_for_the_bank(payment):
            return PostingState.WAITING
        return self.receipt_of(payment)

    def receipt_of(self, payment: Payment) -> AgencyReceipt:
        """Return the payment's receipt for AMS360, dated in the agency's time zone."""
        taken_at = payment.decided_at or payment.held_at
        return agency_receipt(payment, taken_at.astimezone(self._zone).date())

    def _waits_for_the_bank(self, payment: Payment) -> bool:
        by_bank = payment.draft.kind is TenderKind.ACH and self.rules.ach_at is AchAt.SETTLEMENT
        return by_bank and payment.state not in (State.SETTLED, State.PARTLY_REFUNDED)

    # ---- sending ----------------------------------------------------------------------------

    def _send(self, posting: Posting, receipt: AgencyReceipt, sink: ReceiptSink) -> Posting | None:
        payment_id = posting.payment.id
        if not receipt.customer_number:
            return self.outbox.stop(payment_id, PostingState.BY_HAND, words.NO_CUSTOMER)
        try:
            before = self._balances(receipt)
        except KnownError as error:
            self._pauses.wait(payment_id, self._clock.elapsed_s())
            if error.sentence != posting.reason:
                self.outbox.explain(payment_id, error.sentence)
            raise _Unreachable from None
        short = _short(receipt, before)
        if short:
            return self.outbox.stop(payment_id, PostingState.REFUSED, short)
        if not self.outbox.take(payment_id, self.rules.channel, before):
            return None
        as_note = not receipt.by_invoice and self.rules.anytime is AnytimeAs.NOTE
        outcome = _sent(sink, receipt, as_note=as_note)
        after = self.outbox.record_outcome(payment_id, outcome)
        return self._after(after, receipt, outcome)

    def _after(self, posting: Posting, receipt: AgencyReceipt, outcome: PostOutcome) -> Posting:
        payment_id = posting.payment.id
        match outcome:
            case NotReceived():
                self._pauses.wait(payment_id, self._clock.elapsed_s())
                raise _Unreachable
            case Refused() | MayHaveArrived():
                # Check after a refusal, too: a server may refuse after it accepted an earlier copy.
                return self._look_again(posting) or posting
            case ByHand():
                return posting
            case Posted():
                self._pauses.forget(payment_id)
                self._write_note(receipt)
                return posting

    def _balances(self, receipt: AgencyReceipt) -> dict[str, Money]:
        """Return the invoices' balances now. Raises KnownError if AMS360 cannot tell."""
        return {number: money for number, (money, _) in self._readings(receipt).items()}

    def _readings(self, receipt: AgencyReceipt) -> dict[str, tuple[Money, datetime]]:
        found = {}
        for number in receipt.by_invoice:
            invoice = self._source.invoice(number)
            if invoice is None:
                raise words.not_there(number)
            found[number] = (invoice.balance, invoice.read_at)
        return found

    def _write_notes(self) -> None:
        """Write the notes of an agency that posts by file or by hand, each at most once."""
        if self._notes is None:
            return
        for posting in self.outbox.without_note():
            payment = posting.payment
            undecided = payment.state in (State.VOIDING, State.LATE)
            if payment.state not in PAID or undecided or not payment.draft.payer.customer_number:
                continue
            if not self._pauses.is_due(payment.id, self._clock.elapsed_s()):
                continue
            if not self.outbox.take_note(payment.id):
                continue
            outcome = self._write_note(self.receipt_of(payment))
            if isinstance(outcome, NotReceived):
                self._pauses.wait(payment.id, self._clock.elapsed_s())
                self.outbox.give_note_back(payment.id, outcome.why)
                return

    def _write_note(self, receipt: AgencyReceipt) -> PostOutcome | None:
        """Write the note of a receipt.

        A failure is logged and changes nothing, because the note is only an extra.
        """
        if self._notes is None:
            return None
        outcome = self._notes.note(receipt)
        if isinstance(outcome, Refused | NotReceived | MayHaveArrived):
            number = receipt.receipt_number
            log.warning("no note in %s for receipt %s: %s", AGENCY_SYSTEM.name, number, outcome)
        return outcome

    # ---- in doubt ---------------------------------------------------------------------------

    def _look_again(self, posting: Posting) -> Posting | None:
        """Compare the balances with those before the posting was sent. Never sends it again."""
        payment_id = posting.payment.id
        if posting.state is PostingState.WAITING:
            if posting.sent_age_s < SENDING_S:
                return None  # its sender still works on it
            gone = MayHaveArrived(words.STOPPED_BEFORE_THE_ANSWER)
            posting = self.outbox.record_outcome(payment_id, gone)
        self._pauses.wait(payment_id, self._clock.elapsed_s())
        try:
            found, readings = self._verdict(posting)
        except KnownError:
            return posting
        if found is not Verdict.CONTAINED:
            return posting
        self._pauses.forget(payment_id)
        receipt = self.receipt_of(posting.payment)
        proven = self._proven(posting, readings)
        self._write_note(receipt)
        return proven

    def _verdict(self, posting: Posting) -> tuple[Verdict, dict[str, tuple[Money, datetime]]]:
        receipt = self.receipt_of(posting.payment)
        if not receipt.by_invoice or not posting.before:
            return Verdict.OTHERWISE, {}
        readings = self._readings(receipt)
        now = {number: money for number, (money, _) in readings.items()}
        return verdict(receipt, posting.before, now), readings

    def _proven(self, posting: Posting, readings: Mapping[str, tuple[Money, datetime]]) -> Posting:
        evidence = {
            f"invoice {number}": f"{posting.before[number]} before, {money} now"
            for number, (money, _) in readings.items()
        }
        return self.outbox.prove(posting.payment.id, min(at for _, at in readings.values()), evidence)

    # ---- for a person -----------------------------------------------------------------------

    def attention(self) -> list[Posting]:
        """Return postings a person has to look at: unclear, refused, waiting for long, or to take back.

        What is to be entered by hand is ordinary work, and has its own list: ``by_hand``.
        """
        now = self._clock.now()
        stuck = [
            posting
            for posting in self.outbox.stuck()
            if posting.payment.state not in GIVEN_BACK
            and (
                posting.state is not PostingState.WAITING
                or (posting.held_up and (now - posting.created_at).total_seconds() > _LONG_S)
                or (posting.in_deposit_file and posting.sent_age_s > _IMPORTED_WITHIN_S)
            )
        ]
        return [*stuck, *self.outbox.to_take_back()]

    def by_hand(self) -> list[Posting]:
        """Return the receipts that a person enters into AMS360, oldest first."""
        found = self.outbox.postings((PostingState.BY_HAND,))
        return [posting for posting in found if posting.payment.state not in GIVEN_BACK]

    def count_by_hand(self) -> int:
        """Return the number of those receipts, without reading them."""
        return self.outbox.count_by_hand()

    def may_post_again(self, posting: Posting) -> bool:
        """Return True if "Retry posting" can be offered. The balances are still read first."""
        if self._sink is None or _hindrance(posting.payment) is not None:
            return False
        if posting.state is PostingState.REFUSED:
            return bool(posting.payment.draft.payer.customer_number)
        return posting.state is PostingState.UNCLEAR and bool(posting.before) and self._is_quiet(posting)

    def post_again(self, payment_id: int) -> Posting:
        """Send an unclear or refused posting again if the balances show that it did not arrive.

        If they show that it did, it counts as posted instead. Raises KnownError if neither is sure, or if it
        is too early to tell.
        """
        self._rights.require(Right.POST)
        posting = self.outbox.posting(payment_id)
        if posting is None or not self.may_post_again(posting):
            raise words.not_again_now()
        if posting.before:
            found, readings = self._verdict(posting)
            if found is Verdict.CONTAINED:
                return self._proven(posting, readings)
            if found is not Verdict.UNCHANGED and posting.sent_at is not None:
                raise words.balances_changed()
            evidence = {f"invoice {number}": str(money) for number, (money, _) in readings.items()}
        else:
            evidence = {}
        self._pauses.forget(payment_id)
        return self.outbox.wait_again(payment_id, evidence)

    def mark_entered(self, payment_id: int, note: str = "") -> Posting:
        """Record that a person found the receipt in AMS360, or entered it by hand."""
        self._rights.require(Right.POST)
        self._pauses.forget(payment_id)
        return self.outbox.entered_by_hand(payment_id, note)

    def mark_taken_back(self, payment_id: int, note: str = "") -> Posting:
        """Record that a person confirmed: AMS360 does not, or no longer, have a receipt of returned money."""
        self._rights.require(Right.POST)
        self._pauses.forget(payment_id)
        return self.outbox.taken_back(payment_id, note)

    def paid_still(self, payment: Payment) -> list[str]:
        """Return the invoices of returned money that AMS360 does not show as owed again. Raises KnownError.

        If its receipt is marked as reversed all the same, nobody collects them.
        """
        found = []
        for line in payment.draft.lines:
            if line.invoice_number is not None:
                invoice = self._source.invoice(line.invoice_number)
                if invoice is None or invoice.balance < line.amount:
                    found.append(line.invoice_number)
        return found

    def _is_quiet(self, posting: Posting) -> bool:
        return posting.sent_at is not None and posting.sent_age_s >= QUIET_S


def _sent(sink: ReceiptSink, receipt: AgencyReceipt, *, as_note: bool) -> PostOutcome:
    try:
        return sink.note(receipt) if as_note else sink.post(receipt)
    except Exception as error:  # a bug of ours after sending: the outcome is unknown, and stays so
        log.exception("posting failed")
        return MayHaveArrived(words.failed_waiting(error))


def _hindrance(payment: Payment) -> tuple[PostingState, str] | None:
    """Return why a payment must not be posted automatically, or None."""
    if payment.state is State.PARTLY_REFUNDED:
        return PostingState.BY_HAND, words.PARTLY_REFUNDED
    if payment.state not in PAID:
        return PostingState.WITHDRAWN, words.nothing_to_post(payment.state)
    subtotal = payment.draft.quote.subtotal
    if payment.charged is not None and payment.charged < subtotal:
        return PostingState.BY_HAND, words.charged_less(payment.charged, subtotal)
    return None


def _short(receipt: AgencyReceipt, before: Mapping[str, Money]) -> str:
    """Return why the receipt must not be sent: an invoice owes less than it pays. Returns "" if none does."""
    for number, amount in receipt.by_invoice.items():
        if before[number] < amount:
            return words.owes_less(number, before[number], amount)
    return ""
