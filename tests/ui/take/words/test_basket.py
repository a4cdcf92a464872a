"""Limits, as the Take payment page says them."""

from __future__ import annotations

from paydesk.domain.money import Money
from paydesk.domain.quote import OverLimit
from paydesk.ui.take.words import basket as words


def test_a_limit_is_said_with_the_excess() -> None:
    over = OverLimit(Money(15_000_00), Money(3_400_00))
    assert words.over_limit(over) == "$3,400.00 over the $15,000.00 limit"
