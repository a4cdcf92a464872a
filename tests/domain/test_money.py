"""Money: whole cents in, whole cents out, and nothing that is not plainly an amount."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paydesk.domain.money import LARGEST_CENTS, AmountError, Money, total

cents = st.integers(0, LARGEST_CENTS)


@given(cents)
def test_text_and_back_is_the_same(value: int) -> None:
    assert Money.parse(str(Money(value))) == Money(value)
    assert Money.from_dollars(Money(value).dollars) == Money(value)


@pytest.mark.parametrize(
    ("value", "shown"), [(123450, "$1,234.50"), (0, "$0.00"), (-5, "-$0.05"), (-100_000, "-$1,000.00")]
)
def test_an_amount_in_a_sentence_has_its_sign(value: int, shown: str) -> None:
    assert Money(value).shown == shown


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("1,234.50", 123450),
        ("$ 1234.5", 123450),
        (".50", 50),
        ("7", 700),
        (" 1,000,000 ", 100_000_000),
        ("3.", 300),
        ("$1,234", 123400),
        ("  5 ", 500),
        ("0", 0),
        ("00012.30", 1230),
        ("99999999.99", 9_999_999_999),
        ("1,234,567.89", 123_456_789),
        ("1,000", 100_000),
        ("0.1", 10),
    ],
)
def test_what_people_type(typed: str, value: int) -> None:
    assert Money.parse(typed) == Money(value)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "$",
        "1.234",
        "1,23",
        "12,34.50",
        "-5",
        "+5",
        "1e3",
        "٣",
        "１２",
        "1 000",
        "NaN",
        "5 USD",
        "0x10",
        "1,,000",
        "99999999999",
        "1.005",
        "1.234,50",
        "1 234.50",
        "1\u00a0234",
        "$-5",
        "(5)",
        "５",
        "٥",
        ".",
        "5$",
        "USD 5",
        "1'234.50",
        "1234,5",
        "12,34",
        "0,50",
        "100,00",
        "1,000,00",
        "1,0000",
        "100000000",
        "1.2.3",
        "1,234.5.0",
    ],
)
def test_what_is_no_amount(typed: str) -> None:
    with pytest.raises(AmountError):
        Money.parse(typed)


@given(st.text(max_size=12))
def test_any_text_is_an_amount_or_an_amount_error(typed: str) -> None:
    try:
        money = Money.parse(typed)
    except AmountError:
        return
    assert 0 <= money.cents <= LARGEST_CENTS


@given(cents, st.decimals(0, 100, places=3))
def test_a_percentage_is_rounded_half_up_once(value: int, percent: Decimal) -> None:
    exact = Decimal(value) * percent / 100
    assert Money(value).percent(percent).cents == int(exact.to_integral_value(ROUND_HALF_UP))


@given(st.lists(st.integers(-LARGEST_CENTS, LARGEST_CENTS)))
def test_sums_are_exact(values: list[int]) -> None:
    assert total(map(Money, values)) == Money(sum(values))


def test_half_a_cent_goes_up() -> None:
    assert Money(10_01).percent(Decimal("0.5")) == Money(5)
    assert Money(1_00).percent(Decimal("0.5")) == Money(1)
    assert Money(0) + Money(5) - Money(7) == -Money(2)
    assert str(-Money(123456)) == "-1,234.56"


@pytest.mark.parametrize("dollars", ["0.001", "12.345", "NaN", "Infinity"])
def test_a_fraction_of_a_cent_is_no_amount(dollars: str) -> None:
    with pytest.raises(AmountError, match="not a whole number of cents"):
        Money.from_dollars(Decimal(dollars))


def test_exact_dollars_become_cents() -> None:
    assert Money.from_dollars(Decimal("12.30")) == Money(12_30)
