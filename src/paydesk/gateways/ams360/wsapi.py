"""AMS360 over WSAPI v3 (SOAP): identify a customer, list banks, and write a note after a payment.

WSAPI has no customer invoices and no receipts (135 operations checked), so it adds to EMS and files, and
replaces neither. The contract is tests/contracts/ams360-wsapi.md.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from paydesk.domain.errors import KnownError, System
from paydesk.domain.invoices.invoice import Customer
from paydesk.domain.posting import (
    AgencyReceipt,
    MayHaveArrived,
    NoteAs,
    NotReceived,
    Posted,
    PostOutcome,
    Refused,
)
from paydesk.domain.typed.plain_texts import is_key
from paydesk.gateways.ams360.soap import ACTION, BUSINESS, GENERAL, SECURITY, Answer, Fault, data, envelope
from paydesk.gateways.http.call import Call, CallFailed, Limits, NeverSent, NotTrusted, Reply
from paydesk.gateways.http.client import Client
from paydesk.gateways.http.fields import WrongAnswer
from paydesk.gateways.http.messages import ServiceMessages, checked_base_url, checked_key, checked_setting
from paydesk.gateways.http.redact import masked

MESSAGES = ServiceMessages(
    System.AGENCY_SYSTEM, "wsapi-password (and check the login id in the settings)", "AMS360's web service"
)
_CUSTOMER = (
    "IsActive", "CustomerId", "CustomerNumber", "FirmName", "FirstName", "MiddleName", "LastName", "ZipCode",
    "Email", "BusinessAreaCode", "BusinessPhone", "HomeAreaCode", "HomePhone", "CellAreaCode", "CellPhone",
)  # fmt: skip
_BANK = ("BankCode", "BankName", "ShortName", "GLDivisionCode", "IsInactive")
_NOBODY = re.compile(r"not (be )?found|no (such )?customer|does not exist|invalid customer", re.IGNORECASE)
_GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


@dataclass(frozen=True, slots=True)
class WsapiConfig:
    """Connection settings of WSAPI. Times are seconds. ``action`` is one of the agency's activity actions."""

    agency_no: str
    login_id: str
    password: str = field(repr=False)
    base_url: str = "https://wsapi.ams360.com/v3/WSAPIService.svc"
    employee_code: str = ""
    note_as: NoteAs = NoteAs.ACTIVITY
    action: str = "Payment Received"
    time_zone: str = "America/Chicago"
    connect_timeout_s: float = 5.0
    read_timeout_s: float = 20.0
    total_timeout_s: float = 30.0


@dataclass(frozen=True, slots=True)
class WsapiBank:
    """A bank of the agency. Account and routing numbers are dropped on arrival."""

    code: str
    name: str
    short_name: str
    division: str


class Ams360Wsapi:
    """One login, shared by all threads. The ticket stays in memory. ``close`` logs out."""

    def __init__(self, config: WsapiConfig, now: Callable[[], datetime]) -> None:
        self._url = checked_base_url(config.base_url, "WSAPI address")
        self._agency_no = checked_setting(config.agency_no, "AMS360 agency number")
        self._login_id = checked_setting(config.login_id, "WSAPI login id")
        self._password = checked_key(config.password, "wsapi-password")
        self._config = config
        self._now = now
        self._client = Client(Limits(config.connect_timeout_s, config.read_timeout_s, config.total_timeout_s))
        self._lock = threading.Lock()
        self._ticket = ""

    # ---- reading ----------------------------------------------------------------------------

    def customer(self, number: str) -> Customer | None:
        """See CustomerSource.customer."""
        if not number.isdecimal() or len(number) > 10:
            return None
        operation = "CustomerGetByNumber"
        answer = self._asked(operation, data([("CustomerNumber", number)]))
        fault = answer.fault
        if fault is not None and fault.kind == BUSINESS and _NOBODY.search(fault.message):
            return None
        self._refuse(fault)
        with MESSAGES.understanding():
            found = answer.one(operation, "Customer", _CUSTOMER)
            return None if found is None or not found["CustomerNumber"] else _to_customer(found)

    def banks(self) -> list[WsapiBank]:
        """Return the banks in use. Raises KnownError."""
        answer = self._asked("BankGetListAll", None)
        self._refuse(answer.fault)
        with MESSAGES.understanding():
            return [
                WsapiBank(bank["BankCode"], bank["BankName"], bank["ShortName"], bank["GLDivisionCode"])
                for bank in answer.each("BankGetListAll", ("BankInfoList", "BankInfo"), _BANK)
                if bank["IsInactive"].lower() != "true"
            ]

    def check(self) -> str:
        """Return the agency's name, as proof that the login works. Raises KnownError."""
        answer = self._asked("AgencyInfoGet", None)
        self._refuse(answer.fault)
        with MESSAGES.understanding():
            found = answer.one("AgencyInfoGet", "AgencyInfo", ("AgencyName",))
            return found["AgencyName"] if found else ""

    # ---- writing ----------------------------------------------------------------------------

    def note(self, receipt: AgencyReceipt) -> PostOutcome:
        """Write an activity or a note of the receipt onto its customer, once."""
        try:
            customer = self.customer(receipt.customer_number)
        except KnownError as error:
            return NotReceived(error.sentence)
        if customer is None:
            return Refused(f"AMS360 shows no customer {receipt.customer_number}.")
        if self._config.note_as is NoteAs.ACTIVITY:
            return self._written("CustomerActivityInsert", self._activity(receipt, customer), "ActivityId")
        return self._written("CustomerNoteInsert", self._note(receipt, customer), "NoteId")

    def _activity(self, receipt: AgencyReceipt, customer: Customer) -> str:
        at = self._now().astimezone(ZoneInfo(self._config.time_zone))
        return data(
            [
                ("ActivityDate", f"{at:%Y-%m-%dT00:00:00}"),
                ("ActivityTime", f"PT{at.hour}H{at.minute}M"),
                ("Description", _words(receipt)),
                ("CustomerId", customer.source_id),
                ("ActivityAction", self._config.action),
                ("EmployeeCode", self._config.employee_code),
            ],
            within="CustomerActivity",
        )

    def _note(self, receipt: AgencyReceipt, customer: Customer) -> str:
        at = self._now().astimezone(ZoneInfo(self._config.time_zone))
        fields = [
            ("CustomerId", customer.source_id),
            ("NoteText", _words(receipt)),
            ("NoteDate", f"{at:%Y-%m-%dT%H:%M:%S}"),
        ]
        return data(fields, within="CustomerNote")

    def _written(self, operation: str, request: str, key: str) -> PostOutcome:
        try:
            answer = self._once(operation, request)
        except (NeverSent, NotTrusted):
            return NotReceived("AMS360's web service can't be reached.")
        except CallFailed as failure:
            return MayHaveArrived(f"AMS360's web service gave no clear answer ({failure.why}).")
        except KnownError as error:  # the login failed, so the note itself was not sent
            return NotReceived(error.sentence)
        fault = answer.fault if answer is not None else None
        if answer is None or (fault is not None and fault.kind not in (SECURITY, BUSINESS)):
            return MayHaveArrived("AMS360's web service gave no clear answer.")
        if fault is not None:
            said = masked(fault.message)[:200]
            return NotReceived(said) if fault.kind == SECURITY else Refused(f"AMS360 says: {said}")
        found = answer.text(operation, key)
        return Posted(found) if _GUID.fullmatch(found) else MayHaveArrived("AMS360's answer names no note.")

    def _once(self, operation: str, request: str) -> Answer | None:
        """Send once, and after a refused ticket once more with a new one.

        Returns None for a non-SOAP answer.
        """
        answer: Answer | None = None
        for refused in (False, True):
            ticket = self._good_ticket(self._ticket if refused else "")
            answer = _understood(self._client.once(self._call(operation, request, ticket)))
            if answer is None or answer.fault is None or answer.fault.kind != SECURITY:
                break
        return answer

    # ---- the session ------------------------------------------------------------------------

    def close(self) -> None:
        """Log out if a login is open. If that fails, the ticket stays valid until its end."""
        with self._lock:
            ticket, self._ticket = self._ticket, ""
        if ticket:
            try:
                self._client.once(self._call("Logout", None, ticket))
            except CallFailed:
                return

    def _asked(self, operation: str, request: str | None) -> Answer:
        """Read with a valid ticket.

        Renews a refused ticket once, and asks once more after a general fault.
        """
        ticket, tries = self._good_ticket(), 0
        while True:
            answer = self._read(operation, request, ticket)
            tries += 1
            kind = answer.fault.kind if answer.fault else ""
            if tries > 1 or kind not in (SECURITY, GENERAL):
                return answer
            if kind == SECURITY:
                ticket = self._good_ticket(refused=ticket)

    def _read(self, operation: str, request: str | None, ticket: str) -> Answer:
        try:
            reply = self._client.read(self._call(operation, request, ticket))
        except CallFailed as failure:
            raise MESSAGES.unreachable(failure) from None
        return _answer(reply, operation)

    def _good_ticket(self, refused: str = "") -> str:
        """Return the ticket. Fetches a new one if there is none, or if it is the refused one."""
        with self._lock:
            if not self._ticket or self._ticket == refused:
                self._ticket = self._log_in()
            return self._ticket

    def _log_in(self) -> str:
        request = data(
            [("AgencyNo", self._agency_no), ("LoginId", self._login_id), ("Password", self._password)]
        )
        try:
            reply = self._client.once(self._call("Login", f"{request}<d:EmployeeCode/>", ""))
        except CallFailed as failure:
            raise MESSAGES.unreachable(failure) from None
        answer = _answer(reply, "Login")
        if answer.fault is not None and answer.fault.kind == SECURITY:
            raise MESSAGES.refused(401)
        self._refuse(answer.fault)
        if not answer.ticket:
            raise KnownError(
                f"{MESSAGES.name} let PayDesk in without a ticket.",
                "If it keeps happening, tell your administrator.",
            )
        return answer.ticket

    def _call(self, operation: str, request: str | None, ticket: str) -> Call:
        headers = {
            "Content-Type": "text/xml; charset=utf-8",
            "SOAPAction": f'"{ACTION}{operation}"',
            "Accept": "text/xml",
        }
        return Call("POST", self._url, headers, text=envelope(operation, request, ticket))

    def _refuse(self, fault: Fault | None) -> None:
        """Raise KnownError if there is a fault."""
        match fault:
            case None:
                return
            case Fault(kind="WSAPISecurityFault"):
                raise MESSAGES.refused(403)
            case Fault(kind="WSAPIBusinessFault", message=message):
                raise MESSAGES.refused(400, masked(message)[:200])
            case _:
                raise MESSAGES.refused(500)


def _answer(reply: Reply, operation: str) -> Answer:
    """Return the answer to that operation, or a fault. Raises KnownError for anything else."""
    if reply.status not in (200, 500):
        raise MESSAGES.refused(reply.status)
    with MESSAGES.understanding():
        answer = Answer(reply.body)
        if answer.fault is None and not (reply.status == 200 and answer.has(operation)):
            raise WrongAnswer(f"{operation}Response")
        return answer


def _understood(reply: Reply) -> Answer | None:
    """Return the answer to a change, or None if it proves nothing."""
    if reply.status not in (200, 500):
        return None
    try:
        return Answer(reply.body)
    except WrongAnswer:
        return None


def _to_customer(found: dict[str, str]) -> Customer:
    if not _GUID.fullmatch(found["CustomerId"]):
        raise WrongAnswer("CustomerId")
    if not is_key(found["CustomerNumber"]):
        raise WrongAnswer("CustomerNumber")
    parts = (found["FirstName"], found["MiddleName"], found["LastName"])
    name = found["FirmName"] or " ".join(part for part in parts if part)
    if not name:
        raise WrongAnswer("FirmName")
    phones = (found[f"{kind}AreaCode"] + found[f"{kind}Phone"] for kind in ("Business", "Home", "Cell"))
    return Customer(
        number=found["CustomerNumber"],
        name=name,
        source_id=found["CustomerId"],
        zip_code=found["ZipCode"],
        phones=tuple(dict.fromkeys(phone for phone in phones if phone)),
        email=found["Email"],
    )


def _words(receipt: AgencyReceipt) -> str:
    """Return the text of the note: our receipt, the money without the fee, and the invoices."""
    numbers = list(receipt.by_invoice)
    on = f", invoice{'s' if len(numbers) > 1 else ''} {', '.join(numbers)}" if numbers else ", on account"
    return f"{receipt.description}: USD {receipt.amount}{on}"
