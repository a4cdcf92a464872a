"""AMS360's WSAPI v3 over HTTP: SOAP 1.1, a ticket in the header, strict checks of every message.

Like the real service it drops an element that is out of order. Unlike it, it reports this in
``violations``, together with everything else that the WSAPI v3.0 WSDL does not allow.
"""

from __future__ import annotations

import secrets
import threading
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from paydesk.sandbox.ams360.agency import Agency, Customer
from paydesk.sandbox.ams360.wsapi_names import (
    ACTION,
    BANKS,
    CUSTOMER,
    DATA,
    ELEMENTS,
    OPERATIONS,
    SOAP,
    WRAPPERS,
)
from paydesk.sandbox.server import keys
from paydesk.sandbox.server.faults import Fault, Faults
from paydesk.sandbox.server.http import Reply, Request

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

PATH: Final = "/v3/WSAPIService.svc"
ACTIONS: Final = frozenset({"Payment Received"})
"""Activity actions that exist in the agency."""


class _Refused(Exception):
    """A SOAP fault: the name of its detail element, its message, and the field it is about."""

    def __init__(self, kind: str, message: str, name: str = "") -> None:
        super().__init__(message)
        self.kind, self.message, self.name = kind, message, name


class Wsapi:
    """One agency's WSAPI. ``written`` holds the inserted activities and notes: operation and fields."""

    name = "wsapi"
    checks_origin = False
    pages: frozenset[str] = frozenset()

    def __init__(self, agency: Agency, faults: Faults) -> None:
        self.agency = agency
        self.violations: list[str] = []
        self.written: list[tuple[str, dict[str, str]]] = []
        self.tickets: set[str] = set()
        self.calls: list[str] = []
        self.empty_for_nobody = False
        """True to answer an unknown customer number with an empty result instead of a business fault."""
        self._faults = faults
        self._lock = threading.Lock()
        self._verbs: dict[str, Callable[[dict[str, str]], str]] = {
            "CustomerGetByNumber": self._by_number,
            "CustomerGetById": self._by_id,
            "CustomerActivityInsert": self._insert_activity,
            "CustomerNoteInsert": self._insert_note,
            "BankGetListAll": lambda _: BANKS,
            "AgencyInfoGet": lambda _: f"<d:AgencyInfo>{_el('AgencyName', 'Harbor Street')}</d:AgencyInfo>",
        }

    # ---- the service interface ----------------------------------------------------------------

    def operation(self, method: str, path: str) -> str | None:
        return "soap" if (method, path) == ("POST", PATH) else None

    def scripted(self, operation: str, request: Request) -> Fault | None:
        """Return the fault for the SOAP operation. Faults name operations, but the site knows one address."""
        return self._faults.take(self.name, _operation_of(request))

    def refuse(self, status: int, message: str) -> Reply:
        return Reply(status, message.encode(), "text/plain")

    def answer(self, operation: str, request: Request) -> Reply:
        with self._lock:
            try:
                return self._carry_out(request)
            except _Refused as refused:
                return _fault(refused)

    # ---- one message --------------------------------------------------------------------------

    def _carry_out(self, request: Request) -> Reply:
        name = _operation_of(request)
        self.calls.append(name)
        self._check_headers(request, name)
        header, call = self._parts(request.body, name)
        if name == "Login":
            return self._log_in(self._fields(call, name))
        if header not in self.tickets:
            raise _Refused("WSAPISecurityFault", "The ticket is not valid.")
        if name == "Logout":
            self.tickets.discard(header)
            return _envelope("<v3:LogoutResponse/>")
        result = self._verbs[name](self._fields(call, name))
        return _envelope(
            f"<v3:{name}Response><v3:{name}Result>{result}</v3:{name}Result></v3:{name}Response>"
        )

    def _check_headers(self, request: Request, name: str) -> None:
        if request.headers.get("content-type", "").replace(" ", "").lower() != "text/xml;charset=utf-8":
            self._violation(f"Content-Type {request.headers.get('content-type')}")
        if request.headers.get("soapaction") != f'"{ACTION}{name}"' or name not in ELEMENTS:
            self._violation(f"SOAPAction {request.headers.get('soapaction')}")
            raise _Refused("WSAPIGeneralFault", "Unknown action.")

    def _parts(self, body: bytes, name: str) -> tuple[str, Element]:
        """Return the ticket and the operation's element."""
        try:
            root: Element = fromstring(body, forbid_dtd=True)
        except (ParseError, DefusedXmlException, ValueError):
            self._violation("not XML")
            raise _Refused("WSAPIGeneralFault", "Not XML.") from None
        ticket = root.find(f"{{{SOAP}}}Header/{{{OPERATIONS}}}WSAPISession/{{{OPERATIONS}}}Ticket")
        inside = root.findall(f"{{{SOAP}}}Body/*")
        if root.tag != f"{{{SOAP}}}Envelope" or [one.tag for one in inside] != [f"{{{OPERATIONS}}}{name}"]:
            self._violation(f"no {name} in the body")
            raise _Refused("WSAPIGeneralFault", "Wrong body.")
        if (ticket is None) != (name == "Login"):
            self._violation(f"{name} {'without' if ticket is None else 'with'} a ticket")
        return (ticket.text or "") if ticket is not None else "", inside[0]

    def _fields(self, call: Element, name: str) -> dict[str, str]:
        """Return the data elements in declared order. Drops others, as the service does."""
        if name in WRAPPERS or ELEMENTS[name]:
            requests = [one.tag for one in call]
            if requests != [f"{{{OPERATIONS}}}Request"]:
                self._violation(f"{name} holds {requests}")
                return {}
            call = call[0]
        elif len(call):
            self._violation(f"{name} is not empty")
        if name in WRAPPERS:
            if [one.tag for one in call] != [f"{{{DATA}}}{WRAPPERS[name]}"]:
                self._violation(f"{name} without {WRAPPERS[name]}")
                return {}
            call = call[0]
        return self._in_order(call, name)

    def _in_order(self, holder: Element, name: str) -> dict[str, str]:
        declared, at, fields = ELEMENTS[name], 0, {}
        for element in holder:
            space, _, local = element.tag[1:].partition("}")
            if space != DATA or local not in declared:
                self._violation(f"{name} with {local} of {space}")
            elif declared.index(local) < at:
                self._violation(f"{name}: {local} is out of order")
            else:
                at = declared.index(local) + 1
                fields[local] = element.text or ""
        return fields

    def _violation(self, words: str) -> None:
        self.violations.append(words)

    # ---- the operations -----------------------------------------------------------------------

    def _log_in(self, fields: dict[str, str]) -> Reply:
        right = (keys.AMS360_AGENCY_NO, keys.WSAPI_LOGIN_ID, keys.WSAPI_PASSWORD)
        if (fields.get("AgencyNo"), fields.get("LoginId"), fields.get("Password")) != right:
            raise _Refused("WSAPISecurityFault", "The login is not valid.")
        ticket = secrets.token_hex(16)
        self.tickets.add(ticket)
        session = f"<v3:WSAPISession><v3:Ticket>{ticket}</v3:Ticket></v3:WSAPISession>"
        return _envelope("<v3:LoginResponse/>", session)

    def _by_number(self, fields: dict[str, str]) -> str:
        number = fields.get("CustomerNumber", "")
        found = self.agency.customers.get(int(number)) if number.isdecimal() else None
        return self._shown(found)

    def _by_id(self, fields: dict[str, str]) -> str:
        wanted = fields.get("CustomerId")
        customers = self.agency.customers.values()
        return self._shown(next((one for one in customers if one.customer_id == wanted), None))

    def _shown(self, found: Customer | None) -> str:
        if found is None or found.person.hidden:
            if self.empty_for_nobody:
                return ""
            raise _Refused("WSAPIBusinessFault", "Customer not found.", "CustomerNumber")
        return f"<d:Customer>{_customer(found)}</d:Customer>"

    def _insert_activity(self, fields: dict[str, str]) -> str:
        self._need_customer(fields)
        if fields.get("ActivityAction") not in ACTIONS:
            raise _Refused("WSAPIBusinessFault", "The action is not set up.", "ActivityAction")
        self.written.append(("CustomerActivityInsert", fields))
        return _el("ActivityId", str(uuid.uuid4()))

    def _insert_note(self, fields: dict[str, str]) -> str:
        self._need_customer(fields)
        if not fields.get("NoteText"):
            raise _Refused("WSAPIBusinessFault", "A note needs a text.", "NoteText")
        self.written.append(("CustomerNoteInsert", fields))
        return _el("NoteId", str(uuid.uuid4()))

    def _need_customer(self, fields: dict[str, str]) -> None:
        known = {one.customer_id for one in self.agency.customers.values() if not one.person.hidden}
        if fields.get("CustomerId") not in known:
            raise _Refused("WSAPIBusinessFault", "Customer not found.", "CustomerId")


def _operation_of(request: Request) -> str:
    return request.headers.get("soapaction", "").strip('"').removeprefix(ACTION)


def _el(name: str, text: str) -> str:
    return f"<d:{name}>{escape(text)}</d:{name}>"


def _customer(found: Customer) -> str:
    """Return a shortened Customer with elements of the kind that PayDesk must never store."""
    person = found.person
    zip_code = "".join(letter for letter in person.zip_code or "" if letter.isdecimal())
    told = {
        "IsActive": "true",
        "AddressLine1": "1 Example Street",
        "City": person.city,
        "CustomerId": found.customer_id,
        "CustomerNumber": str(found.number),
        "DateOfBirth": "1970-01-01T00:00:00",
        "Email": f"customer{found.number}@people.example",
        "FirmName": person.firm or "",
        "FirstName": person.first or "",
        "GLDivisionCode": "AA1",
        "LastName": person.last or "",
        "BusinessAreaCode": "617",
        "BusinessPhone": f"555{found.number:04d}",
        "FederalTaxIdNumber": "000-00-0000",
        "State": person.state,
        "CustomerType": "C",
        "ZipCode": zip_code,
        "IsSecured": "false",
    }
    assert told.keys() <= set(CUSTOMER)
    return "".join(_el(name, told[name]) for name in CUSTOMER if told.get(name))


def _envelope(body: str, header: str = "", status: int = 200) -> Reply:
    head = f"<s:Header>{header}</s:Header>" if header else ""
    text = (
        f'<s:Envelope xmlns:s="{SOAP}" xmlns:v3="{OPERATIONS}" xmlns:d="{DATA}">'
        f"{head}<s:Body>{body}</s:Body></s:Envelope>"
    )
    return Reply(status, text.encode(), "text/xml; charset=utf-8")


def _fault(refused: _Refused) -> Reply:
    inner = _el("Message", refused.message)
    if refused.kind == "WSAPISecurityFault":
        inner += _el("CausalityId", "0001")
    if refused.name:
        detail = _el("Message", refused.message) + _el("DataName", refused.name) + _el("EntityKey", "")
        detail = f"<d:WSAPIBusinessFaultDetail>{detail}</d:WSAPIBusinessFaultDetail>"
        inner += f"<d:FaultDetails>{detail}</d:FaultDetails>"
    return _envelope(
        "<s:Fault><faultcode>s:Client</faultcode>"
        f'<faultstring xml:lang="en-US">{refused.kind}</faultstring>'
        f"<detail><d:{refused.kind}>{inner}</d:{refused.kind}></detail></s:Fault>",
        status=500,
    )
