"""The emulated WSAPI against its contract: the order of a customer's elements."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree.ElementTree import Element

import requests
from defusedxml.ElementTree import fromstring

from paydesk.sandbox import Sandbox
from paydesk.sandbox.ams360.wsapi_names import ACTION, CUSTOMER, DATA, OPERATIONS, SOAP
from paydesk.sandbox.server import keys

CONTRACT = Path(__file__).parents[2] / "contracts" / "ams360-wsapi.md"


def _ask(sandbox: Sandbox, operation: str, request: str, ticket: str = "") -> Element:
    session = f"<v:WSAPISession><v:Ticket>{ticket}</v:Ticket></v:WSAPISession>" if ticket else ""
    text = (
        f'<s:Envelope xmlns:s="{SOAP}" xmlns:v="{OPERATIONS}" xmlns:d="{DATA}"><s:Header>{session}</s:Header>'
        f"<s:Body><v:{operation}><v:Request>{request}</v:Request></v:{operation}></s:Body></s:Envelope>"
    )
    headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{ACTION}{operation}"'}
    reply = requests.post(sandbox.wsapi_url, data=text.encode(), headers=headers, timeout=5)
    assert reply.status_code == 200, reply.text
    answer: Element = fromstring(reply.content)
    return answer


def _logged_in(sandbox: Sandbox) -> str:
    login = {
        "AgencyNo": keys.AMS360_AGENCY_NO, "LoginId": keys.WSAPI_LOGIN_ID, "Password": keys.WSAPI_PASSWORD,
    }  # fmt: skip
    told = "".join(f"<d:{name}>{value}</d:{name}>" for name, value in login.items())
    return _ask(sandbox, "Login", told).findtext(f".//{{{OPERATIONS}}}Ticket") or ""


def test_the_declared_order_is_the_contracts() -> None:
    told = CONTRACT.read_text(encoding="utf-8")
    declared = told.partition("stand in between is not known here):")[2].partition(". The answer comes")[0]
    assert tuple(re.findall(r"`(\w+)`", declared)) == CUSTOMER


def test_a_customer_answers_in_declared_order(contract_checked_sandbox: Sandbox) -> None:
    ticket = _logged_in(contract_checked_sandbox)
    for number in (1001, 1003):
        asked = f"<d:CustomerNumber>{number}</d:CustomerNumber>"
        answer = _ask(contract_checked_sandbox, "CustomerGetByNumber", asked, ticket)
        customer = answer.find(f".//{{{DATA}}}Customer")
        assert customer is not None
        names = [element.tag.removeprefix(f"{{{DATA}}}") for element in customer]
        assert {"BusinessAreaCode", "GLDivisionCode", "ZipCode"} <= set(names) <= set(CUSTOMER)
        assert names == sorted(names, key=CUSTOMER.index)
