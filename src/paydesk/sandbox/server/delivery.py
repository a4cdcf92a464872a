"""Delivery of a reply under each fault."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from typing import Any

from paydesk.sandbox.server.faults import Fault, FaultKind
from paydesk.sandbox.server.http import Line, Reply

HUGE_BYTES = 200_000_000
_BLANKS = b" " * 65536
_OK = b"HTTP/1.1 200 OK\r\n"
_CHUNKED = _OK + b"Transfer-Encoding: chunked\r\n\r\n"
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_DRIP_S = 0.02
_PIECES = 12
_HTML_504 = b"<html><head><title>504 Gateway Time-out</title></head><body><h1>504</h1></body></html>"
_HTML_502 = b"<html><body><h1>502 Bad Gateway</h1></body></html>"
_REFERENCES = frozenset({"referenceNo", "merchantReference", "title"})
_AMOUNTS = frozenset(
    {"amount", "captureAmount", "subTotalAmount", "totalPaidAmount", "balance", "receiptAmount"}
)
_STATUSES = frozenset({"transactionStatus", "linkStatus"})


def deliver(fault: Fault | None, work: Callable[[], Reply], line: Line) -> None:
    """Carry the request out by calling ``work`` (or not), then answer as the fault requires.

    Raises ValueError for a kind that is not of one reply.
    """
    if fault is None:
        line.send(work())
    elif fault.kind in WITHOUT_WORK:
        line.send(WITHOUT_WORK[fault.kind])
    elif fault.kind in AFTER_WORK:
        line.send(AFTER_WORK[fault.kind](work()))
    elif fault.kind in _MALFORMED:
        line.send_raw(_MALFORMED[fault.kind](work()))
        line.close()
    elif fault.kind in _ENDLESS:
        work()
        _send_endlessly(*_ENDLESS[fault.kind], line)
    else:
        _break_line(fault, work, line)


def _break_line(fault: Fault, work: Callable[[], Reply], line: Line) -> None:
    """Apply the faults of time and of the connection."""
    match fault.kind:
        case FaultKind.SLOW:
            reply = work()
            line.wait(fault.seconds)
            line.send(reply)
        case FaultKind.SLOW_DRIP:
            _send_slowly(work().to_bytes(), fault.seconds, line)
        case FaultKind.LATE:
            line.wait(fault.seconds)
            line.send(work())
        case FaultKind.HANG_BEFORE:
            line.hang()
        case FaultKind.HANG_AFTER:
            work()
            line.hang()
        case FaultKind.RESET_BEFORE:
            line.reset()
        case FaultKind.RESET_AFTER:
            work()
            line.reset()
        case FaultKind.CLOSED_BEFORE:
            line.close()
        case FaultKind.CLOSED_AFTER:
            work()
            line.close()
        case FaultKind.DUPLICATE_DELIVERY:
            work()
            line.send(work())
        case FaultKind.DUPLICATE_LATER:
            line.send(work())
            line.wait(fault.seconds)
            work()
        case FaultKind.HUGE_BODY:
            _send_huge(line)
        case _:
            raise ValueError(f"{fault.kind} is no fault of one reply")


def _send_slowly(data: bytes, seconds: float, line: Line) -> None:
    step = -(-len(data) // _PIECES)
    for at in range(0, len(data), step):
        line.send_raw(data[at : at + step])
        line.wait(seconds / _PIECES)


def _send_endlessly(start: bytes, piece: bytes, every_s: float, line: Line) -> None:
    """Send until the caller disconnects or the server stops."""
    line.send_raw(start)
    while not line.wait(every_s):
        line.send_raw(piece)
    line.close()


def _send_huge(line: Line) -> None:
    line.send_raw(_OK + f"Content-Type: application/json\r\nContent-Length: {HUGE_BYTES}\r\n\r\n".encode())
    for _ in range(HUGE_BYTES // len(_BLANKS)):
        line.send_raw(_BLANKS)
    line.close()


def _twisted(names: frozenset[str], change: Callable[[Any], Any]) -> Callable[[Reply], Reply]:
    """Return a function that changes every field of these names, anywhere in the reply."""

    def twist(value: Any) -> Any:
        if isinstance(value, dict):
            return {
                name: change(held) if name in names and held is not None else twist(held)
                for name, held in value.items()
            }
        return [twist(item) for item in value] if isinstance(value, list) else value

    return lambda reply: _rewritten(reply, twist)


def _wrong_types(reply: Reply) -> Reply:
    """Change the type of every value: text for numbers, an object for text and lists."""

    def spoil(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: spoil(held) for name, held in value.items()}
        if isinstance(value, list):
            return [spoil(item) for item in value]
        if isinstance(value, bool) or value is None:
            return "maybe"
        return "NaN" if isinstance(value, int | float) else {"text": value}

    return _rewritten(reply, spoil)


def _rewritten(reply: Reply, change: Callable[[Any], Any]) -> Reply:
    """Return a JSON reply with other values. A page has none to change."""
    if reply.content_type != "application/json":
        return reply
    return Reply.of(reply.status, change(json.loads(reply.body or b"{}")))


def _error(status: int, key: str, message: str) -> Reply:
    """Return a refusal for both services: AndDone's fields and AMS360's ``error``."""
    fields = {"errorCode": key, "message": message, "statusCode": status, "error": message}
    return Reply.of(status, fields | {"isSuccessStatusCode": False})


_FAILED = _error(500, "Key_InternalServerError", "An error occurred while processing the request.")

WITHOUT_WORK: dict[FaultKind, Reply] = {
    FaultKind.ERROR_500_BEFORE: _FAILED,
    FaultKind.BAD_GATEWAY_BEFORE: Reply(502, _HTML_502, "text/html"),
    FaultKind.GATEWAY_TIMEOUT_BEFORE: Reply(504, _HTML_504, "text/html"),
    FaultKind.THROTTLED: Reply.of(429, {"message": "Too Many Requests"}),
    FaultKind.UNAUTHORIZED: _error(401, "Key_Unauthorized", "Unauthorized"),
    FaultKind.FORBIDDEN: _error(403, "Key_Forbidden", "Forbidden"),
    FaultKind.REDIRECT: Reply(302, b"", "text/html", {"Location": "http://elsewhere.example/"}),
}
"""Whole answers to requests that are not carried out."""

AFTER_WORK: dict[FaultKind, Callable[[Reply], Reply]] = {
    FaultKind.ERROR_500_AFTER: lambda _: _FAILED,
    FaultKind.BAD_GATEWAY_AFTER: lambda _: Reply(502, _HTML_502, "text/html"),
    FaultKind.GATEWAY_TIMEOUT_AFTER: lambda _: Reply(504, _HTML_504, "text/html"),
    FaultKind.DUPLICATE_NOTICE: lambda _: _error(
        400, "Key_DuplicateTransaction", "This looks like a duplicate of a recent transaction."
    ),
    FaultKind.TRUNCATED_JSON: lambda reply: Reply(reply.status, reply.body[: len(reply.body) // 2]),
    FaultKind.EMPTY_BODY: lambda _: Reply(200),
    FaultKind.GARBAGE: lambda reply: Reply(reply.status, b"\x1f\x8b\x00\xff not what you asked for"),
    FaultKind.WRONG_TYPES: _wrong_types,
    FaultKind.WRONG_REFERENCE: _twisted(_REFERENCES, lambda held: f"{held}-OTHER"),
    FaultKind.WRONG_AMOUNT: _twisted(_AMOUNTS, lambda held: round(float(held) + 1, 2)),
    FaultKind.UNKNOWN_STATUS: _twisted(_STATUSES, lambda _: "Quarantined"),
}
"""Whole answers in place of the true one."""


_MALFORMED: dict[FaultKind, Callable[[Reply], bytes]] = {
    FaultKind.CUT_BODY: lambda reply: reply.to_bytes()[: -max(1, len(reply.body) // 2)],
    FaultKind.CUT_HEADER: lambda _: _OK + b"Content-Ty",
    FaultKind.CUT_CHUNKS: lambda reply: _CHUNKED + f"{len(reply.body):x}\r\n".encode() + reply.body + b"\r\n",
    FaultKind.BAD_CHUNK: lambda _: _CHUNKED + b"zz\r\n{}\r\n0\r\n\r\n",
    FaultKind.HEAD_ONLY: lambda _: _OK + b"\r\n",
    FaultKind.LENGTH_NOT_ANNOUNCED: lambda reply: _OK + b"\r\n" + reply.body,
    FaultKind.TWO_LENGTHS: lambda _: _OK + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{} ",
    FaultKind.NOT_HTTP: lambda _: b"SSH-2.0-OpenSSH_9.9\r\n",
    FaultKind.PACKED: lambda reply: Reply(
        reply.status, gzip.compress(reply.body), headers={"Content-Encoding": "gzip"}
    ).to_bytes(),
}
"""The bytes before the connection ends."""

_ENDLESS: dict[FaultKind, tuple[bytes, bytes, float]] = {
    FaultKind.DRIPPED_HEADER: (_OK + b"X-Slow: ", b"x", _DRIP_S),
    FaultKind.DRIPPED_BODY: (_OK + b"Content-Length: 1000\r\n\r\n{", b"x", _DRIP_S),
    FaultKind.DRIPPED_LAST_BODY: (
        _OK + b"Connection: close\r\nContent-Length: 1000\r\n\r\n{", b"x", _DRIP_S,
    ),
    FaultKind.ENDLESS_CONTINUE: (_CONTINUE, _CONTINUE, _DRIP_S),
    FaultKind.ENDLESS_CHUNKS: (_CHUNKED, b"10000\r\n" + _BLANKS + b"\r\n", 0),
}  # fmt: skip
"""The start, the piece that follows again and again, and the seconds before each piece."""
