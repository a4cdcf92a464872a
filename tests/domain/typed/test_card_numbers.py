"""Card numbers are found in a free text however they are written, and ordinary figures are let be."""

from __future__ import annotations

import cProfile
import random
import re
from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn

from paydesk.domain.typed.card_numbers import (
    CODE_REMOVED,
    REMOVED,
    any_holds_card_data,
    card_numbers_in,
    holds_card_data,
    network_of,
    without_card_data,
)
from paydesk.store.verify.card_shapes import looks_like_card

VISA = "4111111111111111"

AS_WRITTEN = [
    VISA,
    "4111 1111 1111 1111",
    "4111-1111-1111-1111",
    "4111 1111 1111 1111 03/30",
    "4111111111111111 0330",
    "4111111111111111 03/30 737",
    "4111 1111 1111 1111 737",
    "4111111111111111, 03/30",
    "card 4111111111111111 exp 0330",
    "12 4111111111111111",
    "Invoice 50123 4111111111111111",
    "50123 4111 1111 1111 1111",
    "4111.1111.1111.1111",
    "4111  1111  1111  1111",
    "4111\u00a01111\u00a01111\u00a01111",
    "4111\u20131111\u20131111\u20131111",
    "4111_1111_1111_1111",
    "4111/1111/1111/1111",
    "4111 - 1111 - 1111 - 1111",
    "4111\t1111\t1111\t1111",
    "4111\n1111\n1111\n1111",
    "４１１１１１１１１１１１１１１１",
    "٤١١١١١١١١١١١١١١١",
    "378282246310005",
    "3782 822463 10005",
    "378282246310005 0330",
    "3530111333300000",
    "30569309025904",
    "36148900647913",
    "6229256737248989",
    "6759649826438453",
    "5018000000000009",
    "4000000000000000030",
    "%B4111111111111111^DOE/JANE^30031010000000000?",
    ";4111111111111111=30031010000000000?",
    "4111,1111,1111,1111",
    "4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1",
    "1 (617) 555-0142 4111111111111111",
    "4111\u200b1111\u200b1111\u200b1111",
    "41111111\u00ad11111111",
    "(4111)(1111)(1111)(1111)",
]
"""Every spelling of the first trial. 30 of these 41 were not noticed."""

NEIGHBORS = [
    "card4111111111111111exp",
    "CC#4111111111111111/0330/737",
    "4111*1111*1111*1111",
    "4111 · 1111 · 1111 · 1111",
    "4111|1111|1111|1111",
    "4111\\1111\\1111\\1111",
    "4111→1111→1111→1111",
    "4111\u20111111\u20111111\u20111111",
    "4111\u20091111\u30001111\u205f1111",
    "4111\u20601111\ufeff1111\u200d1111",
    "41-11-11-11-11-11-11-11",
    "411 111 111 111 111 1",
    "41111111 11111111",
    "411111 1111 111111",
    "41111 1111 1111 111",
    "4111 11111111 1111",
    "4111111111111111" + "0330",
    "4111111111111111" + "0330737",
    "4️⃣1️⃣1️⃣1️⃣ 1111 1111 1111",
    "४१११ ११११ ११११ ११११",
    "④①①①①①①①①①①①①①①①",
    "4⑪⑪⑪⑪⑪⑪⑪1",
    "𝟒𝟏𝟏𝟏 𝟏𝟏𝟏𝟏 𝟏𝟏𝟏𝟏 𝟏𝟏𝟏𝟏",
    "Policy HO-204417, 2223 0000 4840 0011",
    "5555555555554444 thanks",
    "call 617-555-0142, then 6011 1111 1111 1117",
    "3056 930902 5904",
    "5105-1051-0510-5100 ZIP 02108",
    "4222222222222",
    "4222 222 222 222",
    "41111 11111 111111",
    "4 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 3 0",
    "4111-1111 1111/1111",
    "3782-8224-6310-005",
    "pan=4111111111111111&cvv=123",
    '{"number": "4111 1111 1111 1111"}',
    "08/14/2026 4111 1111 1111 1111 $1,250.00",
]

WITH_CODES = [
    "exp 12/27 cvv 123 card 4111111111111111",
    "12/27 123 4111 1111 1111 1111",
    "1227 4111111111111111",
    "CVV 737, 4111.1111.1111.1111",
    "valid thru 03/2030, CID 1234: 3782 822463 10005",
    "code 737 / 4111/1111/1111/1111",
    "good thru 12-27 4111111111111111",
    "4111 1111 1111 1112 cvv 123",
    "cvc2: 123, mistyped 4111111111111112",
    "Security Code 737 (5555555555554443)",
    "CVV 737",
    "cvv2: 1234 per phone",
    "the security code is 737",
    "SecurityCode=737",
    "card verification code 737",
    "c\u200bvv 7\u200b37",
]
"""Codes and expiries beside a number, also before it. Beside a code, a mistyped number counts, too."""

ORDINARY = [
    "Security First Insurance, 4471",
    "Policy 1234567890123 exp 12/27",
    "security code 02108-1234",
    "ACVV 123",
    "Exp 08/14/2027, code 12",
    "Dana Reyes",
    "call 2026-08-14 0815",
    "4111 1111 1111 1112",
    "1234567890123",
    "617-555-0142 617-555-0143 02108-1234",
    "(617) 555-0142, (617) 555-0143",
    "50123 50124 50125 50126",
    "50123, 50124, 50140, 50177, 50200",
    "501234 501235 501236",
    "08/14/2026 - 08/14/2027",
    "2026-08-14 2027-08-14",
    "10/01/2026 10:15:30 PM",
    "550e8400-e29b-41d4-a716-446655440000",
    "BOP-4471-2026-01",
    "HO-204417",
    "$1,250.00 + $43.75 = $1,293.75",
    "12-3456789",
    "WC 0012 3456 7890",
    "1250 Elm St Unit 4, Boston MA 02108-1234",
    "20260814081530123456",
    "9400111202555000000000",
    "",
]


@pytest.mark.parametrize("text", AS_WRITTEN + NEIGHBORS)
def test_a_card_number_is_noticed_however_it_is_written(text: str) -> None:
    assert holds_card_data(text)
    assert card_numbers_in(text)
    assert any_holds_card_data(["Café", text])
    cleaned = without_card_data(text)
    assert cleaned.endswith(REMOVED)
    assert not holds_card_data(cleaned)


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_figures_are_let_be(text: str) -> None:
    assert not holds_card_data(text)
    assert card_numbers_in(text) == ()
    assert without_card_data(text) is text


_SEPARATORS = st.text(st.characters(exclude_categories=["L", "N", "Cs"]), min_size=1, max_size=3)
_AROUND = st.text(st.characters(categories=["L", "P", "Z"]), max_size=12)
_PREFIXES = st.sampled_from(["4", "51", "55", "2221", "2720", "6011", "644", "65", "3528", "3589", "62"])


@given(_PREFIXES, st.integers(0, 10**15 - 1), st.lists(_SEPARATORS, min_size=3, max_size=3), _AROUND, _AROUND)
def test_any_separator_between_any_words(
    prefix: str, rest: int, separators: list[str], before: str, behind: str
) -> None:
    body = (prefix + f"{rest:015d}")[:15]
    number = body + luhn.calc_check_digit(body)
    groups = [number[at : at + 4] for at in (0, 4, 8, 12)]
    text = "".join(a + b for a, b in zip(groups, [*separators, ""], strict=True))
    assert holds_card_data(f"{before}{text}{behind}")
    assert number in card_numbers_in(f"{before}{text}{behind}")


@given(st.integers(0, 10**14 - 1), st.sets(st.integers(1, 15), max_size=15), st.sampled_from(" -./_·,"))
def test_pieces_of_any_size(rest: int, cuts: set[int], separator: str) -> None:
    body = f"4{rest:014d}"
    number = body + luhn.calc_check_digit(body)
    edges = [0, *sorted(cuts), 16]
    pieces = [number[a:b] for a, b in pairwise(edges)]
    text = separator.join(pieces)
    eights_in_a_row = [len(piece) for piece in pieces] == [8, 8]
    if separator not in "./-," or eights_in_a_row:  # with those, some pieces are dates, phones or amounts
        assert holds_card_data(text)


@pytest.mark.parametrize(
    "sizes", [(5, 5, 6), (6, 10), (10, 6), (7, 9), (4, 6, 6), (5, 5, 5, 1), (9, 7), (6, 6, 4)]
)
@pytest.mark.parametrize("separator", [" ", ".", "-", "/", "_", "  ", "\n", ":", "·", " - "])
def test_odd_groups_of_a_usual_number_count(sizes: tuple[int, ...], separator: str) -> None:
    begins = [sum(sizes[:place]) for place in range(len(sizes))]
    text = separator.join(VISA[begin : begin + size] for begin, size in zip(begins, sizes, strict=True))
    assert holds_card_data(text)


def test_invoices_in_a_row_are_no_card() -> None:
    """37828 22463 10005 is American Express's test number."""
    assert not holds_card_data("37828 22463 10005")


@given(st.text())
def test_any_text_can_be_cleaned(text: str) -> None:
    assert not holds_card_data(without_card_data(text))


def test_one_of_many_texts_is_enough() -> None:
    many = ["Sample Bakery LLC", "Café Renée", "617-555-0142"] * 100
    assert not any_holds_card_data(many)
    assert not any_holds_card_data(())
    assert not any_holds_card_data(["4111 1111", "1111 1111"]), "two cells are not one text"
    for text in AS_WRITTEN:
        assert any_holds_card_data([*many, text])


def test_an_unusual_length_counts_only_alone() -> None:
    assert card_numbers_in("4111 1111 1111 1111 exp 03/30 4222222222222") == (VISA,)
    assert card_numbers_in("4222222222222") == ("4222222222222",)
    assert card_numbers_in("4111111111111111 5555555555554444") == (VISA, "5555555555554444")


@pytest.mark.parametrize("text", WITH_CODES)
def test_no_code_and_no_expiry_is_left_beside_a_number(text: str) -> None:
    assert holds_card_data(text)
    cleaned = without_card_data(text)
    assert not holds_card_data(cleaned)
    assert not re.search("[0-9]", cleaned)


def test_what_stands_before_a_number_stays() -> None:
    for before in ("Invoice 50123,", "$1,250.00", "Unit 12 -", "call 617-555-0142,"):
        assert without_card_data(f"{before} 4111 1111 1111 1111 x") == f"{before} {REMOVED}"
    assert without_card_data("cvv 123 per phone call") == f"{CODE_REMOVED} per phone call"


def test_what_stands_behind_a_number_goes_with_it() -> None:
    noted = "CC 4111 1111 1111 1111 exp 12/27 cvv 123 per phone call"
    assert without_card_data(noted) == f"CC {REMOVED}"


@pytest.mark.parametrize(
    ("number", "network"),
    [
        ("3530", "JCB"),
        ("3614", "Diners Club"),
        ("3056", "Diners Club"),
        ("6229", "UnionPay"),
        ("8171", "UnionPay"),
        ("6759", "Maestro"),
        ("5018", "Maestro"),
        ("2200", "Mir"),
        ("4", "Visa"),
        ("9", ""),
        ("5044", ""),
        ("", ""),
    ],
)
def test_networks_are_known_by_their_first_digits(number: str, network: str) -> None:
    assert network_of(number) == network


def _digits(made: random.Random, count: int) -> str:
    return str(made.randint(1, 9)) + "".join(made.choice("0123456789") for _ in range(count - 1))


def _phone(made: random.Random) -> str:
    shape = made.choice(["{}-{}-{}", "({}) {}-{}", "{}.{}.{}", "{} {} {}", "{}{}{}", "1-{}-{}-{}"])
    return shape.format(made.randint(201, 989), made.randint(200, 999), _digits(made, 4))


_OFFICE: dict[str, tuple[Callable[[random.Random], str], float]] = {
    "policy": (lambda made: f"{_digits(made, 3)}-{_digits(made, 7)}-{_digits(made, 2)}", 0.001),
    "phone and ZIP": (lambda made: f"{_phone(made)} {_digits(made, 5)}-{_digits(made, 4)}", 0.002),
    "two phones": (lambda made: f"{_phone(made)} / {_phone(made)}", 0.005),
    "invoice and phone": (lambda made: f"{_digits(made, 5)} {_phone(made)}", 0.005),
    "five invoices": (lambda made: " ".join(_digits(made, 5) for _ in range(5)), 0.001),
    "13 to 19 digits": (lambda made: _digits(made, made.randint(13, 19)), 0.04),
}


@pytest.mark.parametrize("kind", _OFFICE)
def test_false_alarms_stay_rare(kind: str) -> None:
    write, most = _OFFICE[kind]
    made = random.Random(7)
    alarms = sum(holds_card_data(write(made)) for _ in range(4000))
    assert alarms / 4000 <= most


@pytest.mark.parametrize(
    "text", ["cvv 777cvv 737", "cvv777cvv737", "cvv 777cvv 737cvv 123", "exp 12/28cvv 737"]
)
def test_a_code_right_behind_a_digit_is_found(text: str) -> None:
    """Found by the fuzzer: without the first code, the second began a word, and was found only then."""
    assert holds_card_data(text)
    assert "7" not in without_card_data(text)
    assert not holds_card_data(without_card_data(text))


MARKED_UP = """4012&nbsp;8888&nbsp;8888&nbsp;1881|4012&#160;8888&#160;8888&#160;1881|4012%2D8888%2D8888%2D1881
<b>4012</b> <b>8888</b> <b>8888</b> <b>1881</b>|<td>4012</td><td>8888</td><td>8888</td><td>1881</td>
40<b>128888</b>888818<i>81</i>|4012&amp;nbsp;8888&amp;nbsp;8888&amp;nbsp;1881|3714%20496353%2098431
&#52;&#48;&#49;&#50;&#56;&#56;&#56;&#56;&#56;&#56;&#56;&#56;&#49;&#56;&#56;&#49;|4012<br/>8888<br/>8888<br/>1881
cvv&nbsp;123|<b>CVV</b>: 123"""

APART = """4012 dash 8888 dash 8888 dash 1881|4012 space 8888 space 8888 space 1881|3714x496353x98431
4012 then 8888 then 8888 then 1881|4012 Dash 8888 dash 8888 DASH 1881|4012一8888一8888一1881
4012ー8888ー8888ー1881|4012\u31648888\u31648888\u31641881|4012\u115f8888\u115f8888\u115f1881|4012ـ8888ـ8888ـ1881
$4,012,888,888,881,881|$4,012,888,888,881,881.00|4,012,888,888,881,881.00"""
"""The last line is what a spreadsheet makes of a number."""

SAID = """CVV code: 123|cvv code is 123|cvv number 123|CVV no. 123|C.V.V. 123|cvv 1 2 3|cvv 1-2-3|CVV was 123
security code number 123"""


@pytest.mark.parametrize("text", "\n".join((MARKED_UP, APART, SAID)).replace("\n", "|").split("|"))
def test_neither_markup_nor_words_in_the_gaps_hide_card_data(text: str) -> None:
    assert holds_card_data(text)
    assert any_holds_card_data(["Smith & Sons", text])
    cleaned = without_card_data(f"Invoice 50123 {text}")
    assert not re.search("[0-9]", cleaned.removeprefix("Invoice 50123"))


@pytest.mark.parametrize(
    "text",
    [
        "social security number 123-45-6789",
        "Smith &Sons 5% off",
        "4012 and 8888 and 8888 and 1882",
        "A &lt; B, 100%25",
        "AB 4012 CD 8888 EF 8888 GH 1881",
        "<b>Policy 4471</b> 10/01/2026-10/01/2027",
        "$12,345,678.90 $98,765,432.10",
        "Kaʻimi 50123",
        "cvv on file",
    ],
)
def test_markup_and_words_around_ordinary_figures_are_let_be(text: str) -> None:
    assert not holds_card_data(text)
    assert not any_holds_card_data([text])
    assert without_card_data(text) is text


def test_a_number_behind_markup_does_not_save_the_one_before() -> None:
    cleaned = without_card_data("5105&nbsp;1051&nbsp;0510&nbsp;5100, or 4012 8888 8888 1881")
    assert cleaned == REMOVED
    assert card_numbers_in("4012&nbsp;8888&nbsp;8888&nbsp;1881") == ("4012888888881881",)


def test_deeper_layers_than_anybody_writes_are_left() -> None:
    assert holds_card_data("%252534012888888881881"), "three layers"
    assert not holds_card_data("%25252534012888888881881"), "four"


def test_layers_of_markup_cost_no_more_than_their_length() -> None:
    for text in ("%25" * 20_000, "&amp;" * 20_000, "<" * 50_000, "<a" * 50_000, "1234 dash " * 10_000):
        assert not holds_card_data(text)


@pytest.mark.parametrize(
    "text", ["1.", "1 2 ", "4 1 2 ", "4112 ", "4.4/4:", "41 ", "%25", "$1,111,", "&lt;", "4111 dash "]
)
@pytest.mark.parametrize("eye", [holds_card_data, looks_like_card])
def test_a_text_of_digits_that_are_no_card_is_read_quickly(text: str, eye: Callable[[str], bool]) -> None:
    """A window of digits begins at each of them. Once, a description of 4,000 characters took two seconds.

    Calls of functions are counted, because seconds depend on the machine.
    """
    hostile = text * (2_000 // len(text))
    profile = cProfile.Profile()
    assert not profile.runcall(eye, hostile)
    assert sum(entry.callcount for entry in profile.getstats()) < 350 * len(hostile)


PAN = "4012888888881881"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (f"Jane 737 09/28 {PAN}", f"Jane {REMOVED}"),
        (f"737 exp 09/28 {PAN}", f"exp {REMOVED}"),
        (f"737/1228/{PAN}", REMOVED),
        (f"737 card {PAN}", f"card {REMOVED}"),
        (f"Jane Doe 09/28 737 card no {PAN}", f"Jane Doe card no {REMOVED}"),
        (f"exp 9/28 {PAN}", f"exp {REMOVED}"),
        (f"exp date: 9/2028 {PAN}", f"exp date: {REMOVED}"),
        (f"exp 2028-09 {PAN}", f"exp {REMOVED}"),
        (f"call 617-555-0142, {PAN}", f"call 617-555-0142, {REMOVED}"),
        (f"02108 {PAN}", f"02108 {REMOVED}"),
        (f"{PAN}09/28 thanks", REMOVED),
        (f"pay {PAN}12-2028", f"pay {REMOVED}"),
    ],
)
def test_expiry_and_code_beside_a_number_go_with_it(text: str, kept: str) -> None:
    assert without_card_data(text) == kept


@pytest.mark.parametrize(
    "text",
    ["CVC 737", "cvc: 737", "CCV 737", "737 (CVV)", "737 is the CVV", "CVV on the back is 737", "CVV-2 737"],
)
def test_a_code_goes_by_any_of_its_names(text: str) -> None:
    assert without_card_data(text) == CODE_REMOVED


@pytest.mark.parametrize("text", ["The CVC Group", "CVC 12345", "Policy CVN 1234-77", "form 737 is due"])
def test_other_words_and_numbers_are_no_code(text: str) -> None:
    assert without_card_data(text) == text
