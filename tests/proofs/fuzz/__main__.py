"""Fuzz readers on all processors: ``python -m tests.proofs.fuzz --minutes 10 [READER ...]``."""

from __future__ import annotations

import argparse
import logging
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor

from tests.proofs.fuzz.readers import READERS
from tests.proofs.fuzz.run import CORPUS, Done, allow_alarm, corpus, fuzz


def main() -> int:
    """Fuzz each reader for so many minutes. Returns 1 if one failed.

    The last line is ``N executions of M readers, K faults``.
    """
    parser = argparse.ArgumentParser(prog="dev.py fuzz", description=__doc__)
    parser.add_argument("readers", nargs="*", metavar="READER", help=f"of {', '.join(READERS)}; all if none")
    parser.add_argument("--minutes", type=float, default=10, help="of each reader")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="another seed, other inputs")
    parser.add_argument("--grow", action="store_true", help="keep small inputs that reach new lines")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    unknown = set(options.readers) - READERS.keys()
    if unknown:
        parser.error(f"no reader {', '.join(sorted(unknown))}")
    print(f"seed {options.seed}", flush=True)
    names = options.readers or list(READERS)
    executions = faults = 0
    with ProcessPoolExecutor(options.processes, initializer=_alone) as pool:
        for done in pool.map(_run, names, [options.minutes] * len(names), [options.seed] * len(names)):
            executions, faults = executions + done.executions, faults + len(done.faults)
            _tell(done, grow=options.grow)
    print(f"{executions} executions of {len(names)} readers, {faults} faults")
    return int(bool(faults))


def _alone() -> None:
    logging.disable()
    allow_alarm()


def _run(reader: str, minutes: float, seed: int) -> Done:
    done = fuzz(reader, seed, until_s=time.monotonic() + minutes * 60)
    done.lines.clear()  # code objects do not travel between processes
    return done


def _tell(done: Done, *, grow: bool) -> None:
    known = corpus(done.reader)
    fresh = [body for body in done.pool if body not in known]
    print(
        f"{done.reader:12} {done.executions:9,} executions, {len(fresh)} inputs reached new lines", flush=True
    )
    for fault in done.faults:
        fault.file.write_bytes(fault.body)
        print(f"  FAULT {fault.error}\n        kept as {fault.file}", flush=True)
    if grow:
        taken = len(known)
        for at, body in enumerate(fresh[:40], taken):
            (CORPUS / done.reader / f"grown-{at:03}").write_bytes(body)


if __name__ == "__main__":
    sys.exit(main())
