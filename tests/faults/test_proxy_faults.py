"""Connections cut at random bytes, requests late or twice, emulators killed: afterwards the books agree."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from paydesk.domain.errors import KnownError
from paydesk.domain.payment import State
from paydesk.gateways import http, wire
from paydesk.sandbox.control import charge_entry
from paydesk.sandbox.sandbox import Sandbox
from paydesk.services.authorize import Step
from tests.crash.books import Books, differences
from tests.crash.cycles import open_sandbox
from tests.crash.headless import Order, Place, SkippingClock, draft_of, open_headless, settle, take
from tests.faults.proxy import CARRIED_OUT, NOT_CARRIED_OUT, Fault, Proxy

CALLS = {
    "charge": "/secure/payments",
    "intent": "/secure/paymentintents",
    "details": "/secure/paymentsdetails",
    "search": "/secure/payments/search",
    "ams360": "/search",
}
"""The calls of a payment, by the end of their path."""
SEEDS = range(6)
IMPATIENT = http.Limits(0.4, 0.4, 0.4)
"""How long the desk waits for a broken request. Every other has its usual time, for slow computers."""


@dataclass(frozen=True)
class Line:
    """A desk, its emulators, and the proxies between them."""

    base: Path
    sandbox: Sandbox
    anddone: Proxy
    ams360: Proxy

    def proxy(self, call: str) -> Proxy:
        """The one that this call goes through."""
        return self.ams360 if call == "ams360" else self.anddone


@pytest.fixture
def line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Line]:
    """All of them, on ports of their own."""
    monkeypatch.setattr(http, "_PAUSES_S", (0.0, 0.01))
    with (
        open_sandbox(seed=1) as sandbox,
        Proxy(sandbox.anddone_url) as anddone,
        Proxy(sandbox.ams360_url) as ams360,
    ):
        exchange = wire.exchange

        def impatient(
            session: wire.Session, call: http.Call, body: bytes | None, limits: http.Limits, largest: int,
            *, keep: bool,
        ) -> http.Reply:  # fmt: skip
            broken = anddone.breaks(call.url) or ams360.breaks(call.url)
            return exchange(session, call, body, IMPATIENT if broken else limits, largest, keep=keep)

        monkeypatch.setattr(wire, "exchange", impatient)
        yield Line(tmp_path / "desk", sandbox, anddone, ams360)
        assert not sandbox.crashes


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("mode", [*NOT_CARRIED_OUT, *CARRIED_OUT])
def test_the_books_agree_after(mode: str, call: str, line: Line) -> None:
    place = Place(line.base, line.anddone.url, line.ams360.url)
    for seed in SEEDS:
        _pay_through(line, place, mode, call, seed)
    charges = [charge_entry(charge) for charge in line.sandbox.charges()]
    owed = {
        str(number): invoice.amount.cents for number, invoice in line.sandbox.ams360.agency.invoices.items()
    }
    assert differences(Books(line.base).read(), charges, owed) == []


@pytest.mark.parametrize("mode", [*NOT_CARRIED_OUT, *CARRIED_OUT])
def test_the_books_agree_after_a_void_through(mode: str, line: Line) -> None:
    place = Place(line.base, line.anddone.url, line.ams360.url)
    for seed in SEEDS:
        _void_through(line, place, mode, seed)
    charges = [charge_entry(charge) for charge in line.sandbox.charges()]
    owed = {
        str(number): invoice.amount.cents for number, invoice in line.sandbox.ams360.agency.invoices.items()
    }
    assert differences(Books(line.base).read(), charges, owed) == []


def _void_through(line: Line, place: Place, mode: str, seed: int) -> None:
    """A void while the line is broken, the settling after it, and the payment taken once more."""
    chance = random.Random(f"{mode} void {seed}")
    clock = SkippingClock(seed * 1_500.0)
    with contextlib.closing(open_headless(place, clock)) as running:
        desk, any_order = running.desk, Order.any([str(60_001 + 10 * seed + at) for at in range(3)], chance)
        order = Order(any_order.numbers, any_order.kind)
        payment = take(desk, order)
        _break(line.anddone, mode, Fault(mode, "/secure/cancellations", seed, times=chance.choice((1, 1, 3))))
        after = desk.voids.void(payment.id, "Wrong invoice")
        assert after.state in (State.VOIDING, State.VOIDED)
        line.anddone.arm(Fault("", "", 0, times=0))
        line.anddone.listen()
        settle(desk, clock)
        line.anddone.quiet()
        assert desk.ledger.payment(payment.id).state is State.VOIDED
        assert take(desk, order.again()).state is State.AUTHORIZED
        settle(desk, clock)


def _pay_through(line: Line, place: Place, mode: str, call: str, seed: int) -> None:
    """A payment while the line is broken, the settling after it, and one more try on a whole line."""
    chance = random.Random(f"{mode} {call} {seed}")
    clock, proxy = SkippingClock(seed * 1_500.0), line.proxy(call)
    with contextlib.closing(open_headless(place, clock)) as running:
        desk, any_order = running.desk, Order.any([str(60_001 + 10 * seed + at) for at in range(3)], chance)
        order = Order(any_order.numbers, any_order.kind)
        draft = draft_of(desk, order)
        fault = Fault(mode, CALLS[call], seed, times=chance.choice((1, 1, 3)))
        if call == "details":  # it is only asked when the answer to the charge is lost
            line.anddone.arm(Fault(chance.choice(("fin_before", "fin_after")), CALLS["charge"], seed))
        broken_at = Step.CHARGING if call == "charge" else Step.ASKING

        def break_line(step: Step) -> None:
            if step is broken_at and call != "details":
                _break(proxy, mode, fault)

        state = None
        try:
            state = desk.authorize.pay(draft, order.tender, break_line).state
        except KnownError:
            assert call != "charge", "a charge that was sent must have an outcome"
        if call == "details":
            _break(proxy, mode, fault)
            desk.reconcile.all()
        assert proxy.hits or mode in ("refuse", "stall"), "the fault met no request"
        proxy.arm(Fault("", "", 0, times=0))
        proxy.listen()
        settle(desk, clock)
        line.anddone.quiet()
        if call == "charge" and mode in ("refuse", "stall"):
            assert state is State.RELEASED
        # Whatever happened, the customer calls again; in the end every invoice is paid once.
        with contextlib.suppress(KnownError):
            take(desk, order.again())
        settle(desk, clock)
    for number in order.numbers:
        live = [
            one for one in line.sandbox.charges() if one.outcome.approved and number in one.invoice_numbers
        ]
        assert len(live) == 1, f"invoice {number}, seed {seed}: {len(live)} charges"


def _break(proxy: Proxy, mode: str, fault: Fault) -> None:
    if mode in ("refuse", "stall"):
        proxy.listen(mode)
    else:
        proxy.arm(fault)
