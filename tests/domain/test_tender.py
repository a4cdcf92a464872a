"""Cards, names and ZIPs as they are read over the phone."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn

from paydesk.domain.tender import (
    Brand,
    billing_zip_problem,
    brand_rule,
    card_number_problem,
    code_problem,
    digits_in,
    expiry_in,
    expiry_problem,
    holder_problem,
    holds_card_number,
    routing_problem,
    spaced,
)


@pytest.mark.parametrize(
    ("number", "brand"),
    [
        ("4", Brand.VISA),
        ("51", Brand.MASTERCARD),
        ("2221", Brand.MASTERCARD),
        ("2720", Brand.MASTERCARD),
        ("34", Brand.AMEX),
        ("37", Brand.AMEX),
        ("6011", Brand.DISCOVER),
        ("65", Brand.DISCOVER),
        ("644", Brand.DISCOVER),
    ],
)
def test_brands_are_known_by_their_first_digits(number: str, brand: Brand) -> None:
    rule = brand_rule(number)
    assert rule is not None
    assert rule.brand is brand


@pytest.mark.parametrize("number", ["", "2220", "2721", "50", "36", "35", "1", "6"])
def test_other_first_digits_belong_to_no_brand_taken_here(number: str) -> None:
    assert brand_rule(number) is None


@given(st.from_regex(r"4[0-9]{14}", fullmatch=True), st.integers(0, 14), st.integers(1, 9))
def test_a_single_wrong_digit_is_always_found(body: str, place: int, off: int) -> None:
    number = body + luhn.calc_check_digit(body)
    assert card_number_problem(number) == ""
    digit = str((int(number[place]) + off) % 10)
    assert card_number_problem(number[:place] + digit + number[place + 1 :])


@given(st.text(alphabet="0123456789", max_size=24))
def test_spacing_loses_no_digit(number: str) -> None:
    assert digits_in(spaced(number)) == number


@pytest.mark.parametrize("text", ["4111 1111 1111 1111", "ref 4111-1111-1111-1111 x", "378282246310005"])
def test_a_card_number_in_free_text_is_noticed(text: str) -> None:
    assert holds_card_number(text)
    assert holder_problem(text) == "That is a card number, not a name."


@pytest.mark.parametrize(
    "text", ["Dana Reyes", "call 2026-08-14 0815", "4111 1111 1111 1112", "1234567890123"]
)
def test_other_figures_in_free_text_are_let_be(text: str) -> None:
    assert not holds_card_number(text)
    assert holder_problem(text) == ""


@pytest.mark.parametrize("text", ["14414", "14414-1234", "144141234", "K1A 0B1", "SW1A 1AA"])
def test_zips_of_here_and_elsewhere_are_taken(text: str) -> None:
    assert billing_zip_problem(text) == ""


@pytest.mark.parametrize("text", ["", "1441", "144145", "14414-12", "K1A/0B1", "ABCDE", "A1B2C", "١٤٤١٤"])
def test_incomplete_zips_are_not(text: str) -> None:
    assert billing_zip_problem(text)


def test_expiries_end_with_their_month() -> None:
    today = date(2026, 8, 14)
    assert expiry_problem(8, 2026, today) == ""
    assert expiry_problem(7, 2026, today) == "This card has expired. Ask for another card."
    assert expiry_problem(13, 2027, today) == "The month of the expiry is 01 to 12."
    assert expiry_in("08/26") == expiry_in("0826") == expiry_in("8/2026") == (8, 2026)
    assert expiry_in("08/2") is None


def test_codes_are_as_long_as_the_brand_says() -> None:
    assert code_problem("1234", "378282246310005") == ""
    assert code_problem("123", "378282246310005") == "The security code is the four digits on the front."
    assert code_problem("123", "4111111111111111") == ""
    assert code_problem("١٢٣", "4111111111111111")


def test_routing_numbers_have_a_check_digit() -> None:
    assert routing_problem("021000021") == ""
    assert routing_problem("021000022")
    assert routing_problem("02100002") == "A routing number has 9 digits; this has 8."
