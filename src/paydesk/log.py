"""Log set-up: one rotating file; secrets never reach it, because gateways redact first."""

from __future__ import annotations

import logging
from logging.handlers import RotatingFileHandler
from pathlib import Path

_MEGABYTE = 1_000_000


class _OneLine(logging.Formatter):
    """One record, one line: a line break or control character in a message is shown escaped."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as one printable line."""
        text = super().format(record)
        return "".join(
            letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in text
        )


def start(file: Path) -> None:
    """Write INFO and above to ``file``: five files of a megabyte. A folder that refuses is no error."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handler: logging.Handler = RotatingFileHandler(
            file, maxBytes=_MEGABYTE, backupCount=4, encoding="utf-8", delay=True
        )
    except OSError:
        handler = logging.NullHandler()
    handler.setFormatter(_OneLine("%(asctime)s %(levelname)s %(name)s %(message)s"))
    root = logging.getLogger("paydesk")
    root.setLevel(logging.INFO)
    root.addHandler(handler)
