"""Enter in the invoice lookup to painted rows, from a cache of any size, in the real window.

``python -m bench.lookup LEDGER INVOICES LOOKUPS`` drives one window and prints its figures as JSON;
``measure`` runs it for ledgers of several sizes, in turn.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any, cast

from bench import ledgers
from bench.memory import most_memory

if TYPE_CHECKING:
    from paydesk.domain.invoice import Customer, Invoice
    from paydesk.services.desk import Desk

ROUNDS, LOOKUPS, WARM_UP = 4, 100, 15


@dataclass(frozen=True, slots=True)
class Lookups:
    """Seconds of every lookup, and the most memory the process ever held, in bytes."""

    seconds: list[float]
    memory: int


def measure(
    folder: Path, sizes: Sequence[int], rounds: int = ROUNDS, lookups: int = LOOKUPS
) -> dict[int, Lookups]:
    """Look invoices up in ledgers of these sizes, the sizes in turn so that a busy moment hits all alike."""
    for size in sizes:
        ledgers.make(folder / f"{size}.ledger", size)
    found: dict[int, Lookups] = {size: Lookups([], 0) for size in sizes}
    for _ in range(rounds):
        for size, before in found.items():
            new = _drive(folder / f"{size}.ledger", size, lookups)
            found[size] = Lookups([*before.seconds, *new.seconds], max(before.memory, new.memory))
    return found


def _drive(ledger: Path, invoices: int, lookups: int) -> Lookups:
    command = [sys.executable, "-m", "bench.lookup", str(ledger), str(invoices), str(lookups)]
    env = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"the window could not be driven:\n{done.stderr}")
    said = json.loads(done.stdout)
    return Lookups(said["seconds"], said["memory"])


class SilentSource:
    """AMS360 on a line where no answer ever comes: what is seen is the cache alone."""

    def __init__(self) -> None:
        self.ended = threading.Event()

    def invoice(self, number: str) -> Invoice | None:
        """Never answers."""
        self.ended.wait()
        return None

    def customer(self, number: str) -> Customer | None:
        """Never answers."""
        self.ended.wait()
        return None

    def open_invoices(self, customer: Customer) -> Sequence[Invoice]:
        """Never answers."""
        self.ended.wait()
        return ()


def _desk(path: Path) -> Desk:
    from paydesk.clock import SystemClock
    from paydesk.services.lookup import Lookup
    from paydesk.store.cache import InvoiceCache
    from paydesk.store.ledger import SqlLedger
    from paydesk.store.opening import open_file
    from tests.fakes.desk import FakeDesk

    store, clock = open_file(path, "training", lambda _path: ledgers.KEY), SystemClock()
    store.care.close()  # the check of the start reads the whole file beside the first lookups: let it end
    ledger = SqlLedger(
        store.engine,
        clock,
        desk="Bench",
        user="bench",
        host="bench",
        path=store.place,
        locks=path.parent / "desks",
        care=store.care,
    )
    desk: Any = FakeDesk()  # its fees, its settings; what lookups need is real
    desk.ledger, desk.clock = ledger, clock
    desk.lookup = Lookup(SilentSource(), InvoiceCache(store.engine, store.place), ledger, clock)
    return cast("Desk", desk)


def drive(path: Path, invoices: int, lookups: int) -> Lookups:
    """Open the window on a ledger and look invoices up, each another one; all of them with the keyboard."""
    from PySide6.QtCore import QEvent, QEventLoop, QObject, Qt
    from PySide6.QtTest import QTest
    from PySide6.QtWidgets import QApplication

    from paydesk.ui.window import MainWindow

    class Painted(QObject):
        """Notes that the table was painted while it showed what was looked up."""

        wanted, seen = "", False

        def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt names it
            rows = window.take.selection.model.rows
            if event.type() == QEvent.Type.Paint and rows and rows[0].invoice.number == self.wanted:
                self.seen = True
            return False

    app = QApplication.instance() or QApplication([])
    window = MainWindow(lambda: _desk(path))
    painted = Painted()
    window.take.selection.table.viewport().installEventFilter(painted)
    window.show()
    while window.desk is None:
        app.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
    QTest.qWait(300)  # fonts and lists that come after the start
    field, seconds = window.take.lookup.invoice.number, []
    for number in _numbers(invoices, lookups + WARM_UP):
        window.next_caller()
        QTest.keyClicks(field, number)
        QTest.qWait(5)
        painted.wanted, painted.seen = number, not invoices
        started = perf_counter()
        QTest.keyClick(field, Qt.Key.Key_Return)
        while not painted.seen:
            # The painting is over, of the whole window, when this returns.
            app.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
        seconds.append(perf_counter() - started)
    return Lookups(seconds[WARM_UP:], most_memory())


def _numbers(invoices: int, count: int) -> list[str]:
    source = random.Random(count)
    return [str(ledgers.FIRST + source.randrange(max(invoices, 1))) for _ in range(count)]


if __name__ == "__main__":
    found = drive(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
    print(json.dumps({"seconds": found.seconds, "memory": found.memory}), flush=True)
    os._exit(0)  # the threads that wait for AMS360 would wait for ever
