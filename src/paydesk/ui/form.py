"""Forms that walk with Enter and say, beside the field, what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from paydesk.ui import icons
from paydesk.ui.room import reveal
from paydesk.ui.theme import Space
from paydesk.ui.widgets import label, row, set_role

_SIGN = 14
"""The size of the sign beside a problem, in device-independent pixels."""

Check = Callable[[], str]
"""Why a field cannot stand as it is, in words for the desk, or ``""``."""

Word = TypeVar("Word", bound=StrEnum)


class Choice(QWidget, Generic[Word]):
    """A few words of which one is chosen, side by side; one tab stop, arrow keys move."""

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
            button = QPushButton(text)
            button.setCheckable(True)
            button.setAutoDefault(False)
            button.setObjectName(f"{name}.{word.value}")
            button.setAccessibleName(f"{spoken}: {text}".replace("&", ""))
            button.setProperty("role", "segment")
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            self._group.addButton(button, len(self._words))
            self._words.append(word)
            line.addWidget(button)
        self._group.button(0).setChecked(True)
        self._group.idToggled.connect(self._toggled)
        self.setFocusProxy(self._group.button(0))

    @property
    def value(self) -> Word:
        """The chosen word."""
        return self._words[self._group.checkedId()]

    def choose(self, word: Word) -> None:
        """Choose a word as if it had been clicked."""
        self._group.button(self._words.index(word)).setChecked(True)

    def _toggled(self, _index: int, on: bool) -> None:
        if on:
            self.setFocusProxy(self._group.button(self._group.checkedId()))
            self.changed.emit()


class Tick(QPushButton):
    """One thing that is true or not yet: a box and its words; Space ticks it."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setProperty("role", "tick")
        self.setCheckable(True)
        self.setAutoDefault(False)
        self.toggled.connect(self._draw)
        self._draw()

    def say(self, text: str) -> None:
        """Give it its words."""
        self.setText(text)
        self.setAccessibleName(text.replace("&", ""))

    def _draw(self) -> None:
        icons.put(self, "box-ticked" if self.isChecked() else "box", "link" if self.isChecked() else "ink")


@dataclass(frozen=True, slots=True, eq=False)
class Stop:
    """One stop of the Enter key: its widget, its check, and the row that shows what is wrong."""

    widget: QWidget
    check: Check
    row: Row

    @property
    def usable(self) -> bool:
        """It is shown and can be filled in."""
        return self.widget.isEnabled() and not self.widget.isHidden() and not self.row.isHidden()


class Row(QWidget):
    """Fields side by side under their labels, and one line that says what is wrong or helps.

    The line stands below, or at the right end with ``beside``.
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
        self._icon, self._line = label(), label("", "small")
        self._icon.setFixedSize(_SIGN, _SIGN)
        icons.put(self._icon, "alert", "danger", _SIGN)
        self._line.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._saying = row(self._icon, self._line, spacing=Space.XS)
        self._show()

    def add(self, text: str, widget: QWidget, check: Check = lambda: "", *, stretch: int = 1) -> Stop:
        """Put a labelled widget at the right end of the row."""
        column = len(self._problems)
        caption = label(text, "caption")
        caption.setBuddy(widget)
        caption.setVisible(bool(text))
        self._grid.addWidget(caption, 0, column)
        self._grid.addWidget(widget, 1, column)
        self._grid.setColumnStretch(column, stretch)
        self._problems[widget] = ""
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
            widget.setAccessibleName(text.replace("&", ""))

    def hint(self, text: str, role: str = "small") -> None:
        """Help, or with role ``small-good`` praise, that stands where a problem would."""
        self._hint = (text, role)
        self._show()

    def mark(self, widget: QWidget, problem: str) -> None:
        """Show what is wrong with the widget, or that nothing is."""
        self._problems[widget] = problem
        if isinstance(widget, QLineEdit):
            set_role(widget, "wrong" if problem else "")
        widget.setAccessibleDescription(problem)
        self._show()

    def marked(self, widget: QWidget) -> bool:
        """A problem of the widget is on show."""
        return bool(self._problems[widget])

    def _show(self) -> None:
        problem = next((text for text in self._problems.values() if text), "")
        text, role = (problem, "problem") if problem else self._hint
        set_role(self._line, role)
        self._line.setText(text)
        self._icon.setVisible(bool(problem))


class Form(QWidget):
    """Rows of fields; Enter walks them, and in the last one submits."""

    submitted = Signal()
    edited = Signal()

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self._stops: list[Stop] = []
        self._came_to: Stop | None = None
        """The field the focus came to by itself, until Enter is pressed in it."""
        self._rows = QVBoxLayout(self)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(Space.S)

    def add_row(self, of: Row, *stops: Stop) -> None:
        """Take a row of fields; Enter walks them in the order given."""
        self._rows.addWidget(of)
        for stop in stops:
            self._stops.append(stop)
            for widget in (stop.widget, *stop.widget.findChildren(QAbstractButton)):
                widget.installEventFilter(self)
            if isinstance(stop.widget, QLineEdit):
                stop.widget.textEdited.connect(self._recheck)
                stop.widget.editingFinished.connect(lambda stop=stop: self._left(stop))

    def add(self, widget: QWidget) -> None:
        """Take a widget that is no field."""
        self._rows.addWidget(widget)

    def start(self) -> None:
        """Put the focus into the first field that is not right yet, or the first of all."""
        usable = [stop for stop in self._stops if stop.usable]
        self._focus(next((stop for stop in usable if stop.check()), usable[0]))

    def advance(self, widget: QWidget) -> None:
        """Move the focus on from a widget, or submit when it is in the last field.

        A field that must be filled is not left empty; and where the focus has just come to it
        by itself, Enter was meant for the field before.
        """
        stop = self._stop_of(widget)
        empty = stop is not None and isinstance(stop.widget, QLineEdit) and not stop.widget.text().strip()
        if stop is not None and empty and stop.check():
            if stop is not self._came_to:
                stop.row.mark(stop.widget, stop.check())
            self._came_to = None
            return
        after = self._after(widget)
        if after is None:
            self.submitted.emit()
        else:
            self._focus(after)

    def step_on(self, widget: QWidget) -> None:
        """Move the focus on because a field is full; never submits."""
        after = self._after(widget)
        if after is not None:
            self._focus(after)
            self._came_to = after

    def complete(self) -> bool:
        """Whether every field is right; marks those that are not and focuses the first of them."""
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
        """Enter in a field moves on."""
        if (
            event.type() == QEvent.Type.KeyPress
            and isinstance(event, QKeyEvent)
            and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
            and isinstance(watched, QWidget)
        ):
            if not event.isAutoRepeat():
                self.advance(watched)
            return True
        return super().eventFilter(watched, event)

    def _after(self, widget: QWidget) -> Stop | None:
        usable = [stop for stop in self._stops if stop.usable]
        for place, stop in enumerate(usable):
            if stop.widget is widget or stop.widget.isAncestorOf(widget):
                return usable[place + 1] if place + 1 < len(usable) else None
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
