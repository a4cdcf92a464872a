"""Cards, names and ZIPs as they are read over the phone."""

import pickle
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn
from stdnum.us import rtn

from paydesk.domain.tender import (
    AccountHolder,
    AccountType,
    BankAccount,
    Brand,
    Card,
    TenderKind,
    account_problem,
    billing_zip_problem,
    brand_rule,
    card_number_problem,
    code_problem,
    expiry_problem,
    holder_problem,
    routing_problem,
)
from paydesk.domain.typed.card_numbers import holds_card_data
from paydesk.domain.typed.expiry import expiry_in
from paydesk.domain.typed.sealed import Sealed


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


@pytest.mark.parametrize("text", ["4111 1111 1111 1111", "ref 4111-1111-1111-1111 x", "378282246310005"])
def test_a_card_number_in_free_text_is_noticed(text: str) -> None:
    assert holds_card_data(text)
    assert holder_problem(text) == "That's a card number. Enter the name."


@pytest.mark.parametrize(
    "text", ["Dana Reyes", "call 2026-08-14 0815", "4111 1111 1111 1112", "1234567890123"]
)
def test_other_figures_in_free_text_are_let_be(text: str) -> None:
    assert not holds_card_data(text)
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
    assert expiry_problem(7, 2026, today).startswith("Check the date: this card has expired.")
    assert expiry_problem(13, 2027, today) == "Month must be 01–12."
    assert expiry_problem(8, 2046, today) == ""
    assert expiry_problem(8, 2047, today) == "Check the expiration year."
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
    assert routing_problem("02100002") == "A routing number has 9 digits. This one has 8."


def test_a_card_never_leaves_memory() -> None:
    number, code = Sealed("4000620000000007"), Sealed("737")
    card = Card(TenderKind.CREDIT_CARD, number, 3, 2030, code, "Dana Reyes", "02108")
    assert "4000" not in repr(card)
    with pytest.raises(TypeError, match="must not leave memory"):
        pickle.dumps(card)


def test_a_wiped_tender_has_no_number() -> None:
    card = Card(TenderKind.CREDIT_CARD, Sealed("4000620000000007"), 3, 2030, Sealed("737"), "Dana", "02108")
    account = BankAccount(
        "011000138", Sealed("123456789"), AccountType.CHECKING, AccountHolder.PERSONAL, "Dana"
    )
    assert (card.last4, account.last4, card.brand) == ("0007", "6789", Brand.VISA)
    card.wipe()
    account.wipe()
    assert [list(digits) for digits in (card.number, card.code, account.account)] == [[], [], []]
    assert (card.last4, account.last4, card.brand, account.routing) == ("", "", None, "011000138")


@pytest.mark.parametrize(
    "routing",
    ["000000000", "500000005", "500000128", "130000006", "200000001", "331111119", "600000004", "731111115",
     "790000001", "811111111", "990000006", "001111110"],
)  # fmt: skip
def test_no_bank_has_a_routing_number_that_begins_like_these(routing: str) -> None:
    assert routing_problem(routing) == f"No routing number starts with {routing[:2]}. Ask for it again."


@pytest.mark.parametrize(
    "routing", ["011000015", "021000021", "121000248", "211070175", "322271627", "611111114", "722222223"]
)
def test_routing_numbers_that_banks_have(routing: str) -> None:
    assert routing_problem(routing[:8] + rtn.calc_check_digit(routing[:8])) == ""


@pytest.mark.parametrize("account", ["0000", "00000000", "0" * 17])
def test_an_account_number_is_not_all_zeros(account: str) -> None:
    assert account_problem(account, account) == "An account number can't be all zeros. Ask for it again."


@pytest.mark.parametrize("account", ["0001", "1000", "000123456789"])
def test_an_account_number_may_begin_or_end_with_zeros(account: str) -> None:
    assert account_problem(account, account) == ""


TAKES = "PayDesk takes Visa, Mastercard, American Express and Discover."


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("3530111333300000", f"This is a JCB card. {TAKES}"),
        ("30569309025904", f"This is a Diners Club card. {TAKES}"),
        ("36148900647913", f"This is a Diners Club card. {TAKES}"),
        ("6229256737248989", f"This is a UnionPay card. {TAKES}"),
        ("8171999927660000", f"This is a UnionPay card. {TAKES}"),
        ("6759649826438453", f"This is a Maestro card. {TAKES}"),
        ("9999", TAKES),
        ("2721000000000000", TAKES),
        ("411111111111111111", "Visa numbers have 16 digits. This one has 18."),
        ("37828224631000", "American Express numbers have 15 digits. This one has 14."),
        ("4000000000000000030", ""),
        ("4222222222222", ""),
        ("6011364502062370230", ""),
        ("2223000048400011", ""),
        ("2720992593319364", ""),
    ],
)
def test_a_card_that_is_not_taken_is_named(number: str, said: str) -> None:
    assert card_number_problem(number) == said


def test_nothing_typed_and_all_zeros_are_said() -> None:
    assert card_number_problem("") == "Enter the card number."
    assert holder_problem("  ") == "Enter the name on the card or account."
    assert account_problem("123", "123") == "An account number has 4 to 17 digits."
    assert account_problem("0000", "0000").startswith("An account number can't be all zeros")
    assert account_problem("1234", "1235").startswith("Account numbers don't match")
    assert account_problem("1234", "1234") == ""
