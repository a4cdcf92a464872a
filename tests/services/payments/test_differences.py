"""Differences between quote and charge: shown until a person acknowledges them, and never zero by mistake."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from paydesk.domain.errors import KnownError
from paydesk.domain.events import EventKind
from paydesk.domain.money import Money
from paydesk.domain.outcome import Approved, Outcome
from paydesk.domain.payment import Difference, Payment
from paydesk.services.desk.advice import Action, Case, advice, needs_attention
from paydesk.services.payments.acknowledge import acknowledge, acknowledged_with
from tests.fakes.ledger import LedgerMaker
from tests.fakes.world import CARD, Counter

QUOTED, FEE = Money(103_50), Money(3_50)


def paid(counter: Counter, number: str, *, said: Callable[[Approved], Approved]) -> Payment:
    """Take a payment of 100.00 whose answer is changed."""
    counter.source.owe(number, 100_00)
    real = counter.processor.pay

    def pay(*args: object) -> Outcome:
        outcome = real(*args)  # type: ignore[arg-type]  # passed on unchanged
        assert isinstance(outcome, Approved)
        return said(outcome)

    vars(counter.processor)["pay"] = pay
    try:
        return counter.authorize.pay(counter.draft(number), CARD)
    finally:
        del vars(counter.processor)["pay"]


def not_told(named: Money | None) -> Callable[[Approved], Approved]:
    return lambda outcome: replace(outcome, charged=QUOTED, fee=None, named_fee=named)


def otherwise(cents: int) -> Callable[[Approved], Approved]:
    return lambda outcome: replace(outcome, charged=QUOTED + Money(cents), fee=FEE + Money(cents))


def differing(counter: Counter) -> list[int]:
    return [payment.id for payment in counter.ledger.charged_otherwise()]


@pytest.mark.parametrize("named", [None, FEE])
def test_a_fee_that_is_not_told_is_as_quoted_and_compared_once(counter: Counter, named: Money | None) -> None:
    first = paid(counter, "50123", said=not_told(named))
    others = [paid(counter, number, said=not_told(named)) for number in ("50124", "50125")]
    assert {payment.difference for payment in (first, *others)} == {Difference.NOT_TOLD}
    assert (first.charged, first.charged_fee, first.charged_otherwise) == (QUOTED, None, False)
    receipt = counter.ledger.receipt(first.id)
    assert (receipt.fee, receipt.total) == (FEE, QUOTED)
    assert differing(counter) == [first.id], "one is enough"
    said = advice(first)
    assert said.case is Case.FEE_NOT_TOLD
    assert "actually charged" not in f"{said.known} {said.do}"
    assert "portal" in said.do
    assert said.actions == {Action.COMPARE, Action.ACKNOWLEDGE}
    acknowledge(counter.ledger, [first], "The portal says 103.50, too")
    assert differing(counter) == []
    paid(counter, "50126", said=not_told(named))
    assert differing(counter) == []


def test_another_fee_that_is_named_stands_until_it_is_acknowledged(counter: Counter) -> None:
    acknowledge(counter.ledger, [paid(counter, "50123", said=not_told(None))], "compared")
    payments = [paid(counter, number, said=not_told(Money(5_60))) for number in ("50124", "50125")]
    assert differing(counter) == [payment.id for payment in payments]
    assert payments[0].difference is Difference.OTHER_FEE
    assert "names $5.60" in advice(payments[0]).known
    assert counter.ledger.receipt(payments[0].id).fee == FEE
    acknowledge(counter.ledger, payments[:1], "5.60 is what the customer agreed to")
    assert differing(counter) == [payments[1].id]


@pytest.mark.parametrize("cents", [-3_50, -2, 2, 100])
def test_another_amount_rests_once_a_person_acknowledged_it(counter: Counter, cents: int) -> None:
    payment = paid(counter, "50123", said=otherwise(cents))
    assert payment.difference is Difference.AMOUNT
    assert "Tell the customer the amount that was actually charged" in advice(payment).do
    assert differing(counter) == [payment.id]
    assert needs_attention(payment, counter.clock.now(), timedelta(minutes=15))
    [done] = acknowledge(counter.ledger, [payment], "  told \n the customer ")
    assert done == counter.ledger.payment(payment.id)
    assert (done.difference, done.charged_otherwise) == (Difference.NONE, True), "the amounts stay"
    assert not needs_attention(done, counter.clock.now(), timedelta(minutes=15))
    assert differing(counter) == []
    event = counter.ledger.events(payment.id)[-1]
    assert event.kind is EventKind.ACKNOWLEDGED
    assert event.detail == {
        "reason": "told the customer",
        "difference": "amount",
        "quoted": "103.50",
        "charged": str(QUOTED + Money(cents)),
    }


@pytest.mark.parametrize("cents", [-1, 1])
def test_all_differences_of_one_cent_are_acknowledged_together(counter: Counter, cents: int) -> None:
    """The processor may round half to even. Each payment stands until a person lets them rest."""
    one_cent = [paid(counter, number, said=otherwise(cents)) for number in ("50123", "50124")]
    other = paid(counter, "50125", said=otherwise(50))
    assert one_cent[0].difference is Difference.ROUNDING
    assert "rounds the fee differently by one cent" in advice(one_cent[0]).known
    assert "actually charged" not in advice(one_cent[0]).do
    listed = counter.ledger.charged_otherwise()
    assert acknowledged_with(other, listed) == (other,)
    covered = acknowledged_with(one_cent[1], listed)
    assert covered == one_cent
    acknowledge(counter.ledger, covered, "rounding")
    assert differing(counter) == [other.id]


@pytest.mark.parametrize("why", ["", "  ", "card 4000 6200 0000 0007"])
def test_an_acknowledgement_needs_a_reason_without_a_card_number(counter: Counter, why: str) -> None:
    payment = paid(counter, "50123", said=otherwise(50))
    with pytest.raises(KnownError):
        acknowledge(counter.ledger, [payment], why)
    assert differing(counter) == [payment.id]


def test_a_second_acknowledgement_changes_nothing(counter: Counter, new_ledger: LedgerMaker) -> None:
    payment = paid(counter, "50123", said=otherwise(50))
    other, _ = new_ledger("Front-2")
    first = acknowledge(counter.ledger, [payment], "told the customer")
    counter.clock.move(60)
    assert acknowledge(other, [payment], "told them, too") == first
    kinds = [event.kind for event in counter.ledger.events(payment.id)]
    assert kinds.count(EventKind.ACKNOWLEDGED) == 1


def test_a_payment_as_quoted_cannot_be_acknowledged(counter: Counter) -> None:
    counter.source.owe("50123", 100_00)
    payment = counter.pay("50123")
    assert payment.difference is Difference.NONE
    assert acknowledge(counter.ledger, [payment], "why not") == [payment]
    assert counter.ledger.events(payment.id)[-1].kind is EventKind.AUTHORIZED


def test_a_rounded_amount_is_remembered(counter: Counter) -> None:
    payment = paid(counter, "50123", said=lambda outcome: replace(outcome, rounded="103.4973"))
    [event] = [one for one in counter.ledger.events(payment.id) if one.kind is EventKind.ROUNDED]
    assert event.detail == {"sent": "103.4973"}
