"""A small HTTP/1.1 server on the loopback: one thread per connection, one send per reply."""

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
    """The body is not a JSON object."""


@dataclass(frozen=True)
class Request:
    """One request as received. Header names are in lower case, repeated ones are joined by commas."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    def fields(self) -> dict[str, Any]:
        """Return the body as a JSON object with exact numbers. Raises MalformedRequest."""
        try:
            value = json.loads(self.body, parse_float=Decimal)
        except ValueError as error:
            raise MalformedRequest("the body is not JSON") from error
        if not isinstance(value, dict):
            raise MalformedRequest("the body is not an object")
        return value


@dataclass(frozen=True)
class Reply:
    """One reply before it is sent."""

    status: int
    body: bytes = b""
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, status: int, value: object) -> Reply:
        """Return a JSON reply. Text is not escaped, so that non-Latin names are sent as UTF-8.

        Half of a surrogate pair has no UTF-8. It goes back escaped, as it came. Decimals go back as floats.
        """
        text = json.dumps(value, ensure_ascii=False, default=float)
        return cls(status, text.encode(errors="backslashreplace"))

    def to_bytes(self) -> bytes:
        lines = [
            f"HTTP/1.1 {self.status} {HTTPStatus(self.status).phrase}",
            f"Content-Type: {self.content_type}",
            f"Content-Length: {len(self.body)}",
            *(f"{name}: {value}" for name, value in self.headers.items()),
        ]
        return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + self.body


class Line:
    """The connection of a reply, with the ways it can break."""

    def __init__(self, connection: socket.socket, stopping: threading.Event) -> None:
        self._connection = connection
        self._stopping = stopping
        self.closed = False
        """True after the last reply of the connection."""

    def send(self, reply: Reply) -> None:
        self.send_raw(reply.to_bytes())

    def send_raw(self, data: bytes) -> None:
        """Send header and body in one call: two would wait 40 ms for a delayed ACK."""
        self._connection.sendall(data)

    def close(self) -> None:
        """Close the connection properly after the data sent."""
        self.closed = True

    def reset(self) -> None:
        """Break the connection with a TCP reset. Data sent before may be lost."""
        self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        # Close it here, before the server's own shutdown sends a FIN.
        self._connection.close()
        self.closed = True

    def wait(self, seconds: float) -> bool:
        """Wait, but no longer than the server runs. Return True if the server stops."""
        return self._stopping.wait(seconds)

    def hang(self) -> None:
        """Send nothing until the caller disconnects or the server stops."""
        self._connection.settimeout(0.05)
        while not self._stopping.is_set():
            try:
                if not self._connection.recv(1):
                    break
            except TimeoutError:
                continue
        self.closed = True


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
            headers={
                name.lower(): ", ".join(map(str, self.headers.get_all(name, []))) for name in self.headers
            },
            body=self.rfile.read(int(length)),
        )
        line = Line(self.connection, server.stopping)
        server.answer(request, line)
        self.close_connection = self.close_connection or line.closed

    do_GET = do_POST = do_PUT = do_DELETE = _serve

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing: a request may carry a card number."""


class LoopbackServer(ThreadingHTTPServer):
    """Serves ``answer`` on a loopback port. Port 0 takes a free one.

    It can stop listening and start again on the same port (``pause``, ``resume``), like a
    processor that is unreachable for a while.
    """

    daemon_threads = False
    request_queue_size = 256
    allow_reuse_address = sys.platform != "win32"
    """On Windows the option lets a second program take a port that is in use."""

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
        """End every connection and thread. Returns when all have ended."""
        self.stopping.set()
        self.pause()
        self.server_close()

    def server_bind(self) -> None:
        """Bind without HTTPServer's name look-up, which can take seconds."""
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
        """Ignore a caller that disconnects early. Any other error is a bug of the emulator."""
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
        # The acceptor blocks until a client connects, so connect once.
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
                if sys.platform == "win32":  # there a shutdown wakes no thread that reads, but closing does
                    socket.close(connection.detach())
