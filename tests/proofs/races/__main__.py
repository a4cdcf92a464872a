"""``python -m tests.proofs.races --attempts N``: attempts to pay on each engine, and the controls."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from tests.fakes.ledger import LedgerMaker, ServerLedgerMaker
from tests.fakes.postgres import running_server
from tests.proofs.races.racer import Race, run


def main() -> int:
    """Race on SQLite and on PostgreSQL. Returns 1 if an invoice was not charged exactly once."""
    parser = argparse.ArgumentParser(prog="dev.py races")
    parser.add_argument("--attempts", type=int, default=10_000)
    attempts = parser.parse_args().attempts
    failed = False
    with ExitStack() as opened:
        server = opened.enter_context(running_server())
        for engine in ("SQLite", "PostgreSQL"):
            for guarded in (True, False):
                folder = Path(opened.enter_context(tempfile.TemporaryDirectory()))
                maker = (
                    LedgerMaker(folder / "race.ledger")
                    if engine == "SQLite"
                    else ServerLedgerMaker(opened.enter_context(server.database()), folder / "race.ledger")
                )
                with maker:
                    maker("Front-0")
                    failed |= _race(engine, maker.address, folder, attempts, guarded)
    return int(failed)


def _race(engine: str, address: str, folder: Path, attempts: int, guarded: bool) -> bool:
    """Run one race and print a line about it. Returns True if it did not end as it must."""
    plan = Race(address, folder, guarded=guarded)
    rounds = -(-attempts // plan.attempts) if guarded else 1
    plan = Race(address, folder, rounds=rounds, guarded=guarded)
    began = time.monotonic()
    result = run(plan)
    name = engine if guarded else f"{engine}, control without lock and index"
    print(
        f"{name}: {plan.processes} processes, {plan.invoices} invoices, {rounds} rounds, "
        f"{result.attempts} attempts, {result.charged} charges, {result.doubled} invoices charged twice, "
        f"{time.monotonic() - began:.0f} s ({_said(result.answers)})",
        flush=True,
    )
    if not guarded:
        return result.doubled == 0
    print("\n".join(result.wrong[:20]), end="\n" if result.wrong else "")
    return bool(result.wrong)


def _said(answers: dict[str, int]) -> str:
    return ", ".join(f"{count} {answer}" for answer, count in sorted(answers.items()))


if __name__ == "__main__":
    sys.exit(main())
