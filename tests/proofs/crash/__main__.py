"""Kill desks: ``python -m tests.proofs.crash --runs N``, half at the named points, half at any instant."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import count, islice
from pathlib import Path

from tests.proofs.crash import points
from tests.proofs.crash.cycles import MOST_CYCLES, RANDOM, Figures, Victims, make_template, run_cycles

WORKERS = 2
EVERY = (
    *points.PAYING, *points.RECOVERING, *points.POSTING, *points.VOIDING, *points.REFUNDING, *points.OFFERING
)  # fmt: skip
NAMED = [point for point in EVERY if points.is_kill(point)]
Work = list[tuple[str, int]]


def plan(runs: int, first: int) -> list[Work]:
    """Return the work of each ledger: a named point, then a random instant, each with a new seed."""
    cycles = (
        (RANDOM if turn % 2 else NAMED[turn // 2 % len(NAMED)], seed)
        for turn, seed in zip(count(), count(first), strict=False)
    )
    todo = list(islice(cycles, runs))
    return [todo[at : at + MOST_CYCLES] for at in range(0, len(todo), MOST_CYCLES)]


def main() -> int:
    """Run that many kill cycles. Returns 1 if any books differ."""
    parser = argparse.ArgumentParser(prog="dev.py kills")
    parser.add_argument("--runs", type=int, default=2000)
    parser.add_argument("--first", type=int, default=1000, help="the first seed")
    options = parser.parse_args()
    os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"
    began, total, done = time.monotonic(), Figures(), 0
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder,
        ThreadPoolExecutor(WORKERS) as pool,
    ):
        template = make_template(Path(folder, "template"))

        def run(numbered: tuple[int, Work]) -> Figures:
            turn, work = numbered
            with Victims() as victims:
                return run_cycles(
                    template, Path(folder, f"desk-{turn}"), victims, work, rollback_journal=turn % 2 == 1
                )

        batches = plan(options.runs, options.first)
        for work, figures in zip(batches, pool.map(run, enumerate(batches)), strict=True):
            total += figures
            done += len(work)
            print(f"{done} cycles, {total.kills} kills, {len(total.wrong)} differences", flush=True)
            print("\n".join(figures.wrong), end="\n" if figures.wrong else "", flush=True)
    print(
        f"{done} cycles, {total.kills} kills at {len(NAMED)} points and at random instants, "
        f"{total.lives} starts, {total.payments} payments, {total.charges} charges, "
        f"{len(total.wrong)} differences, {time.monotonic() - began:.0f} s"
    )
    return int(bool(total.wrong))


if __name__ == "__main__":
    sys.exit(main())
