"""A telephone number identifies a caller only if it is a possible US number."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paydesk.domain.typed.phones import us_numbers


@pytest.mark.parametrize(
    "text",
    [
        "617-555-0142",
        "(617) 555-0142",
        "(617)555-0142",
        "617.555.0142",
        "617 555 0142",
        "6175550142",
        "+1 617 555 0142",
        "1-617-555-0142",
        "16175550142",
        "617-555-0142 ext. 4",
        "617-555-0142 x12",
        "617-555-0142x12",
        "(617)555-0142#12",
        "617-555-0142 cell",
        "Home: 617-555-0142",
        "617–555–0142",
        "６１７５５５０１４２",
        " 617-555-0142\n",
        "617-555-0142;ext=12",
        "tel:+1-617-555-0142",
        "617-555-0142p12",
        "617-555-0142 Ext. #4",
        "617-555-0142 opt 3",
        "Mobile(617)555-0142",
        "617-555-0142/0143",
    ],
)
def test_a_us_number_in_any_spelling(text: str) -> None:
    assert us_numbers(text) == {"6175550142"}


@pytest.mark.parametrize("text", ["888-555-0142", "800-555-0143", "212-555-0000", "202-555-0141"])
def test_rare_numbers_are_numbers(text: str) -> None:
    assert us_numbers(text) == {text.replace("-", "")}


def test_place_names_and_carriers_are_not_loaded() -> None:
    us_numbers("617-555-0142")
    assert not {"phonenumbers.geodata", "phonenumbers.carrierdata", "phonenumbers.tzdata"} & set(sys.modules)


def test_two_numbers_in_one_text_both_count() -> None:
    assert us_numbers("617-555-0142 / 617-555-0143") == {"6175550142", "6175550143"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0",
        "000-000-0000",
        "0000000000",
        "111-111-1111",
        "222-222-2222",
        "999-999-9999",
        "123-456-7890",
        "1234567890",
        "987-654-3210",
        "234-567-8901",
        "617-000-0000",
        "617-111-1111",
        "617-999-9999",
        "617-555-1212",
        "555-555-5555",
        "411-555-0142",
        "911-555-0142",
        "617-911-1234",
        "617-411-1234",
        "222-333-4444",
        "555-666-7777",
        "333-555-0142",
        "345-678-9012",
        "456-789-0123",
        "765-432-1098",
        "232-323-2323",
        "212-212-2121",
        "555-0142",
        "5550142",
        "617-555-014",
        "617-555-01422",
        "117-555-0142",
        "617-155-0142",
        "+44 20 7946 0000",
        "911",
        "1001",
        "02108",
        "none",
        "n/a",
        "-",
        "Dana Reyes",
    ],
)
def test_fillers_and_other_texts_are_no_identifier(text: str) -> None:
    assert us_numbers(text) == frozenset()


@given(st.text(max_size=40))
def test_any_text_has_an_answer(text: str) -> None:
    assert all(len(number) == 10 and number.isascii() for number in us_numbers(text))
