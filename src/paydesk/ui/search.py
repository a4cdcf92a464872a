"""A lookup in two phases: what was last seen at once, then the live answer; the last lookup wins."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from paydesk.ui import notify
from paydesk.ui.tasks import Lanes, Task

if TYPE_CHECKING:
    from paydesk.services.lookup import Found


class Search(QObject):
    """``found`` carries a Found, first the cached one where there is one; ``failed`` an exception."""

    found = Signal(object)
    failed = Signal(object)
    busy_changed = Signal(bool)

    def __init__(self, lanes: Lanes, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lanes = lanes
        self._cached: Task | None = None
        self._live: Task | None = None
        self._failure: Exception | None = None

    @property
    def busy(self) -> bool:
        """The live answer is still to come."""
        return self._live is not None

    def start(self, cached: Callable[[], Found | None], live: Callable[[], Found]) -> None:
        """Begin a lookup; an older one is heard of no more."""
        self._drop()
        # Both at once: an empty cache must not delay the network.
        self._cached = self._lanes.read(cached, self._show_cached, self._fail_cached, self)
        self._live = self._lanes.lookup(live, self._show_live, self._fail, self)
        self.busy_changed.emit(True)

    def cancel(self) -> bool:
        """Stop waiting for the live answer; False when nothing was running."""
        was_busy = self.busy
        self._drop()
        if was_busy:
            self.busy_changed.emit(False)
        return was_busy

    def _drop(self) -> None:
        for task in (self._cached, self._live):
            if task is not None:
                task.cancel()
        self._cached = self._live = self._failure = None

    def _show_cached(self, found: Found | None) -> None:
        self._cached = None
        if found is not None:
            self.found.emit(found)
        self._tell_failure()

    def _fail_cached(self, error: Exception) -> None:
        notify.log_failure(error)
        self._show_cached(None)

    def _show_live(self, found: Found) -> None:
        self._end()
        self.found.emit(found)

    def _fail(self, error: Exception) -> None:
        self._failure = error
        self._tell_failure()

    def _tell_failure(self) -> None:
        """Only after the cache: where the line is down, the network fails sooner than the disk answers."""
        if self._failure is not None and self._cached is None:
            failure = self._failure
            self._end()
            self.failed.emit(failure)

    def _end(self) -> None:
        self._drop()
        self.busy_changed.emit(False)
