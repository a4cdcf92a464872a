"""A claim and an approval of the same invoice, interleaved on purpose at the one moment that matters.

Between a desk's look at what an invoice was paid and its claim, another desk's approval commits: the
index of open claims sees nothing wrong with that. What stops it is the lock on the invoice, which both
transactions take first (safety reference, E2: index alone, 500 of 500 over-claimed).
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
from paydesk.store import ledger as ledger_module
from paydesk.store.cache import store_invoices
from paydesk.store.ledger import SqlLedger
from tests.fakes.ledger import ServerLedgerMaker
from tests.fakes.world import LETTERHEAD
from tests.races.racer import OWED, READ_AT, invoice

PART, FEE = Money(60_00), Money(2_10)
"""Two of these are more than is owed."""


@pytest.fixture
def ledger_kind() -> str:
    """SQLite has one writer at a time."""
    return "postgresql"


class Interleaving:
    """Two desks; the second stops in its claim, after its look, until the first has got as far as it can."""

    def __init__(self, made: ServerLedgerMaker) -> None:
        self._made = made
        self._approving, _ = made("Front-1")
        self._claiming, _ = made("Front-2")
        look = self._claiming._beside

        def look_and_wait(*args: Any) -> Mapping[str, Sequence[sa.RowMapping]]:
            found = look(*args)
            self._looked.set()
            self._until_it_is_done_or_waits()
            return found

        vars(self._claiming)["_beside"] = look_and_wait
        self._looked, self._done = threading.Event(), threading.Event()

    def run(self, number: str) -> bool:
        """Whether the second desk could claim the invoice that the first was paid 60 of 100 for."""
        self._looked.clear()
        self._done.clear()
        engine = self._approving._engine
        with engine.begin() as connection:
            store_invoices(connection, [invoice(number, READ_AT)])
        claimed = self._approving.claim(_draft(number), f"PDA{number}")
        submitted = self._approving.submit(claimed, f"PDA{number}-1", "token", [])
        approval = threading.Thread(target=self._approve, args=(submitted,))
        approval.start()
        won = False
        with suppress(KnownError):
            self._claiming.claim(_draft(number), f"PDB{number}")
            won = True
        self._looked.set()  # it may have been refused before it looked
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


def claims(made: ServerLedgerMaker, turns: int) -> Iterator[bool]:
    """Each turn with an invoice of its own."""
    interleaving = Interleaving(made)
    for turn in range(turns):
        yield interleaving.run(str(80_000 + turn))


def no_open_claim_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave it to lock and index."""
    monkeypatch.setattr(ledger_module, "_check_free", lambda *_: None)


@pytest.mark.timeout(400)
def test_an_approval_never_slips_in_between_look_and_claim(new_ledger: ServerLedgerMaker) -> None:
    assert sum(claims(new_ledger, 2_000)) == 0


def test_lock_and_index_alone_hold_too(
    new_ledger: ServerLedgerMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    no_open_claim_is_seen(monkeypatch)
    assert sum(claims(new_ledger, 500)) == 0


def test_control_without_the_approvals_lock_every_claim_is_one_too_many(
    new_ledger: ServerLedgerMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """(The claim's own is doubled: its lines refer to the invoices, whose rows that locks as well.)"""
    no_open_claim_is_seen(monkeypatch)
    monkeypatch.setattr(SqlLedger, "_lock_payment", lambda *_: None)
    assert sum(claims(new_ledger, 100)) == 100
