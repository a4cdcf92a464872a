"""One-line fields: a plain one, and one for numbers that must not leave it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QClipboard, QGuiApplication, QKeyEvent, QKeySequence, QMouseEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from paydesk.ui.kit.card_guard import guard_digits, guard_text

Shape = Callable[[str, int, bool], tuple[str, int]]
"""Takes text, caret, and True if the text grew. Returns the text to show, and the caret."""

LONGEST_NAME = 300
"""Most characters of a name in a field, as many as a receipt prints."""

_TAKES_TEXT_OUT = (
    QKeySequence.StandardKey.Copy,
    QKeySequence.StandardKey.Cut,
    # These two also copy what they delete (QWidgetLineControl, Qt 6).
    QKeySequence.StandardKey.DeleteCompleteLine,
    QKeySequence.StandardKey.DeleteEndOfLine,
    # Undo would bring back digits that were deleted on purpose.
    QKeySequence.StandardKey.Undo,
    QKeySequence.StandardKey.Redo,
)


class Entry(QLineEdit):
    """A line edit with an object name for tests and an accessible name for screen readers.

    ``filled`` follows typing that completed a valid entry, so that the focus may move on. ``card_refused``
    carries a sentence after a card number or a swipe was taken out of it.
    """

    filled = Signal()
    card_refused = Signal(str)

    def __init__(self, name: str, spoken: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setAccessibleName(spoken)
        self._guard()

    def _guard(self) -> None:
        guard_text(self, self.card_refused.emit)

    def put(self, text: str) -> None:
        """Fill the field. The clerk may type over it."""
        self.setText(text)
        self.setCursorPosition(0)


class SecretEntry(Entry):
    """A field whose text cannot leave it: no copy, cut, undo, drag, selection buffer, menu or prediction."""

    def __init__(
        self,
        name: str,
        spoken: str,
        shape: Shape,
        done: Callable[[], bool] = lambda: False,
        *,
        paste: bool = True,
    ) -> None:
        super().__init__(name, spoken)
        self._shape, self._done, self._paste = shape, done, paste
        self._length = 0
        self.setInputMethodHints(
            Qt.InputMethodHint.ImhSensitiveData
            | Qt.InputMethodHint.ImhNoPredictiveText
            | Qt.InputMethodHint.ImhDigitsOnly
        )
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self.setAcceptDrops(False)
        self.setDragEnabled(False)
        self.textEdited.connect(self._reshape)

    def _guard(self) -> None:
        self.swipes = guard_digits(self, self.card_refused.emit)

    def wipe(self) -> None:
        """Delete what was typed. Setting the text also empties Qt's undo history."""
        self.setText("")
        self._length = 0

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Block keys that take text out. Let Backspace and Delete step over the gaps between the digits."""
        if _barred(event) or (not self._paste and event.matches(QKeySequence.StandardKey.Paste)):
            event.accept()
            return
        self._step_over_gap(event)
        super().keyPressEvent(event)
        _empty_selection_buffer()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End a selection without Qt's copy of it to the X11 selection, and without a paste from there."""
        event.accept()

    def event(self, event: QEvent) -> bool:
        """Accept the blocked shortcuts, too, so that no menu or window acts on them."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride and _barred(event):
            event.accept()
            return True
        return super().event(event)

    def _step_over_gap(self, event: QKeyEvent) -> None:
        if self.hasSelectedText() or event.modifiers() != Qt.KeyboardModifier.NoModifier:
            return
        text, place = self.text(), self.cursorPosition()
        if event.key() == Qt.Key.Key_Backspace and text[place - 1 : place] in (" ", "/"):
            self.setCursorPosition(place - 1)
        elif event.key() == Qt.Key.Key_Delete and text[place : place + 1] in (" ", "/"):
            self.setCursorPosition(place + 1)

    def _reshape(self) -> None:
        text = self.text()  # not the signal's: the guard may have emptied the field
        grew = len(text) > self._length
        shown, caret = self._shape(text, self.cursorPosition(), grew)
        self.setText(shown)
        self.setCursorPosition(caret)
        self._length = len(shown)
        if grew and caret == len(shown) and self._done():
            self.filled.emit()


def _empty_selection_buffer() -> None:
    """Take back what Qt put into X11's PRIMARY selection: it copies text there that a key selects.

    Another program is answered by our event loop, so it never gets the text.
    """
    clipboard = QGuiApplication.clipboard()
    if clipboard.supportsSelection() and clipboard.ownsSelection():
        clipboard.clear(QClipboard.Mode.Selection)


def _barred(event: QKeyEvent) -> bool:
    return any(event.matches(key) for key in _TAKES_TEXT_OUT)
