"""Voids at AndDone: what an answer proves, and the emulator over real HTTP."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from paydesk.domain.outcome import (
    Approved,
    Canceled,
    ChargeStatus,
    Unclear,
    Voided,
    VoidOutcome,
    VoidRefused,
)
from paydesk.gateways.anddone.answers import to_charge_status, to_finding, to_outcome, to_void_outcome
from paydesk.gateways.anddone.processor import AndDone
from paydesk.gateways.http.call import Reply
from paydesk.sandbox import FaultKind, Sandbox
from paydesk.services.ports.processor import ChargeRequest
from tests.gateways import made
from tests.gateways.conftest import FALSE_ANSWERS, LINE_FAULTS, anddone_config, anddone_under
from tests.gateways.made import answered, detail, refused
from tests.sandbox.clients import until

REF = made.DETAIL["transactionId"]
DONE = {"transactionId": REF, "transactionStatus": "Cancelled", "isCancelled": True, "message": "Voided"}


def charge(anddone: AndDone) -> tuple[ChargeRequest, str, str]:
    """Make an approved charge. Returns its request, its token, and AndDone's number of it."""
    request = made.request()
    token = anddone.create_intent(request)
    outcome = anddone.pay(token, request, made.card())
    assert isinstance(outcome, Approved)
    return request, token, outcome.processor_ref


# What an answer proves


def test_canceled_is_what_says_so() -> None:
    assert to_void_outcome(answered(200, DONE), REF) == Voided()
    assert to_void_outcome(answered(200, DONE | {"transactionStatus": None}), REF) == Voided()


@pytest.mark.parametrize(
    "changes",
    [
        {"isCancelled": False},
        {"isCancelled": None},
        {"isCancelled": "true"},
        {"transactionId": "another"},
        {"transactionId": None},
        {"transactionStatus": "CancelAttempt"},
        {"transactionStatus": "Authorized"},
        {"transactionStatus": 7.5},
    ],
)
def test_whatever_is_not_plainly_canceled_is_unclear(changes: dict[str, Any]) -> None:
    assert isinstance(to_void_outcome(answered(200, DONE | changes), REF), Unclear)


@pytest.mark.parametrize(
    "reply",
    [
        Reply(200),
        answered(200, b"\x1f\x8b"),
        answered(201, DONE),
        answered(302, DONE),
        answered(429, DONE),
        answered(500, DONE),
        refused("Key_VoidsNotAllowed", 404),
        refused("Key_InvalidTransactionId"),
        refused("Key_DuplicateTransaction"),
        refused(None),
        refused(17),
    ],
)
def test_an_answer_of_another_kind_is_unclear(reply: Reply) -> None:
    assert isinstance(to_void_outcome(reply, REF), Unclear)


@pytest.mark.parametrize(
    ("key", "final"),
    [
        ("Key_VoidsNotAllowed", True),
        ("Key_OnlySaleTransactionCanBeVoided", True),
        ("Key_TokenLinkTransactionCanNotBeVoided", True),
        ("Key_TransactionCanNotBeVoidedNachaExecutionTimeIsLessThan15Mins", True),
        ("Key_OnlyAuthorizedTransactionCanBeVoided", False),
    ],
)
def test_a_refusal_by_a_rule_has_words(key: str, final: bool) -> None:
    outcome = to_void_outcome(refused(key), REF)
    assert isinstance(outcome, VoidRefused)
    assert (outcome.final, outcome.reason[-1]) == (final, ".")


@pytest.mark.parametrize(
    ("status", "charge_status"),
    [
        ("Authorized", ChargeStatus.VOIDABLE),
        ("Approved", ChargeStatus.VOIDABLE),
        ("Cancelled", ChargeStatus.CANCELED),
        ("Captured", ChargeStatus.SETTLED),
        ("Success", ChargeStatus.SETTLED),
        ("Refunded", ChargeStatus.SETTLED),
        ("CancelAttempt", ChargeStatus.UNCLEAR),
        ("Failed", ChargeStatus.UNCLEAR),
        ("Quarantined", ChargeStatus.UNCLEAR),
    ],
)
def test_where_a_charge_stands(status: str, charge_status: ChargeStatus) -> None:
    reply = answered(200, detail({"transactionStatus": status}))
    assert to_charge_status(reply, made.request(), REF) is charge_status


@pytest.mark.parametrize(
    "changes",
    [
        {"transactionId": "another"},
        {"transactionResult.merchantReference": "another-1"},
        {"subTotalAmount": 1.00},
        {"tenderInfo.currency": "CAD"},
        {"transactionStatus": 5.5},
    ],
)
def test_another_charge_proves_nothing(changes: dict[str, Any]) -> None:
    reply = answered(200, detail({"transactionStatus": "Cancelled"} | changes))
    assert to_charge_status(reply, made.request(), REF) is ChargeStatus.UNCLEAR


@pytest.mark.parametrize("reply", [Reply(200), refused("Key_TransactionNotFound", 404), refused("Key_X")])
def test_no_answer_leaves_it_unclear(reply: Reply) -> None:
    assert to_charge_status(reply, made.request(), REF) is ChargeStatus.UNCLEAR


def test_a_charge_that_was_canceled_is_found_as_such_and_never_answers_a_payment() -> None:
    reply = answered(200, detail({"transactionStatus": "Cancelled"}))
    found = to_finding(reply, made.request())
    assert isinstance(found, Canceled)
    assert found.approved.processor_ref == REF
    assert isinstance(to_outcome(reply, made.request()), Unclear)
    other = answered(200, detail({"transactionStatus": "Cancelled", "subTotalAmount": 1.00}))
    assert isinstance(to_finding(other, made.request()), Unclear)


# The emulator


def test_a_charge_is_voided_once_and_stands_as_canceled(
    anddone: AndDone, contract_checked_sandbox: Sandbox
) -> None:
    request, token, ref = charge(anddone)
    assert anddone.charge_status(ref, request) is ChargeStatus.VOIDABLE
    assert anddone.void(ref, "Wrong invoice") == Voided()
    assert [one.status for one in contract_checked_sandbox.charges()] == ["Cancelled"]
    assert anddone.charge_status(ref, request) is ChargeStatus.CANCELED
    assert isinstance(anddone.look_up(token, request), Canceled)
    again = anddone.void(ref, "Wrong invoice")
    assert isinstance(again, VoidRefused)
    assert not again.final
    today = contract_checked_sandbox.clock.now().date()
    [row] = anddone.charges(today - timedelta(days=1), today + timedelta(days=1))
    assert (row.canceled, row.live, row.taken) == (True, False, False)


def test_minutes_before_the_batch_it_is_too_late(anddone: AndDone, contract_checked_sandbox: Sandbox) -> None:
    request, _, ref = charge(anddone)
    [made_charge] = contract_checked_sandbox.charges()
    clock = contract_checked_sandbox.clock
    clock.advance(made_charge.batch_at - clock.now() - timedelta(minutes=14))
    outcome = anddone.void(ref, "Too late")
    assert isinstance(outcome, VoidRefused)
    assert outcome.final
    assert anddone.charge_status(ref, request) is ChargeStatus.VOIDABLE
    clock.advance(timedelta(minutes=15))
    assert anddone.charge_status(ref, request) is ChargeStatus.SETTLED
    assert isinstance(anddone.void(ref, "Too late"), VoidRefused)


def test_a_charge_nobody_knows_is_unclear(anddone: AndDone) -> None:
    assert isinstance(anddone.void("00000000-0000-4000-8000-000000000000", "No such"), Unclear)
    assert (
        anddone.charge_status("00000000-0000-4000-8000-000000000000", made.request()) is ChargeStatus.UNCLEAR
    )


@pytest.mark.parametrize("kind", LINE_FAULTS)
def test_what_is_said_of_a_void_is_true(kind: FaultKind) -> None:
    """Voided means canceled. A later look finds the truth."""
    with Sandbox(seed=1) as sandbox:
        anddone = AndDone(anddone_config(sandbox.anddone_url))
        request, _, ref = charge(anddone)
        sandbox.faults.next(kind, "voidPayment", seconds=0.1)
        outcome: VoidOutcome = anddone_under(kind, sandbox.anddone_url).void(ref, "Wrong invoice")
        until(lambda: (sandbox.charges()[0].status == "Cancelled") == kind.carried_out)
        [found] = sandbox.charges()
        if isinstance(outcome, Voided):
            assert found.status == "Cancelled"
        elif isinstance(outcome, VoidRefused):  # the refusal of a second delivery
            assert (kind, outcome.final) == (FaultKind.DUPLICATE_DELIVERY, False)
        expected = ChargeStatus.CANCELED if found.status == "Cancelled" else ChargeStatus.VOIDABLE
        assert anddone.charge_status(ref, request) is expected
        assert not sandbox.crashes


@pytest.mark.parametrize("kind", FALSE_ANSWERS)
def test_a_look_that_fails_leaves_the_charge_unclear(kind: FaultKind) -> None:
    with Sandbox(seed=1) as sandbox:
        anddone = AndDone(anddone_config(sandbox.anddone_url))
        request, _, ref = charge(anddone)
        sandbox.faults.always(kind, "getPaymentDetails")
        charge_status = anddone_under(kind, sandbox.anddone_url).charge_status(ref, request)
        assert charge_status is ChargeStatus.UNCLEAR or kind is FaultKind.DUPLICATE_DELIVERY
