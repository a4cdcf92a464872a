"""A small HTTP/1.1 server on the loopback: one thread a connection, one send a reply."""

from __future__ import annotations

import json
import socket
import socketserver
import struct
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

HOST = "127.0.0.1"
LARGEST_REQUEST = 4_000_000
_RESET_ON_CLOSE = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)


class MalformedRequest(ValueError):
    """The body is not the JSON object it should be."""


@dataclass(frozen=True)
class Request:
    """One request as it came in; header names in lower case."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    def fields(self) -> dict[str, Any]:
        """The body as a JSON object, numbers exact. Raises MalformedRequest."""
        try:
            value = json.loads(self.body, parse_float=Decimal)
        except ValueError as error:
            raise MalformedRequest("the body is not JSON") from error
        if not isinstance(value, dict):
            raise MalformedRequest("the body is not an object")
        return value


@dataclass(frozen=True)
class Reply:
    """One reply before it goes on the wire."""

    status: int
    body: bytes = b""
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, status: int, value: object) -> Reply:
        """A JSON reply. Text stays as it is, so that non-Latin names travel as UTF-8."""
        return cls(status, json.dumps(value, ensure_ascii=False).encode())

    def to_bytes(self) -> bytes:
        lines = [
            f"HTTP/1.1 {self.status} {HTTPStatus(self.status).phrase}",
            f"Content-Type: {self.content_type}",
            f"Content-Length: {len(self.body)}",
            *(f"{name}: {value}" for name, value in self.headers.items()),
        ]
        return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + self.body


class Line:
    """The connection a reply goes out on, with the ways it can break."""

    def __init__(self, handler: BaseHTTPRequestHandler, stopping: threading.Event) -> None:
        self._handler = handler
        self._stopping = stopping

    def send(self, reply: Reply) -> None:
        self.send_raw(reply.to_bytes())

    def send_raw(self, data: bytes) -> None:
        """Header and body leave in one call: two would wait 40 ms for a delayed ACK."""
        self._handler.wfile.write(data)

    def close(self) -> None:
        """End the connection in good order after what was sent."""
        self._handler.close_connection = True

    def reset(self) -> None:
        """Break the connection with a TCP reset; nothing sent before is sure to arrive."""
        self._handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        # Closed here, before the server's own goodbye would send a FIN first.
        self._handler.connection.close()
        self._handler.close_connection = True

    def wait(self, seconds: float) -> None:
        """Wait, but not longer than the server runs."""
        self._stopping.wait(seconds)

    def hang(self) -> None:
        """Say nothing until the caller leaves or the server stops."""
        self._handler.connection.settimeout(0.05)
        while not self._stopping.is_set():
            try:
                if not self._handler.connection.recv(1):
                    break
            except TimeoutError:
                continue
        self._handler.close_connection = True


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def _serve(self) -> None:
        server = self.server
        assert isinstance(server, LoopbackServer)
        length = self.headers.get("Content-Length") or "0"
        if not length.isdecimal() or int(length) > LARGEST_REQUEST:
            self.close_connection = True
            self.wfile.write(Reply(413 if length.isdecimal() else 400).to_bytes())
            return
        split = urlsplit(self.path)
        request = Request(
            method=self.command,
            path=split.path,
            query=dict(parse_qsl(split.query, keep_blank_values=True)),
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(int(length)),
        )
        server.answer(request, Line(self, server.stopping))

    do_GET = do_POST = do_PUT = do_DELETE = _serve

    def log_message(self, format: str, *args: object) -> None:
        """Nothing is logged: a request may carry a card number."""


class LoopbackServer(ThreadingHTTPServer):
    """Serves ``answer`` on a port of the loopback; port 0 takes a free one.

    It can stop listening and start again on the same port (``pause``, ``resume``), as a
    processor that is away would.
    """

    daemon_threads = False
    request_queue_size = 256

    def __init__(self, port: int, answer: Callable[[Request, Line], None]) -> None:
        self.answer = answer
        self.stopping = threading.Event()
        self.crashes: list[BaseException] = []
        self._paused = threading.Event()
        self._switching = threading.Lock()
        self._connections: set[socket.socket] = set()
        self._lock = threading.Lock()
        super().__init__((HOST, port), _Handler)
        self._listen()

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    def pause(self) -> None:
        """Refuse new connections and cut the open ones."""
        with self._switching:
            if self._paused.is_set():
                return
            self._stop_listening()
            self._cut_connections()

    def resume(self) -> None:
        """Listen again on the same port."""
        with self._switching:
            if not self._paused.is_set():
                return
            self.socket = socket.socket(self.address_family, self.socket_type)
            self.server_bind()
            self.server_activate()
            self._listen()

    def stop(self) -> None:
        """End every connection and thread; returns when all are gone."""
        self.stopping.set()
        self.pause()
        self.server_close()

    def server_bind(self) -> None:
        """Bind without the name look-up of HTTPServer, which can take seconds."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = HOST, self.port

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._lock:
            self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._connections.discard(request)
        super().shutdown_request(request)

    def verify_request(self, request: Any, client_address: Any) -> bool:
        return not self._paused.is_set()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that leaves early is normal here; anything else is a fault of the emulator."""
        error = sys.exc_info()[1]
        if error is not None and not isinstance(error, OSError):
            self.crashes.append(error)

    def _listen(self) -> None:
        self._paused.clear()
        self._acceptor = threading.Thread(target=self._accept, name=f"sandbox-{self.port}", daemon=True)
        self._acceptor.start()

    def _accept(self) -> None:
        while not self._paused.is_set():
            self.handle_request()

    def _stop_listening(self) -> None:
        self._paused.set()
        # The acceptor sleeps until somebody connects: wake it.
        with socket.create_connection((HOST, self.port)):
            self._acceptor.join()
        self.socket.close()

    def _cut_connections(self) -> None:
        with self._lock:
            for connection in self._connections:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue
