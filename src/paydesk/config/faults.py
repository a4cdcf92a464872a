"""Surprises: logged without anything that was typed or read, and found again by a reference."""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Iterator

from paydesk.domain.errors import PayDeskError, UnreadableError

_LOG = logging.getLogger(__name__)


def log_fault(error: BaseException) -> str:
    """Log where it broke, but never the exception's text, which may quote what was typed.

    Returns the reference.
    """
    reference = os.urandom(3).hex().upper()
    _LOG.error("fault %s: %s\n%s", reference, type(error).__name__, places(error))
    return reference


def places(error: BaseException) -> str:
    """Return the code places of an exception, without values."""
    import traceback  # imported only in the rare case

    return "".join(traceback.format_tb(error.__traceback__, limit=-_MOST_PLACES))


_MOST_PLACES = 40
"""Most places of a fault in the log: a recursion has a thousand. The last ones say where it broke."""


@contextlib.contextmanager
def reading(what: str, next_step: str) -> Iterator[None]:
    """Raise UnreadableError for whatever a reader did not expect of ``what``, a full memory included.

    Its sentence has the reference of the log. PayDesk's own errors pass.
    """
    try:
        yield
    except PayDeskError:
        raise
    except Exception as error:
        problem = UnreadableError(what, why(error), next_step, log_fault(error))
    else:
        return
    raise problem  # outside the handler: the exception may quote what was read


def why(error: Exception) -> str:
    """Return the reason in plain words."""
    match error:
        case MemoryError():
            return "it needs more memory than this computer has"
        case RecursionError():
            return "it is nested too deep"
        case OSError() if error.strerror:
            return error.strerror
        case _:
            return "PayDesk did not expect what is in it"
