"""The status of a listed charge, whatever its amount, and odd corners of rows."""

from __future__ import annotations

from typing import Any

import pytest

from paydesk.domain.outcome import Approved, Charge, ChargeStatus, Voided
from paydesk.gateways.anddone.answers import to_listed_status
from paydesk.gateways.anddone.processor import AndDone
from paydesk.gateways.http.call import Reply
from paydesk.sandbox import Sandbox
from tests.gateways import made
from tests.gateways.conftest import anddone_config
from tests.gateways.hostile import Hostile, reply

REF = made.DETAIL["transactionId"]
LISTED = Charge(REF, made.TITLE, None, None, True, True, None, "Authorized", "", frozenset())


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({}, ChargeStatus.VOIDABLE),
        ({"subTotalAmount": 1.0, "tenderInfo.amount": 2.0}, ChargeStatus.VOIDABLE),
        ({"transactionStatus": "Cancelled"}, ChargeStatus.CANCELED),
        ({"transactionStatus": 8}, ChargeStatus.CANCELED),
        ({"transactionStatus": "Cancelled", "isCancelled": True}, ChargeStatus.CANCELED),
        ({"isCancelled": False}, ChargeStatus.VOIDABLE),
        ({"isCancelled": True}, ChargeStatus.UNCLEAR),
        ({"transactionStatus": "Captured", "isCancelled": True}, ChargeStatus.UNCLEAR),
        ({"transactionStatus": "Captured"}, ChargeStatus.SETTLED),
        ({"transactionStatus": "Quarantined"}, ChargeStatus.UNCLEAR),
        ({"transactionResult.merchantReference": None, "referenceNo": None}, ChargeStatus.VOIDABLE),
        ({"transactionResult.merchantReference": "PD-OTHER"}, ChargeStatus.UNCLEAR),
        ({"transactionId": "another"}, ChargeStatus.UNCLEAR),
        ({"transactionId": {"$": "x"}}, ChargeStatus.UNCLEAR),
    ],
)
def test_only_an_answer_about_this_charge_tells_its_status(
    changes: dict[str, Any], status: ChargeStatus
) -> None:
    assert to_listed_status(made.answered(200, made.detail(changes)), LISTED) is status


@pytest.mark.parametrize(
    "answer", [made.answered(404, made.detail()), made.answered(200, b"<html>"), made.answered(200, [])]
)
def test_any_other_answer_tells_nothing(answer: Reply) -> None:
    assert to_listed_status(answer, LISTED) is ChargeStatus.UNCLEAR


def test_a_listed_charge_is_asked_about_over_http(
    anddone: AndDone, contract_checked_sandbox: Sandbox
) -> None:
    request = made.request()
    outcome = anddone.pay(anddone.create_intent(request), request, made.card())
    assert isinstance(outcome, Approved)
    [listed] = anddone.charges(made.FROM, made.TO)
    assert anddone.listed_status(listed) is ChargeStatus.VOIDABLE
    assert anddone.void(listed.processor_ref, "Charged twice") == Voided()
    assert anddone.listed_status(listed) is ChargeStatus.CANCELED
    contract_checked_sandbox.refuse_connections()
    assert anddone.listed_status(listed) is ChargeStatus.UNCLEAR


@pytest.mark.parametrize("odd", [{"transactionId": {"$": "x"}}, {"additionaFields": 7}])
def test_an_odd_field_of_a_row_stays_with_its_row(odd: dict[str, Any]) -> None:
    rows = [{"transactionId": "t-1", "amount": 1}, {"transactionId": "t-2", "amount": 1} | odd]
    with Hostile(reply(200, {"totalRowCount": 2, "data": rows})) as server:
        anddone = AndDone(anddone_config(server.url))
        charges = anddone.charges(made.FROM, made.TO)
        assert [charge.charged is None for charge in charges] == [False, True]
        assert len(anddone.charges_about(made.FROM, made.TO, lambda _charge: False)) == 2
