"""The proof in an answer to expiring an intent: a closed table of keys and sentences."""

from __future__ import annotations

from typing import Any

import pytest

from paydesk.domain.errors import KnownError
from paydesk.domain.outcome import Expiry
from paydesk.gateways.anddone.expiries import expiry_in
from paydesk.gateways.anddone.processor import AndDone
from tests.gateways import made
from tests.gateways.conftest import anddone_config
from tests.gateways.hostile import Hostile, reply

EXPIRED_BEFORE, NOT_PENDING = "Key_PaymentIntentAlreadyExpired", "Key_InvalidPaymentIntentStatus"


@pytest.mark.parametrize(
    "message",
    [
        "PaymentIntent is expired successfully",
        "PaymentIntent is expired successfully.",
        "Payment intent is expired successfully",
        "  paymentintent  IS expired successfully! ",
        "Payment Intent expired successfully",
        "The payment intent has been expired successfully.",
        "Expired successfully",
    ],
)
@pytest.mark.parametrize("status", [200, 201])
def test_only_the_vendors_own_words_confirm_an_expiry(message: str, status: int) -> None:
    assert expiry_in(made.answered(status, {"message": message})) is Expiry.EXPIRED


@pytest.mark.parametrize(
    "body",
    [
        {"message": "PaymentIntent could not be expired"},
        {"message": "could not be expired successfully"},
        {"message": "The intent will be expired"},
        {"message": "PaymentIntent is not expired"},
        {"message": "Your session has expired"},
        {"message": "API key expired"},
        {"message": "expired"},
        {"message": "Success"},
        {"message": "PaymentIntent is expired successfully", "errorCode": "Key_InvalidRequest"},
        {"message": ["PaymentIntent is expired successfully"]},
        {"message": None},
        {},
        [],
        b"PaymentIntent is expired successfully",
        b"",
    ],
)
@pytest.mark.parametrize("status", [200, 400, 404])
def test_a_sentence_that_only_contains_the_word_decides_nothing(body: Any, status: int) -> None:
    assert expiry_in(made.answered(status, body)) is None


@pytest.mark.parametrize("status", [202, 204, 302, 401, 403, 404, 429, 502, 504])
def test_another_status_confirms_nothing(status: int) -> None:
    answer = made.answered(status, {"message": "PaymentIntent is expired successfully"})
    assert expiry_in(answer) is None


@pytest.mark.parametrize("status", [200, 400, 404, 409, 422, 500])
@pytest.mark.parametrize(
    ("body", "expiry"),
    [
        ({"errorCode": EXPIRED_BEFORE}, Expiry.BEFORE),
        ({"errorCode": NOT_PENDING}, Expiry.REFUSED),
        ({"message": EXPIRED_BEFORE}, Expiry.BEFORE),
        ({"message": f"{NOT_PENDING}: Only pending intents can be expired"}, Expiry.REFUSED),
        ({"errorCode": None, "message": EXPIRED_BEFORE}, Expiry.BEFORE),
        ({"errorCode": 400, "message": EXPIRED_BEFORE}, Expiry.BEFORE),
        ({"message": "PaymentIntent is already expired"}, Expiry.BEFORE),
        ({"message": "The payment intent is already expired."}, Expiry.BEFORE),
        ({"message": "Payment intent has already been expired"}, Expiry.BEFORE),
        ({"message": "Only pending intents can be expired"}, Expiry.REFUSED),
        ({"message": "Only pending payment intents can be expired."}, Expiry.REFUSED),
    ],
)
def test_a_refusal_is_read_at_every_declared_status(
    status: int, body: dict[str, Any], expiry: Expiry
) -> None:
    assert expiry_in(made.answered(status, body)) is expiry


@pytest.mark.parametrize("status", [401, 403, 408, 429, 502, 503, 504])
def test_a_refusal_to_answer_is_no_refusal_to_expire(status: int) -> None:
    assert expiry_in(made.answered(status, {"errorCode": EXPIRED_BEFORE})) is None


@pytest.mark.parametrize("key", ["Key_PaymentIntentNotFound", "Key_InvalidRequest", "Key_Unauthorized"])
def test_another_key_is_an_error(key: str) -> None:
    answer = reply(404, {"errorCode": key, "message": "PaymentIntent is already expired"})
    with Hostile(answer) as server, pytest.raises(KnownError):
        AndDone(anddone_config(server.url)).expire("T")


def test_a_404_with_the_key_of_an_expired_intent_is_read_over_http() -> None:
    with Hostile(reply(404, {"message": EXPIRED_BEFORE})) as server:
        assert AndDone(anddone_config(server.url)).expire("T") is Expiry.BEFORE


@pytest.mark.parametrize(
    "beside",
    [{"isSuccessStatusCode": False}, {"statusCode": 400}, {"statusCode": "x"}, {"isSuccessStatusCode": 1}],
)
def test_an_answer_that_contradicts_itself_confirms_no_expiry(beside: dict[str, Any]) -> None:
    body = {"message": "PaymentIntent is expired successfully"}
    assert expiry_in(made.answered(200, body | beside)) is None
    assert (
        expiry_in(made.answered(200, body | {"statusCode": 200, "isSuccessStatusCode": True}))
        is Expiry.EXPIRED
    )
