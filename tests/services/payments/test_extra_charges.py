"""Charges of ours that no payment accounts for: a person voids them, at one desk or at two."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from paydesk.domain.errors import KnownError
from paydesk.domain.events import EventKind
from paydesk.domain.money import Money
from paydesk.domain.outcome import Charge, ChargeStatus, Expiry, Reason, Unclear, VoidRefused
from paydesk.domain.payment import Payment, State
from paydesk.services.payments.resolve import Resolve
from tests.fakes.ledger import LedgerMaker
from tests.fakes.world import LETTERHEAD, Counter

WHY = "Charged twice"


@pytest.fixture
def paid(counter: Counter) -> Payment:
    """Return a payment whose intent was charged twice."""
    counter.source.owe("50123", 100_00)
    payment = counter.pay("50123")
    own = counter.processor.charges(*2 * (counter.clock.now().date(),))[0]
    counter.processor.outside.append(replace(own, processor_ref="txn-2"))
    counter.processor.statuses["txn-2"] = ChargeStatus.VOIDABLE
    counter.resolve.all()
    return payment


def extra(counter: Counter) -> Charge:
    [charge] = counter.resolve.strangers
    return charge


def kinds(counter: Counter, payment: Payment) -> list[EventKind]:
    return [event.kind for event in counter.ledger.events(payment.id)][-2:]


def test_a_second_charge_is_voided_and_the_payment_stays(counter: Counter, paid: Payment) -> None:
    charge = extra(counter)
    assert counter.resolve.may_void(charge)
    assert counter.resolve.void_stranger(charge, WHY) is ChargeStatus.CANCELED
    assert counter.processor.voids == ["txn-2"]
    assert counter.resolve.strangers == ()
    assert counter.ledger.payment(paid.id) == paid
    assert kinds(counter, paid) == [EventKind.EXTRA_VOIDING, EventKind.EXTRA_VOIDED]
    begun = counter.ledger.events(paid.id)[-2]
    assert begun.detail == {"charge": "txn-2", "amount": "103.50", "reason": WHY}


def test_the_void_is_recorded_before_it_is_sent(counter: Counter, paid: Payment) -> None:
    class Died(BaseException):
        """The desk ends."""

    def die() -> None:
        assert kinds(counter, paid)[-1] is EventKind.EXTRA_VOIDING
        raise Died

    counter.processor.before_void = die
    with pytest.raises(Died):
        counter.resolve.void_stranger(extra(counter), WHY)
    counter.processor.before_void = lambda: None
    assert counter.resolve.void_stranger(extra(counter), WHY) is ChargeStatus.CANCELED


def test_two_desks_void_it_at_once(counter: Counter, paid: Payment, new_ledger: LedgerMaker) -> None:
    other = Counter(*new_ledger("Front-2"), counter.source, counter.processor, counter.clock)
    other.resolve.all()
    statuses = []

    def at_the_same_moment() -> None:
        counter.processor.before_void = lambda: None
        statuses.append(other.resolve.void_stranger(extra(other), WHY))

    counter.processor.before_void = at_the_same_moment
    statuses.append(counter.resolve.void_stranger(extra(counter), WHY))
    assert statuses == [ChargeStatus.CANCELED, ChargeStatus.CANCELED]
    assert counter.ledger.payment(paid.id) == paid


def test_a_canceled_stranger_leaves_every_desk_at_the_next_look(
    counter: Counter, paid: Payment, new_ledger: LedgerMaker
) -> None:
    other = Counter(*new_ledger("Front-2"), counter.source, counter.processor, counter.clock)
    other.resolve.all()
    counter.resolve.void_stranger(extra(counter), WHY)
    row = counter.processor.outside.pop()
    counter.processor.outside.append(replace(row, live=False, taken=False, canceled=True))
    other.clock.move(3601)
    other.resolve.due()
    assert other.resolve.strangers == ()


@pytest.mark.parametrize(
    ("answer", "arrives", "charge_status", "status"),
    [
        (Unclear("lost"), False, ChargeStatus.VOIDABLE, ChargeStatus.UNCLEAR),
        (Unclear("lost"), True, None, ChargeStatus.CANCELED),
        (RuntimeError("a bug"), True, None, ChargeStatus.CANCELED),
        (VoidRefused("No."), False, ChargeStatus.VOIDABLE, ChargeStatus.VOIDABLE),
        (VoidRefused("No."), False, ChargeStatus.SETTLED, ChargeStatus.SETTLED),
        (VoidRefused("No."), False, ChargeStatus.UNCLEAR, ChargeStatus.UNCLEAR),
    ],
)
def test_an_answer_that_is_no_plain_yes_is_compared_with_the_charge(
    counter: Counter,
    paid: Payment,
    answer: object,
    arrives: bool,
    charge_status: ChargeStatus | None,
    status: ChargeStatus,
) -> None:
    charge = extra(counter)
    if charge_status is not None:
        counter.processor.statuses["txn-2"] = charge_status
    counter.processor.void_script.append((arrives, answer))  # type: ignore[arg-type]  # one of its answers
    assert counter.resolve.void_stranger(charge, WHY) is status
    assert (counter.resolve.strangers == ()) is (status is ChargeStatus.CANCELED)
    voided = status is ChargeStatus.CANCELED
    assert kinds(counter, paid)[-1] is (EventKind.EXTRA_VOIDED if voided else EventKind.EXTRA_NOT_VOIDED)


def test_a_void_after_a_sleep_is_not_sent(
    counter: Counter, paid: Payment, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = counter.ledger.note

    def sleepy(*args: object) -> None:
        real(*args)  # type: ignore[arg-type]  # passed on unchanged
        counter.clock.move(3600)

    monkeypatch.setattr(counter.ledger, "note", sleepy)
    with pytest.raises(KnownError, match="went to sleep"):
        counter.resolve.void_stranger(extra(counter), WHY)
    assert counter.processor.voids == []


def test_a_ledger_that_is_away_sends_nothing_and_loses_no_answer(
    counter: Counter, paid: Payment, monkeypatch: pytest.MonkeyPatch
) -> None:
    charge, real, notes = extra(counter), counter.ledger.note, []

    def note(*args: object) -> None:
        notes.append(args)
        if len(notes) != 2:
            raise KnownError("The disk is full.")
        real(*args)  # type: ignore[arg-type]  # passed on unchanged

    monkeypatch.setattr(counter.ledger, "note", note)
    with pytest.raises(KnownError, match="disk is full"):
        counter.resolve.void_stranger(charge, WHY)
    assert counter.processor.voids == []
    assert counter.resolve.void_stranger(charge, WHY) is ChargeStatus.CANCELED


@pytest.mark.parametrize("why", ["", " ", "4000620000000007"])
def test_a_void_needs_a_reason(counter: Counter, paid: Payment, why: str) -> None:
    with pytest.raises(KnownError):
        counter.resolve.void_stranger(extra(counter), why)
    assert counter.processor.voids == []


@pytest.mark.parametrize(
    "other",
    [
        lambda charge, own: replace(charge, processor_ref=own),
        lambda charge, _own: replace(charge, reference="PD0123456789ABCDEFGH-1"),
        lambda charge, _own: replace(charge, reference=charge.reference[:-1] + "2"),
        lambda charge, _own: replace(charge, reference="link-2"),
        lambda charge, _own: replace(charge, reference=""),
    ],
)
def test_only_a_charge_that_surely_is_extra_can_be_voided(
    counter: Counter, paid: Payment, other: Callable[[Charge, str], Charge]
) -> None:
    charge = other(extra(counter), paid.processor_ref)
    assert not counter.resolve.may_void(charge)
    with pytest.raises(KnownError, match="may be a payment's own"):
        counter.resolve.void_stranger(charge, WHY)
    assert counter.processor.voids == []


def test_a_charge_that_may_still_become_the_payments_own_cannot_be_voided(counter: Counter) -> None:
    counter.source.owe("50123", 100_00)
    counter.processor.lose_next_reply()
    payment = counter.pay("50123")
    [own] = counter.processor.charges(*2 * (counter.clock.now().date(),))
    assert not counter.resolve.may_void(own)
    assert not counter.resolve.may_void(replace(own, subtotal=None)), "its amount is unknown"
    assert counter.resolve.check(payment.id).state is State.AUTHORIZED
    assert not counter.resolve.may_void(own)


# ---- a charge for another amount -------------------------------------------------------------


@pytest.fixture
def other_amount(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> Payment:
    """Return an unknown payment whose intent was charged with 70.00 instead of 100.00."""
    counter.source.owe("50123", 100_00)
    counter.processor.lose_next_reply()
    payment = counter.pay("50123")
    [own] = counter.processor.charges(*2 * (counter.clock.now().date(),))
    row = replace(own, subtotal=Money(70_00), charged=Money(72_45), fee=Money(2_45))

    def charges(*_days: object) -> list[Charge]:
        live = counter.processor.statuses[row.processor_ref] is not ChargeStatus.CANCELED
        return [replace(row, live=live, taken=live, canceled=not live)]

    def look_up(*_: object) -> Unclear:
        gone = counter.processor.statuses[row.processor_ref] is ChargeStatus.CANCELED
        return Unclear("another amount", Reason.OTHER_AMOUNT_GONE if gone else Reason.OTHER_AMOUNT)

    monkeypatch.setattr(counter.processor, "charges", charges)
    monkeypatch.setattr(counter.processor, "look_up", look_up)
    monkeypatch.setattr(counter.processor, "expire", lambda *_: Expiry.REFUSED)
    return payment


@pytest.mark.parametrize(
    ("reason", "final", "over"),
    [
        (Reason.OTHER_AMOUNT_GONE, False, True),
        (Reason.OTHER_AMOUNT_DECLINED, False, False),
        (Reason.OTHER_AMOUNT_DECLINED, True, True),
        (Reason.NAMES_NO_CHARGE, True, False),
    ],
)
def test_what_closes_an_intent_that_may_not_be_expired(
    reason: Reason,
    final: bool,
    over: bool,
    counter: Counter,
    other_amount: Payment,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A decline of another amount does so only where a decline is final: our charge may still arrive."""
    monkeypatch.setattr(counter.processor, "look_up", lambda *_: Unclear("another amount", reason))
    monkeypatch.setattr(counter.processor, "charges", lambda *_: [])
    resolve = Resolve(
        counter.ledger,
        counter.processor,
        counter.clock,
        LETTERHEAD.receipt_for,
        quiet_s=300.0,
        declined_is_final=final,
    )
    counter.clock.move(61)
    resolve.check(other_amount.id)
    assert (counter.ledger.payment(other_amount.id).expired_at is not None) is over
    counter.clock.move(300 + 3601)
    assert (resolve.check(other_amount.id).state is State.NOT_CHARGED) is over


def test_a_charge_of_another_amount_is_shown_voided_and_frees_its_invoice(
    counter: Counter, other_amount: Payment
) -> None:
    counter.clock.move(61)
    counter.resolve.all()
    counter.resolve.due()
    charge = extra(counter)
    assert (charge.charged, counter.resolve.may_void(charge)) == (Money(72_45), True)
    assert counter.ledger.payment(other_amount.id).state is State.UNKNOWN
    assert counter.resolve.void_stranger(charge, WHY) is ChargeStatus.CANCELED
    assert counter.resolve.check(other_amount.id).state is State.UNKNOWN, "the quiet time comes first"
    counter.clock.move(299)
    assert counter.resolve.check(other_amount.id).state is State.UNKNOWN
    counter.clock.move(3601)
    ended = counter.resolve.check(other_amount.id)
    assert ended.state is State.NOT_CHARGED
    assert "a different amount" in ended.reason


def test_a_charge_of_another_amount_stays_unknown_until_it_is_voided(
    counter: Counter, other_amount: Payment
) -> None:
    for pause_s in (61, 400, 4000, 90_000):
        counter.clock.move(pause_s)
        counter.resolve.all()
    assert counter.ledger.payment(other_amount.id).state is State.UNKNOWN
    assert counter.processor.voids == []
