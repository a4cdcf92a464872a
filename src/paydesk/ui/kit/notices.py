"""Show errors to the clerk: a sentence in the window, or the bug dialog with a reference."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from functools import partial

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QToolButton, QWidget

from paydesk.domain.errors import KnownError
from paydesk.ui.kit import icons, words
from paydesk.ui.kit.announce import announce
from paydesk.ui.kit.faults import show_fault
from paydesk.ui.kit.theme import Space
from paydesk.ui.kit.widgets import button, label, set_role, stack
from paydesk.ui.qt.timers import pause

PASSING_MS = 8_000
"""Milliseconds for which a passing notice stays."""

_ICONS = {"danger": "alert", "warning": "alert", "info": "info", "good": "check-circle"}


class _NextGesture(QObject):
    """Calls back at the next key or click of the person, whatever it is for.

    A click counts when its button is released, so that nothing moves under the pointer meanwhile.
    """

    _KEYS = frozenset({QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress})
    _PRESSES = frozenset({QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick})

    def __init__(self, parent: QObject, then: Callable[[], None]) -> None:
        super().__init__(parent)
        self._then = then
        self._pressed = False
        self._start = pause(self, 0, self._listen)  # not at the gesture that is just being handled
        self._finish = pause(self, 0, self._end)

    def wait(self) -> None:
        """Wait for the next gesture."""
        self.stop()
        self._start.start()

    def stop(self) -> None:
        """Wait no more."""
        self._start.stop()
        self._finish.stop()
        self._pressed = False
        _application().removeEventFilter(self)

    def _listen(self) -> None:
        _application().installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Watch, and keep nothing from anybody."""
        if event.type() in self._KEYS:
            self._end()
        elif event.type() in self._PRESSES:
            self._pressed = True
        elif event.type() == QEvent.Type.MouseButtonRelease and self._pressed:
            self._finish.start()
        return False

    def _end(self) -> None:
        self.stop()
        self._then()


def _application() -> QCoreApplication:
    found = QCoreApplication.instance()
    assert found is not None
    return found


class Ends(StrEnum):
    """The end of a notice. A person can dismiss each of them earlier."""

    SOLVED = "problem"
    """A problem: ends when the page clears it, because it is solved or a new action has begun."""
    NEXT_CUSTOMER = "result"
    """A result of a payment: ends with the next customer."""
    SOON = "passing"
    """Something that went well: ends after ``PASSING_MS``. A refresh in the background never ends it."""
    NEXT_GESTURE = "refusal"
    """A refusal: ends at the next key or click."""


class NoticeBar(QWidget):
    """Sentences and their next steps beside a page, one at a time for each end of ``Ends``.

    A refusal never hides a problem or a result: it stands below them.
    """

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self._rows = {end: _Notice(f"{name}.{end.value}") for end in Ends}
        for notice in self._rows.values():
            notice.ended.connect(self._fit)
        stack(self, *self._rows.values(), spacing=Space.S)
        self._next = _NextGesture(self, partial(self._end, Ends.NEXT_GESTURE))
        self._soon = pause(self, PASSING_MS, partial(self._end, Ends.SOON))
        self.hide()

    def show_error(self, error: KnownError) -> None:
        """Show the error's sentence and its next step, until it is solved."""
        details = f"{error.sentence} {error.admin}" if error.admin else ""
        self.say(error.sentence, error.next_step, "danger", details=details)

    def say(
        self,
        sentence: str,
        next_step: str = "",
        kind: str = "info",
        end: Ends | None = None,
        details: str = "",
    ) -> None:
        """Show a sentence of kind ``info``, ``good``, ``warning`` or ``danger``, and announce it.

        Without ``end``, a good one passes, and any other stays until it is solved. A button copies the
        ``details``, if there are any.
        """
        end = end or (Ends.SOON if kind == "good" else Ends.SOLVED)
        self._end(Ends.NEXT_GESTURE)
        if end is not Ends.NEXT_CUSTOMER:
            self._end(Ends.SOON)
        if end is Ends.SOON:  # it went well, at last
            self._end(Ends.SOLVED)
        self._rows[end].say(sentence, next_step, kind, details)
        if end is Ends.SOON:
            self._soon.start()
        self._fit()

    def refuse(self, sentence: str, next_step: str = "") -> None:
        """Say why a key or a click does nothing."""
        self.say(sentence, next_step, "warning", Ends.NEXT_GESTURE)
        self._next.wait()

    def repeat(self) -> bool:
        """Announce the problem again. Returns False if there is none."""
        problem = self._rows[Ends.SOLVED]
        if not problem.isHidden():
            problem.announce()
        return not problem.isHidden()

    @property
    def text(self) -> str:
        """The visible text, or ``""`` while the bar is hidden."""
        return " ".join(row.accessibleName() for row in self._rows.values() if not row.isHidden())

    @property
    def stops(self) -> list[QWidget]:
        """Its stops of the Tab key, in order."""
        return [row.close_button for row in self._rows.values()]

    def solve(self) -> None:
        """End the problem, because it is solved."""
        self._end(Ends.SOLVED)

    def clear(self) -> None:
        """End everything before the next customer."""
        for end in Ends:
            self._end(end)

    def begin(self) -> None:
        """End all but the result of a payment, because a new action has begun."""
        for end in Ends:
            if end is not Ends.NEXT_CUSTOMER:
                self._end(end)

    def _end(self, end: Ends) -> None:
        self._rows[end].hide()
        if end is Ends.NEXT_GESTURE:
            self._next.stop()
        elif end is Ends.SOON:
            self._soon.stop()
        self._fit()

    def _fit(self) -> None:
        self.setAccessibleName(self.text)
        self.setVisible(bool(self.text))


class _Notice(QFrame):
    """One sentence and its next step, with a button that dismisses it. ``ended`` follows that.

    Another button copies the details for an administrator.
    """

    ended = Signal()

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setProperty("role", "notice-info")
        self._icon = label()
        self._words = label("", "body", f"{name}.words")
        self._words.setTextFormat(Qt.TextFormat.RichText)
        self._words.setWordWrap(True)
        self._details = ""
        self._copy = button(words.COPY_DETAILS, f"{name}.copy", role="quiet")
        self._copy.clicked.connect(self._copy_details)
        self.close_button = QToolButton()
        self.close_button.setObjectName(f"{name}.close")
        self.close_button.setAccessibleName(words.DISMISS)
        self.close_button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        icons.put(self.close_button, "close", "muted", 16)
        self.close_button.clicked.connect(self._dismiss)
        self._lay_out()
        self.hide()

    def _lay_out(self) -> None:
        line = QHBoxLayout(self)
        line.setContentsMargins(Space.M, Space.S, Space.S, Space.S)
        line.setSpacing(Space.S)
        line.addWidget(self._icon)
        line.addWidget(self._words, 1)
        line.addWidget(self._copy)
        line.addWidget(self.close_button)

    def say(self, sentence: str, next_step: str, kind: str, details: str) -> None:
        """Show a sentence, and announce it."""
        from html import escape  # saves 2 ms of a start without a notice

        self._words.setText(f'<span style="font-weight: 600">{escape(sentence)}</span> {escape(next_step)}')
        self._details = details
        self._copy.setVisible(bool(details))
        set_role(self, f"notice-{kind}")
        icons.put(self._icon, _ICONS[kind], "link" if kind == "info" else kind)
        self.setAccessibleName(f"{sentence} {next_step}".strip())
        self.show()
        self.announce()

    def announce(self) -> None:
        """Let a screen reader say it."""
        announce(self)

    def _copy_details(self) -> None:
        QGuiApplication.clipboard().setText(self._details)

    def _dismiss(self) -> None:
        self.hide()
        self.ended.emit()


def report(error: Exception, bar: NoticeBar) -> None:
    """Show any exception: a KnownError in the bar, anything else as a bug."""
    if isinstance(error, KnownError):
        bar.show_error(error)
    else:
        show_fault(error, bar.window())
