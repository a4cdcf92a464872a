"""The fee: on the sum, once, within its bounds. The ACH limit: exact to the cent."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from paydesk.domain.fee_schedule import FeeRule, FeeSchedule
from paydesk.domain.money import ZERO, Money
from paydesk.domain.quote import OverLimit, Quote, quotes
from paydesk.domain.tender import TenderKind
from tests.fakes.world import FEES

amounts = st.integers(1, 9_000_000_00).map(Money)
percents = st.decimals(0, 10, places=2)


@given(amounts, percents, st.integers(0, 10_00), st.integers(0, 5_00), st.integers(0, 50_00))
def test_a_fee_stays_within_its_bounds(
    subtotal: Money, percent: Decimal, fixed: int, low: int, spread: int
) -> None:
    rule = FeeRule(percent, Money(fixed), Money(low), Money(low + spread))
    assert Money(low) <= rule.fee(subtotal) <= Money(low + spread)


@given(amounts, amounts, percents)
def test_a_larger_sum_never_has_a_smaller_fee(one: Money, other: Money, percent: Decimal) -> None:
    rule = FeeRule(percent, Money(30))
    low, high = sorted((one, other))
    assert rule.fee(low) <= rule.fee(high)


@given(amounts)
def test_every_total_is_lines_plus_fee(subtotal: Money) -> None:
    for kind, offer in quotes(FEES, subtotal).items():
        match offer:
            case Quote():
                assert offer.kind is kind
                assert offer.total == subtotal + offer.fee
                assert offer.fee == FEES.fees[kind].fee(subtotal)
            case OverLimit():
                assert kind is TenderKind.ACH
                assert subtotal == offer.limit + offer.excess


def test_ach_at_its_limit_and_a_cent_above() -> None:
    assert isinstance(quotes(FEES, Money(15_000_00))[TenderKind.ACH], Quote)
    assert quotes(FEES, Money(15_000_01))[TenderKind.ACH] == OverLimit(Money(15_000_00), Money(1))


def test_the_training_figures() -> None:
    offers = quotes(FEES, Money(1_250_00))
    fees = {kind: offer.fee for kind, offer in offers.items() if isinstance(offer, Quote)}
    assert fees == {
        TenderKind.CREDIT_CARD: Money(43_75),
        TenderKind.DEBIT_CARD: Money(18_75),
        TenderKind.ACH: Money(3_00),
    }


def test_no_fee_is_no_fee() -> None:
    fee_schedule = FeeSchedule({kind: FeeRule() for kind in TenderKind}, Money(100))
    assert quotes(fee_schedule, Money(99))[TenderKind.ACH] == Quote(TenderKind.ACH, Money(99), ZERO)
