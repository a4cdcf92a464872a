"""Kill and fail each system call of a payment: ``python -m tests.proofs.crash.syscalls``.

``strace`` counts the calls of a payment and injects the fault into the n-th call of a kind. Then the desk
restarts and resolves, and the books are compared as after any kill.
"""

from __future__ import annotations

import contextlib
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from tests.proofs.crash.cycles import LIFE_S, MOST_CYCLES, Figures, Stage, Victims, make_template, stage
from tests.proofs.crash.headless import Order

FILES = ("openat", "pread64", "pwrite64", "write", "fsync", "fdatasync", "ftruncate", "unlink", "rename")
NETWORK = ("connect", "sendto", "recvfrom")
FAULTS = {
    "signal=SIGKILL": (*FILES[2:], *NETWORK),
    "error=EIO": (*FILES, *NETWORK),
    "error=ENOSPC": ("openat", "pwrite64", "write", "ftruncate"),
}
"""Faults, and the calls to inject them into. Reads and opens change nothing that a kill could cut."""
NO_STRACE = "strace is not on this machine (Linux: apt install strace), and without it no call can be broken."


@dataclass(frozen=True, slots=True)
class Injection:
    """A fault at the ``nth`` call of that name."""

    call: str
    fault: str
    nth: int

    def option(self) -> str:
        """The option for strace."""
        return f"inject={self.call}:{self.fault}:when={self.nth}"


def missing() -> str:
    """Return why this cannot run here, or ``""``."""
    if sys.platform != "linux" or shutil.which("strace") is None:
        return NO_STRACE
    with subprocess.Popen(["sleep", "60"]) as child:
        looked = subprocess.run(
            ["timeout", "2", "strace", "-p", str(child.pid)], capture_output=True, text=True, check=False
        )
        child.kill()
    return "" if "attached" in looked.stderr else f"strace may not look at another process: {looked.stderr}"


@contextlib.contextmanager
def straced(on: Stage, order: Order, *options: str) -> Iterator[Path]:
    """Run a desk that takes one payment under strace. Yields the path of strace's output."""
    pid, go, out = on.base / "pid", on.base / "go", on.base.with_suffix(".strace")
    job = replace(on.job(order, 0), steps=("pay",), ahead_s=on.ahead_s, paused=True)
    on.victims.start(job)
    while not pid.exists():
        time.sleep(0.002)
    command = ["strace", "-f", "-o", str(out), "-p", pid.read_text(), *options]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as tracer:
        assert tracer.stderr is not None
        while "attached" not in tracer.stderr.readline():
            pass
        go.touch()
        code = on.victims.wait()
        tracer.wait()
    go.unlink()
    pid.unlink()
    on.ahead_s += LIFE_S
    on.lives += 1
    on.kills += code < 0
    yield out


def calls_of_a_payment(on: Stage) -> Counter[str]:
    """Return the number of each call during a payment, on the thread that takes it."""
    trace = "trace=" + ",".join((*FILES, *NETWORK))
    with straced(on, Order(tuple(on.next_numbers()[:1]), seen_before=True), "-e", trace) as out:
        lines = out.read_text().splitlines()
    main = lines[0].split()[0]
    return Counter(found[1] for line in lines if (found := re.match(rf"{main} +(\w+)\(", line)))


def injections(calls: Counter[str]) -> list[Injection]:
    """Return every fault at every call."""
    return [
        Injection(call, fault, nth)
        for fault, names in FAULTS.items()
        for call in names
        for nth in range(1, calls[call] + 1)
    ]


def inject(on: Stage, injection: Injection) -> None:
    """Take one payment with that fault, and recover."""
    order = Order(tuple(on.next_numbers()[:1]), seen_before=True)
    with straced(on, order, "-e", f"trace={injection.call}", "-e", injection.option()):
        chance = random.Random(str(injection))
    on.recover(order, replace(on.job(order, 0), refused=False), chance, str(injection))


def run(
    template: Path, folder: Path, victims: Victims, rollback_journal: bool
) -> tuple[Counter[str], int, Figures]:
    """Run everything on one kind of ledger. Returns a payment's calls, the number of faults, and totals."""
    with stage(template, folder / "count", victims, 0, rollback_journal=rollback_journal) as on:
        calls = calls_of_a_payment(on)
    todo, total = injections(calls), Figures()
    for at in range(0, len(todo), MOST_CYCLES):
        where = folder / f"inject-{at}"
        with stage(template, where, victims, at, rollback_journal=rollback_journal) as on:
            for injection in todo[at : at + MOST_CYCLES]:
                inject(on, injection)
            total += on.finish()
    return calls, len(todo), total


def main() -> int:
    """Test both kinds of ledger. Returns 1 if books differ, 2 if it cannot run here."""
    why = missing()
    if why:
        print(why, file=sys.stderr)
        return 2
    os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"
    wrong = 0
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, Victims() as victims:
        template = make_template(Path(folder, "template"))
        for rollback_journal in (False, True):
            began, name = time.monotonic(), "rollback journal" if rollback_journal else "write-ahead log"
            place = Path(folder, name.replace(" ", "-"))
            place.mkdir()
            calls, faults, figures = run(template, place, victims, rollback_journal)
            said = ", ".join(f"{count} {call}" for call, count in calls.most_common())
            print(f"{name}: {calls.total()} calls in a payment ({said})")
            print(
                f"{name}: {faults} faults injected, {figures.kills} kills, {figures.payments} payments, "
                f"{figures.charges} charges, {len(figures.wrong)} differences, "
                f"{time.monotonic() - began:.0f} s",
                flush=True,
            )
            print("\n".join(figures.wrong[:20]), end="\n" if figures.wrong else "")
            wrong += len(figures.wrong)
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
