"""Virtual time, and tasks of which exactly one runs: real threads that pass one baton.

A task gives up the baton only where it sleeps. So the real, synchronous code runs unchanged between two such
places, and the seed alone determines the order of everything.
"""

from __future__ import annotations

import heapq
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.proofs.simulation.chance import Chance


class Crash(BaseException):
    """The process of a desk has ended. Its threads only unwind."""


class Abandoned(BaseException):
    """The history ended early with a violation, and every task unwinds."""


@dataclass(eq=False, slots=True)
class Task:
    """One thread of one desk."""

    name: str
    work: Callable[[], None]
    baton: threading.Lock
    wakes: int = 0
    """Number of the newest wake. Older wakes do not count."""
    doomed: type[BaseException] | None = None
    """The exception to raise when it next gets the baton."""
    done: bool = False


@dataclass(order=True, slots=True)
class _Event:
    at_s: float
    tie: int
    act: Callable[[], None] | None = field(compare=False)
    task: Task | None = field(compare=False, default=None)
    wake: int = field(compare=False, default=0)


class Schedule:
    """The clock, and the queue of events."""

    def __init__(self, chance: Chance) -> None:
        self.now_s = 0.0
        self._chance = chance
        self._queue: list[_Event] = []
        self._main = threading.Lock()
        self._main.acquire()
        self._until_s = 0.0
        self.current: Task | None = None
        self.tasks: list[Task] = []
        self.failure: BaseException | None = None

    def at(self, at_s: float, act: Callable[[], None]) -> None:
        """Run ``act`` at that time. It must not sleep."""
        heapq.heappush(self._queue, _Event(max(at_s, self.now_s), self._tie(), act))

    def start(self, name: str, work: Callable[[], None], at_s: float) -> Task:
        """Start a new task at that time."""
        task = Task(name, work, threading.Lock())
        task.baton.acquire()
        self.tasks.append(task)
        threading.Thread(target=self._run, args=(task,), name=name, daemon=True).start()
        self._wake_at(task, at_s)
        return task

    def wake(self, task: Task) -> None:
        """End a task's sleep now."""
        self._wake_at(task, self.now_s)

    def sleep(self, seconds: float) -> None:
        """Let the running task wait while others run."""
        task = self.current
        assert task is not None
        self._wake_at(task, self.now_s + seconds)
        self._pass_on(task)
        if task.doomed is not None:
            raise task.doomed

    def run_until(self, until_s: float) -> None:
        """Run everything up to that time. Raises what a task did not handle."""
        self._until_s = until_s
        self._pass_on(None)
        self.now_s = max(self.now_s, until_s)
        if self.failure is not None:
            raise self.failure

    def end(self) -> None:
        """Unwind every task that still waits."""
        self._queue.clear()
        self.failure = None
        for task in self.tasks:
            if not task.done:
                task.doomed = task.doomed or Abandoned
                self.wake(task)
        self._until_s = self.now_s
        self._pass_on(None)
        assert all(task.done for task in self.tasks)

    def _tie(self) -> int:
        return self._chance.bits("tie")

    def _wake_at(self, task: Task, at_s: float) -> None:
        task.wakes += 1
        heapq.heappush(self._queue, _Event(max(at_s, self.now_s), self._tie(), None, task, task.wakes))

    def _pass_on(self, giver: Task | None) -> None:
        """Run what comes next. Returns when the giver itself is next (None: the main thread)."""
        taker = self._next()
        if taker is giver:
            self.current = giver
            return
        self.current = taker
        (self._main if taker is None else taker.baton).release()
        if giver is None:
            self._main.acquire()
        elif not giver.done:
            giver.baton.acquire()

    def _next(self) -> Task | None:
        """Return the next task to run, after the events before it, or None if the time is over."""
        while self._queue and self._queue[0].at_s <= self._until_s and self.failure is None:
            event = heapq.heappop(self._queue)
            task = event.task
            if task is not None and (task.done or event.wake != task.wakes):
                continue
            self.now_s = max(self.now_s, event.at_s)
            if task is not None:
                return task
            assert event.act is not None
            try:
                event.act()
            except BaseException as error:  # raised again on the main thread
                self.failure = error
        return None

    def _run(self, task: Task) -> None:
        task.baton.acquire()
        try:
            if task.doomed is None:
                task.work()
        except (Crash, Abandoned):
            pass
        except BaseException as error:  # raised again on the main thread
            self.failure = self.failure or error
        task.done = True
        self._pass_on(task)
