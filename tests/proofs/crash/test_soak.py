"""Three desks on one server pay the same invoices and crash at random, on a network that keeps breaking.

Each has a name of its own. Under one name, a desk that was killed before its first payment would see payments
of that name, and stop: its record of the last one is missing.
"""

from __future__ import annotations

import random
import shutil
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from paydesk.domain.payment import OPEN, State
from paydesk.sandbox.anddone.controls import charge_entry
from paydesk.sandbox.sandbox import Sandbox
from tests.fakes.postgres import Database, PostgresServer
from tests.proofs.crash import points
from tests.proofs.crash.books import Books, Ledger, Row, card_numbers_in, differences, is_live
from tests.proofs.crash.cycles import (
    INVOICES,
    MOST_CYCLES,
    SERVER_TEMPLATE,
    WHOLE_LIFE_S,
    Victims,
    open_sandbox,
    said_at,
)
from tests.proofs.crash.headless import Order
from tests.proofs.crash.victim import Job
from tests.proving import proof

DESKS, CUSTOMERS, EACH_S = 3, MOST_CYCLES, 1.5
"""Desks, customers, and seconds per customer. All desks want the same customer's invoices at a time."""
LIVES = (("pay",), ("pay",), ("pay", "pay_again"), ("resolve",), ("pay", "void"), ("resolve", "pay_again"))
DEATHS = [point for point in (*points.PAYING, *points.VOIDING) if points.is_kill(point)]


class Soak:
    """The run, until its time is over."""

    def __init__(self, database: Database, sandbox: Sandbox, bases: list[Path]) -> None:
        self.database, self.sandbox, self.bases = database, sandbox, bases
        self.began = time.monotonic()
        self.codes: Counter[int] = Counter()
        self.last_words: dict[str, Sequence[Row]] = {}
        """The last lines of the screen when an invoice was paid at the end. A failed test shows them."""

    @property
    def over(self) -> bool:
        """True once the time is over."""
        return time.monotonic() - self.began > CUSTOMERS * EACH_S

    @property
    def turn(self) -> int:
        """The customer whose invoices all desks want now."""
        return min(int((time.monotonic() - self.began) / EACH_S), CUSTOMERS - 1)

    def numbers(self, turn: int) -> list[str]:
        """Return the invoices of a customer."""
        return [str(60_000 + 10 * turn + place) for place in range(1, INVOICES + 1)]

    def job(self, base: Path, turn: int, chance: random.Random) -> Job:
        """Return a job with an order of that customer, without steps."""
        order = Order.any(self.numbers(turn), chance)
        return Job(
            str(base), self.sandbox.anddone_url, self.sandbox.ams360_url, 60.0 * turn, (), order.numbers,
            order.kind.value, seen_before=True, ledger_url=self.database.url.render_as_string(),
            desk=base.name,
        )  # fmt: skip

    def desk(self, place: int) -> None:
        """Run one computer: start it again and again, mostly until a crash."""
        chance = random.Random(place)
        with Victims() as victims:
            while not self.over:
                job = replace(self.job(self.bases[place], self.turn, chance), steps=chance.choice(LIVES))
                end = chance.random()
                if end < 0.4:
                    job = replace(job, kill_after_s=chance.uniform(0.001, 2 * WHOLE_LIFE_S))
                elif end < 0.7:
                    job = replace(job, point=chance.choice(DEATHS))
                self.codes[victims.run(job)] += 1

    def break_the_network(self) -> None:
        """Cut every connection to the ledger now and then."""
        chance = random.Random(99)
        while not self.over:
            time.sleep(chance.uniform(0.05, 1.0))
            self.database.run(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND application_name LIKE 'PayDesk%'"
            )

    def end(self) -> None:
        """Resolve everything, and pay each invoice that is still owed."""
        chance = random.Random(0)
        with Victims() as victims:
            for turn in range(CUSTOMERS):
                job = self.job(self.bases[0], turn, chance)
                job = replace(job, steps=("resolve", "pay_again"), ahead_s=60.0 * CUSTOMERS + 2_000 * turn)
                for number in self.numbers(turn):
                    self.codes[victims.run(replace(job, numbers=(number,)))] += 1
                    self.last_words[number] = said_at(self.bases[0])[-3:]


@pytest.fixture
def soaked(server_template: Path, postgres_server: PostgresServer, tmp_path: Path) -> Iterator[Soak]:
    """Run it once for all tests."""
    bases = [shutil.copytree(server_template, tmp_path / f"Front-{place + 1}") for place in range(DESKS)]
    with (
        postgres_server.database(SERVER_TEMPLATE) as database,
        open_sandbox(seed=1) as sandbox,
    ):
        soak = Soak(database, sandbox, bases)
        threads = [threading.Thread(target=soak.desk, args=(place,)) for place in range(DESKS)]
        threads.append(threading.Thread(target=soak.break_the_network))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        soak.end()
        yield soak


@proof
def test_the_books_agree(soaked: Soak) -> None:
    ledger = Books(soaked.bases[0], soaked.database.url.render_as_string()).read()
    charges = [charge_entry(charge) for charge in soaked.sandbox.charges()]
    owed = {str(number): bill.amount.cents for number, bill in soaked.sandbox.ams360.agency.invoices.items()}
    said = [line for base in soaked.bases for line in said_at(base)]
    assert differences(ledger, charges, owed, said) == []
    assert not soaked.sandbox.crashes
    for turn in range(CUSTOMERS):
        for number in soaked.numbers(turn):
            live = [one for one in charges if is_live(one) and number in one["invoice_numbers"]]
            assert len(live) == 1, f"invoice {number} has {len(live)} charges: {soaked.last_words[number]}"
    assert list(overlaps(ledger)) == []
    assert [found for base in soaked.bases for found in card_numbers_in(base)] == []
    assert soaked.codes[points.KILLED[-1]] > CUSTOMERS, soaked.codes
    assert set(soaked.codes) <= {0, 2, *points.KILLED}, soaked.codes


def overlaps(ledger: Ledger) -> Iterator[str]:
    """Yield every two payments that hold one invoice at the same time."""
    invoices = defaultdict(list)
    for line in ledger.lines:
        invoices[line["payment_id"]].append(line["invoice_number"])
    holder: dict[str, int] = {}
    states = {state.value for state in State}
    for event in ledger.events:
        if event["payment_id"] is None or event["kind"] not in states:
            continue
        for number in invoices[event["payment_id"]]:
            if event["kind"] == State.HELD and holder.get(number) is not None:
                yield f"payment {event['payment_id']} holds invoice {number} of payment {holder[number]}"
            if State(event["kind"]) in OPEN:
                holder[number] = event["payment_id"]
            elif holder.get(number) == event["payment_id"]:
                del holder[number]
