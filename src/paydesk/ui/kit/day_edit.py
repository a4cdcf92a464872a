"""A field for a day."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCharFormat
from PySide6.QtWidgets import QDateEdit

from paydesk.ui.qt.american import AMERICAN


class DayEdit(QDateEdit):
    """A day, typed or picked from a calendar."""

    def __init__(self, name: str, spoken: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(spoken)
        self.setLocale(AMERICAN)
        self.setDisplayFormat("MMM d, yyyy")
        self.setCalendarPopup(True)
        for day in (Qt.DayOfWeek.Saturday, Qt.DayOfWeek.Sunday):
            # Qt writes them in a red that is hard to read in the dark, and means overdue here.
            self.calendarWidget().setWeekdayTextFormat(day, QTextCharFormat())
