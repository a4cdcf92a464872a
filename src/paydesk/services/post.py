"""Drain the posting outbox: receipts go back into AMS360 in order, each surely at most once.

What surely did not arrive is sent again alone. What may have arrived never is: the balances are read
again, and where each fell by exactly what was paid, it counts as posted; otherwise a person decides.
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
    MayHaveArrived,
    NotReceived,
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
from paydesk.services.ports import Clock, InvoiceSource, NoteSink, Outbox, ReceiptSink, StaleMove

SENDING_S = 120.0
"""A posting whose answer did not come within this time is unclear; its sender is gone."""

QUIET_S = 600.0
"""A request that is still under way arrives within this time, or never."""

_PAUSES_S = (5.0, 15.0, 60.0, 300.0, 900.0)
"""Between two tries, the last for ever."""

_LONG_S = 3600.0
"""Waiting for longer than this is worth a look."""

_IMPORTED_WITHIN_S = 24 * 3600.0
"""A deposit file that nobody has confirmed for longer was perhaps forgotten."""

_ROUND = 2_000
"""So many postings are looked at in a round; bank debits may wait for days to settle."""

_FAILURES = 3
"""So many postings without an answer end a round: one dead invoice must not hold the others up."""

_NO_CUSTOMER = "This payment names no customer of AMS360: enter it there by hand, then mark it as entered."

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Pauses:
    """When each posting may be looked at again, on the monotonic clock."""

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
    """AMS360 did not take it in: after a few of these the other postings need not try now."""


class Post:
    """The outbox's worker; one at a time in a process, and any number of desks on one ledger."""

    def __init__(
        self,
        outbox: Outbox,
        sink: ReceiptSink | None,
        source: InvoiceSource,
        clock: Clock,
        rules: PostingRules,
        time_zone: str,
        notes: NoteSink | None = None,
    ) -> None:
        self.outbox = outbox
        self.rules = rules
        self._sink = sink if rules.channel is PostingChannel.EMS else None
        self._source = source
        self._clock = clock
        self._zone = ZoneInfo(time_zone)
        self._notes = notes
        self._pauses = _Pauses()

    # ---- the worker -------------------------------------------------------------------------

    def due(self) -> list[Posting]:
        """One round over what is due: settle what is in doubt, send what waits; those that changed.

        Raises KnownError when the ledger is away. Takes as long as AMS360 does: not for the UI thread.
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
            except StaleMove:  # another desk was faster: its word stands
                continue
            except _Unreachable:
                failures += 1
                continue
            if after is not None and (after.state, after.reason) != (posting.state, posting.reason):
                changed.append(after)
        return changed

    def now(self) -> list[Posting]:
        """A round without waiting for any pause."""
        self._pauses = _Pauses()
        return self.due()

    def _look_at(self, posting: Posting, sink: ReceiptSink) -> Posting | None:
        if posting.channel == PostingChannel.FILE.value and posting.in_doubt:
            return None  # in a deposit file: a person confirms those
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
        """What a waiting posting needs: to be sent, to go on waiting, or to stop and why."""
        payment = posting.payment
        hindrance = _hindrance(payment)
        if hindrance is not None:
            return hindrance
        undecided = payment.state in (State.VOIDING, State.LATE)  # the money may go back at once
        if undecided or self._waits_for_the_bank(payment):
            return PostingState.WAITING
        return self.receipt_of(payment)

    def receipt_of(self, payment: Payment) -> AgencyReceipt:
        """The payment's receipt for AMS360, dated on the agency's calendar."""
        taken_at = payment.decided_at or payment.claimed_at
        return agency_receipt(payment, taken_at.astimezone(self._zone).date())

    def _waits_for_the_bank(self, payment: Payment) -> bool:
        by_bank = payment.draft.kind is TenderKind.ACH and self.rules.ach_at is AchAt.SETTLEMENT
        return by_bank and payment.state not in (State.SETTLED, State.PARTLY_REFUNDED)

    # ---- sending ----------------------------------------------------------------------------

    def _send(self, posting: Posting, receipt: AgencyReceipt, sink: ReceiptSink) -> Posting | None:
        payment_id = posting.payment.id
        if not receipt.customer_number:
            return self.outbox.stop(payment_id, PostingState.REFUSED, _NO_CUSTOMER)
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
        after = self.outbox.settle(payment_id, outcome)
        return self._after(after, receipt, outcome)

    def _after(self, posting: Posting, receipt: AgencyReceipt, outcome: PostOutcome) -> Posting:
        payment_id = posting.payment.id
        match outcome:
            case NotReceived():
                self._pauses.wait(payment_id, self._clock.elapsed_s())
                raise _Unreachable
            case Refused() | MayHaveArrived():
                # A refusal is looked at, too: a server may say no after it said yes to a copy.
                return self._look_again(posting) or posting
            case _:
                self._pauses.forget(payment_id)
                self._write_note(receipt)
                return posting

    def _balances(self, receipt: AgencyReceipt) -> dict[str, Money]:
        """What the invoices owe now. Raises KnownError when AMS360 cannot tell."""
        return {number: money for number, (money, _) in self._readings(receipt).items()}

    def _readings(self, receipt: AgencyReceipt) -> dict[str, tuple[Money, datetime]]:
        found = {}
        for number in receipt.by_invoice:
            invoice = self._source.invoice(number)
            if invoice is None:
                raise KnownError(f"Invoice {number} is not in AMS360.", "Look in AMS360 what became of it.")
            found[number] = (invoice.balance, invoice.read_at)
        return found

    def _write_notes(self) -> None:
        """Where receipts go by file or by hand, the note is all that is written here: each once at most."""
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
        """An addition: a note that fails is told in the log, and changes nothing."""
        if self._notes is None:
            return None
        outcome = self._notes.note(receipt)
        if isinstance(outcome, Refused | NotReceived | MayHaveArrived):
            log.warning("no note in AMS360 for receipt %s: %s", receipt.receipt_number, outcome)
        return outcome

    # ---- in doubt ---------------------------------------------------------------------------

    def _look_again(self, posting: Posting) -> Posting | None:
        """Compare the balances with those before it was sent; it is never sent again from here."""
        payment_id = posting.payment.id
        if posting.state is PostingState.WAITING:
            if posting.sent_age_s < SENDING_S:
                return None  # its sender is at it
            gone = MayHaveArrived("The desk that posted this stopped before AMS360's answer came.")
            posting = self.outbox.settle(payment_id, gone)
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
        """What a person has to look at: unclear, refused, waiting for long, or to be taken back."""
        states = (PostingState.WAITING, PostingState.UNCLEAR, PostingState.REFUSED)
        now = self._clock.now()
        stuck = [
            posting
            for posting in self.outbox.postings(states)
            if posting.payment.state not in GIVEN_BACK
            and (
                posting.state is not PostingState.WAITING
                or (posting.reason and (now - posting.created_at).total_seconds() > _LONG_S)
                or (posting.in_deposit_file and posting.sent_age_s > _IMPORTED_WITHIN_S)
            )
        ]
        return [*stuck, *self.outbox.to_take_back()]

    def may_post_again(self, posting: Posting) -> bool:
        """Whether "post again" can be offered: the balances will still be asked first."""
        if self._sink is None or _hindrance(posting.payment) is not None:
            return False
        if posting.state is PostingState.REFUSED:
            return bool(posting.payment.draft.payer.customer_number)
        return posting.state is PostingState.UNCLEAR and bool(posting.before) and self._is_quiet(posting)

    def post_again(self, payment_id: int) -> Posting:
        """Let an unclear or refused posting be sent anew, if the balances show that it did not arrive.

        Where they show that it did, it counts as posted instead. Raises KnownError when neither
        is sure, or when it is too early to tell.
        """
        posting = self.outbox.posting(payment_id)
        if posting is None or not self.may_post_again(posting):
            raise KnownError(
                "This receipt cannot be posted again now.",
                "Look in AMS360 whether it is there; if it is not, enter it there and mark it as entered.",
            )
        if posting.before:
            found, readings = self._verdict(posting)
            if found is Verdict.CONTAINED:
                return self._proven(posting, readings)
            if found is not Verdict.UNCHANGED and posting.sent_at is not None:
                raise KnownError(
                    "The balances changed since, but not by this payment.",
                    "Look in AMS360 whether the receipt is there, and mark it as entered if it is.",
                )
            evidence = {f"invoice {number}": str(money) for number, (money, _) in readings.items()}
        else:
            evidence = {}
        self._pauses.forget(payment_id)
        return self.outbox.wait_again(payment_id, evidence)

    def mark_entered(self, payment_id: int, note: str = "") -> Posting:
        """A person looked: the receipt is in AMS360, entered by hand or found there."""
        self._pauses.forget(payment_id)
        return self.outbox.entered_by_hand(payment_id, note)

    def mark_taken_back(self, payment_id: int, note: str = "") -> Posting:
        """A person looked: the receipt of money that was given back is not, or no more, in AMS360."""
        self._pauses.forget(payment_id)
        return self.outbox.taken_back(payment_id, note)

    def _is_quiet(self, posting: Posting) -> bool:
        return posting.sent_at is not None and posting.sent_age_s >= QUIET_S


def _sent(sink: ReceiptSink, receipt: AgencyReceipt, *, as_note: bool) -> PostOutcome:
    try:
        return sink.note(receipt) if as_note else sink.post(receipt)
    except Exception as error:  # our own fault after sending: what happened is unknown, and stays so
        log.exception("posting failed")
        return MayHaveArrived(f"PayDesk failed while waiting for the answer ({type(error).__name__}).")


def _hindrance(payment: Payment) -> tuple[PostingState, str] | None:
    """Why a payment is not to be posted on its own, or None."""
    if payment.state is State.PARTLY_REFUNDED:
        return (
            PostingState.REFUSED,
            "Part of this payment was refunded before it was posted: enter the rest in AMS360 by hand.",
        )
    if payment.state not in PAID:
        word = payment.state.value.replace("_", " ")
        return PostingState.WITHDRAWN, f"The payment is {word}: there is nothing to post."
    if payment.charged is not None and payment.charged < payment.draft.quote.subtotal:
        return (
            PostingState.REFUSED,
            f"AndDone charged {payment.charged}, less than the invoices' {payment.draft.quote.subtotal}: "
            "enter in AMS360 what was really paid.",
        )
    return None


def _short(receipt: AgencyReceipt, before: Mapping[str, Money]) -> str:
    """Why the receipt must not be sent: an invoice owes less than it pays. "" when none does."""
    for number, amount in receipt.by_invoice.items():
        if before[number] < amount:
            return (
                f"AMS360 shows {before[number]} owed on invoice {number}, less than the {amount} paid: "
                "this receipt may have been entered by hand."
            )
    return ""
