"""A small server on the loopback that answers as badly as asked, and counts what reached it."""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Self

from paydesk.sandbox.server.delivery import deliver
from paydesk.sandbox.server.faults import Fault, FaultKind
from paydesk.sandbox.server.http import Line, Reply

Act = Callable[[Line], None]


class Hostile:
    """Plays one act for each request, and repeats the last. ``connections`` and ``requests`` count.

    An act is a function of the connection, or a kind of fault of an answer that would be whole.
    With ``certificate`` (a PEM with its key) it uses TLS.
    """

    def __init__(self, *acts: Act | FaultKind, certificate: Path | None = None) -> None:
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
        conn = plain
        with contextlib.suppress(OSError):
            if self._context is not None:
                plain.settimeout(5)
                conn = self._context.wrap_socket(plain, server_side=True)
                self._open.append(conn)
            while not self._stop.is_set():
                request = self._request(conn)
                if request is None:
                    break
                self.requests.append(request)
                line = Line(conn, self._stop)
                conn.settimeout(2)
                self._act(line)
                if line.closed:
                    break
        with contextlib.suppress(OSError):
            conn.close()

    def _act(self, line: Line) -> None:
        act = self._acts.pop(0) if len(self._acts) > 1 else self._acts[0]
        if isinstance(act, FaultKind):
            deliver(Fault(act), lambda: Reply.of(200, {"whole": True}), line)
        else:
            act(line)

    def _request(self, conn: socket.socket) -> bytes | None:
        """Return one whole request, or None if the caller has left."""
        conn.settimeout(0.05)
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


def reply(status: int, body: object = None, headers: str = "") -> Act:
    """Send a proper answer. ``body`` is bytes, or a value to send as JSON."""
    data = body if isinstance(body, bytes) else json.dumps({} if body is None else body).encode()
    head = f"HTTP/1.1 {status} Whatever\r\nContent-Length: {len(data)}\r\n{headers}\r\n"
    return lambda line: line.send_raw(head.encode() + data)


DRIPPED = (
    FaultKind.DRIPPED_HEADER,
    FaultKind.DRIPPED_BODY,
    FaultKind.DRIPPED_LAST_BODY,
    FaultKind.ENDLESS_CONTINUE,
)
"""Answers that only the total timeout ends."""
BROKEN = (
    FaultKind.CUT_HEADER, FaultKind.CUT_BODY, FaultKind.CUT_CHUNKS, FaultKind.LENGTH_NOT_ANNOUNCED,
    FaultKind.HEAD_ONLY, FaultKind.PACKED, FaultKind.TWO_LENGTHS, FaultKind.BAD_CHUNK, FaultKind.NOT_HTTP,
    FaultKind.HUGE_BODY, FaultKind.ENDLESS_CHUNKS, *DRIPPED, FaultKind.HANG_AFTER, FaultKind.RESET_AFTER,
    FaultKind.CLOSED_AFTER,
)  # fmt: skip
"""Answers that prove nothing, each after the whole request has arrived."""
