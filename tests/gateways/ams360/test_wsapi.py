"""WSAPI over real HTTP: the emulator that validates every message, its faults, hostile answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from paydesk.domain.errors import KnownError
from paydesk.domain.money import Money
from paydesk.domain.posting import AgencyReceipt, Item, MayHaveArrived, NoteAs, NotReceived, Posted, Refused
from paydesk.domain.tender import TenderKind
from paydesk.gateways.ams360.soap import DATA, OPERATIONS, SOAP, Answer, data, envelope
from paydesk.gateways.ams360.wsapi import Ams360Wsapi, WsapiBank, WsapiConfig
from paydesk.gateways.http.fields import WrongAnswer
from paydesk.sandbox import FaultKind, Sandbox
from paydesk.sandbox.server import keys
from tests.gateways.hostile import BROKEN, Hostile, reply

NOW = datetime(2026, 5, 20, 20, 4, 5, tzinfo=UTC)
RECEIPT = AgencyReceipt(
    receipt_number="R-000007",
    reference="PD7K2M",
    customer_number="1001",
    payer_name="Sample Bakery LLC",
    items=(Item(Money(400_00), "50123"), Item(Money(150_00), "50140")),
    tender=TenderKind.CREDIT_CARD,
    received_on=date(2026, 5, 20),
    description="PayDesk R-000007 <PD7K2M> & Visa",
)
WORDS = "PayDesk R-000007 <PD7K2M> & Visa: USD 550.00, invoices 50123, 50140"
INSERT = "CustomerActivityInsert"


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """Validate every message. A violation or a crash of the emulator fails the test."""
    with Sandbox(today=date(2026, 5, 20)) as running:
        yield running
    assert running.wsapi.violations == []
    assert running.crashes == []


def config(url: str, **changes: Any) -> WsapiConfig:
    made = WsapiConfig(
        agency_no=keys.AMS360_AGENCY_NO,
        login_id=keys.WSAPI_LOGIN_ID,
        password=keys.WSAPI_PASSWORD,
        base_url=url,
    )
    return replace(made, **changes)


def client(sandbox: Sandbox, **changes: Any) -> Ams360Wsapi:
    return Ams360Wsapi(config(sandbox.wsapi_url, **changes), lambda: NOW)


def test_a_customer_by_number(sandbox: Sandbox) -> None:
    customer = client(sandbox).customer("1001")
    assert customer is not None
    assert (customer.number, customer.name, customer.zip_code) == ("1001", "Sample Bakery LLC", "02108")
    assert (customer.phones, customer.email) == (("6175551001",), "customer1001@people.example")
    assert "1970" not in repr(customer)
    assert "000-00-0000" not in repr(customer)


@pytest.mark.parametrize("empty", [True, False])
def test_a_customer_nobody_has(empty: bool, sandbox: Sandbox) -> None:
    sandbox.wsapi.empty_for_nobody = empty
    assert client(sandbox).customer("987654") is None
    assert client(sandbox).customer("A-1") is None


def test_banks_without_their_numbers(sandbox: Sandbox) -> None:
    assert client(sandbox).banks() == [WsapiBank("TR1", "Example Trust Account", "TRUST1", "AA1")]
    assert client(sandbox).check() == "Harbor Street"


def test_an_activity_after_a_payment(sandbox: Sandbox) -> None:
    wsapi = client(sandbox)
    assert isinstance(wsapi.note(RECEIPT), Posted)
    customer = wsapi.customer("1001")
    assert customer is not None
    assert sandbox.wsapi.written == [
        (
            INSERT,
            {
                "ActivityDate": "2026-05-20T00:00:00",
                "ActivityTime": "PT15H4M",
                "Description": WORDS,
                "CustomerId": customer.source_id,
                "ActivityAction": "Payment Received",
            },
        )
    ]


def test_a_note_after_a_payment(sandbox: Sandbox) -> None:
    assert isinstance(client(sandbox, note_as=NoteAs.NOTE).note(RECEIPT), Posted)
    ((operation, fields),) = sandbox.wsapi.written
    assert (operation, fields["NoteText"], fields["NoteDate"]) == (
        "CustomerNoteInsert",
        WORDS,
        "2026-05-20T15:04:05",
    )


def test_one_login_serves_all_and_is_ended(sandbox: Sandbox) -> None:
    wsapi = client(sandbox)
    wsapi.customer("1001")
    wsapi.banks()
    wsapi.close()
    assert sandbox.wsapi.calls == ["Login", "CustomerGetByNumber", "BankGetListAll", "Logout"]
    assert sandbox.wsapi.tickets == set()
    wsapi.close()
    assert sandbox.wsapi.calls[-1] == "Logout"


def test_an_ended_ticket_is_renewed_once(sandbox: Sandbox) -> None:
    wsapi = client(sandbox)
    wsapi.customer("1001")
    sandbox.wsapi.tickets.clear()
    assert wsapi.customer("1001") is not None
    sandbox.wsapi.tickets.clear()
    assert isinstance(wsapi.note(RECEIPT), Posted)
    assert sandbox.wsapi.calls.count("Login") == 3


def test_a_wrong_password_is_said_and_not_shown(sandbox: Sandbox) -> None:
    wsapi = client(sandbox, password="Wrong-0nly")
    with pytest.raises(KnownError, match="did not accept PayDesk's keys") as caught:
        wsapi.customer("1001")
    assert "Wrong-0nly" not in str(caught.value)
    assert isinstance(wsapi.note(RECEIPT), NotReceived)
    assert "Wrong-0nly" not in repr(config(sandbox.wsapi_url, password="Wrong-0nly"))


def test_what_the_service_refuses(sandbox: Sandbox) -> None:
    assert client(sandbox, action="Not set up").note(RECEIPT) == Refused(
        "AMS360 says: The action is not set up."
    )
    stranger = client(sandbox).note(replace(RECEIPT, customer_number="987654"))
    assert stranger == Refused("AMS360 shows no customer 987654.")


@pytest.mark.parametrize(
    ("fault", "made"),
    [
        (FaultKind.RESET_AFTER, 1),
        (FaultKind.BAD_GATEWAY_AFTER, 1),
        (FaultKind.EMPTY_BODY, 1),
        (FaultKind.GARBAGE, 1),
        (FaultKind.TRUNCATED_JSON, 1),
        (FaultKind.CUT_HEADER, 1),
        (FaultKind.RESET_BEFORE, 0),
        (FaultKind.ERROR_500_BEFORE, 0),
        (FaultKind.REDIRECT, 0),
        (FaultKind.HUGE_BODY, 0),
    ],
)
def test_a_note_is_sent_once_whatever_happens(fault: FaultKind, made: int, sandbox: Sandbox) -> None:
    sandbox.faults.next(fault, on=INSERT)
    assert isinstance(client(sandbox).note(RECEIPT), MayHaveArrived)
    assert len(sandbox.wsapi.written) == made


def test_without_a_connection_nothing_was_received(sandbox: Sandbox) -> None:
    wsapi = client(sandbox)
    wsapi.customer("1001")
    sandbox.refuse_connections("wsapi")
    assert isinstance(wsapi.note(RECEIPT), NotReceived)
    with pytest.raises(KnownError, match="can't be reached"):
        wsapi.customer("1001")
    wsapi.close()


def soap(body: str, header: str = "") -> bytes:
    return (
        f'<s:Envelope xmlns:s="{SOAP}" xmlns:v3="{OPERATIONS}" xmlns:d="{DATA}">'
        f"<s:Header>{header}</s:Header><s:Body>{body}</s:Body></s:Envelope>"
    ).encode()


TICKET = "<v3:WSAPISession><v3:Ticket>T-1</v3:Ticket></v3:WSAPISession>"
LOGIN = reply(200, soap("<v3:LoginResponse/>", TICKET))
GENERAL = reply(
    500,
    soap(
        "<s:Fault><faultcode>s:Client</faultcode><faultstring>x</faultstring>"
        "<detail><d:WSAPIGeneralFault><d:Message>later</d:Message></d:WSAPIGeneralFault></detail></s:Fault>"
    ),
)


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_server(kind: FaultKind) -> None:
    with Hostile(LOGIN, kind) as server:
        wsapi = Ams360Wsapi(config(server.url, read_timeout_s=0.3, total_timeout_s=0.5), lambda: NOW)
        with pytest.raises(KnownError):
            wsapi.customer("1001")


def test_a_server_error_is_asked_once_more() -> None:
    with Hostile(LOGIN, GENERAL) as server:
        with pytest.raises(KnownError, match="is having a problem"):
            Ams360Wsapi(config(server.url), lambda: NOW).customer("1001")
        assert len(server.requests) == 3


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html/>",
        b"not xml",
        b'<!DOCTYPE x [<!ENTITY a "aaaa">]>' + soap("<v3:LoginResponse/>", TICKET),
        b'<?xml version="1.0"?><!DOCTYPE x SYSTEM "http://elsewhere.example/x.dtd">' + soap("", TICKET),
        soap("", TICKET).replace(b"Body", b"Torso"),
        b"\xff\xfe" + soap("<v3:LoginResponse/>", TICKET),
    ],
)
def test_xml_that_is_not_believed(body: bytes) -> None:
    with pytest.raises(WrongAnswer):
        Answer(body)
    with Hostile(reply(200, body)) as server, pytest.raises(KnownError):
        Ams360Wsapi(config(server.url), lambda: NOW).customer("1001")


def test_an_answer_to_something_else_is_not_believed() -> None:
    other = reply(200, soap("<v3:AgencyInfoGetResponse/>"))
    with (
        Hostile(LOGIN, other) as server,
        pytest.raises(KnownError, match="field CustomerGetByNumberResponse"),
    ):
        Ams360Wsapi(config(server.url), lambda: NOW).customer("1001")


def test_only_what_was_asked_for_is_taken_out() -> None:
    customer = "<d:Customer><d:ZipCode> 02108 </d:ZipCode><d:DateOfBirth>1970</d:DateOfBirth></d:Customer>"
    body = f"<v3:XResponse><v3:XResult>{customer}</v3:XResult></v3:XResponse>"
    assert Answer(soap(body)).one("X", "Customer", ("ZipCode", "Email")) == {"ZipCode": "02108", "Email": ""}


def test_an_envelope_carries_any_text() -> None:
    made = envelope("CustomerNoteInsert", data([("NoteText", "<&>\x00\ud800é"), ("NoteId", "")]), "T&1")
    assert "<d:NoteText>&lt;&amp;&gt;  é</d:NoteText></v3:Request>" in made
    assert "<v3:Ticket>T&amp;1</v3:Ticket>" in made
    assert "NoteId" not in made
    assert envelope("Logout", None).endswith("<soap:Body><v3:Logout/></soap:Body></soap:Envelope>")


def test_the_emulator_sees_what_is_out_of_order() -> None:
    with Sandbox(today=date(2026, 5, 20)) as running:
        wsapi = client(running)
        wsapi.customer("1001")
        ticket = next(iter(running.wsapi.tickets))
        wrong = data([("NoteText", "x"), ("CustomerId", "y"), ("Colour", "z")], within="CustomerNote")
        call = wsapi._call("CustomerNoteInsert", wrong, ticket)
        wsapi._client.once(call)
        assert running.wsapi.violations == [
            "CustomerNoteInsert: CustomerId is out of order",
            f"CustomerNoteInsert with Colour of {DATA}",
        ]
