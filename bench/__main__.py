"""``python3 dev.py bench``: every figure PayDesk is held to, beside its bar (DESIGN section 8).

A ratio is taken against a floor measured in the same run on the same machine, both in turn.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

from bench import desks, figures, import_rows, lookup, payment, receipt_pdf, search, start
from bench.figures import Figure, percentile

SIZES = (0, 10_000, 100_000, 1_000_000)
"""Cached invoices of the lookup's ledgers; the window with none is the floor of the memory row."""

MS = 1000


def starting() -> Iterator[Figure]:
    """The start row."""
    ours, floor = start.measure()
    yield Figure(
        "start", ours / floor, 2.0, "x",
        f"process to a painted window that took a key: {ours * MS:.0f} ms;"
        f" an empty PySide6 window with a table: {floor * MS:.0f} ms",
    )  # fmt: skip


def looking_up() -> Iterator[Figure]:
    """The rows of the lookup and its memory."""
    with tempfile.TemporaryDirectory(prefix="paydesk-bench-", ignore_cleanup_errors=True) as folder:
        found = lookup.measure(Path(folder), SIZES)
    middles = {size: median(lookups.seconds) for size, lookups in found.items()}
    for size in SIZES[1:]:
        how = f"Enter to painted rows, {len(found[size].seconds)} lookups, {size:,} invoices cached"
        yield Figure(f"lookup {size:,}, median", middles[size] * MS, 5, "ms", how)
        yield Figure(f"lookup {size:,}, p99", percentile(found[size].seconds, 0.99) * MS, 16, "ms", how)
    small, large = SIZES[1], SIZES[-1]
    yield Figure(
        "lookup flat", middles[large] / middles[small], 1.5, "x",
        f"median at {large:,} cached invoices over the median at {small:,}",
    )  # fmt: skip
    if found[0].memory:
        ours, floor = found[large].memory, found[0].memory
        yield Figure(
            "memory", ours / floor, 1.3, "x",
            f"most memory after the same lookups with {large:,} cached invoices: {ours / 1e6:.0f} MB;"
            f" with none: {floor / 1e6:.0f} MB",
        )  # fmt: skip


def searching() -> Iterator[Figure]:
    """The row of the search field."""
    seconds = search.measure()
    yield Figure(
        "search as typed, p99", percentile(seconds, 0.99) * MS, 50, "ms",
        f"{len(seconds)} keys typed of names, some misspelled, phones, policies, amounts and numbers among"
        f" {search.INVOICES:,} open invoices; median {median(seconds) * MS:.1f} ms",
    )  # fmt: skip


def paying() -> Iterator[Figure]:
    """The rows of a payment's own time."""
    ours, bare, commits = payment.measure()
    yield Figure(
        "payment, p99", percentile(ours, 0.99) * MS, 25, "ms",
        f"PayDesk's own time, {len(ours)} payments of two invoices; AndDone and AMS360 in memory",
    )  # fmt: skip
    yield Figure(
        "payment", median(ours) / median(bare), 2.0, "x",
        f"median {median(ours) * MS:.2f} ms; its {commits} durable commits alone, the same rows by the bare"
        f" driver on the same settings: {median(bare) * MS:.2f} ms (a write and its sync on this disk:"
        f" {payment.sync_s() * MS:.2f} ms)",
    )  # fmt: skip


def paying_together() -> Iterator[Figure]:
    """The row of many desks on one server."""
    flat_out, steady = desks.measure()
    yield Figure(
        f"{steady.desks} desks, p99", steady.p99_ms, 25, "ms",
        f"PayDesk's own time on one PostgreSQL, {steady.payments_per_s:.0f} payments a second, median"
        f" {steady.p50_ms:.1f} ms; flat out {flat_out.payments_per_s:.0f} a second; server and desks"
        " on this machine",
    )  # fmt: skip


def printing() -> Iterator[Figure]:
    """The receipt row."""
    ours, floor = receipt_pdf.measure()
    yield Figure(
        "receipt PDF", ours / floor, 1.5, "x",
        f"{ours * MS:.1f} ms; the same lines drawn by hand with reportlab: {floor * MS:.1f} ms",
    )  # fmt: skip


def importing() -> Iterator[Figure]:
    """The rows of an import."""
    small, large = import_rows.measure(import_rows.ROWS // 10, rounds=1), import_rows.measure()
    yield Figure(
        "import", large.import_s / large.floor_s, 2.5, "x",
        f"{import_rows.ROWS:,} rows of a CSV: {large.import_s:.1f} s; sqlite3's executemany of the same:"
        f" {large.floor_s:.1f} s; in the processor's time {large.import_cpu_s / large.floor_cpu_s:.2f} x",
    )  # fmt: skip
    if large.memory:
        yield Figure(
            "import memory", large.memory / small.memory, 1.3, "x",
            f"most memory of {import_rows.ROWS:,} rows: {large.memory / 1e6:.0f} MB;"
            f" of a tenth: {small.memory / 1e6:.0f} MB",
        )  # fmt: skip


ROWS: tuple[Callable[[], Iterator[Figure]], ...] = (
    starting, looking_up, searching, importing, paying, paying_together, printing,
)  # fmt: skip


def main() -> None:
    """Measure everything, print a row for each figure, and write them as JSON where asked."""
    parser = argparse.ArgumentParser(prog="dev.py bench", description=__doc__)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the rows as JSON, too")
    options = parser.parse_args()
    found = [figure for rows in ROWS for figure in rows()]
    print(figures.table(found))
    if options.json:
        figures.save(found, options.json)


if __name__ == "__main__":
    main()
