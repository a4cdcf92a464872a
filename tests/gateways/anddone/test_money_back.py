"""Money of a charge that went back, in its details. A sum that is not told counts as nothing."""

from __future__ import annotations

from typing import Any

import pytest

from paydesk.domain.money import ZERO, Money
from paydesk.domain.outcome import MoneyBack
from paydesk.gateways.anddone.answers import to_money_back
from paydesk.gateways.http.call import Reply
from tests.gateways import made

REF = made.DETAIL["transactionId"]


def refunds(*amounts: object, status: str = "Refunded", counted: int | None = None) -> dict[str, Any]:
    rows = [{"amount": amount, "transactionStatus": status} for amount in amounts]
    return {"refundTransactions": {"data": rows, "totalRowCount": counted}}


def back(**told: Any) -> MoneyBack | None:
    return to_money_back(made.answered(200, made.detail(told)), made.request(), REF)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({}, MoneyBack()),
        (refunds(50.0, 25.25, counted=2), MoneyBack(Money(75_25))),
        (refunds(50.0), MoneyBack(Money(50_00))),
        (refunds(50.0, counted=3), MoneyBack()),
        (refunds(50.0, status="Success", counted=1), MoneyBack(Money(50_00))),
        (refunds(50.0, status="Failed", counted=1), MoneyBack()),
        (refunds(50.0, status="RefundedReversed"), MoneyBack()),
        ({"transactionStatus": "Refunded"}, MoneyBack(all_refunded=True)),
        (
            {"transactionStatus": "Chargeback", "chargeBackAmount": 184.23},
            MoneyBack(ZERO, Money(184_23), disputed=True),
        ),
        (
            refunds(50.0, status="Authorized")
            | {"transactionStatus": "Chargeback", "chargeBackAmount": 184.23},
            MoneyBack(ZERO, Money(184_23), disputed=True),
        ),
    ],
)  # fmt: skip
def test_money_back_is_what_is_plainly_told(told: dict[str, Any], expected: MoneyBack) -> None:
    assert back(**told) == expected


@pytest.mark.parametrize(
    "told",
    [
        {"transactionId": "another"}, {"transactionStatus": ""},
        {"referenceNo": "another", "transactionResult.merchantReference": "another"},
        refunds(50.0, status="Authorized"), refunds(50.0, status="PendingForAuthorized"),
        refunds(50.0, status="Never heard of") | {"transactionStatus": "Refunded"},
        refunds("many"), {"refundTransactions": ["a row"]},
    ],
)  # fmt: skip
def test_what_is_not_plainly_about_it_says_nothing(told: dict[str, Any]) -> None:
    assert back(**told) is None


@pytest.mark.parametrize("reply", [Reply(503, b"{}"), Reply(200, b"no JSON")])
def test_no_answer_says_nothing(reply: Reply) -> None:
    assert to_money_back(reply, made.request(), REF) is None
