"""Receipts into AMS360 over real HTTP: the contract-checked emulator, its faults, a hostile server."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from paydesk.domain.money import Money
from paydesk.domain.posting import (
    AgencyReceipt,
    ByHand,
    Item,
    MayHaveArrived,
    NotReceived,
    Posted,
    PostOutcome,
    Refused,
)
from paydesk.domain.tender import TenderKind
from paydesk.gateways.ams360.ems import Ams360Ems
from paydesk.gateways.ams360.posting import EmsReceipts, to_outcome
from paydesk.gateways.http.call import Reply
from paydesk.sandbox import FaultKind, Sandbox
from paydesk.sandbox.server import keys
from tests.contracts.validator import ContractChecker
from tests.gateways.conftest import ems_config
from tests.gateways.hostile import BROKEN, Hostile, reply

NOW = datetime(2026, 5, 20, 15, 4, 5, tzinfo=UTC)
RECEIPT = AgencyReceipt(
    receipt_number="R-000007",
    reference="PD7K2M",
    customer_number="1001",
    payer_name="Sample Bakery LLC",
    items=(Item(Money(1_250_00), "50123"), Item(Money(150_00), "50140")),
    tender=TenderKind.CREDIT_CARD,
    received_on=date(2026, 5, 20),
    description="PayDesk R-000007 PD7K2M Visa ending 0007",
)
RECEIPT_CALL = "postCustomerReceipt"
LOGIN = (reply(200, {"loginKey": "k"}), reply(200, {"accessJwt": "t"}))


def receipts(ems: Ams360Ems, bank: str = keys.AMS360_BANK) -> EmsReceipts:
    return EmsReceipts(ems, bank=bank, time_zone="America/Chicago", now=lambda: NOW)


def posted(sandbox: Sandbox) -> int:
    return len(sandbox.ams360.posted.receipts)


def test_a_receipt_lowers_the_balances(ams360: Ams360Ems, contract_checked_sandbox: Sandbox) -> None:
    outcome = receipts(ams360).post(RECEIPT)
    (made,) = contract_checked_sandbox.ams360.posted.receipts
    assert outcome == Posted(made.receipt_id)
    assert (made.amount, made.customer_number, made.date) == (Money(1_400_00), 1001, "2026-05-20")
    assert (made.bank, made.check_type, made.description) == ("TRUST1", "CreditCard", RECEIPT.description)
    assert contract_checked_sandbox.balance(50_123) == Money(0)
    assert contract_checked_sandbox.balance(50_140) == Money(0)


@pytest.mark.parametrize(
    ("kind", "word"),
    [(TenderKind.CREDIT_CARD, "CreditCard"), (TenderKind.DEBIT_CARD, "DebitCard"), (TenderKind.ACH, "EFT")],
)
def test_the_message(kind: TenderKind, word: str, ams360: Ams360Ems) -> None:
    body = receipts(ams360).to_request(replace(RECEIPT, tender=kind))
    assert body is not None
    assert (body["paymentCheckType"], body["receiptDateTimeZone"]) == (word, "Central Standard Time")
    assert body["customerNumber"] == 1001
    assert body["invoiceInformations"] == [
        {"invoiceNumber": 50123, "amount": Money(1_250_00).dollars},
        {"invoiceNumber": 50140, "amount": Money(150_00).dollars},
    ]
    assert "payerBankAccountNumber" not in body


def test_a_suffix_is_left_to_the_leading_digits(ams360: Ams360Ems) -> None:
    body = receipts(ams360).to_request(replace(RECEIPT, items=(Item(Money(1), "50123-2"),)))
    assert body is not None
    assert body["invoiceInformations"] == [{"invoiceNumber": 50123, "amount": Money(1).dollars}]


def test_money_on_account(ams360: Ams360Ems, contract_checked_sandbox: Sandbox) -> None:
    outcome = receipts(ams360).post(replace(RECEIPT, items=(Item(Money(75_00)),)))
    assert isinstance(outcome, Posted)
    assert contract_checked_sandbox.ams360.posted.receipts[0].applied == ((None, Money(75_00)),)


def test_a_note_moves_no_money(ams360: Ams360Ems, contract_checked_sandbox: Sandbox) -> None:
    assert isinstance(receipts(ams360).note(RECEIPT), Posted)
    (activity,) = contract_checked_sandbox.ams360.posted.activities
    assert (activity.customer_number, activity.action) == (1001, "Payment Received")
    assert activity.comment == f"{RECEIPT.description}: USD 1,400.00"
    assert posted(contract_checked_sandbox) == 0
    stranger = receipts(ams360).note(replace(RECEIPT, customer_number="987654"))
    assert isinstance(stranger, Refused)


def test_what_ams360_refuses(
    ams360: Ams360Ems, contract_checked_sandbox: Sandbox, contract_checker: ContractChecker
) -> None:
    too_much = replace(RECEIPT, items=(Item(Money(1_250_01), "50123"),))
    west = replace(RECEIPT, customer_number="1010", items=(Item(Money(1_00), "50950"),))
    foreign = replace(RECEIPT, customer_number="1002")
    sink = receipts(ams360)
    assert sink.post(too_much) == Refused("AMS360 says: More than the balance of invoice 50123.")
    assert sink.post(west) == Refused(
        "AMS360 says: Invoice 50950 is in a different division than the bank account."
    )
    assert isinstance(sink.post(foreign), Refused)
    assert receipts(ams360, "NOBANK").post(RECEIPT) == Refused("AMS360 says: No access to the bank.")
    assert isinstance(receipts(ams360, "").post(RECEIPT), Refused)
    assert isinstance(sink.post(replace(RECEIPT, customer_number="C-1")), ByHand)
    assert posted(contract_checked_sandbox) == 0


MADE = [
    FaultKind.RESET_AFTER,
    FaultKind.ERROR_500_AFTER,
    FaultKind.BAD_GATEWAY_AFTER,
    FaultKind.GATEWAY_TIMEOUT_AFTER,
    FaultKind.TRUNCATED_JSON,
    FaultKind.CUT_BODY,
    FaultKind.CUT_HEADER,
    FaultKind.EMPTY_BODY,
    FaultKind.GARBAGE,
    FaultKind.WRONG_TYPES,
    FaultKind.DUPLICATE_NOTICE,
]
NOT_MADE = [
    FaultKind.RESET_BEFORE,
    FaultKind.ERROR_500_BEFORE,
    FaultKind.BAD_GATEWAY_BEFORE,
    FaultKind.GATEWAY_TIMEOUT_BEFORE,
    FaultKind.REDIRECT,
    FaultKind.HUGE_BODY,
]


@pytest.mark.parametrize("fault", [*MADE, *NOT_MADE])
def test_whatever_proves_nothing_may_have_arrived_and_is_sent_once(
    fault: FaultKind, ams360: Ams360Ems, contract_checked_sandbox: Sandbox
) -> None:
    ams360.customer("1001")  # log in first
    contract_checked_sandbox.faults.next(fault, on=RECEIPT_CALL)
    assert isinstance(receipts(ams360).post(RECEIPT), MayHaveArrived)
    assert posted(contract_checked_sandbox) == (1 if fault in MADE else 0)


def test_turned_away_at_the_door(ams360: Ams360Ems, contract_checked_sandbox: Sandbox) -> None:
    sink = receipts(ams360)
    contract_checked_sandbox.faults.next(FaultKind.THROTTLED, on=RECEIPT_CALL)
    assert isinstance(sink.post(RECEIPT), NotReceived)
    contract_checked_sandbox.faults.next(FaultKind.UNAUTHORIZED, on=RECEIPT_CALL, times=2)
    assert isinstance(sink.post(RECEIPT), NotReceived)
    assert posted(contract_checked_sandbox) == 0
    contract_checked_sandbox.faults.next(FaultKind.UNAUTHORIZED, on=RECEIPT_CALL)
    assert isinstance(sink.post(RECEIPT), Posted)  # the token was renewed once
    assert posted(contract_checked_sandbox) == 1


def test_no_connection_is_surely_not_received(ams360: Ams360Ems, contract_checked_sandbox: Sandbox) -> None:
    sink = receipts(ams360)
    ams360.customer("1001")
    contract_checked_sandbox.refuse_connections("ams360")
    assert sink.post(RECEIPT) == NotReceived("AMS360 can't be reached.")
    contract_checked_sandbox.accept_connections("ams360")
    assert isinstance(sink.post(RECEIPT), Posted)


def test_a_login_that_fails_sends_no_receipt(contract_checked_sandbox: Sandbox) -> None:
    ems = Ams360Ems(
        ems_config(contract_checked_sandbox.ams360_url, access_key="00000000-0000-4000-8000-00000000ffff")
    )
    assert isinstance(receipts(ems).post(RECEIPT), NotReceived)
    assert posted(contract_checked_sandbox) == 0


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_server(kind: FaultKind) -> None:
    with Hostile(*LOGIN, kind) as server:
        ems = Ams360Ems(ems_config(server.url, read_timeout_s=0.4, total_timeout_s=0.5), lambda: NOW)
        assert isinstance(receipts(ems).post(RECEIPT), MayHaveArrived)
        assert len(server.requests) == 3


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (Reply(200, b'{"receiptId": "r-1"}'), Posted),
        (Reply(201, b'{"ReceiptID": 17}'), Posted),
        (Reply(200, b"{}"), MayHaveArrived),
        (Reply(204, b""), MayHaveArrived),
        (Reply(400, b""), Refused),
        (Reply(400, b"<html>proxy</html>"), MayHaveArrived),
        (Reply(409, b'{"error": "This receipt already exists."}'), MayHaveArrived),
        (Reply(403, b'{"error": "No access to the bank."}'), Refused),
        (Reply(503, b'{"error": "busy"}'), MayHaveArrived),
        (Reply(301, b""), MayHaveArrived),
    ],
)
def test_what_an_answer_proves(answer: Reply, outcome: type[PostOutcome]) -> None:
    assert isinstance(to_outcome(answer, "receiptId"), outcome)


def test_a_receipt_id_steers_no_screen() -> None:
    for told, kept in (("r\u202e1\n2", Posted("r1 2")), ("\u202e", None)):
        found = to_outcome(Reply(200, json.dumps({"receiptId": told}).encode()), "receiptId")
        assert found == kept or isinstance(found, MayHaveArrived)


def test_an_agency_may_rename_the_items_members(contract_checked_sandbox: Sandbox) -> None:
    names = {"receipt.item_number": "invoiceNo", "receipt.item_amount": "appliedAmount"}
    ems = Ams360Ems(ems_config(contract_checked_sandbox.ams360_url, names=names))
    body = receipts(ems).to_request(RECEIPT)
    assert body is not None
    assert body["invoiceInformations"] == [
        {"invoiceNo": 50123, "appliedAmount": Money(1_250_00).dollars},
        {"invoiceNo": 50140, "appliedAmount": Money(150_00).dollars},
    ]
