"""``python3 dev.py bench``: measure every figure that PayDesk must meet, and compare it with its bar.

A ratio is taken against a floor measured in the same run on the same machine, both in turn.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from statistics import median

from bench import desks, figures, import_rows, lookup, payment, reading, receipt_pdf, search, start
from bench.figures import Figure, percentile

SIZES = (0, 10_000, 100_000, 1_000_000)
"""Numbers of cached invoices in the lookup's ledgers. The window with none is the floor of the memory row."""

MS = 1000


def starting() -> Iterator[Figure]:
    """Yield the start row."""
    ours, floor = start.measure()
    yield Figure(
        "start", ours / floor, 2.0, "x",
        f"process to a painted window that took a key: {ours * MS:.0f} ms;"
        f" an empty PySide6 window with a table: {floor * MS:.0f} ms",
    )  # fmt: skip


def looking_up() -> Iterator[Figure]:
    """Yield the rows of the lookup and its memory."""
    with tempfile.TemporaryDirectory(prefix="paydesk-bench-", ignore_cleanup_errors=True) as folder:
        found = lookup.measure(Path(folder), SIZES)
    middles = {size: median(lookups.seconds) for size, lookups in found.items()}
    for size in SIZES[1:]:
        how = f"Enter to painted rows, {len(found[size].seconds)} lookups, {size:,} invoices cached"
        floor = median(found[size].bare)
        yield Figure(
            f"lookup {size:,}, median", middles[size] / floor, 3.0, "x",
            f"{how}: {middles[size] * MS:.1f} ms; the same rows in a bare table: {floor * MS:.1f} ms; our"
            f" window painted again, and nothing looked up: {median(found[size].repaint) * MS:.1f} ms",
        )  # fmt: skip
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
    """Yield the row of the search field."""
    seconds = search.measure()
    yield Figure(
        "search as typed, p99", percentile(seconds, 0.99) * MS, 50, "ms",
        f"{len(seconds)} keys typed of names, some misspelled, phones, policies, amounts and numbers among"
        f" {search.INVOICES:,} open invoices; median {median(seconds) * MS:.1f} ms",
    )  # fmt: skip


def reading_payments() -> Iterator[Figure]:
    """Yield the rows of a ledger with a million payments."""
    with tempfile.TemporaryDirectory(prefix="paydesk-bench-", ignore_cleanup_errors=True) as folder:
        found = reading.measure(Path(folder))
        waited = reading.first_payment_s(reading.made(Path(folder), reading.LARGE))
    for name, times in found.items():
        how = f"{name}: {len(times.large)} reads of a ledger of {reading.LARGE:,} payments"
        yield Figure(f"{name}, p99", times.p99_s * MS, 50, "ms", how)
        yield Figure(
            f"{name} flat", times.ratio, 1.5, "x",
            f"median {median(times.large) * MS:.2f} ms; with {reading.SMALL:,} payments,"
            f" in turn: {median(times.small) * MS:.2f} ms",
        )  # fmt: skip
    yield Figure(
        "first payment", waited, 2.0, "s",
        f"its wait for the checks of {reading.LARGE:,} payments, begun as soon as the ledger is open",
    )  # fmt: skip


def paying() -> Iterator[Figure]:
    """Yield the rows of a payment's own time."""
    ours, bare, commits = payment.measure()
    yield Figure(
        "payment, p99", percentile(ours, 0.99) * MS, 25, "ms",
        f"PayDesk's own time, {len(ours)} payments of two invoices; AndDone and AMS360 in memory",
    )  # fmt: skip
    yield Figure(
        "payment", median(ours) / median(bare), 3.0, "x",
        f"median {median(ours) * MS:.2f} ms; its {commits} durable commits alone, the same rows by the bare"
        f" driver on the same settings: {median(bare) * MS:.2f} ms (a write and its sync on this disk:"
        f" {payment.sync_s() * MS:.2f} ms)",
    )  # fmt: skip


def paying_together() -> Iterator[Figure]:
    """Yield the row of many desks on one server."""
    flat_out, steady = desks.measure()
    yield Figure(
        f"{steady.desks} desks, p99", steady.p99_ms, 25, "ms",
        f"PayDesk's own time on one PostgreSQL, {steady.payments_per_s:.0f} payments a second, median"
        f" {steady.p50_ms:.1f} ms; flat out {flat_out.payments_per_s:.0f} a second; server and desks"
        " on this machine",
    )  # fmt: skip


def printing() -> Iterator[Figure]:
    """Yield the receipt row."""
    ours, floor = receipt_pdf.measure()
    yield Figure(
        "receipt PDF", ours / floor, 1.5, "x",
        f"{ours * MS:.1f} ms; the same lines drawn by hand with reportlab: {floor * MS:.1f} ms",
    )  # fmt: skip


def importing() -> Iterator[Figure]:
    """Yield the rows of an import."""
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
    searched = import_rows.searchable()
    yield Figure(
        "import searchable", searched.search_s / searched.import_s, 10, "x",
        f"{import_rows.ROWS:,} rows are searchable after {searched.search_s:.0f} s more; their import took"
        f" {searched.import_s:.0f} s",
    )  # fmt: skip
    if searched.memory:
        yield Figure(
            "import searchable memory", searched.search_memory / searched.memory, 1.3, "x",
            f"most memory of both: {searched.search_memory / 1e6:.0f} MB;"
            f" of the import: {searched.memory / 1e6:.0f} MB",
        )  # fmt: skip


GROUPS: Mapping[str, Callable[[], Iterator[Figure]]] = {
    "start": starting,
    "lookup": looking_up,
    "search": searching,
    "import": importing,
    "reads": reading_payments,
    "payment": paying,
    "desks": paying_together,
    "receipt": printing,
}
"""Rows by what is measured. The first payment of a large ledger is measured with its reads."""


def main() -> None:
    """Measure everything, or the groups asked for, print each row, and save them as JSON if requested."""
    parser = argparse.ArgumentParser(prog="dev.py bench", description=__doc__)
    parser.add_argument("groups", nargs="*", metavar="GROUP", help=f"only these: {', '.join(GROUPS)}")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the rows as JSON, too")
    options = parser.parse_args()
    if unknown := set(options.groups) - set(GROUPS):
        parser.error(f"no such group: {', '.join(sorted(unknown))}")
    found = []
    print(figures.HEADING)
    for name in options.groups or GROUPS:
        for figure in GROUPS[name]():
            found.append(figure)
            print(figures.line(figure), flush=True)
    if options.json:
        figures.save(found, options.json)


if __name__ == "__main__":
    main()
