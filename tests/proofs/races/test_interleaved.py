"""A hold and an approval of one invoice, interleaved at the one moment that matters.

Between a desk's read of an invoice's payments and its hold, another desk's approval commits. The index of
open holds does not prevent that. The lock on the invoice does, which both transactions take first (with the
index alone, 500 of 500 were over-held).
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

import pytest
import sqlalchemy as sa

from paydesk.domain.consent import Channel
from paydesk.domain.errors import KnownError
from paydesk.domain.money import Money
from paydesk.domain.outcome import Approved
from paydesk.domain.payment import Draft, Payer, Payment, PaymentLine
from paydesk.domain.quote import Quote
from paydesk.domain.tender import TenderKind
from paydesk.store.cache.invoice_cache import store_invoices
from paydesk.store.ledger import charges as charges_module
from paydesk.store.ledger.transactions import Transactions
from tests.fakes.ledger import ServerLedgerMaker
from tests.fakes.world import LETTERHEAD
from tests.proofs.races.racer import OWED, READ_AT, invoice
from tests.proving import cases, tasted

pytestmark = tasted
PART, FEE = Money(60_00), Money(2_10)
"""Amount and fee of a payment. Two such payments exceed what is owed."""


@pytest.fixture
def ledger_kind() -> str:
    """Use PostgreSQL, because SQLite has only one writer at a time."""
    return "postgresql"


class Interleaving:
    """Two desks. The second stops between read and hold until the first has got as far as it can."""

    def __init__(self, made: ServerLedgerMaker) -> None:
        self._made = made
        self._approving, _ = made("Front-1")
        self._holding, _ = made("Front-2")
        look = self._holding.charges._beside

        def look_and_wait(*args: Any) -> Mapping[str, Sequence[sa.RowMapping]]:
            found = look(*args)
            self._looked.set()
            self._until_it_is_done_or_waits()
            return found

        vars(self._holding.charges)["_beside"] = look_and_wait
        self._looked, self._done = threading.Event(), threading.Event()

    def run(self, number: str) -> bool:
        """Return True if the second desk could hold the invoice on which the first was paid 60 of 100."""
        self._looked.clear()
        self._done.clear()
        engine = self._approving.transactions.engine
        with engine.begin() as connection:
            store_invoices(connection, [invoice(number, READ_AT)])
        held = self._approving.hold(_draft(number), f"PDA{number}")
        submitted = self._approving.submit(held, f"PDA{number}-1", "token", [])
        approval = threading.Thread(target=self._approve, args=(submitted,))
        approval.start()
        won = False
        with suppress(KnownError):
            self._holding.hold(_draft(number), f"PDB{number}")
            won = True
        self._looked.set()  # it may have been refused before its read
        approval.join()
        return won

    def _approve(self, payment: Payment) -> None:
        self._looked.wait(10)
        approved = Approved(f"txn-{payment.reference}", PART + FEE, FEE, "123456", "Visa", "0007")
        self._approving.record(payment, approved, LETTERHEAD.receipt_for)
        self._done.set()

    def _until_it_is_done_or_waits(self) -> None:
        waiting = (
            "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        while not self._done.wait(0.001) and not self._made.database.run(waiting):
            pass


def _draft(number: str) -> Draft:
    line = PaymentLine(PART, "Premium", number, OWED, READ_AT)
    return Draft((line,), Payer("Dana Reyes"), Quote(TenderKind.CREDIT_CARD, PART, FEE), Channel.PHONE)


def holds(made: ServerLedgerMaker, turns: int) -> Iterator[bool]:
    """Yield the result of each turn, with its own invoice."""
    interleaving = Interleaving(made)
    for turn in range(turns):
        yield interleaving.run(str(80_000 + turn))


def no_open_hold_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Disable the check for open holds, so that only lock and index remain."""
    monkeypatch.setattr(charges_module, "_check_free", lambda *_: None)


def test_an_approval_never_slips_in_between_look_and_hold(new_ledger: ServerLedgerMaker) -> None:
    assert sum(holds(new_ledger, cases(50, 2_000))) == 0


def test_lock_and_index_alone_hold_too(
    new_ledger: ServerLedgerMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    no_open_hold_is_seen(monkeypatch)
    assert sum(holds(new_ledger, cases(20, 500))) == 0


def test_control_without_the_approvals_lock_every_hold_is_one_too_many(
    new_ledger: ServerLedgerMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The hold's own lock exists twice: its lines refer to the invoices, which locks their rows as well."""
    no_open_hold_is_seen(monkeypatch)
    monkeypatch.setattr(Transactions, "lock_payment", lambda *_: None)
    turns = cases(10, 100)
    assert sum(holds(new_ledger, turns)) == turns
