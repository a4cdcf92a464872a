"""Balances that already contain our payments: an old reading must never make them payable again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paydesk.domain.invoices.balance_due import LAG, PriorPayment, not_contained
from paydesk.domain.money import Money

START = datetime(2026, 8, 14, 14, 0, tzinfo=UTC)


def at(minute: float) -> datetime:
    return START + timedelta(minutes=minute)


def took(cents: int, owed: int, read: float, posted: float | None) -> PriorPayment:
    return PriorPayment(Money(cents), Money(owed), at(read), None if posted is None else at(posted))


@pytest.mark.parametrize(
    ("posted", "balance", "read", "off"),
    [
        (None, 100, 90, 40),
        (5.0, 60, 10, 0),
        (5.0, 100, 10, 40),
        (5.0, 60, 4, 40),
        (5.0, 100, 24 * 60 + 6, 0),
    ],
    ids=["not posted", "posted and seen", "posted, an old balance", "read before", "long ago: it was raised"],
)
def test_one_payment(posted: float | None, balance: int, read: float, off: int) -> None:
    assert not_contained([took(40, 100, 0, posted)], Money(balance), at(read)) == Money(off)


def test_a_second_payment_that_rested_on_an_old_balance_is_taken_off_too() -> None:
    first, second = took(40, 100, 0, 5), took(30, 100, 6, 8)
    assert not_contained([first, second], Money(100), at(9)) == Money(70)
    assert not_contained([first, second], Money(60), at(9)) == Money(30)
    assert not_contained([first, second], Money(30), at(9)) == Money(0)


@given(
    st.lists(st.tuples(st.integers(1, 40), st.floats(0, 20)), max_size=5), st.floats(0, 30), st.floats(0, 200)
)
def test_no_lag_makes_more_payable_than_is_owed(
    steps: list[tuple[int, float]], lag: float, later: float
) -> None:
    """For any lag up to LAG, a balance less what is subtracted never exceeds the true balance."""
    owed, now = 200, 0.0
    payments: list[PriorPayment] = []

    def shown(minute: float) -> int:
        seen = [one for one in payments if one.posted_at is not None and one.posted_at <= at(minute - lag)]
        return 200 - sum(one.amount.cents for one in seen)

    for cents, pause in steps:
        balance = shown(now)
        assert balance - not_contained(payments, Money(balance), at(now)).cents == owed
        payments.append(took(cents, balance, now, now + 1))
        owed, now = owed - cents, now + 2 + pause
    end = now + later
    left = shown(end) - not_contained(payments, Money(shown(end)), at(end)).cents
    assert left == owed if timedelta(minutes=lag) < LAG else left <= owed
