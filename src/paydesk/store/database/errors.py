"""The database's errors in words the clerk can act on. The original text goes to the log only."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import sqlalchemy as sa

from paydesk import COMMAND
from paydesk.domain.errors import KnownError

_DAMAGED_NEXT = "Do not take payments on this desk. Ask your administrator to restore the newest backup."
_WAIT = "Wait a moment, then try again."


class LedgerError(KnownError):
    """The ledger cannot be read or written just now. A COMMIT may or may not have happened."""


class LedgerDamaged(LedgerError):
    """The ledger's content is not as it was written. Nothing may be charged on it."""


@contextlib.contextmanager
def known_errors(place: str) -> Iterator[None]:
    """Convert the database's errors to LedgerError. ``place`` names the ledger's file or server."""
    try:
        yield
    except sa.exc.DBAPIError as error:
        # Only a server's errors have ``sqlstate``. It is None for a connection that failed or broke.
        words = _server_error if hasattr(error.orig, "sqlstate") else _file_error
        raise words(error, place) from error
    except MemoryError as error:  # SQLite raises it also when SQLCipher gives up on a page
        raise LedgerError(
            f"The ledger {place} can't be read: memory ran out, or the file is damaged.",
            "Restart PayDesk. If this keeps happening, do not take payments on this desk.",
        ) from error
    except sa.exc.TimeoutError as error:  # every connection of this desk is in use
        raise LedgerError(
            "The payment records are busy: this desk is already waiting for them.", _WAIT
        ) from error


_FILE: tuple[tuple[tuple[str, ...], type[LedgerError], str, str], ...] = (
    (("full",), LedgerError, "The disk is full: the payment records couldn't be saved.",
     "Ask your administrator to free up space, then try again."),
    (("readonly", "read-only", "unable to open"), LedgerError, "The ledger {place} can't be saved.",
     "Ask your administrator to check your permissions for that folder."),
    (("locked", "busy"), LedgerError, "The payment records are busy: another program is using them.", _WAIT),
    (("not a database", "malformed", "corrupt", "hmac", "vtable"), LedgerDamaged,
     "The ledger {place} is damaged or has another key. Nothing was changed.", _DAMAGED_NEXT),
    (("disk i/o",), LedgerError, "The disk of the ledger {place} does not read or write.",
     "Try again. If it keeps happening, stop taking payments here and tell your administrator."),
)  # fmt: skip
"""Words of SQLite's messages with the error and the sentence for each."""

_UNREACHABLE = (
    LedgerError,
    "The ledger {place} can't be reached.",
    "Check the network and try again. Payments can't start without the ledger.",
)
_REFUSED = (
    LedgerError,
    "The ledger {place} did not accept this desk's name or password.",
    "Ask your administrator to check them.",
    f"Set the password with `{COMMAND} set-key ledger-password`, and check ledger_url in the settings.",
)
_Said = tuple[type[LedgerError], str, *tuple[str, ...]]
"""An error's class, its sentence, and its next steps."""

_SERVER: tuple[tuple[tuple[str, ...], _Said], ...] = (
    (("28",), _REFUSED),
    (("SSL",), (LedgerError, "The server {place} could not prove that it is the ledger's.",
                "Stop, and ask your administrator to check sslrootcert in ledger_url.")),
    (("3D",), (LedgerError, "There is no database {place}.",
             "Ask your administrator to check ledger_url in the settings.")),
    (("08", "57P"), _UNREACHABLE),
    (("533",), (LedgerError, "The ledger {place} has no free connection for this desk.",
                "Tell your administrator: the server's max_connections is too small.")),
    (("53",), (LedgerError, "The server of the ledger {place} is full.", "Tell your administrator.")),
    (("25006",), (LedgerError, "The ledger {place} can't be saved.",
                  "Tell your administrator: this desk may only read it.")),
    (("42501",), (LedgerError, "The ledger {place} denies this desk a permission that it needs.",
                  "Ask your administrator to grant it.",
                  f"Let the ledger's owner run: {COMMAND} prepare-ledger (docs/ledger.md, Two roles).")),
    (("55P03", "57014", "40", "25P03"),
     (LedgerError, "The payment records are busy: another desk is using them.", _WAIT)),
    (("XX",), (LedgerDamaged, "The ledger {place} is damaged.", _DAMAGED_NEXT)),
)  # fmt: skip
"""Prefixes of PostgreSQL's SQLSTATEs (its manual, appendix A) with the error and the sentence for each."""


def _file_error(error: sa.exc.DBAPIError, place: str) -> LedgerError:
    message = str(error.orig).lower()
    for words, kind, sentence, next_step in _FILE:
        if any(word in message for word in words):
            return kind(sentence.format(place=place), next_step)
    return _other(error)


def _server_error(error: sa.exc.DBAPIError, place: str) -> LedgerError:
    state = getattr(error.orig, "sqlstate", None) or ""
    if not state and isinstance(error, sa.exc.OperationalError | sa.exc.InterfaceError):
        state = _state_in(str(error.orig))
    for beginnings, (kind, sentence, *steps) in _SERVER:
        if state.startswith(beginnings):
            return kind(sentence.format(place=place), *steps)
    return _other(error)


def _state_in(message: str) -> str:
    """Return the SQLSTATE that fits the message: libpq does not report it for a refused connection."""
    if "password" in message or "authentication failed" in message:
        return "28P01"
    if 'database "' in message and "does not exist" in message:
        return "3D000"
    if "too many" in message or "remaining connection slots" in message:
        return "53300"
    if "certificate" in message or "SSL" in message:
        return "SSL"
    return "08006"


def _other(error: sa.exc.DBAPIError) -> LedgerError:
    reason = next(iter(str(error.orig).strip().splitlines()), "no reason given")[:120]
    return LedgerError(
        f"PayDesk can't use its payment records now ({reason}).",
        "Try again. If this keeps happening, restart PayDesk.",
    )
