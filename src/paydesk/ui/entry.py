"""One-line fields: the plain one, and the one for numbers that must not leave it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QMouseEvent
from PySide6.QtWidgets import QLineEdit, QWidget

Shape = Callable[[str, int, bool], tuple[str, int]]
"""Text, caret and whether the text grew → the text as it is to stand, and the caret."""

LONGEST_NAME = 300
"""Signs in the longest name a field takes: as long as a receipt prints."""

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
    """A line with a name for tests and a name for screen readers.

    ``filled`` says that typing has just completed it rightly, so the focus may move on.
    """

    filled = Signal()

    def __init__(self, name: str, spoken: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setAccessibleName(spoken)

    def put(self, text: str) -> None:
        """Fill the field for the person, who may type over it."""
        self.setText(text)
        self.setCursorPosition(0)


class SecretEntry(Entry):
    """A field whose text goes nowhere: no copy, cut, undo, drag, selection buffer, menu or prediction."""

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

    def wipe(self) -> None:
        """Forget what was typed; setting the text also empties Qt's undo history."""
        self.setText("")
        self._length = 0

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keep the text in; let Backspace and Delete step over the gaps between the digits."""
        if _barred(event) or (not self._paste and event.matches(QKeySequence.StandardKey.Paste)):
            event.accept()
            return
        self._step_over_gap(event)
        super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End a selection as usual, but without Qt's copy of it to the X11 selection, or a paste from it."""
        event.accept()

    def event(self, event: QEvent) -> bool:
        """Claims the barred shortcuts too, so that no menu or window acts on them."""
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

    def _reshape(self, text: str) -> None:
        grew = len(text) > self._length
        shown, caret = self._shape(text, self.cursorPosition(), grew)
        self.setText(shown)
        self.setCursorPosition(caret)
        self._length = len(shown)
        if grew and caret == len(shown) and self._done():
            self.filled.emit()


def _barred(event: QKeyEvent) -> bool:
    return any(event.matches(key) for key in _TAKES_TEXT_OUT)
