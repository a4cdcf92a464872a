"""A lookup in two phases: the cached answer at once, then the live one. The last lookup wins."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from paydesk.ui.kit import faults
from paydesk.ui.qt.tasks import Lanes, Task

if TYPE_CHECKING:
    from paydesk.services.invoices.lookup import Found


class Search(QObject):
    """The lookup.

    ``found`` carries a Found, first the cached one if there is one. ``failed`` carries an exception.
    """

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
        """True while the live answer is still to come."""
        return self._live is not None

    def start(self, cached: Callable[[], Found | None], live: Callable[[], Found]) -> None:
        """Begin a lookup. The result of an older one is dropped."""
        self._drop()
        # Both at once, so that an empty cache does not delay the network.
        self._cached = self._lanes.read.run(cached, self._show_cached, self._fail_cached, self)
        self._live = self._lanes.lookup.run(live, self._show_live, self._fail, self)
        self.busy_changed.emit(True)

    def cancel(self) -> bool:
        """Stop waiting for the live answer. Returns False if nothing was running."""
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
        faults.log_failure(error)
        self._show_cached(None)

    def _show_live(self, found: Found) -> None:
        self._end()
        self.found.emit(found)

    def _fail(self, error: Exception) -> None:
        self._failure = error
        self._tell_failure()

    def _tell_failure(self) -> None:
        """Report a failure after the cache answered.

        Without a network the lookup fails before the disk answers.
        """
        if self._failure is not None and self._cached is None:
            failure = self._failure
            self._end()
            self.failed.emit(failure)

    def _end(self) -> None:
        self._drop()
        self.busy_changed.emit(False)
