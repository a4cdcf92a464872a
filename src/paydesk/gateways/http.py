"""HTTP for the gateways: what a call is, what an answer is, and what may be tried again.

``requests`` is imported with ``wire`` at the first call, so that the program starts without it.
"""

from __future__ import annotations

import json
import logging
import re
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from paydesk.domain.errors import BugError
from paydesk.gateways.fields import Fields, WrongAnswer
from paydesk.gateways.redact import redacted

if TYPE_CHECKING:
    from paydesk.gateways.wire import Session

_log = logging.getLogger(__name__)

READ_BYTES = 8_000_000
MONEY_BYTES = 1_000_000
_PAUSES_S = (0.2, 0.8)
"""Before the second and the third try of a read."""
_TRY_AGAIN_WITHIN_S = 10.0
_TRY_AGAIN = frozenset({502, 503, 504})
_SANE_NUMBER = re.compile(r"-?\d{1,20}(\.\d{1,30})?([eE][+-]?\d{1,2})?")
_IDLE_S = 10.0
"""A connection idle for longer is not used again: firewalls drop such silently."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a call may take, in seconds; ``total_s`` holds from connect to last byte."""

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
    """What is sent where it is no JSON; the headers then name its kind."""

    @property
    def name(self) -> str:
        """Method and path, for the log."""
        return f"{self.method} {urlsplit(self.url).path}"


@dataclass(frozen=True, slots=True)
class Reply:
    """A complete answer: every byte that was announced has arrived."""

    status: int
    body: bytes = field(default=b"", repr=False)
    date: str = ""
    """The server's clock, as its Date header writes it."""

    def fields(self) -> Fields:
        """The body as a JSON object. Raises WrongAnswer for anything else."""
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
        """A repeat, if harmless at all, may well succeed."""


class NeverSent(CallFailed):
    """Surely not sent: no connection came about, so no byte of the request left."""


class NotTrusted(CallFailed):
    """The other side could not prove who it is."""


def to_json(value: object) -> str:
    """JSON with exact decimals; no amount passes through a float."""
    match value:
        case Decimal():
            return f"{value:f}"
        case Mapping():
            pairs = (f"{json.dumps(str(name))}:{to_json(held)}" for name, held in value.items())
            return "{" + ",".join(pairs) + "}"
        case list() | tuple():
            return "[" + ",".join(to_json(item) for item in value) + "]"
        case _:
            return json.dumps(value)


def from_json(body: bytes) -> object:
    """The JSON value, its numbers exact. Raises WrongAnswer."""
    try:
        value: object = json.loads(body, parse_float=_decimal, parse_constant=_decimal)
    except (ValueError, RecursionError):
        pass
    else:
        return value
    # Raised here, not in the handler, so that no chained exception carries the body along.
    raise WrongAnswer("body")


def _decimal(text: str) -> Decimal:
    """A JSON number of a sane size: 1e999999 must never be turned into an integer, NaN is none."""
    if _SANE_NUMBER.fullmatch(text):
        return Decimal(text)
    raise ValueError("not a number we read")


class Client:
    """Sends calls: reads on a connection kept for a moment, everything else once on a fresh one."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._held = threading.local()

    def once(self, call: Call, largest: int = MONEY_BYTES) -> Reply:
        """Send on a fresh connection, never twice. Raises CallFailed; NeverSent when surely not sent."""
        from paydesk.gateways import wire

        with wire.open_session() as session:
            return self._exchange(session, call, largest, keep=False)

    def read(self, call: Call, largest: int = READ_BYTES) -> Reply:
        """Send a call that changes nothing, up to three times. Raises CallFailed."""
        until = time.monotonic() + _TRY_AGAIN_WITHIN_S
        for pause_s in (*_PAUSES_S, None):
            try:
                reply = self._exchange(self._session(), call, largest, keep=True)
            except CallFailed as failure:
                if not failure.retry or pause_s is None or time.monotonic() > until:
                    raise
            else:
                if reply.status not in _TRY_AGAIN or pause_s is None or time.monotonic() > until:
                    return reply
            time.sleep(pause_s)
        raise BugError("the last try neither returned nor raised")

    def _session(self) -> Session:
        """This thread's session; a new one when it has been idle."""
        from paydesk.gateways import wire

        held: Session | None = getattr(self._held, "session", None)
        if held is None or time.monotonic() - self._held.used_at > _IDLE_S:
            if held is not None:
                held.close()
            held = self._held.session = wire.open_session()
        self._held.used_at = time.monotonic()
        return held

    def _exchange(self, session: Session, call: Call, largest: int, *, keep: bool) -> Reply:
        from paydesk.gateways import wire

        started = time.monotonic()
        text = call.text if call.body is None else to_json(call.body)
        body = None if text is None else text.encode()
        try:
            reply = wire.exchange(session, call, body, self._limits, largest, keep=keep)
        except CallFailed as failure:
            _log.warning("%s: %s (%d ms)", call.name, failure.why, _since_ms(started))
            raise
        _log.info("%s: %d, %d bytes (%d ms)", call.name, reply.status, len(reply.body), _since_ms(started))
        if _log.isEnabledFor(logging.DEBUG):
            _log.debug("%s sent %s, got %s", call.name, redacted(call.body), _loggable(reply))
        return reply


def _since_ms(started: float) -> int:
    return round((time.monotonic() - started) * 1000)


def _loggable(reply: Reply) -> object:
    try:
        return redacted(from_json(reply.body))
    except WrongAnswer:
        return "no JSON"
