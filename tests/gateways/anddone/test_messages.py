"""Requests to AndDone, and what its answers prove. No socket is opened here."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paydesk.domain.money import Money
from paydesk.domain.outcome import Approved, Declined, NoCharge, Reason, Unclear
from paydesk.domain.payment import ReferenceKind
from paydesk.domain.tender import TenderKind
from paydesk.gateways.anddone.answers import to_charge, to_finding, to_outcome
from paydesk.gateways.anddone.names import said_aloud
from paydesk.gateways.anddone.requests import to_intent, to_payment
from paydesk.gateways.anddone.rows import Row
from paydesk.gateways.http.call import Reply
from paydesk.gateways.http.fields import Fields
from paydesk.gateways.http.json_text import from_json, to_json
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


def test_a_card_payment_pays_the_intent() -> None:
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
def test_a_bank_debit_pays_the_intent(business: bool, category: str) -> None:
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
        ({"tenderInfo.captureAmount": None, "tenderInfo.convenienceAmount": 6.23}, 184_23, 623),
        ({"tenderInfo.captureAmount": None, "tenderInfo.convenienceAmount": 0}, 184_23, 623),
        ({"tenderInfo.captureAmount": ..., "tenderInfo.paymentAdjustmentType": "Surcharge"}, 184_23, 623),
        ({"tenderInfo.captureAmount": ..., "tenderInfo.paymentAdjustmentType": 3}, 184_23, 623),
        ({"tenderInfo.captureAmount": 178.00, "tenderInfo.adjustmentAmount": None}, 178_00, 0),
        ({"tenderInfo.captureAmount": 178.00, "tenderInfo.adjustmentAmount": 0.0}, 178_00, 0),
        ({"tenderInfo.captureAmount": 184.2299999999999}, 184_23, 623),
        ({"tenderInfo.captureAmount": 183.6782}, 183_68, 568),
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
            None, 1, 13, 28, 29, -2, "02.0", ["Authorized"],
        )
    ]
    + [
        {"transactionResult.success": False},
        {"transactionStatus": "Denied"},
        {"transactionStatus": "Denied", "transactionResult.success": None},
        {**REFUSAL, "transactionResult.reasonMessage": "Suspected DUPLICATE transaction"},
        {**REFUSAL, "transactionResult.errorCode": "Key_DuplicateTransaction"},
        {**REFUSAL, "transactionResult.merchantReference": "PD-OTHER"},
        {"transactionStatus": 2, "transactionResult.success": None},
        {"isCancelled": True},
        {"isCancelled": True, "transactionStatus": "Captured"},
        {**REFUSAL, "subTotalAmount": 178.01},
        {"transactionId": None},
        {"transactionId": ...},
        {"transactionId": {"$": "x"}},
        *({"transactionId": text} for text in made.STEERING),
        {"referenceNo": "PD-OTHER", "transactionResult.merchantReference": None},
        {"transactionResult.merchantReference": "PD-OTHER"},
        {"merchantReference": "PD-OTHER"},
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
    assert outcome.reason.startswith("AndDone ")
    assert "charged" not in outcome.reason, "the screen says so after every decline"


# Findings


def test_details_by_token_need_no_echo_but_bear_no_other() -> None:
    silent = {"referenceNo": None, "transactionResult.merchantReference": None}
    found = to_finding(made.answered(200, made.detail(silent)), made.request())
    assert isinstance(found, Approved)
    other = to_finding(
        made.answered(200, made.detail({"transactionResult.merchantReference": "PD-OTHER"})), made.request()
    )
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


# No answer of a server can make the reader fail, or count as an approval

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
            result = answer["transactionResult"] or {}
            echo = result.get("merchantReference") or answer["referenceNo"]
            assert echo in (None, made.TITLE)
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
    return to_charge(Row.of(Fields(fields)))


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


# Numbers, references, findings that prove nothing


@pytest.mark.parametrize(
    "changes",
    [
        {"referenceNo": "REF123456"},
        {"referenceNo": "REF123456", "merchantReference": made.TITLE},
        {"referenceNo": None},
        {"referenceNo": ""},
        {"referenceNo": 123456},
        {"transactionResult.merchantReference": None},
        {"transactionResult.merchantReference": ""},
        {"transactionResult.merchantReference": None, "merchantReference": made.TITLE, "referenceNo": "REF1"},
        {"transactionResult.merchantReference": f" {made.TITLE} "},
        {"referenceNo": "PD-OTHER"},
    ],
)
def test_our_reference_is_believed_where_merchant_reference_carries_it(changes: dict[str, Any]) -> None:
    assert isinstance(to_outcome(made.answered(201, made.detail(changes)), made.request()), Approved)


@pytest.mark.parametrize("status", [2, "2", 3, 4, 10, 16, 22])
def test_the_number_of_a_status_is_believed_if_the_result_agrees(status: object) -> None:
    answer = made.answered(201, made.detail({"transactionStatus": status}))
    assert isinstance(to_outcome(answer, made.request()), Approved)


@pytest.mark.parametrize("status", [5, 14, "14"])
def test_a_decline_by_number_needs_its_result_too(status: object) -> None:
    declined = made.detail({**REFUSAL, "transactionStatus": status})
    assert isinstance(to_outcome(made.answered(201, declined), made.request()), Declined)
    contrary = made.detail({"transactionStatus": status})
    assert isinstance(to_outcome(made.answered(201, contrary), made.request()), Unclear)


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        ({"additionResultData": "Invalid Card Number"},
         "it does not know this card number. Ask for it, and enter it again."),
        ({"additionResultData2": "CVC Declined"},
         "the security code is wrong. Ask for it, and enter the card again."),
        ({"additionResultData": "Declined", "additionResultData2": "Not enough balance"},
         "insufficient funds."),
        ({"reasonMessage": "Refused", "additionResultData": "Expired Card"}, "the card has expired."),
        ({"reasonMessage": "Failed", "additionResultData": "Blue moon"}, "Blue moon."),
        ({"reasonMessage": "Declined", "additionResultData": "Blue moon"}, "Blue moon."),
        ({"reasonCode": "05", "additionResultData": "Blue moon"}, "Blue moon."),
        ({"reasonCode": "51", "additionResultData": "Blue moon"}, "insufficient funds."),
        ({"reasonCode": "05", "additionResultData": "05 : Refused"},
         "no reason given. The customer can call the bank."),
        ({"errorMessage": "Not permitted", "additionResultData": None},
         "the card may not be used for this payment."),
    ],
)  # fmt: skip
def test_the_banks_reason_is_found_in_every_published_text(texts: dict[str, Any], said: str) -> None:
    empty = dict.fromkeys(("reasonCode", "reasonMessage", "errorCode", "errorMessage"))
    changes = {f"transactionResult.{name}": text for name, text in (empty | texts).items()}
    outcome = to_outcome(made.answered(201, made.detail(REFUSAL | changes)), made.request())
    assert isinstance(outcome, Declined)
    assert outcome.reason == f"The bank declined the card: {said}"


@pytest.mark.parametrize("name", ["additionResultData", "additionResultData2"])
def test_a_duplicate_is_noticed_in_every_text(name: str) -> None:
    changes = {f"transactionResult.{name}": "Duplicate transaction"}
    assert isinstance(to_outcome(made.answered(201, made.detail(REFUSAL | changes)), made.request()), Unclear)


NULLS = dict.fromkeys((*made.DETAIL, "ccTenderInfo", "achTenderInfo"))


def _reason(answer: Reply) -> Reason | None:
    found = to_finding(answer, made.request())
    return found.code if isinstance(found, Unclear) else None


@pytest.mark.parametrize(
    "answer",
    [
        made.answered(404, {"message": "Not Found"}),
        made.answered(404, b""),
        made.answered(404, b"<html>Not found</html>"),
        made.refused(None, 404),
        made.refused("Key_TransactionNotFound", 400),
        made.answered(400, {"message": "No transaction for this token"}),
        made.answered(400, b""),
        made.answered(410, b""),
        made.answered(422, {}),
        made.answered(500, {"message": "Object reference not set to an instance of an object."}),
        made.answered(200, NULLS),
        made.answered(200, {}),
        made.answered(200, []),
        made.answered(200, b"null"),
        made.answered(204, b""),
        made.answered(200, {"message": "No payment yet"}),
        made.answered(200, NULLS | {"transactionStatus": "None"}),
        made.answered(200, NULLS | {"transactionStatus": "Created"}),
        made.answered(200, NULLS | {"transactionResult": {"success": False}}),
        made.answered(200, {"paymentToken": "T", "title": made.TITLE, "amount": 178}),
    ],
)
def test_an_answer_of_any_shape_may_name_no_charge(answer: Reply) -> None:
    """It proves nothing alone: the expiry and the list have to."""
    assert _reason(answer) is Reason.NAMES_NO_CHARGE


@pytest.mark.parametrize(
    "answer",
    [
        made.answered(401, {"message": "Unauthorized"}),
        made.answered(403, {"message": "Forbidden"}),
        made.refused("Key_Unauthorized", 400),
        made.answered(429, {"message": "Too Many Requests"}),
        made.answered(408, b""),
        made.answered(500, b"<html>"),
        made.answered(500, b""),
        made.answered(502, {"message": "Bad gateway"}),
        made.answered(503, {}),
        made.answered(504, {"message": "Endpoint request timed out"}),
        made.answered(302, b""),
        made.answered(200, b""),
        made.answered(200, b"<html>Sign in</html>"),
        made.answered(200, to_json(made.detail()).encode()[:-20]),
        made.answered(404, to_json(made.detail()).encode()[:-20]),
        made.answered(200, "nothing"),
        made.answered(200, made.detail({"transactionId": None})),
        made.answered(200, {"data": [made.detail()]}),
        made.answered(404, {"payment": {"TransactionID": "t-1"}}),
        made.answered(200, NULLS | {"transactionStatus": "Authorized"}),
        made.answered(200, NULLS | {"transactionStatus": 2}),
        made.answered(200, NULLS | {"transactionResult": {"success": True}}),
        made.answered(200, NULLS | {"transactionStatus": ["x"]}),
    ],
)
def test_no_answer_or_a_claim_of_a_charge_is_not_one_that_names_none(answer: Reply) -> None:
    assert _reason(answer) is Reason.UNCLEAR_ANSWER


def test_a_bank_debit_in_authorization_is_said_to_be_so() -> None:
    request = made.request(kind=TenderKind.ACH)
    for status in ("PendingForAuthorized", 1):
        answer = made.detail({"transactionStatus": status})
        outcome = to_outcome(made.answered(201, answer), request)
        assert isinstance(outcome, Unclear)
        assert outcome.code is Reason.PENDING
        assert _reason(made.answered(200, answer)) is Reason.UNCLEAR_ANSWER, "a card is not"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"subTotalAmount": 100, "tenderInfo.amount": 100}, Reason.OTHER_AMOUNT),
        ({"subTotalAmount": 100}, Reason.OTHER_AMOUNT),
        ({"tenderInfo.amount": 178.01}, Reason.OTHER_AMOUNT),
        ({"subTotalAmount": 100, "transactionStatus": "Cancelled"}, Reason.OTHER_AMOUNT_GONE),
        ({"subTotalAmount": 100, "transactionStatus": "Refunded", "transactionResult.success": None},
         Reason.OTHER_AMOUNT_GONE),
        ({"subTotalAmount": 100, **REFUSAL}, Reason.OTHER_AMOUNT_DECLINED),
        ({"subTotalAmount": 100, "transactionStatus": "Denied"}, Reason.OTHER_AMOUNT),
        ({"subTotalAmount": 100, "tenderInfo.currency": "CAD"}, Reason.UNCLEAR_ANSWER),
        ({"subTotalAmount": 100, "transactionId": None}, Reason.UNCLEAR_ANSWER),
        ({"subTotalAmount": 100, "transactionResult.merchantReference": "PD-X"}, Reason.UNCLEAR_ANSWER),
    ],
)  # fmt: skip
def test_a_charge_of_another_amount_is_told_from_an_unclear_answer(
    changes: dict[str, Any], reason: Reason
) -> None:
    assert _reason(made.answered(200, made.detail(changes))) is reason


@pytest.mark.parametrize("name", ["adjustmentAmount", "convenienceAmount"])
def test_a_fee_below_zero_is_not_told(name: str) -> None:
    """It was subtracted: 171.77 for 178.00."""
    changes = {"captureAmount": ..., "adjustmentAmount": ..., "convenienceAmount": ...}
    answer = made.detail({f"tenderInfo.{key}": value for key, value in changes.items()})
    answer["tenderInfo"][name] = Decimal("-6.23")
    found = to_outcome(made.answered(200, answer), made.request())
    assert isinstance(found, Approved)
    assert (found.charged, found.fee, found.named_fee) == (made.request().draft.quote.total, None, None)


@pytest.mark.parametrize("name", ["cardType", "maskCardNumber"])
@pytest.mark.parametrize("value", [{"id": 1}, ["VISA"], True, Decimal("1.5"), "x" * 5_000])
def test_an_odd_field_that_is_only_shown_leaves_an_approval_an_approval(name: str, value: object) -> None:
    found = to_outcome(made.answered(200, made.detail({f"tenderInfo.{name}": value})), made.request())
    assert isinstance(found, Approved)
    assert found.charged == Money(184_23)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (["x"], ""),
        (555761, "555761"),
        ("9" * 3_000, "9" * 40),
        ("A\u202eB\n<b>", "AB <b>"),
        ("\ud800A", "?A"),
    ],
)
def test_an_authorization_code_of_any_kind_is_a_short_text(sent: object, kept: str) -> None:
    answer = made.detail({"transactionResult.processorAuthCode": sent})
    found = to_outcome(made.answered(200, answer), made.request())
    assert isinstance(found, Approved)
    assert found.authorization_code == kept
    found.authorization_code.encode()  # a lone surrogate could not be stored: a crash after the charge


def test_the_amount_that_differs_is_the_one_that_is_told() -> None:
    answer = made.detail({"tenderInfo.amount": Decimal("178.01")})
    found = to_finding(made.answered(200, answer), made.request())
    assert isinstance(found, Unclear)
    assert (found.code, "$178.01" in found.why) == (Reason.OTHER_AMOUNT, True)


def test_a_decline_is_never_read_out_as_approved() -> None:
    answer = made.detail({"transactionStatus": "Failed", "transactionResult.success": False})
    found = to_outcome(made.answered(200, answer), made.request())
    assert isinstance(found, Declined)
    assert found.reason == "The bank declined the card without giving a reason."


@pytest.mark.parametrize(
    "answer",
    [
        {"data": {"transactionStatus": "Authorized"}},
        {"data": [{"transactionStatus": "PendingForAuthorized"}]},
        {"payment": {"transactionResult": {"success": True}}},
        {"tenderInfo": {}, "transactionResult": {"processorAuthCode": "555761"}},
    ],
)
def test_a_claim_of_a_charge_counts_at_any_depth(answer: dict[str, Any]) -> None:
    assert _reason(made.answered(200, answer)) is Reason.UNCLEAR_ANSWER


@pytest.mark.parametrize(
    "answer", [{"success": True, "data": None}, {"data": NULLS}, {"status": 404, "title": "x"}]
)
def test_an_envelope_claims_no_charge(answer: dict[str, Any]) -> None:
    assert _reason(made.answered(200, answer)) is Reason.NAMES_NO_CHARGE


def test_a_part_that_the_bank_approved_is_a_charge_of_another_amount() -> None:
    """A part of 40.00 was 184.23 by the list, and locked its invoice for ever by the details."""
    part = {"tenderInfo.captureAmount": 40.00}
    outcome = to_outcome(made.answered(201, made.detail(part)), made.request())
    assert isinstance(outcome, Unclear)
    assert (outcome.why, outcome.code) == (
        "AndDone's answer carries $40.00, not our amount.",
        Reason.OTHER_AMOUNT,
    )
    gone = made.detail(part | {"transactionStatus": "Cancelled", "transactionResult.success": None})
    finding = to_finding(made.answered(200, gone), made.request())
    assert isinstance(finding, Unclear)
    assert finding.code is Reason.OTHER_AMOUNT_GONE
