"""The contract checker itself: it checks every operation, and finds violations."""

from __future__ import annotations

from datetime import timedelta

from paydesk.sandbox import Exchange, Sandbox
from paydesk.sandbox.server.http import Reply, Request
from tests.contracts.validator import ContractChecker, contract
from tests.sandbox.clients import Ams360Client, AndDoneClient, account, card


def test_every_operation_speaks_the_contract(
    contract_checked_sandbox: Sandbox,
    contract_checker: ContractChecker,
    anddone: AndDoneClient,
    ams360: Ams360Client,
) -> None:
    paid = anddone.paid(100.0, invoiceNumber="50123")
    token = anddone.intent(100.0)
    anddone.expire(token)
    anddone.pay_open("R-1", account(50.0), "ACH", additionalFields={"invoice": "50140"})
    anddone.search(startDate="01-01-2020", endDate="12-31-2099", amount="100.00", pageSize=5)
    anddone.post("/secure/payments/export", None, exportToCsv="true", asc="true", endDate="12-31-2099")
    anddone.details(paid["transactionId"])
    anddone.post("/secure/paymentsdetails", {"id": paid["transactionId"], "type": "OpenPayment"})
    anddone.void(paid["transactionId"])
    settled = anddone.paid(40.0)["transactionId"]
    contract_checked_sandbox.advance(timedelta(days=9))
    anddone.eligibility(settled)
    anddone.refund(settled, 40.0, "Subtotal")
    link = anddone.link(40.0)["id"]
    anddone.session.put(f"{anddone.url}/secure/paymentlinks/{link}", json={"amount": 41.0}, timeout=5)
    anddone.link_details(link)
    anddone.expire_link(link)
    anddone.post(
        "/utilityapi/secure/verifybankaccounts", {"accountNumber": "123456789", "routingNumber": "011000138"}
    )

    invoice = ams360.invoice(50123)
    ams360.customer(1001)
    ams360.post("/invoice/customer/search", {"invoiceId": invoice["invoiceId"]})
    ams360.receipt(1001, (50123, 100.0))
    assert ams360.session.get(f"{ams360.url}/bank-accounts", params={"showHidden": "true"}, timeout=5).ok
    ams360.post(
        "/import-deposit/create",
        {
            "generalLedgerDate": "2026-05-20",
            "bankCode": "TR1",
            "totalAmount": 150.0,
            "details": [{"payerName": "Sample", "invoiceNumber": "50140", "checkAmount": 150.0}],
        },
    )
    ams360.post(
        "/activity/customer",
        {"customerId": invoice["customerId"], "action": "Payment Received", "comment": "R-1"},
    )

    wanted = set(contract("anddone").operations) | set(contract("ams360").operations)
    assert wanted == contract_checker.seen


def _exchange(request_body: bytes, reply: Reply, path: str = "/secure/paymentintents") -> Exchange:
    headers = {
        "x-api-key": "k", "x-app-key": "a", "x-version": "2.3", "origin": "o",
        "content-type": "application/json",
    }  # fmt: skip
    request = Request("POST", path, {}, headers, request_body)
    return Exchange("anddone", "createPaymentIntent", request, reply)


GOOD = (
    b'{"title": "T", "amount": 1.5, "intent": {"paymentTypes": ["ACH"]},'
    b' "additionalDetailsPreference": "None"}'
)


def test_a_right_exchange_passes() -> None:
    checker = ContractChecker()
    checker(_exchange(GOOD, Reply.of(200, {"paymentToken": "abc"})))
    checker.verify()


def test_wrong_exchanges_are_caught() -> None:
    wrong = [
        _exchange(GOOD.replace(b"ACH", b"Cheque"), Reply.of(200, {})),
        _exchange(GOOD.replace(b'"title": "T", ', b""), Reply.of(200, {})),
        _exchange(GOOD.replace(b"title", b"Titel"), Reply.of(200, {})),
        _exchange(b"not json", Reply.of(200, {})),
        _exchange(GOOD, Reply.of(200, {"amount": "1.50"})),
        _exchange(GOOD, Reply.of(200, {"paymentTokens": "abc"})),
        _exchange(GOOD, Reply.of(418, {})),
        _exchange(GOOD, Reply(200, b"<html>", "text/html")),
        _exchange(GOOD, Reply.of(200, {}), path="/secure/payments"),
    ]
    for exchange in wrong:
        checker = ContractChecker()
        checker(exchange)
        assert checker.violations, exchange


def test_sibling_keys_of_a_reference_apply_too() -> None:
    """In ``channelType: {$ref, description}`` the reference applies beside its description."""
    pointer = "/components/schemas/PaymentRequest/properties/channelType"
    assert not list(contract("anddone").errors(pointer, "ACH"))
    assert list(contract("anddone").errors(pointer, "Cash"))


def test_undeclared_queries_and_missing_headers_are_caught() -> None:
    headers = {"x-api-key": "k", "x-app-key": "a", "x-version": "2.3", "origin": "o"}
    page = Reply.of(200, {"totalRowCount": 0, "data": []})
    for query, sent in (({"invoice": "1"}, headers), ({"pageSize": "all"}, headers), ({}, {})):
        checker = ContractChecker()
        request = Request("POST", "/secure/payments/search", query, sent, b"")
        checker(Exchange("anddone", "searchPayments", request, page))
        assert checker.violations


def test_cards_are_declined_within_the_contract(anddone: AndDoneClient) -> None:
    reply = anddone.pay(anddone.intent(20.0), card(20.0, "4000000000009995"))
    assert reply.status_code == 201
