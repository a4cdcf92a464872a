"""The hash of the last event, kept outside the ledger, to detect a ledger that was cut short or replaced.

The file is made with the ledger, before its first event. A ledger file with events and without it was put
there by somebody, or its record was removed. On a server, each desk has a file of its own: a desk without one
joins the ledger, unless the ledger shows that this desk was there before.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum, auto
from pathlib import Path

import sqlalchemy as sa

from paydesk.config.files import open_private, patiently, read_private, write_new, write_whole
from paydesk.domain.events import EventKind
from paydesk.store.database import words
from paydesk.store.database.errors import LedgerDamaged, known_errors
from paydesk.store.database.sqlite import READ
from paydesk.store.tables import events, schema
from paydesk.store.tables.events import GENESIS

_LINE = re.compile(rb"[0-9a-f]{64}\n")
_NOT_OURS = {errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.EISDIR}
"""Errors of a file that is not there, or of a link or a folder in its place."""

_FIRST_EVENTS = 4
"""Events that a crash may leave beside the file of a ledger without events: those of one transaction."""


class HeadFault(Enum):
    """The ways in which a ledger and its head file disagree."""

    CUT_SHORT = auto()
    """The ledger lacks the event in the file."""
    NO_RECORD = auto()
    """The ledger has events, and there is no file, or none that can be one."""


@dataclass(frozen=True, slots=True)
class Seat:
    """The desk, user and computer that have a head file of their own on a server."""

    desk: str
    user: str
    host: str

    @property
    def who(self) -> tuple[str, str]:
        """Desk and user as the ledger keeps them."""
        return schema.keepable(self.desk), schema.keepable(self.user)


class HeadFile:
    """A file with the hash of the last event that was written here."""

    def __init__(self, path: Path, seat: Seat | None = None) -> None:
        """``seat`` is the desk's on a server. Without it, the file belongs to the ledger file beside it."""
        self._path = path
        self._seat = seat
        self._file: int | None = None
        self._writing = threading.Lock()
        self._believed = True

    def begin(self, engine: sa.Engine, place: str) -> None:
        """Make the file for a new ledger, or for a desk that joins one. Hold the folder's lock meanwhile.

        If file and ledger disagree, the file stays as it is until a person accepts the ledger. Raises
        KnownError if it cannot be read or written.
        """
        with known_errors(place), engine.execution_options(**READ).begin() as connection:
            self._believed = self.fault_in(connection) is None
            newest = events.head(connection) or GENESIS
        if self._believed and self.read() is None:
            try:
                write_new(self._path, _line(newest))
            except OSError as error:
                raise words.head_not_written(self._path, error) from None
            if newest != GENESIS:
                self._join(engine, place)

    def write(self, head: str) -> None:
        """Write the newest event's hash. A failure is ignored: it is no reason to stop a payment.

        The file stays open, and PayDesk does not stat it: after a stat, Linux gives the next write an
        exact timestamp, and the next commit would have to sync that, too.
        """
        if not self._believed:
            return
        with contextlib.suppress(OSError), self._writing:
            if self._file is None:
                self._file = open_private(self._path, os.O_RDWR | os.O_CREAT)
            os.lseek(self._file, 0, os.SEEK_SET)
            os.write(self._file, _line(head))  # in place, one call, fixed length: never a mix

    def accept(self, head: str) -> None:
        """Let the ledger count that ends with this event. Raises KnownError if it cannot be written."""
        self.close()
        try:
            write_whole(self._path, _line(head), private=True)
        except OSError as error:
            raise words.head_not_written(self._path, error) from None
        self._believed = True

    def close(self) -> None:
        """Close the file. The next event opens the file that has its name then."""
        with contextlib.suppress(OSError), self._writing:
            file, self._file = self._file, None
            if file is not None:
                os.close(file)

    def read(self) -> str | None:
        """Return the hash of the newest event this desk knows, or None without a whole file.

        Raises LedgerError if there is one that cannot be read now.
        """
        try:
            line = patiently(lambda: read_private(self._path))
        except OSError as error:
            if error.errno in _NOT_OURS:
                return None
            raise words.head_not_read(self._path, error) from None
        return line.decode().strip() if _LINE.fullmatch(line) else None

    def fault_in(self, connection: sa.Connection) -> HeadFault | None:
        """Return how the ledger and the file disagree. Raises LedgerError if the file cannot be read."""
        head = self.read()
        if head is None or head == GENESIS:
            allowed = 0 if head is None else _FIRST_EVENTS
            return HeadFault.NO_RECORD if self._written_before(connection, allowed + 1) else None
        found = connection.execute(sa.select(_e.seq).where(_e.hash == head)).first()
        return HeadFault.CUT_SHORT if found is None else None

    def require(self, connection: sa.Connection, place: str) -> None:
        """Raise LedgerDamaged if the ledger and the file disagree."""
        fault = self.fault_in(connection)
        if fault is not None:
            raise self.error(fault, place)

    def error(self, fault: HeadFault, place: str) -> LedgerDamaged:
        """Return the error for a ledger with that fault."""
        match fault:
            case HeadFault.CUT_SHORT:
                return words.cut_short(place)
            case HeadFault.NO_RECORD:
                return words.no_record(place, self._path)

    def _written_before(self, connection: sa.Connection, count: int) -> bool:
        """Return True if that many events were written with a file here."""
        query = sa.select(_e.seq)
        if self._seat is not None:
            seated = sa.exists().where(_s.desk == self._seat.who[0], _s.host == self._seat.host)
            query = query.where(_e.desk == self._seat.who[0], _e.user == self._seat.who[1], seated)
        return len(connection.execute(query.limit(count)).all()) == count

    def _join(self, engine: sa.Engine, place: str) -> None:
        """Record in the ledger that this desk, without a record of its own, believed it as it was."""
        assert self._seat is not None, "a ledger file with events is never joined"
        detail = {"host": self._seat.host}
        with known_errors(place), engine.begin() as connection:
            now = datetime.now(UTC)
            head = events.append(connection, None, now, self._seat.who, EventKind.JOINED, detail)
        self.write(head)
        self.close()


_e, _s = schema.event.c, schema.desk_session.c


def _line(head: str) -> bytes:
    return f"{head}\n".encode("ascii")
