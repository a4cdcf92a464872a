"""What is said to AndDone, and what its answers prove: no socket is opened here."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paydesk.domain.money import Money
from paydesk.domain.outcome import Approved, Declined, NoCharge, Unclear
from paydesk.domain.payment import ReferenceKind
from paydesk.domain.tender import TenderKind
from paydesk.gateways.anddone_answers import to_charge, to_finding, to_outcome
from paydesk.gateways.anddone_requests import to_intent, to_payment
from paydesk.gateways.anddone_words import said_aloud
from paydesk.gateways.fields import Fields
from paydesk.gateways.http import Reply, from_json, to_json
from tests.gateways import made

REFUSAL: dict[str, Any] = {
    "transactionStatus": "Denied",
    "tenderInfo.captureAmount": 0.0,
    "transactionResult.success": False,
    "transactionResult.processorAuthCode": None,
    "transactionResult.reasonCode": "51",
    "transactionResult.reasonMessage": "Not enough balance",
}


# Requests


def test_an_intent_carries_the_sum_before_the_fee_and_every_invoice() -> None:
    intent = to_intent(made.request(numbers=("50123", "50140")))
    assert intent["amount"] == Decimal("178.00")
    assert intent["invoiceNumber"] == "50123"
    assert intent["intent"] == {"paymentTypes": ["CreditCard"]}
    assert intent["expiresIn"] == "900"
    assert intent["referenceDataList"] == [
        {"referenceType": "InvoiceNumber", "referenceNumber": "50123"},
        {"referenceType": "InvoiceNumber", "referenceNumber": "50140"},
    ]
    assert "suppressTechnologyFee" not in intent


@pytest.mark.parametrize(
    ("kind", "word"),
    [
        (ReferenceKind.POLICY, "PolicyNumber"),
        (ReferenceKind.INVOICE, "InvoiceNumber"),
        (ReferenceKind.OTHER, "Other"),
    ],
)
def test_a_payment_without_invoice_never_looks_like_premium_finance(kind: ReferenceKind, word: str) -> None:
    intent = to_intent(made.anytime(kind, "HO-1"))
    assert "invoiceNumber" not in intent
    assert intent["referenceDataList"] == [{"referenceType": word, "referenceNumber": "HO-1"}]


def test_a_card_payment_settles_the_intent() -> None:
    payment = to_payment("VxjAB12p", made.request(), made.card(), desk="Desk 2")
    year = made.card().expiry_year % 100
    assert payment == {
        "type": "PaymentIntent",
        "token": "VxjAB12p",
        "transactionCode": "Web",
        "channelType": "CreditCard",
        "processMethod": "CardNotPresent",
        "tenderInfo": {
            "amount": Decimal(178),
            "cardHolderName": "Dana Reyes",
            "cardType": "VISA",
            "cardNumber": "4000620000000007",
            "cardExpiry": f"03{year:02d}",
            "cvv": "737",
            "cvDataStatus": "AV",
            "removeDiscounting": False,
        },
        "billingContact": {
            "name": {"firstName": "Dana", "lastName": "Reyes"},
            "phone": "5085550142",
            "email": "dana@reyes.example",
            "address": {"country": 1, "postalCode": "02108"},
        },
        "additionalFields": {
            "takenBy": "phone",
            "desk": "Desk 2",
            "reference": "PD-7K2M",
            "invoices": "50123",
        },
    }


@pytest.mark.parametrize(("business", "category"), [(False, "Personal"), (True, "Business")])
def test_a_bank_debit_settles_the_intent(business: bool, category: str) -> None:
    payment = to_payment("T", made.request(kind=TenderKind.ACH), made.bank_account(business=business))
    assert (payment["channelType"], payment["processMethod"]) == ("ACH", "ACH")
    assert payment["tenderInfo"] == {
        "amount": Decimal(178),
        "accountHolderName": "Dana Reyes",
        "routingNumber": "011000138",
        "accountNumber": "123456789",
        "accountType": "checking",
        "accountCategory": category,
    }


@pytest.mark.parametrize(
    ("number", "brand"),
    [
        ("4111111111111111", "VISA"),
        ("5555555555554444", "MASTERCARD"),
        ("2223000048400011", "MASTERCARD"),
        ("378282246310005", "AMEX"),
        ("6011111111111117", "DISCOVER"),
    ],
)
def test_the_brand_goes_along(number: str, brand: str) -> None:
    info = to_payment("T", made.request(), made.card(number))["tenderInfo"]
    assert isinstance(info, dict)
    assert info["cardType"] == brand


@given(st.text(max_size=400))
def test_descriptions_are_one_short_line(text: str) -> None:
    asked = made.request()
    intent = to_intent(type(asked)(asked.title, asked.reference, asked.draft, text))
    for name, longest in (("shortDescription", 50), ("paymentDescription", 200)):
        cut = str(intent[name])
        assert len(cut) <= longest
        assert len(cut.splitlines()) <= 1


# Outcomes


def test_approved_tells_what_was_taken() -> None:
    assert to_outcome(made.answered(201, made.detail()), made.request()) == Approved(
        processor_ref="0c1f6c2e-8b0a-4f0f-9b61-0d6a5f6f2a11",
        charged=Money(184_23),
        fee=Money(6_23),
        authorization_code="555761",
        brand="Visa",
        last4="0007",
    )


@pytest.mark.parametrize("status", ["Authorized", "Approved", "Posted", "Captured", "Success", "Paid"])
@pytest.mark.parametrize("code", [200, 201])
def test_every_status_of_money_taken_is_approved(status: str, code: int) -> None:
    answer = made.answered(code, made.detail({"transactionStatus": status}))
    assert isinstance(to_outcome(answer, made.request()), Approved)


@pytest.mark.parametrize("success", [True, None, ...])
def test_approved_needs_no_flag_but_bears_no_contrary_one(success: object) -> None:
    answer = made.answered(201, made.detail({"transactionResult.success": success}))
    assert isinstance(to_outcome(answer, made.request()), Approved)


@pytest.mark.parametrize(
    ("changes", "charged", "fee"),
    [
        ({}, 184_23, 623),
        ({"tenderInfo.captureAmount": 0.0}, 184_23, 623),
        ({"tenderInfo.captureAmount": None, "tenderInfo.convenienceAmount": 5.0}, 183_00, 500),
        ({"tenderInfo.captureAmount": ..., "tenderInfo.paymentAdjustmentType": "Surcharge"}, 184_23, 623),
        ({"tenderInfo.captureAmount": ..., "tenderInfo.paymentAdjustmentType": "CashDiscount"}, 178_00, None),
        ({"tenderInfo.captureAmount": 178.00}, 178_00, 0),
        ({"subTotalAmount": ...}, 184_23, 623),
    ],
)
def test_the_fee_is_read_wherever_it_stands(changes: dict[str, Any], charged: int, fee: int | None) -> None:
    outcome = to_outcome(made.answered(201, made.detail(changes)), made.request())
    assert isinstance(outcome, Approved)
    assert outcome.charged == Money(charged)
    assert outcome.fee == (None if fee is None else Money(fee))


def test_an_ach_entry_tells_its_class_only_when_it_says_one() -> None:
    for code, told in (("CCD", "CCD"), ("TEL", "TEL"), ("Web", ""), (None, "")):
        answer = made.answered(201, made.detail({"transactionCode": code}))
        outcome = to_outcome(answer, made.request(kind=TenderKind.ACH))
        assert isinstance(outcome, Approved)
        assert outcome.entry_class == told


def test_declined_can_be_said_aloud() -> None:
    outcome = to_outcome(made.answered(201, made.detail(REFUSAL)), made.request())
    assert outcome == Declined(
        "51", "The bank declined the card: insufficient funds.", "0c1f6c2e-8b0a-4f0f-9b61-0d6a5f6f2a11"
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"transactionStatus": status}
        for status in (
            "Created", "PendingForAuthorized", "Hold", "SettlementHold", "Retried", "ReprocessAttempt",
            "Reprocessed", "CancelAttempt", "RefundAttempt", "Cancelled", "Refunded", "Returned",
            "Chargeback", "PaidRefunded", "None", "Unknown", "Quarantined", "authorized", "",
            None, 2, ["Authorized"],
        )
    ]
    + [
        {"transactionResult.success": False},
        {"transactionStatus": "Denied"},
        {"transactionStatus": "Denied", "transactionResult.success": None},
        {**REFUSAL, "transactionResult.reasonMessage": "Suspected DUPLICATE transaction"},
        {**REFUSAL, "transactionResult.errorCode": "Key_DuplicateTransaction"},
        {**REFUSAL, "referenceNo": "PD-OTHER"},
        {**REFUSAL, "subTotalAmount": 178.01},
        {"transactionId": None},
        {"transactionId": ...},
        {"transactionId": {"$": "x"}},
        {"referenceNo": "PD-OTHER"},
        {"transactionResult.merchantReference": "PD-OTHER"},
        {"referenceNo": None, "transactionResult.merchantReference": ...},
        {"subTotalAmount": 178.01},
        {"tenderInfo.amount": 184.23},
        {"subTotalAmount": None, "tenderInfo.amount": ...},
        {"subTotalAmount": "178.00"},
        {"subTotalAmount": True},
        {"tenderInfo.amount": 178.004},
        {"tenderInfo.captureAmount": 100.00},
        {"tenderInfo.captureAmount": "184.23"},
        {"tenderInfo.currency": "CAD"},
        {"tenderInfo": None, "subTotalAmount": None},
        {"tenderInfo": []},
        {"transactionResult": "ok"},
        {"transactionResult": None, "referenceNo": None},
    ],
)  # fmt: skip
def test_whatever_is_not_plainly_ours_is_unclear(changes: dict[str, Any]) -> None:
    answer = made.answered(201, made.detail(changes))
    assert isinstance(to_outcome(answer, made.request()), Unclear)


@pytest.mark.parametrize(
    "answer",
    [
        *(
            made.answered(status, made.detail())
            for status in (202, 204, 302, 401, 403, 404, 409, 429, 500, 504)
        ),
        made.answered(200, b""),
        made.answered(201, b"<html><h1>504</h1></html>"),
        made.answered(201, to_json(made.detail()).encode()[:-20]),
        made.answered(201, [made.detail()]),
        made.answered(400, b"<html>"),
        made.refused("Key_InvalidPaymentIntentStatus"),
        made.refused("Key_PaymentIntentAlreadyExpired"),
        made.refused("Key_DuplicateTransaction"),
        made.refused("Key_InvalidRequest"),
        made.refused("Key_NeverHeardOf"),
        made.refused(None),
        made.refused(["Key_InvalidAmount"]),
    ],
)
def test_an_answer_of_another_kind_is_unclear(answer: Reply) -> None:
    assert isinstance(to_outcome(answer, made.request()), Unclear)


@pytest.mark.parametrize("key", ["Key_InvalidAmount", "Key_InvalidMerchant", "Key_MerchantInActive"])
def test_a_refusal_by_a_rule_is_final(key: str) -> None:
    outcome = to_outcome(made.refused(key), made.request())
    assert isinstance(outcome, Declined)
    assert "Nothing was charged" in outcome.reason


# Findings


def test_details_by_token_need_no_echo_but_bear_no_other() -> None:
    silent = {"referenceNo": None, "transactionResult.merchantReference": None}
    found = to_finding(made.answered(200, made.detail(silent)), made.request())
    assert isinstance(found, Approved)
    other = to_finding(made.answered(200, made.detail({"referenceNo": "PD-OTHER"})), made.request())
    assert isinstance(other, Unclear)


@pytest.mark.parametrize("field", ["ccTenderInfo", "debitCardTenderInfo", "achTenderInfo"])
def test_details_have_the_tender_in_one_of_three_places(field: str) -> None:
    answer = made.detail({"subTotalAmount": ...})
    tender = answer.pop("tenderInfo")
    others = dict.fromkeys(("ccTenderInfo", "debitCardTenderInfo", "achTenderInfo"))
    found = to_finding(made.answered(200, answer | others | {field: tender}), made.request())
    assert isinstance(found, Approved)
    assert (found.charged, found.fee) == (Money(184_23), Money(6_23))


def test_only_anddone_itself_can_know_of_no_charge() -> None:
    assert to_finding(made.refused("Key_TransactionNotFound", 404), made.request()) == NoCharge()
    for answer in (
        made.answered(404, b"<html>Not found</html>"),
        made.answered(404, {"message": "Not Found"}),
        made.answered(404, b""),
        made.refused(None, 404),
        made.refused("Key_TransactionNotFound", 400),
        made.refused("Key_Unauthorized", 401),
        made.answered(200, {}),
        made.answered(200, made.detail({"transactionId": None})),
    ):
        assert isinstance(to_finding(answer, made.request()), Unclear)


# Nothing a server sends can break the reading, or pass for an approval

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
PATHS = [*made.DETAIL, *(f"tenderInfo.{name}" for name in made.DETAIL["tenderInfo"])] + [
    f"transactionResult.{name}" for name in made.DETAIL["transactionResult"]
]


@given(st.dictionaries(st.sampled_from(sorted(PATHS, key=lambda path: -path.count("."))), JSON, max_size=4))
def test_an_approval_is_for_our_reference_and_amount(changes: dict[str, Any]) -> None:
    ordered = {path: changes[path] for path in PATHS[::-1] if path in changes}
    answer = made.detail(ordered)
    for outcome in (
        to_outcome(made.answered(201, json.dumps(answer).encode()), made.request()),
        to_finding(made.answered(200, json.dumps(answer).encode()), made.request()),
    ):
        if isinstance(outcome, Approved | Declined):
            assert answer["referenceNo"] in (None, made.TITLE)
            assert answer["subTotalAmount"] in (None, 178)
            assert outcome.processor_ref


@given(st.integers(100, 599), st.binary(max_size=200))
def test_no_bytes_can_break_the_reading(status: int, body: bytes) -> None:
    answer = Reply(status, body)
    assert isinstance(to_outcome(answer, made.request()), Unclear)
    assert isinstance(to_finding(answer, made.request()), Unclear)


# Words


@pytest.mark.parametrize(
    ("kind", "code", "words", "said"),
    [
        (TenderKind.CREDIT_CARD, "54", "Expired card", "The bank declined the card: the card has expired."),
        (TenderKind.CREDIT_CARD, "", "Not enough balance", "The bank declined the card: insufficient funds."),
        (TenderKind.DEBIT_CARD, "43", "Stolen card, pick up",
         "The bank declined the card: please use another card, or call the number on its back."),
        (TenderKind.CREDIT_CARD, "xyz", "Flux  capacitor\nlow.",
         "The bank declined the card: Flux capacitor low."),
        (TenderKind.CREDIT_CARD, "", "", "The bank declined the card without giving a reason."),
        (TenderKind.CREDIT_CARD, "", "bad number 4111 1111 1111 1111",
         "The bank declined the card: bad number ****."),
        (TenderKind.ACH, "R02", "Account closed", "The bank refused the account: the account is closed."),
        (TenderKind.ACH, "", "", "The bank refused the account without giving a reason."),
    ],
)  # fmt: skip
def test_reasons_become_a_sentence(kind: TenderKind, code: str, words: str, said: str) -> None:
    assert said_aloud(kind, code, words) == said


@given(st.sampled_from(TenderKind), st.text(max_size=30), st.text(max_size=300))
def test_any_reason_is_one_printable_sentence(kind: TenderKind, code: str, words: str) -> None:
    said = said_aloud(kind, code, words)
    assert said.isprintable()
    assert said.endswith(".")
    assert len(said) < 200


# Rows of a search

ROW: dict[str, Any] = {
    "transactionId": "t-1",
    "transactionDate": "05-18-2026 16:10:02",
    "operationType": "Sale",
    "transactionStatus": "Captured",
    "amount": 178.00,
    "captureAmount": 184.23,
    "merchantReference": made.TITLE,
    "transactionOrigin": "PaymentIntent",
}


def charge(**changes: Any) -> Any:
    fields = from_json(json.dumps(ROW | changes).encode())
    assert isinstance(fields, dict)
    return to_charge(Fields(fields))


@pytest.mark.parametrize(
    ("changes", "numbers"),
    [
        ({}, set()),
        ({"invoiceId": "50123"}, {"50123"}),
        ({"invoiceId": 50123}, {"50123"}),
        ({"orderId": "INV-050123"}, {"50123"}),
        ({"referenceNo": "50123-2"}, {"50123-2"}),
        ({"referenceNo": "#50123, 50140"}, {"50123", "50140"}),
        ({"referenceNo": "PD-20260518-000123-A1"}, set()),
        ({"additionaFields": '{"takenBy": "phone", "invoices": "50123,50140"}'}, {"50123", "50140"}),
        ({"additionaFields": '{"Invoice": 50123}'}, {"50123"}),
        ({"additionalFields": '{"invoiceNumbers": ["50123", 50140]}'}, {"50123", "50140"}),
        ({"additionaFields": "invoice=50123;takenBy=phone"}, {"50123"}),
        ({"additionaFields": "InvoiceNo: 50123 | desk: 2"}, {"50123"}),
        ({"additionaFields": '{"phone": "5085550142"}'}, set()),
        ({"additionaFields": "[1, 2"}, set()),
        ({"invoiceId": "0c1f6c2e-8b0a-4f0f-9b61-0d6a5f6f2a11"}, set()),
    ],
)
def test_invoice_numbers_are_found_wherever_they_stand(changes: dict[str, Any], numbers: set[str]) -> None:
    assert charge(**changes).invoice_numbers == numbers


@pytest.mark.parametrize(
    ("status", "live"),
    [
        ("Authorized", True),
        ("Success", True),
        ("PendingForAuthorized", True),
        ("ChargebackReversed", True),
        ("Quarantined", True),
        ("Failed", False),
        ("Denied", False),
        ("Cancelled", False),
        ("Refunded", False),
        ("Returned", False),
        ("PaidChargeback", False),
    ],
)
def test_a_charge_is_live_until_it_is_surely_not(status: str, live: bool) -> None:
    assert charge(transactionStatus=status).live is live


@pytest.mark.parametrize(
    "text",
    ["05-18-2026 16:10:02", "5/18/2026 4:10:02 PM", "2026-05-18T16:10:02Z", "2026-05-18T11:10:02-05:00"],
)
def test_all_published_forms_of_a_date_are_read(text: str) -> None:
    assert charge(transactionDate=text).at.timestamp() == 1_779_120_602
