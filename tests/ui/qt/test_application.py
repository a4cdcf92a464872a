"""The wait of the tour lets other threads run, as the real window's event loop does."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable

from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from paydesk.ui.qt.application import wait

WAIT_MS = 300


def reads_beside(waiting: Callable[[int], None]) -> int:
    """Return the number of files that another thread reads while this one waits once."""
    reads, stop = [0], threading.Event()

    def read() -> None:
        while not stop.is_set():
            os.stat(__file__)
            reads[0] += 1

    thread = threading.Thread(target=read)
    thread.start()
    before = reads[0]
    waiting(WAIT_MS)
    during = reads[0] - before
    stop.set()
    thread.join()
    return during


def test_a_thread_that_reads_files_goes_on_during_the_wait(qtbot: QtBot) -> None:
    """Measured: 60,000 reads beside ours, 300 to 1,000 beside qWait, which keeps the interpreter lock.

    A busy machine may spoil a comparison, but not all of twenty.
    """
    assert any(reads_beside(wait) > 10 * reads_beside(QTest.qWait) for _ in range(20))
