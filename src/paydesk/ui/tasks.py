"""Worker lanes: nothing slow runs on the UI thread, and every result comes back to it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import TypeVar

from PySide6.QtCore import QObject, Signal, Slot
from shiboken6 import isValid

T = TypeVar("T")


class Task:
    """A piece of work handed to a lane. Cancelled, nobody hears of its result."""

    def __init__(self, context: QObject | None) -> None:
        self._context = context
        self._cancelled = False

    def cancel(self) -> None:
        """Drop the result; work that has not begun never begins."""
        self._cancelled = True

    @property
    def wanted(self) -> bool:
        """Somebody still waits for the result."""
        return not self._cancelled and (self._context is None or isValid(self._context))


class Lane:
    """A few daemon threads taking work from one queue, started when first needed."""

    def __init__(self, name: str, workers: int) -> None:
        self._name = name
        self._workers = workers
        self._started = 0
        self._queue: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._idle = threading.Condition()
        self._pending = 0

    def put(self, job: Callable[[], None]) -> None:
        """Run the job on a thread of this lane, in turn."""
        with self._idle:
            self._pending += 1
            if self._started < min(self._workers, self._pending):
                self._started += 1
                threading.Thread(target=self._run, name=f"{self._name}-{self._started}", daemon=True).start()
        self._queue.put(job)

    def _run(self) -> None:
        while True:
            job = self._queue.get()
            try:
                job()
            finally:
                del job  # a charge carries its card: nothing may hold it until the next job comes
                with self._idle:
                    self._pending -= 1
                    self._idle.notify_all()

    @property
    def busy(self) -> bool:
        """Work is running or waiting."""
        return self._pending > 0

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait until the lane is idle; False when the time ran out first."""
        with self._idle:
            return self._idle.wait_for(lambda: self._pending == 0, timeout_s)


class Lanes(QObject):
    """The lanes of one window; what each is for, its method says."""

    _arrived = Signal(object)

    def __init__(self, parent: QObject) -> None:
        """``parent`` owns them: else the thread that finishes last would delete what belongs to Qt's."""
        super().__init__(parent)
        self._arrived.connect(self._deliver)
        self._money = Lane("money", 1)
        self._lookup = Lane("lookup", 4)
        self._read = Lane("read", 1)
        self._chore = Lane("chore", 1)

    def money(
        self,
        work: Callable[[], T],
        done: Callable[[T], None],
        failed: Callable[[Exception], None],
        context: QObject | None = None,
    ) -> Task:
        """Work that moves money: never two at a time, never dropped; quitting waits for it."""
        return self._put(self._money, work, done, failed, context)

    def lookup(
        self,
        work: Callable[[], T],
        done: Callable[[T], None],
        failed: Callable[[Exception], None],
        context: QObject | None = None,
    ) -> Task:
        """Work that asks the network and changes nothing. Cancel the task to let a newer one supersede it."""
        return self._put(self._lookup, work, done, failed, context)

    def read(
        self,
        work: Callable[[], T],
        done: Callable[[T], None],
        failed: Callable[[Exception], None],
        context: QObject | None = None,
    ) -> Task:
        """Quick work on the ledger alone; never behind a slow network."""
        return self._put(self._read, work, done, failed, context)

    def chore(
        self,
        work: Callable[[], T],
        done: Callable[[T], None],
        failed: Callable[[Exception], None],
        context: QObject | None = None,
    ) -> Task:
        """Work in the background, one at a time: asking what became of unclear charges, heartbeats."""
        return self._put(self._chore, work, done, failed, context)

    def post(self, call: Callable[[], None]) -> None:
        """Run ``call`` on the UI thread soon; for progress out of running work. From any thread.

        Once the window is gone, nobody is left to hear of it.
        """
        if isValid(self):
            self._arrived.emit(call)

    @property
    def money_busy(self) -> bool:
        """A payment is running."""
        return self._money.busy

    @property
    def chore_busy(self) -> bool:
        """Work in the background is running or waiting."""
        return self._chore.busy

    def wait_for_money(self, timeout_s: float | None = None) -> bool:
        """Wait for running payments before quitting; False when the time ran out first."""
        return self._money.wait(timeout_s)

    def _put(
        self,
        lane: Lane,
        work: Callable[[], T],
        done: Callable[[T], None],
        failed: Callable[[Exception], None],
        context: QObject | None,
    ) -> Task:
        task = Task(context)
        always = lane is self._money

        def run() -> None:
            if not always and not task.wanted:
                return
            try:
                result = work()
            except Exception as error:  # every failure has a way to the user: notify.report
                caught = error
                self.post(lambda: failed(caught) if task.wanted else None)
            else:
                self.post(lambda: done(result) if task.wanted else None)

        lane.put(run)
        return task

    @Slot(object)
    def _deliver(self, call: Callable[[], None]) -> None:
        call()
