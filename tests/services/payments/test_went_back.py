"""Refunds made in the processor's portal, and chargebacks: noticed, proven, and shown once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from paydesk.domain.money import ZERO, Money
from paydesk.domain.outcome import Reason
from paydesk.domain.payment import Payment, State
from paydesk.domain.posting import Posted, PostingChannel, PostingState
from paydesk.domain.refund import MoneyBack
from paydesk.gateways.anddone.answers import refund_of
from paydesk.services.desk.advice import Case, advice, case_of
from paydesk.services.ports.ledger import StaleMove
from paydesk.store.ledger.outbox import SqlOutbox
from tests.fakes.world import Counter


@pytest.fixture
def paid(counter: Counter) -> Payment:
    counter.source.owe("50123", 100_00)
    return counter.pay("50123")


def seen(counter: Counter, payment: Payment, back: MoneyBack) -> Payment:
    """Let the money go back, and compare with the processor an hour later."""
    counter.processor.backs[payment.processor_ref] = back
    counter.clock.move(3601)
    counter.resolve.due()
    return counter.ledger.payment(payment.id)


@pytest.mark.parametrize(
    ("back", "state", "reason"),
    [
        (MoneyBack(Money(103_50)), State.REFUNDED, Reason.REFUNDED_ELSEWHERE),
        (MoneyBack(all_refunded=True), State.REFUNDED, Reason.REFUNDED_ELSEWHERE),
        (MoneyBack(Money(50_00)), State.PARTLY_REFUNDED, Reason.REFUNDED_ELSEWHERE),
        (MoneyBack(Money(50_00), all_refunded=True), State.PARTLY_REFUNDED, Reason.REFUNDED_ELSEWHERE),
        (MoneyBack(ZERO, Money(103_50), disputed=True), State.CHARGED_BACK, Reason.DISPUTED),
        (MoneyBack(ZERO, Money(20_00), disputed=True), State.PARTLY_REFUNDED, Reason.DISPUTED),
        (MoneyBack(Money(20_00), Money(83_50), disputed=True), State.CHARGED_BACK, Reason.DISPUTED),
        (MoneyBack(Money(20_00), Money(83_49), disputed=True), State.PARTLY_REFUNDED, Reason.DISPUTED),
        (MoneyBack(disputed=True), State.CHARGED_BACK, Reason.DISPUTED),
    ],
)
def test_money_that_went_back_is_noticed_within_the_hour(
    counter: Counter, paid: Payment, back: MoneyBack, state: State, reason: Reason
) -> None:
    after = seen(counter, paid, back)
    assert (after.state, after.reason_code) == (state, reason)
    assert seen(counter, paid, back) == after, "once"
    assert [one.id for one in counter.ledger.came_back(counter.clock.now() - timedelta(days=1))] == [paid.id]


def test_a_partial_refund_and_the_rest_later(counter: Counter, paid: Payment) -> None:
    assert seen(counter, paid, MoneyBack(Money(50_00))).state is State.PARTLY_REFUNDED
    assert seen(counter, paid, MoneyBack(Money(103_50))).state is State.REFUNDED


def test_what_is_partly_charged_back_is_still_paid(counter: Counter, paid: Payment) -> None:
    partly = seen(counter, paid, MoneyBack(ZERO, Money(20_00), disputed=True))
    assert not counter.lookup.by_invoice("50123").rows[0].payable
    assert "Tell your manager today" in advice(partly).do
    assert seen(counter, paid, MoneyBack(ZERO, Money(103_50), disputed=True)).state is State.CHARGED_BACK


def test_the_list_alone_proves_nothing(
    counter: Counter, paid: Payment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counter.processor, "money_back", lambda *_: None)
    assert seen(counter, paid, MoneyBack(Money(103_50))).state is State.AUTHORIZED


def test_the_row_of_a_refund_is_a_reason_to_look(counter: Counter, paid: Payment) -> None:
    row = refund_of(paid.processor_ref, "txn-refund")
    counter.processor.outside += [row, replace(row, processor_ref="txn-other", refund_of="txn-unknown")]
    counter.processor.backs_untold = True
    assert seen(counter, paid, MoneyBack(Money(20_00))).state is State.PARTLY_REFUNDED
    assert counter.resolve.strangers == ()


def test_another_desk_that_was_faster_has_the_last_word(
    counter: Counter, paid: Payment, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = counter.ledger.went_back

    def too_late(*given: Any) -> None:
        real(*given)
        raise StaleMove("It is recorded already.")

    monkeypatch.setattr(counter.ledger, "went_back", too_late)
    assert seen(counter, paid, MoneyBack(ZERO, Money(103_50), disputed=True)).state is State.CHARGED_BACK


def test_what_was_not_posted_is_withdrawn_and_the_invoice_is_owed_again(
    counter: Counter, paid: Payment
) -> None:
    outbox = SqlOutbox(counter.ledger.transactions)
    refunded = seen(counter, paid, MoneyBack(Money(103_50)))
    posting = outbox.of([paid.id])[paid.id]
    assert posting.state is PostingState.WITHDRAWN
    assert case_of(refunded, posting) is Case.DECIDED
    assert counter.lookup.by_invoice("50123").rows[0].payable


def test_what_was_posted_has_to_be_reversed(counter: Counter, paid: Payment) -> None:
    outbox = SqlOutbox(counter.ledger.transactions)
    assert outbox.take(paid.id, PostingChannel.EMS, {"50123": Money(100_00)})
    outbox.record_outcome(paid.id, Posted("ams-1"))
    counter.source.owe("50123", 0)
    refunded = seen(counter, paid, MoneyBack(Money(103_50)))
    posting = outbox.of([paid.id])[paid.id]
    assert posting.state is PostingState.POSTED
    assert case_of(refunded, posting) is Case.TO_REVERSE
    assert [one.payment.id for one in outbox.to_take_back()] == [paid.id]


def test_a_partial_refund_leaves_the_receipt(counter: Counter, paid: Payment) -> None:
    outbox = SqlOutbox(counter.ledger.transactions)
    partly = seen(counter, paid, MoneyBack(Money(50_00)))
    posting = outbox.of([paid.id])[paid.id]
    assert posting.state is PostingState.WAITING
    assert case_of(partly, posting) is Case.PARTLY_REFUNDED
    assert not counter.lookup.by_invoice("50123").rows[0].payable


def test_a_chargeback_is_for_the_manager(counter: Counter, paid: Payment) -> None:
    back = seen(counter, paid, MoneyBack(ZERO, Money(103_50), disputed=True))
    posting = SqlOutbox(counter.ledger.transactions).of([paid.id])[paid.id]
    assert case_of(back, posting) is Case.CHARGED_BACK
    assert "$103.50" in back.reason
