"""How a reply reaches the caller, or fails to, under each fault."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from paydesk.sandbox.faults import Fault, FaultKind
from paydesk.sandbox.http import Line, Reply

HUGE_BYTES = 200_000_000
_CHUNK = b" " * 65536
_HTML_504 = b"<html><head><title>504 Gateway Time-out</title></head><body><h1>504</h1></body></html>"
_HTML_502 = b"<html><body><h1>502 Bad Gateway</h1></body></html>"
_REFERENCES = frozenset({"referenceNo", "merchantReference", "title"})
_AMOUNTS = frozenset({"amount", "captureAmount", "subTotalAmount", "balance", "receiptAmount"})


def deliver(fault: Fault | None, work: Callable[[], Reply], line: Line) -> None:
    """Carry the request out by calling ``work`` (or not), then answer as the fault says."""
    if fault is None:
        line.send(work())
    elif fault.kind in _WITHOUT_WORK:
        line.send(_WITHOUT_WORK[fault.kind])
    elif fault.kind in _AFTER_WORK:
        line.send(_AFTER_WORK[fault.kind](work()))
    else:
        _break_line(fault, work, line)


def _break_line(fault: Fault, work: Callable[[], Reply], line: Line) -> None:
    """The faults that are about time or about the connection."""
    match fault.kind:
        case FaultKind.SLOW:
            reply = work()
            line.wait(fault.seconds)
            line.send(reply)
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
        case FaultKind.DUPLICATE_DELIVERY:
            work()
            line.send(work())
        case FaultKind.CUT_BODY:
            reply = work()
            line.send_raw(reply.to_bytes()[: -max(1, len(reply.body) // 2)])
            line.close()
        case FaultKind.CUT_HEADER:
            work()
            line.send_raw(b"HTTP/1.1 200 OK\r\nContent-Ty")
            line.close()
        case FaultKind.HUGE_BODY:
            _send_huge(line)
        case _:
            # The kinds left are not about delivery: the service itself acts on them.
            line.send(work())


def _send_huge(line: Line) -> None:
    line.send_raw(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n")
    line.send_raw(f"Content-Length: {HUGE_BYTES}\r\n\r\n".encode())
    for _ in range(HUGE_BYTES // len(_CHUNK)):
        line.send_raw(_CHUNK)
    line.close()


def _twisted(names: frozenset[str], change: Callable[[Any], Any]) -> Callable[[Reply], Reply]:
    """A change of every field of these names, wherever it stands in the reply."""

    def twist(value: Any) -> Any:
        if isinstance(value, dict):
            return {
                name: change(held) if name in names and held is not None else twist(held)
                for name, held in value.items()
            }
        return [twist(item) for item in value] if isinstance(value, list) else value

    return lambda reply: Reply.of(reply.status, twist(json.loads(reply.body or b"{}")))


def _wrong_types(reply: Reply) -> Reply:
    """Every value becomes something else: text for numbers, an object for text and lists."""

    def spoil(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: spoil(held) for name, held in value.items()}
        if isinstance(value, list):
            return [spoil(item) for item in value]
        if isinstance(value, bool) or value is None:
            return "maybe"
        return "NaN" if isinstance(value, int | float) else {"text": value}

    return Reply.of(reply.status, spoil(json.loads(reply.body or b"{}")))


def _error(status: int, key: str, message: str) -> Reply:
    """A refusal that both services' readers can take: AndDone's fields and AMS360's ``error``."""
    fields = {"errorCode": key, "message": message, "statusCode": status, "error": message}
    return Reply.of(status, fields | {"isSuccessStatusCode": False})


_FAILED = _error(500, "Key_InternalServerError", "An error occurred while processing the request.")

_WITHOUT_WORK: dict[FaultKind, Reply] = {
    FaultKind.ERROR_500_BEFORE: _FAILED,
    FaultKind.BAD_GATEWAY_BEFORE: Reply(502, _HTML_502, "text/html"),
    FaultKind.GATEWAY_TIMEOUT_BEFORE: Reply(504, _HTML_504, "text/html"),
    FaultKind.THROTTLED: Reply.of(429, {"message": "Too Many Requests"}),
    FaultKind.UNAUTHORIZED: _error(401, "Key_Unauthorized", "Unauthorized"),
    FaultKind.FORBIDDEN: _error(403, "Key_Forbidden", "Forbidden"),
    FaultKind.REDIRECT: Reply(302, b"", "text/html", {"Location": "http://elsewhere.example/"}),
}

_AFTER_WORK: dict[FaultKind, Callable[[Reply], Reply]] = {
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
    FaultKind.UNKNOWN_STATUS: _twisted(frozenset({"transactionStatus"}), lambda _: "Quarantined"),
}
