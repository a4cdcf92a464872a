"""One desk: the real services on the real ledger; between any two steps it can die, sleep or be cut off."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, cast

from paydesk.domain.cached import CachedRule
from paydesk.domain.errors import KnownError
from paydesk.domain.outcome import Finding, Outcome, Standing, VoidOutcome
from paydesk.domain.posting import PostingChannel, PostingRules
from paydesk.domain.receipt import Agency
from paydesk.domain.tender import Tender
from paydesk.gateways.anddone import AndDone, AndDoneConfig
from paydesk.sandbox import keys
from paydesk.services.authorize import Authorize
from paydesk.services.cached import CachedCharges
from paydesk.services.lookup import Lookup
from paydesk.services.ports import ChargeRequest, Ledger, Outbox, ReversingProcessor
from paydesk.services.post import Post
from paydesk.services.receipts import Letterhead
from paydesk.services.reconcile import Reconcile
from paydesk.store.cache import InvoiceCache
from paydesk.store.ledger import SqlLedger
from paydesk.store.postings import SqlOutbox
from tests.simulation.agency import AgencySink, AgencyView
from tests.simulation.database import PLACE
from tests.simulation.invariants import Invariants
from tests.simulation.network import Client
from tests.simulation.schedule import Crash, Task
from tests.simulation.world import START, World

QUIET_S = 300.0
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LETTERHEAD = Letterhead(Agency("Harbor Street Insurance"), "America/New_York", "Call us.", training=True)


class DeskClock:
    """A desk's clocks: a wall clock that may be wrong, and one that only moves forward."""

    def __init__(self, world: World, booted_s: float) -> None:
        self._world, self._booted_s = world, booted_s
        self.shift_s = 0.0

    def now(self) -> datetime:
        """The wall clock."""
        return START + timedelta(seconds=self._world.schedule.now_s + self.shift_s)

    def elapsed_s(self) -> float:
        """The clock that only moves forward."""
        return self._world.schedule.now_s - self._booted_s


class LedgerClock(DeskClock):
    """The ledger's clock: one for all desks."""

    def now(self) -> datetime:
        """The ledger's wall clock."""
        return START + timedelta(seconds=self._world.schedule.now_s + self._world.ledger_shift_s)


class LaterClock:
    """The later of the ledger's clock and the desk's: what a posting is dated by."""

    def __init__(self, ledger: DeskClock, desk: DeskClock) -> None:
        self._ledger, self._desk = ledger, desk

    def now(self) -> datetime:
        """The later wall clock."""
        return max(self._ledger.now(), self._desk.now())

    def elapsed_s(self) -> float:
        """The clock that only moves forward."""
        return self._desk.elapsed_s()


class Steps:
    """Hands every call on, with a step before and after it."""

    def __init__(self, desk: Desk, inner: object) -> None:
        self._desk, self._inner = desk, inner

    def __getattr__(self, name: str) -> Any:
        method, desk = getattr(self._inner, name), self._desk

        def call(*args: Any, **kwargs: Any) -> Any:
            desk.step(f"{name}.before")
            desk.world.desk_doing = (desk, name)
            try:
                result = method(*args, **kwargs)
            finally:
                desk.world.desk_doing = (None, "")
            desk.step(f"{name}.after")
            return result

        setattr(self, name, call)
        return call


class WatchedProcessor:
    """The real gateway; what may be sent is checked the moment before it is."""

    def __init__(self, desk: Desk, inner: AndDone, rules: Invariants) -> None:
        self._desk, self._inner, self._rules = desk, inner, rules
        self.create_intent, self.expire, self.charges = inner.create_intent, inner.expire, inner.charges

    def pay(self, token: str, request: ChargeRequest, tender: Tender) -> Outcome:
        """Send the charge."""
        self._rules.sending(token, request)
        outcome = self._inner.pay(token, request, tender)
        self._rules.understood(request.title, outcome, spoiled=self._client.spoiled)
        if self._desk.world.strikes("our_fault", "pay"):
            raise RuntimeError("a fault of ours after the answer")
        return outcome

    def look_up(self, token: str, request: ChargeRequest) -> Finding:
        """Ask what became of it."""
        finding = self._inner.look_up(token, request)
        self._rules.understood(request.title, finding, spoiled=self._client.spoiled)
        return finding

    def void(self, processor_ref: str, why: str) -> VoidOutcome:
        """Ask for a void."""
        self._rules.voiding(processor_ref)
        outcome = self._inner.void(processor_ref, why)
        self._rules.void_understood(processor_ref, outcome, spoiled=self._client.spoiled)
        if self._desk.world.strikes("our_fault", "void"):
            raise RuntimeError("a fault of ours after the answer")
        return outcome

    def standing(self, processor_ref: str, request: ChargeRequest) -> Standing:
        """Ask where the charge stands."""
        standing = self._inner.standing(processor_ref, request)
        self._rules.void_understood(processor_ref, standing, spoiled=self._client.spoiled)
        return standing

    @property
    def _client(self) -> Client:
        client = vars(self._inner)["_client"]
        assert isinstance(client, Client)
        return client


class Desk:
    """One computer at the counter; ``open`` starts the program on it."""

    def __init__(self, world: World, name: str, rules: Invariants) -> None:
        self.world, self.name, self._rules = world, name, rules
        self.clock = DeskClock(world, 0.0)
        self.wrong_by_s = 0.0
        """How far its wall clock is from the right time whenever it starts."""
        self.alive = False
        self.asleep_until_s = 0.0
        self.cuts: list[tuple[float, float]] = []
        self._tasks: list[Task] = []
        self._starts = 0
        self.references: dict[Task | None, str] = {}
        """The newest one each of its threads made."""

    def open(self) -> None:
        """Start the program: new services, which remember nothing. The ledger may be away."""
        self._starts += 1
        self.alive = True
        world = self.world
        self.clock = DeskClock(world, world.schedule.now_s - 1000.0 * self._starts)
        self.clock.shift_s = self.wrong_by_s
        ledger_clock = LedgerClock(world, 0.0)
        world.desk_doing = (self, "start")
        try:
            sql = SqlLedger(
                world.database.engine, ledger_clock, desk=self.name, user="Dana", host=self.name, path=PLACE
            )
        finally:
            world.desk_doing = (None, "")
        self.ledger = cast(Ledger, Steps(self, sql))
        source = AgencyView(self)
        anddone = AndDone(
            AndDoneConfig(
                "http://127.0.0.1:1", keys.ANDDONE_API_KEY, keys.ANDDONE_APP_KEY, keys.ANDDONE_ORIGIN
            )
        )
        vars(anddone)["_client"] = Client(self)
        processor: ReversingProcessor = WatchedProcessor(self, anddone, self._rules)
        receipt_for = _LETTERHEAD.receipt_for
        cache = InvoiceCache(world.database.engine, PLACE)
        cached = CachedCharges(CachedRule(allowed=True), cache, self.clock)
        self.lookup = Lookup(source, cache, self.ledger, self.clock)
        final = world.profile.declined_closes
        self.authorize = Authorize(
            self.ledger,
            source,
            processor,
            self.clock,
            receipt_for,
            self._reference,
            cached,
            declined_is_final=final,
        )
        who = (self.name, "Dana")
        outbox = SqlOutbox(world.database.engine, LaterClock(ledger_clock, self.clock), who=who, path=PLACE)
        rules = PostingRules(channel=PostingChannel.EMS)
        self.post = Post(
            cast(Outbox, Steps(self, outbox)), AgencySink(self), source, self.clock, rules, "America/New_York"
        )
        self.reconcile = Reconcile(
            self.ledger,
            processor,
            self.clock,
            receipt_for,
            quiet_s=QUIET_S,
            declined_is_final=final,
            jitter=lambda: world.chance.unit("jitter"),
        )
        self.beat: Callable[[], None] = Steps(self, sql).beat

    def start(self, name: str, work: Callable[[], None], at_s: float) -> None:
        """Do something on a thread of its own; dead desks do nothing."""

        def guarded() -> None:
            if self.alive:
                known(work)

        self._tasks.append(self.world.schedule.start(f"{self.name} {name}", guarded, at_s))

    def step(self, where: str) -> None:
        """Between two steps: others may run, and this desk may die or fall asleep."""
        self._check_alive()
        if self.world.strikes("crash", where):
            self.crash()
            raise Crash
        if self.world.strikes("suspend", where):
            self.suspend(self.world.chance.pick((7.0, 100.0, 900.0, 7200.0), "suspended for"))
        if self.world.strikes("stall", where):
            self.sleep(self.world.chance.pick((0.1, 3.0, 30.0), "stalled for"))
        if self.world.chance.yes(0.5, "yields") or self.asleep():
            self.sleep(self.world.chance.between(0, 0.003, "step"))

    def sleep(self, seconds: float) -> None:
        """Wait; a sleeping computer wakes up later."""
        self._check_alive()
        self.world.schedule.sleep(seconds)
        while self.asleep():
            self.world.schedule.sleep(self.asleep_until_s - self.world.schedule.now_s)
        self._check_alive()

    def asleep(self) -> bool:
        """Whether its lid is closed."""
        return self.asleep_until_s > self.world.schedule.now_s

    def suspend(self, seconds: float) -> None:
        """Close the lid."""
        self.asleep_until_s = max(self.asleep_until_s, self.world.schedule.now_s + seconds)

    def cut_off(self) -> bool:
        """Whether its network is gone, or AndDone is."""
        world = self.world
        cut = any(start <= world.schedule.now_s < end for start, end in self.cuts)
        return world.faults_on and (cut or world.outage(self))

    def crash(self) -> None:
        """The process is gone; its other threads unwind when they come to run."""
        self.alive = False
        self.world.log(f"{self.name} crashed")
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            if not task.done and task is not self.world.schedule.current:
                task.doomed = Crash
                self.world.schedule.wake(task)

    def _check_alive(self) -> None:
        task = self.world.schedule.current
        if not self.alive or (task is not None and task.doomed):
            raise Crash

    def _reference(self) -> str:
        reference = "PD" + self.world.chance.text(_ALPHABET, 18, "reference")
        self.references[self.world.schedule.current] = reference
        return reference


def commit_hook(world: World, rules: Invariants) -> Callable[[], None]:
    """COMMIT as it may go: it may fail, happen and say that it failed, or be the last thing a desk does."""
    raw = world.database.raw

    def commit() -> None:
        desk, doing = world.desk_doing
        if desk is None:
            raw.really_commit()
            return
        if world.strikes("crash", f"commit {doing}.before"):
            desk.crash()
            raise Crash
        if world.strikes("commit_fails", doing):
            raise sqlite3.OperationalError("disk I/O error")
        raw.really_commit()
        rules.committed(f"{desk.name} {doing}")
        if world.strikes("commit_unsure", doing):
            raise sqlite3.OperationalError("disk I/O error")
        if world.strikes("crash", f"commit {doing}.after"):
            desk.crash()
            raise Crash

    return commit


def known(work: Callable[[], object]) -> None:
    """Do it; the world's faults are told to nobody."""
    try:
        work()
    except KnownError:
        return
