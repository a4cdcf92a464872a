"""Processes that race for the same invoices on one ledger; who is charged is written to one file."""

from __future__ import annotations

import multiprocessing
import os
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from multiprocessing.context import BaseContext
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from paydesk.clock import SystemClock
from paydesk.domain.consent import Channel
from paydesk.domain.errors import KnownError
from paydesk.domain.invoice import Customer, Invoice
from paydesk.domain.money import Money
from paydesk.domain.outcome import Approved, Charge, Expiry, Finding, Outcome, Unclear
from paydesk.domain.payment import Draft, Payer, PaymentLine
from paydesk.domain.quote import Quote
from paydesk.domain.tender import Card, Tender, TenderKind
from paydesk.services.authorize import Authorize
from paydesk.services.ports import ChargeRequest, InvoiceTaken
from paydesk.store import engine as store
from paydesk.store.cache import store_invoices
from paydesk.store.ledger import SqlLedger
from paydesk.store.postgres import open_postgres
from tests.crash.books import Ledger, differences
from tests.fakes.ledger import KEY
from tests.fakes.world import LETTERHEAD

OWED = Money(100_00)
FEE = Money(3_50)
CARD = Card(TenderKind.CREDIT_CARD, "4000620000000007", 3, 2030, "737", "Dana Reyes", "02108")
READ_AT = datetime(2026, 1, 5, tzinfo=UTC)
WAIT_S = 120.0
"""Longer than any attempt may take; a racer that waits longer for the others has lost them."""


@dataclass(frozen=True, slots=True)
class Race:
    """``processes`` desks, each of which tries to pay each of the invoices in each round."""

    address: str
    folder: Path
    processes: int = 8
    invoices: int = 50
    rounds: int = 1
    guarded: bool = True
    """False: the control, without transactions and without the index of open claims."""

    @property
    def numbers(self) -> list[str]:
        """Every invoice that is raced for, once."""
        return [str(70_000 + turn) for turn in range(self.invoices * self.rounds)]

    @property
    def attempts(self) -> int:
        """How often somebody tries to pay."""
        return self.processes * len(self.numbers)

    def engine(self) -> sa.Engine:
        """Connections to the ledger: a file or a server."""
        server = "://" in self.address
        opened = (
            open_postgres(sa.make_url(self.address)) if server else store.open_sqlite(Path(self.address), KEY)
        )
        if self.guarded:
            return opened
        if server:
            return opened.execution_options(isolation_level="AUTOCOMMIT")
        assert isinstance(opened.dialect, store.Dialect)
        opened.dialect.begin = "SELECT 1"  # each statement is a transaction of its own
        return opened


def _dawdle(ledger: SqlLedger) -> None:
    """Give the others time between the look at an invoice and the leap: without a lock they use it."""
    look = ledger._beside

    def look_and_wait(*args: Any) -> Mapping[str, Sequence[sa.RowMapping]]:
        found = look(*args)
        time.sleep(0.03)
        return found

    vars(ledger)["_beside"] = look_and_wait


@dataclass(frozen=True, slots=True)
class Result:
    """How a race ended; ``doubled`` counts invoices that were charged more than once."""

    attempts: int
    charged: int
    doubled: int
    answers: Counter[str]
    wrong: tuple[str, ...]


class OwedSource:
    """An agency system that always says the same: the ledger alone has to stop the second."""

    def invoice(self, number: str) -> Invoice | None:
        """Owed in full, read now."""
        return invoice(number, datetime.now(UTC))

    def customer(self, number: str) -> Customer | None:
        """Nobody asks."""
        return None

    def open_invoices(self, customer: Customer) -> Sequence[Invoice]:
        """Nobody asks."""
        return ()


class FileProcessor:
    """A processor of all processes: each charge is a line, appended in one piece; it refuses nothing."""

    def __init__(self, file: Path) -> None:
        self._file = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def create_intent(self, request: ChargeRequest) -> str:
        """The title is as good as a token."""
        return request.title

    def pay(self, token: str, request: ChargeRequest, tender: Tender) -> Outcome:
        """Charge."""
        numbers = " ".join(request.draft.invoice_numbers)
        os.write(self._file, f"{request.title} {numbers}\n".encode())
        return Approved(f"txn-{token}", request.draft.quote.total, FEE, "123456", "Visa", tender.last4)

    def look_up(self, token: str, request: ChargeRequest) -> Finding:
        """Nobody asks."""
        return Unclear("not asked")

    def expire(self, token: str) -> Expiry:
        """Nobody asks."""
        return Expiry.REFUSED

    def charges(self, first: date, last: date) -> Sequence[Charge]:
        """Nothing: the ledger alone has to stop the second."""
        return ()


def invoice(number: str, read_at: datetime) -> Invoice:
    """An open invoice of the one customer."""
    return Invoice(number, "1001", "Sample Bakery LLC", OWED, OWED, read_at)


def draft(number: str) -> Draft:
    """All of the invoice, by credit card."""
    line = PaymentLine(OWED, "Premium", number, OWED, READ_AT)
    return Draft((line,), Payer("Dana Reyes"), Quote(TenderKind.CREDIT_CARD, OWED, FEE), Channel.PHONE)


def prepare(race: Race) -> None:
    """Let the ledger know every invoice; for the control, take away the index of open claims."""
    engine = replace(race, guarded=True).engine()
    with engine.begin() as connection:
        store_invoices(connection, [invoice(number, READ_AT) for number in race.numbers])
        if not race.guarded:
            connection.exec_driver_sql("DROP INDEX uq_claim_open")
    engine.dispose()


def desk(race: Race, name: str) -> tuple[SqlLedger, Authorize]:
    """A desk on the ledger, before the processor that all share."""
    clock = SystemClock()
    ledger = SqlLedger(
        race.engine(),
        clock,
        desk=name,
        user="Dana",
        host="test",
        path=race.address,
        locks=race.folder / "desks",
    )
    if not race.guarded:
        _dawdle(ledger)
    processor = FileProcessor(race.folder / "charges")
    return ledger, Authorize(ledger, OwedSource(), processor, clock, LETTERHEAD.receipt_for)


def attempt(authorize: Authorize, number: str) -> str:
    """Try to pay: the state it ends in, or why it was refused."""
    try:
        return authorize.pay(draft(number), CARD).state.value
    except InvoiceTaken:
        return "taken"
    except KnownError as error:
        return f"trouble: {error.sentence}"


def racer(race: Race, place: int, start: threading.Barrier, answers: Any) -> None:
    """One process: wait for the others before each invoice, then try to pay it."""
    ledger, authorize = desk(race, f"Front-{place}")
    counted: Counter[str] = Counter()
    for number in race.numbers:
        start.wait(WAIT_S)
        counted[attempt(authorize, number)] += 1
    answers.put(counted)
    ledger.close()


def run(race: Race) -> Result:
    """Race, and compare the charges with the ledger."""
    prepare(race)
    context = processes()
    start, answers = context.Barrier(race.processes), context.Queue()
    racers = [
        context.Process(target=racer, args=(race, place, start, answers)) for place in range(race.processes)
    ]
    for one in racers:
        one.start()
    counted = [answers.get(timeout=3600) for _ in racers]
    for one in racers:
        one.join()
    return _result(race, sum(counted, Counter()))


def processes() -> Any:
    """How processes are made here: from a server that has everything loaded, where there is fork."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context: BaseContext = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.races.racer"])
    return context


def _result(race: Race, answers: Counter[str]) -> Result:
    lines = (race.folder / "charges").read_text().splitlines()
    charged = Counter(number for line in lines for number in line.split()[1:])
    engine = race.engine()
    ledger = Ledger.read(engine)
    engine.dispose()
    wrong = differences(
        ledger, [_charge(line.split()[0]) for line in lines], dict.fromkeys(race.numbers, OWED.cents)
    )
    wrong += [f"invoice {number} was charged {charged[number]} times" for number in race.numbers
              if charged[number] != 1]  # fmt: skip
    doubled = sum(count > 1 for count in charged.values())
    return Result(race.attempts, len(lines), doubled, answers, tuple(wrong))


def _charge(title: str) -> dict[str, Any]:
    """As the emulator would list it."""
    total = OWED + FEE
    return {
        "approved": True,
        "title": title,
        "transaction_id": f"txn-{title}",
        "total_cents": total.cents,
        "amount_cents": OWED.cents,
        "fee_cents": FEE.cents,
    }
