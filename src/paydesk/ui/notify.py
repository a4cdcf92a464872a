"""Every error's way to the user: a sentence in the window, or, when the fault is ours, a log reference."""

from __future__ import annotations

import logging
import os
import sys

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QToolButton, QWidget

from paydesk.domain.errors import KnownError
from paydesk.ui import icons
from paydesk.ui.theme import Space
from paydesk.ui.widgets import label, set_role

_LOG = logging.getLogger(__name__)
_ICONS = {"danger": "alert", "warning": "alert", "info": "info", "good": "check-circle"}


class NoticeBar(QFrame):
    """One sentence and its next step above a page; stays until dismissed or the next action clears it."""

    dismissed = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setProperty("role", "notice-info")
        self._icon = label()
        self._words = label("", "body", f"{name}.words")
        self._words.setTextFormat(Qt.TextFormat.RichText)
        self._words.setWordWrap(True)
        self._close = QToolButton()
        self._close.setObjectName(f"{name}.close")
        self._close.setAccessibleName("Dismiss this message")
        self._close.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        icons.put(self._close, "close", "muted", 16)
        self._close.clicked.connect(self._dismiss)
        self._lay_out()
        self.hide()

    def _lay_out(self) -> None:
        line = QHBoxLayout(self)
        line.setContentsMargins(Space.M, Space.S, Space.S, Space.S)
        line.setSpacing(Space.S)
        line.addWidget(self._icon)
        line.addWidget(self._words, 1)
        line.addWidget(self._close)

    def show_error(self, error: KnownError) -> None:
        """What the world did, and what to do next."""
        self.say(error.sentence, error.next_step, "danger")

    def say(self, sentence: str, next_step: str = "", kind: str = "info") -> None:
        """Show a sentence of kind ``info``, ``good``, ``warning`` or ``danger``."""
        from html import escape  # two milliseconds of a start that shows no notice

        self._words.setText(f'<span style="font-weight: 600">{escape(sentence)}</span> {escape(next_step)}')
        set_role(self, f"notice-{kind}")
        icons.put(self._icon, _ICONS[kind], "link" if kind == "info" else kind)
        self.setAccessibleName(f"{sentence} {next_step}".strip())
        self.show()

    @property
    def text(self) -> str:
        """What stands in the bar, ``""`` when it is hidden."""
        return self.accessibleName() if not self.isHidden() else ""

    def clear(self) -> None:
        """Take the message away: a new action has begun."""
        self.hide()

    def _dismiss(self) -> None:
        self.hide()
        self.dismissed.emit()


def report(error: Exception, bar: NoticeBar) -> None:
    """Show any exception: a KnownError in the bar, anything else as our own fault."""
    if isinstance(error, KnownError):
        bar.show_error(error)
    else:
        crash(error, bar.window())


def log_bug(error: BaseException) -> str:
    """Log where it broke, not the exception's text (it may quote what was typed); returns the reference."""
    reference = os.urandom(3).hex().upper()
    import traceback  # only for the rare case

    places = "".join(traceback.format_tb(error.__traceback__))
    _LOG.error("bug %s: %s\n%s", reference, type(error).__name__, places)
    return reference


def log_failure(error: Exception) -> None:
    """For work nobody waits for: the world's failures pass, our own are logged."""
    if not isinstance(error, KnownError):
        log_bug(error)


def catch_bugs(window: QWidget) -> None:
    """From now on a fault in a slot is shown and logged like any other, not only printed."""
    sys.excepthook = lambda _kind, error, _trace: crash(error, window)


def log_place() -> str:
    """``; the log is …``, where there is a log file, else ``""``."""
    files = [handler for handler in logging.getLogger().handlers if isinstance(handler, logging.FileHandler)]
    return f"; the log is {files[0].baseFilename}" if files else ""


def crash(error: BaseException, parent: QWidget | None) -> str:
    """Say that the program has a fault, and under which reference the log has it; the reference."""
    from PySide6.QtWidgets import QMessageBox  # only for the rare case

    reference = log_bug(error)
    box = QMessageBox(
        QMessageBox.Icon.Critical, "PayDesk", "Something went wrong inside PayDesk.", parent=parent
    )
    box.setObjectName("crash")
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setInformativeText(
        "If a payment was running, look in Needs attention before taking it"
        f" again.\n\nPlease report this with the reference {reference}; the log says where it happened."
    )
    box.open()
    return reference
