"""Money that goes back outside of PayDesk, on the emulator: refunds in the portal, chargebacks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from paydesk.domain.payment import Payment, State
from paydesk.sandbox import Habit, Sandbox
from tests.e2e.test_habits import Desk
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


def test_a_refund_in_the_portal_is_noticed(desk: Desk) -> None:
    payment = settled(desk)
    desk.sandbox.act("refunds", transaction_id=payment.processor_ref, amount_cents=103_50)
    desk.sandbox.advance(timedelta(days=6))
    desk.clock.move(6 * 86_400)
    desk.resolve.all()
    after = desk.ledger.payment(payment.id)
    assert after.state is State.REFUNDED
    assert "$103.50" in after.reason


def test_a_part_is_noticed_if_the_status_says_so(desk: Desk) -> None:
    """Without a status of its own, only the refund's row tells it, and that one PayDesk does not read."""
    payment = settled(desk)
    desk.sandbox.act("refunds", transaction_id=payment.processor_ref, amount_cents=40_00)
    desk.resolve.all()
    told = desk.habit is Habit.PARTIAL_AS_REFUNDED
    after = desk.ledger.payment(payment.id)
    assert after.state is (State.PARTLY_REFUNDED if told else State.AUTHORIZED)


def test_a_chargeback_is_noticed(desk: Desk) -> None:
    payment = settled(desk)
    desk.sandbox.act("chargebacks", transaction_id=payment.processor_ref)
    desk.resolve.all()
    assert desk.ledger.payment(payment.id).state is State.CHARGED_BACK


def test_nothing_went_back_and_nothing_changes(desk: Desk) -> None:
    payment = settled(desk)
    desk.resolve.all()
    assert desk.ledger.payment(payment.id).state is State.AUTHORIZED
