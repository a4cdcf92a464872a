"""Redaction: what the log may contain."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paydesk.domain.tender import Tender
from paydesk.gateways.anddone.requests import to_payment
from paydesk.gateways.http.json_text import to_body
from paydesk.gateways.http.redact import is_secret, masked, redacted
from paydesk.store.verify.card_shapes import looks_like_card
from tests.domain.typed.test_card_numbers import AS_WRITTEN, NEIGHBORS, WITH_CODES
from tests.gateways import made

SECRET_NAMES = [
    "cardNumber", "CardNumber", "card_number", "maskCardNumber", "cvv", "CVV", "cVData", "cvDataStatus",
    "cardExpiry", "expiry", "trackData", "pan", "accountNumber", "AccountNumber", "fullAccountNumber",
    "payerBankAccountNumber", "routingNumber", "binNumber", "accountToken", "token", "paymentToken",
    "x-api-key", "x-app-key", "appKey", "loginKey", "accessJwt", "appAccessToAgencyKey", "Authorization",
    "password", "epb",
]  # fmt: skip
PLAIN_NAMES = [
    "amount", "transactionId", "transactionStatus", "invoiceNumber", "referenceNo", "errorCode", "title",
    "accountType", "companyName", "expand", "panel", "customerNumber", "dueDate",
]  # fmt: skip


@pytest.mark.parametrize("name", SECRET_NAMES)
def test_secret_fields_are_known_in_any_spelling(name: str) -> None:
    assert is_secret(name)
    assert redacted({"outer": [{name: {"deep": "4111"}}]}) == {"outer": [{name: "****"}]}


@pytest.mark.parametrize("name", PLAIN_NAMES)
def test_other_fields_are_kept(name: str) -> None:
    assert redacted({name: "PD-1"}) == {name: "PD-1"}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("card 4111111111111111 declined", "card **** declined"),
        ("4111 1111 1111 1111", "****"),
        ("4111-1111-1111-1111.", "****."),
        ("account 123456789", "account ****"),
        ("invoice 50123 of 1,250.00", "invoice 50123 of 1,250.00"),
        ("PD-7K2M-A1", "PD-7K2M-A1"),
    ],
)
def test_long_numbers_in_words_are_masked(text: str, shown: str) -> None:
    assert masked(text) == shown


@pytest.mark.parametrize("spelling", [*AS_WRITTEN, *NEIGHBORS, *WITH_CODES])
def test_every_spelling_is_masked(spelling: str) -> None:
    assert not looks_like_card(masked(f"Renewal, {spelling} by phone"))


@given(st.text(alphabet="0123456789", min_size=13, max_size=19), st.text(max_size=20))
def test_no_card_number_survives(number: str, words: str) -> None:
    assert number not in masked(f"{words} {number} {words}")


@pytest.mark.parametrize("tender", [made.card(), made.bank_account()])
def test_a_payment_can_be_logged(tender: Tender) -> None:
    payment = to_payment("TOKEN", made.request(), tender)
    logged = json.dumps(redacted(json.loads(to_body(payment)))) + str(redacted(payment))
    for secret in ("4000620000000007", '"737"', "011000138", "123456789", "TOKEN"):
        assert secret not in logged
    assert "50123" in logged
