"""The only module that sends bytes to AndDone and AMS360."""

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
from paydesk.config.faults import log_fault
from paydesk.gateways.http.call import Call, CallFailed, Distrust, Limits, NeverSent, NotTrusted, Reply

_CHUNK = 65536


class _Deadline:
    """Cuts the connection when the time is over, even if the server still sends single bytes."""

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
        # During the TLS handshake only the connection has the socket. Once it reads an answer that ends with
        # the connection, it has given the socket up, and only the deadline still has it.
        sock = (self.connection.sock if self.connection else None) or self.sock
        if sock is not None:
            with contextlib.suppress(OSError):
                # The plain socket's method: a TLS socket's own first drops the TLS state that the reading
                # thread uses.
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
    """A TLS connection that the running deadline can cut."""


def _deadline() -> _Deadline:
    """Return the deadline of the exchange that runs in this thread."""
    running: _Deadline = _running.deadline
    return running


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Watched


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _WatchedTls


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, ssl_context=_tls(), **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}


def _tls() -> ssl.SSLContext:
    """Return a context that checks certificate and name, and that obeys nothing in the environment.

    urllib3's own context, and that of ``ssl.create_default_context``, write the keys of each connection to
    the file that ``SSLKEYLOGFILE`` names.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


class Session(requests.Session):
    """A session that follows no redirect, and does not even read its body."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Return None, so that no redirect is followed."""


def open_session() -> Session:
    """Open a session that ignores its environment: no proxy, no netrc, no cookies, no retries."""
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
    session: Session, call: Call, body: bytearray, limits: Limits, largest: int, *, keep: bool
) -> Reply:
    """Send once and read the whole answer, at most ``largest`` bytes. Raises CallFailed.

    ``body`` is sent without a copy, so that the caller can overwrite it. An empty one is no body.

    The failure is raised outside the handler. A chained exception of requests would contain the request, and
    with it the card, wherever it is printed.
    """
    failure: CallFailed
    with _Deadline(limits.total_s) as deadline:
        try:
            return _exchange(session, call, body, limits, largest, keep=keep)
        except CallFailed as known:
            failure = known
        except (requests.RequestException, HTTPError, OSError, ValueError) as error:
            failure = _failure(error, deadline.over, limits)
        except Exception as error:  # a full memory, or a bug below: the request may have been carried out
            failure = CallFailed(f"its answer could not be read; the log has it as {log_fault(error)}")
    raise failure


def _exchange(
    session: Session, call: Call, body: bytearray, limits: Limits, largest: int, *, keep: bool
) -> Reply:
    headers = dict(call.headers) if keep else {**call.headers, "Connection": "close"}
    if body:
        headers.setdefault("Content-Type", "application/json")
    sent: Any = body or None  # requests sends a buffer as it is, and its types do not say so
    with session.request(
        call.method,
        call.url,
        params=call.query,
        data=sent,
        headers=headers,
        timeout=(limits.connect_s, limits.read_s),
        allow_redirects=False,
        stream=True,
    ) as response:
        raw: BaseHTTPResponse = response.raw
        return Reply(response.status_code, _whole_body(raw, largest), raw.headers.get("Date", ""))


def _whole_body(raw: BaseHTTPResponse, largest: int) -> bytes:
    """Return every byte that was announced. Without an announced length completeness cannot be proven."""
    announced = raw.headers.get("Content-Length")
    chunked = "chunked" in raw.headers.get("Transfer-Encoding", "").lower()
    if raw.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise CallFailed("the answer was compressed, although PayDesk did not ask for that")
    if not chunked and (announced is None or not announced.isdecimal()):
        raise CallFailed("the answer was cut off", retry=True)
    if announced is not None and announced.isdecimal() and int(announced) > largest:
        raise CallFailed("the answer was far too long")
    body = b"".join(_pieces(raw, largest))
    if not chunked and len(body) != int(announced or 0):
        raise CallFailed("the answer was cut off", retry=True)
    return body


def _pieces(raw: BaseHTTPResponse, largest: int) -> Iterator[bytes]:
    read = 0
    for piece in raw.stream(_CHUNK, decode_content=False):
        read += len(piece)
        if read > largest:
            raise CallFailed("the answer was far too long")
        yield piece


def _failure(error: BaseException, over: bool, limits: Limits) -> CallFailed:
    """Return the failure that the exception proves. Only a connection never established proves "not sent"."""
    causes = tuple(_causes(error))
    connecting = next((cause for cause in causes if isinstance(cause, ConnectTimeoutError)), None)
    if connecting is not None:
        return NeverSent("no connection", retry=isinstance(connecting, NewConnectionError))
    untrusted = next((cause for cause in causes if isinstance(cause, ssl.SSLCertVerificationError)), None)
    if untrusted is not None:
        return NotTrusted("its certificate is not valid", distrust_of(untrusted.verify_code))
    if over:
        return CallFailed(f"no complete answer within {limits.total_s:g} seconds")
    if any(isinstance(cause, ReadTimeoutError | requests.Timeout | TimeoutError) for cause in causes):
        return CallFailed(f"no data for {limits.read_s:g} seconds")
    return CallFailed("the connection was lost", retry=True)


def distrust_of(code: int) -> Distrust:
    """Return what OpenSSL found wrong with a certificate, by its number (x509_vfy.h)."""
    match code:
        case 2 | 18 | 19 | 20 | 21:
            return Distrust.UNKNOWN_ISSUER
        case 9 | 10:
            return Distrust.OUT_OF_DATE
        case 62 | 64:
            return Distrust.OTHER_NAME
        case _:
            return Distrust.OTHER


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield the exception and its arguments, reasons and causes, each once."""
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
