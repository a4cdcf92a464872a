"""The catalogue of faults, and the requests they apply to.

Two engines play them: ``delivery.deliver`` on a server's side of a connection, and a proxy between
caller and server, which cuts at any byte.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any, Self


class FaultKind(StrEnum):
    """The fault of one request.

    *before*: the request is never carried out, nothing is charged. *after*: it is carried out,
    then its answer is damaged or lost. The caller cannot tell the two apart.
    """

    SLOW = "slow"
    """Answered ``seconds`` later."""
    SLOW_DRIP = "slow_drip"
    """The whole answer in a dozen pieces, within ``seconds``."""
    LATE = "late"
    """Carried out ``seconds`` after it arrived, even if the caller has given up."""
    REFUSED = "refused"
    """Nobody listens."""
    STALLED = "stalled"
    """The connection is never established."""
    CUT_REQUEST = "cut_request"
    """The connection ends inside the request."""
    HANG_BEFORE = "hang_before"
    HANG_AFTER = "hang_after"
    RESET_BEFORE = "reset_before"
    RESET_AFTER = "reset_after"
    CLOSED_BEFORE = "closed_before"
    CLOSED_AFTER = "closed_after"
    ERROR_500_BEFORE = "500_before"
    ERROR_500_AFTER = "500_after"
    BAD_GATEWAY_BEFORE = "502_before"
    BAD_GATEWAY_AFTER = "502_after"
    GATEWAY_TIMEOUT_BEFORE = "504_html_before"
    GATEWAY_TIMEOUT_AFTER = "504_html_after"
    THROTTLED = "429"
    UNAUTHORIZED = "401"
    FORBIDDEN = "403"
    REDIRECT = "redirect"
    """302 to another host."""
    TRUNCATED_JSON = "truncated_json"
    """The body stops half-way, with a Content-Length that fits the half."""
    CUT_BODY = "cut_body"
    """The connection ends half-way through the promised body."""
    CUT_HEADER = "cut_header"
    """The connection ends inside a header line: clients read 200 with no body."""
    CUT_CHUNKS = "cut_chunks"
    """The connection ends before the last chunk."""
    HEAD_ONLY = "head_only"
    """200 and no length, then the connection ends."""
    LENGTH_NOT_ANNOUNCED = "length_not_announced"
    """The whole answer, which nothing proves to be whole."""
    TWO_LENGTHS = "two_lengths"
    BAD_CHUNK = "bad_chunk"
    """The length of a chunk is no number."""
    NOT_HTTP = "not_http"
    PACKED = "packed"
    """Compressed, though the caller did not ask for it."""
    DRIPPED_HEADER = "dripped_header"
    """A header that grows byte by byte, without end."""
    DRIPPED_BODY = "dripped_body"
    """A body that arrives byte by byte, without end."""
    DRIPPED_LAST_BODY = "dripped_last_body"
    """A dripped body of a connection that is announced to close."""
    ENDLESS_CONTINUE = "endless_100"
    """100 Continue, again and again."""
    ENDLESS_CHUNKS = "endless_chunks"
    EMPTY_BODY = "empty_body"
    GARBAGE = "garbage"
    HUGE_BODY = "huge_body"
    """200 with 200 MB of blanks."""
    WRONG_REFERENCE = "wrong_reference"
    WRONG_AMOUNT = "wrong_amount"
    UNKNOWN_STATUS = "unknown_status"
    WRONG_TYPES = "wrong_types"
    DUPLICATE_NOTICE = "duplicate_notice"
    """Answered 400 "duplicate transaction"."""
    DUPLICATE_DELIVERY = "duplicate_delivery"
    """Carried out twice, as a network may do. The second answer is sent."""
    DUPLICATE_LATER = "duplicate_later"
    """Carried out again ``seconds`` after the answer."""
    ENDLESS_PAGING = "endless_paging"
    """Every page of a search claims a further page, and there is one."""
    SEARCH_LAG = "search_lag"
    """Charges appear in searches only ``seconds`` after they were made."""
    DETAILS_LAG = "details_lag"
    """Charges appear in payment details only ``seconds`` after they were made."""

    @property
    def carried_out(self) -> bool:
        """True if the request takes effect, whatever the caller learns of it."""
        return self not in _NOT_CARRIED_OUT


ON_THE_WAY = frozenset({FaultKind.REFUSED, FaultKind.STALLED, FaultKind.CUT_REQUEST})
"""Faults of a request that never arrives whole, so that no server can play them."""
_LEFT_TO_SERVICES = frozenset({FaultKind.SEARCH_LAG, FaultKind.DETAILS_LAG, FaultKind.ENDLESS_PAGING})
"""Faults of the data over time, not of one reply. They apply until cleared."""
OF_ONE_REPLY = frozenset(FaultKind) - ON_THE_WAY - _LEFT_TO_SERVICES
"""Faults that ``deliver`` plays."""
_NOT_CARRIED_OUT = ON_THE_WAY | {
    FaultKind.HANG_BEFORE, FaultKind.RESET_BEFORE, FaultKind.CLOSED_BEFORE, FaultKind.ERROR_500_BEFORE,
    FaultKind.BAD_GATEWAY_BEFORE, FaultKind.GATEWAY_TIMEOUT_BEFORE, FaultKind.THROTTLED,
    FaultKind.UNAUTHORIZED, FaultKind.FORBIDDEN, FaultKind.REDIRECT, FaultKind.HUGE_BODY,
}  # fmt: skip
EVERYTHING = "*"


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: its kind, the requests it applies to, and how often.

    ``on`` is an operation of the contract (``createPayment``), a server (``anddone``, ``ams360``, ``wsapi``)
    or ``*``. ``times`` None means until cleared. ``seconds`` is for the slow, the late and the lags.
    """

    kind: FaultKind
    on: str = EVERYTHING
    times: int | None = 1
    seconds: float = 0.0

    def concerns(self, server: str, operation: str) -> bool:
        return self.on in (EVERYTHING, server, operation)

    @classmethod
    def from_wire(cls, fields: Mapping[str, Any]) -> Self:
        """Read a fault sent to the control endpoint. Raises ValueError for anything unknown."""
        unknown = set(fields) - {"kind", "on", "times", "seconds"}
        if unknown:
            raise ValueError(f"unknown fields: {', '.join(sorted(unknown))}")
        times = fields.get("times", 1)
        return cls(
            kind=FaultKind(str(fields.get("kind"))),
            on=str(fields.get("on", EVERYTHING)),
            times=None if times is None else int(times),
            seconds=float(fields.get("seconds", 0.0)),
        )

    def to_wire(self) -> dict[str, Any]:
        return asdict(self)


class Faults:
    """The active faults, in the order they were added. Safe to use from any thread."""

    def __init__(self, *faults: Fault) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []
        for fault in faults:
            self.add(fault)

    def add(self, fault: Fault) -> None:
        """Raise ValueError for a fault that no server can play."""
        if fault.kind in ON_THE_WAY:
            raise ValueError(f"{fault.kind} cannot be played here: the server never gets the whole request")
        with self._lock:
            self._faults.append(fault)

    def next(self, kind: FaultKind, on: str = "createPayment", times: int = 1, seconds: float = 0.0) -> None:
        """Apply a fault to the next request (or the next ``times`` requests) of operation ``on``."""
        self.add(Fault(kind, on, times, seconds))

    def always(self, kind: FaultKind, on: str = EVERYTHING, seconds: float = 0.0) -> None:
        """Apply a fault to every request of ``on`` until ``clear``."""
        self.add(Fault(kind, on, None, seconds))

    def clear(self) -> None:
        with self._lock:
            self._faults.clear()

    def listed(self) -> list[Fault]:
        with self._lock:
            return list(self._faults)

    def take(self, server: str, operation: str) -> Fault | None:
        """Return the fault for this request, if any, and count down its ``times``."""
        with self._lock:
            for at, fault in enumerate(self._faults):
                if fault.kind in OF_ONE_REPLY and fault.concerns(server, operation):
                    self._use(at, fault)
                    return fault
        return None

    def standing(self, kind: FaultKind) -> bool:
        """Return True if this kind is active at all."""
        with self._lock:
            return any(fault.kind is kind for fault in self._faults)

    def lag_s(self, kind: FaultKind) -> float:
        """Return the seconds for which new charges stay invisible to a search or a details call."""
        with self._lock:
            return max((fault.seconds for fault in self._faults if fault.kind is kind), default=0.0)

    def _use(self, at: int, fault: Fault) -> None:
        if fault.times is None:
            return
        if fault.times <= 1:
            del self._faults[at]
        else:
            self._faults[at] = replace(fault, times=fault.times - 1)
