"""What the desk is told of payments that did not end by themselves."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from paydesk.domain.money import Money
from paydesk.domain.payment import Payment, State
from paydesk.services.advice import advice, needs_attention
from tests.fakes.world import START, Counter

AFTER = timedelta(minutes=15)


@pytest.fixture
def payment(counter: Counter) -> Payment:
    """A payment without a clear answer."""
    counter.source.owe("50123", 100_00)
    counter.processor.lose_next_request()
    return counter.pay("50123")


def test_an_unknown_payment_is_never_to_be_taken_again(payment: Payment) -> None:
    said = advice(payment)
    assert "$103.50" in said.known
    assert "no clear answer" in said.known
    assert payment.intent_title in said.do
    assert said.never.startswith("Do not take this payment again")
    assert "can no longer be charged" in advice(replace(payment, expired_at=START)).known


@pytest.mark.parametrize("state", list(State))
def test_every_state_has_advice_and_no_card_number(payment: Payment, state: State) -> None:
    said = advice(replace(payment, state=state))
    assert said.known
    assert said.do
    assert "4000620000000007" not in str(said)


def test_a_late_charge_and_one_of_another_amount_say_so(payment: Payment) -> None:
    late = replace(payment, state=State.LATE, processor_ref="txn-9", receipt_number="R-000007")
    assert "txn-9" in advice(late).known
    otherwise = replace(payment, state=State.AUTHORIZED, charged=Money(104_00))
    assert "$103.50 was quoted, but AndDone charged $104.00" in advice(otherwise).known
    assert needs_attention(late, START, AFTER)
    assert needs_attention(otherwise, START, AFTER)


def test_an_open_payment_needs_attention_after_a_while(payment: Payment) -> None:
    assert payment.submitted_at is not None
    assert not needs_attention(payment, payment.submitted_at + AFTER / 2, AFTER)
    assert needs_attention(payment, payment.submitted_at + AFTER, AFTER)
    assert needs_attention(payment, payment.submitted_at - timedelta(days=1), AFTER), "the clock was set back"
    assert not needs_attention(replace(payment, state=State.DECLINED), START + timedelta(days=1), AFTER)


@pytest.mark.parametrize("reason", ["AndDone gave no clear answer: the connection broke.", "Error 500.", ""])
def test_that_there_is_no_clear_answer_is_said_once(payment: Payment, reason: str) -> None:
    known = advice(replace(payment, reason=reason)).known
    assert known.count("AndDone gave no clear answer") == 1
    assert reason in known
