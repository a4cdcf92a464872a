"""What became of a bank debit: what an answer says, and the emulator's days over real HTTP."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from paydesk.domain.outcome import Approved, Clearing
from paydesk.domain.tender import TenderKind
from paydesk.gateways.anddone import AndDone
from paydesk.gateways.anddone_answers import to_clearing
from paydesk.gateways.http import Reply
from paydesk.sandbox import Sandbox
from tests.gateways import made
from tests.gateways.made import answered, detail, refused

REF = made.DETAIL["transactionId"]


@pytest.mark.parametrize(
    ("status", "clearing"),
    [
        ("Authorized", Clearing.UNDER_WAY),
        ("Captured", Clearing.UNDER_WAY),
        ("Success", Clearing.CLEARED),
        ("Paid", Clearing.CLEARED),
        ("Returned", Clearing.RETURNED),
        ("Chargeback", Clearing.UNCLEAR),
        ("Refunded", Clearing.UNCLEAR),
        ("Cancelled", Clearing.UNCLEAR),
        ("Quarantined", Clearing.UNCLEAR),
    ],
)
def test_what_a_status_says_of_a_debit(status: str, clearing: Clearing) -> None:
    reply = answered(200, detail({"transactionStatus": status}))
    assert to_clearing(reply, made.request(), REF) is clearing


@pytest.mark.parametrize(
    "changes", [{"transactionId": "another"}, {"referenceNo": "another-1"}, {"subTotalAmount": 1.00}]
)
def test_another_charge_says_nothing(changes: dict[str, Any]) -> None:
    reply = answered(200, detail({"transactionStatus": "Success"} | changes))
    assert to_clearing(reply, made.request(), REF) is Clearing.UNCLEAR


@pytest.mark.parametrize("reply", [Reply(200), refused("Key_TransactionNotFound", 404)])
def test_no_answer_says_nothing(reply: Reply) -> None:
    assert to_clearing(reply, made.request(), REF) is Clearing.UNCLEAR


@pytest.mark.parametrize(
    ("account", "end"), [("123456789", Clearing.CLEARED), ("910000001", Clearing.RETURNED)]
)
def test_a_debit_through_its_days(
    account: str, end: Clearing, anddone: AndDone, contract_checked_sandbox: Sandbox
) -> None:
    request = made.request(kind=TenderKind.ACH)
    outcome = anddone.pay(anddone.create_intent(request), request, made.bank_account(account))
    assert isinstance(outcome, Approved)
    seen = []
    for _ in range(8):
        seen.append(anddone.clearing(outcome.processor_ref, request))
        contract_checked_sandbox.advance(timedelta(days=1))
    assert seen[0] is Clearing.UNDER_WAY
    assert seen[-1] is end
    assert set(seen) == {Clearing.UNDER_WAY, end}


def test_away_nothing_is_known(anddone: AndDone, contract_checked_sandbox: Sandbox) -> None:
    contract_checked_sandbox.refuse_connections()
    assert anddone.clearing(REF, made.request()) is Clearing.UNCLEAR
