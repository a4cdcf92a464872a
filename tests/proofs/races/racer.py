"""Processes that race for the same invoices on one ledger. All charges go into one file."""

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

from paydesk.config.clock import SystemClock
from paydesk.domain.consent import Channel
from paydesk.domain.errors import KnownError
from paydesk.domain.invoices.invoice import Customer, Invoice
from paydesk.domain.money import Money
from paydesk.domain.outcome import Approved, Charge, Expiry, Finding, Outcome, Unclear
from paydesk.domain.payment import Draft, OfferKind, Payer, PaymentLine
from paydesk.domain.quote import Quote
from paydesk.domain.tender import Card, Tender, TenderKind
from paydesk.domain.typed.sealed import Sealed
from paydesk.services.payments.attempts import Attempts
from paydesk.services.payments.authorize import Authorize
from paydesk.services.ports.ledger import InvoiceTaken
from paydesk.services.ports.processor import ChargeRequest, Concerns
from paydesk.store.cache.invoice_cache import store_invoices
from paydesk.store.database import sqlite as store
from paydesk.store.database.postgres import open_postgres
from paydesk.store.ledger.ledger import SqlLedger
from tests.fakes.ledger import KEY
from tests.fakes.postgres import owner_address
from tests.fakes.world import FINGERPRINT_KEY, LETTERHEAD
from tests.proofs.crash.books import Ledger, differences

OWED = Money(100_00)
FEE = Money(3_50)
CARD = Card(TenderKind.CREDIT_CARD, Sealed("4000620000000007"), 3, 2030, Sealed("737"), "Dana Reyes", "02108")
READ_AT = datetime(2026, 1, 5, tzinfo=UTC)
WAIT_S = 120.0
"""Seconds, longer than any attempt may take. A racer that waits longer for the others has lost them."""


@dataclass(frozen=True, slots=True)
class Race:
    """``processes`` desks, each of which tries to pay each of the invoices in each round."""

    address: str
    folder: Path
    processes: int = 8
    invoices: int = 50
    rounds: int = 1
    guarded: bool = True
    """False for the control, without transactions and without the index of open holds."""

    @property
    def numbers(self) -> list[str]:
        """Every invoice of the race, once."""
        return [str(70_000 + turn) for turn in range(self.invoices * self.rounds)]

    @property
    def attempts(self) -> int:
        """Number of attempts to pay."""
        return self.processes * len(self.numbers)

    def engine(self) -> sa.Engine:
        """Connect to the ledger, a file or a server."""
        server = "://" in self.address
        opened = (
            open_postgres(sa.make_url(self.address)) if server else store.open_sqlite(Path(self.address), KEY)
        )
        if self.guarded:
            return opened
        if server:
            return opened.execution_options(isolation_level="AUTOCOMMIT")
        sa.event.remove(opened, "begin", store._begin)  # each statement is then its own transaction
        return opened


def _dawdle(ledger: SqlLedger) -> None:
    """Pause between reading an invoice's payments and holding it, so that without a lock others get in."""
    look = ledger.charges._beside

    def look_and_wait(*args: Any) -> Mapping[str, Sequence[sa.RowMapping]]:
        found = look(*args)
        time.sleep(0.03)
        return found

    vars(ledger.charges)["_beside"] = look_and_wait


@dataclass(frozen=True, slots=True)
class Result:
    """The result of a race. ``doubled`` counts invoices that were charged more than once."""

    attempts: int
    charged: int
    doubled: int
    answers: Counter[str]
    wrong: tuple[str, ...]


class OwedSource:
    """An agency system that always gives the same answer, so that the ledger alone stops a second payment."""

    def invoice(self, number: str) -> Invoice | None:
        """Return the invoice, owed in full, read now."""
        return invoice(number, datetime.now(UTC))

    def customer(self, number: str) -> Customer | None:
        """Return None: nobody asks."""
        return None

    def open_invoices(self, customer: Customer) -> Sequence[Invoice]:
        """Return none: nobody asks."""
        return ()


class FileProcessor:
    """A processor for all processes. Each charge is one appended line, and none is refused."""

    def __init__(self, file: Path) -> None:
        self._file = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def create_intent(self, request: ChargeRequest) -> str:
        """Return the title as the token."""
        return request.title

    def pay(self, token: str, request: ChargeRequest, tender: Tender) -> Outcome:
        """Charge."""
        numbers = " ".join(request.draft.invoice_numbers)
        os.write(self._file, f"{request.title} {numbers}\n".encode())
        return Approved(f"txn-{token}", request.draft.quote.total, FEE, "123456", "Visa", tender.last4)

    def look_up(self, token: str, request: ChargeRequest) -> Finding:
        """Return Unclear: nobody asks."""
        return Unclear("not asked")

    def expire(self, token: str, kind: OfferKind = OfferKind.NONE) -> Expiry:
        """Refuse: nobody asks."""
        return Expiry.REFUSED

    def charges_about(self, first: date, last: date, concerns: Concerns) -> Sequence[Charge]:
        """Return the list."""
        return self.charges(first, last)

    def charges(self, first: date, last: date) -> Sequence[Charge]:
        """Return none, so that the ledger alone stops a second payment."""
        return ()


def invoice(number: str, read_at: datetime) -> Invoice:
    """Return an open invoice of the only customer."""
    return Invoice(number, "1001", "Sample Bakery LLC", OWED, OWED, read_at)


def draft(number: str) -> Draft:
    """Return a draft for the whole invoice, by credit card."""
    line = PaymentLine(OWED, "Premium", number, OWED, READ_AT)
    return Draft((line,), Payer("Dana Reyes"), Quote(TenderKind.CREDIT_CARD, OWED, FEE), Channel.PHONE)


def prepare(race: Race) -> None:
    """Store every invoice in the ledger. For the control, drop the index of open holds."""
    server = "://" in race.address
    owner = owner_address(race.address) if server else race.address  # a desk may drop no index
    engine = replace(race, guarded=True, address=owner).engine()
    with engine.begin() as connection:
        store_invoices(connection, [invoice(number, READ_AT) for number in race.numbers])
        if not race.guarded:
            connection.exec_driver_sql("DROP INDEX uq_hold_open")
    engine.dispose()


def desk(race: Race, name: str) -> tuple[SqlLedger, Authorize]:
    """Return a desk on the ledger, with the shared processor."""
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
    attempts = Attempts(clock, name, FINGERPRINT_KEY, UTC)
    return ledger, Authorize(
        ledger, OwedSource(), processor, clock, LETTERHEAD.receipt_for, attempts=attempts
    )


def attempt(authorize: Authorize, number: str) -> str:
    """Try to pay. Returns the final state, or why it was refused."""
    try:
        return authorize.pay(draft(number), CARD).state.value
    except InvoiceTaken:
        return "taken"
    except KnownError as error:
        return f"trouble: {error.sentence}"


def racer(race: Race, place: int, start: threading.Barrier, answers: Any) -> None:
    """Run one process: wait for the others before each invoice, and then try to pay it."""
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
    """Return a context that makes processes, from a preloaded fork server if there is fork."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context: BaseContext = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.proofs.races.racer"])
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
    """Return the charge as the emulator would list it."""
    total = OWED + FEE
    return {
        "approved": True,
        "title": title,
        "transaction_id": f"txn-{title}",
        "total_cents": total.cents,
        "amount_cents": OWED.cents,
        "fee_cents": FEE.cents,
    }
