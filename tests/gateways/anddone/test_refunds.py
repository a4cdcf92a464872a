"""Refunds at AndDone: the order, what an answer proves, and why one is not possible."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from paydesk.domain.errors import KnownError
from paydesk.domain.money import Money
from paydesk.domain.outcome import NotSent, Unclear
from paydesk.domain.refund import RefundKind, RefundOrder, RefundRefused, RefundState, RefundTaken
from paydesk.gateways.anddone import names
from paydesk.gateways.anddone.processor import AndDone, AndDoneConfig
from paydesk.gateways.anddone.refunds import to_refund, to_refund_outcome, to_refund_refusal
from paydesk.gateways.http.call import Reply
from paydesk.gateways.http.fields import WrongAnswer
from paydesk.sandbox import FaultKind, Sandbox
from paydesk.sandbox.server import keys
from tests.gateways import made

CHARGE, REFERENCE = "0c1f6c2e-8b0a-4f0f-9b61-0d6a5f6f2a11", "PDAAAAAAAAAAAAAAAAAA-R1"
TAKEN = {
    "transactionId": "r-1", "referenceTransactionId": CHARGE, "operationType": "Refund",
    "transactionStatus": "PendingForAuthorized", "tenderInfo": {"amount": 40.0},
}  # fmt: skip


def order(
    kind: RefundKind = RefundKind.PARTIAL, *, rest: bool = False, detail: str = "Paid twice"
) -> RefundOrder:
    return RefundOrder(CHARGE, REFERENCE, kind, Money(40_00), "Duplicate payment", detail, rest)


@pytest.mark.parametrize(
    ("kind", "rest", "sent"),
    [
        (RefundKind.TOTAL, False, "Total"), (RefundKind.TOTAL, True, "Remaining"),
        (RefundKind.SUBTOTAL, False, "Subtotal"), (RefundKind.PARTIAL, True, "Partial"),
    ],
)  # fmt: skip
def test_the_order_carries_our_reference_in_two_texts(kind: RefundKind, rest: bool, sent: str) -> None:
    wire = to_refund(order(kind, rest=rest))
    assert wire["refundType"] == sent
    assert wire["remarks"] == REFERENCE
    assert wire["refundDetail"] == f"Paid twice ({REFERENCE})"
    long = str(to_refund(order(detail="x" * 500))["refundDetail"])
    assert len(long) <= 200
    assert REFERENCE in long


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("PendingForAuthorized", RefundState.ACCEPTED),
        ("Success", RefundState.DONE),
        ("Failed", RefundState.FAILED),
        ("Never heard of", RefundState.ACCEPTED),
        ("1", RefundState.ACCEPTED),
    ],
)
@pytest.mark.parametrize("code", [200, 201])
def test_a_plain_yes(status: str, state: RefundState, code: int) -> None:
    answer = made.answered(code, TAKEN | {"transactionStatus": status})
    assert to_refund_outcome(answer, order()) == RefundTaken("r-1", state)


@pytest.mark.parametrize(
    "told",
    [
        {"transactionId": CHARGE}, {"referenceTransactionId": "another"}, {"referenceTransactionId": None},
        {"operationType": "Sale"}, {"tenderInfo": {"amount": 41.0}}, {"transactionId": None},
        {"tenderInfo": 1},
    ],
)  # fmt: skip
def test_what_is_not_plainly_about_it_proves_nothing(told: dict[str, Any]) -> None:
    assert isinstance(to_refund_outcome(made.answered(201, TAKEN | told), order()), Unclear)


@pytest.mark.parametrize("reply", [Reply(503, b"{}"), Reply(201, b"no JSON"), Reply(302, b"")])
def test_no_answer_proves_nothing(reply: Reply) -> None:
    assert isinstance(to_refund_outcome(reply, order()), Unclear)


@pytest.mark.parametrize(("key", "refused"), names.REFUND_REFUSALS.items())
def test_a_known_no(key: str, refused: RefundRefused) -> None:
    answer = made.answered(400, {"errorCode": key})
    assert to_refund_outcome(answer, order()) == refused
    assert to_refund_refusal(answer) == refused
    assert to_refund_refusal(made.answered(200, {"refundEligible": False, "message": key})) == refused


def test_an_unknown_no_proves_nothing() -> None:
    for key in ("Key_Never", None):
        assert isinstance(to_refund_outcome(made.answered(400, {"errorCode": key}), order()), Unclear)
    with pytest.raises(KnownError, match="can't say"):
        to_refund_refusal(made.answered(400, {"errorCode": "Key_Never"}))


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"refundEligible": True}, None),
        ({"refundEligible": False, "message": "Too old"}, "AndDone says: Too old."),
        ({"refundEligible": False}, "AndDone does not refund this payment now, and gives no reason."),
    ],
)
def test_eligibility(told: dict[str, Any], why: str | None) -> None:
    found = to_refund_refusal(made.answered(200, told))
    assert (found.reason if found else None) == why


def test_an_eligibility_that_is_not_told() -> None:
    with pytest.raises(WrongAnswer):
        to_refund_refusal(made.answered(200, {}))


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(seed=1) as running:
        yield running


def processor(sandbox: Sandbox, key: str = keys.ANDDONE_API_KEY) -> AndDone:
    return AndDone(AndDoneConfig(sandbox.anddone_url, key, keys.ANDDONE_APP_KEY, keys.ANDDONE_ORIGIN))


def test_over_http(sandbox: Sandbox) -> None:
    anddone = processor(sandbox)
    with pytest.raises(KnownError, match="404"):
        anddone.refund_refusal(CHARGE)
    sandbox.faults.next(FaultKind.RESET_BEFORE, on="createRefund")
    assert isinstance(anddone.refund(order()), Unclear)
    with pytest.raises(KnownError, match="keys"):
        processor(sandbox, "wrong").refund_refusal(CHARGE)
    sandbox.refuse_connections()
    assert isinstance(anddone.refund(order()), NotSent)
    with pytest.raises(KnownError, match="can't be reached"):
        anddone.refund_refusal(CHARGE)
