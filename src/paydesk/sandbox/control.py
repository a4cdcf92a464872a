"""The control endpoint ``/_sandbox/``, by which another process sets faults and clock and reads the books."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import asdict
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from paydesk.sandbox.addresses import PROCESS
from paydesk.sandbox.ams360.ems import Ams360
from paydesk.sandbox.ams360.receipts import Receipt
from paydesk.sandbox.ams360.wsapi import Wsapi
from paydesk.sandbox.anddone.api import AndDone
from paydesk.sandbox.anddone.books import Refusal
from paydesk.sandbox.anddone.controls import CONTROLS
from paydesk.sandbox.anddone.controls import Control as ProcessorControl
from paydesk.sandbox.server.clock import SandboxClock
from paydesk.sandbox.server.faults import Fault, Faults
from paydesk.sandbox.server.http import Line, LoopbackServer, MalformedRequest, Reply, Request


class Control:
    """The endpoint on all ports, without keys, because it listens on the loopback only."""

    def __init__(
        self, anddone: AndDone, ams360: Ams360, wsapi: Wsapi, faults: Faults, clock: SandboxClock
    ) -> None:
        self.servers: dict[str, LoopbackServer] = {}
        self.on_change: Callable[[], None] = lambda: None
        """Called after a control has changed the processor's books or the clock."""
        self._anddone = anddone
        self._ams360 = ams360
        self._faults = faults
        self._clock = clock
        self._verbs: dict[tuple[str, str], Callable[[Request], object]] = {
            ("GET", PROCESS): lambda _: {PROCESS: os.getpid()},
            ("GET", "faults"): lambda _: [fault.to_wire() for fault in self._faults.listed()],
            ("POST", "faults"): self._add_fault,
            ("DELETE", "faults"): self._clear_faults,
            ("GET", "receipts"): lambda _: self._receipts(),
            ("GET", "notes"): lambda _: [{"operation": name, **fields} for name, fields in wsapi.written],
            ("GET", "balances"): lambda _: self._balances(),
            ("POST", "clock"): self._advance,
        }
        self._verbs |= {name: partial(self._of_anddone, verb) for name, verb in CONTROLS.items()}

    def handle(self, request: Request, line: Line) -> None:
        name = request.path.rsplit("/", 1)[-1]
        if (request.method, name) == ("POST", "listening"):
            self._listening(request, line)
            return
        verb = self._verbs.get((request.method, name))
        if verb is None:
            line.send(Reply.of(404, {"error": "No such control."}))
            return
        try:
            line.send(Reply.of(200, verb(request)))
        except Refusal as error:
            line.send(Reply.of(error.status, {"error": error.message, "errorCode": error.key}))
        except (MalformedRequest, ValueError, TypeError, KeyError, ArithmeticError) as error:
            line.send(Reply.of(400, {"error": str(error)}))

    def _add_fault(self, request: Request) -> object:
        fault = Fault.from_wire(request.fields())
        self._faults.add(fault)
        return fault.to_wire()

    def _clear_faults(self, _: Request) -> object:
        self._faults.clear()
        return []

    def _of_anddone(self, verb: ProcessorControl, request: Request) -> object:
        fields = request.fields() if request.body else {}
        with self._anddone.lock:
            answer = verb(self._anddone.processor, fields)
        if request.method != "GET":
            self.on_change()
        return answer

    def _receipts(self) -> list[dict[str, Any]]:
        with self._ams360.lock:
            return [receipt_entry(receipt) for receipt in self._ams360.posted.receipts]

    def _balances(self) -> dict[str, int]:
        with self._ams360.lock:
            return {str(number): one.balance.cents for number, one in self._ams360.agency.invoices.items()}

    def _advance(self, request: Request) -> object:
        self._clock.advance(timedelta(seconds=float(Decimal(request.fields()["advance_seconds"]))))
        self.on_change()
        return {"now": self._clock.now().isoformat()}

    def _listening(self, request: Request, line: Line) -> None:
        """Stop or resume a server. It answers first, because stopping cuts this connection, too."""
        fields = request.fields()
        server = self.servers.get(str(fields.get("server")))
        if server is None:
            line.send(Reply.of(400, {"error": f"server is one of {', '.join(self.servers)}"}))
            return
        listening = bool(fields.get("listening"))
        line.send(Reply.of(200, {"listening": listening}))
        line.close()
        if listening:
            server.resume()
        else:
            server.pause()


def receipt_entry(receipt: Receipt) -> dict[str, Any]:
    """Return a receipt of AMS360's books, amounts in cents."""
    return asdict(receipt) | {
        "amount": receipt.amount.cents,
        "applied": [[number, part.cents] for number, part in receipt.applied],
    }
