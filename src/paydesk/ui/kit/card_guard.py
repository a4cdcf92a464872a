"""Guard against card numbers in other fields: they are removed at once, and never looked up or kept.

A card reader types like a keyboard: the number first, then the rest of the track (name, expiry, codes) and
Enter, often twice. The guard therefore takes away what is typed right behind a number as well.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit

from paydesk.domain.typed.card_numbers import holds_card_data
from paydesk.domain.typed.digits import plain_digits
from paydesk.ui.kit import words
from paydesk.ui.qt.timers import pause

_TRACK = re.compile(r"%[A-Za-z]?[0-9]{2}|;[0-9]{4}|[0-9]{8}[=^]")
"""The start of a card's track 1 (``%B4…``) or track 2 (``;4…``), or the sign behind its number.

Source: ISO/IEC 7813.
"""

BURST_MS, SWIPE_MS = 100, 400
"""Milliseconds without a key after which typing is a person's again: behind a number, and behind a track."""

Judge = Callable[[str], bool]


def is_swipe(text: str) -> bool:
    """Return True if the text has the marks of a card's magnetic track."""
    return bool(_TRACK.search(plain_digits(text)))


def is_swipe_into_digits(text: str) -> bool:
    """Return True if a field for digits got a sign that only a track has. It keeps none, so one is enough."""
    return any(sign in text for sign in "%;^=?")


class CardGuard(QObject):
    """Empties a field that holds a card number or a swipe, and tells ``say`` what to do instead."""

    def __init__(
        self, entry: QLineEdit, say: Callable[[str], None], *, holds: Judge, swiped: Judge, after_swipe: str
    ) -> None:
        super().__init__(entry)
        self._entry, self._say, self._holds, self._swiped = entry, say, holds, swiped
        self._after_swipe, self._sentence = after_swipe, ""
        self._rest = _RestOfSwipe(self)
        entry.textEdited.connect(self._look)
        # Qt sends textChanged after every slot of textEdited ran, so no later slot checks the empty field.
        entry.textChanged.connect(self._tell)

    def judge(self, text: str) -> bool:
        """Do the same for a text that Qt does not report. Returns True if it was taken away."""
        self._look(text)
        refused = bool(self._sentence)
        self._tell()
        return refused

    def _look(self, text: str) -> None:
        swiped = self._swiped(text)
        if swiped or self._holds(text):
            self._entry.clear()
            self._rest.take_away(SWIPE_MS if swiped else BURST_MS)
            self._sentence = self._after_swipe if swiped else words.CARD_NUMBER_REMOVED

    def _tell(self) -> None:
        sentence, self._sentence = self._sentence, ""
        if sentence:
            self._say(sentence)


def guard_text(entry: QLineEdit, say: Callable[[str], None]) -> CardGuard:
    """Keep card numbers and swipes out of a field for free text."""
    return CardGuard(entry, say, holds=holds_card_data, swiped=is_swipe, after_swipe=words.CARD_SWIPED)


def guard_digits(entry: QLineEdit, say: Callable[[str], None]) -> CardGuard:
    """Keep swipes out of a field that drops all but digits, such as the card number's own."""
    return CardGuard(
        entry, say, holds=lambda _text: False, swiped=is_swipe_into_digits, after_swipe=words.CARD_SWIPED_HERE
    )


class _RestOfSwipe(QObject):
    """Takes away the keys of the whole program until none came for a while."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._quiet = pause(self, BURST_MS, self._end)

    def take_away(self, quiet_ms: int) -> None:
        """Begin, for as long as each key follows the one before within that time."""
        app = QCoreApplication.instance()
        assert app is not None
        app.installEventFilter(self)
        self._quiet.start(quiet_ms)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Take away every key but Esc and the function keys."""
        if not isinstance(event, QKeyEvent) or event.key() == Qt.Key.Key_Escape:
            return False
        if Qt.Key.Key_F1 <= event.key() <= Qt.Key.Key_F35:
            return False
        if event.type() == QEvent.Type.KeyPress:
            self._quiet.start()
        event.accept()
        return True

    def _end(self) -> None:
        app = QCoreApplication.instance()
        if app is not None:
            app.removeEventFilter(self)
