"""The status of a bank debit: what an answer means, and the emulator's days over real HTTP."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from paydesk.domain.outcome import AchReturned, AchStatus, Approved, Reason
from paydesk.domain.tender import TenderKind
from paydesk.gateways.anddone.answers import to_ach_status
from paydesk.gateways.anddone.processor import AndDone
from paydesk.gateways.http.call import Reply
from paydesk.sandbox import Sandbox
from tests.gateways import made
from tests.gateways.made import answered, detail, refused

FUNDS = AchReturned("The bank says: not enough money in the account (R01).", Reason.SENT_BACK_FUNDS)
REF = made.DETAIL["transactionId"]


@pytest.mark.parametrize(
    ("status", "ach_status"),
    [
        ("Authorized", AchStatus.UNDER_WAY),
        ("Captured", AchStatus.UNDER_WAY),
        ("Success", AchStatus.CLEARED),
        ("Paid", AchStatus.CLEARED),
        ("Returned", AchReturned()),
        ("Chargeback", AchStatus.UNCLEAR),
        ("Refunded", AchStatus.UNCLEAR),
        ("Cancelled", AchStatus.UNCLEAR),
        ("Quarantined", AchStatus.UNCLEAR),
    ],
)
def test_what_a_status_says_of_a_debit(status: str, ach_status: AchStatus | AchReturned) -> None:
    reply = answered(200, detail({"transactionStatus": status}))
    assert to_ach_status(reply, made.request(), REF) == ach_status


@pytest.mark.parametrize(
    ("told", "reason", "why"),
    [
        (
            {"transactionResult.reasonCode": "R01"},
            Reason.SENT_BACK_FUNDS,
            "enough money in the account (R01).",
        ),
        (
            {"transactionResult.reasonCode": "R09"},
            Reason.SENT_BACK_FUNDS,
            "enough money in the account (R09).",
        ),
        ({"transactionResult.reasonCode": "R02"}, Reason.SENT_BACK_ACCOUNT, "the account is closed (R02)."),
        (
            {"transactionResult.reasonCode": "R10"},
            Reason.SENT_BACK_FORBIDDEN,
            "did not authorize it (R10).",
        ),
        ({"transactionResult.reasonCode": "R08"}, Reason.SENT_BACK_FORBIDDEN, "stopped the payment (R08)."),
        (
            {"transactionResult.reasonCode": None, "chargebackReasonCode": "R16"},
            Reason.SENT_BACK_ACCOUNT,
            "the account is frozen (R16).",
        ),
        ({"transactionResult.reasonCode": "R11"}, Reason.SENT_BACK_FORBIDDEN, "had authorized it (R11)."),
        ({"transactionResult.reasonCode": "R51"}, Reason.SENT_BACK, "code R51."),
        ({"transactionResult.reasonCode": "R77"}, Reason.SENT_BACK, "code R77."),
        ({"transactionResult.reasonCode": "4000620000000007"}, Reason.SENT_BACK, ""),
        ({"transactionResult.reasonCode": {"a": 1}}, Reason.SENT_BACK, ""),
        ({"transactionResult.reasonCode": None}, Reason.SENT_BACK, ""),
    ],
)
def test_a_return_says_why_by_its_code(told: dict[str, Any], reason: Reason, why: str) -> None:
    reply = answered(200, detail({"transactionStatus": "Returned", "chargebackReasonCode": None} | told))
    found = to_ach_status(reply, made.request(), REF)
    assert isinstance(found, AchReturned)
    assert found.code is reason
    assert found.why.endswith(why)
    assert bool(found.why) == bool(why)


@pytest.mark.parametrize(
    "changes",
    [
        {"transactionId": "another"},
        {"transactionResult.merchantReference": "another-1"},
        {"subTotalAmount": 1.00},
    ],
)
def test_another_charge_says_nothing(changes: dict[str, Any]) -> None:
    reply = answered(200, detail({"transactionStatus": "Success"} | changes))
    assert to_ach_status(reply, made.request(), REF) is AchStatus.UNCLEAR


@pytest.mark.parametrize("reply", [Reply(200), refused("Key_TransactionNotFound", 404)])
def test_no_answer_says_nothing(reply: Reply) -> None:
    assert to_ach_status(reply, made.request(), REF) is AchStatus.UNCLEAR


@pytest.mark.parametrize(("account", "end"), [("123456789", AchStatus.CLEARED), ("910000001", FUNDS)])
def test_a_debit_through_its_days(
    account: str, end: AchStatus | AchReturned, anddone: AndDone, contract_checked_sandbox: Sandbox
) -> None:
    request = made.request(kind=TenderKind.ACH)
    outcome = anddone.pay(anddone.create_intent(request), request, made.bank_account(account))
    assert isinstance(outcome, Approved)
    seen = []
    for _ in range(8):
        seen.append(anddone.ach_status(outcome.processor_ref, request))
        contract_checked_sandbox.advance(timedelta(days=1))
    assert seen[0] is AchStatus.UNDER_WAY
    assert seen[-1] == end
    assert set(seen) == {AchStatus.UNDER_WAY, end}


def test_away_nothing_is_known(anddone: AndDone, contract_checked_sandbox: Sandbox) -> None:
    contract_checked_sandbox.refuse_connections()
    assert anddone.ach_status(REF, made.request()) is AchStatus.UNCLEAR
