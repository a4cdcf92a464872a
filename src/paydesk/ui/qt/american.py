"""The one language of the window: American English, whatever the computer's."""

from __future__ import annotations

from PySide6.QtCore import QLocale

AMERICAN = QLocale(QLocale.Language.English, QLocale.Country.UnitedStates)


def speak_american() -> None:
    """Let every field read and write numbers and dates as in the United States.

    Otherwise Qt takes digits, month names and the first day of a week from the computer's language.
    """
    QLocale.setDefault(AMERICAN)
