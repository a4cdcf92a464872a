"""The technology fee in AndDone's answers: told, or not told, and never zero by mistake."""

from __future__ import annotations

from typing import Any

import pytest

from paydesk.domain.money import Money
from paydesk.domain.outcome import Approved
from paydesk.gateways.anddone.answers import to_finding, to_outcome
from tests.gateways import made


def told(**tender: Any) -> Approved:
    """Return the approval of 178.00, quoted 6.23 on top, from an answer with these amounts."""
    changes = {f"tenderInfo.{name}": value for name, value in tender.items()}
    replies = made.answered(201, made.detail(changes)), made.answered(200, made.detail(changes))
    outcome = to_outcome(replies[0], made.request())
    assert isinstance(outcome, Approved)
    assert to_finding(replies[1], made.request()) == outcome
    return outcome


@pytest.mark.parametrize(
    ("tender", "named"),
    [
        ({"adjustmentAmount": 6.23}, 623),
        ({"adjustmentAmount": 5.6}, 560),
        ({"adjustmentAmount": None, "convenienceAmount": 6.23}, 623),
        ({"adjustmentAmount": 0, "convenienceAmount": 6.23}, 623),
        ({"convenienceAmount": 0}, 623),
        ({"convenienceAmount": 6.23}, 623),
        ({"convenienceAmount": 1.00}, None),
        ({"adjustmentAmount": 6.23, "paymentAdjustmentType": "None"}, None),
        ({"adjustmentAmount": 6.23, "paymentAdjustmentType": None}, None),
        ({"adjustmentAmount": -5, "paymentAdjustmentType": "CashDiscount"}, None),
        ({"adjustmentAmount": 6.23, "paymentAdjustmentType": "Surcharge"}, 623),
        ({"adjustmentAmount": 6.23, "paymentAdjustmentType": 2}, 623),
    ],
)
def test_an_answer_that_contradicts_itself_tells_no_fee(tender: dict[str, Any], named: int | None) -> None:
    """As in every published sample: captureAmount is the amount, and an adjustment stands beside it."""
    approved = told(captureAmount=178.00, **tender)
    assert approved.fee is None
    assert approved.charged == Money(184_23), "what was quoted"
    assert approved.named_fee == (None if named is None else Money(named))


@pytest.mark.parametrize(
    "tender",
    [
        {},
        {"adjustmentAmount": 0.0},
        {"convenienceAmount": 0},
        {"adjustmentAmount": 5, "convenienceAmount": 6.23},
        {"adjustmentAmount": 5, "paymentAdjustmentType": "CashDiscount"},
        {"adjustmentAmount": 5, "paymentAdjustmentType": "None"},
    ],
)
@pytest.mark.parametrize("captured", [None, 0.0])
def test_without_a_captured_amount_only_one_plain_fee_is_told(
    tender: dict[str, Any], captured: float | None
) -> None:
    approved = told(**{"captureAmount": captured, "adjustmentAmount": None, **tender})
    assert (approved.fee, approved.charged) == (None, Money(184_23))


@pytest.mark.parametrize(
    ("tender", "fee"),
    [
        ({"captureAmount": 184.23}, 623),
        ({"captureAmount": 184.24, "adjustmentAmount": None}, 624),
        ({"captureAmount": 178, "adjustmentAmount": None}, 0),
        ({"captureAmount": 178, "adjustmentAmount": 0, "convenienceAmount": 0}, 0),
        ({"captureAmount": None, "adjustmentAmount": 0, "convenienceAmount": 5}, 500),
        ({"captureAmount": None, "adjustmentAmount": 5, "convenienceAmount": 5}, 500),
        ({"captureAmount": None, "adjustmentAmount": 5, "convenienceAmount": 0}, 500),
    ],
)
def test_a_consistent_answer_tells_the_fee(tender: dict[str, Any], fee: int) -> None:
    approved = told(**tender)
    assert (approved.fee, approved.charged) == (Money(fee), Money(178_00 + fee))


@pytest.mark.parametrize(
    ("sent", "cents", "rounded"),
    [
        (184.23, 184_23, ""),
        (184.2299999999999, 184_23, "184.2299999999999"),
        (183.6782, 183_68, "183.6782"),
        (183.6749, 183_67, "183.6749"),
        (183.6751, 183_68, "183.6751"),
        (184.0049, 184_00, "184.0049"),
    ],
)
def test_an_amount_a_hair_off_a_cent_is_rounded_and_remembered(sent: float, cents: int, rounded: str) -> None:
    approved = told(captureAmount=sent)
    assert (approved.charged, approved.rounded) == (Money(cents), rounded)
