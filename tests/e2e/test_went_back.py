"""Money that goes back outside of PayDesk, on the emulator: refunds in the portal, chargebacks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from paydesk.domain.outcome import Reason
from paydesk.domain.payment import Payment, State
from paydesk.sandbox import Habit, Sandbox
from paydesk.services.desk.advice import advice
from paydesk.services.payments.ach_returns import AchReturns
from tests.e2e.test_habits import ACCOUNT, Desk
from tests.fakes.ledger import LedgerMaker
from tests.fakes.world import CARD, START, FakeSource

HABITS = [
    None, Habit.PARTIAL_AS_REFUNDED, Habit.REFUND_ATTEMPT, Habit.REFUNDS_NOT_LISTED, Habit.PAID_WORDS,
    Habit.STATUS_AS_INTEGER, Habit.NOISY_AMOUNTS, Habit.OWN_REFERENCE_NUMBER, Habit.LIST_PAGES_OF_10,
]  # fmt: skip


@pytest.fixture(params=HABITS, ids=str)
def desk(request: pytest.FixtureRequest, new_ledger: LedgerMaker, source: FakeSource) -> Iterator[Desk]:
    habits = [request.param] if request.param else []
    with Sandbox(seed=1, now=START, habits=habits) as sandbox:
        yield Desk(sandbox, new_ledger, source, request.param)
    assert sandbox.crashes == []


def settled(desk: Desk) -> Payment:
    """Take a payment, and let it settle."""
    payment = desk.pay("5001", 100_00, CARD)
    desk.clock.move(6 * 86_400)
    desk.sandbox.advance(timedelta(days=6))
    return payment


def done(desk: Desk) -> None:
    """Let a refund end, two business days after its batch, and look."""
    desk.wait(6 * 86_400)
    desk.resolve.all()


@pytest.mark.parametrize("cents", [40_00, 103_50], ids=["a part", "all"])
def test_a_refund_that_fails_later_leaves_the_invoice_paid(desk: Desk, cents: int) -> None:
    """Until it is done, the money is still here. Owed again, the invoice would be charged twice."""
    payment = settled(desk)
    made = desk.sandbox.act("refunds", transaction_id=payment.processor_ref, amount_cents=cents)
    desk.wait(3_601)
    assert desk.ledger.payment(payment.id).state is State.AUTHORIZED
    desk.wait(86_400)
    desk.sandbox.act("refund-failures", refund_id=made["refund_id"])
    done(desk)
    assert desk.ledger.payment(payment.id).state is State.AUTHORIZED
    assert not desk.lookup.by_invoice("5001").rows[0].payable


def test_a_refund_in_the_portal_is_noticed(desk: Desk) -> None:
    payment = settled(desk)
    desk.sandbox.act("refunds", transaction_id=payment.processor_ref, amount_cents=103_50)
    desk.sandbox.advance(timedelta(days=6))
    desk.clock.move(6 * 86_400)
    desk.resolve.all()
    after = desk.ledger.payment(payment.id)
    assert after.state is State.REFUNDED
    assert "$103.50" in after.reason


def test_a_part_is_noticed_by_its_status_or_by_the_row_of_the_refund(desk: Desk) -> None:
    payment = settled(desk)
    desk.sandbox.act("refunds", transaction_id=payment.processor_ref, amount_cents=40_00)
    done(desk)
    told = desk.habit is not Habit.REFUNDS_NOT_LISTED
    after = desk.ledger.payment(payment.id)
    assert after.state is (State.PARTLY_REFUNDED if told else State.AUTHORIZED)


def test_a_part_and_later_the_rest(desk: Desk) -> None:
    payment = settled(desk)
    desk.sandbox.act("refunds", transaction_id=payment.processor_ref, amount_cents=40_00)
    done(desk)
    desk.sandbox.act("refunds", transaction_id=payment.processor_ref, amount_cents=63_50)
    done(desk)
    assert desk.ledger.payment(payment.id).state is State.REFUNDED


def test_a_bank_says_after_days_that_money_was_missing(desk: Desk) -> None:
    payment = desk.pay("5002", 100_00, ACCOUNT)
    desk.wait(3 * 86_400)
    desk.sandbox.act("returns", transaction_id=payment.processor_ref, code="R01")
    desk.wait(3_601)
    AchReturns(desk.ledger, desk.processor, desk.clock).tick()
    after = desk.ledger.payment(payment.id)
    assert (after.state, after.reason_code) == (State.RETURNED, Reason.SENT_BACK_FUNDS)
    assert "not enough money in the account (R01)" in advice(after).known


def test_a_chargeback_is_noticed(desk: Desk) -> None:
    payment = settled(desk)
    desk.sandbox.act("chargebacks", transaction_id=payment.processor_ref)
    desk.resolve.all()
    assert desk.ledger.payment(payment.id).state is State.CHARGED_BACK


def test_nothing_went_back_and_nothing_changes(desk: Desk) -> None:
    payment = settled(desk)
    desk.resolve.all()
    assert desk.ledger.payment(payment.id).state is State.AUTHORIZED
