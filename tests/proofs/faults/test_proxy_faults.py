"""Connections are cut at random bytes, requests arrive late or twice. Afterwards the books agree."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from paydesk.domain.errors import KnownError
from paydesk.domain.payment import State
from paydesk.gateways.http import client, wire
from paydesk.gateways.http.call import Call, Limits, Reply
from paydesk.sandbox.anddone.controls import charge_entry
from paydesk.sandbox.sandbox import Sandbox
from paydesk.sandbox.server.faults import FaultKind
from paydesk.services.payments.authorize import Step
from tests.proofs.crash.books import Books, differences
from tests.proofs.crash.cycles import open_sandbox
from tests.proofs.crash.headless import (
    Order,
    Place,
    SkippingClock,
    draft_of,
    open_headless,
    resolve_all,
    take,
)
from tests.proofs.faults.proxy import NO_CONNECTION, PLAYED, Fault, Proxy
from tests.proving import cases, seeds, tasted

CALLS = {
    "charge": "/secure/payments",
    "intent": "/secure/paymentintents",
    "details": "/secure/paymentsdetails",
    "search": "/secure/payments/search",
    "ams360": "/search",
}
"""The calls of a payment, by the end of their path."""
pytestmark = tasted
SEEDS = seeds(1, 6)
PAIRS = [(kind, call) for kind in PLAYED for call in CALLS][:: cases(4, 1)]
IMPATIENT = Limits(0.4, 0.4, 0.4)
"""Timeouts of a broken request. All others have their usual timeouts, for slow computers."""


@dataclass(frozen=True)
class Line:
    """A desk, its emulators, and the proxies between them."""

    base: Path
    sandbox: Sandbox
    anddone: Proxy
    ams360: Proxy

    def proxy(self, call: str) -> Proxy:
        """Return the proxy that this call uses."""
        return self.ams360 if call == "ams360" else self.anddone


@pytest.fixture
def line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Line]:
    """Start all of them, each on its own port."""
    monkeypatch.setattr(client, "_PAUSES_S", (0.0, 0.01))
    with (
        open_sandbox(seed=1) as sandbox,
        Proxy(sandbox.anddone_url) as anddone,
        Proxy(sandbox.ams360_url) as ams360,
    ):
        exchange = wire.exchange

        def impatient(
            session: wire.Session, call: Call, body: bytearray, limits: Limits, largest: int,
            *, keep: bool,
        ) -> Reply:  # fmt: skip
            broken = anddone.breaks(call.url) or ams360.breaks(call.url)
            return exchange(session, call, body, IMPATIENT if broken else limits, largest, keep=keep)

        monkeypatch.setattr(wire, "exchange", impatient)
        yield Line(tmp_path / "desk", sandbox, anddone, ams360)
        assert not sandbox.crashes


@pytest.mark.parametrize(("kind", "call"), PAIRS)
def test_the_books_agree_after(kind: FaultKind, call: str, line: Line) -> None:
    place = Place(line.base, line.anddone.url, line.ams360.url)
    for turn, seed in enumerate(SEEDS):
        _pay_through(line, place, kind, call, turn, seed)
    charges = [charge_entry(charge) for charge in line.sandbox.charges()]
    owed = {
        str(number): invoice.amount.cents for number, invoice in line.sandbox.ams360.agency.invoices.items()
    }
    assert differences(Books(line.base).read(), charges, owed) == []


@pytest.mark.parametrize("kind", PLAYED[:: cases(4, 1)])
def test_the_books_agree_after_a_void_through(kind: FaultKind, line: Line) -> None:
    place = Place(line.base, line.anddone.url, line.ams360.url)
    for turn, seed in enumerate(SEEDS):
        _void_through(line, place, kind, turn, seed)
    charges = [charge_entry(charge) for charge in line.sandbox.charges()]
    owed = {
        str(number): invoice.amount.cents for number, invoice in line.sandbox.ams360.agency.invoices.items()
    }
    assert differences(Books(line.base).read(), charges, owed) == []


def _void_through(line: Line, place: Place, kind: FaultKind, turn: int, seed: int) -> None:
    """Void on a broken connection, resolve, and take the payment once more."""
    chance = random.Random(f"{kind} void {seed}")
    clock = SkippingClock(turn * 1_500.0)
    with contextlib.closing(open_headless(place, clock)) as running:
        desk, any_order = running.desk, Order.any([str(60_001 + 10 * turn + at) for at in range(3)], chance)
        order = Order(any_order.numbers, any_order.kind)
        payment = take(desk, order)
        line.anddone.arm(Fault(kind, "/secure/cancellations", seed, times=chance.choice((1, 1, 3))))
        after = desk.voids.void(payment.id, "Wrong invoice")
        assert after.state in (State.VOIDING, State.VOIDED)
        line.anddone.mend()
        resolve_all(desk, clock)
        line.anddone.quiet()
        assert desk.ledger.payment(payment.id).state is State.VOIDED
        assert take(desk, order.again()).state is State.AUTHORIZED
        resolve_all(desk, clock)


def _pay_through(line: Line, place: Place, kind: FaultKind, call: str, turn: int, seed: int) -> None:
    """Pay on a broken connection, resolve, and try once more on a good connection."""
    chance = random.Random(f"{kind} {call} {seed}")
    clock, proxy = SkippingClock(turn * 1_500.0), line.proxy(call)
    with contextlib.closing(open_headless(place, clock)) as running:
        desk, any_order = running.desk, Order.any([str(60_001 + 10 * turn + at) for at in range(3)], chance)
        order = Order(any_order.numbers, any_order.kind)
        draft = draft_of(desk, order)
        fault = Fault(kind, CALLS[call], seed, times=chance.choice((1, 1, 3)))
        if call == "details":  # asked only if the answer to the charge is lost
            lost = chance.choice((FaultKind.CLOSED_BEFORE, FaultKind.CLOSED_AFTER))
            line.anddone.arm(Fault(lost, CALLS["charge"], seed))
        broken_at = Step.CHARGING if call == "charge" else Step.ASKING

        def break_line(step: Step) -> None:
            if step is broken_at and call != "details":
                proxy.arm(fault)

        state = None
        try:
            state = desk.authorize.pay(draft, order.tender, break_line).state
        except KnownError:
            assert call != "charge", "a charge that was sent must have an outcome"
        if call == "details":
            proxy.arm(fault)
            desk.resolve.all()
        assert proxy.hits or kind in NO_CONNECTION, "the fault met no request"
        proxy.mend()
        resolve_all(desk, clock)
        line.anddone.quiet()
        if call == "charge" and kind in NO_CONNECTION:
            assert state is State.RELEASED
        # Whatever happened, the customer calls again. In the end every invoice is paid once.
        with contextlib.suppress(KnownError):
            take(desk, order.again())
        resolve_all(desk, clock)
    for number in order.numbers:
        live = [
            one for one in line.sandbox.charges() if one.outcome.approved and number in one.invoice_numbers
        ]
        assert len(live) == 1, f"invoice {number}, seed {seed}: {len(live)} charges"
