"""Voids: what is committed first, what an answer proves, and what stays until it is proven."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa

from paydesk.domain.errors import BugError, KnownError
from paydesk.domain.money import ZERO, Money
from paydesk.domain.outcome import Approved, ChargeStatus, Reason, Unclear, VoidRefused
from paydesk.domain.payment import Payment, State
from paydesk.domain.posting import (
    ByHand,
    MayHaveArrived,
    Posted,
    PostingChannel,
    PostingState,
    PostOutcome,
    Refused,
)
from paydesk.domain.receipt import ReceiptKind
from paydesk.services.desk.advice import advice
from paydesk.services.desk.attention import open_items
from paydesk.services.desk.day_end import add_up
from paydesk.services.payments.words import TOO_LATE
from paydesk.services.ports.ledger import InvoiceTaken, StaleMove
from paydesk.store.database.errors import LedgerError
from paydesk.store.ledger.money_back.voids import Voids
from paydesk.store.ledger.outbox import SqlOutbox
from paydesk.store.ledger.transactions import Transactions
from paydesk.store.ledger.words import VOIDED_ELSEWHERE
from paydesk.store.tables import schema
from tests.fakes.ledger import LedgerMaker
from tests.fakes.posting import FakeSink, poster
from tests.fakes.world import CARD, Counter

WHY = "Wrong invoice"
OutboxMaker = Callable[[str], SqlOutbox]


@pytest.fixture
def new_outbox(counter: Counter, new_ledger: LedgerMaker) -> OutboxMaker:
    """Return the outbox as one desk has it."""
    return lambda desk: SqlOutbox(
        Transactions(new_ledger.engine(), counter.clock, who=(desk, "Dana"), place=new_ledger.place)
    )


@pytest.fixture
def paid(counter: Counter) -> Payment:
    """Return an approved payment of an invoice."""
    counter.source.owe("50123", 100_00)
    return counter.pay("50123")


def void(counter: Counter, payment: Payment) -> Payment:
    return counter.resolve.voids.void(payment.id, WHY)


def second_desk(counter: Counter, new_ledger: LedgerMaker) -> Counter:
    return Counter(*new_ledger("Front-2"), counter.source, counter.processor, counter.clock)


def is_free(counter: Counter) -> bool:
    return counter.lookup.by_invoice("50123").rows[0].payable


# ---- the answer is clear ---------------------------------------------------------------------


def test_a_void_is_committed_before_it_is_asked_for(counter: Counter, paid: Payment) -> None:
    seen: list[tuple[State, str, bool]] = []

    def look() -> None:
        now = counter.ledger.payment(paid.id)
        seen.append((now.state, now.reason, is_free(counter)))

    counter.processor.before_void = look
    after = void(counter, paid)
    assert seen == [(State.VOIDING, WHY, False)]
    assert (after.state, counter.processor.voids) == (State.VOIDED, [paid.processor_ref])
    assert is_free(counter)
    kinds = [event.kind for event in counter.ledger.events(paid.id)]
    assert kinds[-3:] == ["voiding", "voided", "posting_withdrawn"]
    assert counter.ledger.events(paid.id)[-3].detail == {"reason": WHY, "reason_code": "void_asked"}


def test_the_void_receipt_names_the_first_and_the_first_stays(counter: Counter, paid: Payment) -> None:
    counter.clock.move(60)
    void(counter, paid)
    first, made = (counter.ledger.receipt(paid.id, kind) for kind in (ReceiptKind.PAYMENT, ReceiptKind.VOID))
    assert (first.number, first.kind) == (paid.receipt_number, ReceiptKind.PAYMENT)
    assert (made.number, made.kind, made.first_receipt) == (
        "V-000001", ReceiptKind.VOID, "R-000001",
    )  # fmt: skip
    assert (made.total, made.fee, made.taken_at) == (first.total, first.fee, counter.clock.now())
    assert [counter.ledger.count_copy(paid.id, ReceiptKind.VOID) for _ in range(2)] == [1, 2]
    assert counter.ledger.count_copy(paid.id) == 1


def test_a_payment_that_was_not_voided_has_no_void_receipt(counter: Counter, paid: Payment) -> None:
    with pytest.raises(KnownError, match="it was not voided"):
        counter.ledger.receipt(paid.id, ReceiptKind.VOID)


def test_an_invoice_that_was_voided_can_be_paid_again(counter: Counter, paid: Payment) -> None:
    void(counter, paid)
    again = counter.pay("50123")
    assert (again.state, again.receipt_number) == (State.AUTHORIZED, "R-000002")
    assert void(counter, again).state is State.VOIDED


def test_a_refusal_leaves_the_payment_as_it_was_and_says_why(counter: Counter, paid: Payment) -> None:
    counter.processor.batch_is_about_to_run = True
    after = void(counter, paid)
    assert (after.state, after.reason) == (State.AUTHORIZED, "The batch is about to run.")
    assert after.reason_code is Reason.VOID_REFUSED
    assert (after.decided_at, after.receipt_number) == (paid.decided_at, paid.receipt_number)
    assert not is_free(counter)
    counter.processor.batch_is_about_to_run = False
    assert void(counter, paid).state is State.VOIDED


def test_a_late_charge_that_cannot_be_voided_stays_an_alarm(counter: Counter) -> None:
    counter.source.owe("50123", 100_00)
    counter.processor.refuse_next_connection()
    payment = counter.pay("50123")
    counter.processor.arrive_late(payment.intent_token)
    assert [late.state for late in counter.resolve.all()] == [State.LATE]
    counter.processor.batch_is_about_to_run = True
    assert void(counter, payment).state is State.LATE
    counter.processor.batch_is_about_to_run = False
    assert void(counter, payment).state is State.VOIDED


def test_what_has_settled_is_too_late(counter: Counter, paid: Payment) -> None:
    counter.processor.statuses[paid.processor_ref] = ChargeStatus.SETTLED
    after = void(counter, paid)
    assert (after.state, after.reason) == (State.AUTHORIZED, TOO_LATE)


@pytest.mark.parametrize("why", ["", "  \n "])
def test_a_void_needs_a_reason(counter: Counter, paid: Payment, why: str) -> None:
    with pytest.raises(KnownError, match="needs a reason"):
        counter.resolve.voids.void(paid.id, why)
    assert counter.ledger.payment(paid.id).state is State.AUTHORIZED


def test_a_card_number_is_no_reason(counter: Counter, paid: Payment) -> None:
    with pytest.raises(KnownError, match="what looks like a card number"):
        counter.resolve.voids.void(paid.id, "wrong card, use 4111 1111 1111 1111 12/28 instead")
    assert counter.ledger.payment(paid.id).state is State.AUTHORIZED


def test_only_what_was_taken_can_be_voided(counter: Counter) -> None:
    counter.source.owe("50123", 100_00)
    counter.processor.decline_next("No.")
    payment = counter.pay("50123")
    with pytest.raises(StaleMove, match="already has the status Declined"):
        void(counter, payment)
    assert counter.processor.voids == []


# ---- the answer is not clear ------------------------------------------------------------------


def lost_answer(counter: Counter, payment: Payment, *, arrives: bool) -> Payment:
    counter.processor.void_script.append((arrives, Unclear("AndDone did not answer in time.")))
    return void(counter, payment)


@pytest.mark.parametrize("arrives", [True, False], ids=["carried_out", "never_arrived"])
def test_a_void_without_an_answer_counts_as_paid_until_it_is_proven(counter: Counter, arrives: bool) -> None:
    counter.source.owe("50123", 100_00)
    draft = counter.draft("50123")
    paid = counter.authorize.pay(draft, CARD)
    assert lost_answer(counter, paid, arrives=arrives).state is State.VOIDING
    assert not is_free(counter)
    with pytest.raises(InvoiceTaken):
        counter.authorize.pay(draft, CARD)
    assert [after.state for after in counter.resolve.due()] == [State.VOIDED]
    assert len(counter.processor.voids) == (1 if arrives else 2)
    assert is_free(counter)


def test_a_void_without_an_answer_is_asked_for_again_after_a_while(counter: Counter, paid: Payment) -> None:
    lost_answer(counter, paid, arrives=True)
    counter.processor.away = True
    assert counter.resolve.due() == []
    counter.processor.away = False
    assert counter.resolve.due() == [], "asked a moment ago"
    counter.clock.move(16)
    assert [after.state for after in counter.resolve.due()] == [State.VOIDED]


def test_a_batch_that_ran_meanwhile_settles_it(counter: Counter, paid: Payment) -> None:
    lost_answer(counter, paid, arrives=False)
    counter.processor.statuses[paid.processor_ref] = ChargeStatus.SETTLED
    after = counter.resolve.check(paid.id)
    assert (after.state, after.reason) == (State.AUTHORIZED, TOO_LATE)
    assert len(counter.processor.voids) == 1


def test_a_copy_that_was_refused_is_not_believed(counter: Counter, paid: Payment) -> None:
    """The first delivery canceled the charge. The answer is the refusal of the second."""
    counter.processor.before_void = lambda: (counter.processor.carry_out_void(paid.processor_ref), None)[1]
    assert void(counter, paid).state is State.VOIDED


def test_our_own_fault_after_sending_proves_nothing(counter: Counter, paid: Payment) -> None:
    counter.processor.void_script.append((True, RuntimeError("a bug of ours")))
    assert void(counter, paid).state is State.VOIDING
    assert [after.state for after in counter.resolve.due()] == [State.VOIDED]


def test_a_void_after_a_sleep_is_left_to_whoever_looks_next(
    counter: Counter, paid: Payment, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = counter.ledger.begin_void

    def sleepy(payment_id: int, why: str) -> object:
        begun = real(payment_id, why)
        counter.clock.move(3600)
        return begun

    monkeypatch.setattr(counter.ledger, "begin_void", sleepy)
    assert (void(counter, paid).state, counter.processor.voids) == (State.VOIDING, [])


def test_a_commit_that_fails_sends_nothing(
    counter: Counter, paid: Payment, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = counter.ledger.begin_void

    def begun_all_the_same(payment_id: int, why: str) -> None:
        real(payment_id, why)
        raise KnownError("The disk does not answer.", "Restart PayDesk.")

    monkeypatch.setattr(counter.ledger, "begin_void", begun_all_the_same)
    with pytest.raises(KnownError, match="PayDesk finishes it"):
        void(counter, paid)
    assert counter.processor.voids == []
    assert [after.state for after in counter.resolve.due()] == [State.VOIDED]


# ---- two desks --------------------------------------------------------------------------------


def test_two_desks_void_the_same_payment_once(
    counter: Counter, paid: Payment, new_ledger: LedgerMaker
) -> None:
    other = second_desk(counter, new_ledger)

    def at_the_same_moment() -> None:
        with pytest.raises(StaleMove, match="already has the status Void pending"):
            void(other, paid)
        assert other.resolve.all() == [], "its desk is at it"

    counter.processor.before_void = at_the_same_moment
    assert void(counter, paid).state is State.VOIDED
    assert len(counter.processor.voids) == 1
    with pytest.raises(StaleMove, match="already has the status Voided"):
        void(other, paid)


def test_another_desk_ends_the_void_of_a_dead_one(
    counter: Counter, paid: Payment, new_ledger: LedgerMaker
) -> None:
    lost_answer(counter, paid, arrives=False)
    other = second_desk(counter, new_ledger)
    assert other.resolve.all() == []
    counter.clock.move(91)
    assert [after.state for after in other.resolve.all()] == [State.VOIDED]
    events = counter.ledger.events(paid.id)
    assert counter.resolve.all() == other.resolve.all() == []
    assert counter.ledger.events(paid.id) == events


def test_a_refusal_of_an_earlier_void_does_not_end_a_later_one(counter: Counter, paid: Payment) -> None:
    first = counter.ledger.begin_void(paid.id, WHY)
    counter.ledger.not_voided(first.attempt, "No.", Reason.VOID_REFUSED)
    counter.ledger.begin_void(paid.id, "Once more")
    assert counter.ledger.not_voided(first.attempt, "No.", Reason.VOID_REFUSED).state is State.VOIDING


# ---- canceled by somebody else ----------------------------------------------------------------


def test_a_payment_canceled_in_the_portal_is_noticed_and_frees_its_invoice(
    counter: Counter, paid: Payment
) -> None:
    counter.processor.carry_out_void(paid.processor_ref)
    assert not is_free(counter)
    found = counter.resolve.all()
    assert [(after.state, after.reason) for after in found] == [(State.VOIDED, VOIDED_ELSEWHERE)]
    assert counter.ledger.receipt(paid.id, ReceiptKind.VOID).first_receipt == paid.receipt_number
    assert counter.processor.voids == []
    assert counter.resolve.all() == []


def test_a_row_of_the_list_alone_voids_nothing(counter: Counter, paid: Payment) -> None:
    counter.processor.carry_out_void(paid.processor_ref)
    rows = counter.processor.charges(*2 * (counter.clock.now().date(),))
    counter.processor.statuses[paid.processor_ref] = ChargeStatus.VOIDABLE
    counter.processor.outside += [row for row in rows if row.canceled]
    assert counter.resolve.all() == []
    assert counter.ledger.payment(paid.id).state is State.AUTHORIZED


def test_a_charge_canceled_before_its_answer_was_found_is_recorded_and_voided(counter: Counter) -> None:
    counter.source.owe("50123", 100_00)
    counter.processor.lose_next_reply()
    payment = counter.pay("50123")
    outcome = counter.processor.intents[payment.intent_token].outcome
    assert isinstance(outcome, Approved)
    counter.processor.carry_out_void(outcome.processor_ref)
    after = counter.resolve.check(payment.id)
    assert (after.state, after.receipt_number, is_free(counter)) == (State.VOIDED, "R-000001", True)


def test_a_charge_that_lives_on_though_it_was_voided_is_told(counter: Counter, paid: Payment) -> None:
    """AndDone breaks its word: the list and the charge itself must both say so."""
    void(counter, paid)
    ref = paid.processor_ref
    counter.processor.statuses[ref] = ChargeStatus.VOIDABLE
    assert counter.resolve.all() == []
    assert [charge.processor_ref for charge in counter.resolve.strangers] == [ref]
    assert counter.ledger.payment(paid.id).state is State.VOIDED


def test_a_list_that_lags_behind_a_void_is_no_alarm(counter: Counter, paid: Payment) -> None:
    counter.processor.outside += counter.processor.charges(*2 * (counter.clock.now().date(),))
    void(counter, paid)
    assert counter.resolve.all() == []
    assert counter.resolve.strangers == ()


@pytest.mark.parametrize("made", ["voided", "record"])
def test_another_desk_that_was_faster_has_the_last_word(
    counter: Counter, monkeypatch: pytest.MonkeyPatch, made: str
) -> None:
    """It recorded the same between the answer of the processor and our own record."""
    counter.source.owe("50123", 100_00)
    if made == "record":
        counter.processor.lose_next_reply()
        payment = counter.pay("50123")
        counter.ledger.not_charged(payment.id, "ruled out")
    else:
        payment = counter.pay("50123")
        counter.processor.carry_out_void(payment.processor_ref)
    real = getattr(counter.ledger, made)

    def too_late(*given: object) -> None:
        real(*given)
        raise StaleMove("It is recorded already.")

    monkeypatch.setattr(counter.ledger, made, too_late)
    counter.resolve.all()
    expected = State.VOIDED if made == "voided" else State.LATE
    assert counter.ledger.payment(payment.id).state is expected


def test_a_void_refused_for_a_settled_charge_is_too_late(counter: Counter, paid: Payment) -> None:
    counter.processor.statuses[paid.processor_ref] = ChargeStatus.SETTLED
    counter.processor.void_script.append((False, VoidRefused("The batch is closed.")))
    after = void(counter, paid)
    assert (after.state, after.reason) == (State.AUTHORIZED, TOO_LATE)


def test_a_void_refused_for_good_leaves_the_charge(counter: Counter, paid: Payment) -> None:
    counter.processor.void_script.append((False, VoidRefused("Voids are off for this merchant.", final=True)))
    after = void(counter, paid)
    assert (after.state, after.reason_code) == (State.AUTHORIZED, Reason.VOID_REFUSED)


def test_a_void_refused_for_now_stays_open(counter: Counter, paid: Payment) -> None:
    counter.processor.void_script.append((False, VoidRefused("The batch is being closed.", final=False)))
    assert void(counter, paid).state is State.VOIDING


def test_a_void_recorded_twice_is_one(counter: Counter, paid: Payment) -> None:
    first = void(counter, paid)
    assert counter.ledger.voided(paid.id) == first


def test_a_void_whose_row_is_gone_is_a_bug_and_changes_nothing(
    counter: Counter, paid: Payment, new_ledger: LedgerMaker
) -> None:
    lost_answer(counter, paid, arrives=False)
    with new_ledger.engine().begin() as connection:
        connection.execute(sa.update(schema.void).values(ended_at=counter.clock.now()))
    with pytest.raises(BugError, match="without a void"):
        counter.ledger.voided(paid.id)
    assert counter.ledger.payment(paid.id).state is State.VOIDING


# ---- the posting ------------------------------------------------------------------------------


def test_what_was_not_posted_never_is(counter: Counter, paid: Payment, new_outbox: OutboxMaker) -> None:
    outbox = new_outbox("Front-1")
    during: list[bool] = []
    counter.processor.before_void = lambda: during.append(
        outbox.take(paid.id, PostingChannel.EMS, {"50123": Money(100_00)})
    )
    void(counter, paid)
    assert during == [False], "not while it is being voided, either"
    posting = outbox.posting(paid.id)
    assert posting is not None
    assert posting.state is PostingState.WITHDRAWN
    assert not outbox.take(paid.id, PostingChannel.EMS, {"50123": Money(100_00)})
    assert outbox.to_take_back() == []


@pytest.mark.parametrize("arrived", [True, False], ids=["posted", "perhaps"])
def test_what_was_posted_stands_until_a_person_took_it_back(
    counter: Counter, paid: Payment, new_outbox: OutboxMaker, arrived: bool
) -> None:
    outbox = new_outbox("Front-1")
    assert outbox.take(paid.id, PostingChannel.EMS, {"50123": Money(100_00)})
    if arrived:
        outbox.record_outcome(paid.id, Posted("ams-1"))
    assert outbox.to_take_back() == []
    void(counter, paid)
    assert [posting.payment.id for posting in outbox.to_take_back()] == [paid.id]
    (row,) = counter.lookup.by_invoice("50123").rows
    assert row.status is not None
    assert (row.status.state, row.status.paid, row.status.receipt_number) == (State.VOIDED, ZERO, "R-000001")
    assert outbox.taken_back(paid.id, "reversed by Dana").state is PostingState.WITHDRAWN
    assert outbox.to_take_back() == []
    assert counter.lookup.by_invoice("50123").rows[0].status is None
    with pytest.raises(StaleMove):
        outbox.taken_back(paid.id, "")


def test_only_receipts_of_voided_payments_are_taken_back(
    counter: Counter, paid: Payment, new_outbox: OutboxMaker
) -> None:
    with pytest.raises(StaleMove):
        new_outbox("Front-1").taken_back(paid.id, "")


def test_what_is_being_voided_goes_into_no_deposit_file_and_gets_no_note(
    counter: Counter, paid: Payment, new_outbox: OutboxMaker
) -> None:
    outbox = new_outbox("Front-1")
    begun = counter.ledger.begin_void(paid.id, WHY)
    assert outbox.hand_over([paid.id], "D-0001") == []
    assert not outbox.take_note(paid.id)
    counter.ledger.not_voided(begun.attempt, "No.", Reason.VOID_REFUSED)
    assert [posting.payment.id for posting in outbox.hand_over([paid.id], "D-0001")] == [paid.id]


def test_a_receipt_to_be_taken_back_needs_attention_and_is_never_posted_again(
    counter: Counter, paid: Payment, new_outbox: OutboxMaker
) -> None:
    post = poster(new_outbox("Front-1"), FakeSink(counter.source), counter.source, counter.clock)
    assert post.outbox.take(paid.id, PostingChannel.EMS, {"50123": Money(100_00)})
    post.outbox.record_outcome(paid.id, MayHaveArrived("silence"))
    void(counter, paid)
    counter.clock.move(3600)
    [posting] = post.attention()
    assert not post.may_post_again(posting)
    said = advice(posting.payment, posting)
    assert "may be in AMS360, but the payment was voided" in said.known
    assert f"Reverse receipt {paid.receipt_number} in AMS360" in said.do
    [matter] = open_items(counter.ledger, post, counter.clock.now(), timedelta(minutes=15))
    assert (matter.payment.id, matter.charge) == (paid.id, False)
    assert post.mark_taken_back(paid.id).state is PostingState.WITHDRAWN
    assert post.attention() == []


def test_a_void_that_is_not_confirmed_needs_attention_at_once(
    counter: Counter, paid: Payment, new_outbox: OutboxMaker
) -> None:
    post = poster(new_outbox("Front-1"), FakeSink(counter.source), counter.source, counter.clock)
    lost_answer(counter, paid, arrives=False)
    [matter] = open_items(counter.ledger, post, counter.clock.now(), timedelta(minutes=15))
    assert (matter.payment.state, matter.charge) == (State.VOIDING, True)
    said = matter.advice
    assert WHY in said.known
    assert "Do not take this payment again" in said.never


def test_the_day_keeps_a_voided_payment_out_of_its_totals(counter: Counter, paid: Payment) -> None:
    counter.source.owe("50124", 50_00)
    counter.pay("50124")
    assert add_up(counter.ledger.payments(limit=9)).tenders[-1].lines == Money(150_00)
    after = void(counter, paid)
    sums = add_up(counter.ledger.payments(limit=9))
    assert (sums.tenders[-1].count, sums.tenders[-1].lines) == (1, Money(50_00))
    assert (sums.voided.count, sums.voided.total) == (1, after.charged)


def test_the_next_receipt_waits_until_the_voided_one_is_taken_back(
    counter: Counter, paid: Payment, new_outbox: OutboxMaker
) -> None:
    """AMS360 may show the voided receipt late, and its balances would then prove the next one."""
    outbox, before = new_outbox("Front-1"), {"50123": Money(100_00)}
    assert outbox.take(paid.id, PostingChannel.EMS, before)
    outbox.record_outcome(paid.id, Posted("ams-1"))
    void(counter, paid)
    again = counter.pay("50123")
    assert again.state is State.AUTHORIZED
    assert not outbox.take(again.id, PostingChannel.EMS, before)
    outbox.taken_back(paid.id, "")
    assert outbox.take(again.id, PostingChannel.EMS, before)
    outbox.record_outcome(again.id, MayHaveArrived("silence"))
    with pytest.raises(StaleMove):
        outbox.prove(again.id, counter.clock.now(), {})
    assert outbox.entered_by_hand(again.id, "seen").state is PostingState.POSTED


@pytest.mark.parametrize(
    ("outcome", "left"),
    [
        (Refused("No access to the bank."), PostingState.WITHDRAWN),
        (ByHand("X can't be an AMS360 customer number."), PostingState.WITHDRAWN),
        (MayHaveArrived("silence"), PostingState.UNCLEAR),
        (Posted("ams-1"), PostingState.POSTED),
    ],
    ids=["refused", "by hand", "unclear", "posted"],
)
def test_only_what_may_be_in_ams360_has_to_be_reversed_after_a_void(
    counter: Counter, paid: Payment, new_outbox: OutboxMaker, outcome: PostOutcome, left: PostingState
) -> None:
    """A receipt that AMS360 had refused stayed in Needs attention as "To be reversed"."""
    outbox = new_outbox("Front-1")
    assert outbox.take(paid.id, PostingChannel.EMS, {"50123": Money(100_00)})
    outbox.record_outcome(paid.id, outcome)
    void(counter, paid)
    posting = outbox.posting(paid.id)
    assert posting is not None
    assert posting.state is left
    assert bool(outbox.to_take_back()) == (left is not PostingState.WITHDRAWN)


@pytest.mark.parametrize("in_portal", [False, True])
def test_a_receipt_to_enter_by_hand_is_asked_about_where_nobody_was_asked(
    counter: Counter, paid: Payment, new_outbox: OutboxMaker, in_portal: bool
) -> None:
    """The void dialog asks whether it was entered. A void in the portal asks nobody."""
    outbox = new_outbox("Front-1")
    outbox.stop(paid.id, PostingState.BY_HAND, "This payment names no customer.")
    if in_portal:
        counter.processor.carry_out_void(paid.processor_ref)
        counter.resolve.all()
    else:
        void(counter, paid)
    assert counter.ledger.payment(paid.id).state is State.VOIDED
    assert [posting.payment.id for posting in outbox.to_take_back()] == ([paid.id] if in_portal else [])


def test_what_paydesk_held_back_may_be_there_and_is_asked_about_after_a_void(
    counter: Counter, paid: Payment, new_outbox: OutboxMaker
) -> None:
    outbox = new_outbox("Front-1")
    outbox.stop(paid.id, PostingState.REFUSED, "AMS360 shows 0.00 owed: it may have been entered by hand.")
    void(counter, paid)
    [posting] = outbox.to_take_back()
    said = advice(posting.payment, posting)
    assert "was not posted by PayDesk. Someone may have entered it in AMS360" in said.known
    assert "If you're sure it isn't there" in said.do


def test_a_void_that_a_full_disk_cannot_take_is_written_again_with_the_spare_space(
    counter: Counter, paid: Payment, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []
    real = Voids._record

    def full_at_first(self: Voids, payment_id: int) -> None:
        steps.append("record")
        if len(steps) == 1:
            raise LedgerError("The disk is full: the ledger could not be saved.")
        real(self, payment_id)

    monkeypatch.setattr(Voids, "_record", full_at_first)
    maintenance = counter.ledger.transactions.maintenance
    monkeypatch.setattr(maintenance, "free_space", lambda: steps.append("free_space"))
    assert void(counter, paid).state is State.VOIDED
    assert steps == ["record", "free_space", "record"]
