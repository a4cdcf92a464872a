"""One HTTP call, its answer, and its possible failures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from urllib.parse import urlsplit

from paydesk.gateways.http.fields import Fields, WrongAnswer
from paydesk.gateways.http.json_text import from_json


@dataclass(frozen=True, slots=True)
class Limits:
    """Timeouts of a call in seconds. ``total_s`` is the time from connect to the last byte."""

    connect_s: float
    read_s: float
    total_s: float


@dataclass(frozen=True, slots=True)
class Call:
    """One request. Headers and body may hold secrets and are never printed."""

    method: str
    url: str
    headers: Mapping[str, str] = field(repr=False)
    body: Mapping[str, object] | None = field(default=None, repr=False)
    query: Mapping[str, str] = field(default_factory=dict, repr=False)
    text: str | None = field(default=None, repr=False)
    """Raw body of a non-JSON request. Set Content-Type in ``headers``."""

    @property
    def name(self) -> str:
        """Method and path, for the log."""
        return f"{self.method} {urlsplit(self.url).path}"


@dataclass(frozen=True, slots=True)
class Reply:
    """A complete answer: every announced byte has arrived."""

    status: int
    body: bytes = field(default=b"", repr=False)
    date: str = ""
    """The server's clock, in the format of its Date header."""

    def fields(self) -> Fields:
        """Return the body as a JSON object. Raises WrongAnswer for anything else."""
        value = from_json(self.body)
        if not isinstance(value, dict):
            raise WrongAnswer("body")
        return Fields(value)


class CallFailed(Exception):
    """No complete answer: the request may or may not have been carried out."""

    def __init__(self, why: str, *, retry: bool = False) -> None:
        super().__init__(why)
        self.why = why
        self.retry = retry
        """True if a repeat, where it is harmless, may well succeed."""


class NeverSent(CallFailed):
    """Surely not sent: no connection was established, so no byte of the request left."""


class Distrust(Enum):
    """The ways in which a certificate proves nothing."""

    UNKNOWN_ISSUER = auto()
    """A firewall that opens TLS connections signs them again, with a certificate of its own."""
    OUT_OF_DATE = auto()
    OTHER_NAME = auto()
    """The page that a guest network shows before it lets anybody out has one of another name."""
    OTHER = auto()


class NotTrusted(CallFailed):
    """The server could not prove its identity."""

    def __init__(self, why: str, distrust: Distrust = Distrust.OTHER) -> None:
        super().__init__(why)
        self.distrust = distrust
