"""Forms: Enter moves from field to field, and each error is shown beside its field."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QSpacerItem,
    QVBoxLayout,
    QWidget,
)

from paydesk.ui.kit import icons
from paydesk.ui.kit.announce import announce
from paydesk.ui.kit.line_edits import Entry
from paydesk.ui.kit.scrolling import reveal
from paydesk.ui.kit.theme import Space
from paydesk.ui.kit.widgets import Button, be_one_of, label, name_in, row, set_role

_SIGN = 14
"""Size of the icon beside an error, in device-independent pixels."""

Check = Callable[[], str]
"""Returns the error in a field in words for the clerk, or ``""``."""

Word = TypeVar("Word", bound=StrEnum)


class Segment(Button):
    """A button of a choice, wide enough for its text in the weight that it has when it is chosen."""

    def sizeHint(self) -> QSize:
        """Return the style's size, plus what the heavier text needs."""
        font = QFont(self.font())
        font.setWeight(QFont.Weight.DemiBold)
        heavy = QFontMetrics(font).horizontalAdvance(self.text())
        more = heavy - self.fontMetrics().horizontalAdvance(self.text())
        return super().sizeHint() + QSize(max(more, 0), 0)

    def minimumSizeHint(self) -> QSize:
        """Return the same: a segment is never cut."""
        return self.sizeHint()


class Choice(QWidget, Generic[Word]):
    """Buttons side by side of which one is chosen.

    They are one tab stop, and arrow keys move between them.
    """

    changed = Signal()

    def __init__(self, name: str, spoken: str, words: Iterable[tuple[Word, str]]) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(spoken)
        self._group = QButtonGroup(self)
        self._words: list[Word] = []
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(0)
        for word, text in words:
            button = Segment(text)
            button.setCheckable(True)
            button.setAutoDefault(False)
            button.setObjectName(f"{name}.{word.value}")
            button.setAccessibleName(f"{spoken}: {name_in(text)}")
            button.setProperty("role", "segment")
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            self._group.addButton(button, len(self._words))
            self._words.append(word)
            line.addWidget(button)
        for place, one in enumerate(self._group.buttons()):
            first, last = place == 0, place == len(self._words) - 1
            one.setProperty("end", "both" if first and last else "first" if first else "last" if last else "")
        be_one_of(self._group.buttons())
        self._group.button(0).setChecked(True)
        self._group.idToggled.connect(self._toggled)
        self._be_one_stop()

    @property
    def value(self) -> Word:
        """The chosen word."""
        return self._words[self._group.checkedId()]

    def choose(self, word: Word) -> None:
        """Choose a word as a click would."""
        self._group.button(self._words.index(word)).setChecked(True)

    def reword(self, word: Word, text: str) -> None:
        """Show a word with another text."""
        one = self._group.button(self._words.index(word))
        one.setText(text)
        one.setAccessibleName(f"{self.accessibleName()}: {name_in(text)}")

    def let(self, word: Word, may: bool) -> None:
        """Let a word be chosen, or not."""
        self._group.button(self._words.index(word)).setEnabled(may)

    def _toggled(self, _index: int, on: bool) -> None:
        if on:
            self._be_one_stop()
            self.changed.emit()

    def _be_one_stop(self) -> None:
        """Let Tab stop at the chosen button only. Qt does so itself once one has had the keyboard."""
        chosen = self._group.button(self._group.checkedId())
        self.setFocusProxy(chosen)
        for one in self._group.buttons():
            keys = Qt.FocusPolicy.StrongFocus if one is chosen else Qt.FocusPolicy.ClickFocus
            one.setFocusPolicy(keys)


class Tick(QPushButton):
    """A check box with a text. Space selects it."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setProperty("role", "tick")
        self.setCheckable(True)
        self.setAutoDefault(False)
        self.toggled.connect(self._draw)
        self._draw()

    def say(self, text: str) -> None:
        """Set its text."""
        self.setText(text)
        self.setAccessibleName(name_in(text))

    def _draw(self) -> None:
        icons.put(self, "box-ticked" if self.isChecked() else "box", "link" if self.isChecked() else "ink")


@dataclass(frozen=True, slots=True, eq=False)
class Stop:
    """One stop of the Enter key: its widget, its check, and the row that shows an error."""

    widget: QWidget
    check: Check
    row: Row

    @property
    def usable(self) -> bool:
        """True if it is visible and enabled."""
        return self.widget.isEnabled() and not self.widget.isHidden() and not self.row.isHidden()


class Row(QWidget):
    """Fields side by side under their labels, with one line for an error or a hint.

    The line is below the field that it is about, or at the right end with ``beside``. If several fields are
    wrong, it says the error of the one with the keyboard, else of the first.
    """

    def __init__(self, *, beside: bool = False) -> None:
        super().__init__()
        self._beside = beside
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(Space.M)
        self._grid.setVerticalSpacing(Space.XS)
        self._problems: dict[QWidget, str] = {}
        self._hint = ("", "small")
        self._under: QWidget | None = None
        """The field that the hint is about, or None if it is about all."""
        self._indent = QSpacerItem(0, 0, QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Minimum)
        self._said: tuple[QWidget | None, str, str] | None = None
        self._icon, self._line = label(), label("", "small")
        self._icon.setFixedSize(_SIGN, _SIGN)
        icons.put(self._icon, "alert", "danger", _SIGN)
        self._line.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._saying = row(self._icon, self._line, spacing=Space.XS)
        self._saying.insertItem(0, self._indent)
        self._show()

    def add(self, text: str, widget: QWidget, check: Check = lambda: "", *, stretch: int = 1) -> Stop:
        """Add a labeled widget at the right end of the row."""
        column = len(self._problems)
        caption = label(text, "caption")
        caption.setBuddy(widget)
        caption.setVisible(bool(text))
        if name_in(text).casefold() not in widget.accessibleName().casefold():
            widget.setAccessibleName(name_in(text))
        self._grid.addWidget(caption, 0, column)
        self._grid.addWidget(widget, 1, column)
        self._grid.setColumnStretch(column, stretch)
        self._problems[widget] = ""
        if isinstance(widget, Entry):
            widget.card_refused.connect(lambda said: self.mark(widget, said))
        widget.installEventFilter(self)
        self._place_saying(column + 1)
        return Stop(widget, check, self)

    def _place_saying(self, columns: int) -> None:
        self._grid.removeItem(self._saying)
        if self._beside:
            self._grid.addLayout(self._saying, 1, columns)
            self._grid.setColumnStretch(columns, 1)
        else:
            self._grid.addLayout(self._saying, 2, 0, 1, columns)

    def caption(self, widget: QWidget, text: str) -> None:
        """Change the label above a widget."""
        column = list(self._problems).index(widget)
        item = self._grid.itemAtPosition(0, column)
        caption = item.widget() if item else None
        if isinstance(caption, QLabel):
            caption.setText(text)
            caption.show()
            widget.setAccessibleName(name_in(text))

    def hint(self, text: str, role: str = "small", under: QWidget | None = None) -> None:
        """Show a hint, or with role ``small-good`` a confirmation, in the line for errors.

        ``under`` is the field that it is about.
        """
        self._hint, self._under = (text, role), under
        self._show()

    def mark(self, widget: QWidget, problem: str) -> None:
        """Show an error of the widget, or that it has none. A screen reader says a new one at once."""
        new = problem != self._problems[widget]
        self._problems[widget] = problem
        if isinstance(widget, QLineEdit):
            set_role(widget, "wrong" if problem else "")
        widget.setAccessibleDescription(problem)
        self._show()
        if problem and new:
            announce(self._line)

    def marked(self, widget: QWidget) -> bool:
        """Return True if an error of the widget is visible."""
        return bool(self._problems[widget])

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Say the error of the field that gets the keyboard."""
        if event.type() == QEvent.Type.FocusIn:
            self._show()
        return super().eventFilter(watched, event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the line below its field."""
        super().resizeEvent(event)
        self._place()

    def _wrong(self) -> QWidget | None:
        """Return the field whose error is said."""
        wrong = [widget for widget, problem in self._problems.items() if problem]
        return next((one for one in wrong if one.hasFocus()), wrong[0] if wrong else None)

    def _show(self) -> None:
        wrong = self._wrong()
        text, role = (self._problems[wrong], "problem") if wrong is not None else self._hint
        said = (wrong, text, role)
        if said != self._said:  # setWordWrap lays the whole page out again, if nothing changes, too
            self._said = said
            set_role(self._line, role)
            self._line.setWordWrap(bool(text))  # an empty wrapped label has no height
            self._line.setText(text)
            self._icon.setVisible(wrong is not None)
        self._place()

    def _place(self) -> None:
        """Let the line begin below its field, or as far left of that as it must to be one line."""
        if self._beside:
            return
        wrong = self._wrong()
        under = self._under if wrong is None else wrong
        sign = _SIGN + Space.XS if wrong is not None else 0
        text = self._line.fontMetrics().horizontalAdvance(self._line.text())
        start = min(under.x(), self.width() - sign - text - 1) if under is not None else 0
        if max(start, 0) != self._indent.sizeHint().width():
            self._indent.changeSize(max(start, 0), 0, QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Minimum)
            self._saying.invalidate()


class Form(QWidget):
    """Rows of fields. Enter moves through them, and submits in the last one."""

    submitted = Signal()
    edited = Signal()

    def __init__(self, name: str, *, skips_right: bool = False) -> None:
        """With ``skips_right``, Enter skips fields that are valid already."""
        super().__init__()
        self.setObjectName(name)
        self._skips_right = skips_right
        self._stops: list[Stop] = []
        self._came_to: Stop | None = None
        """The field that got the focus automatically, until a key is pressed in it."""
        self._rows = QVBoxLayout(self)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(Space.S)

    def add_row(self, of: Row, *stops: Stop) -> None:
        """Add a row of fields. Enter moves through them in this order."""
        self._rows.addWidget(of)
        for stop in stops:
            self._stops.append(stop)
            for widget in (stop.widget, *stop.widget.findChildren(QAbstractButton)):
                widget.installEventFilter(self)
            if isinstance(stop.widget, QLineEdit):
                stop.widget.textEdited.connect(self._recheck)
                stop.widget.editingFinished.connect(lambda stop=stop: self._left(stop))
            elif isinstance(stop.widget, Choice):
                stop.widget.changed.connect(self._recheck)

    def add(self, widget: QWidget) -> None:
        """Add a widget that is not a field."""
        self._rows.addWidget(widget)

    def start(self) -> None:
        """Focus the first field that is not valid yet, or the first of all."""
        usable = [stop for stop in self._stops if stop.usable]
        self._focus(next((stop for stop in usable if stop.check()), usable[0]))

    def unmark(self) -> None:
        """Remove every error."""
        for stop in self._stops:
            stop.row.mark(stop.widget, "")
        self._came_to = None

    def advance(self, widget: QWidget) -> None:
        """Move the focus on from a widget, or submit if it is in the last field.

        Enter does not leave a field that is wrong, or empty and required. If the focus has just come to it
        automatically, Enter was meant for the field before, and does nothing.
        """
        stop = self._stop_of(widget)
        if stop is not None and stop.check():
            if not self._was_meant_before(widget):
                stop.row.mark(stop.widget, stop.check())
            return
        after = self._after(widget)
        if after is None:
            self.submitted.emit()
        else:
            self._focus(after)

    def step_on(self, widget: QWidget) -> None:
        """Move the focus on because a field is full. Never submits."""
        after = self._after(widget)
        if after is not None:
            self._focus(after)
            self._came_to = after

    def complete(self) -> bool:
        """Return True if every field is valid. Marks the invalid ones and focuses the first of them."""
        wrong = []
        for stop in self._stops:
            problem = stop.check() if stop.usable else ""
            stop.row.mark(stop.widget, problem)
            if problem:
                wrong.append(stop)
        if wrong:
            self._focus(wrong[0])
        return not wrong

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Move on when Enter is pressed in a field. A Tab meant for the full field before does nothing."""
        if (
            event.type() == QEvent.Type.KeyPress
            and isinstance(event, QKeyEvent)
            and isinstance(watched, QWidget)
        ):
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                if not event.isAutoRepeat():
                    self.advance(watched)
                return True
            if event.key() == Qt.Key.Key_Tab and self._was_meant_before(watched):
                return True
            self._came_to = None
        return super().eventFilter(watched, event)

    def _was_meant_before(self, widget: QWidget) -> bool:
        """Return True for the first key that leaves a field, if the focus came to it automatically."""
        stop, came_to = self._stop_of(widget), self._came_to
        self._came_to = None
        return stop is not None and stop is came_to and bool(stop.check())

    def _after(self, widget: QWidget) -> Stop | None:
        usable = [stop for stop in self._stops if stop.usable]
        for place, stop in enumerate(usable):
            if stop.widget is widget or stop.widget.isAncestorOf(widget):
                behind = usable[place + 1 :]
                return next((one for one in behind if not self._skips_right or one.check()), None)
        return None

    def _stop_of(self, widget: QWidget) -> Stop | None:
        return next((one for one in self._stops if one.widget is widget), None)

    def _focus(self, stop: Stop) -> None:
        stop.widget.setFocus(Qt.FocusReason.TabFocusReason)
        reveal(stop.widget)

    def _left(self, stop: Stop) -> None:
        if isinstance(stop.widget, QLineEdit) and stop.widget.text():
            stop.row.mark(stop.widget, stop.check())

    def _recheck(self) -> None:
        for stop in self._stops:
            if stop.row.marked(stop.widget):
                stop.row.mark(stop.widget, stop.check())
        self.edited.emit()
