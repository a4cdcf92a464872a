"""Log set-up: one rotating file. Gateways redact secrets first, and no record has the text of an error."""

from __future__ import annotations

import logging
import os
from io import FileIO, TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType

from paydesk.config.faults import places
from paydesk.config.files import open_private
from paydesk.domain.typed.card_numbers import without_card_data

_Raised = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
_MEGABYTE = 1_000_000


class _OneLine(logging.Formatter):
    """Formatter that writes one line per record and escapes line breaks and control characters.

    An exception is named by its kind and place: its text may quote what was typed, or what a vendor sent.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one printable line."""
        text = super().format(record)
        return "".join(
            letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in text
        )

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802
        """Return the record's line without card data. A sentence in it may quote another system."""
        record.message = without_card_data(record.message)
        return super().formatMessage(record)

    def formatException(self, ei: _Raised) -> str:  # noqa: N802
        """Return the kind and the places of an exception."""
        error = ei[1]
        return "" if error is None else f"{type(error).__name__}\n{places(error)}"


class _File(RotatingFileHandler):
    """The log's file, made with its folder for the first record. Without a writable place nothing is logged.

    While another program holds it (Windows), it grows instead of being renamed.
    """

    def _open(self) -> TextIOWrapper:
        Path(self.baseFilename).parent.mkdir(parents=True, exist_ok=True)
        handle = open_private(Path(self.baseFilename), os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        return TextIOWrapper(FileIO(handle, self.mode), encoding=self.encoding, errors=self.errors)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802
        """Say nothing: logging would print a traceback."""

    def doRollover(self) -> None:  # noqa: N802
        """Begin a new file, if the old one can be renamed."""
        try:
            super().doRollover()
        except OSError:
            if self.stream is None:  # closed before the rename failed
                self.stream = self._open()


def start(file: Path, *, debug: bool = False) -> None:
    """Write INFO and above, or everything with ``debug``, to ``file`` in at most five files of a megabyte.

    A second call changes nothing. No error is raised where the file cannot be written.
    """
    root = logging.getLogger("paydesk")
    if root.handlers:
        return
    handler = _File(file, maxBytes=_MEGABYTE, backupCount=4, encoding="utf-8", delay=True)
    handler.setFormatter(_OneLine("%(asctime)s %(levelname)s %(name)s %(message)s"))
    root.setLevel(logging.DEBUG if debug else logging.INFO)
    root.addHandler(handler)


def place() -> Path | None:
    """Return the file of the log, or None if there is none."""
    handlers = logging.getLogger("paydesk").handlers
    files = [Path(one.baseFilename) for one in handlers if isinstance(one, logging.FileHandler)]
    return next((file for file in files if _can_be(file)), None)


def _can_be(file: Path) -> bool:
    """Return True if the file is there, or can be made."""
    return os.access(next(place for place in (file, *file.parents) if place.exists()), os.W_OK)
