"""Any file of known invoices is read to exactly those, or refused. No close is unproven."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from paydesk.domain.errors import KnownError
from paydesk.domain.invoices.importing import Scope
from tests.fakes.files import Files
from tests.fakes.ledger import LedgerMaker
from tests.fakes.report_writer import DAMAGES, NAMES, Shape, Truth, truths_of
from tests.fakes.world import START
from tests.proving import DAY, cases, tasted

ALL = range(70_001, 70_013)
BEFORE = 999_99
"""Balance of every invoice before, in cents."""


@pytest.fixture
def files(new_ledger: LedgerMaker, tmp_path: Path) -> Files:
    made = Files(new_ledger)
    path = tmp_path / "before.csv"
    rows = "".join(f'{one},{1001 + one % 4},"Customer {one % 4}",02108,999.99\n' for one in ALL)
    path.write_text("Invoice,Customer #,Customer,ZIP,Balance\n" + rows, encoding="utf-8")
    at = (START - timedelta(days=2)).timestamp()
    os.utime(path, (at, at))
    made.take(path, Scope.WHOLE)
    return made


def imported(files: Files, path: Path, content: bytes, truths: list[Truth]) -> str:
    """Import a file as complete, with a yes to the right number. Returns its refusal, "" if it was taken."""
    path.write_bytes(content)
    os.utime(path, (START.timestamp(), START.timestamp()))
    try:
        report = files.take(path, Scope.WHOLE, close=len(ALL) - len(truths))
    except KnownError as error:
        return error.sentence
    return "; ".join(f"line {one.line}: {one.reason}" for one in report.rejects[:3])


@tasted
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    max_examples=cases(20, 400),
)
@given(seed=st.integers(0, 10**9))
def test_a_sound_file_is_read_exactly_and_closes_the_others(seed: int, files: Files, tmp_path: Path) -> None:
    chance = Random(seed + DAY)
    truths, shape = truths_of(chance, ALL), Shape(chance)
    with undone(files):
        refused = imported(files, tmp_path / "r.dat", shape.written(truths), truths)
        assert refused == ""
        check_all(files, truths, dated=shape.dated)


def check_all(files: Files, truths: list[Truth], *, dated: bool) -> None:
    """Check that every invoice is what the file said, or closed if the file lacks it."""
    of = {one.number: one for one in truths}
    for number in ALL:
        found, truth = files.cache.invoice(str(number)), of.get(number)
        assert found is not None
        assert found.balance.cents == (truth.cents if truth else 0)
        assert found.customer_number == str(1001 + number % 4)
        if truth is not None:
            assert found.customer_name == truth.name
            assert found.due_date == (truth.due if dated else None)


@tasted
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    max_examples=cases(30, 600),
)
@given(seed=st.integers(0, 10**9), damage=st.sampled_from(DAMAGES))
def test_a_damaged_file_tells_nothing_wrong_and_closes_nothing(
    seed: int, damage: str, files: Files, tmp_path: Path
) -> None:
    chance = Random(seed + DAY)
    truths, shape = truths_of(chance, ALL), Shape(chance, damage)
    with undone(files):
        refused = imported(files, tmp_path / "r.dat", shape.written(truths), truths)
        of = {one.number: one for one in truths}
        harmless = not refused and damage in ("comma", "open quote")  # the shape had no place for the damage
        for number in ALL:
            found, truth = files.cache.invoice(str(number)), of.get(number)
            assert found is not None
            assert found.customer_number == str(1001 + number % 4)
            assert found.balance.cents in ((truth.cents if truth else 0 if harmless else BEFORE), BEFORE)
            names = [name.replace('"', "") for name in NAMES]
            assert found.customer_name.replace('"', "") in (*names, f"Customer {number % 4}")


@contextlib.contextmanager
def undone(files: Files) -> Iterator[None]:
    """Undo what is imported meanwhile."""
    before = files.importing.runs()[0].id
    try:
        yield
    finally:
        newest = files.importing.runs()[0]
        if newest.id > before and newest.undone_at is None:
            files.importing.undo(newest.id)
