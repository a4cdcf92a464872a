"""Refunds over time: their rows, their complete list, refunds that fail later, and refunds in the portal."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import requests

from paydesk.sandbox import FaultKind, Habit, Sandbox
from paydesk.sandbox.anddone.books import Refusal
from tests.sandbox.clients import AndDoneClient, account


def _settled(client: AndDoneClient, sandbox: Sandbox, amount: float = 100.0) -> str:
    """Return a card payment that can be refunded."""
    paid = str(client.paid(amount, "T-1")["transactionId"])
    sandbox.advance(timedelta(days=8))
    return paid


def _refunds(client: AndDoneClient, transaction_id: str) -> dict[str, Any]:
    """Return the refund list of a payment's details."""
    body = {"id": transaction_id, "type": "PaymentIntent", "includeRefundTransactions": True}
    return dict(client.post("/secure/paymentsdetails", body).json()["refundTransactions"])


def _status(client: AndDoneClient, transaction_id: str) -> str:
    reply = client.post("/secure/paymentsdetails", {"id": transaction_id, "type": "PaymentIntent"})
    return str(reply.json()["transactionStatus"])


def test_a_refund_goes_through_its_batch_and_settles(
    anddone: AndDoneClient, contract_checked_sandbox: Sandbox
) -> None:
    paid = _settled(anddone, contract_checked_sandbox)
    made = anddone.refund(paid, 103.5, "Total").json()
    assert (made["transactionStatus"], made["operationType"]) == ("PendingForAuthorized", "Refund")
    assert (made["referenceTransactionId"], made["tenderInfo"]["amount"]) == (paid, 103.5)
    seen = []
    for _ in range(8):  # a weekend may lie between
        (row,) = _refunds(anddone, paid)["data"]
        seen.append(row["transactionStatus"])
        contract_checked_sandbox.advance(timedelta(days=1, minutes=1))
    assert list(dict.fromkeys(seen)) == ["PendingForAuthorized", "Authorized", "Success"]
    assert row["settlementDate"]
    assert row["transactionId"] == made["transactionId"]


def test_its_row_is_in_the_list(anddone: AndDoneClient, contract_checked_sandbox: Sandbox) -> None:
    paid = _settled(anddone, contract_checked_sandbox)
    made = anddone.refund(paid, 20.0, "Partial").json()
    rows = anddone.search(asc="true")
    assert [(row["operationType"], row["transactionStatus"]) for row in rows] == [
        ("Sale", "Success"), ("Refund", "PendingForAuthorized"),
    ]  # fmt: skip
    row = rows[1]
    assert (row["transactionId"], row["referenceTransactionId"]) == (made["transactionId"], paid)
    assert (row["amount"], row["refundType"], row["isDebit"]) == (20.0, "Partial", False)
    assert (row["refundReason"], row["refundDetail"]) == ("Duplicate transaction", "Paid twice.")
    assert (row["referenceNo"], row["cardNumber"]) == ("T-1", "****0007")


@pytest.mark.parametrize(
    ("criteria", "kinds"),
    [
        ({"transactionType": "Refund"}, ["Refund"]),
        ({"transactionType": "Sale"}, ["Sale"]),
        ({"transactionStatuses": "PendingForAuthorized"}, ["Refund"]),
        ({"amount": "20.00"}, ["Refund"]),
        ({"fromAmount": "50"}, ["Sale"]),
        ({"referenceNo": "T-1"}, ["Sale", "Refund"]),
        ({"maskAccount": "****0007"}, ["Sale", "Refund"]),
        ({"pageSize": "1", "startRow": "1"}, ["Refund"]),
    ],
)
def test_criteria_tell_refunds_from_payments(
    anddone: AndDoneClient, contract_checked_sandbox: Sandbox, criteria: dict[str, str], kinds: list[str]
) -> None:
    paid = _settled(anddone, contract_checked_sandbox)
    refund_id = anddone.refund(paid, 20.0, "Partial").json()["transactionId"]
    if "amount" in criteria:
        criteria = {"amount": "20.00", "transactionType": "Refund"}
    assert [row["operationType"] for row in anddone.search(asc="true", **criteria)] == kinds
    (by_charge,) = anddone.search(referenceTransactionId=paid)
    (by_id,) = anddone.search(transactionIds=refund_id)
    assert by_charge == by_id


def test_a_refund_is_listed_on_its_own_day(anddone: AndDoneClient, contract_checked_sandbox: Sandbox) -> None:
    paid = _settled(anddone, contract_checked_sandbox)
    anddone.refund(paid, 20.0, "Partial")
    today = contract_checked_sandbox.clock.now().strftime("%m-%d-%Y")
    (row,) = anddone.search(startDate=today, endDate=today)
    assert row["operationType"] == "Refund"


def test_the_refund_list_is_complete(anddone: AndDoneClient, contract_checked_sandbox: Sandbox) -> None:
    paid = _settled(anddone, contract_checked_sandbox)
    for amount in (10.0, 20.0, 30.0):
        assert anddone.refund(paid, amount, "Partial").status_code == 201
        contract_checked_sandbox.advance(timedelta(hours=25))
    listed = _refunds(anddone, paid)
    assert (listed["totalRowCount"], [row["amount"] for row in listed["data"]]) == (3, [10.0, 20.0, 30.0])
    over = anddone.refund(paid, 43.51, "Partial").json()["errorCode"]
    assert over == "Key_RefundAmountCanNotBeGreaterThanCapturedAmount"
    assert anddone.refund(paid, 43.5, "Remaining").status_code == 201
    assert _status(anddone, paid) == "Refunded"


def test_a_refund_that_fails_later_gives_the_money_back_to_the_merchant(
    anddone: AndDoneClient, contract_checked_sandbox: Sandbox
) -> None:
    paid = _settled(anddone, contract_checked_sandbox)
    made = anddone.refund(paid, 103.5, "Total").json()["transactionId"]
    assert contract_checked_sandbox.charges()[0].taken.cents == 0
    contract_checked_sandbox.advance(timedelta(days=1))
    failed = contract_checked_sandbox.act("refund-failures", refund_id=made)
    assert (failed["status"], failed["amount_cents"]) == ("Failed", 103_50)
    assert _status(anddone, paid) == "Success"
    assert _refunds(anddone, paid)["data"][0]["transactionStatus"] == "Failed"
    assert contract_checked_sandbox.charges()[0].taken.cents == 103_50
    with pytest.raises(Refusal, match="Key_TransactionCanNotBeUpdated"):
        contract_checked_sandbox.act("refund-failures", refund_id=made)
    contract_checked_sandbox.advance(timedelta(hours=25))
    assert anddone.refund(paid, 103.5, "Total").status_code == 201


def test_a_refund_in_the_portal_is_seen_in_the_list(
    anddone: AndDoneClient, contract_checked_sandbox: Sandbox
) -> None:
    paid = _settled(anddone, contract_checked_sandbox)
    control = f"{contract_checked_sandbox.anddone_url}/_sandbox"
    body = {"transaction_id": paid, "amount_cents": 25_00}
    made = requests.post(f"{control}/refunds", json=body, timeout=5).json()
    assert (made["kind"], made["in_portal"]) == ("Partial", True)
    (row,) = anddone.search(transactionType="Refund")
    assert (row["transactionId"], row["transactionOrigin"]) == (made["refund_id"], "VirtualTerminal")
    assert requests.get(f"{control}/refunds", timeout=5).json() == [made]
    again = requests.post(f"{control}/refunds", json=body, timeout=5)
    assert again.json()["errorCode"] == "Key_RefundDateCanNotLessThanOneBusinessDay"


def test_a_lost_answer_has_refunded(anddone: AndDoneClient, contract_checked_sandbox: Sandbox) -> None:
    paid = _settled(anddone, contract_checked_sandbox)
    contract_checked_sandbox.faults.next(FaultKind.CLOSED_AFTER, on="createRefund")
    with pytest.raises(requests.ConnectionError):
        anddone.refund(paid, 50.0, "Partial")
    assert [row["amount"] for row in _refunds(anddone, paid)["data"]] == [50.0]
    contract_checked_sandbox.faults.always(FaultKind.SEARCH_LAG, seconds=60)
    assert [row["operationType"] for row in anddone.search()] == ["Sale"]


def test_a_refund_that_is_delivered_twice_is_refused_the_second_time(
    anddone: AndDoneClient, contract_checked_sandbox: Sandbox
) -> None:
    paid = _settled(anddone, contract_checked_sandbox)
    contract_checked_sandbox.faults.next(FaultKind.DUPLICATE_DELIVERY, on="createRefund")
    key = "Key_RefundDateCanNotLessThanOneBusinessDay"
    assert anddone.refund(paid, 50.0, "Partial").json()["errorCode"] == key
    assert contract_checked_sandbox.charges()[0].refunded.cents == 50_00


def test_an_unknown_refund_cannot_fail(contract_checked_sandbox: Sandbox) -> None:
    with pytest.raises(Refusal, match="Key_InvalidTransactionId"):
        contract_checked_sandbox.act("refund-failures", refund_id="nowhere")
    with pytest.raises(Refusal, match="Key_InvalidTransactionId"):
        contract_checked_sandbox.act("refunds", transaction_id="nowhere", amount_cents=1)


def test_a_payment_by_link_is_refunded_like_any_other(
    anddone: AndDoneClient, contract_checked_sandbox: Sandbox
) -> None:
    made = anddone.link(100.0)
    charge = contract_checked_sandbox.pay_page(made["id"], account="123456789")
    contract_checked_sandbox.advance(timedelta(days=8))
    assert anddone.eligibility(charge.transaction_id)["refundEligible"]
    refund = anddone.refund(charge.transaction_id, 103.0, "Total").json()
    (row,) = anddone.search(transactionType="Refund")
    assert (row["paymentLinkId"], row["accountNumber"]) == (made["id"], "****6789")
    assert refund["paymentLinkId"] == made["id"]


# Habits


def test_the_status_of_a_payment_by_habit(anddone: AndDoneClient, contract_checked_sandbox: Sandbox) -> None:
    sandbox, paid = contract_checked_sandbox, _settled(anddone, contract_checked_sandbox)
    sandbox.habits.set([Habit.REFUND_ATTEMPT, Habit.PARTIAL_AS_REFUNDED, Habit.REFUND_FAILURE_REVERSED])
    first = anddone.refund(paid, 10.0, "Partial").json()["transactionId"]
    assert _status(anddone, paid) == "RefundAttempt"
    sandbox.act("refund-failures", refund_id=first)
    assert _status(anddone, paid) == "RefundedReversed"
    sandbox.advance(timedelta(hours=25))
    assert anddone.refund(paid, 10.0, "Partial").status_code == 201
    sandbox.advance(timedelta(days=7))
    assert _status(anddone, paid) == "Refunded"
    assert anddone.refund(paid, 10.0, "Partial").status_code == 201
    assert sandbox.charges()[0].taken.cents == 83_50


def test_other_shapes_of_a_refund(anddone: AndDoneClient, contract_checked_sandbox: Sandbox) -> None:
    paid = _settled(anddone, contract_checked_sandbox)
    contract_checked_sandbox.habits.set([Habit.REFUND_LIST_CUT, Habit.REFUND_WITHOUT_TEXTS])
    for amount in (10.0, 20.0):
        made = anddone.refund(paid, amount, "Partial").json()
        contract_checked_sandbox.advance(timedelta(hours=25))
    listed = _refunds(anddone, paid)
    assert (listed["totalRowCount"], [row["amount"] for row in listed["data"]]) == (2, [20.0])
    (row,) = anddone.search(transactionIds=made["transactionId"])
    for told in (row, made):
        assert told["referenceTransactionId"] == paid
        assert [
            name for name in ("refundReason", "refundDetail", "remarks", "referenceNo") if told.get(name)
        ] == []
    (sale,) = anddone.search(transactionType="Sale")
    assert sale["referenceNo"] == "T-1"


def test_an_eligibility_that_is_refused(anddone: AndDoneClient, contract_checked_sandbox: Sandbox) -> None:
    contract_checked_sandbox.habits.set([Habit.NOT_ELIGIBLE_400])
    paid = anddone.paid(10.0)["transactionId"]
    reply = anddone.post("/secure/refunds/eligibility", {"transactionId": paid})
    assert (reply.status_code, reply.json()["errorCode"]) == (400, "Key_BatchedTransactionCanNotBeRefund")
    contract_checked_sandbox.advance(timedelta(days=8))
    assert anddone.eligibility(paid)["refundEligible"]


def test_a_bank_payment_is_refunded(anddone: AndDoneClient, contract_checked_sandbox: Sandbox) -> None:
    token = anddone.intent(50.0)
    paid = anddone.pay(token, account(50.0), "ACH").json()["transactionId"]
    contract_checked_sandbox.advance(timedelta(days=8))
    assert anddone.refund(paid, 50.0, "Subtotal").status_code == 201
    assert contract_checked_sandbox.charges()[0].taken.cents == 3_00
