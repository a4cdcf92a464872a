"""Every meaning of a search text."""

from __future__ import annotations

import pytest

from paydesk.domain.invoices.search_terms import closeness, wanted_in
from paydesk.domain.money import Money


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1,250.00", Money(1_250_00)),
        ("$1250", Money(1_250_00)),
        ("12.5", Money(12_50)),
        ("7.", Money(7_00)),
        ("1,25.00", None),
        ("999999999", None),
        ("bakery", None),
    ],
)
def test_an_amount_is_found_only_where_it_can_be_one(text: str, amount: Money | None) -> None:
    assert wanted_in(text).amount == amount


def test_nothing_typed_is_close_to_nothing() -> None:
    assert closeness((), ("sample", "bakery")) == 0.0
    assert closeness(("bak",), ("sample", "bakery")) > 0.0
    assert closeness(("zzz",), ("sample", "bakery")) == 0.0


@pytest.mark.parametrize(
    "typed", ["50123", "５０１２３", "٥٠١٢٣", "]C150123", "\x0250123\x03", "#50123", "5\u200b0123"]
)
def test_a_number_is_found_in_any_digits_and_as_scanned(typed: str) -> None:
    assert wanted_in(typed).digits == "50123"
