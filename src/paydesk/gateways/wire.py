"""The one place where bytes leave for AndDone and AMS360."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from http.cookiejar import DefaultCookiePolicy
from typing import Any, Self

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError, ReadTimeoutError
from urllib3.response import BaseHTTPResponse

from paydesk import __version__
from paydesk.gateways.http import Call, CallFailed, Limits, NeverSent, NotTrusted, Reply

_CHUNK = 65536


class _Deadline:
    """Cuts the connection when the time is over, whatever the other side still drips."""

    def __init__(self, seconds: float) -> None:
        self.over = False
        self.connection: HTTPConnection | None = None
        self.sock: socket.socket | None = None
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        _running.deadline = self
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        _running.deadline = None

    def _cut(self) -> None:
        self.over = True
        # While shaking hands the connection has it; once an answer ends with the connection, only we.
        sock = (self.connection.sock if self.connection else None) or self.sock
        if sock is not None:
            with contextlib.suppress(OSError):
                # The plain socket's method: a TLS socket's own would say good-bye first.
                socket.socket.shutdown(sock, socket.SHUT_RDWR)


_running = threading.local()


class _Watched(HTTPConnection):
    """A connection that the running deadline can cut."""

    def connect(self) -> None:
        deadline = _deadline()
        deadline.connection = self
        super().connect()
        if deadline.over:
            self.close()
            raise ConnectTimeoutError(self, "the time was over before the connection stood")

    def request(self, *args: Any, **kwargs: Any) -> None:
        deadline = _deadline()
        deadline.connection = self
        super().request(*args, **kwargs)
        deadline.sock = self.sock


class _WatchedTls(_Watched, HTTPSConnection):
    """The same with TLS."""


def _deadline() -> _Deadline:
    """That of the exchange which runs in this thread."""
    running: _Deadline = _running.deadline
    return running


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Watched


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _WatchedTls


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}


class Session(requests.Session):
    """A session that looks at no redirect, not even to read its body."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        """None: there is nowhere to go."""


def open_session() -> Session:
    """A session that takes nothing from its surroundings: no proxy, no netrc, no cookies, no retries."""
    session = Session()
    session.trust_env = False
    session.verify = True
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.headers = requests.structures.CaseInsensitiveDict(
        {"User-Agent": f"PayDesk/{__version__}", "Accept": "application/json", "Accept-Encoding": "identity"}
    )
    for scheme in ("https://", "http://"):
        session.mount(scheme, _Adapter(max_retries=0, pool_connections=1, pool_maxsize=1))
    return session


def exchange(
    session: Session, call: Call, body: bytes | None, limits: Limits, largest: int, *, keep: bool
) -> Reply:
    """Send once and read the whole answer, at most ``largest`` bytes. Raises CallFailed.

    The failure is made outside of the handler: a chained exception of requests would carry
    the request, and with it the card, into whatever prints it.
    """
    failure: CallFailed
    with _Deadline(limits.total_s) as deadline:
        try:
            return _exchange(session, call, body, limits, largest, keep=keep)
        except CallFailed as known:
            failure = known
        except (requests.RequestException, HTTPError, OSError, ValueError) as error:
            failure = _failure(error, deadline.over, limits)
    raise failure


def _exchange(
    session: Session, call: Call, body: bytes | None, limits: Limits, largest: int, *, keep: bool
) -> Reply:
    headers = dict(call.headers) if keep else {**call.headers, "Connection": "close"}
    if body is not None:
        headers.setdefault("Content-Type", "application/json")
    with session.request(
        call.method,
        call.url,
        params=call.query,
        data=body,
        headers=headers,
        timeout=(limits.connect_s, limits.read_s),
        allow_redirects=False,
        stream=True,
    ) as response:
        raw: BaseHTTPResponse = response.raw
        return Reply(response.status_code, _whole_body(raw, largest), raw.headers.get("Date", ""))


def _whole_body(raw: BaseHTTPResponse, largest: int) -> bytes:
    """Every byte that was announced. A length nobody announced cannot be known to be complete."""
    announced = raw.headers.get("Content-Length")
    chunked = "chunked" in raw.headers.get("Transfer-Encoding", "").lower()
    if raw.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise CallFailed("the answer was packed in a way we did not ask for")
    if not chunked and (announced is None or not announced.isdecimal()):
        raise CallFailed("the answer broke off")
    if announced is not None and announced.isdecimal() and int(announced) > largest:
        raise CallFailed("the answer was far too long")
    body = b"".join(_pieces(raw, largest))
    if not chunked and len(body) != int(announced or 0):
        raise CallFailed("the answer broke off")
    return body


def _pieces(raw: BaseHTTPResponse, largest: int) -> Iterator[bytes]:
    read = 0
    for piece in raw.stream(_CHUNK, decode_content=False):
        read += len(piece)
        if read > largest:
            raise CallFailed("the answer was far too long")
        yield piece


def _failure(error: BaseException, over: bool, limits: Limits) -> CallFailed:
    """What the exception proves. Sure of not sent is only a connection that never stood."""
    causes = tuple(_causes(error))
    connecting = next((cause for cause in causes if isinstance(cause, ConnectTimeoutError)), None)
    if connecting is not None:
        return NeverSent("no connection", retry=isinstance(connecting, NewConnectionError))
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
        return NotTrusted("its certificate is not valid")
    if over:
        return CallFailed(f"no complete answer within {limits.total_s:g} seconds")
    if any(isinstance(cause, ReadTimeoutError | requests.Timeout | TimeoutError) for cause in causes):
        return CallFailed(f"silence for {limits.read_s:g} seconds")
    return CallFailed("the connection broke", retry=True)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The exception and what it was made from: arguments, reason, cause; each once."""
    seen: list[BaseException] = []
    waiting = [error]
    while waiting:
        one = waiting.pop(0)
        if any(one is other for other in seen):
            continue
        seen.append(one)
        yield one
        further = (*one.args, getattr(one, "reason", None), one.__cause__)
        waiting += [cause for cause in further if isinstance(cause, BaseException)]
