"""Refunds: what is committed first, what an answer proves, and what stays until it is proven."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from paydesk.domain.errors import BugError, KnownError
from paydesk.domain.money import ZERO, Money
from paydesk.domain.outcome import AchReturned, ChargeStatus, NotSent, Unclear
from paydesk.domain.payment import Payment, State
from paydesk.domain.posting import Posted, PostingChannel, PostingState
from paydesk.domain.refund import (
    MoneyBack,
    Refund,
    RefundAsk,
    RefundKind,
    RefundOrigin,
    RefundReason,
    RefundRefused,
    RefundState,
    RefundTaken,
    SeenRefund,
    ask_for,
    refund_opens_on,
    void_closes_at,
)
from paydesk.services.desk.attention import open_items
from paydesk.services.desk.day_end import backs_between, day_of, day_table
from paydesk.services.payments.refunds import RefundNotRecorded, Refunds
from paydesk.services.ports.ledger import StaleMove
from paydesk.store.database.errors import LedgerError
from paydesk.store.ledger.outbox import SqlOutbox
from paydesk.store.verify.verify import verify
from tests.fakes.ledger import LedgerMaker
from tests.fakes.posting import FakeSink, poster
from tests.fakes.world import Counter

QUIET_S = 301.0
DAY_S = 86_400.0


@pytest.fixture
def paid(counter: Counter) -> Payment:
    """Return a payment of two invoices that has settled."""
    counter.source.owe("50123", 100_00)
    counter.source.owe("50124", 50_00)
    payment = counter.pay("50123", "50124")
    counter.processor.statuses[payment.processor_ref] = ChargeStatus.SETTLED
    return payment


@pytest.fixture
def refunds(counter: Counter) -> Refunds:
    return counter.resolve.refunds


def part(*cents: int, fee: int = 0, note: str = "") -> RefundAsk:
    shares = tuple(map(Money, cents or (40_00, 0)))
    return RefundAsk(RefundKind.PARTIAL, shares, Money(fee), RefundReason.WRONG_AMOUNT, note)


def whole(counter: Counter, payment: Payment, kind: RefundKind = RefundKind.TOTAL) -> RefundAsk:
    return ask_for(payment, rows(counter, payment), kind, RefundReason.ASKED)


def rows(counter: Counter, payment: Payment) -> list[Refund]:
    return list(counter.ledger.refunds_of([payment.id]).get(payment.id, ()))


def listed(counter: Counter, payment: Payment, *refunds: SeenRefund, whole: bool = True) -> None:
    """Let AndDone list exactly these refunds."""
    counter.processor.backs[payment.processor_ref] = MoneyBack(
        refunds=refunds, whole=whole, charge_status=ChargeStatus.SETTLED
    )


def wait(counter: Counter, seconds: float = QUIET_S) -> None:
    counter.clock.move(seconds)
    counter.resolve.due()


# ---- the answer is clear ---------------------------------------------------------------------


def test_a_refund_is_committed_before_it_is_asked_for(
    counter: Counter, paid: Payment, refunds: Refunds
) -> None:
    seen: list[RefundState] = []
    counter.processor.before_refund = lambda: seen.extend(one.state for one in rows(counter, paid))
    made = refunds.refund(paid.id, whole(counter, paid))
    assert (seen, made.state) == ([RefundState.SUBMITTED], RefundState.ACCEPTED)
    assert made.reference == f"{paid.reference}-R1"
    kinds = [event.kind for event in counter.ledger.events(paid.id)]
    assert kinds[-2:] == ["refund_submitted", "refund_accepted"]


def test_its_receipt_names_the_first_and_counts_its_copies(
    counter: Counter, paid: Payment, refunds: Refunds
) -> None:
    made = refunds.refund(paid.id, part(40_00, 2_50))
    paper = counter.ledger.refund_receipt(made.id)
    assert (paper.number, paper.first_receipt) == ("RF-000001-1", "R-000001")
    assert [line.amount for line in paper.lines] == [Money(40_00), Money(2_50)]
    assert (paper.subtotal, paper.fee, paper.total) == (Money(42_50), ZERO, Money(42_50))
    assert [counter.ledger.count_refund_copy(made.id) for _ in range(2)] == [1, 2]


def test_a_refund_that_was_not_accepted_has_no_receipt(
    counter: Counter, paid: Payment, refunds: Refunds
) -> None:
    counter.processor.refund_script.append((False, RefundRefused("Refunds are not turned on.")))
    made = refunds.refund(paid.id, part())
    assert (made.state, made.why) == (RefundState.REFUSED, "Refunds are not turned on.")
    with pytest.raises(KnownError, match="no receipt"):
        counter.ledger.refund_receipt(made.id)


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        (NotSent("No connection."), RefundState.NOT_MADE),
        (Unclear("Silence."), RefundState.UNKNOWN),
        (RuntimeError("a bug"), RefundState.UNKNOWN),
        (RefundRefused("Once in 24 hours.", final=False), RefundState.UNKNOWN),
        (RefundTaken("ref-x", RefundState.FAILED), RefundState.FAILED),
    ],
)
def test_what_an_answer_proves(
    counter: Counter, paid: Payment, refunds: Refunds, outcome: Any, state: RefundState
) -> None:
    counter.processor.refund_script.append((False, outcome))
    assert refunds.refund(paid.id, part()).state is state
    assert counter.ledger.payment(paid.id).state is State.AUTHORIZED


def test_all_but_the_fee_counts_as_all(counter: Counter, paid: Payment, refunds: Refunds) -> None:
    counter.processor.refund_state = RefundState.DONE
    made = refunds.refund(paid.id, whole(counter, paid, RefundKind.SUBTOTAL))
    assert (made.state, made.amount) == (RefundState.DONE, Money(150_00))
    after = counter.ledger.payment(paid.id)
    assert (after.state, after.reason) == (State.REFUNDED, "$150.00 was refunded.")
    assert SqlOutbox(counter.ledger.transactions).of([paid.id])[paid.id].state is PostingState.WITHDRAWN


def test_parts_that_add_up_to_the_invoices_are_all(counter: Counter, paid: Payment, refunds: Refunds) -> None:
    counter.processor.refund_state = RefundState.DONE
    refunds.refund(paid.id, part(100_00, 0))
    assert counter.ledger.payment(paid.id).state is State.PARTLY_REFUNDED
    refunds.refund(paid.id, part(0, 50_00))
    assert counter.ledger.payment(paid.id).state is State.REFUNDED
    assert counter.processor.refund_orders[-1].rest


def test_what_was_posted_is_to_be_reversed_or_adjusted(
    counter: Counter, paid: Payment, refunds: Refunds
) -> None:
    outbox = SqlOutbox(counter.ledger.transactions)
    owed = {"50123": Money(100_00), "50124": Money(50_00)}
    assert outbox.take(paid.id, PostingChannel.EMS, owed)
    outbox.record_outcome(paid.id, Posted("ams-1"))
    counter.processor.refund_state = RefundState.DONE
    made = refunds.refund(paid.id, part())
    assert outbox.to_take_back() == []
    post = poster(outbox, FakeSink(counter.source), counter.source, counter.clock)
    [item] = open_items(counter.ledger, post, counter.clock.now(), timedelta(minutes=15))
    assert "Reverse $40.00 of invoice 50123 in AMS360" in item.advice.do
    assert refunds.entered(made.id).attention_since is None
    assert open_items(counter.ledger, post, counter.clock.now(), timedelta(minutes=15)) == []
    with pytest.raises(StaleMove):
        refunds.entered(made.id)
    refunds.refund(paid.id, whole(counter, paid))
    assert [one.payment.id for one in outbox.to_take_back()] == [paid.id]


# ---- what stops it before anything is sent ---------------------------------------------------


def nothing_sent(counter: Counter, payment: Payment, ask: RefundAsk, why: str) -> None:
    with pytest.raises(KnownError, match=why):
        counter.resolve.refunds.refund(payment.id, ask)
    assert counter.processor.refund_orders == []


def test_a_declined_payment(counter: Counter) -> None:
    counter.source.owe("50123", 100_00)
    counter.processor.decline_next("No.")
    declined = counter.pay("50123")
    nothing_sent(counter, declined, part(1_00), "can't be refunded: declined")


@pytest.mark.parametrize(
    ("back", "why"),
    [
        (MoneyBack(returned=True, whole=True), "already went back"),
        (MoneyBack(disputed=True, whole=True), "already went back"),
        (MoneyBack(charge_status=ChargeStatus.CANCELED, whole=True), "already went back"),
        (MoneyBack(charge_status=ChargeStatus.SETTLED), "didn't list this payment's earlier refunds"),
        (MoneyBack(charge_status=ChargeStatus.VOIDABLE, whole=True), "voided instead"),
    ],
)
def test_what_anddone_says_of_the_charge(counter: Counter, paid: Payment, back: MoneyBack, why: str) -> None:
    counter.processor.backs[paid.processor_ref] = back
    nothing_sent(counter, paid, part(), why)


def test_nothing_is_left(counter: Counter, paid: Payment, refunds: Refunds) -> None:
    listed(counter, paid, SeenRefund("ref-1", Money(155_25), RefundState.ACCEPTED))
    assert refunds.check(paid.id).refusal == "All of this payment was already refunded."
    assert [one.origin for one in rows(counter, paid)] == [RefundOrigin.PORTAL]


def test_anddone_cannot_be_asked(counter: Counter, paid: Payment) -> None:
    counter.processor.away = True
    nothing_sent(counter, paid, part(), "Nothing was refunded")


def test_more_than_is_left_of_a_line(counter: Counter, paid: Payment) -> None:
    nothing_sent(counter, paid, part(100_01, 0), "can still be refunded")


@pytest.mark.parametrize("ask", [lambda: part(0, 0), lambda: part(-1, 5)])
def test_a_refund_is_above_zero(ask: Any) -> None:
    with pytest.raises(BugError, match="above zero"):
        ask()


def test_a_card_number_in_the_note(counter: Counter, paid: Payment) -> None:
    nothing_sent(counter, paid, part(note="4111 1111 1111 1111"), "card number")


def test_a_computer_that_sleeps_before_it_sends(
    counter: Counter, paid: Payment, refunds: Refunds, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = counter.ledger.begin_refund

    def slow(*given: Any) -> Refund:
        begun = real(*given)
        counter.clock.move(6)
        return begun

    monkeypatch.setattr(counter.ledger, "begin_refund", slow)
    made = refunds.refund(paid.id, part())
    assert (made.state, counter.processor.refund_orders) == (RefundState.NOT_MADE, [])


def test_while_it_is_refunded_it_is_not_voided(counter: Counter, paid: Payment, refunds: Refunds) -> None:
    refunds.refund(paid.id, part())
    with pytest.raises(StaleMove, match="being refunded"):
        counter.resolve.voids.void(paid.id, "Wrong invoice")


def test_two_desks_at_once(
    counter: Counter, paid: Payment, refunds: Refunds, new_ledger: LedgerMaker
) -> None:
    other = Counter(*new_ledger("Front-2"), counter.source, counter.processor, counter.clock)
    seen: list[str] = []

    def too() -> None:
        counter.processor.before_refund = lambda: None
        with pytest.raises(KnownError) as error:
            other.ledger.begin_refund(paid.id, part())
        seen.append(error.value.sentence)

    counter.processor.before_refund = too
    refunds.refund(paid.id, part())
    assert seen == ["Another refund of this payment is not confirmed yet."]
    assert len(counter.processor.refund_orders) == 1
    found = other.resolve.refunds.check(paid.id)
    assert found.refusal == ""


# ---- the answer is not clear -----------------------------------------------------------------


def unknown(counter: Counter, payment: Payment, ask: RefundAsk, *, arrives: bool) -> Refund:
    counter.processor.refund_script.append((arrives, Unclear("Silence.")))
    made = counter.resolve.refunds.refund(payment.id, ask)
    assert made.state is RefundState.UNKNOWN
    return made


def test_it_is_found_by_our_reference(counter: Counter, paid: Payment) -> None:
    made = unknown(counter, paid, part(), arrives=True)
    wait(counter, 6)
    assert counter.ledger.refund(made.id).state is RefundState.ACCEPTED


def test_all_that_was_left_is_ruled_out_after_the_quiet_time(counter: Counter, paid: Payment) -> None:
    made = unknown(counter, paid, whole(counter, paid), arrives=False)
    wait(counter, 6)
    wait(counter, QUIET_S - 10)
    assert counter.ledger.refund(made.id).state is RefundState.UNKNOWN
    wait(counter)
    after = counter.ledger.refund(made.id)
    assert (after.state, "has no such refund" in after.why) == (RefundState.NOT_MADE, True)


def test_a_part_is_ruled_out_after_a_day(counter: Counter, paid: Payment) -> None:
    made = unknown(counter, paid, part(), arrives=False)
    wait(counter)
    wait(counter)
    assert counter.ledger.refund(made.id).state is RefundState.UNKNOWN
    wait(counter, DAY_S)
    wait(counter)
    assert counter.ledger.refund(made.id).state is RefundState.NOT_MADE


def test_a_list_that_is_not_whole_rules_nothing_out(counter: Counter, paid: Payment) -> None:
    made = unknown(counter, paid, whole(counter, paid), arrives=False)
    listed(counter, paid, whole=False)
    for _ in range(3):
        wait(counter)
    assert counter.ledger.refund(made.id).state is RefundState.UNKNOWN


def test_a_refusal_that_a_copy_could_have_caused_is_believed_after_the_quiet_time(
    counter: Counter, paid: Payment, refunds: Refunds
) -> None:
    counter.processor.refund_script.append((False, RefundRefused("Once in 24 hours.", final=False)))
    made = refunds.refund(paid.id, part())
    wait(counter, 6)
    wait(counter)
    after = counter.ledger.refund(made.id)
    assert (after.state, after.why) == (RefundState.REFUSED, "Once in 24 hours.")


def test_one_that_was_ruled_out_and_appears_is_not_dropped(counter: Counter, paid: Payment) -> None:
    made = unknown(counter, paid, whole(counter, paid), arrives=False)
    for _ in range(3):
        wait(counter)
    assert counter.ledger.refund(made.id).state is RefundState.NOT_MADE
    order = counter.processor.refund_orders[0]
    counter.processor.carry_out_refund(order)
    wait(counter, 3_601)
    assert counter.ledger.refund(made.id).state is RefundState.ACCEPTED


def test_a_dead_desk_leaves_it_to_the_others(
    counter: Counter, paid: Payment, new_ledger: LedgerMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = counter.ledger.begin_refund(paid.id, whole(counter, paid))
    wait(counter, 30)
    assert counter.ledger.refund(begun.id).state is RefundState.SUBMITTED, "its sender may still work on it"
    counter.ledger.close()
    other = Counter(*new_ledger("Front-2"), counter.source, counter.processor, counter.clock)
    other.resolve.due()
    after = other.ledger.refund(begun.id)
    assert (after.state, "stopped before the answer" in after.why) == (RefundState.UNKNOWN, True)


def test_one_without_our_reference_waits_for_a_person(
    counter: Counter, paid: Payment, refunds: Refunds
) -> None:
    made = unknown(counter, paid, part(), arrives=False)
    listed(counter, paid, SeenRefund("ref-9", Money(40_00), RefundState.ACCEPTED))
    wait(counter, 6)
    assert rows(counter, paid) == [made], "it counts nowhere until then"
    assert refunds.is_ours(made.id).processor_ref == "ref-9"
    for decide in (refunds.is_ours, refunds.is_not_ours):
        with pytest.raises(KnownError, match="already decided"):
            decide(made.id)


def test_one_of_another_ledger_is_of_the_portal(counter: Counter, paid: Payment, refunds: Refunds) -> None:
    made = unknown(counter, paid, part(), arrives=False)
    other = SeenRefund("ref-9", Money(40_00), RefundState.ACCEPTED, texts=("Gift (PDZZZZZZZZZZZZZZZZZZ-R1)",))
    listed(counter, paid, other)
    wait(counter, 6)
    assert [one.origin for one in rows(counter, paid)] == [RefundOrigin.DESK, RefundOrigin.PORTAL]
    assert made.id not in refunds.doubtful


def test_all_that_was_left_is_ours_without_a_reference(counter: Counter, paid: Payment) -> None:
    made = unknown(counter, paid, whole(counter, paid), arrives=False)
    listed(counter, paid, SeenRefund("ref-9", Money(155_25), RefundState.ACCEPTED))
    wait(counter, 6)
    assert counter.ledger.refund(made.id).state is RefundState.ACCEPTED


def test_an_answer_that_comes_after_the_list_showed_it(
    counter: Counter, paid: Payment, refunds: Refunds
) -> None:
    """The desk slept. Meanwhile the list showed the refund without our reference, as one of the portal."""
    begun = counter.ledger.begin_refund(paid.id, part())
    counter.ledger.record_refund(begun.id, RefundState.NOT_MADE)
    listed(counter, paid, SeenRefund("ref-9", Money(40_00), RefundState.ACCEPTED))
    wait(counter, 3_601)
    late = refunds._record(begun, RefundTaken("ref-9", RefundState.ACCEPTED))
    assert late.state is RefundState.NOT_MADE
    assert [one.processor_ref for one in rows(counter, paid)] == ["", "ref-9"]


def test_another_sum_is_recorded_as_it_went_back(counter: Counter, paid: Payment) -> None:
    made = unknown(counter, paid, part(), arrives=False)
    text = f"({made.reference})"
    listed(counter, paid, SeenRefund("ref-9", Money(39_00), RefundState.DONE, texts=(text,)))
    wait(counter, 6)
    after = counter.ledger.refund(made.id)
    assert (after.amount, after.shares, after.attention_since is None) == (Money(39_00), (), False)


@pytest.mark.parametrize("error", [LedgerError("The disk is full."), RuntimeError("a bug")])
def test_what_cannot_be_saved_is_said(
    counter: Counter, paid: Payment, refunds: Refunds, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def broken(*_: object) -> None:
        raise error

    monkeypatch.setattr(counter.ledger, "record_refund", broken)
    with pytest.raises(RefundNotRecorded, match=f"{paid.reference}-R1"):
        refunds.refund(paid.id, part())
    counter.processor.refund_script.append((False, NotSent("No connection.")))
    monkeypatch.undo()
    wait(counter, 121)
    wait(counter, 6)
    assert rows(counter, paid)[0].state is RefundState.ACCEPTED


def test_nothing_is_said_of_one_that_was_not_sent_and_not_saved(
    counter: Counter, paid: Payment, refunds: Refunds, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise LedgerError("The disk is full.")

    monkeypatch.setattr(counter.ledger, "record_refund", broken)
    monkeypatch.setattr(counter.ledger, "refund", broken)
    counter.processor.refund_script.append((False, NotSent("No connection.")))
    assert refunds.refund(paid.id, part()).state is RefundState.SUBMITTED


def test_a_bug_with_one_refund_keeps_no_other_open(
    counter: Counter, paid: Payment, refunds: Refunds, monkeypatch: pytest.MonkeyPatch
) -> None:
    unknown(counter, paid, part(), arrives=False)

    def broken(*_: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(refunds, "_follow", broken)
    wait(counter, 6)
    assert rows(counter, paid)[0].state is RefundState.UNKNOWN

    def stale(*_: object) -> None:
        raise StaleMove("Another desk was faster.")

    monkeypatch.setattr(refunds, "_follow", stale)
    wait(counter, 20)

    def away(*_: object) -> None:
        raise KnownError("The ledger is away.")

    monkeypatch.setattr(refunds, "_follow", away)
    counter.clock.move(60)
    with pytest.raises(KnownError, match="away"):
        refunds.due()


def test_a_commit_that_reports_an_error_is_tried_again(
    counter: Counter, paid: Payment, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = counter.ledger.begin_refund(paid.id, part())
    book: Any = counter.ledger.record_refund.__self__  # type: ignore[attr-defined]  # a bound method
    real, tries = book._record, []

    def once(*given: Any) -> None:
        tries.append(given)
        if len(tries) == 1:
            raise LedgerError("The disk is full.")
        real(*given)

    monkeypatch.setattr(book, "_record", once)
    assert counter.ledger.record_refund(begun.id, RefundState.UNKNOWN).state is RefundState.UNKNOWN


def test_a_repeat_changes_nothing_and_an_illegal_move_is_refused(counter: Counter, paid: Payment) -> None:
    begun = counter.ledger.begin_refund(paid.id, part())
    first = counter.ledger.record_refund(begun.id, RefundState.REFUSED, "No.")
    assert counter.ledger.record_refund(begun.id, RefundState.REFUSED, "Another reason.") == first
    with pytest.raises(StaleMove, match="Refund refused"):
        counter.ledger.record_refund(begun.id, RefundState.UNKNOWN)
    with pytest.raises(BugError):
        counter.ledger.refund(99)


# ---- wishes, reasons, times ------------------------------------------------------------------


def test_a_wish_is_replaced_dropped_and_never_sent(counter: Counter, paid: Payment, refunds: Refunds) -> None:
    first = refunds.wish(paid.id, part())
    second = refunds.wish(paid.id, whole(counter, paid))
    assert counter.ledger.refund(first.id).state is RefundState.DROPPED
    for _ in range(5):
        wait(counter, DAY_S)
    assert counter.ledger.refund(second.id).state is RefundState.WISHED
    assert refunds.drop(second.id).state is RefundState.DROPPED
    assert counter.processor.refund_orders == []


@pytest.mark.parametrize(
    ("reason", "note", "said"),
    [
        (RefundReason.DUPLICATE, "", "Duplicate payment"),
        (RefundReason.DUPLICATE, "By mail", "Duplicate payment: By mail"),
        (RefundReason.OTHER, "They moved", "They moved"),
        (RefundReason.OTHER, "", "Other"),
    ],
)
def test_its_reason(counter: Counter, paid: Payment, reason: RefundReason, note: str, said: str) -> None:
    ask = RefundAsk(RefundKind.PARTIAL, (Money(1_00), ZERO), ZERO, reason, note)
    assert counter.ledger.begin_refund(paid.id, ask).reason == said


def test_a_refund_of_the_portal_is_taken_off_the_first_lines(counter: Counter, paid: Payment) -> None:
    listed(counter, paid, SeenRefund("ref-1", Money(120_00), RefundState.ACCEPTED))
    counter.resolve.refunds.look(paid)
    rest = whole(counter, paid)
    assert (rest.shares, rest.fee) == ((ZERO, Money(30_00)), Money(5_25))


def test_a_refund_of_the_portal_without_the_fee_is_all(counter: Counter, paid: Payment) -> None:
    listed(counter, paid, SeenRefund("ref-1", Money(150_00), RefundState.DONE, without_fee=True))
    counter.resolve.refunds.look(paid)
    after = counter.ledger.payment(paid.id)
    assert (after.state, after.reason) == (State.REFUNDED, "$150.00 was refunded in AndDone's portal.")


def test_the_times_of_anddone(counter: Counter, paid: Payment) -> None:
    """The batch runs at midnight Central. Voids close a quarter hour before, refunds open two days later."""
    closes, opens = void_closes_at(paid), refund_opens_on(paid)
    assert closes is not None
    assert opens is not None
    assert (closes - paid.held_at) < timedelta(days=1)
    assert closes.astimezone().minute == 45
    assert opens.weekday() < 5
    late = replace(paid, decided_at=closes + timedelta(minutes=5))
    after = void_closes_at(late)
    assert after == closes + timedelta(days=1)
    undecided = replace(paid, decided_at=None)
    assert (void_closes_at(undecided), refund_opens_on(undecided)) == (None, None)


# ---- the day's sums, and verify --------------------------------------------------------------


def test_the_day_counts_what_went_back_on_it(counter: Counter, paid: Payment, refunds: Refunds) -> None:
    start = counter.clock.now()
    counter.clock.move(5 * DAY_S)
    made = refunds.refund(paid.id, whole(counter, paid))
    counter.clock.move(3_700)
    counter.processor.end_refunds(paid.processor_ref, RefundState.FAILED)
    counter.resolve.due()
    assert counter.ledger.refund(made.id).state is RefundState.FAILED
    day = counter.clock.now() - timedelta(hours=2)
    backs = backs_between(counter.ledger, day, counter.clock.now() + timedelta(hours=1))
    assert [(back.what, back.amount) for back in backs] == [
        ("Refunded", Money(155_25)), ("Refund failed", Money(-155_25)),
    ]  # fmt: skip
    assert backs_between(counter.ledger, start - timedelta(days=1), start + timedelta(days=1)) == []
    table = day_table(day_of(day.date(), [paid], "", backs), day.tzinfo or start.tzinfo)  # type: ignore[arg-type]
    assert [row[12] for row in table.rows] == [Money(155_25), Money(-155_25), Money(155_25)]


def test_a_return_and_a_chargeback_of_a_part_count_on_their_day(counter: Counter, paid: Payment) -> None:
    counter.processor.backs[paid.processor_ref] = MoneyBack(
        charged_back=Money(20_00), disputed=True, whole=True
    )
    wait(counter, 3_601)
    now = counter.clock.now()
    [back] = backs_between(counter.ledger, now - timedelta(hours=1), now + timedelta(hours=1))
    assert (back.what, back.amount, back.fee) == ("Charged back", Money(20_00), ZERO)
    counter.ledger.returned(paid.id, AchReturned("R01"))
    [_, second] = backs_between(counter.ledger, now - timedelta(hours=1), now + timedelta(hours=1))
    assert (second.what, second.amount) == ("Returned by bank", Money(155_25))


def test_a_ledger_with_refunds_has_nothing_wrong(
    counter: Counter, paid: Payment, refunds: Refunds, new_ledger: LedgerMaker
) -> None:
    refunds.wish(paid.id, part())
    refunds.refund(paid.id, part())
    counter.processor.end_refunds(paid.processor_ref, RefundState.DONE)
    wait(counter, 3_601)
    unknown(counter, paid, part(1_00, 0), arrives=False)
    report = verify(new_ledger.admin_engine(), "test.ledger", None)
    assert report.wrong == ()
    assert [one.split(" is ")[1].split(" ")[0] for one in report.still_open] == ["unknown"]


# ---- the rest of the ledger's rules ----------------------------------------------------------


def test_a_payment_that_took_nothing_is_not_refunded(counter: Counter) -> None:
    counter.source.owe("50123", 100_00)
    counter.processor.decline_next("No.")
    declined = counter.pay("50123")
    with pytest.raises(StaleMove, match="can't be refunded: declined"):
        counter.ledger.begin_refund(
            declined.id, RefundAsk(RefundKind.TOTAL, (Money(1),), ZERO, RefundReason.ASKED)
        )


def test_a_refund_that_another_desk_began_since_the_check(
    counter: Counter, paid: Payment, refunds: Refunds, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = refunds.check

    def check(payment_id: int) -> Any:
        found = real(payment_id)
        counter.ledger.begin_refund(payment_id, part())
        return found

    monkeypatch.setattr(refunds, "check", check)
    with pytest.raises(StaleMove, match="not confirmed yet"):
        refunds.refund(paid.id, part())
    assert counter.processor.refund_orders == []


def test_everything_is_asked_about_at_once(counter: Counter, paid: Payment, refunds: Refunds) -> None:
    made = unknown(counter, paid, part(), arrives=False)
    wait(counter, 6)
    counter.processor.carry_out_refund(counter.processor.refund_orders[0])
    counter.processor.backs_untold = True
    refunds.all_due()
    refunds.due()
    assert counter.ledger.refund(made.id).state is RefundState.ACCEPTED


def test_a_refund_counts_once_in_the_sums_of_its_day(
    counter: Counter, paid: Payment, refunds: Refunds
) -> None:
    """Its payment has an event of its own, which counts only where a bank or an issuer took the money."""
    counter.processor.refund_state = RefundState.DONE
    refunds.refund(paid.id, part())
    assert counter.ledger.payment(paid.id).state is State.PARTLY_REFUNDED
    now = counter.clock.now()
    backs = backs_between(counter.ledger, now - timedelta(hours=1), now + timedelta(hours=1))
    assert [back.amount for back in backs] == [Money(40_00)]
