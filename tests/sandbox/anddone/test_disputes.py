"""Money taken back later: chargebacks and their reversal, ACH returns by code, and entries sent again."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from paydesk.sandbox import Habit, Sandbox
from paydesk.sandbox.anddone.books import Refusal
from paydesk.sandbox.anddone.controls import CONTROLS
from paydesk.sandbox.anddone.outcomes import CHARGEBACK_CODES, RETURN_CODES
from tests.sandbox.clients import AndDoneClient, account, card


def _told(client: AndDoneClient, transaction_id: str) -> dict[str, Any]:
    reply = client.post("/secure/paymentsdetails", {"id": transaction_id, "type": "PaymentIntent"})
    return dict(reply.json())


def _reason(told: dict[str, Any]) -> tuple[str, str]:
    return told["transactionResult"]["reasonCode"], told["transactionResult"]["reasonMessage"]


def _ach(client: AndDoneClient, amount: float = 50.0, number: str = "123456789") -> str:
    reply = client.pay(client.intent(amount), account(amount, number), "ACH")
    return str(reply.json()["transactionId"])


# Chargebacks


@pytest.mark.parametrize("code", CHARGEBACK_CODES)
def test_a_chargeback_takes_the_money_back_and_says_why(
    anddone: AndDoneClient, contract_checked_sandbox: Sandbox, code: str
) -> None:
    paid = anddone.paid(100.0)["transactionId"]
    contract_checked_sandbox.advance(timedelta(days=30))
    entry = contract_checked_sandbox.act("chargebacks", transaction_id=paid, code=code)
    assert (entry["status"], entry["charged_back_cents"], entry["taken_cents"]) == ("Chargeback", 103_50, 0)
    told = _told(anddone, paid)
    assert (told["transactionStatus"], told["chargeBackAmount"]) == ("Chargeback", 103.5)
    assert _reason(told) == (code, CHARGEBACK_CODES[code])
    (row,) = anddone.search(transactionStatuses="Chargeback")
    assert (row["transactionId"], row["previousTransactionStatus"]) == (paid, "Success")


def test_a_chargeback_may_be_of_a_part(anddone: AndDoneClient, contract_checked_sandbox: Sandbox) -> None:
    paid = anddone.paid(100.0)["transactionId"]
    contract_checked_sandbox.act("chargebacks", transaction_id=paid, amount_cents=40_00)
    assert _told(anddone, paid)["chargeBackAmount"] == 40.0
    assert contract_checked_sandbox.charges()[0].taken.cents == 63_50


def test_a_chargeback_after_a_refund_gives_back_twice(
    anddone: AndDoneClient, contract_checked_sandbox: Sandbox
) -> None:
    paid = anddone.paid(100.0)["transactionId"]
    contract_checked_sandbox.advance(timedelta(days=8))
    anddone.refund(paid, 103.5, "Total")
    contract_checked_sandbox.act("chargebacks", transaction_id=paid)
    assert contract_checked_sandbox.charges()[0].taken.cents == -103_50
    assert anddone.eligibility(paid)["message"] == "Key_ChargebackTransactionCanNotBeRefund"


def test_a_won_dispute_brings_the_money_again(
    anddone: AndDoneClient, contract_checked_sandbox: Sandbox
) -> None:
    paid = anddone.paid(100.0)["transactionId"]
    contract_checked_sandbox.act("chargebacks", transaction_id=paid)
    contract_checked_sandbox.act("chargeback-reversals", transaction_id=paid)
    told = _told(anddone, paid)
    assert (told["transactionStatus"], told["chargeBackAmount"]) == ("ChargebackReversed", None)
    assert _reason(told) == ("00", "APPROVED")
    assert contract_checked_sandbox.charges()[0].taken.cents == 103_50
    contract_checked_sandbox.act("chargebacks", transaction_id=paid, code="13.1")
    assert _told(anddone, paid)["transactionStatus"] == "Chargeback"


def test_disputes_that_cannot_be(anddone: AndDoneClient, contract_checked_sandbox: Sandbox) -> None:
    paid = anddone.paid(100.0)["transactionId"]
    denied = anddone.pay(anddone.intent(10.0), card(10.0, "4000000000009995")).json()["transactionId"]
    bank = _ach(anddone)
    for control, fields in (
        ("chargebacks", {"transaction_id": denied}),
        ("chargebacks", {"transaction_id": bank}),
        ("chargeback-reversals", {"transaction_id": paid}),
        ("returns", {"transaction_id": paid}),
        ("returns", {"transaction_id": denied}),
        ("re-presentments", {"transaction_id": bank}),
    ):
        with pytest.raises(Refusal, match="Key_TransactionCanNotBeUpdated"):
            contract_checked_sandbox.act(control, **fields)
    with pytest.raises(Refusal, match="Key_InvalidAmount"):
        contract_checked_sandbox.act("chargebacks", transaction_id=paid, amount_cents=103_51)
    with pytest.raises(Refusal, match="Key_InvalidTransactionId"):
        contract_checked_sandbox.act("chargebacks", transaction_id="nowhere")


# Returns


@pytest.mark.parametrize("code", RETURN_CODES)
def test_a_bank_returns_an_entry_by_its_code(
    anddone: AndDoneClient, contract_checked_sandbox: Sandbox, code: str
) -> None:
    paid = _ach(anddone)
    contract_checked_sandbox.advance(timedelta(days=3))
    contract_checked_sandbox.act("returns", transaction_id=paid, code=code)
    told = _told(anddone, paid)
    assert (told["transactionStatus"], told["chargeBackAmount"]) == ("Returned", 53.0)
    assert _reason(told) == (code, RETURN_CODES[code])
    assert contract_checked_sandbox.charges()[0].taken.cents == 0
    assert anddone.eligibility(paid)["message"] == "Key_ChargebackTransactionCanNotBeRefund"


def test_a_consumer_returns_after_two_months(
    anddone: AndDoneClient, contract_checked_sandbox: Sandbox
) -> None:
    paid = _ach(anddone)
    contract_checked_sandbox.advance(timedelta(days=59))
    assert _told(anddone, paid)["transactionStatus"] == "Success"
    contract_checked_sandbox.act("returns", transaction_id=paid, code="R10")
    (row,) = anddone.search(transactionStatuses="Returned")
    assert (row["transactionId"], row["previousTransactionStatus"]) == (paid, "Success")


def test_a_returned_entry_can_be_sent_again(
    anddone: AndDoneClient, contract_checked_sandbox: Sandbox
) -> None:
    paid = _ach(anddone, number="910000001")
    contract_checked_sandbox.advance(timedelta(days=8))
    assert _told(anddone, paid)["transactionStatus"] == "Returned"
    contract_checked_sandbox.act("re-presentments", transaction_id=paid)
    told = _told(anddone, paid)
    assert (told["transactionStatus"], told["chargeBackAmount"]) == ("Reprocessed", None)
    contract_checked_sandbox.advance(timedelta(days=8))
    assert _told(anddone, paid)["transactionStatus"] == "Success"
    assert contract_checked_sandbox.charges()[0].taken.cents == 53_00


def test_a_return_after_a_refund_gives_back_twice(
    anddone: AndDoneClient, contract_checked_sandbox: Sandbox
) -> None:
    paid = _ach(anddone)
    contract_checked_sandbox.advance(timedelta(days=8))
    anddone.refund(paid, 20.0, "Partial")
    contract_checked_sandbox.act("returns", transaction_id=paid, code="R10")
    told = _told(anddone, paid)
    assert (told["transactionStatus"], told["chargeBackAmount"]) == ("Returned", 53.0)


def test_a_void_in_the_portal(anddone: AndDoneClient, contract_checked_sandbox: Sandbox) -> None:
    paid = anddone.paid(100.0)["transactionId"]
    assert contract_checked_sandbox.act("voids", transaction_id=paid)["status"] == "Cancelled"


# Strangers, and statuses of any kind


def test_a_payment_of_a_link_that_nobody_here_made(
    anddone: AndDoneClient, contract_checked_sandbox: Sandbox
) -> None:
    contract_checked_sandbox.act(
        "payments", invoice_number="50123", amount_cents=178_00, title="PD-9", link_id="Stranger"
    )
    contract_checked_sandbox.act("payments", invoice_number="50140", amount_cents=1_00)
    by_link, other = anddone.search(asc="true")
    assert (by_link["paymentLinkId"], by_link["referenceNo"]) == ("Stranger", "PD-9")
    assert (other["paymentLinkId"], other["invoiceId"]) == (None, "50140")


@pytest.mark.parametrize("status", ["Hold", "Retried", "CancelAttempt", "SettlementHold", "None", "Unknown"])
def test_any_status_of_the_contract(
    anddone: AndDoneClient, contract_checked_sandbox: Sandbox, status: str
) -> None:
    paid = anddone.paid(100.0)["transactionId"]
    contract_checked_sandbox.act("statuses", transaction_id=paid, status=status)
    contract_checked_sandbox.advance(timedelta(days=8))
    assert _told(anddone, paid)["transactionStatus"] == status
    with pytest.raises(ValueError, match="status is one of Created, PendingForAuthorized"):
        contract_checked_sandbox.act("statuses", transaction_id=paid, status="Quarantined")


# Habits


def test_a_return_comes_as_a_chargeback_by_habit(
    anddone: AndDoneClient, contract_checked_sandbox: Sandbox
) -> None:
    contract_checked_sandbox.habits.set([Habit.RETURN_AS_CHARGEBACK])
    by_account, by_hand = _ach(anddone, number="910000001"), _ach(anddone)
    contract_checked_sandbox.act("returns", transaction_id=by_hand, code="R02")
    contract_checked_sandbox.advance(timedelta(days=8))
    told = [_told(anddone, paid) for paid in (by_account, by_hand)]
    assert [one["transactionStatus"] for one in told] == ["Chargeback", "Chargeback"]
    assert [_reason(one)[0] for one in told] == ["R01", "R02"]
    assert [charge.taken.cents for charge in contract_checked_sandbox.charges()] == [0, 0]
    contract_checked_sandbox.act("re-presentments", transaction_id=by_hand)
    assert _told(anddone, by_hand)["transactionStatus"] == "Reprocessed"


def test_a_returned_payment_opens_its_link_again_by_habit(
    anddone: AndDoneClient, contract_checked_sandbox: Sandbox
) -> None:
    sandbox = contract_checked_sandbox
    sandbox.habits.set([Habit.RETURN_REOPENS_LINK])
    long, short = anddone.link(50.0, expireIn=30)["id"], anddone.link(50.0, expireIn=1)["id"]
    for link_id in (long, short):
        sandbox.pay_page(link_id, account="910000001")
    sandbox.advance(timedelta(days=8))
    statuses = [anddone.link_details(link_id).json()["linkStatus"] for link_id in (long, short)]
    assert statuses == ["Created", "Expired"]
    sandbox.pay_page(long, card="4000620000000007")
    told = anddone.link_details(long).json()
    assert [one["transactionStatus"] for one in told["payments"]] == ["Returned", "Authorized"]
    assert (told["linkStatus"], told["noOfPaymentMade"]) == ("Paid", 1)


def test_paid_words(anddone: AndDoneClient, contract_checked_sandbox: Sandbox) -> None:
    contract_checked_sandbox.habits.set([Habit.PAID_WORDS])
    first, second = (anddone.paid(100.0)["transactionId"] for _ in range(2))
    contract_checked_sandbox.advance(timedelta(days=8))
    assert _told(anddone, first)["transactionStatus"] == "Paid"
    anddone.refund(first, 103.5, "Total")
    contract_checked_sandbox.act("chargebacks", transaction_id=second)
    assert [row["transactionStatus"] for row in anddone.search(asc="true")] == [
        "PaidRefunded", "PaidChargeback", "PendingForAuthorized",
    ]  # fmt: skip
    contract_checked_sandbox.act("chargeback-reversals", transaction_id=second)
    assert _told(anddone, second)["transactionStatus"] == "PaidChargebackReversed"


# Controls and the guide


def test_the_controls_work_over_http(anddone: AndDoneClient, contract_checked_sandbox: Sandbox) -> None:
    paid, bank = anddone.paid(100.0)["transactionId"], _ach(anddone)
    control = f"{contract_checked_sandbox.anddone_url}/_sandbox"

    def post(name: str, **fields: Any) -> requests.Response:
        return requests.post(f"{control}/{name}", json=fields, timeout=5)

    part = post("chargebacks", transaction_id=paid, amount_cents=1_00, code="13.7").json()
    assert (part["back_code"], part["charged_back_cents"]) == ("13.7", 1_00)
    assert post("chargeback-reversals", transaction_id=paid).json()["status"] == "ChargebackReversed"
    assert post("returns", transaction_id=bank).json()["back_code"] == "R01"
    assert post("re-presentments", transaction_id=bank).json()["status"] == "Reprocessed"
    assert post("returns", transaction_id=paid).json()["errorCode"] == "Key_TransactionCanNotBeUpdated"
    assert post("returns", transaction_id="nowhere").status_code == 404
    assert post("chargebacks").status_code == 400
    strange: tuple[object, ...] = (None, "x", [], {}, 10**400)
    for wrong in strange:
        assert post("chargebacks", transaction_id=paid, amount_cents=wrong).status_code == 400


def test_the_guide_lists_every_control_and_code() -> None:
    guide = (Path(__file__).parents[3] / "docs" / "sandbox.md").read_text(encoding="utf-8")
    assert [name for method, name in CONTROLS if f"`{method} {name}" not in guide] == []
    assert [code for code, words in CHARGEBACK_CODES.items() if f"| {code} | {words} |" not in guide] == []
