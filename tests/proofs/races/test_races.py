"""Eight processes race for the same invoices. Each is charged once, on both engines."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fakes.ledger import LedgerMaker
from tests.proofs.races.racer import Race, run
from tests.proving import cases, tasted


@pytest.fixture(params=["sqlite", "postgresql"])
def ledger_kind(request: pytest.FixtureRequest) -> str:
    """Use both engines."""
    return str(request.param)


def race(new_ledger: LedgerMaker, folder: Path, *, guarded: bool = True, **sizes: int) -> Race:
    """Return a race on a new ledger."""
    new_ledger("Front-0")
    return Race(new_ledger.address, folder, guarded=guarded, **sizes)


@tasted
def test_eight_processes_charge_each_invoice_once(new_ledger: LedgerMaker, tmp_path: Path) -> None:
    rounds = cases(1, 25)
    result = run(race(new_ledger, tmp_path, rounds=rounds))
    assert not result.wrong, "\n".join(result.wrong)
    assert (result.attempts, result.charged, result.doubled) == (400 * rounds, 50 * rounds, 0)
    assert result.answers == {"authorized": 50 * rounds, "taken": 350 * rounds}


def test_control_without_lock_and_index_charges_twice(new_ledger: LedgerMaker, tmp_path: Path) -> None:
    result = run(race(new_ledger, tmp_path, guarded=False, processes=4, invoices=10))
    assert result.doubled >= 5
