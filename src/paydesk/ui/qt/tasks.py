"""Worker lanes: nothing slow runs on the UI thread, and every result returns to it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import ClassVar, TypeVar

from PySide6.QtCore import QCoreApplication, QObject, Signal, Slot
from shiboken6 import isValid

T = TypeVar("T")


class Task:
    """Work queued on a lane. If canceled, its result is dropped."""

    def __init__(self, context: QObject | None) -> None:
        self._context = context
        self._canceled = False

    def cancel(self) -> None:
        """Drop the result. Work that has not begun never begins."""
        self._canceled = True

    @property
    def wanted(self) -> bool:
        """True while the result is waited for."""
        return not self._canceled and (self._context is None or isValid(self._context))


class Lane:
    """Daemon threads that take work from one queue. Each starts when it is first needed."""

    def __init__(
        self, name: str, workers: int, post: Callable[[Callable[[], None]], None], *, always: bool = False
    ) -> None:
        """``post`` runs a call on the UI thread, as long as the window is there.

        With ``always``, work runs even if its task was canceled.
        """
        self._name = name
        self._workers = workers
        self._post = post
        self._courier = _Courier.of_application()
        self._always = always
        self._started = 0
        self._queue: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._idle = threading.Condition()
        self._pending = 0

    def run(
        self,
        work: Callable[[], T],
        done: Callable[[T], None],
        failed: Callable[[Exception], None],
        context: QObject | None = None,
    ) -> Task:
        """Run ``work`` on a thread of this lane, in turn. Then ``done`` or ``failed`` runs on the UI thread.

        Neither runs once ``context`` is deleted, or the task was canceled.
        """
        task = Task(context)

        def job() -> None:
            if not self._always and not task.wanted:
                return
            try:
                result = work()
            except Exception as error:  # notices.report shows every failure to the clerk
                caught = error
                self._post(lambda: failed(caught) if task.wanted else None)
            else:
                self._post(lambda: done(result) if task.wanted else None)

        self._put(job)
        return task

    def _put(self, job: Callable[[], None]) -> None:
        with self._idle:
            self._pending += 1
            if self._started < min(self._workers, self._pending):
                self._started += 1
                threading.Thread(target=self._work, name=f"{self._name}-{self._started}", daemon=True).start()
        self._queue.put(job)

    def _work(self) -> None:
        while True:
            # In a list, which the UI thread empties at once. A job refers to pages, and a widget whose last
            # reference is dropped here would be deleted on this thread. A charge contains its card, so
            # nothing may refer to it until the next job comes.
            job = [self._queue.get()]
            try:
                job[0]()
            finally:
                self._courier.post(job.clear)
                del job
                with self._idle:
                    self._pending -= 1
                    self._idle.notify_all()

    @property
    def busy(self) -> bool:
        """True while work is running or waiting."""
        return self._pending > 0

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait until the lane is idle. Returns False if the time ran out first."""
        with self._idle:
            return self._idle.wait_for(lambda: self._pending == 0, timeout_s)


class _Courier(QObject):
    """Sends calls to the UI thread, for all windows.

    It lives as long as the application. One that a window deletes could be deleted while a worker thread is
    inside it, which ends the program, and no check or lock of ours comes before that.
    """

    _arrived = Signal(object)
    _only: ClassVar[_Courier | None] = None

    def __init__(self, application: QCoreApplication) -> None:
        super().__init__(application)
        self._arrived.connect(self._deliver)

    @classmethod
    def of_application(cls) -> _Courier:
        """Return the only one."""
        application = QCoreApplication.instance()
        assert application is not None, "there is no Qt application"
        if cls._only is None or not isValid(cls._only):  # findChild would load all of QStyle: 8 ms of a start
            cls._only = cls(application)
        return cls._only

    def post(self, call: Callable[[], None]) -> None:
        """Run ``call`` on the UI thread soon. When the program ends, a call may come too late."""
        if isValid(self):
            self._arrived.emit(call)

    @Slot(object)
    def _deliver(self, call: Callable[[], None]) -> None:
        call()


class Lanes:
    """The worker lanes of one window. See each attribute for its purpose.

    Nothing here refers back to it. Objects in a reference cycle are deleted by whichever thread collects
    garbage, and a worker thread must not delete a QObject.
    """

    def __init__(self, window: QObject) -> None:
        """``window`` hears of what the lanes did, as long as it is not deleted."""
        courier, place = _Courier.of_application(), QObject(window)

        def post(call: Callable[[], None]) -> None:
            courier.post(lambda: call() if isValid(place) else None)

        self.post = post
        """Runs a call on the UI thread soon, to report progress of running work. Safe on any thread.

        Once the window is deleted, the call is dropped.
        """
        self.money = Lane("money", 1, self.post, always=True)
        """Work that moves money: never two at a time, never dropped. Quitting waits for it."""
        self.lookup = Lane("lookup", 4, self.post)
        """Work that asks the network and changes nothing."""
        self.read = Lane("read", 1, self.post)
        """Quick work on the ledger alone, never behind a slow network."""
        self.background = Lane("background", 1, self.post)
        """Background work, one job at a time: resolving unclear charges."""
