"""The process that gets killed: ``python -m tests.proofs.crash.victim`` forks a desk for each job it reads.

It reads one JSON job a line on stdin, and writes "ready" and then one JSON answer a line on stdout. The desk
writes what its screen would show into a file, line by line, so that it survives the kill. Without fork, each
job is its own process (``--once``).
"""

from __future__ import annotations

import contextlib
import gc
import json
import logging
import os
import signal
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from paydesk.domain.errors import KnownError
from paydesk.domain.outcome import Expiry, NoCharge
from paydesk.domain.payment import VOIDABLE, OfferKind, Payment
from paydesk.domain.refund import REFUNDABLE, RefundKind, RefundReason, ask_for
from paydesk.domain.tender import TenderKind
from paydesk.gateways.anddone.processor import AndDone
from paydesk.sandbox.sandbox import Sandbox
from paydesk.sandbox.server.faults import FaultKind
from paydesk.services.desk.desk import Desk
from paydesk.services.payments.authorize import NotRecorded
from paydesk.wiring.desk import RunningDesk
from tests.proofs.crash import points
from tests.proofs.crash.headless import (
    Order,
    Place,
    ServerSkippingClock,
    SkippingClock,
    draft_of,
    open_headless,
    post,
    resolve_all,
    take,
)


@dataclass(frozen=True, slots=True)
class Job:
    """One run of a desk: its steps, and where or when it dies (never with ``point`` "" and 0 s)."""

    base: str
    anddone_url: str
    ams360_url: str
    ahead_s: float
    steps: tuple[str, ...]
    numbers: tuple[str, ...]
    kind: str = TenderKind.CREDIT_CARD.value
    refused: bool = False
    seen_before: bool = False
    point: str = ""
    nth: int = 1
    seed: int = 0
    kill_after_s: float = 0.0
    rollback_journal: bool = False
    ledger_url: str = ""
    desk: str = "Front-1"
    blind: bool = False
    """True plants a bug: no charge is ever found, and every intent counts as expired."""

    sleep_s: float = 0.0
    """Seconds to stop at the point, as with a closed lid, instead of being killed."""
    meanwhile: tuple[str, ...] = ()
    """Steps of another desk on the same ledger during that time."""

    paused: bool = False
    """True to write the process number into ``pid`` before the first step, and wait for a file ``go``."""

    def to_line(self) -> str:
        """Return the job as one line of JSON."""
        return json.dumps(asdict(self)) + "\n"

    @classmethod
    def from_line(cls, line: str) -> Job:
        """Return the job in a line of JSON."""
        fields = json.loads(line)
        lists = {name: tuple(fields[name]) for name in ("steps", "numbers", "meanwhile")}
        return cls(**(fields | lists))


class Screen:
    """The messages to the person at the desk."""

    def __init__(self, file: Path, trap: points.Trap) -> None:
        self._file = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self._trap = trap

    def show(self, said: str, *, point: str = "shown", **more: Any) -> None:
        """Write one line. The operating system has it when this returns."""
        self._trap.reach(f"{point}.before")
        line = (json.dumps({"said": said, **more}) + "\n").encode()
        if sys.platform == "win32":
            os.write(self._file, line)
        else:  # not `write`, where other files of the desk are made to fail
            os.writev(self._file, [line])
        self._trap.reach(f"{point}.after")

    def result(self, payment: Payment) -> None:
        """Show the outcome of a payment."""
        self.show(payment.state.value, reference=payment.reference)


def live(job: Job) -> int:
    """Run the desk once. Returns only if nothing kills it."""
    trap, clock = points.Trap(job.point, job.nth, job.seed), SkippingClock(job.ahead_s)
    if job.ledger_url:
        clock = ServerSkippingClock(job.ahead_s, job.ledger_url)
    if job.sleep_s:
        trap.strike = lambda: _fall_asleep(clock, job.sleep_s)
    points.install(trap, recovering="resolve" in job.steps)
    if job.rollback_journal:
        use_rollback_journal()
    if job.blind:
        points.replace(AndDone, "look_up", lambda *_: NoCharge())
        for method in ("charges", "charges_about"):
            points.replace(AndDone, method, lambda *_: ())
        points.replace(AndDone, "expire", lambda *_: Expiry.EXPIRED)
    screen = Screen(Path(job.base, "said.jsonl"), trap)
    place = Place(Path(job.base), job.anddone_url, job.ams360_url, ledger_url=job.ledger_url)
    order = Order(job.numbers, TenderKind(job.kind), job.refused, job.seen_before)
    try:
        running = open_headless(place, clock, job.desk)
        points.opened()
        if job.paused:
            _wait(Path(job.base))
        for step in job.steps:
            _do(step, running, order, clock, screen)
        running.close()
    except KnownError as error:
        screen.show("trouble", why=str(error))
    except Exception:
        screen.show("crashed", why=traceback.format_exc())
        return 1
    return 0 if trap.sprung or not job.point else 2


def use_rollback_journal() -> None:
    """Open the ledger as with a SQLite that has the WAL-reset bug."""
    from paydesk.store.database import sqlite

    points.replace(sqlite, "wal_is_safe", lambda _: False)


def _fall_asleep(clock: SkippingClock, seconds: float) -> None:
    """Stop until this process gets SIGCONT. By its clock, that many seconds have passed then."""
    os.kill(os.getpid(), signal.SIGSTOP)
    clock.skip(seconds)


def _live_meanwhile(job: Job) -> int:
    """Run the other desk, with a short timeout for a ledger that the sleeping one has locked."""
    from paydesk.store.database import sqlite

    points.replace(sqlite, "_BUSY_TIMEOUT_MS", 50)
    return live(replace(job, steps=job.meanwhile, point="", sleep_s=0.0, ahead_s=job.ahead_s + 20.0))


def _wait(base: Path) -> None:
    """Wait until the test has attached to this process."""
    (base / "pid.new").write_text(str(os.getpid()))
    (base / "pid.new").replace(base / "pid")
    while not (base / "go").exists():
        time.sleep(0.002)


def _do(step: str, running: RunningDesk, order: Order, clock: SkippingClock, screen: Screen) -> None:
    desk = running.desk
    if step == "post":
        with contextlib.suppress(KnownError):  # the ledger may be unreachable: the next round continues
            post(desk, clock)
        return
    if step == "void":
        void_newest(desk, screen)
        return
    if step == "offer":
        offer(desk, order, screen)
        return
    if step == "refund":
        refund_newest(desk, screen)
        return
    if step == "resolve":
        try:
            for payment in resolve_all(desk, clock):
                screen.result(payment)
        except KnownError as error:
            screen.show("trouble", why=str(error))
        return
    try:
        screen.result(take(desk, order if step == "pay" else order.again()))
    except NotRecorded as error:
        screen.show("not_recorded", why=str(error))
    except KnownError as error:
        screen.show("refused", why=str(error))


def void_newest(desk: Desk, screen: Screen) -> None:
    """Void the newest payment, if there is one that can be voided."""
    try:
        for payment in desk.ledger.payments(limit=1, states=VOIDABLE):
            screen.result(desk.voids.void(payment.id, "Wrong invoice"))
    except KnownError as error:
        screen.show("trouble", why=str(error))


def offer(desk: Desk, order: Order, screen: Screen) -> None:
    """Offer the invoices by a payment link, and show its address."""
    try:
        offered = desk.offers.offer(draft_of(desk, order), OfferKind.LINK, OFFER_LIFE_S)
        address = offered.offer_address
        screen.show("offered", point="address", reference=offered.reference, address=address)
    except KnownError as error:
        screen.show("refused", why=str(error))


OFFER_LIFE_S = 120
"""Life of a payment link in seconds."""


def refund_newest(desk: Desk, screen: Screen) -> None:
    """Refund all of the newest payment, if there is one that can be refunded."""
    try:
        for payment in desk.ledger.payments(limit=1, states=REFUNDABLE):
            before = desk.ledger.refunds_of([payment.id]).get(payment.id, ())
            ask = ask_for(payment, before, RefundKind.TOTAL, RefundReason.ASKED)
            made = desk.refunds.refund(payment.id, replace(ask, still_returnable=True))
            screen.show(f"refund {made.state}", refund=made.reference)
    except KnownError as error:
        screen.show("trouble", why=str(error))


def warm_up() -> None:
    """Take payments and resolve them, so that no child loads a module or builds a statement."""
    logging.disable()
    share_statements()
    with tempfile.TemporaryDirectory() as base, Sandbox(seed=0) as sandbox:
        place, clock = Place(Path(base), sandbox.anddone_url, sandbox.ams360_url), SkippingClock(0.0)
        for fault in (None, FaultKind.RESET_BEFORE, FaultKind.RESET_AFTER):
            running = open_headless(place, clock)
            if fault:
                sandbox.faults.next(fault)
            order = Order(("50300",), seen_before=True) if fault else Order(("50301",))
            payment = take(running.desk, order)
            resolve_all(running.desk, clock)
            if fault is None:
                running.desk.voids.void(payment.id, "Wrong invoice")
            running.close()
    while threading.active_count() > 1:  # a fork copies one thread, but the locks of all
        time.sleep(0.01)
    gc.disable()  # a child runs for a tenth of a second


def share_statements() -> None:
    """Let every engine on a file reuse the SQL that the first one has built."""
    make, engines = sa.create_engine, list[sa.Engine]()

    def create_engine(*args: Any, **kwargs: Any) -> sa.Engine:
        engine = make(*args, **kwargs)
        if engine.name != "sqlite":
            return engine
        engines.append(engine)
        first = engines[0]
        engine.dialect = engine.pool._dialect = first.dialect
        engine._compiled_cache = first._compiled_cache
        return engine

    points.replace(sa, "create_engine", create_engine)


def main() -> None:
    """Fork a desk for each line, or be that desk."""
    if sys.platform == "win32" or "--once" in sys.argv:
        os._exit(live(Job.from_line(sys.stdin.readline())))
    warm_up()
    print("ready", flush=True)
    for line in sys.stdin:
        job = Job.from_line(line)
        child = _fork(live, job)
        if job.kill_after_s:
            time.sleep(job.kill_after_s)
            os.kill(child, points.KILL)
        _, status = os.waitpid(child, os.WUNTRACED)
        code = 0
        if os.WIFSTOPPED(status):
            _, other = os.waitpid(_fork(_live_meanwhile, job), 0)
            code = os.waitstatus_to_exitcode(other)
            os.kill(child, signal.SIGCONT)
            _, status = os.waitpid(child, 0)
        code = code or os.waitstatus_to_exitcode(status)
        print(json.dumps({"code": code}), flush=True)


def _fork(life: Callable[[Job], int], job: Job) -> int:
    child = os.fork()
    if child == 0:
        os._exit(life(job))
    return child


if __name__ == "__main__":
    main()
