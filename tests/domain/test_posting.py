"""Balances read before and after a posting, and what they prove."""

from __future__ import annotations

import pytest

from paydesk.domain.errors import BugError
from paydesk.domain.money import Money
from paydesk.domain.posting import Verdict, agency_receipt, verdict
from tests.fakes.world import START, Counter


@pytest.mark.parametrize(
    ("before", "now", "proven"),
    [
        ({"50123": 100}, {"50123": 0}, Verdict.CONTAINED),
        ({"50123": 100}, {"50123": 100}, Verdict.UNCHANGED),
        ({"50123": 100}, {"50123": 50}, Verdict.OTHERWISE),
        ({"50123": 100}, {}, Verdict.OTHERWISE),
        ({}, {"50123": 0}, Verdict.OTHERWISE),
    ],
)
def test_only_balances_that_fell_by_what_was_paid_prove_a_posting(
    counter: Counter, before: dict[str, int], now: dict[str, int], proven: Verdict
) -> None:
    counter.source.owe("50123", 100)
    receipt = agency_receipt(counter.pay("50123"), START.date())
    read_before, read_now = ({n: Money(c) for n, c in one.items()} for one in (before, now))
    assert verdict(receipt, read_before, read_now) is proven


def test_what_was_never_approved_has_nothing_to_post(counter: Counter) -> None:
    counter.source.owe("50123", 100)
    counter.processor.decline_next("insufficient funds")
    with pytest.raises(BugError, match="no receipt to post"):
        agency_receipt(counter.pay("50123"), START.date())
