"""The collector of the window: on its own thread, and given back afterwards."""

from __future__ import annotations

import gc
import threading
from typing import ClassVar

from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from paydesk.ui.qt.gc_on_ui_thread import Collector


class Knot:
    """Refers to itself, and notes the thread that frees it."""

    freed_on: ClassVar[list[int]] = []

    def __init__(self) -> None:
        self.self = self

    def __del__(self) -> None:
        Knot.freed_on.append(threading.get_ident())


def test_knots_made_on_a_worker_are_freed_on_the_ui_thread(qtbot: QtBot) -> None:
    parent = QObject()
    collector = Collector(parent)
    try:
        # Once may not fill a generation: what other threads free meanwhile is taken off its count.
        while not Knot.freed_on:
            worker = threading.Thread(target=lambda: [Knot() for _ in range(5_000)])
            worker.start()
            worker.join()
            assert Knot.freed_on == []
            collector.look()
        assert set(Knot.freed_on) == {threading.get_ident()}
    finally:
        gc.enable()
        parent.deleteLater()


def test_python_collects_again_when_it_ends(qtbot: QtBot) -> None:
    parent = QObject()
    collector = Collector(parent)
    assert not gc.isenabled()
    with qtbot.waitSignal(collector.destroyed):
        collector.deleteLater()
    assert gc.isenabled()
