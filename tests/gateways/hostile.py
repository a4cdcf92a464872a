"""A small server on the loopback that answers as badly as asked, and counts what reached it."""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import struct
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Self

Act = Callable[[socket.socket, threading.Event], None]


class Hostile:
    """Plays one act for each request, the last one for ever; ``connections`` and ``requests`` count.

    With ``certificate`` (a PEM with its key) it speaks TLS.
    """

    def __init__(self, *acts: Act, certificate: Path | None = None) -> None:
        self._acts = list(acts)
        self._context = None
        if certificate is not None:
            self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._context.load_cert_chain(certificate)
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []
        self._open: list[socket.socket] = []
        self.connections = 0
        self.requests: list[bytes] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(10)
        for conn in self._open:
            conn.close()

    def _start(self, work: Callable[[], None]) -> None:
        thread = threading.Thread(target=work, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._stop.is_set():
            try:
                conn, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(conn)
            self._start(lambda conn=conn: self._serve(conn))  # type: ignore[misc]  # the default binds it now

    def _serve(self, plain: socket.socket) -> None:
        plain.settimeout(0.05)
        conn = plain
        with contextlib.suppress(OSError):
            if self._context is not None:
                plain.settimeout(5)
                conn = self._context.wrap_socket(plain, server_side=True)
                self._open.append(conn)
                conn.settimeout(0.05)
            while not self._stop.is_set():
                request = self._request(conn)
                if request is None:
                    break
                self.requests.append(request)
                act = self._acts.pop(0) if len(self._acts) > 1 else self._acts[0]
                act(conn, self._stop)
        with contextlib.suppress(OSError):
            conn.close()

    def _request(self, conn: socket.socket) -> bytes | None:
        """One whole request, or None when the caller has gone."""
        data = b""
        while not self._stop.is_set():
            head, gap, body = data.partition(b"\r\n\r\n")
            if gap and len(body) >= _length_in(head):
                return data
            try:
                more = conn.recv(65536)
            except TimeoutError:
                continue
            if not more:
                return None
            data += more
        return None


def _length_in(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.split(b":")[1])
    return 0


def raw(data: bytes, *, close: bool = True) -> Act:
    """Send these bytes, and end the connection."""

    def act(conn: socket.socket, stop: threading.Event) -> None:
        conn.sendall(data)
        if close:
            conn.close()

    return act


def reply(status: int, body: object = None, headers: str = "") -> Act:
    """A proper answer; ``body`` is bytes, or a value to be sent as JSON."""
    data = body if isinstance(body, bytes) else json.dumps({} if body is None else body).encode()
    head = f"HTTP/1.1 {status} Whatever\r\nContent-Length: {len(data)}\r\n{headers}\r\n"
    return raw(head.encode() + data, close=False)


def drip(start: bytes, drop: bytes = b"x", every_s: float = 0.02) -> Act:
    """Send ``start`` and then a drop at a time, for ever."""

    def act(conn: socket.socket, stop: threading.Event) -> None:
        conn.sendall(start)
        while not stop.wait(every_s):
            conn.sendall(drop)

    return act


def flood(start: bytes, piece: bytes) -> Act:
    """Send ``start`` and then as much as the caller takes."""

    def act(conn: socket.socket, stop: threading.Event) -> None:
        conn.settimeout(2)
        conn.sendall(start)
        while not stop.is_set():
            conn.sendall(piece)

    return act


def silence(conn: socket.socket, stop: threading.Event) -> None:
    """Say nothing."""
    stop.wait(30)


def reset(conn: socket.socket, stop: threading.Event) -> None:
    """Break the connection."""
    conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    conn.close()


def leave(conn: socket.socket, stop: threading.Event) -> None:
    """End the connection without a word."""
    conn.close()


OK = b"HTTP/1.1 200 OK\r\n"
CUT_HEADER = raw(OK + b"Content-Ty")
CUT_BODY = raw(OK + b'Content-Length: 100\r\n\r\n{"half":')
CUT_CHUNKS = raw(OK + b'Transfer-Encoding: chunked\r\n\r\n8\r\n{"half":\r\n')
UNANNOUNCED = raw(OK + b'\r\n{"whole": true}')
EMPTY = raw(OK + b"\r\n")
PACKED = raw(OK + b"Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\x1f\x8b\x08\x00")
TWO_LENGTHS = raw(OK + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{} ")
BAD_CHUNK = raw(OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n")
NOT_HTTP = raw(b"SSH-2.0-OpenSSH_9.9\r\n")
HUGE = flood(OK + b"Content-Length: 200000000\r\n\r\n", b" " * 65536)
ENDLESS_CHUNKS = flood(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"10000\r\n" + b" " * 65536 + b"\r\n")
DRIPPED_HEADER = drip(OK + b"X-Slow: ")
DRIPPED_BODY = drip(OK + b"Content-Length: 1000\r\n\r\n{")
DRIPPED_LAST_BODY = drip(OK + b"Connection: close\r\nContent-Length: 1000\r\n\r\n{")
CONTINUES = drip(b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 100 Continue\r\n\r\n")

BROKEN: dict[str, Act] = {
    "cut header": CUT_HEADER,
    "cut body": CUT_BODY,
    "cut chunks": CUT_CHUNKS,
    "length not announced": UNANNOUNCED,
    "empty": EMPTY,
    "packed": PACKED,
    "two lengths": TWO_LENGTHS,
    "bad chunk": BAD_CHUNK,
    "not http": NOT_HTTP,
    "huge": HUGE,
    "endless chunks": ENDLESS_CHUNKS,
    "dripped header": DRIPPED_HEADER,
    "dripped body": DRIPPED_BODY,
    "dripped body of a closing connection": DRIPPED_LAST_BODY,
    "endless 100": CONTINUES,
    "silence": silence,
    "reset": reset,
    "leave": leave,
}
"""Answers that prove nothing, each after the whole request has arrived."""
