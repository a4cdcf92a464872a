"""The worker lanes: who hears of a result, and who does not."""

from __future__ import annotations

import sys
import threading
import weakref
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QCoreApplication, QObject, QThread
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import delete, isValid

from paydesk.ui.qt.tasks import Lanes


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[QObject]:
    """Return the owner of the lanes. It is gone when the test ends."""
    window = QObject()
    yield window
    if isValid(window):
        window.deleteLater()


@pytest.fixture
def lanes(window: QObject) -> Lanes:
    """The lanes of a window."""
    return Lanes(window)


def _ignore(_value: object) -> None:
    return None


def test_work_runs_elsewhere_and_its_result_arrives_on_the_ui_thread(
    window: QObject, lanes: Lanes, qtbot: QtBot
) -> None:
    here = threading.get_ident()
    heard: list[tuple[int, int]] = []
    lanes.read.run(threading.get_ident, lambda there: heard.append((there, threading.get_ident())), _ignore)
    qtbot.waitUntil(lambda: len(heard) == 1)
    assert heard[0][0] != here
    assert heard[0][1] == here
    assert QThread.currentThread() is window.thread()


def test_an_error_arrives_as_an_error(lanes: Lanes, qtbot: QtBot) -> None:
    failed: list[Exception] = []

    def work() -> None:
        raise OSError("no")

    lanes.lookup.run(work, _ignore, failed.append)
    qtbot.waitUntil(lambda: len(failed) == 1)
    assert isinstance(failed[0], OSError)


def test_a_canceled_task_and_a_deleted_page_hear_nothing(lanes: Lanes, qtbot: QtBot) -> None:
    heard: list[str] = []
    gate = threading.Event()
    page = QObject()
    task = lanes.lookup.run(lambda: gate.wait(10), lambda _done: heard.append("canceled"), _ignore)
    lanes.lookup.run(lambda: gate.wait(10), lambda _done: heard.append("deleted"), _ignore, page)
    lanes.lookup.run(lambda: gate.wait(10), lambda _done: heard.append("wanted"), _ignore)
    task.cancel()
    page.deleteLater()
    qtbot.wait(1)
    gate.set()
    qtbot.waitUntil(lambda: heard == ["wanted"])
    qtbot.wait(20)
    assert heard == ["wanted"]


def test_money_moves_one_at_a_time_and_is_never_dropped(lanes: Lanes, qtbot: QtBot) -> None:
    running: list[int] = []
    most: list[int] = []
    gate = threading.Event()

    def pay(number: int) -> int:
        running.append(number)
        most.append(len(running))
        gate.wait(10)
        running.remove(number)
        return number

    tasks = [lanes.money.run(lambda n=n: pay(n), _ignore, _ignore) for n in range(3)]  # type: ignore[misc]  # n is bound
    tasks[1].cancel()
    assert lanes.money.busy
    assert not lanes.money.wait(0.01)
    gate.set()
    assert lanes.money.wait(5)
    assert most == [1, 1, 1]
    assert not lanes.money.busy


def test_progress_is_heard_before_the_result(lanes: Lanes, qtbot: QtBot) -> None:
    heard: list[str] = []

    def work() -> str:
        lanes.post(lambda: heard.append("half"))
        return "whole"

    lanes.background.run(work, heard.append, _ignore)
    qtbot.waitUntil(lambda: heard == ["half", "whole"])


def test_a_full_lookup_lane_does_not_hold_up_the_ledger(lanes: Lanes, qtbot: QtBot) -> None:
    gate = threading.Event()
    for _ in range(6):
        lanes.lookup.run(lambda: gate.wait(10), _ignore, _ignore)
    heard: list[int] = []
    lanes.read.run(lambda: 1, heard.append, _ignore)
    qtbot.waitUntil(lambda: heard == [1])
    gate.set()


def test_work_that_ends_after_the_window_is_heard_by_nobody(
    window: QObject, lanes: Lanes, qtbot: QtBot
) -> None:
    gate, heard = threading.Event(), list[object]()
    lanes.money.run(lambda: gate.wait(10), heard.append, heard.append)
    window.deleteLater()
    qtbot.waitUntil(lambda: not isValid(window))
    gate.set()
    assert lanes.money.wait(5)
    assert heard == []


def test_a_page_that_a_job_kept_alive_is_deleted_on_the_ui_thread(lanes: Lanes, qtbot: QtBot) -> None:
    """A worker dropped the last reference to a window that just got an event. It ended the program."""
    gate, page, there = threading.Event(), QWidget(), list[int]()
    weakref.finalize(page, lambda: there.append(threading.get_ident()))
    lanes.read.run(lambda: gate.wait(10), _ignore, _ignore)
    lanes.read.run(page.width, _ignore, _ignore).cancel()
    del page
    gate.set()
    qtbot.waitUntil(lambda: len(there) == 1)
    assert there == [threading.get_ident()]


@pytest.mark.usefixtures("qapp")
def test_a_window_may_be_deleted_while_its_workers_report() -> None:
    """They reported through an object of the window. Deleted at that moment, it ended the program."""
    switched = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for _ in range(20):
            window = QObject()
            post, begun, end = Lanes(window).post, threading.Barrier(4), threading.Event()
            workers = [threading.Thread(target=_report, args=(post, begun, end)) for _ in range(3)]
            for worker in workers:
                worker.start()
            begun.wait()
            delete(window)
            end.set()
            for worker in workers:
                worker.join()
            QCoreApplication.processEvents()
    finally:
        sys.setswitchinterval(switched)


def _report(
    post: Callable[[Callable[[], None]], None], begun: threading.Barrier, end: threading.Event
) -> None:
    begun.wait()
    while not end.is_set():
        post(lambda: None)
