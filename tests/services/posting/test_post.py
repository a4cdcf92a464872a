"""The outbox: each receipt is posted at most once, and nothing in doubt is ever sent again."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from paydesk.domain.errors import BugError, KnownError
from paydesk.domain.events import EventKind
from paydesk.domain.money import Money
from paydesk.domain.payment import Payer, Payment, PaymentLine, ReferenceKind, State
from paydesk.domain.posting import (
    AchAt,
    AnytimeAs,
    Item,
    MayHaveArrived,
    NotReceived,
    Posting,
    PostingChannel,
    PostingRules,
    PostingState,
    Refused,
)
from paydesk.domain.quote import Quote
from paydesk.domain.tender import TenderKind
from paydesk.services.payments.authorize import Authorize
from paydesk.services.ports.ledger import StaleMove
from paydesk.services.posting.post import Post
from paydesk.store.ledger.outbox import SqlOutbox
from paydesk.store.ledger.transactions import Transactions
from paydesk.store.tables import schema
from tests.fakes.ledger import LedgerMaker
from tests.fakes.posting import EMS, FakeSink, poster
from tests.fakes.world import CARD, START, Counter

OutboxMaker = Callable[[str], SqlOutbox]


@pytest.fixture
def new_outbox(counter: Counter, new_ledger: LedgerMaker) -> OutboxMaker:
    """Return a function that makes the outbox of a desk, on the counter's ledger."""

    def make(desk: str) -> SqlOutbox:
        return SqlOutbox(
            Transactions(new_ledger.engine(), counter.clock, who=(desk, "Dana"), place=new_ledger.place)
        )

    return make


@pytest.fixture
def sink(counter: Counter) -> FakeSink:
    return FakeSink(counter.source)


@pytest.fixture
def post(counter: Counter, sink: FakeSink, new_outbox: OutboxMaker) -> Post:
    return poster(new_outbox("Front-1"), sink, counter.source, counter.clock)


def owed_now(counter: Counter, number: str) -> Money:
    """Return what is still owed by the desk, after AMS360's balance and our own payments."""
    return counter.lookup.by_invoice(number).rows[0].owed


def pay_part(counter: Counter, number: str, cents: int) -> Payment:
    whole = counter.draft(number)
    line = replace(whole.lines[0], amount=Money(cents))
    quote = Quote(TenderKind.CREDIT_CARD, Money(cents), Money(1_00))
    return counter.authorize.pay(replace(whole, lines=(line,), quote=quote), CARD)


def posting_of(post: Post, payment: Payment) -> Posting:
    found = post.outbox.posting(payment.id)
    assert found is not None
    return found


def test_a_receipt_is_posted_net_of_the_fee(counter: Counter, post: Post, sink: FakeSink) -> None:
    counter.source.owe("50123", 1_250_00)
    counter.source.owe("50140", 150_00)
    payment = counter.pay("50123", "50140")
    counter.clock.move(1)
    assert [one.state for one in post.due()] == [PostingState.POSTED]
    (receipt,) = sink.receipts
    assert receipt.items == (Item(Money(1_250_00), "50123"), Item(Money(150_00), "50140"))
    assert receipt.amount == Money(1_400_00)
    assert receipt.received_on == date(2026, 8, 14)
    assert receipt.description == f"PayDesk R-000001 {payment.reference} Visa ending 0007"
    found = posting_of(post, payment)
    assert (found.posted_at, found.sink_ref, found.attempts) == (counter.clock.at, "a-0", 1)
    assert post.due() == []
    kinds = [happening.kind for happening in counter.ledger.events(payment.id)]
    assert kinds[-2:] == ["posting", "posted"]


def test_the_date_is_the_agencys(counter: Counter, post: Post, sink: FakeSink) -> None:
    counter.source.owe("50123", 100_00)
    counter.clock.move(13 * 3600)  # three in the morning of the 15th in UTC
    counter.pay("50123")
    post.due()
    assert sink.receipts[0].received_on == date(2026, 8, 14)


def test_a_posted_payment_is_contained_only_in_readings_that_started_later(
    counter: Counter, post: Post, sink: FakeSink
) -> None:
    counter.source.owe("50123", 100_00)
    early = counter.source.invoice("50123")
    assert early is not None
    pay_part(counter, "50123", 40_00)
    counter.clock.move(1)
    assert owed_now(counter, "50123") == Money(60_00)  # AMS360 still says 100.00
    post.due()
    # AMS360 says 60.00 now, but this reading started at the very time of the answer, so it is taken as old.
    assert owed_now(counter, "50123") == Money(20_00)
    counter.clock.move(0.001)
    assert owed_now(counter, "50123") == Money(60_00)
    status = counter.ledger.statuses([early])["50123"]
    assert status.paid == Money(40_00)  # a reading from before never contains it


def test_what_surely_was_not_received_is_sent_again_later_and_alone(
    counter: Counter, post: Post, sink: FakeSink
) -> None:
    counter.source.owe("50123", 100_00)
    payment = counter.pay("50123")
    sink.refuse_next_connection()
    sink.refuse_next_connection()
    assert post.due() == []
    assert (posting_of(post, payment).state, posting_of(post, payment).reason) == (
        PostingState.WAITING,
        "AMS360 can't be reached.",
    )
    assert post.due() == []  # not before its pause
    assert posting_of(post, payment).attempts == 1
    counter.clock.move(5)
    post.due()
    counter.clock.move(15)
    assert [one.state for one in post.due()] == [PostingState.POSTED]
    assert (len(sink.receipts), posting_of(post, payment).attempts) == (1, 3)


def test_a_lost_answer_is_resolved_by_the_balances(counter: Counter, post: Post, sink: FakeSink) -> None:
    counter.source.owe("50123", 100_00)
    payment = counter.pay("50123")
    counter.clock.move(1)
    sink.lose_next_reply()
    (found,) = post.due()
    assert found.state is PostingState.POSTED
    proof = counter.ledger.events(payment.id)[-1]
    assert (proof.kind, proof.detail) == (
        "posted",
        {"by": "balances", "invoice 50123": "100.00 before, 0.00 now"},
    )
    assert len(sink.receipts) == 1
    # The reading that proved the posting contains it, and so does one at the same instant.
    assert owed_now(counter, "50123") == Money(0)


def test_a_clock_that_is_behind_proves_nothing_about_earlier_readings(counter: Counter, post: Post) -> None:
    counter.source.owe("50123", 100_00)
    payment = counter.pay("50123")
    reading = counter.source.invoice("50123")
    assert reading is not None
    counter.clock.move(60)
    post.outbox.take(payment.id, PostingChannel.EMS, {"50123": Money(100_00)})
    sent_at = posting_of(post, payment).sent_at
    assert sent_at is not None
    post.outbox.record_outcome(payment.id, MayHaveArrived("silence"))
    proven = post.outbox.prove(payment.id, START, {})
    assert proven.posted_at == sent_at - timedelta(microseconds=1)
    assert counter.ledger.statuses([reading])["50123"].paid == Money(100_00)


def test_a_lost_request_waits_for_a_person_and_is_never_sent_alone(
    counter: Counter, post: Post, sink: FakeSink
) -> None:
    counter.source.owe("50123", 100_00)
    payment = counter.pay("50123")
    sink.lose_next_request()
    (found,) = post.due()
    assert (found.state, found.reason) == (PostingState.UNCLEAR, "silence")
    for _ in range(50):
        counter.clock.move(900)
        assert post.due() == []
    assert sink.receipts == []
    assert [one.payment.id for one in post.attention()] == [payment.id]
    # A person asks to post it again, and the balances still show that it did not arrive.
    assert post.may_post_again(posting_of(post, payment))
    assert post.post_again(payment.id).state is PostingState.WAITING
    assert [one.state for one in post.due()] == [PostingState.POSTED]
    assert len(sink.receipts) == 1


def test_post_again_is_not_offered_while_a_request_may_be_under_way(
    counter: Counter, post: Post, sink: FakeSink
) -> None:
    counter.source.owe("50123", 100_00)
    payment = counter.pay("50123")
    sink.lose_next_request()
    post.due()
    counter.clock.move(60)
    assert not post.may_post_again(posting_of(post, payment))
    with pytest.raises(KnownError, match="can't be posted again now"):
        post.post_again(payment.id)


def test_a_late_arrival_is_found_before_it_is_posted_again(
    counter: Counter, post: Post, sink: FakeSink
) -> None:
    counter.source.owe("50123", 100_00)
    payment = counter.pay("50123")
    sink.lose_next_request()
    post.due()
    counter.clock.move(700)
    sink.fall("50123", Money(100_00))  # it arrived after all, or somebody entered it
    assert post.post_again(payment.id).state is PostingState.POSTED
    assert post.due() == []
    assert sink.receipts == []


def test_balances_that_moved_otherwise_prove_nothing(counter: Counter, post: Post, sink: FakeSink) -> None:
    counter.source.owe("50123", 100_00)
    payment = pay_part(counter, "50123", 40_00)
    sink.lose_next_reply()
    sink.fall("50123", Money(10_00))  # before: 90.00
    counter.source.owe("50123", 100_00)
    post.outbox.take(payment.id, PostingChannel.EMS, {"50123": Money(100_00)})
    post.outbox.record_outcome(payment.id, MayHaveArrived("silence"))
    sink.fall("50123", Money(25_00))
    counter.clock.move(700)
    assert post.due() == []
    assert posting_of(post, payment).state is PostingState.UNCLEAR
    with pytest.raises(KnownError, match="balances have changed, but not by this payment"):
        post.post_again(payment.id)
    assert post.mark_entered(payment.id, "seen in Bank Center").state is PostingState.POSTED
    assert counter.ledger.events(payment.id)[-1].detail == {"by": "hand", "note": "seen in Bank Center"}


def test_a_refusal_waits_for_a_person(counter: Counter, post: Post, sink: FakeSink) -> None:
    counter.source.owe("50123", 100_00)
    payment = counter.pay("50123")
    sink.refuse_next("AMS360 refused: No access to the bank.")
    (found,) = post.due()
    assert (found.state, found.reason) == (PostingState.REFUSED, "AMS360 refused: No access to the bank.")
    assert post.due() == []
    assert [one.payment.id for one in post.attention()] == [payment.id]
    assert post.post_again(payment.id).state is PostingState.WAITING
    assert [one.state for one in post.due()] == [PostingState.POSTED]


def test_a_refusal_of_what_was_posted_all_the_same_is_seen(
    counter: Counter, post: Post, sink: FakeSink
) -> None:
    counter.source.owe("50123", 100_00)
    counter.pay("50123")
    sink.next(Refused("AMS360 refused: over the balance"), arrives=True)
    assert [one.state for one in post.due()] == [PostingState.POSTED]
    assert len(sink.receipts) == 1


def test_our_own_fault_after_sending_is_unclear(counter: Counter, post: Post, sink: FakeSink) -> None:
    counter.source.owe("50123", 100_00)
    counter.pay("50123")
    sink.next(RuntimeError("a bug of ours"))
    (found,) = post.due()
    assert (found.state, found.reason) == (
        PostingState.UNCLEAR,
        "PayDesk failed while waiting for the answer (RuntimeError).",
    )


def test_a_receipt_entered_by_hand_before_is_not_posted_too(
    counter: Counter, post: Post, sink: FakeSink
) -> None:
    counter.source.owe("50123", 100_00)
    payment = counter.pay("50123")
    sink.fall("50123", Money(100_00))
    (found,) = post.due()
    assert found.state is PostingState.REFUSED
    assert "may have been entered by hand" in found.reason
    assert sink.receipts == []
    assert post.mark_entered(payment.id).state is PostingState.POSTED


def test_without_ams360_nothing_is_sent_and_the_reason_is_shown(
    counter: Counter, post: Post, sink: FakeSink
) -> None:
    counter.source.owe("50123", 100_00)
    payment = counter.pay("50123")
    counter.source.away = True
    assert post.due() == []
    assert posting_of(post, payment).reason == "AMS360 can't be reached."
    assert posting_of(post, payment).attempts == 0
    counter.source.away = False
    counter.clock.move(5)
    assert [one.state for one in post.due()] == [PostingState.POSTED]


def test_one_dead_invoice_does_not_hold_the_others_up(counter: Counter, post: Post, sink: FakeSink) -> None:
    counter.source.owe("50123", 100_00)
    counter.source.owe("50140", 20_00)
    dead, alive = counter.pay("50123"), counter.pay("50140")
    del counter.source.invoices["50123"]
    assert [one.payment.id for one in post.due()] == [alive.id]
    assert posting_of(post, dead).reason == "Invoice 50123 is not in AMS360."
    counter.clock.move(3601)
    assert [one.payment.id for one in post.attention()] == [dead.id]


def test_a_posting_in_doubt_holds_up_only_those_of_the_same_invoice(
    counter: Counter, post: Post, sink: FakeSink
) -> None:
    counter.source.owe("50123", 100_00)
    counter.source.owe("50140", 20_00)
    first, second = pay_part(counter, "50123", 40_00), pay_part(counter, "50123", 60_00)
    other = counter.pay("50140")
    sink.lose_next_request()
    states = {one.payment.id: one.state for one in post.due()}
    assert states == {first.id: PostingState.UNCLEAR, other.id: PostingState.POSTED}
    post.mark_entered(first.id)
    sink.fall("50123", Money(40_00))
    assert [one.payment.id for one in post.now()] == [second.id]


def test_a_desk_that_died_while_sending_leaves_it_unclear(
    counter: Counter, post: Post, sink: FakeSink, new_outbox: OutboxMaker
) -> None:
    counter.source.owe("50123", 100_00)
    payment = counter.pay("50123")
    assert post.outbox.take(payment.id, PostingChannel.EMS, {"50123": Money(100_00)})
    other = poster(new_outbox("Front-2"), sink, counter.source, counter.clock)
    assert not other.outbox.take(payment.id, PostingChannel.EMS, {})
    assert other.due() == []
    counter.clock.move(121)
    assert [one.state for one in other.due()] == [PostingState.UNCLEAR]
    with pytest.raises(StaleMove):
        post.outbox.record_outcome(payment.id, MayHaveArrived("too late"))
    sink.fall("50123", Money(100_00))
    assert [one.state for one in other.now()] == [PostingState.POSTED]


def test_money_given_back_before_it_was_posted_is_withdrawn(
    counter: Counter, post: Post, sink: FakeSink, new_ledger: LedgerMaker
) -> None:
    counter.source.owe("50123", 100_00)
    payment = counter.pay("50123")
    set_state(new_ledger, payment, State.VOIDING)
    assert post.due() == []
    set_state(new_ledger, payment, State.VOIDED)
    assert [one.state for one in post.due()] == [PostingState.WITHDRAWN]
    assert sink.receipts == []
    assert post.attention() == []


def set_state(new_ledger: LedgerMaker, payment: Payment, state: State) -> None:
    """Set the state as a void or a settlement would."""
    with new_ledger.engine().begin() as connection:
        where = schema.payment.c.id == payment.id
        connection.execute(sa.update(schema.payment).where(where).values(state=state.value))


def test_a_bank_debit_can_wait_for_its_settlement(
    counter: Counter, sink: FakeSink, new_outbox: OutboxMaker, new_ledger: LedgerMaker
) -> None:
    counter.source.owe("50123", 100_00)
    payment = counter.pay("50123")
    with new_ledger.engine().begin() as connection:
        connection.execute(sa.update(schema.payment).values(tender=TenderKind.ACH.value))
    rules = PostingRules(PostingChannel.EMS, ach_at=AchAt.SETTLEMENT)
    patient = poster(new_outbox("Front-1"), sink, counter.source, counter.clock, rules)
    assert patient.due() == []
    set_state(new_ledger, payment, State.SETTLED)
    assert [one.state for one in patient.due()] == [PostingState.POSTED]
    assert sink.receipts[0].tender is TenderKind.ACH


def anytime(counter: Counter, customer_number: str) -> Payment:
    line = PaymentLine(Money(50_00), "Down payment")
    draft = replace(
        counter.draft("50123"),
        lines=(line,),
        quote=Quote(TenderKind.CREDIT_CARD, Money(50_00), Money(1_75)),
        payer=Payer("Dana Reyes", customer_number=customer_number),
        reference_kind=ReferenceKind.POLICY,
        reference_value="BOP-1",
    )
    assert isinstance(counter.authorize, Authorize)
    known = {payment.reference for payment in counter.ledger.payments(limit=9)}
    return counter.authorize.pay(draft, CARD, warned=known)


def test_money_without_an_invoice(counter: Counter, sink: FakeSink, new_outbox: OutboxMaker) -> None:
    counter.source.owe("50123", 100_00)
    outbox = new_outbox("Front-1")
    unapplied = poster(outbox, sink, counter.source, counter.clock)
    noted = poster(
        outbox,
        sink,
        counter.source,
        counter.clock,
        PostingRules(PostingChannel.EMS, anytime=AnytimeAs.NOTE),
    )
    anytime(counter, "1001")
    assert [one.state for one in unapplied.due()] == [PostingState.POSTED]
    assert sink.receipts[0].items == (Item(Money(50_00), None),)
    assert sink.receipts[0].description.endswith("BOP-1")
    anytime(counter, "1001")
    assert [one.state for one in noted.due()] == [PostingState.POSTED]
    assert (len(sink.receipts), len(sink.notes)) == (1, 1)
    nobody = anytime(counter, "")
    assert [one.state for one in unapplied.due()] == [PostingState.BY_HAND]
    assert "no AMS360 customer" in posting_of(unapplied, nobody).reason
    assert not unapplied.may_post_again(posting_of(unapplied, nobody))
    assert unapplied.attention() == [], "ordinary work, and no alarm"
    assert [one.payment.id for one in unapplied.by_hand()] == [nobody.id]
    assert unapplied.count_by_hand() == 1
    assert unapplied.mark_entered(nobody.id).state is PostingState.POSTED
    assert unapplied.by_hand() == []
    assert unapplied.count_by_hand() == 0


def test_unclear_money_on_account_can_only_be_decided_by_a_person(
    counter: Counter, post: Post, sink: FakeSink
) -> None:
    counter.source.owe("50123", 100_00)
    payment = anytime(counter, "1001")
    sink.lose_next_reply()
    assert [one.state for one in post.due()] == [PostingState.UNCLEAR]
    counter.clock.move(10_000)
    assert not post.may_post_again(posting_of(post, payment))
    assert post.mark_entered(payment.id).state is PostingState.POSTED


def test_less_charged_than_the_invoices_is_not_posted(
    counter: Counter, post: Post, sink: FakeSink, new_ledger: LedgerMaker
) -> None:
    counter.source.owe("50123", 100_00)
    counter.pay("50123")
    with new_ledger.engine().begin() as connection:
        connection.execute(sa.update(schema.payment).values(charged_cents=99_00))
    (found,) = post.due()
    assert found.state is PostingState.BY_HAND
    assert "AndDone charged $99.00, less than the invoices' $100.00" in found.reason


@pytest.mark.parametrize("channel", [PostingChannel.NONE, PostingChannel.FILE])
def test_only_the_ems_channel_posts_alone(
    channel: PostingChannel, counter: Counter, sink: FakeSink, new_outbox: OutboxMaker
) -> None:
    counter.source.owe("50123", 100_00)
    counter.pay("50123")
    worker = poster(new_outbox("Front-1"), sink, counter.source, counter.clock, PostingRules(channel))
    assert worker.due() == []
    assert sink.receipts == []


def test_a_note_is_added_where_one_is_wanted(
    counter: Counter, sink: FakeSink, new_outbox: OutboxMaker
) -> None:
    counter.source.owe("50123", 100_00)
    counter.pay("50123")
    worker = Post(
        new_outbox("Front-1"), sink, counter.source, counter.clock, EMS, "America/New_York", notes=sink
    )
    worker.due()
    assert [note.receipt_number for note in sink.notes] == ["R-000001"]


@pytest.mark.parametrize("channel", [PostingChannel.NONE, PostingChannel.FILE])
def test_where_receipts_go_another_way_the_note_is_written_once(
    channel: PostingChannel, counter: Counter, sink: FakeSink, new_outbox: OutboxMaker
) -> None:
    counter.source.owe("50123", 100_00)
    anytime(counter, "")
    payment = counter.pay("50123")
    notes = FakeSink(counter.source)
    notes.note_answers = [NotReceived("AMS360 can't be reached.")]
    outbox, rules = new_outbox("Front-1"), PostingRules(channel)
    worker = Post(outbox, sink, counter.source, counter.clock, rules, "America/New_York", notes)
    worker.due()
    worker.due()
    assert notes.notes == []
    for _ in range(3):
        counter.clock.move(100)
        worker.due()
    assert [note.reference for note in notes.notes] == [payment.reference]
    assert sink.receipts == []
    assert posting_of(worker, payment).state is PostingState.WAITING


def test_two_desks_at_the_same_time_post_once(
    counter: Counter, sink: FakeSink, new_outbox: OutboxMaker
) -> None:
    for number in range(1, 9):
        counter.source.owe(str(number), 10_00)
        counter.pay(str(number))
    start = threading.Barrier(2)
    desks = [poster(new_outbox(name), sink, counter.source, counter.clock) for name in ("A", "B")]

    def run(post: Post) -> None:
        start.wait()
        post.due()

    threads = [threading.Thread(target=run, args=(post,)) for post in desks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    desks[0].now()
    assert sorted(next(iter(receipt.by_invoice)) for receipt in sink.receipts) == list("12345678")


def test_a_note_is_given_back_once_and_no_posting_is_stopped_as_waiting(
    counter: Counter, new_outbox: OutboxMaker
) -> None:
    counter.source.owe("50123", 100_00)
    payment = counter.pay("50123")
    outbox = new_outbox("Front-1")
    outbox.give_note_back(payment.id, "It was never taken.")
    assert EventKind.NOT_NOTED_YET not in [event.kind for event in counter.ledger.events(payment.id)]
    with pytest.raises(BugError):
        outbox.stop(payment.id, PostingState.WAITING, "no")
    with pytest.raises(BugError, match="no index"):
        outbox.postings([PostingState.POSTED])
