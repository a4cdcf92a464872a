"""Intents and payments: the rules of an intent, each outcome, fees, limits, details, search."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import requests

from paydesk.domain.money import ZERO, Money
from paydesk.sandbox import FeeRule, Merchant, Sandbox
from paydesk.sandbox.anddone import outcomes
from paydesk.sandbox.anddone.outcomes import APPROVING_CARDS, DECLINING_CARDS, ISSUER_CODES, RETURN_CODES
from tests.contracts.validator import ContractChecker, contract
from tests.sandbox.clients import AndDoneClient, account, card, new_title
from tests.sandbox.conftest import TUESDAY

TODAY = TUESDAY.strftime("%m-%d-%Y")


def _refusal(reply: requests.Response) -> tuple[int, str]:
    return reply.status_code, reply.json()["errorCode"]


# Intents


def test_an_intent_echoes_its_order(anddone: AndDoneClient) -> None:
    title = new_title()
    made = anddone.create_intent(178.0, title, invoiceNumber="50123", expiresIn="900").json()
    assert (made["title"], made["amount"], made["invoiceNumber"]) == (title, 178.0, "50123")
    assert len(made["paymentToken"]) == 8


def test_a_title_is_good_once_even_after_its_intent_expired(anddone: AndDoneClient) -> None:
    title = new_title()
    token = anddone.intent(10.0, title)
    assert _refusal(anddone.create_intent(10.0, title)) == (400, "Key_TitleAlreadyExists")
    anddone.expire(token)
    assert _refusal(anddone.create_intent(99.0, title)) == (400, "Key_TitleAlreadyExists")


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"title": " "}, "Key_TitleCanNotbeNullOrEmpty"),
        ({"amount": 0}, "Key_InvalidAmount"),
        ({"amount": -1}, "Key_InvalidAmount"),
        ({"amount": 1.005}, "Key_InvalidAmount"),
        ({"amount": "ten"}, "Key_InvalidAmount"),
        ({"intent": None}, "Key_IntentCannotBeNullOrEmpty"),
        ({"intent": {"paymentTypes": []}}, "Key_PaymentTypesCannotBeNullOrEmpty"),
        ({"intent": {"paymentTypes": ["Cash"]}}, "Key_InvalidRequest"),
        ({"expiresIn": "soon"}, "Key_InvalidRequest"),
        ({"expiresIn": "9" * 20}, "Key_InvalidRequest"),
        ({"referenceDataList": ["50123"]}, "Key_InvalidRequest"),
        ({"amount": 15_000.01, "intent": {"paymentTypes": ["ACH"]}}, "Key_InvalidAmount"),
    ],
)
def test_wrong_intents_are_refused(
    anddone: AndDoneClient, contract_checker: ContractChecker, change: dict[str, Any], key: str
) -> None:
    contract_checker.forgive_requests = True
    body: dict[str, Any] = {
        "title": new_title(),
        "amount": 10.0,
        "intent": {"paymentTypes": ["CreditCard"]},
        "additionalDetailsPreference": "NoAdditionalDetails",
    }
    assert _refusal(anddone.post("/secure/paymentintents", body | change)) == (400, key)


def test_a_paid_intent_can_neither_be_paid_again_nor_expired(
    anddone: AndDoneClient, contract_checked_sandbox: Sandbox
) -> None:
    token = anddone.intent(178.0)
    assert anddone.pay(token, card(178.0)).status_code == 201
    assert _refusal(anddone.pay(token, card(178.0))) == (400, "Key_InvalidPaymentIntentStatus")
    assert _refusal(anddone.expire(token)) == (400, "Key_InvalidPaymentIntentStatus")
    assert len(contract_checked_sandbox.charges()) == 1


def test_an_expired_intent_can_neither_be_paid_nor_expired_again(
    anddone: AndDoneClient, contract_checked_sandbox: Sandbox
) -> None:
    by_hand, by_time = anddone.intent(10.0), anddone.intent(10.0, expiresIn="60")
    assert anddone.expire(by_hand).json() == {"message": "PaymentIntent is expired successfully"}
    contract_checked_sandbox.advance(timedelta(seconds=61))
    for token in (by_hand, by_time):
        assert _refusal(anddone.pay(token, card(10.0))) == (400, "Key_PaymentIntentAlreadyExpired")
        assert _refusal(anddone.expire(token)) == (400, "Key_PaymentIntentAlreadyExpired")
    assert contract_checked_sandbox.charges() == []


def test_an_unknown_intent_is_not_found(anddone: AndDoneClient) -> None:
    assert anddone.pay("nowhere1", card(10.0)).status_code == 404
    assert anddone.expire("nowhere1").status_code == 404
    assert anddone.details("nowhere1").status_code == 404


def test_the_amount_must_equal_the_intents(anddone: AndDoneClient) -> None:
    token = anddone.intent(178.0)
    assert _refusal(anddone.pay(token, card(178.01))) == (400, "Key_InvalidAmount")
    assert anddone.details(token).status_code == 404


def test_only_the_intents_tenders_pay_it(anddone: AndDoneClient) -> None:
    token = anddone.intent(20.0, intent={"paymentTypes": ["CreditCard"]})
    assert _refusal(anddone.pay(token, account(20.0), "ACH")) == (400, "Key_InvalidRequest")


def test_a_declined_card_leaves_the_intent_open_for_another(anddone: AndDoneClient) -> None:
    token = anddone.intent(50.0)
    first = anddone.pay(token, card(50.0, "4000000000009995")).json()
    assert anddone.details(token).json()["transactionId"] == first["transactionId"]
    second = anddone.pay(token, card(50.0)).json()
    assert anddone.details(token).json()["transactionId"] == second["transactionId"]


# Outcomes


def _outcome(reply: requests.Response) -> tuple[str, bool, str, str]:
    assert reply.status_code == 201, reply.text
    fields = reply.json()
    result = fields["transactionResult"]
    return fields["transactionStatus"], result["success"], result["reasonCode"], result["reasonMessage"]


@pytest.mark.parametrize("number", APPROVING_CARDS)
def test_approving_cards(anddone: AndDoneClient, number: str) -> None:
    code = "7373" if number.startswith("3") else "737"
    reply = anddone.pay(anddone.intent(20.0), card(20.0, number, code))
    assert _outcome(reply) == ("Authorized", True, "00", "APPROVED")
    assert reply.json()["tenderInfo"]["maskCardNumber"] == f"****{number[-4:]}"
    assert reply.json()["transactionResult"]["processorAuthCode"]


@pytest.mark.parametrize(("number", "code"), DECLINING_CARDS.items())
def test_declining_cards(anddone: AndDoneClient, number: str, code: str) -> None:
    status = "Failed" if code == "96" else "Denied"
    reply = anddone.pay(anddone.intent(20.0), card(20.0, number))
    assert _outcome(reply) == (status, False, code, ISSUER_CODES[code])
    assert reply.json()["tenderInfo"]["captureAmount"] == 0


def test_a_wrong_code_and_a_past_expiry_are_declined(anddone: AndDoneClient) -> None:
    assert _outcome(anddone.pay(anddone.intent(20.0), card(20.0, code="999")))[2] == "N7"
    assert _outcome(anddone.pay(anddone.intent(20.0), card(20.0, expiry="0120")))[2] == "54"
    this_month = datetime.now(UTC).strftime("%m%y")
    assert _outcome(anddone.pay(anddone.intent(20.0), card(20.0, expiry=this_month)))[1]


def test_a_card_that_is_no_test_card_is_declined(anddone: AndDoneClient) -> None:
    assert _outcome(anddone.pay(anddone.intent(20.0), card(20.0, "4539578763621486")))[2] == "14"


@pytest.mark.parametrize(("amount", "code"), [(6666.51, "51"), (6666.05, "05"), (6666.91, "91")])
def test_amounts_of_6666_dollars_choose_the_issuers_code(
    anddone: AndDoneClient, amount: float, code: str
) -> None:
    assert _outcome(anddone.pay(anddone.intent(amount), card(amount)))[2] == code
    assert _outcome(anddone.pay(anddone.intent(6666.0), card(6666.0)))[1]


@pytest.mark.parametrize("code", ["R01", "R02", "R03", "R16", "R20"])
def test_bank_accounts_that_are_refused(anddone: AndDoneClient, code: str) -> None:
    tender = account(20.0, f"9000000{code[1:]}")
    reply = anddone.pay(anddone.intent(20.0), tender, "ACH")
    assert _outcome(reply) == ("Failed", False, code, RETURN_CODES[code])


def test_ach_amounts_and_routing(anddone: AndDoneClient) -> None:
    assert _outcome(anddone.pay(anddone.intent(6666.01), account(6666.01), "ACH"))[2] == "R01"
    wrong = account(20.0, routing="011000139")
    assert _outcome(anddone.pay(anddone.intent(20.0), wrong, "ACH"))[2] == "R13"


def test_no_number_is_kept_or_returned(anddone: AndDoneClient, contract_checked_sandbox: Sandbox) -> None:
    token = anddone.intent(20.0)
    texts = [anddone.pay(token, card(20.0)).text, anddone.details(token).text]
    texts.append(anddone.pay(anddone.intent(20.0), account(20.0), "ACH").text)
    texts.append(json.dumps(anddone.search()))
    texts.append(repr(contract_checked_sandbox.charges()))
    for text in texts:
        assert "4000620000000007" not in text
        assert "123456789" not in text
        assert '"cvv"' not in text


# Fees and limits


@pytest.mark.parametrize(
    ("channel", "amount", "fee"),
    [
        ("CreditCard", 178.00, 6.23),
        ("CreditCard", 0.14, 0.00),
        ("CreditCard", 0.15, 0.01),
        ("DebitCard", 1250.00, 18.75),
        ("DebitCard", 33.00, 0.50),
        ("ACH", 1250.00, 3.00),
    ],
)
def test_the_fee_is_added_and_told(anddone: AndDoneClient, channel: str, amount: float, fee: float) -> None:
    tender = account(amount) if channel == "ACH" else card(amount)
    token = anddone.intent(amount)
    fields = anddone.pay(token, tender, channel).json()
    info = fields["tenderInfo"]
    assert round(info["captureAmount"] - fields["subTotalAmount"], 2) == fee
    assert (info["amount"], info["adjustmentAmount"]) == (amount, fee)
    assert info["paymentAdjustmentType"] == ("ConvenienceFee" if fee else "None")
    (row,) = anddone.search(referenceNo=fields["referenceNo"])
    assert round(row["captureAmount"] - row["amount"], 2) == fee


def test_the_fee_can_be_suppressed_or_overridden(anddone: AndDoneClient) -> None:
    token = anddone.intent(100.0)
    assert (
        anddone.pay(token, card(100.0), suppressTechnologyFee=True).json()["tenderInfo"]["adjustmentAmount"]
        == 0
    )
    of_intent = anddone.intent(100.0, overrideTechnologyFee=1.23)
    assert anddone.pay(of_intent, card(100.0)).json()["tenderInfo"]["captureAmount"] == 101.23
    waived = anddone.intent(100.0, suppressTechnologyFee=True)
    assert anddone.pay(waived, card(100.0)).json()["tenderInfo"]["captureAmount"] == 100.0


def test_ach_stops_at_its_limit_and_cards_do_not(anddone: AndDoneClient) -> None:
    at, above = anddone.intent(15_000.00), anddone.intent(15_000.01)
    assert anddone.pay(at, account(15_000.00), "ACH").status_code == 201
    assert _refusal(anddone.pay(above, account(15_000.01), "ACH")) == (400, "Key_InvalidAmount")
    assert anddone.pay(above, card(15_000.01)).status_code == 201


@pytest.fixture
def strict_merchant(contract_checker: ContractChecker) -> Iterator[AndDoneClient]:
    """Return a merchant with credit cards and pending ACH only, and a fee of 1 % plus 25 cents."""
    fees = {"CreditCard": FeeRule(Decimal(1), Money(25)), "ACH": FeeRule()}
    merchant = Merchant(fees=fees, ach_pending=True, batching=False)
    with (
        Sandbox(seed=2, merchant=merchant, on_exchange=contract_checker) as sandbox,
        AndDoneClient(sandbox.anddone_url) as client,
    ):
        yield client
    assert not sandbox.crashes


def test_a_merchants_own_settings_hold(strict_merchant: AndDoneClient) -> None:
    paid = strict_merchant.paid(100.0)
    assert paid["tenderInfo"]["captureAmount"] == 101.25
    refused = strict_merchant.pay(strict_merchant.intent(5.0), card(5.0), "DebitCard")
    assert _refusal(refused) == (400, "Key_InvalidRequest")
    pending = strict_merchant.pay(strict_merchant.intent(5.0), account(5.0), "ACH").json()
    assert pending["transactionStatus"] == "PendingForAuthorized"
    assert strict_merchant.void(paid["transactionId"]).json()["errorCode"] == "Key_VoidsNotAllowed"


def test_rounding_is_half_up() -> None:
    assert FeeRule(Decimal("3.5")).of(Money(15)) == Money(1)
    assert FeeRule(Decimal("3.5")).of(Money(14)) == ZERO
    assert FeeRule(Decimal("2.5")).of(Money(1_00)) == Money(3)


# Details and search


def test_details_hold_the_tender_by_channel(anddone: AndDoneClient) -> None:
    token = anddone.intent(20.0)
    anddone.pay(token, account(20.0), "ACH")
    read = anddone.details(token).json()
    assert read["achTenderInfo"]["maskAccount"] == "****6789"
    assert read["ccTenderInfo"] is None
    assert read["referenceNo"] == read["transactionResult"]["merchantReference"]


def test_details_of_an_unpaid_intent_are_not_found(anddone: AndDoneClient) -> None:
    reply = anddone.details(anddone.intent(20.0))
    assert _refusal(reply) == (404, "Key_TransactionNotFound")


def test_search_by_each_criterion(anddone: AndDoneClient) -> None:
    one = anddone.paid(100.0, invoiceNumber="50123")
    two = anddone.pay_open("R-2", card(55.5), "DebitCard", additionalFields={"invoice": "50140"}).json()
    anddone.pay_open("R-3", card(7.0, "4000000000000002"))

    def found(**criteria: object) -> list[str]:
        return [row["referenceNo"] for row in anddone.search(**criteria)]

    title = one["referenceNo"]
    assert found() == ["R-3", "R-2", title]
    assert found(asc="true") == [title, "R-2", "R-3"]
    assert found(referenceNo="R-2") == found(merchantReference="R-2") == ["R-2"]
    assert found(searchText="50140") == ["R-2"]
    assert found(searchText="50123") == [title]
    assert found(amount="100.00") == found(amount="103.50") == [title]
    assert found(fromAmount="50", toAmount="60") == ["R-2"]
    assert found(transactionStatuses="Denied,Failed") == ["R-3"]
    assert found(channelTypes="DebitCard") == ["R-2"]
    assert found(paymentTypes="PaymentIntent") == [title]
    assert found(transactionIds=two["transactionId"]) == ["R-2"]
    assert found(startDate=TODAY, endDate=TODAY, customerName="Dana Example")
    assert found(startDate="01-01-2099") == found(endDate="01-01-2020") == []


def _fits_nothing(schema: dict[str, Any], name: str) -> str:
    special = {
        "startDate": "01-01-2099", "endDate": "01-01-2020", "fromAmount": "9999", "toAmount": "0.01",
        "transactionType": "Refund", "processMethod": "NotDefined", "suppressTechnologyFee": "true",
    }  # fmt: skip
    return special.get(
        name, {"number": "9999.99", "integer": "9", "boolean": "true"}.get(schema["type"], "no")
    )


def test_no_declared_criterion_is_ignored(anddone: AndDoneClient, contract_checker: ContractChecker) -> None:
    """A criterion that fits no payment finds none, or is refused. Ignored it would find every payment."""
    contract_checker.forgive_requests = True
    anddone.paid(100.0, invoiceNumber="50123")
    rules, search = contract("anddone"), contract("anddone").operations["searchPayments"]
    criteria = [
        rules.resolved(part, f"{search.pointer}/parameters/{at}")[0]
        for at, part in enumerate(search.spec["parameters"])
    ]
    paging = {"startRow", "pageSize", "asc", "transactionsCount"}
    tried = {part["name"]: part for part in criteria if part["in"] == "query" and part["name"] not in paging}
    assert len(tried) == 39
    refused = set()
    for name, part in tried.items():
        schema = rules.resolved(part["schema"], "")[0]
        reply = anddone.post("/secure/payments/search", None, **{name: _fits_nothing(schema, name)})
        refused |= {name} if reply.status_code == 400 else set()
        assert reply.status_code == 400 or reply.json() == {"totalRowCount": 0, "data": []}, name
    assert {"isPaid", "batchId", "paymentMethod", "accountAlias", "sortField"} <= refused
    assert not {"binNumber", "shopperName", "transactionType"} & refused
    assert anddone.post("/secure/payments/search", None, isPaidd="true").status_code == 400


def test_search_by_the_rarer_criteria(anddone: AndDoneClient) -> None:
    title = anddone.paid(100.0, suppressTechnologyFee=True)["referenceNo"]
    anddone.pay_open("R-2", account(55.5), "ACH")

    def found(**criteria: object) -> list[str]:
        return [row["referenceNo"] for row in anddone.search(**criteria)]

    assert found(binNumber="400062") == found(processMethod="CardNotPresent") == [title]
    assert found(transactionOrigins="API") == found(suppressTechnologyFee="FALSE") == ["R-2"]
    assert found(shopperName="Dana Example") == found(transactionType="Sale") == ["R-2", title]


def test_details_publish_no_currency_and_two_origins_only(anddone: AndDoneClient) -> None:
    token = anddone.paid_token(20.0)
    by_intent = anddone.details(token).json()
    opened = anddone.pay_open("R-2", card(20.0)).json()
    body = {"id": opened["transactionId"], "type": "OpenPayment"}
    by_id = anddone.post("/secure/paymentsdetails", body).json()
    assert (by_intent["transactionOrigin"], by_id["transactionOrigin"]) == ("PaymentIntent", "WebForm")
    assert "currency" not in by_intent["ccTenderInfo"] | by_id["ccTenderInfo"]
    assert opened["tenderInfo"]["currency"] == "USD"


def test_search_pages(anddone: AndDoneClient) -> None:
    for number in range(12):
        anddone.pay_open(f"P-{number:02d}", card(5.0))
    assert len(anddone.search()) == 10
    pages = [
        row["referenceNo"]
        for start in range(0, 15, 5)
        for row in anddone.search(startRow=start, pageSize=5, asc="true")
    ]
    assert pages == [f"P-{number:02d}" for number in range(12)]
    reply = anddone.post("/secure/payments/search", None, transactionsCount="true")
    assert reply.json() == {"totalRowCount": 12, "data": []}


def test_search_refuses_what_it_cannot_read(
    anddone: AndDoneClient, contract_checker: ContractChecker
) -> None:
    contract_checker.forgive_requests = True
    for criteria in ({"startDate": "2026-05-01"}, {"amount": "much"}, {"startRow": "-1"}, {"pageSize": "x"}):
        reply = anddone.post("/secure/payments/search", None, **criteria)
        assert reply.status_code == 400


def test_a_payment_from_outside_carries_its_invoice(
    anddone: AndDoneClient, contract_checked_sandbox: Sandbox
) -> None:
    contract_checked_sandbox.pay_outside(50123, Money(1_250_00))
    (row,) = anddone.search(searchText="50123")
    assert (row["invoiceId"], row["paymentType"], row["amount"]) == ("50123", "PaymentLink", 1250.0)


def test_all_invoice_numbers_of_an_intent_can_be_found(anddone: AndDoneClient) -> None:
    references = [{"referenceType": "InvoiceNumber", "referenceNumber": number} for number in ("501", "502")]
    anddone.paid(20.0, invoiceNumber="501", referenceDataList=references)
    for number in ("501", "502"):
        (row,) = anddone.search(searchText=number)
        assert number in row["additionaFields"]


# Keys


@pytest.mark.parametrize(
    ("header", "value", "payment", "search", "expire"),
    [
        ("x-api-key", "wrong", 401, 401, 400),
        ("x-app-key", "", 401, 401, 400),
        ("origin", "https://elsewhere.example", 403, 401, 400),
        ("x-version", "1.0", 400, 400, 400),
    ],
)
def test_wrong_headers_are_refused(
    anddone: AndDoneClient, contract_checker: ContractChecker,
    header: str, value: str, payment: int, search: int, expire: int,
) -> None:  # fmt: skip
    contract_checker.forgive_requests = True
    token = anddone.intent(10.0)
    anddone.session.headers[header] = value
    assert anddone.pay(token, card(10.0)).status_code == payment
    assert anddone.post("/secure/payments/search").status_code == search
    assert anddone.expire(token).status_code == expire


def test_malformed_requests_are_refused(anddone: AndDoneClient, contract_checker: ContractChecker) -> None:
    contract_checker.forgive_requests = True
    for body in (b"", b"{", b"[]", b"\xff\xfe", b'{"type": "PaymentIntent"}', b'{"type": "Barter"}'):
        reply = anddone.session.post(f"{anddone.url}/secure/payments", data=body, timeout=5)
        assert reply.status_code in (400, 404)
    assert anddone.post("/secure/nothing").status_code == 404
    missing = {"amount": 10.0}
    assert anddone.pay(anddone.intent(10.0), missing).status_code == 400


# Races


def test_two_threads_paying_one_intent_charge_once(
    anddone: AndDoneClient, contract_checked_sandbox: Sandbox
) -> None:
    tokens = [anddone.intent(10.0) for _ in range(20)]
    with ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(lambda token: _pay_once(contract_checked_sandbox, token), tokens * 4))
    assert replies.count(201) == 20
    assert len(contract_checked_sandbox.charges()) == 20


def _pay_once(sandbox: Sandbox, token: str) -> int:
    with AndDoneClient(sandbox.anddone_url) as client:
        return client.pay(token, card(10.0)).status_code


def test_titles_stay_unique_under_races(contract_checked_sandbox: Sandbox) -> None:
    def create(title: str) -> int:
        with AndDoneClient(contract_checked_sandbox.anddone_url) as client:
            return client.create_intent(10.0, title).status_code

    titles = [new_title() for _ in range(20)]
    with ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(create, titles * 4))
    assert replies.count(200) == 20


def test_one_seed_gives_the_same_ids() -> None:
    def ids() -> tuple[str, str]:
        with Sandbox(seed=7) as sandbox, AndDoneClient(sandbox.anddone_url) as client:
            token = client.intent(10.0, "same")
            return token, str(client.pay(token, card(10.0)).json()["transactionId"])

    assert ids() == ids()


def test_every_documented_card_passes_the_check_digit() -> None:
    from stdnum import luhn

    for number in (*APPROVING_CARDS, *DECLINING_CARDS):
        assert luhn.is_valid(number)
    assert outcomes.routing_is_valid("011000138")
    assert not outcomes.routing_is_valid("011000139")
