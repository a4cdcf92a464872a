"""Time from Enter in the invoice lookup to painted rows, from a cache of any size, in the real window.

``python -m bench.lookup LEDGER INVOICES LOOKUPS`` drives one window and prints its figures as JSON.
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
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from bench import ledgers
from bench.memory import most_memory

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

    from paydesk.domain.invoices.invoice import Customer, Invoice
    from paydesk.services.desk.desk import Desk

ROUNDS, LOOKUPS, WARM_UP = 4, 100, 15


@dataclass(frozen=True, slots=True)
class Lookups:
    """Seconds of every lookup, and the peak memory of the process, in bytes.

    ``bare`` are the seconds for the same rows in a window that has nothing but a table, ``repaint`` those of
    painting our own window once more, with nothing looked up.
    """

    seconds: list[float]
    bare: list[float]
    repaint: list[float]
    memory: int


def measure(
    folder: Path, sizes: Sequence[int], rounds: int = ROUNDS, lookups: int = LOOKUPS
) -> dict[int, Lookups]:
    """Look invoices up in ledgers of these sizes, in turn so that a busy moment affects all sizes alike."""
    for size in sizes:
        ledgers.make(folder / f"{size}.ledger", size)
    found: dict[int, Lookups] = {size: Lookups([], [], [], 0) for size in sizes}
    for _ in range(rounds):
        for size, before in found.items():
            new = _drive(folder / f"{size}.ledger", size, lookups)
            found[size] = Lookups(
                [*before.seconds, *new.seconds],
                [*before.bare, *new.bare],
                [*before.repaint, *new.repaint],
                max(before.memory, new.memory),
            )
    return found


def _drive(ledger: Path, invoices: int, lookups: int) -> Lookups:
    command = [sys.executable, "-m", "bench.lookup", str(ledger), str(invoices), str(lookups)]
    env = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"the window could not be driven:\n{done.stderr}")
    said = json.loads(done.stdout)
    return Lookups(**said)


class SilentSource:
    """An AMS360 that never answers, so that the rows come from the cache alone."""

    def __init__(self) -> None:
        self.ended = threading.Event()

    def invoice(self, number: str) -> Invoice | None:
        """Wait without an answer."""
        self.ended.wait()
        return None

    def customer(self, number: str) -> Customer | None:
        """Wait without an answer."""
        self.ended.wait()
        return None

    def open_invoices(self, customer: Customer) -> Sequence[Invoice]:
        """Wait without an answer."""
        self.ended.wait()
        return ()


def _desk(path: Path) -> Desk:
    from paydesk.config.clock import SystemClock
    from paydesk.services.invoices.lookup import Lookup
    from paydesk.store.cache.cache import SqlCache
    from paydesk.store.database.opening import open_file
    from paydesk.store.ledger.ledger import SqlLedger
    from tests.fakes.office import Office

    store, clock = open_file(path, "training", lambda _path: ledgers.KEY), SystemClock()
    store.maintenance.close()  # its check at the start would read the whole file during the first lookups
    ledger = SqlLedger(
        store.engine,
        clock,
        desk="Bench",
        user="bench",
        host="bench",
        path=store.place,
        locks=path.parent / "desks",
        maintenance=store.maintenance,
    )
    lookup = Lookup(SilentSource(), SqlCache(store.engine, store.place), ledger, clock)
    # What lookups do not need works on an empty ledger in memory.
    return replace(Office().desk, ledger=ledger, clock=clock, lookup=lookup)


def drive(path: Path, invoices: int, lookups: int) -> Lookups:
    """Open the window on a ledger and look up a different invoice each time, with the keyboard alone."""
    from PySide6.QtCore import QEvent, QEventLoop, QObject, Qt
    from PySide6.QtGui import QStandardItem, QStandardItemModel
    from PySide6.QtTest import QTest
    from PySide6.QtWidgets import QTableView

    from paydesk.ui.main.window import MainWindow
    from paydesk.ui.qt.application import new_application, wait

    class Painted(QObject):
        """Event filter that notes when the table is painted with the wanted rows."""

        wanted, seen = "", False

        def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt names it
            rows = window.take.selection.model.rows
            if event.type() == QEvent.Type.Paint and rows and rows[0].invoice.number == self.wanted:
                self.seen = True
            return False

    class Bare(QTableView):
        """A window that is nothing but a table."""

        painted = False

        def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt names it
            super().paintEvent(event)
            self.painted = True

        def seconds(self, texts: list[list[str]]) -> float:
            started, self.painted = perf_counter(), False
            model = QStandardItemModel(len(texts), len(texts[0]) if texts else 0, self)
            for row, cells in enumerate(texts):
                for column, cell in enumerate(cells):
                    model.setItem(row, column, QStandardItem(cell))
            self.setModel(model)
            while not self.painted:
                app.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
            return perf_counter() - started

    app = new_application()
    bare = Bare()
    bare.show()
    window = MainWindow(lambda: _desk(path))
    bare.resize(window.size())
    painted = Painted()
    window.take.selection.table.viewport().installEventFilter(painted)
    window.show()
    while window.desk is None:
        app.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
    wait(300)  # fonts and lists load after the start
    field, model = window.take.lookup.invoice.number, window.take.selection.model
    seconds, floor, repaint = [], [], []
    for number in _numbers(invoices, lookups + WARM_UP):
        window.next_caller()
        QTest.keyClicks(field, number)
        wait(5)
        painted.wanted, painted.seen = number, not invoices
        started = perf_counter()
        QTest.keyClick(field, Qt.Key.Key_Return)
        while not painted.seen:
            # When this returns, the whole window has been painted.
            app.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
        seconds.append(perf_counter() - started)
        started = perf_counter()
        window.repaint()
        repaint.append(perf_counter() - started)
        rows, columns = range(model.rowCount()), range(model.columnCount())
        shown = [[str(model.index(row, column).data() or "") for column in columns] for row in rows]
        floor.append(bare.seconds(shown))
    return Lookups(seconds[WARM_UP:], floor[WARM_UP:], repaint[WARM_UP:], most_memory())


def _numbers(invoices: int, count: int) -> list[str]:
    source = random.Random(count)
    return [str(ledgers.FIRST + source.randrange(max(invoices, 1))) for _ in range(count)]


if __name__ == "__main__":
    found = drive(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
    print(json.dumps(asdict(found)), flush=True)
    os._exit(0)  # the threads that wait for AMS360 never end
