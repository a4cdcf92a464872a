"""Bugs in PayDesk: logged without anything that was typed, and shown with a reference to report."""

from __future__ import annotations

import sys

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from paydesk import __version__
from paydesk.config.faults import log_fault, places
from paydesk.domain.errors import KnownError
from paydesk.ui.kit import words
from paydesk.ui.kit.theme import Space
from paydesk.ui.kit.widgets import button, label, row, stack
from paydesk.ui.kit.world_banner import mark_world

WIDTH = 480
"""Width of the dialog in pixels. The longest sentence, with the log's path, takes three lines."""


def log_failure(error: Exception) -> None:
    """Log a bug in background work. A KnownError is not logged, because the work runs again."""
    if not isinstance(error, KnownError):
        log_fault(error)


def please_report(reference: str) -> str:
    """Return the sentence that asks for a report, with the log's path."""
    from paydesk.config import log  # imported only in the rare case

    return words.please_report(reference, log.place())


def catch_faults(window: QWidget) -> None:
    """Show and log an exception in a slot, too, instead of only printing it."""
    sys.excepthook = lambda _kind, error, _trace: show_fault(error, window)


def show_fault(error: BaseException, parent: QWidget | None) -> str:
    """Open the dialog about a bug. Returns the reference in the log."""
    reference = log_fault(error)
    FaultDialog(reference, error, parent).open()
    return reference


class FaultDialog(QDialog):
    """Says that PayDesk itself failed and how to report it, and copies the details for the report."""

    def __init__(self, reference: str, error: BaseException, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setObjectName("fault")
        self.setWindowTitle(words.PROGRAM)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setFixedWidth(WIDTH)
        self._details = details(reference, error)
        copy = button(words.COPY_DETAILS, "fault.copy", role="quiet")
        close = button(words.BUG_CLOSE, "fault.close", key="Esc", role="primary")
        copy.clicked.connect(self._copy)
        close.clicked.connect(self.accept)
        title = label(words.BUG_TITLE, "strong")
        safe = label(words.BUG_PAYMENT_RUNNING)
        report = label(please_report(reference), "body", "fault.report")
        report.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        for text in (title, safe, report):
            text.setWordWrap(True)
        foot = row(copy, spacing=Space.S)
        foot.addStretch(1)
        foot.addWidget(close)
        column = stack(self, spacing=Space.M, margin=Space.XL)
        for text in (title, safe, report):
            column.addWidget(text)
        column.addLayout(foot)
        mark_world(self)

    def _copy(self) -> None:
        QApplication.clipboard().setText(self._details)


def details(reference: str, error: BaseException) -> str:
    """Return what a developer needs: versions and code places, but nothing that was typed."""
    from PySide6 import __version__ as qt

    python = ".".join(map(str, sys.version_info[:3]))
    head = f"PayDesk {__version__}, Python {python}, PySide6 {qt}, {sys.platform}"
    return f"{head}\nreference {reference}: {type(error).__name__}\n{places(error)}"
