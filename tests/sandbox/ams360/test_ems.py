"""AMS360's emulator: login, lookups and paging, receipts, deposits, activities."""

from __future__ import annotations

import base64
import json
import time
from typing import Any

import pytest
import requests

from paydesk.domain.money import ZERO, Money, total
from paydesk.sandbox import Sandbox
from paydesk.sandbox.server import keys
from tests.contracts.validator import ContractChecker
from tests.sandbox.clients import Ams360Client

HIDDEN = 1099


# Login


def test_the_token_says_when_it_ends(ams360: Ams360Client) -> None:
    token = str(ams360.session.headers["Authorization"]).removeprefix("Bearer ")
    payload = token.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    assert 3_500 < claims["exp"] - time.time() <= 3_600


def test_wrong_keys_do_not_log_in(ams360: Ams360Client) -> None:
    other = "00000000-0000-4000-8000-00000000ffff"
    assert ams360.post("/auth", {"appKey": other}).status_code == 401
    key = ams360.post("/auth", {"appKey": keys.AMS360_APP_KEY}).json()["loginKey"]
    login = {"agencyNo": keys.AMS360_AGENCY_NO, "appAccessToAgencyKey": keys.AMS360_ACCESS_KEY}
    assert ams360.post("/auth/app/login", login | {"loginKey": "guess"}).status_code == 401
    wrong_agency = login | {"loginKey": key, "agencyNo": "1-1"}
    assert ams360.post("/auth/app/login", wrong_agency).status_code == 403
    assert ams360.post("/auth/app/login", login | {"loginKey": key}).status_code == 401


def test_a_missing_or_ended_token_is_401(
    contract_checked_sandbox: Sandbox, contract_checker: ContractChecker, ams360: Ams360Client
) -> None:
    contract_checker.forgive_requests = True
    body = {"model": {"invoiceNumber": 50123}}
    contract_checked_sandbox.ams360.tokens.revoke_all()
    assert ams360.post("/invoices/search", body).status_code == 401
    del ams360.session.headers["Authorization"]
    assert ams360.post("/invoices/search", body).status_code == 401
    ams360.log_in()
    assert ams360.post("/invoices/search", body).status_code == 200


def test_a_token_ends_by_itself(contract_checker: ContractChecker) -> None:
    with (
        Sandbox(token_life_s=0, on_exchange=contract_checker) as sandbox,
        Ams360Client(sandbox.ams360_url) as client,
    ):
        client.log_in()
        assert client.post("/customers/search", {"model": {"customerNumber": 1001}}).status_code == 401


# Lookups


def test_a_customer_by_number(ams360: Ams360Client) -> None:
    found = ams360.customer(1001)
    assert (found["fullName"], found["zipCode"]) == ("Sample Bakery LLC", "02108")


def test_customers_by_id_and_name(ams360: Ams360Client) -> None:
    found = ams360.customer(1001)
    assert ams360.search("customers", customerId=found["customerId"])["response"] == [found]
    assert ams360.search("customers", customerName="sample bakery")["totalCount"] == 2


def test_an_absent_customer_is_null_and_a_hidden_one_is_403(ams360: Ams360Client) -> None:
    assert ams360.search("customers", customerNumber=9_999)["response"] is None
    reply = ams360.post("/customers/search", {"model": {"customerNumber": HIDDEN}})
    assert (reply.status_code, "No customer found" in reply.json()["error"]) == (403, True)


def test_an_invoice_by_number(contract_checked_sandbox: Sandbox, ams360: Ams360Client) -> None:
    found = ams360.invoice(50123)
    assert (found["customerNumber"], found["invoiceAmount"], found["balance"]) == (1001, 1250.0, 1250.0)
    lines = [line["grossAmount"] for line in found["invoiceTransactions"]]
    assert lines == [1200.0, 50.0]
    due = contract_checked_sandbox.today.fromisoformat(found["dueDate"][:10])
    assert (contract_checked_sandbox.today - due).days == 23
    assert ams360.search("invoices", invoiceNumber=1)["response"] is None
    assert ams360.search("invoices", invoiceId=found["invoiceId"])["response"] == [found]


def test_a_bare_invoice_tells_its_balance_by_its_lines(ams360: Ams360Client) -> None:
    found = ams360.invoice(50701)
    assert "balance" not in found
    assert "invoiceAmount" not in found
    assert _lines_sum(found) == Money(400_00)
    assert ams360.receipt(1007, (50701, 150.0)).status_code == 200
    assert _lines_sum(ams360.invoice(50701)) == Money(250_00)


def _lines_sum(invoice: dict[str, Any]) -> Money:
    return total(Money(round(line["grossAmount"] * 100)) for line in invoice["invoiceTransactions"])


def test_all_pages_of_a_large_customer(ams360: Ams360Client) -> None:
    customer_id = ams360.customer(1020)["customerId"]
    body: dict[str, Any] | None = {"model": {"customerId": customer_id}, "skip": 0, "top": 500}
    numbers, pages = [], 0
    while body is not None:
        page = ams360.post("/invoices/search", body).json()
        numbers += [row["invoiceNumber"] for row in page["response"]]
        body, pages = page["nextPageRequestBody"], pages + 1
    assert (len(numbers), len(set(numbers)), pages) == (135, 135, 2)
    assert page["totalCount"] == 135


@pytest.mark.parametrize(
    "body",
    [
        {"model": {}},
        {"model": {"invoiceNumber": None}},
        {"skip": 0},
        {"model": {"invoiceNumber": 50123}, "skip": -1},
        {"model": {"invoiceNumber": 50123}, "top": "all"},
    ],
)
def test_wrong_searches_are_400(
    ams360: Ams360Client, contract_checker: ContractChecker, body: dict[str, Any]
) -> None:
    contract_checker.forgive_requests = True
    assert ams360.post("/invoices/search", body).status_code == 400


def test_invoices_of_a_hidden_customer_are_403(
    contract_checked_sandbox: Sandbox, ams360: Ams360Client
) -> None:
    hidden = contract_checked_sandbox.ams360.agency.customers[HIDDEN].customer_id
    assert ams360.post("/invoices/search", {"model": {"customerId": hidden}}).status_code == 403


def test_sub_customers_of_a_shared_invoice(ams360: Ams360Client) -> None:
    shared = ams360.invoice(50900)["invoiceId"]
    found = ams360.post("/invoice/customer/search", {"invoiceId": shared}).json()
    assert [customer["customerNumber"] for customer in found] == [1009, 1001, 1002]
    other = {"invoiceId": "00000000-0000-4000-8000-000000000000"}
    assert ams360.post("/invoice/customer/search", other).status_code == 404


def test_banks(ams360: Ams360Client) -> None:
    def names(**query: str) -> list[str]:
        reply = ams360.session.get(f"{ams360.url}/bank-accounts", params=query, timeout=5)
        return [bank["shortName"] for bank in reply.json()]

    assert names() == ["TRUST1", "OPER1", "TRUST2"]
    assert names(showHidden="true")[-1] == "OLD1"


# Receipts


def test_a_receipt_lowers_the_balances(contract_checked_sandbox: Sandbox, ams360: Ams360Client) -> None:
    reply = ams360.receipt(1001, (50123, 400.0), (50140, 150.0))
    assert reply.json()["receiptId"]
    assert contract_checked_sandbox.balance(50123) == Money(850_00)
    assert ams360.invoice(50140)["balance"] == 0
    (receipt,) = contract_checked_sandbox.ams360.posted.receipts
    assert (receipt.amount, receipt.description) == (Money(550_00), "PayDesk R-1")


def test_a_receipt_without_invoice_is_money_on_account(
    contract_checked_sandbox: Sandbox, ams360: Ams360Client
) -> None:
    assert ams360.receipt(1001, (None, 75.0)).status_code == 200
    assert contract_checked_sandbox.ams360.posted.receipts[0].applied == ((None, Money(75_00)),)


def test_a_repeated_receipt_is_a_second_one(contract_checked_sandbox: Sandbox, ams360: Ams360Client) -> None:
    for _ in range(2):
        assert ams360.receipt(1001, (50123, 600.0)).status_code == 200
    assert contract_checked_sandbox.balance(50123) == Money(50_00)
    assert ams360.receipt(1001, (50123, 600.0)).status_code == 400


@pytest.mark.parametrize(
    ("items", "change", "status"),
    [
        ([(50123, 100.0)], {"receiptAmount": 99.0}, 400),
        ([(50123, 100.0)], {"receiptAmount": 0}, 400),
        ([(50123, 100.0)], {"invoiceInformations": []}, 400),
        ([(50123, 100.0)], {"receiptDate": ""}, 400),
        ([(50123, 100.0)], {"paymentCheckType": "Gold"}, 400),
        ([(50123, 100.0)], {"bankShortName": "NOBANK"}, 403),
        ([(50123, 100.0)], {"bankShortName": "TRUST2"}, 403),
        ([(50123, 100.0)], {"customerNumber": HIDDEN}, 403),
        ([(50123, 100.0)], {"customerNumber": 1002}, 400),
        ([(50123, 100.0)], {"customerNumber": "1001"}, 400),
        ([(50123, 0.0)], {}, 400),
        ([(50123, -5.0), (50140, 10.0)], {}, 400),
        ([(50123, 1250.01)], {}, 400),
        ([(50123, 1000.0), (50123, 1000.0)], {}, 400),
        ([(50099, 10.0)], {}, 400),
        ([(50123, 10.0), (1, 5.0)], {}, 400),
    ],
)
def test_wrong_receipts_change_nothing(
    contract_checked_sandbox: Sandbox,
    contract_checker: ContractChecker,
    ams360: Ams360Client,
    items: list[tuple[int | None, float]],
    change: dict[str, Any],
    status: int,
) -> None:
    contract_checker.forgive_requests = True
    reply = ams360.receipt(1001, *items, **change)
    assert reply.status_code == status, reply.text
    assert contract_checked_sandbox.balance(50123) == Money(1_250_00)
    assert contract_checked_sandbox.ams360.posted.receipts == []


def test_deposits_match_by_number_and_balance(
    ams360: Ams360Client, contract_checked_sandbox: Sandbox
) -> None:
    lines = [
        {"payerName": "Sample Bakery", "invoiceNumber": "50140", "checkNumber": "R-1", "checkAmount": 150.0},
        {"payerName": "Sample Bakery", "invoiceNumber": "50123", "checkNumber": "R-1", "checkAmount": 10.0},
    ]
    body = {"generalLedgerDate": "2026-05-20", "bankCode": "TR1", "totalAmount": 160.0, "details": lines}
    made = ams360.post("/import-deposit/create", body).json()
    assert (made["matched"], made["unmatched"]) == (1, 1)
    assert contract_checked_sandbox.balance(50140) == Money(150_00)
    assert ams360.post("/import-deposit/create", body | {"totalAmount": 161.0}).status_code == 400
    assert ams360.post("/import-deposit/create", body | {"bankCode": "XX"}).status_code == 403


def test_activities(ams360: Ams360Client, contract_checked_sandbox: Sandbox) -> None:
    body = {"customerId": ams360.customer(1001)["customerId"], "action": "Payment Received", "comment": "R-1"}
    assert ams360.post("/activity/customer", body).json()["activityId"]
    (activity,) = contract_checked_sandbox.ams360.posted.activities
    assert (activity.customer_number, activity.comment) == (1001, "R-1")
    assert ams360.post("/activity/customer", body | {"comment": ""}).status_code == 400
    nobody = body | {"customerId": "00000000-0000-4000-8000-000000000000"}
    assert ams360.post("/activity/customer", nobody).status_code == 403


def test_unknown_addresses_are_404(contract_checked_sandbox: Sandbox) -> None:
    root = contract_checked_sandbox.ams360_url.removesuffix("/ems")
    assert requests.get(f"{root}/bank-accounts", timeout=5).status_code == 404
    assert requests.get(f"{root}/ems/odata", timeout=5).status_code == 404


def test_zero_is_zero(contract_checked_sandbox: Sandbox) -> None:
    assert contract_checked_sandbox.balance(50401) == ZERO
