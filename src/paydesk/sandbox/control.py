"""The control endpoint ``/_sandbox/``: faults, clock and books for another process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import timedelta
from decimal import Decimal
from typing import Any

from paydesk.domain.money import Money
from paydesk.sandbox.ams360 import Ams360
from paydesk.sandbox.ams360_receipts import Receipt
from paydesk.sandbox.anddone import AndDone
from paydesk.sandbox.books import Charge
from paydesk.sandbox.clock import SandboxClock
from paydesk.sandbox.faults import Fault, Faults
from paydesk.sandbox.http import Line, LoopbackServer, MalformedRequest, Reply, Request
from paydesk.sandbox.wsapi import Wsapi


class Control:
    """Answers on all ports alike, without keys: it listens on the loopback only."""

    def __init__(
        self, anddone: AndDone, ams360: Ams360, wsapi: Wsapi, faults: Faults, clock: SandboxClock
    ) -> None:
        self.servers: dict[str, LoopbackServer] = {}
        self._anddone = anddone
        self._ams360 = ams360
        self._faults = faults
        self._clock = clock
        self._verbs: dict[tuple[str, str], Callable[[Request], object]] = {
            ("GET", "faults"): lambda _: [fault.to_wire() for fault in self._faults.listed()],
            ("POST", "faults"): self._add_fault,
            ("DELETE", "faults"): self._clear_faults,
            ("GET", "charges"): lambda _: self._charges(),
            ("GET", "intents"): lambda _: self._intents(),
            ("GET", "receipts"): lambda _: self._receipts(),
            ("GET", "notes"): lambda _: [{"operation": name, **fields} for name, fields in wsapi.written],
            ("GET", "balances"): lambda _: self._balances(),
            ("POST", "payments"): self._pay_outside,
            ("POST", "clock"): self._advance,
        }

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
        except (MalformedRequest, ValueError, KeyError) as error:
            line.send(Reply.of(400, {"error": str(error)}))

    def _add_fault(self, request: Request) -> object:
        fault = Fault.from_wire(request.fields())
        self._faults.add(fault)
        return fault.to_wire()

    def _clear_faults(self, _: Request) -> object:
        self._faults.clear()
        return []

    def _charges(self) -> list[dict[str, Any]]:
        with self._anddone.lock:
            return [charge_entry(charge) for charge in self._anddone.processor.charges()]

    def _intents(self) -> list[dict[str, Any]]:
        with self._anddone.lock:
            processor = self._anddone.processor
            intents = [processor.intent(token) for token in processor.books.intents]
            return [
                {
                    "token": one.token,
                    "title": one.title,
                    "amount_cents": one.amount.cents,
                    "status": one.status,
                }
                for one in intents
            ]

    def _receipts(self) -> list[dict[str, Any]]:
        with self._ams360.lock:
            return [receipt_entry(receipt) for receipt in self._ams360.posted.receipts]

    def _balances(self) -> dict[str, int]:
        with self._ams360.lock:
            return {str(number): one.balance.cents for number, one in self._ams360.agency.invoices.items()}

    def _pay_outside(self, request: Request) -> object:
        fields = request.fields()
        with self._anddone.lock:
            charge = self._anddone.processor.pay_outside(
                str(fields["invoice_number"]),
                Money(int(fields["amount_cents"])),
                str(fields.get("payment_type", "PaymentLink")),
            )
            return charge_entry(charge)

    def _advance(self, request: Request) -> object:
        self._clock.advance(timedelta(seconds=float(Decimal(request.fields()["advance_seconds"]))))
        return {"now": self._clock.now().isoformat()}

    def _listening(self, request: Request, line: Line) -> None:
        """Stop or resume a server; answered first, since stopping cuts this connection, too."""
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


def charge_entry(charge: Charge) -> dict[str, Any]:
    """A charge of the processor's books, amounts in cents."""
    return {
        "transaction_id": charge.transaction_id,
        "title": charge.reference,
        "token": charge.token,
        "payment_type": charge.payment_type,
        "tender": charge.tender,
        "amount_cents": charge.amount.cents,
        "fee_cents": charge.fee.cents,
        "total_cents": charge.total.cents,
        "taken_cents": charge.taken.cents,
        "approved": charge.outcome.approved,
        "status": charge.status,
        "invoice_numbers": list(charge.invoice_numbers),
        "made_at": charge.made_at.isoformat(),
    }


def receipt_entry(receipt: Receipt) -> dict[str, Any]:
    """A receipt of AMS360's books, amounts in cents."""
    return asdict(receipt) | {
        "amount": receipt.amount.cents,
        "applied": [[number, part.cents] for number, part in receipt.applied],
    }
