"""Kill a desk, restart it, let it resolve, and compare the books, repeatedly on one ledger."""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from unittest import mock

from paydesk.domain.money import Money
from paydesk.sandbox.ams360.agency import Agency, Customer, Invoice, Line
from paydesk.sandbox.ams360.people import Person
from paydesk.sandbox.anddone import processor
from paydesk.sandbox.anddone.books import Refusal
from paydesk.sandbox.anddone.controls import charge_entry
from paydesk.sandbox.sandbox import Sandbox
from tests.proofs.crash import points
from tests.proofs.crash.books import (
    Books,
    Ledger,
    card_numbers_in,
    card_numbers_in_rows,
    differences,
    is_live,
    refund_differences,
)
from tests.proofs.crash.headless import POST_ROUND_S, POST_ROUNDS, Order, Place, SkippingClock, open_headless
from tests.proofs.crash.victim import Job

ROOT = Path(__file__).resolve().parents[3]
LIFE_S = 1_500.0
"""Seconds by the desk's clock for one run and the pause after it, longer than all rounds of questions."""
MOST_CYCLES = 40
"""Maximum cycles on one ledger. The desks' clocks advance each time, and must stay within AndDone's days of
search."""
INVOICES = 3
"""Invoices of each customer. A cycle uses one customer."""
TOKEN_LIFE_S = 90 * 86_400
"""Life of AMS360 tokens in seconds. The desks' clocks run days ahead, and repeated logins are not tested
here."""
SERVER_TEMPLATE = "crash_template"
"""The database that ledgers on a server are copies of."""
RANDOM = "random"
"""In place of a point: kill at a random instant."""
SLEEP_S = 2 * 3600.0
START_S = 1.0
"""Seconds that a process needs to start without fork."""
WHOLE_LIFE_S = 0.07
"""Seconds that a payment takes in a child, roughly. Random instants are spread over its last duration."""


class Victims:
    """Runs jobs in child processes: forked by a preloaded server, or started one by one."""

    def __init__(self) -> None:
        self._server = self._open() if hasattr(os, "fork") else None
        if self._server is not None:
            assert self._server.stdout is not None
            assert self._server.stdout.readline() == "ready\n"

    def run(self, job: Job) -> int:
        """Return the child's exit code, or minus the signal's number if it was killed."""
        if self._server is None:
            return self._run_alone(job)
        self.start(job)
        return self.wait()

    def start(self, job: Job) -> None:
        """Start a child. ``wait`` returns how it ended. Needs fork."""
        assert self._server is not None
        assert self._server.stdin is not None
        self._server.stdin.write(job.to_line())
        self._server.stdin.flush()

    def wait(self) -> int:
        """Return the exit code of the child that was started."""
        assert self._server is not None
        assert self._server.stdout is not None
        return int(json.loads(self._server.stdout.readline())["code"])

    def close(self) -> None:
        """End the server."""
        if self._server is not None:
            self._server.communicate()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _open(self, *words: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-W", "error", "-m", "tests.proofs.crash.victim", *words]
        return subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment()
        )

    def _run_alone(self, job: Job) -> int:
        child = self._open("--once")
        try:
            child.communicate(job.to_line(), timeout=START_S + job.kill_after_s if job.kill_after_s else 60)
        except subprocess.TimeoutExpired:
            child.kill()
            child.communicate()
        return child.returncode


def environment() -> dict[str, str]:
    """Return this process's environment without a keychain, so that the ledger's key is beside the ledger."""
    return os.environ | {"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}


def made_up_agency() -> Agency:
    """Return an agency with a customer for each cycle.

    Each has three open invoices: 60001 to 60003, 60011 to 60013, …
    """
    agency = Agency()
    for turn in range(MOST_CYCLES):
        agency.customers[2_000 + turn] = Customer(2_000 + turn, Person("02108", firm=f"Firm {turn}"))
        for place in range(1, INVOICES + 1):
            number, cents = 60_000 + 10 * turn + place, 10_000 * place + 117 * turn + place
            agency.add(
                Invoice(number, 2_000 + turn, (Line("Premium", Money(cents)),), date(2026, 1, 5), None)
            )
    return agency


@contextmanager
def open_sandbox(seed: int) -> Iterator[Sandbox]:
    """Open the emulators of that agency. No batch ever runs, so every charge can be voided at any hour."""

    def far_off(moment: datetime) -> datetime:
        return moment + timedelta(days=7)

    with (
        mock.patch.object(processor, "next_batch", far_off),
        Sandbox(seed=seed, agency=made_up_agency(), token_life_s=TOKEN_LIFE_S) as sandbox,
    ):
        yield sandbox


@dataclass(frozen=True, slots=True)
class Figures:
    """Totals of some cycles."""

    kills: int = 0
    lives: int = 0
    payments: int = 0
    charges: int = 0
    unsprung: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()

    def __add__(self, other: Figures) -> Figures:
        return Figures(
            self.kills + other.kills,
            self.lives + other.lives,
            self.payments + other.payments,
            self.charges + other.charges,
            self.unsprung + other.unsprung,
            self.wrong + other.wrong,
        )


@dataclass
class Stage:
    """One ledger and its emulators, for any number of cycles."""

    base: Path
    sandbox: Sandbox
    victims: Victims
    books: Books
    rollback_journal: bool = False
    blind: bool = False
    ledger_url: str = ""
    ahead_s: float = 0.0
    whole_life_s: float = WHOLE_LIFE_S
    turn: int = 0
    kills: int = 0
    lives: int = 0
    unsprung: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def cycle(self, point: str, seed: int) -> None:
        """Kill once (twice for a point of the recovery), restart, and compare."""
        chance = random.Random(f"{point} {seed}")
        order = Order.any(self.next_numbers(), chance)
        job = self.job(order, seed)
        if point in points.RECOVERING:
            first = points.FIRST_KILL.get(point.partition(".")[0], points.UNSENT)
            order = order.again()
            self._live(replace(job, refused=False), ("pay",), first, chance)
            self._live(replace(job, refused=False), ("resolve",), point, chance)
        elif point in points.POSTING:
            order = order.again()
            job = self.job(order, seed)
            self._live(job, ("pay", "post"), point, chance)
        elif point in points.VOIDING:
            order = replace(order, refused=False)
            job = self.job(order, seed)
            self._live(job, ("pay", "void"), point, chance)
        elif point in points.OFFERING:
            order = replace(order, refused=False)
            job = self.job(order, seed)
            self._live(job, ("offer",), point, chance)
            self.pay_what_was_shown(chance)
        elif point in points.REFUNDING:
            order = replace(order, refused=False)
            job = self.job(order, seed)
            self._live(job, ("pay",), "", chance)
            self.settle()
            self._live(job, ("refund",), point, chance)
        else:
            self._live(job, ("pay",), point, chance)
            if point == RANDOM and chance.random() < 0.5:
                self._live(job, ("resolve",), RANDOM, chance)
        self.recover(order, job, chance, f"{point}, seed {seed}")

    def pay_what_was_shown(self, chance: random.Random) -> None:
        """Let somebody pay at the address that a screen showed last, now and then."""
        shown = [line["address"] for line in said_at(self.base) if line["said"] == "offered"]
        if shown and chance.random() < 0.7:
            with contextlib.suppress(Refusal):  # its order was for another payment method
                self.sandbox.pay_page(shown[-1], card="4000620000000007")

    def settle(self) -> None:
        """Let every charge be collected, long enough ago to be refunded."""
        with self.sandbox.anddone.lock:
            for charge in self.sandbox.anddone.processor.charges():
                if charge.status == "Authorized":
                    charge.move("Captured")
                    charge.settled_at = charge.made_at - timedelta(days=10)

    def sleep(self, point: str, seed: int) -> None:
        """Stop a desk at a point for two hours while another resolves and pays, and then wake it up."""
        chance = random.Random(f"sleep {point} {seed}")
        order = replace(Order.any(self.next_numbers(), chance), refused=False)
        after = {"post": points.POSTING, "void": points.VOIDING}
        steps = ("pay", *(step for step, where in after.items() if point in where))
        job = replace(self.job(order, seed), sleep_s=SLEEP_S, meanwhile=("resolve", "pay_again"))
        self._live(job, steps, point, chance)
        self.ahead_s += SLEEP_S
        self.recover(order, self.job(order, seed), chance, f"{point}, asleep, seed {seed}")

    def next_numbers(self) -> list[str]:
        """Return the invoices of the next customer."""
        self.turn += 1
        return [str(60_000 + 10 * (self.turn - 1) + place) for place in range(1, INVOICES + 1)]

    def recover(self, order: Order, job: Job, chance: random.Random, what: str) -> None:
        """Restart and compare after ``what`` happened."""
        # Half of the clerks try again before anything is resolved, and all of them after.
        hasty = ("pay_again",) if chance.random() < 0.5 else ()
        posting = ("post",) if point_of(what) in points.POSTING else ()
        self._live(job, (*hasty, "resolve", "pay_again", "resolve", *posting), "", chance)
        self._compare(order, what)

    def finish(self) -> Figures:
        """Check everything once more, and search for card numbers."""
        ledger = self.books.read()
        self.wrong += [f"verify: {sentence}" for sentence in self.books.verified()]
        self.wrong += [f"a card number is in {found}" for found in card_numbers_in(self.base)]
        self.wrong += [f"a card number is in {found}" for found in card_numbers_in_rows(ledger)]
        self.wrong += [f"the emulator crashed: {crash!r}" for crash in self.sandbox.crashes]
        charges = sum(charge.outcome.approved for charge in self.sandbox.charges())
        return Figures(
            self.kills, self.lives, len(ledger.payments), charges, tuple(self.unsprung), tuple(self.wrong)
        )

    def job(self, order: Order, seed: int) -> Job:
        """Return a job for this order, without steps."""
        return Job(
            str(self.base),
            self.sandbox.anddone_url,
            self.sandbox.ams360_url,
            self.ahead_s,
            (),
            order.numbers,
            order.kind.value,
            order.refused,
            order.seen_before,
            seed=seed,
            rollback_journal=self.rollback_journal,
            blind=self.blind,
            ledger_url=self.ledger_url,
        )

    def _live(self, job: Job, steps: tuple[str, ...], point: str, chance: random.Random) -> None:
        """Run the desk once in a child."""
        job = replace(job, steps=steps, ahead_s=self.ahead_s)
        if point == RANDOM:
            job = replace(job, kill_after_s=chance.uniform(0.001, self.whole_life_s))
        elif point:
            job = replace(job, point=point, nth=_nth(point, chance))
        began = time.perf_counter()
        code = self.victims.run(job)
        if code == 0:
            self.whole_life_s = time.perf_counter() - began
        self.ahead_s += LIFE_S + (POST_ROUNDS * POST_ROUND_S if "post" in steps else 0.0)
        self.lives += 1
        self.kills += code in points.KILLED
        if code == 2:
            self.unsprung.append(point)
        elif code not in (0, *points.KILLED):
            self.wrong.append(f"a desk ended with {code} at {point}")

    def _compare(self, order: Order, what: str) -> None:
        charges = [charge_entry(charge) for charge in self.sandbox.charges()]
        owed = {
            str(number): invoice.amount.cents
            for number, invoice in self.sandbox.ams360.agency.invoices.items()
        }
        ledger = self.books.read()
        found = differences(ledger, charges, owed, said_at(self.base))
        made = [
            {"id": one.transaction_id, "reference": one.remarks, "cents": one.amount.cents}
            for charge in self.sandbox.charges()
            for one in charge.refunds
        ]
        found += refund_differences(ledger, made, said_at(self.base))
        # Whatever happened, the customer came back with a good card, so each invoice is paid once.
        for number in order.numbers:
            live = [one for one in charges if is_live(one) and number in one["invoice_numbers"]]
            if len(live) != 1:
                found.append(f"invoice {number} has {len(live)} charges in the end")
        found += self._postings(ledger, order)
        self.wrong += [f"{what}: {sentence}" for sentence in found]

    def _postings(self, ledger: Ledger, order: Order) -> Iterator[str]:
        """Yield errors in AMS360: a posted receipt must be there once, a waiting one not, and none twice."""
        states = {row["payment_id"]: row["state"] for row in ledger.postings}
        receipts = self.sandbox.ams360.posted.receipts
        made = Counter(number for one in receipts for number, _ in one.applied if number is not None)
        for line in ledger.lines:
            state, number = states.get(line["payment_id"]), line["invoice_number"]
            if number not in order.numbers or state is None:
                continue
            allowed = {"posted": (1,), "waiting": (0,)}.get(state, (0, 1))
            if made[int(number)] not in allowed:
                yield f"invoice {number} is {state} and has {made[int(number)]} receipts in AMS360"


def point_of(what: str) -> str:
    """Return the point in the description of a cycle."""
    return what.partition(",")[0]


def _nth(point: str, chance: random.Random) -> int:
    """Return which pass of the point to take: a statement of a transaction, or a request's head or body."""
    moment = point.partition(".")[2]
    if moment == "inside":
        return chance.randint(1, 8)
    return chance.randint(1, 2) if moment == "half" else 1


def said_at(base: Path) -> list[dict[str, Any]]:
    """Return what all screens of this ledger showed."""
    file = base / "said.jsonl"
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def make_template(base: Path, ledger_url: str = "") -> Path:
    """Make a training ledger under ``base``, to be copied. It has every invoice and no payment."""
    base.mkdir(parents=True, exist_ok=True)
    with open_sandbox(seed=0) as sandbox:
        place = Place(base, sandbox.anddone_url, sandbox.ams360_url, ledger_url=ledger_url)
        running = open_headless(place, SkippingClock(0.0))
        for turn in range(MOST_CYCLES):
            running.desk.lookup.by_invoice(str(60_001 + 10 * turn))
        running.close()
    return base


@contextmanager
def stage(
    template: Path,
    base: Path,
    victims: Victims,
    seed: int,
    *,
    rollback_journal: bool = False,
    blind: bool = False,
    ledger_url: str = "",
) -> Iterator[Stage]:
    """Copy the template's ledger, and run emulators for it."""
    shutil.copytree(template, base)
    with (
        open_sandbox(seed) as sandbox,
        closing(Books(base, ledger_url)) as books,
    ):
        yield Stage(base, sandbox, victims, books, rollback_journal, blind, ledger_url)


def run_cycles(
    template: Path, base: Path, victims: Victims, work: Iterable[tuple[str, int]], **how: Any
) -> Figures:
    """Run all cycles of ``work`` (point and seed) on one ledger. ``how`` is as for ``stage``."""
    todo = list(work)
    assert len(todo) <= MOST_CYCLES
    with stage(template, base, victims, todo[0][1], **how) as on:
        for point, seed in todo:
            on.cycle(point, seed)
        return on.finish()
