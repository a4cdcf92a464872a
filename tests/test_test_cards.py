"""No card number of a person is in the project: each that could be one is a published test number."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from stdnum import luhn

from tests.test_docs import FILES, ROOT

PUBLISHED = {
    "Stripe": [
        "4111111111111111", "4000000000000002", "4000000000000069", "4000000000000119", "4000000000000127",
        "4000000000000259", "4000000000006975", "4000000000009979", "4000000000009987", "4000000000009995",
        "4000056655665556", "4100000000000019", "5555555555554444", "2223003122003222", "5200828282828210",
        "5105105105105100", "378282246310005", "371449635398431", "6011111111111117", "30569309025904",
        "3056930009020004", "36227206271667", "3530111333300000", "3566002020360505",
    ],
    "AndDone, test cards of its portal": ["4000620000000007", "4151500000000008", "2223000048400011"],
    "PayPal": ["4012888888881881", "4222222222222", "6011000990139424", "6331101999990016", "38520000023237"],
    "Braintree": ["36148900647913", "6304000000000000"],
    "Worldpay": ["6759649826438453"],
    "UnionPay": ["6229256737248989"],
    "AMS360's own example": ["4111111122224333"],
}  # fmt: skip
"""Published test numbers by the page they are from. None belongs to an account."""
MADE = {
    "40006200000000071": "a published number with one digit more",
    "4000620000000015": "AndDone's range, the next number",
    "4539578763621486": "a generator's, for the refusal of a number that is no test card",
    "4000000000000000030": "19 digits, made",
    "5018000000000009": "Maestro, made",
    **dict.fromkeys(
        ["371449583614276", "4000583614275185", "5555583614273400", "6011583614279023"],
        "in no other number or text of the process, for the search of its memory",
    ),
    "2720992593319364": "Mastercard's second range, made",
    "6011364502062370230": "Discover with 19 digits, made",
    "617555019955501234": "two telephone numbers and an account, made",
}
"""Numbers that were made up here, and why."""
KNOWN = {number for numbers in PUBLISHED.values() for number in numbers} | MADE.keys()
SHAPE = re.compile(r"(?<![\d.])(?:\d[ -]?){12,18}\d(?!\d)")
TEXTS = {".py", ".md", ".toml", ".yaml", ".qss", ".spec", ".cfg", ".in", ""}


def card_numbers(text: str) -> Iterator[str]:
    """Yield the numbers in a text that have a card's first digit, length and check digit."""
    for found in SHAPE.finditer(text):
        digits = re.sub(r"\D", "", found[0])
        if digits[0] in "23456" and luhn.is_valid(digits):
            yield digits


@pytest.mark.parametrize("folder", ["src", "tests", "docs", "bench", "tools", "."])
def test_every_card_number_is_a_published_one(folder: str) -> None:
    root = ROOT
    paths = [
        path for path in FILES if path.is_file() and path.suffix in TEXTS and "__pycache__" not in path.parts
    ]
    inside = [
        path
        for path in paths
        if (path.parent == root if folder == "." else path.is_relative_to(root / folder))
    ]
    assert inside
    strange = {
        path.relative_to(root).as_posix(): sorted(numbers)
        for path in inside
        if (numbers := set(card_numbers(readable(path))) - KNOWN)
    }
    assert strange == {}, "Use a published test number, or say in MADE how it was made"


def readable(path: Path) -> str:
    return path.read_text("utf-8", errors="ignore")


@pytest.mark.parametrize("text", ["{}", "pan={},", "x {} y", "{:.4}-{:.12}"])
def test_another_number_is_found(text: str) -> None:
    number = "41111111199999"  # a range of no published number
    number += luhn.calc_check_digit(number)
    written = text.replace("{:.4}-{:.12}", f"{number[:4]}-{number[4:8]} {number[8:]}").replace("{}", number)
    assert set(card_numbers(written)) == {number}
    assert number not in KNOWN
