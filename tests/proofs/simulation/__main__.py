"""Run many histories, on all processors: ``python -m tests.proofs.simulation --seeds 1000 --first 1``."""

from __future__ import annotations

import argparse
import logging
import os
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor

from tests.proofs.simulation.run import Total, explain, run_all

_BATCH = 200


def main() -> int:
    """Run the histories. Returns 1 if one violates an invariant.

    The last line is ``N histories, M payments, K faults, 0 violations``.
    """
    parser = argparse.ArgumentParser(prog="dev.py simulate", description=__doc__)
    parser.add_argument("--seeds", type=int, default=1000, help="how many histories")
    parser.add_argument(
        "--first", type=int, default=1, help="the first seed; history N is the same every time"
    )
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    _be_quiet()
    began = time.monotonic()
    total = Total()
    last = options.first + options.seeds
    batches = [range(start, min(start + _BATCH, last)) for start in range(options.first, last, _BATCH)]
    for done in _totals(batches, options.processes):
        total.join(done)
        for seed in done.failed:
            print(f"violation at seed {seed}", flush=True)
    for seed in total.failed[:3]:
        print(f"\n{explain(seed)}")
    print(f"states: {', '.join(f'{state} {count}' for state, count in total.states.most_common())}")
    rarest = min(total.points.values(), default=0)
    print(f"{len(total.points)} kinds and places of faults, each at least {rarest} times")
    spent_s = time.monotonic() - began
    print(
        f"{spent_s:.0f} s on {options.processes} processes, {options.seeds / spent_s:.0f} histories a second"
    )
    print(total)
    return int(bool(total.failed))


def _be_quiet() -> None:
    """Disable the log, because faults are expected here."""
    logging.disable()


def _totals(batches: list[range], processes: int) -> Iterator[Total]:
    if processes == 1:
        yield from map(run_all, batches)
        return
    with ProcessPoolExecutor(processes, initializer=_be_quiet) as pool:
        yield from pool.map(run_all, batches)


if __name__ == "__main__":
    sys.exit(main())
