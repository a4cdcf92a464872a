"""The field for the number of a card or an account. Its digits are sealed, and Qt has only what is shown.

So neither a screen reader nor another program that looks into the window ever gets a whole number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtGui import QFocusEvent, QGuiApplication, QInputMethodEvent, QKeyEvent, QKeySequence

from paydesk.domain.typed.digits import digits_in, just_digits
from paydesk.domain.typed.sealed import Sealed
from paydesk.ui.kit.line_edits import SecretEntry
from paydesk.ui.pay.input_masks import BULLET, masked, place_behind

Sizes = Callable[[Sequence[str]], Sequence[int]]
"""Returns the sizes of the groups that a number is shown in."""


@dataclass(frozen=True, slots=True)
class Numeral:
    """The kind of number in a field: its most digits, its groups, and how it is read from a pasted text."""

    most: Callable[[], int]
    sizes: Sizes = lambda _digits: ()
    readable: bool = True
    """False shows bullets alone, even of the group being typed."""
    read: Callable[[str], str] = digits_in
    whole: Callable[[Sequence[str]], bool] = lambda _digits: False
    """Returns True for a number that is complete and valid, so that its copy is of no use any more."""


class SealedEntry(SecretEntry):
    """Shows the group being typed and the last four digits. ``digits`` has the number.

    After each key the digits that it brought or took are found by comparing what Qt has with what was drawn.
    ``copy_forgotten`` follows a paste after which the same number was taken off the clipboard.
    """

    copy_forgotten = Signal()

    def __init__(
        self,
        name: str,
        spoken: str,
        numeral: Numeral,
        done: Callable[[], bool] = lambda: False,
        *,
        paste: bool = True,
    ) -> None:
        super().__init__(name, spoken, lambda text, caret, _grew: self._take_key(text, caret), done)
        self.digits = Sealed()
        self._numeral, self._pastes = numeral, paste
        self._drawn, self._drawing = "", False
        self.textChanged.connect(self._take_foreign)
        self.cursorPositionChanged.connect(self._caret_moved)

    def wipe(self) -> None:
        """Overwrite the digits, and show nothing."""
        self.digits.wipe()
        super().wipe()

    def enter(self, text: str) -> None:
        """Take the digits of a text of several signs, as typing them would. Qt never gets it."""
        if self.swipes.judge(text):
            return
        begin = self.selectionStart() if self.hasSelectedText() else self.cursorPosition()
        end = begin + self.selectionLength()
        shown, caret = self._replace(begin, end, self._numeral.read(text))
        self._show(shown, caret)
        self.textEdited.emit(shown)  # whoever listens to keys hears of it, _reshape too

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Paste without Qt, which would have the whole number as its text."""
        if not event.matches(QKeySequence.StandardKey.Paste):
            super().keyPressEvent(event)
            return
        event.accept()
        if self._pastes:
            self.paste_copied()

    def paste_copied(self) -> None:
        """Take what was copied, and take a whole number off the clipboard, if that holds nothing else.

        The clipboard and this call are where a number is a text.
        """
        clipboard = QGuiApplication.clipboard()
        self.enter(clipboard.text())
        if self._numeral.whole(self.digits) and self.digits == just_digits(clipboard.text()):
            clipboard.clear()
            self.copy_forgotten.emit()

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        """Take several digits at once, from an input method, as a paste."""
        whole = event.commitString()
        if len(whole) < 2:
            super().inputMethodEvent(event)
            return
        super().inputMethodEvent(QInputMethodEvent())  # ends the input method's own text
        self.enter(whole)
        event.accept()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the group at the caret."""
        super().focusInEvent(event)
        self._redraw(self._digits_before(self.cursorPosition()))

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Show the last four alone."""
        super().focusOutEvent(event)
        self._redraw(None)

    def _reshape(self) -> None:
        with self._own_drawing():
            super()._reshape()

    def _take_key(self, text: str, caret: int) -> tuple[str, int]:
        """Apply what a key has changed in the drawn text: everything behind the caret was there before."""
        end = len(self._drawn) - (len(text) - caret)
        begin = 0
        while begin < min(end, caret) and text[begin] == self._drawn[begin]:
            begin += 1
        return self._replace(begin, end, digits_in(text[begin:caret]))

    def _replace(self, begin: int, end: int, new: str) -> tuple[str, int]:
        """Put digits in the place of what is drawn from begin to end. Returns what to draw, and the caret."""
        first, last = self._digits_before(begin), self._digits_before(end)
        self.digits.put([*self.digits[:first], *new, *self.digits[last:]][: self._numeral.most()])
        at = min(first + len(new), len(self.digits))
        self._drawn = self._masked(at)
        return self._drawn, place_behind(self._drawn, at)

    def _take_foreign(self) -> None:
        """Take a text that something other than a key has set, such as a program that helps a blind clerk."""
        text = self.text()
        if not self._drawing and text != self._drawn:
            self.digits.wipe()
            self._drawn = ""
            self._show(*self._replace(0, 0, self._numeral.read(text)))
            self._length = len(self._drawn)

    def _caret_moved(self) -> None:
        if not self._drawing and self.hasFocus():
            self._redraw(self._digits_before(self.cursorPosition()))

    def _redraw(self, typed_at: int | None) -> None:
        """Mask anew. The caret stays behind its digit. A selection would be lost, so it waits for its end."""
        shown = self._masked(typed_at)
        if shown != self._drawn and not self.hasSelectedText():
            before = self._digits_before(self.cursorPosition())
            self._drawn = shown
            self._show(shown, place_behind(shown, before))

    def _show(self, shown: str, caret: int) -> None:
        with self._own_drawing():
            self.setText(shown)
            self.setCursorPosition(caret)

    @contextmanager
    def _own_drawing(self) -> Iterator[None]:
        """Mark what Qt reports meanwhile as our own doing."""
        before, self._drawing = self._drawing, True
        try:
            yield
        finally:
            self._drawing = before

    def _masked(self, typed_at: int | None) -> str:
        if not self._numeral.readable:
            return BULLET * len(self.digits)
        return masked(self.digits, self._numeral.sizes(self.digits), typed_at)

    def _digits_before(self, place: int) -> int:
        return sum(sign != " " for sign in self._drawn[:place])
