"""The check of a ledger when a desk starts. docs/safety.md says what it proves, and when."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from paydesk.domain.errors import KnownError
from paydesk.store.database import words
from paydesk.store.database.errors import LedgerDamaged

PATIENCE_S = 1.5
"""Longest time from the start for which a payment waits for the check of the whole ledger. That is enough for
most; a larger one is checked on while payments are taken."""

log = logging.getLogger(__name__)

Check = Callable[[], None]
"""Raises KnownError if the ledger is not as it was written."""


class StartCheck:
    """Runs three checks in a thread, one after the other, and lets no payment begin once one found something.

    A payment waits for the ``quick`` one, for a short time for the ``whole`` one, and not for ``beside``.
    """

    def __init__(self, quick: Check, whole: Check, beside: Check, *, patient: bool) -> None:
        """Begin. If ``patient``, payments wait for the whole check however long it takes."""
        self._checks = quick, whole, beside
        self._patient = patient
        self._found: KnownError | None = None
        self._begin()

    @property
    def passed(self) -> bool:
        """True once everything is checked and nothing was found."""
        return not self._thread.is_alive() and self._found is None

    def require(self) -> None:
        """Wait for the check, and raise what it has found. If the ledger was unreadable then, check again."""
        self._wait()
        if self._found is not None and not isinstance(self._found, LedgerDamaged):
            self._begin()
            self._wait()
        if self._found is not None:
            raise self._found

    def join(self) -> None:
        """Wait until the check has ended."""
        self._thread.join()

    def _begin(self) -> None:
        self._begun_s = time.monotonic()
        self._usable, self._whole = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="ledger check", daemon=True)
        self._thread.start()

    def _wait(self) -> None:
        left_s = self._begun_s + PATIENCE_S - time.monotonic()
        self._whole.wait(None if self._patient else max(left_s, 0.0))
        self._usable.wait()

    def _run(self) -> None:
        found = None
        for check, ended in zip(self._checks, (self._usable, self._whole, None), strict=True):
            found = found or _found_by(check)
            self._found = found
            if ended is not None:
                ended.set()


def _found_by(check: Check) -> KnownError | None:
    try:
        check()
    except KnownError as error:
        log.error("%s", error.sentence)
        return error
    except Exception as error:  # a bug in the check must not count as a sound ledger
        log.exception("the ledger could not be checked")
        return words.not_checked(error)
    return None
