"""Money of a charge that went back, in its details. A sum that is not told counts as nothing."""

from __future__ import annotations

from typing import Any

import pytest

from paydesk.domain.money import ZERO, Money
from paydesk.domain.refund import MoneyBack, RefundState
from paydesk.gateways.anddone.answers import to_money_back
from paydesk.gateways.http.call import Reply
from tests.gateways import made

REF = made.DETAIL["transactionId"]


def refunds(*amounts: object, status: str = "Refunded", counted: int | None = None) -> dict[str, Any]:
    rows = [
        {"transactionId": f"refund-{place}", "amount": amount, "transactionStatus": status}
        for place, amount in enumerate(amounts)
    ]
    return {"refundTransactions": {"data": rows, "totalRowCount": counted}}


def _numbered(number: str) -> dict[str, Any]:
    row = {"transactionId": number, "amount": 50.0, "transactionStatus": "Refunded"}
    return {"refundTransactions": {"data": [row], "totalRowCount": 1}}


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
    found = back(**told)
    assert found is not None
    told_sums = (found.refunded, found.charged_back, found.all_refunded, found.disputed)
    wanted = (expected.refunded, expected.charged_back, expected.all_refunded, expected.disputed)
    assert told_sums == wanted


@pytest.mark.parametrize("status", ["Authorized", "PendingForAuthorized", "Never heard of"])
def test_a_refund_counts_once_it_is_done(status: str) -> None:
    found = back(**refunds(50.0, status=status), transactionStatus="Refunded")
    assert found is not None
    assert (found.refunded, found.under_way) == (ZERO, True)
    assert [one.state for one in found.refunds] == [RefundState.ACCEPTED]


def test_a_list_is_whole_if_its_count_says_so() -> None:
    for counted, whole in ((1, True), (None, True), (2, False)):
        found = back(**refunds(50.0, counted=counted))
        assert found is not None
        assert found.whole is whole
    untold = back(refundTransactions=None)
    assert untold is not None
    assert not untold.whole


def test_our_reference_is_found_in_any_text() -> None:
    row = {"transactionId": "r", "amount": 50.0, "transactionStatus": "Success", "refundType": 2}
    ours = "PDAAAAAAAAAAAAAAAAAA-R1"
    for name in ("refundDetail", "remarks", "refundReason"):
        found = back(
            refundTransactions={"data": [row | {name: f"Wrong amount ({ours})"}], "totalRowCount": 1}
        )
        assert found is not None
        (one,) = found.refunds
        assert one.carries(ours)
        assert one.is_labeled
        assert one.without_fee
        assert not one.carries(ours + "1")


@pytest.mark.parametrize(
    "told",
    [
        {"transactionId": "another"}, {"transactionStatus": ""},
        {"referenceNo": "another", "transactionResult.merchantReference": "another"},
        refunds("many"), refunds(50.0, -50.0), refunds(0), refunds(None), {"refundTransactions": ["a row"]},
        *(_numbered(text) for text in made.STEERING),
    ],
)  # fmt: skip
def test_what_is_not_plainly_about_it_says_nothing(told: dict[str, Any]) -> None:
    assert back(**told) is None


@pytest.mark.parametrize("reply", [Reply(503, b"{}"), Reply(200, b"no JSON")])
def test_no_answer_says_nothing(reply: Reply) -> None:
    assert to_money_back(reply, made.request(), REF) is None
