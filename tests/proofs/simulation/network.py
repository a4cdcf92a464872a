"""The network between a desk and AndDone: it loses, delays, doubles and garbles requests and answers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from paydesk.gateways.http.call import Call, CallFailed, NeverSent, Reply
from paydesk.gateways.http.json_text import to_body
from paydesk.sandbox.server.delivery import AFTER_WORK, WITHOUT_WORK, deliver
from paydesk.sandbox.server.faults import Fault, FaultKind
from paydesk.sandbox.server.http import Line, Request
from paydesk.sandbox.server.http import Reply as Sent
from tests.proofs.simulation.schedule import Task

if TYPE_CHECKING:
    from tests.proofs.simulation.desk import Desk

TOTAL_S = 75.0
"""Seconds after which the gateway gives up (AndDoneConfig.total_timeout_s)."""

LATEST_S = 2500.0
"""Maximum delay of a request in seconds."""

SHORT = {
    "createPayment": "pay",
    "createPaymentIntent": "intent",
    "expirePaymentIntent": "expire",
    "getPaymentDetails": "details",
    "searchPayments": "list",
    "voidPayment": "void",
    "createRefund": "refund",
    "checkRefundEligibility": "eligibility",
    "createPaymentLink": "link",
    "getPaymentLink": "link details",
    "expirePaymentLink": "expire",
}
_READ_ALIKE = {FaultKind.GATEWAY_TIMEOUT_BEFORE, FaultKind.FORBIDDEN}
"""The desk reads them as it reads 502 and 401."""
_PLAYED = {*WITHOUT_WORK, *AFTER_WORK, FaultKind.CUT_BODY, FaultKind.CUT_HEADER} - _READ_ALIKE
GARBLED = (
    *sorted((kind for kind in FaultKind if kind in _PLAYED), key=lambda kind: kind.carried_out),
    "other currency",
)
"""Garbled answers. All are the emulator's own faults, except "other currency", which is the simulation's."""


_OUR_TITLE = re.compile(rb"PD[0-9A-Z]{18}-")


def _in_another_currency(body: bytes) -> bytes:
    """Name another currency in a payment's answer, and also in details, which publish none."""
    tender = b'"adjustmentDisplayName"'
    return body.replace(b'"USD"', b'"CAD"').replace(tender, b'"currency": "CAD", ' + tender)


class _Answer(Line):
    """The part of an answer that arrives, None if it is incomplete."""

    def __init__(self) -> None:
        self.reply: Reply | None = None

    def send(self, reply: Sent) -> None:
        """Receive the whole answer."""
        self.reply = Reply(reply.status, reply.body)

    def send_raw(self, data: bytes) -> None:
        """Receive part of an answer. If it ends inside the header, clients read 200 and no body."""
        self.reply = Reply(200) if b"\r\n\r\n" not in data else None

    def close(self) -> None:
        """Do nothing: no more bytes come."""

    def reset(self) -> None:
        """Do nothing: no bytes come."""


class Client:
    """The gateway's HTTP client of one desk."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._spoiled: dict[Task | None, bool] = {}

    @property
    def spoiled(self) -> bool:
        """True if the last answer of the running task was not as it was sent."""
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
        body = b"" if call.body is None else bytes(to_body(call.body))
        headers = {**call.headers, "host": split.netloc}
        request = Request(call.method, split.path, call.query, headers, body)
        exchange = _Exchange(desk, operation, name, request)
        reply = exchange.wait()
        desk.step(f"{name}.answered")
        self._spoiled[world.schedule.current] = exchange.spoiled
        if reply is None:
            raise CallFailed("silence")
        return reply

    def _shut(self, name: str) -> bool:
        return name == "expire" and self._desk.world.strikes("shut", name)

    def read(self, call: Call, largest: int = 0, *, good: object = None) -> Reply:
        """Send a read, as ``once`` does: a retry would only be another call."""
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
        """Deliver the request, and wait until the answer comes or the time is over."""
        world, name, now_s = self._world, self._name, self._world.schedule.now_s
        draw = world.chance.between
        arrives_s = now_s + draw(0.01, 0.4, "there")
        turned_away = isinstance(self._garbled, FaultKind) and not self._garbled.carried_out
        if world.strikes("lose_request", name) or turned_away:
            if turned_away:
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
        return self._world.chance.pick(GARBLED, "garbled as")

    def _arrive(self) -> None:
        if self._world.outage(self._desk):
            return
        self._world.log(f"{self._name} of {self._desk.name} arrives")
        self._world.anddone.receive(self._operation, self._request, self._answered)

    def _answered(self, reply: Sent) -> None:
        back_s = self._world.schedule.now_s + self._world.chance.between(0.01, 0.4, "back")
        self._world.schedule.at(back_s, lambda: self._answer(reply))

    def _is_unread(self, reply: Sent) -> bool:
        """Return True if the fault changes only what PayDesk does not read.

        A link's payment may carry a reference of the processor's own. Its link leads to it by its id. So does
        the number of its charge to a refund.
        """
        if self._garbled is FaultKind.WRONG_REFERENCE and self._name == "refund":
            return True
        foreign = b'"paymentLinkId": "' in reply.body and not _OUR_TITLE.search(reply.body)
        return self._garbled is FaultKind.WRONG_REFERENCE and self._name == "details" and foreign

    def _answer(self, reply: Sent) -> None:
        if self._waiting is None or self._deaf or self._desk.asleep():
            return
        answer = _Answer()
        if isinstance(self._garbled, FaultKind):
            deliver(Fault(self._garbled), lambda: reply, answer)
        else:
            body = _in_another_currency(reply.body) if self._garbled else reply.body
            answer.send(Sent(reply.status, body))
        self._reply = answer.reply
        self.spoiled = answer.reply != Reply(reply.status, reply.body) and not self._is_unread(reply)
        self._world.schedule.wake(self._waiting)
        self._waiting = None
