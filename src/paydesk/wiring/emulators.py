"""One set of emulators for all windows of a training folder.

The window that holds the folder's lock runs them, and writes their addresses beside it. The others use these.
If that window ends, in whatever way, the system releases the lock. Another window then takes it, and goes on
with the emulators: on the same ports, with the saved state. So the addresses of a window never change.
"""

from __future__ import annotations

import logging
import os
import time
from contextlib import ExitStack
from datetime import date
from types import TracebackType
from typing import TYPE_CHECKING, BinaryIO, Self

from paydesk.config.files import is_held, open_private
from paydesk.config.lock_file import lock
from paydesk.config.paths import Paths
from paydesk.domain.errors import KnownError
from paydesk.sandbox.addresses import Addresses, process_at, read
from paydesk.wiring.schedule import every

if TYPE_CHECKING:
    from paydesk.sandbox.sandbox import Sandbox

log = logging.getLogger(__name__)

TAKE_OVER_S = 0.5
"""Seconds between two looks if the window that runs the emulators has ended."""

START_WAIT_S = 20.0
"""Seconds to wait for the emulators of a window that is only just starting."""

_LOOK_S = 0.05


class SharedEmulators:
    """The emulators of a folder, from construction until the context ends.

    ``sandbox`` is None while another window runs them. Raises KnownError if that window doesn't answer.
    """

    def __init__(self, paths: Paths, today: date) -> None:
        self._paths, self._today = paths, today
        self._lock: BinaryIO | None = None
        self._leads = False
        self.sandbox: Sandbox | None = None
        self._opened = ExitStack()
        self._opened.callback(self._close)
        try:
            self.addresses = self._join()
        except BaseException:
            self._opened.close()
            raise
        if self.sandbox is None:
            self._opened.enter_context(every(TAKE_OVER_S, self.take_over, "emulators"))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._opened.close()

    def take_over(self) -> None:
        """Run the emulators from now on, if their window has ended. Raises OSError while a port is taken."""
        if self.sandbox is None and self._is_leader():
            self.sandbox = self._start(self.addresses)
            log.info("This window runs the training emulators now.")

    def _join(self) -> Addresses:
        """Start the emulators, or find those of another window and prove that they are alive."""
        until = time.monotonic() + START_WAIT_S
        while not self._is_leader():
            found = read(self._paths.sandbox_addresses)
            if found is not None and process_at(found[0]) == found[1]:
                return found[0]
            if time.monotonic() > until:
                raise KnownError(
                    "The training emulators of another window don't answer.",
                    "Close every training window, then open one again.",
                )
            time.sleep(_LOOK_S)
        self.sandbox = self._start_anywhere()
        return self.sandbox.addresses

    def _start_anywhere(self) -> Sandbox:
        """Start on the last ports, which a window may be waiting for, or on free ones."""
        found = read(self._paths.sandbox_addresses)
        if found is not None and process_at(found[0]) is None:
            try:
                return self._start(found[0])
            except OSError:
                log.info("The last ports of the training emulators are taken.")
        return self._start(Addresses(0, 0, 0))

    def _start(self, where: Addresses) -> Sandbox:
        from paydesk.sandbox.sandbox import Sandbox

        made = Sandbox(
            today=self._today,
            state=self._paths.sandbox,
            anddone_port=where.anddone_port,
            ams360_port=where.ams360_port,
            wsapi_port=where.wsapi_port,
            bookkeeper=True,
        )
        if self._lock is not None:
            made.addresses.write(self._paths.sandbox_addresses)
        return made

    def _is_leader(self) -> bool:
        """Return True if this window holds the lock, or there can be none: then the folder is not shared."""
        if self._leads:
            return True
        try:
            if self._lock is None:
                self._paths.base.mkdir(parents=True, exist_ok=True)
                self._lock = os.fdopen(open_private(self._paths.sandbox_lock, os.O_RDWR | os.O_CREAT), "r+b")
            lock(self._lock)
        except OSError as error:
            if self._lock is not None and is_held(error):
                return False
        self._leads = True
        return True

    def _close(self) -> None:
        """Stop the emulators before the lock is released."""
        if self.sandbox is not None:
            self.sandbox.stop()
        if self._lock is not None:
            self._lock.close()
