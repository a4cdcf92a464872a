"""One emulated service: its operations, its faults, and who watches."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from paydesk.sandbox.delivery import deliver
from paydesk.sandbox.faults import Fault, Faults
from paydesk.sandbox.http import Line, LoopbackServer, MalformedRequest, Reply, Request

CONTROL = "/_sandbox/"


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request that was carried out and the honest reply to it, before any fault damaged it."""

    server: str
    operation: str
    request: Request
    reply: Reply


Observer = Callable[[Exchange], None]


class Service(Protocol):
    """What an emulated service is to its site."""

    name: str

    def operation(self, method: str, path: str) -> str | None:
        """The operation id of the contract, or None when there is no such address."""
        ...

    def answer(self, operation: str, request: Request) -> Reply:
        """Carry the request out."""
        ...

    def scripted(self, operation: str, request: Request) -> Fault | None:
        """The fault that the request itself asks for, as by a documented test amount."""
        ...

    def refuse(self, status: int, message: str) -> Reply:
        """A refusal in the service's own words."""
        ...


class Site:
    """Puts a service on a port of the loopback."""

    def __init__(
        self,
        service: Service,
        port: int,
        faults: Faults,
        control: Callable[[Request, Line], None],
        observer: Observer | None,
    ) -> None:
        self._service = service
        self._faults = faults
        self._control = control
        self._observer = observer
        self.server = LoopbackServer(port, self._handle)

    def _handle(self, request: Request, line: Line) -> None:
        if request.path.startswith(CONTROL):
            self._control(request, line)
            return
        operation = self._service.operation(request.method, request.path)
        if operation is None:
            line.send(self._service.refuse(404, "No such address."))
            return
        fault = self._service.scripted(operation, request) or self._faults.take(self._service.name, operation)
        deliver(fault, lambda: self._work(operation, request), line)

    def _work(self, operation: str, request: Request) -> Reply:
        try:
            reply = self._service.answer(operation, request)
        except MalformedRequest as error:
            reply = self._service.refuse(400, str(error))
        if self._observer is not None:
            self._observer(Exchange(self._service.name, operation, request, reply))
        return reply
