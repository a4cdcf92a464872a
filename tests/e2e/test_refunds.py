"""Refunds asked for at a desk, on the emulator with its habits: from the answer to the end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from paydesk.domain.errors import KnownError
from paydesk.domain.money import Money
from paydesk.domain.payment import Payment, State
from paydesk.domain.receipt import ReceiptKind
from paydesk.domain.refund import (
    Refund,
    RefundAsk,
    RefundKind,
    RefundOrigin,
    RefundReason,
    RefundState,
    ask_for,
)
from paydesk.sandbox import FaultKind, Habit, Sandbox
from paydesk.services.payments.refunds import RefundNotRecorded
from tests.e2e.test_habits import ACCOUNT, Desk
from tests.fakes.ledger import LedgerMaker
from tests.fakes.world import CARD, START, FakeSource
from tests.proving import cases, tasted

HABITS = [
    Habit.PARTIAL_AS_REFUNDED, Habit.REFUND_ATTEMPT, Habit.REFUNDS_NOT_LISTED, Habit.PAID_WORDS,
    Habit.STATUS_AS_INTEGER, Habit.NOISY_AMOUNTS, Habit.OWN_REFERENCE_NUMBER, Habit.LIST_PAGES_OF_10,
    Habit.REFUND_WITHOUT_TEXTS, Habit.REFUND_FAILURE_REVERSED, Habit.NOT_ELIGIBLE_400,
]  # fmt: skip
DAY_S = 86_400.0


@pytest.fixture(
    params=[None, *(pytest.param(habit, marks=tasted) for habit in HABITS[:: cases(6, 1)])], ids=str
)
def desk(request: pytest.FixtureRequest, new_ledger: LedgerMaker, source: FakeSource) -> Iterator[Desk]:
    habits = [request.param] if request.param else []
    with Sandbox(seed=1, now=START, habits=habits) as sandbox:
        yield Desk(sandbox, new_ledger, source, request.param)
    assert sandbox.crashes == []


def settled(desk: Desk, *, days: int = 6) -> Payment:
    """Take a payment of $100.00 and a fee of $3.50, and let it settle."""
    payment = desk.pay("5001", 100_00, CARD)
    desk.clock.move(days * DAY_S)
    desk.sandbox.advance(timedelta(days=days))
    return payment


def part(cents: int, fee_cents: int = 0) -> RefundAsk:
    return RefundAsk(RefundKind.PARTIAL, (Money(cents),), Money(fee_cents), RefundReason.WRONG_AMOUNT)


def all_of(desk: Desk, payment: Payment, kind: RefundKind = RefundKind.TOTAL) -> RefundAsk:
    return ask_for(
        payment, desk.ledger.refunds_of([payment.id]).get(payment.id, ()), kind, RefundReason.ASKED
    )


def refunds(desk: Desk, payment: Payment) -> list[Refund]:
    return list(desk.ledger.refunds_of([payment.id]).get(payment.id, ()))


def books(desk: Desk, payment: Payment) -> list[int]:
    """Return the cents of the refunds that AndDone made."""
    (charge,) = desk.sandbox.charges()
    assert charge.transaction_id == payment.processor_ref
    return [refund.amount.cents for refund in charge.refunds if refund.status != "Failed"]


def wait_days(desk: Desk, days: int) -> None:
    for _ in range(days * 4):
        desk.wait(DAY_S / 4)


@pytest.mark.parametrize("kind", [RefundKind.TOTAL, RefundKind.SUBTOTAL])
def test_all_of_it_goes_back(desk: Desk, kind: RefundKind) -> None:
    payment = settled(desk)
    refund = desk.resolve.refunds.refund(payment.id, all_of(desk, payment, kind))
    cents = 103_50 if kind is RefundKind.TOTAL else 100_00
    assert (refund.state, refund.amount) == (RefundState.ACCEPTED, Money(cents))
    assert refund.number == "RF-000001-1"
    paper = desk.ledger.refund_receipt(refund.id)
    assert (paper.kind, paper.total, paper.first_receipt) == (ReceiptKind.REFUND, Money(cents), "R-000001")
    assert desk.ledger.payment(payment.id).state is State.AUTHORIZED, "it may still fail"
    wait_days(desk, 5)
    assert desk.ledger.refund(refund.id).state is RefundState.DONE
    assert desk.ledger.payment(payment.id).state is State.REFUNDED
    assert books(desk, payment) == [cents]
    assert desk.lookup.by_invoice("5001").rows[0].payable


def test_parts_add_up_and_never_to_more(desk: Desk) -> None:
    payment = settled(desk)
    first = desk.resolve.refunds.refund(payment.id, part(40_00))
    assert first.state is RefundState.ACCEPTED
    with pytest.raises(KnownError, match="24 hours"):
        desk.resolve.refunds.refund(payment.id, part(10_00))
    wait_days(desk, 5)
    after = desk.ledger.payment(payment.id)
    assert (after.state, after.reason) == (State.PARTLY_REFUNDED, "$40.00 was refunded.")
    assert desk.ledger.refund(first.id).attention_since is not None, "AMS360 has to be adjusted"
    with pytest.raises(KnownError, match=r"Only \$63\.50"):
        desk.resolve.refunds.refund(payment.id, part(60_01, 3_50))
    rest = all_of(desk, payment)
    assert rest.amount == Money(63_50)
    assert desk.resolve.refunds.refund(payment.id, rest).state is RefundState.ACCEPTED
    wait_days(desk, 5)
    assert desk.ledger.payment(payment.id).state is State.REFUNDED
    assert books(desk, payment) == [40_00, 63_50]
    assert [one.number for one in refunds(desk, payment)] == ["RF-000001-1", "RF-000001-2"]
    assert all(one.attention_since is None for one in refunds(desk, payment)), "the whole receipt is reversed"


def test_it_fails_two_days_later(desk: Desk) -> None:
    payment = settled(desk)
    refund = desk.resolve.refunds.refund(payment.id, all_of(desk, payment))
    desk.wait(DAY_S)
    desk.sandbox.act("refund-failures", refund_id=refund.processor_ref)
    wait_days(desk, 5)
    after = desk.ledger.refund(refund.id)
    assert after.state is RefundState.FAILED
    assert after.attention_since is not None
    assert desk.ledger.payment(payment.id).state is State.AUTHORIZED
    assert not desk.lookup.by_invoice("5001").rows[0].payable


@pytest.mark.parametrize("kind", [RefundKind.TOTAL, RefundKind.PARTIAL])
@pytest.mark.parametrize("arrives", [True, False])
def test_a_lost_answer(desk: Desk, kind: RefundKind, arrives: bool) -> None:
    payment = settled(desk)
    ask = all_of(desk, payment) if kind is RefundKind.TOTAL else part(40_00)
    fault = FaultKind.RESET_AFTER if arrives else FaultKind.RESET_BEFORE
    desk.sandbox.faults.next(fault, on="createRefund")
    refund = desk.resolve.refunds.refund(payment.id, ask)
    assert refund.state is RefundState.UNKNOWN
    with pytest.raises(KnownError):
        desk.resolve.refunds.refund(payment.id, part(1_00))
    for _ in range(20):
        desk.wait(40)
    now = desk.ledger.refund(refund.id)
    if arrives and desk.habit is Habit.REFUND_WITHOUT_TEXTS and kind is RefundKind.PARTIAL:
        assert now.state is RefundState.UNKNOWN
        assert desk.resolve.refunds.doubtful[refund.id].amount == Money(40_00)
        now = desk.resolve.refunds.is_ours(refund.id)
    if arrives:
        assert now.state is RefundState.ACCEPTED
        assert now.number
    elif kind is RefundKind.TOTAL:
        assert now.state is RefundState.NOT_MADE, "AndDone caps the sum"
    else:
        assert now.state is RefundState.UNKNOWN, "a late copy could be carried out beside another"
        wait_days(desk, 1)
        desk.wait(1_000)
        assert desk.ledger.refund(refund.id).state is RefundState.NOT_MADE
    assert books(desk, payment) == ([ask.amount.cents] if arrives else [])


def test_a_goodwill_refund_in_the_portal_while_ours_never_arrived(desk: Desk) -> None:
    payment = settled(desk)
    desk.sandbox.faults.next(FaultKind.RESET_BEFORE, on="createRefund")
    ours = desk.resolve.refunds.refund(payment.id, part(40_00))
    desk.sandbox.act("refunds", transaction_id=payment.processor_ref, amount_cents=40_00)
    for _ in range(20):
        desk.wait(40)
    assert desk.ledger.refund(ours.id).state is RefundState.UNKNOWN, "a person decides"
    desk.resolve.refunds.is_not_ours(ours.id)
    assert [one.origin for one in refunds(desk, payment)] == [RefundOrigin.DESK, RefundOrigin.PORTAL]
    wait_days(desk, 6)
    assert desk.ledger.refund(ours.id).state is RefundState.NOT_MADE
    assert desk.ledger.payment(payment.id).state is State.PARTLY_REFUNDED


def test_both_at_the_same_moment(desk: Desk) -> None:
    payment = settled(desk)
    desk.sandbox.act("refunds", transaction_id=payment.processor_ref, amount_cents=40_00)
    with pytest.raises(KnownError):
        desk.resolve.refunds.refund(payment.id, part(40_00))
    wait_days(desk, 5)
    assert books(desk, payment) == [40_00]
    assert [one.origin for one in refunds(desk, payment)] == [RefundOrigin.PORTAL]


def test_too_early(desk: Desk) -> None:
    payment = desk.pay("5001", 100_00, CARD)
    found = desk.resolve.refunds.check(payment.id)
    assert found.voidable
    assert found.opens_on is not None
    desk.clock.move(DAY_S)
    desk.sandbox.advance(timedelta(days=1))
    found = desk.resolve.refunds.check(payment.id)
    assert not found.voidable
    assert "two business days" in found.refusal
    assert found.opens_on is not None
    with pytest.raises(KnownError, match="two business days"):
        desk.resolve.refunds.refund(payment.id, all_of(desk, payment))
    wish = desk.resolve.refunds.wish(payment.id, all_of(desk, payment))
    assert wish.state is RefundState.WISHED
    desk.clock.move(5 * DAY_S)
    desk.sandbox.advance(timedelta(days=5))
    assert desk.ledger.refund(wish.id).state is RefundState.WISHED, "never sent by itself"
    assert desk.resolve.refunds.refund(payment.id, all_of(desk, payment)).state is RefundState.ACCEPTED
    assert desk.ledger.refund(wish.id).state is RefundState.DROPPED


def test_a_debit_that_can_still_be_returned(desk: Desk) -> None:
    payment = desk.pay("5002", 100_00, ACCOUNT)
    desk.clock.move(6 * DAY_S)
    desk.sandbox.advance(timedelta(days=6))
    found = desk.resolve.refunds.check(payment.id)
    assert found.returnable_until is not None
    ask = all_of(desk, payment)
    with pytest.raises(KnownError, match="can still return"):
        desk.resolve.refunds.refund(payment.id, ask)
    sure = RefundAsk(ask.kind, ask.shares, ask.fee, ask.reason, still_returnable=True)
    assert desk.resolve.refunds.refund(payment.id, sure).state is RefundState.ACCEPTED
    wait_days(desk, 5)
    assert books(desk, payment) == [103_00]


def test_refunded_and_charged_back(desk: Desk) -> None:
    payment = settled(desk)
    desk.resolve.refunds.refund(payment.id, all_of(desk, payment))
    wait_days(desk, 5)
    desk.sandbox.act("chargebacks", transaction_id=payment.processor_ref)
    desk.wait(DAY_S)
    desk.resolve.all()
    after = desk.ledger.payment(payment.id)
    assert after.state is State.CHARGED_BACK
    assert "went back twice" in after.reason


def test_a_disk_that_is_full_when_the_answer_comes(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    payment = settled(desk)

    def full(*_: object) -> None:
        raise KnownError("The disk is full.")

    monkeypatch.setattr(desk.ledger, "record_refund", full)
    with pytest.raises(RefundNotRecorded, match="PD"):
        desk.resolve.refunds.refund(payment.id, all_of(desk, payment))
    monkeypatch.undo()
    (refund,) = refunds(desk, payment)
    assert refund.state is RefundState.SUBMITTED
    for _ in range(10):
        desk.wait(40)
    assert desk.ledger.refund(refund.id).state is RefundState.ACCEPTED
    assert books(desk, payment) == [103_50]
