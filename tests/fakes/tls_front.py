"""TLS in front of the tests' PostgreSQL, whose build has none. The rest of the dialog is the server's own."""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
import threading
from pathlib import Path
from typing import Self

_ASKED_FOR_TLS = bytes.fromhex("00000008 04d2162f")
"""SSLRequest (PostgreSQL's manual, Frontend/Backend Protocol, Message Formats)."""


class TlsFront:
    """Answers on its own port, with the certificate and key in one file. None offers no TLS."""

    def __init__(self, server_port: int, certificate: Path | None) -> None:
        self._behind = ("127.0.0.1", server_port)
        self._context = None
        if certificate is not None:
            self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._context.load_cert_chain(certificate)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.let_through = 0
        """Number of connections that reached the server."""
        self.in_the_clear = 0
        """Number of connections that tried without TLS."""

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                arrived, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(arrived,), daemon=True).start()

    def _serve(self, desk: socket.socket) -> None:
        with contextlib.suppress(OSError), desk:
            asked = desk.recv(8)
            if self._context is None and asked == _ASKED_FOR_TLS:
                desk.sendall(b"N")
                asked = desk.recv(8)
            if not asked:
                return
            if asked != _ASKED_FOR_TLS or self._context is None:
                self.in_the_clear += 1
                return
            desk.sendall(b"S")
            with (
                self._context.wrap_socket(desk, server_side=True) as sealed,
                socket.create_connection(self._behind) as server,
            ):
                first = sealed.recv(65536)
                self.let_through += bool(first)
                server.sendall(first)
                _pump(sealed, server)


def _pump(sealed: ssl.SSLSocket, server: socket.socket) -> None:
    """Copy bytes both ways on one thread, because two threads cannot share a TLS socket."""
    while True:
        ready = [sealed] if sealed.pending() else select.select([sealed, server], [], [])[0]
        for source, target in ((sealed, server), (server, sealed)):
            if source in ready:
                carried = source.recv(65536)
                if not carried:
                    return
                target.sendall(carried)
