"""Run background work repeatedly, on its own thread."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Iterator

from paydesk.domain.errors import KnownError

_log = logging.getLogger(__name__)


@contextlib.contextmanager
def every(
    seconds: float, work: Callable[[], object], name: str, end_s: float | None = None
) -> Iterator[None]:
    """Run ``work`` every ``seconds`` until the context ends, which waits for the current run.

    ``end_s`` limits that wait in seconds, for work that writes nothing once it is stopped.
    """
    ended = threading.Event()

    def run() -> None:
        while not ended.wait(seconds):
            try:
                work()
            except KnownError as error:  # the ledger is unreachable: the next run may work again
                _log.warning("no %s: %s", name, error.sentence)
            except Exception:
                _log.exception("no %s", name)

    thread = threading.Thread(target=run, name=name, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(end_s)
