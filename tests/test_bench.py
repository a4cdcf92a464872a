"""The benchmarks run, at sizes too small to mean anything. No test depends on time."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench import (
    desks,
    figures,
    import_rows,
    ledgers,
    lookup,
    many_payments,
    payment,
    reading,
    receipt_pdf,
    start,
)
from bench.figures import Figure
from paydesk.store.database.sqlite import open_sqlite
from paydesk.store.verify.verify import verify
from tests.proving import proof

pytestmark = pytest.mark.xdist_group("bench")


@proof
def test_the_start_is_seen_in_both_windows() -> None:
    ours, floor = start.measure(runs=1)
    assert ours > 0
    assert floor > 0


def test_lookups_are_painted_from_the_cache(tmp_path: Path) -> None:
    found = lookup.measure(tmp_path, (0, 200), rounds=1, lookups=3)
    assert [len(lookups.seconds) for lookups in found.values()] == [3, 3]
    assert min(found[200].bare) > 0


def test_a_payment_is_compared_with_the_very_rows_it_writes() -> None:
    ours, bare, commits = payment.measure(payments=2)
    assert len(ours) == len(bare) == 2
    assert payment.sync_s(rounds=3) > 0
    assert commits >= 3  # hold, submit, record: steps A to C of docs/safety.md


@proof
def test_desks_pay_together() -> None:
    flat_out, steady = desks.measure(count=3, payments=2, every_s=0.05)
    assert flat_out.payments == steady.payments == 6
    assert min(flat_out.payments_per_s, steady.p99_ms) > 0


def test_nothing_is_wrong_with_a_ledger_of_copied_payments(tmp_path: Path) -> None:
    ledger = tmp_path / "many.ledger"
    many_payments.make(ledger, 300)
    engine = open_sqlite(ledger, ledgers.KEY)
    report = verify(engine, "the ledger", None)
    engine.dispose()
    assert report.wrong == ()
    assert report.payments == 300


def test_reads_of_two_ledgers_are_timed_in_turn(tmp_path: Path) -> None:
    found = reading.measure(tmp_path, (120, 480), rounds=2, keys=30)
    assert {len(times.large) for name, times in found.items() if name != "search"} == {2}
    assert len(found["search"].small) == len(found["search"].large) == 30
    assert min(times.p99_s * times.ratio for times in found.values()) > 0
    assert reading.first_payment_s(reading.made(tmp_path, 480)) > 0


def test_an_import_is_made_searchable() -> None:
    found = import_rows.searchable(rows=700)
    assert min(found.search_s, found.import_s) > 0


def test_an_import_is_compared_with_the_very_rows_it_writes() -> None:
    found = import_rows.measure(rows=500, rounds=1)
    assert min(found.import_s, found.floor_s, found.import_cpu_s, found.floor_cpu_s) > 0


def test_a_receipt_is_drawn_by_both_hands() -> None:
    assert all(seconds > 0 for seconds in receipt_pdf.measure(rounds=2))


def test_a_row_says_whether_its_bar_is_held(tmp_path: Path) -> None:
    rows = [Figure("start", 1.9, 2.0, "x", "how"), Figure("lookup, p99", 17.04, 16, "ms", "how")]
    held, short = map(figures.line, rows)
    assert held.split()[:6] == ["start", "1.90", "x", "2.00", "x", "ok"]
    assert short.split()[2:7] == ["17.0", "ms", "16.0", "ms", "short"]
    assert held.index("how") == short.index("how") == figures.HEADING.index("how")
    figures.save(rows, tmp_path / "rows.json")
    saved = json.loads((tmp_path / "rows.json").read_text("utf-8"))
    assert [(row["name"], row["verdict"]) for row in saved] == [("start", "ok"), ("lookup, p99", "short")]


def test_a_percentile_is_a_sample() -> None:
    assert figures.percentile([3, 1, 2], 0.99) == 3
    assert figures.percentile(range(1, 101), 0.99) == 100
