"""The loopback server ends whatever its callers do."""

from __future__ import annotations

import socket
import sys
import threading

import pytest

from paydesk.sandbox.server.http import HOST, Line, LoopbackServer, Reply, Request


def _answer(_request: Request, line: Line) -> None:
    line.send(Reply(200, b"{}"))


@pytest.mark.parametrize("system", ["linux", "win32"])
def test_it_stops_while_a_caller_keeps_its_connection(system: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """On Windows the training desk never ended: a thread waited for the next request of a kept connection."""
    server = LoopbackServer(0, _answer)
    monkeypatch.setattr(sys, "platform", system)
    with socket.create_connection((HOST, server.port), timeout=10) as kept:
        kept.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert kept.recv(4_096).startswith(b"HTTP/1.1 200")
        stopping = threading.Thread(target=server.stop, daemon=True)
        stopping.start()
        stopping.join(10)
        assert not stopping.is_alive()
        assert kept.recv(4_096) == b""
    assert server.crashes == []
