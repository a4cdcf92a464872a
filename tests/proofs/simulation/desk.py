"""One desk: the real services on the real ledger. Between two steps it can crash, sleep or be cut off."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, cast

from paydesk.domain.consent import Agency
from paydesk.domain.errors import KnownError
from paydesk.domain.invoices.freshness import CachedRule
from paydesk.domain.outcome import ChargeStatus, Finding, Outcome, VoidOutcome
from paydesk.domain.posting import PostingChannel, PostingRules
from paydesk.domain.refund import RefundOrder, RefundOutcome
from paydesk.domain.tender import Tender
from paydesk.domain.world import TRAINING
from paydesk.gateways.anddone.processor import AndDone, AndDoneConfig
from paydesk.sandbox.server import keys
from paydesk.services.invoices.lookup import Lookup
from paydesk.services.invoices.offline_charge import CachedCharges
from paydesk.services.payments.authorize import Authorize
from paydesk.services.payments.offers import Offers
from paydesk.services.payments.receipts import Letterhead
from paydesk.services.payments.resolve import Resolve
from paydesk.services.ports.ledger import Ledger
from paydesk.services.ports.outbox import Outbox
from paydesk.services.ports.processor import ChargeRequest
from paydesk.services.posting.post import Post
from paydesk.store.cache.cache import SqlCache
from paydesk.store.ledger.ledger import SqlLedger
from paydesk.store.ledger.outbox import SqlOutbox
from paydesk.store.ledger.transactions import Transactions
from tests.proofs.simulation.agency import AgencySink, AgencyView
from tests.proofs.simulation.database import PLACE
from tests.proofs.simulation.invariants import Invariants
from tests.proofs.simulation.network import Client
from tests.proofs.simulation.schedule import Crash, Task
from tests.proofs.simulation.world import START, World

QUIET_S = 300.0
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LETTERHEAD = Letterhead(Agency("Harbor Street Insurance"), "America/New_York", "Call us.", TRAINING)


class DeskClock:
    """The clocks of a desk: a wall clock that may be wrong, and a monotonic one."""

    def __init__(self, world: World, booted_s: float) -> None:
        self._world, self._booted_s = world, booted_s
        self.shift_s = 0.0

    def now(self) -> datetime:
        """Return the wall clock."""
        return START + timedelta(seconds=self._world.schedule.now_s + self.shift_s)

    def elapsed_s(self) -> float:
        """Return the monotonic clock."""
        return self._world.schedule.now_s - self._booted_s


class LedgerClock(DeskClock):
    """The ledger's clock, shared by all desks."""

    def now(self) -> datetime:
        """Return the ledger's wall clock."""
        return START + timedelta(seconds=self._world.schedule.now_s + self._world.ledger_shift_s)


class LaterClock:
    """The later of the ledger's clock and the desk's, which dates postings."""

    def __init__(self, ledger: DeskClock, desk: DeskClock) -> None:
        self._ledger, self._desk = ledger, desk

    def now(self) -> datetime:
        """Return the later wall clock."""
        return max(self._ledger.now(), self._desk.now())

    def elapsed_s(self) -> float:
        """Return the desk's monotonic clock."""
        return self._desk.elapsed_s()


class Steps:
    """Passes every call on, with a step before and after it."""

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
    """The real gateway. The rules check each charge and void just before it is sent."""

    def __init__(self, desk: Desk, inner: AndDone, rules: Invariants) -> None:
        self._desk, self._inner, self._rules = desk, inner, rules
        self.create_intent, self.expire, self.charges = inner.create_intent, inner.expire, inner.charges
        self.create_offer, self.owns = inner.create_offer, inner.owns
        self.charges_about, self.ach_status = inner.charges_about, inner.ach_status
        self.listed_status, self.money_back = inner.listed_status, inner.money_back
        self.refund_refusal = inner.refund_refusal

    def pay(self, token: str, request: ChargeRequest, tender: Tender) -> Outcome:
        """Send the charge."""
        self._rules.sending(token, request)
        outcome = self._inner.pay(token, request, tender)
        self._rules.understood(request.title, outcome, spoiled=self._client.spoiled)
        if self._desk.world.strikes("our_fault", "pay"):
            raise RuntimeError("a fault of ours after the answer")
        return outcome

    def look_up(self, token: str, request: ChargeRequest) -> Finding:
        """Look up the intent."""
        finding = self._inner.look_up(token, request)
        self._rules.understood(request.title, finding, spoiled=self._client.spoiled)
        return finding

    def void(self, processor_ref: str, why: str) -> VoidOutcome:
        """Request a void."""
        self._rules.voiding(processor_ref)
        outcome = self._inner.void(processor_ref, why)
        self._rules.void_understood(processor_ref, outcome, spoiled=self._client.spoiled)
        if self._desk.world.strikes("our_fault", "void"):
            raise RuntimeError("a fault of ours after the answer")
        return outcome

    def refund(self, order: RefundOrder) -> RefundOutcome:
        """Send a refund."""
        self._rules.refunding(order)
        outcome = self._inner.refund(order)
        self._rules.refund_understood(order, outcome, spoiled=self._client.spoiled)
        if self._desk.world.strikes("our_fault", "refund"):
            raise RuntimeError("a fault of ours after the answer")
        return outcome

    def charge_status(self, processor_ref: str, request: ChargeRequest) -> ChargeStatus:
        """Ask for the charge's status."""
        charge_status = self._inner.charge_status(processor_ref, request)
        self._rules.void_understood(processor_ref, charge_status, spoiled=self._client.spoiled)
        return charge_status

    @property
    def _client(self) -> Client:
        client = vars(self._inner)["_client"]
        assert isinstance(client, Client)
        return client


class Desk:
    """One computer at the counter. ``open`` starts the program on it."""

    def __init__(self, world: World, name: str, rules: Invariants) -> None:
        self.world, self.name, self._rules = world, name, rules
        self.clock = DeskClock(world, 0.0)
        self.wrong_by_s = 0.0
        """Seconds by which its wall clock is wrong at each start."""
        self.alive = False
        self.asleep_until_s = 0.0
        self.cuts: list[tuple[float, float]] = []
        self._tasks: list[Task] = []
        self._starts = 0
        self.references: dict[Task | None, str] = {}
        """The newest reference that each of its threads made."""

    def open(self) -> None:
        """Start the program with new services, which remember nothing. The ledger may be unreachable."""
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
                "http://127.0.0.1:1",
                keys.ANDDONE_API_KEY,
                keys.ANDDONE_APP_KEY,
                keys.ANDDONE_ORIGIN,
                search_page_size=6 if world.profile.habits else 100,
            )
        )
        vars(anddone)["_client"] = Client(self)
        processor = WatchedProcessor(self, anddone, self._rules)
        receipt_for = _LETTERHEAD.receipt_for
        cache = SqlCache(world.database.engine, PLACE)
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
        self.offers = Offers(self.ledger, source, processor, self.clock, self._rules, self._reference)
        who = (self.name, "Dana")
        later = LaterClock(ledger_clock, self.clock)
        outbox = SqlOutbox(Transactions(world.database.engine, later, who=who, place=PLACE))
        rules = PostingRules(channel=PostingChannel.EMS)
        self.post = Post(
            cast(Outbox, Steps(self, outbox)), AgencySink(self), source, self.clock, rules, "America/New_York"
        )
        self.resolve = Resolve(
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
        """Run work on its own thread. A crashed desk runs nothing."""

        def guarded() -> None:
            if self.alive:
                known(work)

        self._tasks.append(self.world.schedule.start(f"{self.name} {name}", guarded, at_s))

    def step(self, where: str) -> None:
        """Mark a place between two steps: others may run, and this desk may crash or fall asleep."""
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
        """Wait. A sleeping computer wakes up later."""
        self._check_alive()
        self.world.schedule.sleep(seconds)
        while self.asleep():
            self.world.schedule.sleep(self.asleep_until_s - self.world.schedule.now_s)
        self._check_alive()

    def asleep(self) -> bool:
        """Return True while the lid is closed."""
        return self.asleep_until_s > self.world.schedule.now_s

    def suspend(self, seconds: float) -> None:
        """Close the lid."""
        self.asleep_until_s = max(self.asleep_until_s, self.world.schedule.now_s + seconds)

    def cut_off(self) -> bool:
        """Return True while its network or AndDone is unreachable."""
        world = self.world
        cut = any(start <= world.schedule.now_s < end for start, end in self.cuts)
        return world.faults_on and (cut or world.outage(self))

    def crash(self) -> None:
        """End the process. Its other threads unwind when they run next."""
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
    """Return a COMMIT that may fail, succeed and report an error, or be followed by a crash."""
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
    """Run work and ignore KnownError, because nobody waits for it."""
    try:
        work()
    except KnownError:
        return
