"""The ways a reply can go wrong, and which one happens to which request."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any, Self


class FaultKind(StrEnum):
    """What happens to one request.

    *before*: the request is never carried out, nothing is charged. *after*: it is carried out,
    then its answer is damaged or lost; the caller cannot tell the two apart.
    """

    SLOW = "slow"
    """Carried out at once, answered ``seconds`` later."""
    LATE = "late"
    """Carried out only ``seconds`` after it arrived, even when the caller has given up."""
    HANG_BEFORE = "hang_before"
    HANG_AFTER = "hang_after"
    RESET_BEFORE = "reset_before"
    RESET_AFTER = "reset_after"
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
    """302 to another host; nothing is carried out."""
    TRUNCATED_JSON = "truncated_json"
    """Carried out; the body stops half-way, with a Content-Length that fits the half."""
    CUT_BODY = "cut_body"
    """Carried out; the connection ends half-way through the promised body."""
    CUT_HEADER = "cut_header"
    """Carried out; the connection ends inside a header line: clients read 200 with no body."""
    EMPTY_BODY = "empty_body"
    GARBAGE = "garbage"
    HUGE_BODY = "huge_body"
    """200 with 200 MB of nothing."""
    WRONG_REFERENCE = "wrong_reference"
    WRONG_AMOUNT = "wrong_amount"
    UNKNOWN_STATUS = "unknown_status"
    WRONG_TYPES = "wrong_types"
    DUPLICATE_NOTICE = "duplicate_notice"
    """Carried out, then answered 400 "duplicate transaction"."""
    DUPLICATE_DELIVERY = "duplicate_delivery"
    """Carried out twice, as a network may do; the second answer is sent."""
    ENDLESS_PAGING = "endless_paging"
    """Every page of a search says that another one follows, and one does."""
    SEARCH_LAG = "search_lag"
    """Charges appear in searches only ``seconds`` after they were made."""
    DETAILS_LAG = "details_lag"
    """Charges appear in payment details only ``seconds`` after they were made."""


_LEFT_TO_SERVICES = frozenset({FaultKind.SEARCH_LAG, FaultKind.DETAILS_LAG, FaultKind.ENDLESS_PAGING})
"""Faults that are about what a reply says over time, not about one reply; they stand until cleared."""
EVERYTHING = "*"


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: what, to which requests, how often.

    ``on`` is an operation of the contract (``createPayment``), a server (``anddone``, ``ams360``, ``wsapi``)
    or ``*``. ``times`` None means until cleared. ``seconds`` is for slow, late and the lags.
    """

    kind: FaultKind
    on: str = EVERYTHING
    times: int | None = 1
    seconds: float = 0.0

    def concerns(self, server: str, operation: str) -> bool:
        return self.on in (EVERYTHING, server, operation)

    @classmethod
    def from_wire(cls, fields: Mapping[str, Any]) -> Self:
        """Read what the control endpoint was sent. Raises ValueError for anything unknown."""
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
    """The faults now switched on, in the order they were added; safe to use from any thread."""

    def __init__(self, *faults: Fault) -> None:
        self._lock = threading.Lock()
        self._faults = list(faults)

    def add(self, fault: Fault) -> None:
        with self._lock:
            self._faults.append(fault)

    def next(self, kind: FaultKind, on: str = "createPayment", times: int = 1, seconds: float = 0.0) -> None:
        """Let the next request (or the next ``times`` requests) of operation ``on`` go wrong."""
        self.add(Fault(kind, on, times, seconds))

    def always(self, kind: FaultKind, on: str = EVERYTHING, seconds: float = 0.0) -> None:
        """Let every request of ``on`` go wrong until ``clear``."""
        self.add(Fault(kind, on, None, seconds))

    def clear(self) -> None:
        with self._lock:
            self._faults.clear()

    def listed(self) -> list[Fault]:
        with self._lock:
            return list(self._faults)

    def take(self, server: str, operation: str) -> Fault | None:
        """The fault for this request, if any; one with a count is used up."""
        with self._lock:
            for at, fault in enumerate(self._faults):
                if fault.kind not in _LEFT_TO_SERVICES and fault.concerns(server, operation):
                    self._use(at, fault)
                    return fault
        return None

    def standing(self, kind: FaultKind) -> bool:
        """Whether this kind is switched on at all."""
        with self._lock:
            return any(fault.kind is kind for fault in self._faults)

    def lag_s(self, kind: FaultKind) -> float:
        """How many seconds new charges stay invisible to a search or a details call."""
        with self._lock:
            return max((fault.seconds for fault in self._faults if fault.kind is kind), default=0.0)

    def _use(self, at: int, fault: Fault) -> None:
        if fault.times is None:
            return
        if fault.times <= 1:
            del self._faults[at]
        else:
            self._faults[at] = replace(fault, times=fault.times - 1)
