"""Requests of any shape: AndDone refuses them, and never fails itself."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from paydesk.sandbox.anddone.api import AndDone
from paydesk.sandbox.anddone.merchant import Merchant
from paydesk.sandbox.anddone.processor import Processor
from paydesk.sandbox.server import keys
from paydesk.sandbox.server.clock import SandboxClock
from paydesk.sandbox.server.faults import Faults
from paydesk.sandbox.server.http import Request
from tests.proving import cases, tasted
from tests.sandbox.clients import card, link_order, new_title

HEADERS = {
    "x-api-key": keys.ANDDONE_API_KEY,
    "x-app-key": keys.ANDDONE_APP_KEY,
    "x-version": keys.ANDDONE_VERSION,
    "origin": keys.ANDDONE_ORIGIN,
    "host": "127.0.0.1",
}
LEAVES = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5) | st.sampled_from(["ACH", "Days", "1e999999", 10**30, "\ud83c"])
)  # fmt: skip
NAMES = st.text(max_size=4) | st.sampled_from(["intent", "paymentTypes", "firstName", "referenceType"])
ANYTHING = st.recursive(
    LEAVES,
    lambda parts: st.lists(parts, max_size=3) | st.dictionaries(NAMES, parts, max_size=3),
    max_leaves=6,
)


@dataclass(frozen=True)
class Call:
    """One operation, with a body that it takes and further fields of the contract."""

    operation: str
    body: Callable[[], dict[str, Any]]
    more: tuple[str, ...] = ()
    method: str = "POST"
    path: str = "/"


def _order() -> dict[str, Any]:
    return {"title": new_title(), "amount": 10.0, "intent": {"paymentTypes": ["ACH"]}}


def _payment() -> dict[str, Any]:
    payment = {"type": "OpenPayment", "transactionCode": "Web", "channelType": "CreditCard"}
    return payment | {"tenderInfo": card(10.0)}


def _refund() -> dict[str, Any]:
    kind = {"refundType": "Total", "refundReason": "r", "refundDetail": "d"}
    return {"transactionId": "nowhere", "refundAmount": 1.0} | kind


_OF_LINKS = (
    "customers", "callbackParameters", "lineItems", "splits", "overrideTechnologyFee", "responseType",
    "suppressTechnologyFee", "shortDescription", "quoteKey", "pfr",
)  # fmt: skip
_OF_PAYMENTS = ("additionalFields", "billingContact", "overrideTechnologyFee", "token", "invoiceNo")
_OF_INTENTS = ("expiresIn", "customers", "referenceDataList", "overrideTechnologyFee", "shortDescription")
CALLS = (
    Call("createPaymentLink", lambda: link_order(10.0), _OF_LINKS),
    Call("updatePaymentLink", lambda: {"amount": 5.0}, (*link_order(1.0), *_OF_LINKS), "PUT"),
    Call("getPaymentLink", lambda: {"paymentLinkId": "nowhere"}),
    Call("expirePaymentLink", lambda: {"paymentLinkId": "nowhere"}),
    Call(
        "createPaymentIntent",
        _order,
        ("expiresIn", "customers", "referenceDataList", "overrideTechnologyFee"),
    ),
    Call("createPayment", _payment, _OF_PAYMENTS),
    Call("getPaymentDetails", lambda: {"type": "PaymentLink", "id": "nowhere"}, ("paymentToken",)),
    Call("createRefund", _refund, ("remarks",)),
    Call("checkRefundEligibility", lambda: {"transactionId": "nowhere"}, ("refundAmount",)),
    Call("voidPayment", lambda: {"transactionId": "nowhere", "voidReason": "r"}),
)


@pytest.fixture(scope="module")
def anddone() -> AndDone:
    return AndDone(Processor(Merchant(), SandboxClock(), seed=1), Faults())


def _ask(anddone: AndDone, call: Call, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    path = call.path
    if call.method == "PUT":
        path = f"/secure/paymentlinks/{next(iter(anddone.processor.books.links), 'nowhere')}"
    request = Request(call.method, path, {}, HEADERS, json.dumps(body).encode())
    reply = anddone.answer(call.operation, request)
    return reply.status, json.loads(reply.body)


@tasted
@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.operation)
@given(data=st.data())
@settings(
    max_examples=cases(40, 2_000), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_fields_of_any_shape_are_taken_or_refused(anddone: AndDone, call: Call, data: st.DataObject) -> None:
    body = call.body()
    for name in data.draw(st.lists(st.sampled_from([*body, *call.more]), min_size=1, max_size=2)):
        body[name] = data.draw(ANYTHING)
    status, answer = _ask(anddone, call, body)
    assert status in (200, 201, 400, 404)
    assert status < 400 or answer["errorCode"].startswith("Key_")
    if "paymentLink" in answer:
        _open(anddone, "openLinkPage", f"/link/{answer['paymentLink'].rpartition('/')[2]}", {})
    elif "paymentToken" in answer:
        _open(anddone, "openHostedPage", "/", {"token": answer["paymentToken"]})


def _open(anddone: AndDone, operation: str, path: str, query: dict[str, str]) -> None:
    """Open both tabs of a page, whatever its order says."""
    for tab in ("card", "bank"):
        reply = anddone.answer(operation, Request("GET", path, query | {"tab": tab}, HEADERS, b""))
        assert reply.status == 200
        assert reply.body.endswith(b"</html>")


def test_the_unchanged_bodies_are_taken(anddone: AndDone) -> None:
    told = {call.operation: _ask(anddone, call, call.body())[0] for call in CALLS}
    assert {name: status for name, status in told.items() if status < 300} == {
        "createPaymentLink": 201, "updatePaymentLink": 200, "createPaymentIntent": 200, "createPayment": 201,
    }  # fmt: skip
