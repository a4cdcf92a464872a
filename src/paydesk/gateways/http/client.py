"""Send calls over HTTP. Only reads are retried.

``requests`` is imported with ``wire`` at the first call, so that the program starts without it.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from paydesk.domain.errors import BugError
from paydesk.gateways.http.call import Call, CallFailed, Limits, Reply
from paydesk.gateways.http.fields import WrongAnswer
from paydesk.gateways.http.json_text import from_json, to_body
from paydesk.gateways.http.redact import redacted

if TYPE_CHECKING:
    from paydesk.gateways.http.wire import Session

_log = logging.getLogger(__name__)

READ_BYTES = 8_000_000
MONEY_BYTES = 1_000_000
_PAUSES_S = (0.2, 0.8)
"""Seconds before the second and the third try of a read."""
_TRY_AGAIN_WITHIN_S = 10.0
_TRY_AGAIN = frozenset({502, 503, 504})
_IDLE_S = 10.0
"""Seconds after which an idle connection is not used again, because firewalls drop such connections
silently."""


def _is_final(reply: Reply) -> bool:
    return reply.status not in _TRY_AGAIN


class Client:
    """HTTP client. Reads share a connection for a short time, everything else is sent once on a fresh one."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._held = threading.local()

    def once(self, call: Call, largest: int = MONEY_BYTES) -> Reply:
        """Send on a fresh connection, never twice. Raises CallFailed (NeverSent if surely not sent)."""
        from paydesk.gateways.http import wire

        with wire.open_session() as session:
            return self._exchange(session, call, largest, keep=False)

    def read(
        self, call: Call, largest: int = READ_BYTES, *, good: Callable[[Reply], bool] = _is_final
    ) -> Reply:
        """Send a call that changes nothing, up to three times until the reply is ``good``. Raises CallFailed.

        Returns the last reply, good or not.
        """
        until = time.monotonic() + _TRY_AGAIN_WITHIN_S
        for pause_s in (*_PAUSES_S, None):
            try:
                reply = self._exchange(self._session(), call, largest, keep=True)
            except CallFailed as failure:
                if not failure.retry or pause_s is None or time.monotonic() > until:
                    raise
            else:
                if good(reply) or pause_s is None or time.monotonic() > until:
                    return reply
            time.sleep(pause_s)
        raise BugError("the last try neither returned nor raised")

    def _session(self) -> Session:
        """Return this thread's session, or a new one if it has been idle."""
        from paydesk.gateways.http import wire

        held: Session | None = getattr(self._held, "session", None)
        if held is None or time.monotonic() - self._held.used_at > _IDLE_S:
            if held is not None:
                held.close()
            held = self._held.session = wire.open_session()
        self._held.used_at = time.monotonic()
        return held

    def _exchange(self, session: Session, call: Call, largest: int, *, keep: bool) -> Reply:
        from paydesk.gateways.http import wire

        started = time.monotonic()
        body = _body_of(call)
        try:
            reply = wire.exchange(session, call, body, self._limits, largest, keep=keep)
        except CallFailed as failure:
            _log.warning("%s: %s (%d ms)", call.name, failure.why, _since_ms(started))
            raise
        finally:
            body[:] = bytes(len(body))  # it may have a card; what refers to it now has zeros
        _log.info("%s: %d, %d bytes (%d ms)", call.name, reply.status, len(reply.body), _since_ms(started))
        if _log.isEnabledFor(logging.DEBUG):
            _log.debug("%s sent %s, got %s", call.name, redacted(call.body), _loggable(reply))
        return reply


def _body_of(call: Call) -> bytearray:
    """Return the bytes to send, none without a body."""
    if call.body is not None:
        return to_body(call.body)
    return bytearray((call.text or "").encode())


def _since_ms(started: float) -> int:
    return round((time.monotonic() - started) * 1000)


def _loggable(reply: Reply) -> object:
    try:
        return redacted(from_json(reply.body))
    except WrongAnswer:
        return "no JSON"
