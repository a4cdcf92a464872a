"""The later life of a charge: batches, settlement, returns, voids, refunds, bank checks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from paydesk.sandbox import Merchant, Sandbox
from paydesk.sandbox.server.clock import business_days_later, next_batch
from tests.contracts.validator import ContractChecker
from tests.sandbox.clients import AndDoneClient, account, card


def _status(client: AndDoneClient, transaction_id: str) -> str:
    reply = client.post("/secure/paymentsdetails", {"id": transaction_id, "type": "OpenPayment"})
    return str(reply.json()["transactionStatus"])


def test_a_card_is_captured_by_the_batch_and_settles(
    anddone: AndDoneClient, contract_checked_sandbox: Sandbox
) -> None:
    paid = anddone.paid(100.0)["transactionId"]
    assert _status(anddone, paid) == "Authorized"
    contract_checked_sandbox.advance(timedelta(days=1, minutes=1))
    assert _status(anddone, paid) == "Captured"
    contract_checked_sandbox.advance(timedelta(days=5))
    assert _status(anddone, paid) == "Success"


def test_an_accepted_ach_entry_can_come_back(
    anddone: AndDoneClient, contract_checked_sandbox: Sandbox
) -> None:
    token = anddone.intent(50.0)
    reply = anddone.pay(token, account(50.0, "910000001"), "ACH").json()
    assert reply["transactionStatus"] == "Authorized"
    contract_checked_sandbox.advance(timedelta(days=6))
    read = anddone.details(token).json()
    assert (read["transactionStatus"], read["transactionResult"]["reasonCode"]) == ("Returned", "R01")
    assert read["chargeBackAmount"] == 53.0
    assert contract_checked_sandbox.charges()[0].taken.cents == 0


def test_a_void_works_once_and_only_in_the_open_batch(
    anddone: AndDoneClient, contract_checked_sandbox: Sandbox
) -> None:
    paid, late = (anddone.paid(100.0)["transactionId"] for _ in range(2))
    assert anddone.void(paid).json()["isCancelled"]
    assert _status(anddone, paid) == "Cancelled"
    assert anddone.void(paid).json()["errorCode"] == "Key_OnlyAuthorizedTransactionCanBeVoided"
    contract_checked_sandbox.advance(timedelta(days=1, minutes=1))
    assert anddone.void(late).json()["errorCode"] == "Key_OnlyAuthorizedTransactionCanBeVoided"


def test_a_void_is_refused_just_before_the_batch(
    anddone: AndDoneClient, contract_checked_sandbox: Sandbox
) -> None:
    paid = anddone.paid(100.0)["transactionId"]
    now = contract_checked_sandbox.clock.now()
    contract_checked_sandbox.advance(next_batch(now) - now - timedelta(minutes=10))
    key = "Key_TransactionCanNotBeVoidedNachaExecutionTimeIsLessThan15Mins"
    assert anddone.void(paid).json()["errorCode"] == key


def test_voids_of_nothing_are_refused(anddone: AndDoneClient) -> None:
    assert anddone.void("").json()["errorCode"] == "Key_TransactionIdCannotBeEmptyOrNULL"
    assert anddone.void("nothing").json()["errorCode"] == "Key_InvalidTransactionId"
    denied = anddone.pay_open("R-1", card(10.0, "4000000000000002")).json()["transactionId"]
    assert anddone.void(denied).json()["errorCode"] == "Key_OnlyAuthorizedTransactionCanBeVoided"


def test_a_refund_waits_for_settlement(anddone: AndDoneClient, contract_checked_sandbox: Sandbox) -> None:
    paid = anddone.paid(178.0)["transactionId"]
    assert anddone.eligibility(paid) == {
        "refundEligible": False,
        "message": "Key_BatchedTransactionCanNotBeRefund",
    }
    contract_checked_sandbox.advance(timedelta(days=1, minutes=1))
    assert anddone.eligibility(paid)["message"] == "Key_SetteledTransactionCanNotBeLessThanTwoBussinessDay"
    contract_checked_sandbox.advance(timedelta(days=5))
    assert anddone.eligibility(paid)["refundEligible"]


def test_refunds_by_kind(anddone: AndDoneClient, contract_checked_sandbox: Sandbox) -> None:
    whole, net, part = (anddone.paid(178.0)["transactionId"] for _ in range(3))
    contract_checked_sandbox.advance(timedelta(days=6))
    total = anddone.refund(whole, 184.23, "Total")
    assert total.status_code == 201
    assert total.json()["referenceTransactionId"] == whole
    assert anddone.refund(net, 178.0, "Subtotal").status_code == 201
    assert anddone.refund(part, 50.0, "Partial").status_code == 201
    again = anddone.refund(part, 50.0, "Partial")
    assert again.json()["errorCode"] == "Key_RefundDateCanNotLessThanOneBusinessDay"
    contract_checked_sandbox.advance(timedelta(days=2))
    assert anddone.refund(part, 134.23, "Remaining").status_code == 201
    assert [charge.status for charge in contract_checked_sandbox.charges()] == ["Refunded"] * 3
    assert [charge.taken.cents for charge in contract_checked_sandbox.charges()] == [0, 6_23, 0]
    listed = anddone.post(
        "/secure/paymentsdetails", {"id": part, "type": "OpenPayment", "includeRefundTransactions": True}
    )
    assert listed.json()["refundTransactions"]["totalRowCount"] == 2
    refund_id = total.json()["transactionId"]
    assert anddone.void(refund_id).json()["errorCode"] == "Key_OnlySaleTransactionCanBeVoided"


@pytest.mark.parametrize(
    ("amount", "kind", "key"),
    [
        (184.24, "Total", "Key_RefundAmountCanNotBeGreaterThanCapturedAmount"),
        (178.0, "Total", "Key_RefundAmountAndCaptureAmountShouldBeEqual"),
        (184.23, "Subtotal", "Key_RefundAmountAndCaptureAmountShouldBeEqual"),
        (10.0, "NA", "Key_RefundAmountIsNotValid"),
    ],
)
def test_wrong_refunds_are_refused(
    anddone: AndDoneClient, contract_checked_sandbox: Sandbox, amount: float, kind: str, key: str
) -> None:
    paid = anddone.paid(178.0)["transactionId"]
    contract_checked_sandbox.advance(timedelta(days=6))
    assert anddone.refund(paid, amount, kind).json()["errorCode"] == key


def test_refunds_of_refused_and_returned_payments(
    anddone: AndDoneClient, contract_checked_sandbox: Sandbox
) -> None:
    denied = anddone.pay_open("R-1", card(10.0, "4000000000000002")).json()["transactionId"]
    back = anddone.pay_open("R-2", account(10.0, "910000002"), "ACH").json()["transactionId"]
    contract_checked_sandbox.advance(timedelta(days=9))
    assert anddone.eligibility(denied)["message"] == "Key_RejectedTransactionCanNotBeRefunded"
    assert anddone.eligibility(back)["message"] == "Key_ChargebackTransactionCanNotBeRefund"
    assert anddone.refund("nothing", 1.0, "Total").status_code == 404


def test_a_merchant_without_refunds(contract_checker: ContractChecker) -> None:
    merchant = Merchant(refunds=False, partial_refunds=False)
    with (
        Sandbox(seed=1, merchant=merchant, on_exchange=contract_checker) as sandbox,
        AndDoneClient(sandbox.anddone_url) as client,
    ):
        paid = client.paid(10.0)["transactionId"]
        sandbox.advance(timedelta(days=6))
        assert client.eligibility(paid)["message"] == "Key_PlatFormAccountTransactionCanNotBeRefunded"


@pytest.mark.parametrize(
    ("number", "routing", "status"),
    [
        ("123456789", "011000138", "Valid"),
        ("900000002", "011000138", "Closed"),
        ("900000003", "011000138", "Invalid"),
        ("123456789", "011000139", "Invalid"),
    ],
)
def test_bank_accounts_can_be_checked(anddone: AndDoneClient, number: str, routing: str, status: str) -> None:
    body = {"accountNumber": number, "routingNumber": routing}
    reply = anddone.post("/utilityapi/secure/verifybankaccounts", body)
    assert reply.json()["verificationStatus"] == status


def test_the_batch_runs_at_midnight_central_in_summer_and_winter() -> None:
    assert next_batch(datetime(2026, 7, 1, 12, tzinfo=UTC)) == datetime(2026, 7, 2, 5, tzinfo=UTC)
    assert next_batch(datetime(2026, 1, 2, 5, tzinfo=UTC)) == datetime(2026, 1, 2, 6, tzinfo=UTC)
    assert next_batch(datetime(2026, 1, 2, 5, 0, 1, tzinfo=UTC)) == datetime(2026, 1, 3, 6, tzinfo=UTC)


def test_business_days_leave_out_the_weekend() -> None:
    friday = datetime(2026, 5, 15, 6, tzinfo=UTC)
    assert business_days_later(friday, 2) == datetime(2026, 5, 19, 6, tzinfo=UTC)
