"""SOAP 1.1 as WSAPI uses it: write envelopes, read answers and faults. Pure functions.

Names are from tests/contracts/ams360-wsapi.md. The service reads elements in declared order and silently
drops one that is out of order, so the order written here matters. Answers are parsed without entities and
external references. Only the requested elements are kept, because an answer may hold dates of birth and tax
ids.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from paydesk.gateways.http.fields import WrongAnswer
from paydesk.gateways.http.xml_stream import XmlRefused, tree_of

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

OPERATIONS = "http://www.WSAPI.AMS360.com/v3.0"
DATA = "http://www.WSAPI.AMS360.com/v3.0/DataContract"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
ACTION = f"{OPERATIONS}/WSAPIServiceContract/"

SECURITY, BUSINESS, GENERAL = "WSAPISecurityFault", "WSAPIBusinessFault", "WSAPIGeneralFault"

Fields = Sequence[tuple[str, str]]
"""Names and texts in declared order."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A clear no of the service. ``kind`` is the name of its detail element, "" for any other fault."""

    kind: str
    message: str


def envelope(operation: str, request: str | None, ticket: str = "") -> str:
    """Return a whole message. ``request`` is the content of Request, or None for an operation without one."""
    header = f"<v3:WSAPISession>{_v3('Ticket', escape(ticket))}</v3:WSAPISession>" if ticket else ""
    inner = "" if request is None else _v3("Request", request)
    return (
        '<?xml version="1.0" encoding="utf-8"?>'
        f'<soap:Envelope xmlns:soap="{SOAP}" xmlns:v3="{OPERATIONS}" xmlns:d="{DATA}">'
        + (f"<soap:Header>{header}</soap:Header>" if header else "")
        + f"<soap:Body>{_v3(operation, inner)}</soap:Body></soap:Envelope>"
    )


def data(fields: Fields, within: str = "") -> str:
    """Return data elements in order, optionally inside one named ``within``. Empty ones are left out."""
    inner = "".join(f"<d:{name}>{escape(_sound(text))}</d:{name}>" for name, text in fields if text)
    return f"<d:{within}>{inner}</d:{within}>" if within else inner


def _v3(name: str, inner: str) -> str:
    return f"<v3:{name}>{inner}</v3:{name}>" if inner else f"<v3:{name}/>"


def _sound(text: str) -> str:
    """Replace what XML cannot carry: control characters and lone surrogates."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


class Answer:
    """A parsed answer. Raises WrongAnswer if it is not a valid SOAP envelope."""

    def __init__(self, body: bytes) -> None:
        root: Element | None
        try:
            root = tree_of(body)
        except XmlRefused:
            root = None  # raised outside, so that no chained exception contains the body
        if root is None or root.tag != f"{{{SOAP}}}Envelope":
            raise WrongAnswer("Envelope")
        self._header = root.find(f"{{{SOAP}}}Header")
        found = root.find(f"{{{SOAP}}}Body")
        if found is None:
            raise WrongAnswer("Body")
        self._body = found

    @property
    def ticket(self) -> str:
        """The session's ticket in the header, or "" without one."""
        path = f"{{{OPERATIONS}}}WSAPISession/{{{OPERATIONS}}}Ticket"
        found = None if self._header is None else self._header.find(path)
        return _text(found)

    @property
    def fault(self) -> Fault | None:
        """The fault, or None if the answer is not one."""
        fault = self._body.find(f"{{{SOAP}}}Fault")
        if fault is None:
            return None
        for kind in (SECURITY, BUSINESS, GENERAL):
            detail = fault.find(f"detail/{{{DATA}}}{kind}")
            if detail is not None:
                return Fault(kind, "; ".join(dict.fromkeys(_messages(detail))))
        return Fault("", "")

    def has(self, operation: str) -> bool:
        """Return True if it answers that operation."""
        return self._body.find(f"{{{OPERATIONS}}}{operation}Response") is not None

    def one(self, operation: str, name: str, wanted: Iterable[str]) -> dict[str, str] | None:
        """Return the wanted elements of the one data element of that name, or None if there is none."""
        return next(self.each(operation, (name,), wanted), None)

    def each(self, operation: str, path: Sequence[str], wanted: Iterable[str]) -> Iterator[dict[str, str]]:
        """Yield the wanted elements of each data element at that path below the result."""
        result = self._result(operation)
        steps = "/".join(f"{{{DATA}}}{step}" for step in path)
        names = tuple(wanted)
        for element in [] if result is None else result.findall(steps):
            if len(element):
                yield {name: _text(element.find(f"{{{DATA}}}{name}")) for name in names}

    def text(self, operation: str, name: str) -> str:
        """Return one text directly below the result. Returns "" if it is missing."""
        result = self._result(operation)
        return _text(None if result is None else result.find(f"{{{DATA}}}{name}"))

    def _result(self, operation: str) -> Element | None:
        path = f"{{{OPERATIONS}}}{operation}Response/{{{OPERATIONS}}}{operation}Result"
        return self._body.find(path)


def _messages(detail: Element) -> Iterator[str]:
    for message in detail.iter(f"{{{DATA}}}Message"):
        text = _text(message)
        if text:
            yield text


def _text(element: Element | None) -> str:
    return "" if element is None else (element.text or "").strip()[:4000]
