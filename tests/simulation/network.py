"""The line between a desk and AndDone: requests and answers get lost, late, doubled and garbled."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

from paydesk.gateways.http import Call, CallFailed, NeverSent, Reply, to_json
from paydesk.sandbox.delivery import deliver
from paydesk.sandbox.faults import Fault, FaultKind
from paydesk.sandbox.http import Line, Request
from paydesk.sandbox.http import Reply as Sent
from tests.simulation.schedule import Task

if TYPE_CHECKING:
    from tests.simulation.desk import Desk

TOTAL_S = 75.0
"""When the gateway gives up (AndDoneConfig.total_timeout_s)."""

LATEST_S = 2500.0
"""How long the network may hold a request."""

SHORT = {
    "createPayment": "pay",
    "createPaymentIntent": "intent",
    "expirePaymentIntent": "expire",
    "getPaymentDetails": "details",
    "searchPayments": "list",
    "voidPayment": "void",
}
NOT_CARRIED_OUT = (
    FaultKind.ERROR_500_BEFORE,
    FaultKind.BAD_GATEWAY_BEFORE,
    FaultKind.THROTTLED,
    FaultKind.UNAUTHORIZED,
    FaultKind.REDIRECT,
)
CARRIED_OUT = (
    FaultKind.ERROR_500_AFTER,
    FaultKind.BAD_GATEWAY_AFTER,
    FaultKind.GATEWAY_TIMEOUT_AFTER,
    FaultKind.TRUNCATED_JSON,
    FaultKind.CUT_BODY,
    FaultKind.CUT_HEADER,
    FaultKind.EMPTY_BODY,
    FaultKind.GARBAGE,
    FaultKind.WRONG_REFERENCE,
    FaultKind.WRONG_AMOUNT,
    FaultKind.UNKNOWN_STATUS,
    FaultKind.WRONG_TYPES,
    FaultKind.DUPLICATE_NOTICE,
)
"""What an answer can be, by the emulator's own faults; "other currency" is the simulation's."""


class _Answer(Line):
    """What arrives of an answer; None when it is not whole."""

    def __init__(self) -> None:
        self.reply: Reply | None = None

    def send(self, reply: Sent) -> None:
        """All of it."""
        self.reply = Reply(reply.status, reply.body)

    def send_raw(self, data: bytes) -> None:
        """A part. Of one cut inside its header, clients read 200 and no body."""
        self.reply = Reply(200) if b"\r\n\r\n" not in data else None

    def close(self) -> None:
        """Nothing more comes."""

    def reset(self) -> None:
        """Nothing comes."""


class Client:
    """The gateway's HTTP client, for one desk."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._spoiled: dict[Task | None, bool] = {}

    @property
    def spoiled(self) -> bool:
        """Whether the last answer of the running task was not as it was sent."""
        return self._spoiled[self._desk.world.schedule.current]

    def once(self, call: Call, largest: int = 0) -> Reply:
        """Send, and wait for the answer. Raises CallFailed."""
        desk, world = self._desk, self._desk.world
        split = urlsplit(call.url)
        operation = world.anddone.operation(call.method, split.path)
        name = SHORT[operation]
        self._spoiled[world.schedule.current] = False
        desk.step(f"{name}.sent")
        if desk.cut_off() or world.strikes("refuse", name) or self._shut(name):
            desk.sleep(world.chance.between(0.001, 5, "refused"))
            raise NeverSent("no connection", retry=True)
        body = b"" if call.body is None else to_json(call.body).encode()
        request = Request(call.method, split.path, call.query, call.headers, body)
        exchange = _Exchange(desk, operation, name, request)
        reply = exchange.wait()
        desk.step(f"{name}.answered")
        self._spoiled[world.schedule.current] = exchange.spoiled
        if reply is None:
            raise CallFailed("silence")
        return reply

    def _shut(self, name: str) -> bool:
        return name == "expire" and self._desk.world.strikes("shut", name)

    def read(self, call: Call, largest: int = 0) -> Reply:
        """The same: a repeat would only be another call."""
        return self.once(call)


class _Exchange:
    """One request under way."""

    def __init__(self, desk: Desk, operation: str, name: str, request: Request) -> None:
        self._desk, self._world, self._operation = desk, desk.world, operation
        self._request, self._name = request, name
        self._waiting: Task | None = self._world.schedule.current
        self._reply: Reply | None = None
        self._garbled = self._garble()
        self._deaf = self._world.strikes("lose_reply", name)
        self.spoiled = False
        self._over_s = self._world.schedule.now_s + TOTAL_S

    def wait(self) -> Reply | None:
        """Let the request travel, until the answer comes or the time is over."""
        world, name, now_s = self._world, self._name, self._world.schedule.now_s
        draw = world.chance.between
        arrives_s = now_s + draw(0.01, 0.4, "there")
        if world.strikes("lose_request", name) or self._garbled in NOT_CARRIED_OUT:
            if self._garbled in NOT_CARRIED_OUT:
                world.schedule.at(arrives_s, lambda: self._answer(Sent(200)))
        elif world.strikes("late", name):
            self._send(now_s + TOTAL_S + (LATEST_S - TOTAL_S) * draw(0, 1, "late") ** 1.5)
        else:
            self._send(arrives_s)
            if world.strikes("twice", name):
                self._send(arrives_s + draw(0, 600, "twice") ** draw(0, 1, "soon"))
        gives_up_s = self._over_s
        if self._deaf:  # silence, or a connection that breaks
            gives_up_s = min(gives_up_s, now_s + draw(0.5, 2 * TOTAL_S, "breaks"))
        self._desk.sleep(gives_up_s - now_s)
        self._waiting = None
        return self._reply

    def _send(self, arrives_s: float) -> None:
        if self._name == "pay":
            self._world.anddone.on_the_line[self._request.fields()["token"]].append(arrives_s)
        self._world.schedule.at(arrives_s, self._arrive)

    def _garble(self) -> FaultKind | str:
        if not self._world.strikes("garble", self._name):
            return ""
        return self._world.chance.pick((*NOT_CARRIED_OUT, *CARRIED_OUT, "other currency"), "garbled as")

    def _arrive(self) -> None:
        if self._world.outage(self._desk):
            return
        self._world.log(f"{self._name} of {self._desk.name} arrives")
        self._world.anddone.receive(self._operation, self._request, self._answered)

    def _answered(self, reply: Sent) -> None:
        back_s = self._world.schedule.now_s + self._world.chance.between(0.01, 0.4, "back")
        self._world.schedule.at(back_s, lambda: self._answer(reply))

    def _answer(self, reply: Sent) -> None:
        if self._waiting is None or self._deaf or self._desk.asleep():
            return
        answer = _Answer()
        if isinstance(self._garbled, FaultKind):
            deliver(Fault(self._garbled), lambda: reply, cast(Line, answer))
        else:
            body = reply.body.replace(b'"USD"', b'"CAD"') if self._garbled else reply.body
            answer.send(Sent(reply.status, body))
        self._reply = answer.reply
        self.spoiled = answer.reply != Reply(reply.status, reply.body)
        self._world.schedule.wake(self._waiting)
        self._waiting = None
