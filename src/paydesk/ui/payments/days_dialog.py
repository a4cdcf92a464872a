"""The dialog that asks for the first and last day of a list."""

from __future__ import annotations

from datetime import date

from PySide6.QtCore import QDate, Signal
from PySide6.QtWidgets import QDialog, QGridLayout, QWidget

from paydesk.domain.typed.days import Days
from paydesk.ui.kit.day_edit import DayEdit
from paydesk.ui.kit.theme import Space
from paydesk.ui.kit.widgets import be_default, button, label, row
from paydesk.ui.kit.world_banner import mark_world
from paydesk.ui.payments import filter_words as words


class DaysDialog(QDialog):
    """The dialog. ``chosen`` carries the Days."""

    chosen = Signal(object)

    def __init__(self, days: Days, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("payments.days")
        self.setWindowTitle(words.DATES_TITLE)
        self.first = _day_edit("payments.days.first", words.FROM_SPOKEN, days.first)
        self.last = _day_edit("payments.days.last", words.TO_SPOKEN, days.last)
        self._problem = label("", "problem", "payments.days.problem")
        self.show_button = button(words.SHOW_DAYS, "payments.days.show", role="primary")
        cancel = button(words.CANCEL, "payments.days.cancel", key="Esc", bound=False)
        be_default(self.show_button, cancel)
        self.show_button.clicked.connect(self._show_days)
        cancel.clicked.connect(self.reject)
        grid = QGridLayout(self)
        grid.setContentsMargins(Space.XL, Space.L, Space.XL, Space.L)
        grid.setSpacing(Space.S)
        for place, (text, edit) in enumerate(((words.FROM, self.first), (words.TO, self.last))):
            caption = label(text, "caption")
            caption.setBuddy(edit)
            grid.addWidget(caption, 0, place)
            grid.addWidget(edit, 1, place)
        grid.addWidget(self._problem, 2, 0, 1, 2)
        buttons = row(cancel, self.show_button)
        buttons.insertStretch(0, 1)
        grid.addLayout(buttons, 3, 0, 1, 2)
        mark_world(self)

    def _show_days(self) -> None:
        days = Days(_date(self.first), _date(self.last))
        if days.last < days.first:
            self._problem.setText(words.TO_IS_BEFORE)
            self.last.setAccessibleDescription(words.TO_IS_BEFORE)
            self.last.setFocus()
            return
        self.accept()
        self.chosen.emit(days)


def _day_edit(name: str, spoken: str, on: date) -> DayEdit:
    made = DayEdit(name, spoken)
    made.setDate(QDate(on.year, on.month, on.day))
    return made


def _date(edit: DayEdit) -> date:
    picked = edit.date()
    return date(picked.year(), picked.month(), picked.day())
