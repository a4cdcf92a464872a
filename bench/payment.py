"""PayDesk's own time for a payment, against the bare commits that it needs.

Processor and AMS360 are in memory, so only PayDesk's work counts: the checks, the rows, the
durable commits, the receipt's figures. The floor writes the same rows, statement for
statement, in the same transactions, through the bare driver with the same settings.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import sqlalchemy as sa

from bench import ledgers
from paydesk.config.clock import SystemClock
from paydesk.domain.consent import Channel
from paydesk.domain.invoices.invoice import Customer, Invoice
from paydesk.domain.money import Money, total
from paydesk.domain.outcome import Approved, Charge, Expiry, Finding, NoCharge, Outcome
from paydesk.domain.payment import Draft, OfferKind, Payer, PaymentLine
from paydesk.domain.quote import Quote
from paydesk.domain.tender import Card, Tender, TenderKind
from paydesk.domain.typed.sealed import Sealed
from paydesk.services.payments.attempts import Attempts
from paydesk.services.payments.authorize import Authorize
from paydesk.services.ports.processor import ChargeRequest, Concerns
from paydesk.store.cache.invoice_cache import InvoiceCache
from paydesk.store.database.opening import open_file
from paydesk.store.database.sqlite import open_sqlite
from paydesk.store.ledger.ledger import SqlLedger
from tests.fakes.world import LETTERHEAD

PAYMENTS, WARM_UP, LINES = 300, 20, 2
CARD = Card(TenderKind.CREDIT_CARD, Sealed("4000620000000007"), 3, 2030, Sealed("737"), "Dana Reyes", "02108")
READ_AT = datetime(2026, 8, 14, 14, 0, tzinfo=UTC)
CUSTOMER = Customer("1001", "Sample Bakery LLC", "c-1001", "02108", ("(617) 555-0101",))

Write = tuple[str, Any]
"""A statement and its parameters, as the driver gets them. A list of parameters means many rows."""


@dataclass
class Source:
    """AMS360 in memory."""

    invoices: dict[str, Invoice]

    def invoice(self, number: str) -> Invoice | None:
        """Return the invoice, always unchanged."""
        return self.invoices[number]

    def customer(self, number: str) -> Customer | None:
        """Return the one customer."""
        return CUSTOMER

    def open_invoices(self, customer: Customer) -> Sequence[Invoice]:
        """Return nothing: unused here."""
        return ()


class Processor:
    """AndDone in memory, which approves everything."""

    def create_intent(self, request: ChargeRequest) -> str:
        """Return a token as long as the real ones."""
        return f"{request.title:>36}"

    def pay(self, token: str, request: ChargeRequest, tender: Tender) -> Outcome:
        """Return Approved."""
        quote = request.draft.quote
        return Approved(f"txn-{token.strip()}", quote.total, quote.fee, "123456", "Visa", tender.last4)

    def look_up(self, token: str, request: ChargeRequest) -> Finding:
        """Return NoCharge: unused here."""
        return NoCharge()

    def expire(self, token: str, kind: OfferKind = OfferKind.NONE) -> Expiry:
        """Return EXPIRED: unused here."""
        return Expiry.EXPIRED

    def charges_about(self, first: date, last: date, concerns: Concerns) -> Sequence[Charge]:
        """Return nothing: nobody else charges."""
        return self.charges(first, last)

    def charges(self, first: date, last: date) -> Sequence[Charge]:
        """Return nothing: nobody else charges."""
        return ()


class Desk:
    """A desk that takes payments on its own ledger file, two invoices each."""

    def __init__(self, path: Path, payments: int, *, recorded: Recorder | None = None) -> None:
        store = open_file(path, "training", lambda _path: ledgers.KEY)
        if recorded is not None:
            recorded.listen(store.engine)
        clock = SystemClock()
        self.ledger = SqlLedger(
            store.engine, clock, desk="Bench", user="bench", host="bench", path=store.place,
            locks=path.parent / "desks", maintenance=store.maintenance,
        )  # fmt: skip
        store.maintenance.close()  # waits until the check at the start has ended
        self._invoices = [_invoice(number) for number in range(50_000, 50_000 + payments * LINES)]
        InvoiceCache(store.engine, store.place).keep_all(CUSTOMER, self._invoices, READ_AT)
        source = Source({invoice.number: invoice for invoice in self._invoices})
        attempts = Attempts(clock, "Bench", store.fingerprint_key, UTC)
        receipt_for = LETTERHEAD.receipt_for
        self._authorize = Authorize(self.ledger, source, Processor(), clock, receipt_for, attempts=attempts)

    def pay(self, turn: int) -> float:
        """Take a payment of the next invoices, and return its seconds."""
        invoices = self._invoices[turn * LINES : (turn + 1) * LINES]
        lines = tuple(
            PaymentLine(invoice.balance, invoice.description, invoice.number, invoice.balance, READ_AT)
            for invoice in invoices
        )
        quote = Quote(TenderKind.CREDIT_CARD, total(line.amount for line in lines), Money(43_75))
        payer = Payer("Dana Reyes", "(617) 555-0101", "dana@example.example", CUSTOMER.number, CUSTOMER.name)
        draft = Draft(lines, payer, quote, Channel.PHONE)
        started = perf_counter()
        payment = self._authorize.pay(draft, CARD)
        took = perf_counter() - started
        assert payment.receipt_number
        return took


@dataclass
class Recorder:
    """The statements of every transaction that wrote something."""

    done: list[list[Write]] = field(default_factory=list)
    _now: list[Write] = field(default_factory=list)

    def listen(self, engine: sa.Engine) -> None:
        """Record the writes of this engine from now on."""
        dialect: Any = engine.dialect
        dialect.do_execute = self._noted(dialect.do_execute)
        dialect.do_executemany = self._noted(dialect.do_executemany)
        sa.event.listen(engine, "commit", self._commit)

    def _noted(self, execute: Callable[..., None]) -> Callable[..., None]:
        def noted(cursor: Any, text: str, values: Any, context: Any = None) -> None:
            self._statement(text, values)
            execute(cursor, text, values, context)

        return noted

    def _statement(self, text: str, values: Any) -> None:
        if text.lstrip().upper().startswith(("INSERT", "UPDATE", "DELETE")):
            self._now.append((text, values))

    def _commit(self, _connection: Any) -> None:
        if self._now:
            self.done.append(self._now)
        self._now = []


def measure(payments: int = PAYMENTS) -> tuple[list[float], list[float], int]:
    """Return seconds of each payment, of its bare commits, and the number of commits a payment needs."""
    count = payments + WARM_UP
    with tempfile.TemporaryDirectory(prefix="paydesk-bench-", ignore_cleanup_errors=True) as folder:
        recorder, before, written = Recorder(), [], []
        first = Desk(Path(folder, "recorded.ledger"), count, recorded=recorder)
        for turn in range(count):
            before.append(len(recorder.done))
            first.pay(turn)
        bounds = [*before, len(recorder.done)]
        written = [recorder.done[start:end] for start, end in pairwise(bounds)]
        ours, bare = [], []
        desk = Desk(Path(folder, "ours.ledger"), count)
        with _Bare(Path(folder, "bare.ledger")) as floor:
            floor.write(recorder.done[: bounds[0]])
            for turn in range(count):
                ours.append(desk.pay(turn))
                bare.append(floor.write(written[turn]))
        desk.ledger.close()
        first.ledger.close()
    return ours[WARM_UP:], bare[WARM_UP:], len(written[-1])


def sync_s(rounds: int = 200) -> float:
    """Return the median seconds of one small write and its sync on this disk."""
    took = []
    with tempfile.TemporaryFile(prefix="paydesk-bench-", buffering=0) as file:
        for _ in range(rounds):
            started = perf_counter()
            file.write(b"x" * 4096)
            os.fsync(file.fileno())
            took.append(perf_counter() - started)
    return median(took)


class _Bare:
    """The bare driver, on a ledger opened with PayDesk's settings."""

    def __init__(self, path: Path) -> None:
        ledgers.make(path, 0)
        self._engine = open_sqlite(path, ledgers.KEY)
        self._connection = self._engine.raw_connection()

    def write(self, transactions: Sequence[Sequence[Write]]) -> float:
        """Commit each of these transactions, and return the seconds."""
        cursor = self._connection.cursor()
        started = perf_counter()
        for statements in transactions:
            cursor.execute("BEGIN IMMEDIATE")
            for text, values in statements:
                if isinstance(values, list):
                    cursor.executemany(text, values)
                else:
                    cursor.execute(text, values)
                    if "RETURNING" in text:
                        cursor.fetchall()
            cursor.execute("COMMIT")
        return perf_counter() - started

    def __enter__(self) -> _Bare:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()
        self._engine.dispose()


def _invoice(number: int) -> Invoice:
    return Invoice(
        number=str(number),
        customer_number=CUSTOMER.number,
        customer_name=CUSTOMER.name,
        amount=Money(625_00),
        balance=Money(625_00),
        read_at=READ_AT,
        due_date=date(2026, 8, 1),
        description=f"Renewal premium {number}",
        policy_number="BOP-4471-20",
        customer_source_id=CUSTOMER.source_id,
    )
