"""The database's errors in words a desk can act on; the original stays in the log only."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import sqlalchemy as sa

from paydesk.domain.errors import KnownError

_DAMAGED_NEXT = "Do not take payments on this desk. Restore the newest backup, or ask your administrator."
_WAIT = "Wait a moment and try again."


class LedgerTrouble(KnownError):
    """The ledger cannot be read or written just now; a COMMIT may or may not have happened."""


class LedgerDamaged(LedgerTrouble):
    """The ledger is not what was written to it: nothing may be charged on it."""


@contextlib.contextmanager
def trouble_in_words(place: str) -> Iterator[None]:
    """Turn the database's errors into sentences; ``place`` names the ledger's file or server."""
    try:
        yield
    except sa.exc.DBAPIError as error:
        # Only a server's errors carry an SQLSTATE; None is that of a connection that failed or broke.
        words = _server_trouble if hasattr(error.orig, "sqlstate") else _file_trouble
        raise words(error, place) from error
    except MemoryError as error:  # SQLite's word for it, also when SQLCipher gave a page up
        raise LedgerTrouble(
            f"The ledger {place} cannot be read: memory ran out, or the file is damaged.",
            "Restart PayDesk; if it stays, do not take payments on this desk.",
        ) from error
    except sa.exc.TimeoutError as error:  # every connection of this desk is in use
        raise LedgerTrouble("The ledger is busy: this desk waits for it already.", _WAIT) from error


_FILE: tuple[tuple[tuple[str, ...], type[LedgerTrouble], str, str], ...] = (
    (("full",), LedgerTrouble, "The disk is full: the ledger could not be written.",
     "Free some space, then try again."),
    (("readonly", "read-only", "unable to open"), LedgerTrouble, "The ledger {place} cannot be written.",
     "Check that you may write to that folder."),
    (("locked", "busy"), LedgerTrouble, "The ledger is busy: another program holds it.", _WAIT),
    (("not a database", "malformed", "corrupt", "hmac", "vtable"), LedgerDamaged,
     "The ledger {place} is damaged or has another key; it was left as it is.", _DAMAGED_NEXT),
    (("disk i/o",), LedgerTrouble, "The disk of the ledger {place} does not read or write.",
     "Try again; if it stays, do not take payments on this desk, and ask your administrator."),
)  # fmt: skip
"""Words of SQLite's messages, and what they mean to the desk."""

_UNREACHABLE = (
    LedgerTrouble,
    "The ledger {place} cannot be reached.",
    "Check the network and try again. No payment is started without the ledger.",
)
_REFUSED = (
    LedgerTrouble,
    "The ledger {place} refuses this desk's name or password.",
    "Set the password with `paydesk set-key ledger-password`, and check ledger_url in the settings.",
)
_SERVER: tuple[tuple[tuple[str, ...], tuple[type[LedgerTrouble], str, str]], ...] = (
    (("28",), _REFUSED),
    (("SSL",), (LedgerTrouble, "The server {place} could not prove that it is the ledger's.",
                "Check sslrootcert in ledger_url. Do not go on without it: ask your administrator.")),
    (("3D",), (LedgerTrouble, "There is no database {place}.", "Check ledger_url in the settings.")),
    (("08", "57P"), _UNREACHABLE),
    (("533",), (LedgerTrouble, "The ledger {place} has no connection left for this desk.",
                "Tell your administrator: the server's max_connections is too small.")),
    (("53",), (LedgerTrouble, "The server of the ledger {place} is full.", "Tell your administrator.")),
    (("25006", "42501"), (LedgerTrouble, "The ledger {place} cannot be written.",
                          "Tell your administrator: this desk may only read it.")),
    (("55P03", "57014", "40", "25P03"), (LedgerTrouble, "The ledger is busy: another desk holds it.", _WAIT)),
    (("XX",), (LedgerDamaged, "The ledger {place} is damaged.", _DAMAGED_NEXT)),
)  # fmt: skip
"""SQLSTATEs of PostgreSQL by their beginning (its manual, appendix A), and what they mean to the desk."""


def _file_trouble(error: sa.exc.DBAPIError, place: str) -> LedgerTrouble:
    message = str(error.orig).lower()
    for words, kind, sentence, next_step in _FILE:
        if any(word in message for word in words):
            return kind(sentence.format(place=place), next_step)
    return _other(error)


def _server_trouble(error: sa.exc.DBAPIError, place: str) -> LedgerTrouble:
    state = getattr(error.orig, "sqlstate", None) or ""
    if not state and isinstance(error, sa.exc.OperationalError | sa.exc.InterfaceError):
        state = _state_in(str(error.orig))
    for beginnings, (kind, sentence, next_step) in _SERVER:
        if state.startswith(beginnings):
            return kind(sentence.format(place=place), next_step)
    return _other(error)


def _state_in(message: str) -> str:
    """libpq keeps the SQLSTATE of a refused connection to itself: it is read off the words."""
    if "password" in message or "authentication failed" in message:
        return "28P01"
    if 'database "' in message and "does not exist" in message:
        return "3D000"
    if "too many" in message or "remaining connection slots" in message:
        return "53300"
    if "certificate" in message or "SSL" in message:
        return "SSL"
    return "08006"


def _other(error: sa.exc.DBAPIError) -> LedgerTrouble:
    reason = next(iter(str(error.orig).strip().splitlines()), "no reason given")[:120]
    return LedgerTrouble(
        f"The ledger does not answer ({reason}).", "Try again; if it stays, restart PayDesk."
    )
