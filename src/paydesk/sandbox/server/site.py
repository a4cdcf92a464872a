"""One emulated service on its port, with its faults and its observer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from paydesk.sandbox.server.delivery import deliver
from paydesk.sandbox.server.faults import Fault, Faults
from paydesk.sandbox.server.guard import refused, refused_control, refused_visit
from paydesk.sandbox.server.http import Line, LoopbackServer, MalformedRequest, Reply, Request

CONTROL = "/_sandbox/"


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request that was carried out and its reply, before any fault damaged it."""

    server: str
    operation: str
    request: Request
    reply: Reply


Observer = Callable[[Exchange], None]


class Service(Protocol):
    """The interface of an emulated service."""

    name: str
    checks_origin: bool
    """True if the service itself judges the header ``Origin``."""
    pages: frozenset[str]
    """Operations that a browser may call: pages for people."""

    def operation(self, method: str, path: str) -> str | None:
        """Return the operation id of the contract, or None for an unknown address."""
        ...

    def answer(self, operation: str, request: Request) -> Reply:
        """Carry the request out."""
        ...

    def scripted(self, operation: str, request: Request) -> Fault | None:
        """Return the fault that the request itself asks for, such as by a documented test amount."""
        ...

    def refuse(self, status: int, message: str) -> Reply:
        """Return a refusal in the service's own form."""
        ...


class Site:
    """A service on a loopback port."""

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
            if refusal := refused_control(request):
                line.send(refusal)
            else:
                self._control(request, line)
            return
        operation = self._service.operation(request.method, request.path)
        is_page = operation in self._service.pages
        if found := refused_visit(request) if is_page else refused(request, self._service.checks_origin):
            line.send(self._service.refuse(*found))
            return
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
