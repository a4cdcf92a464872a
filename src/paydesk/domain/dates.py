"""Dates in American English, whatever the computer's language.

``strftime("%b")`` and ``calendar.month_name`` follow the C library's language, and Qt sets that when it
starts. So a Turkish computer would write "Mart 5" into the words of a consent (Nacha wants them as spoken).
"""

from __future__ import annotations

import re
from datetime import date, datetime

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
)  # fmt: skip


WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def month_and_day(on: date) -> str:
    """Return ``Mar 5``. A time counts as its own date."""
    return f"{MONTHS[on.month - 1][:3]} {on.day}"


def near_date(on: date, today: date) -> str:
    """Return ``Mar 5``, with the year if that is not today's."""
    return month_and_day(on) if on.year == today.year else short_date(on)


def short_date(on: date) -> str:
    """Return ``Mar 5, 2026``."""
    return f"{month_and_day(on)}, {on.year}"


def long_date(on: date) -> str:
    """Return ``March 5, 2026``, for words that are read aloud or signed."""
    return f"{MONTHS[on.month - 1]} {on.day}, {on.year}"


def time_of_day(at: datetime) -> str:
    """Return ``9:41 AM``, in the time zone that ``at`` has."""
    return f"{at.hour % 12 or 12}:{at:%M} {'AM' if at.hour < 12 else 'PM'}"


def day_and_time(at: datetime) -> str:
    """Return ``03/05/2026 9:41 AM``, for a field. ``day_and_time_in`` reads it."""
    return f"{at:%m/%d/%Y} {time_of_day(at)}"


_ENTERED = re.compile(
    r"(?:(?P<month>\d{1,2})[/.-](?P<day>\d{1,2})[/.-](?P<year>\d{4}|\d{2})"
    r"|(?P<iso>\d{4})-(?P<iso_month>\d{1,2})-(?P<iso_day>\d{1,2}))"
    r"(?:[\sT]+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::\d{2})?\s*(?P<half>[AaPp])?\.?[Mm]?\.?)?",
    re.ASCII,
)


def day_and_time_in(text: str) -> datetime | None:
    """Return the day and time that a person entered, without a zone, or None. A day alone begins at 0:00."""
    found = _ENTERED.fullmatch(text.strip())
    if found is None:
        return None
    said = {name: int(value) for name, value in found.groupdict().items() if value and name != "half"}
    year = said.get("iso", said.get("year", 0))
    hour, half = said.get("hour", 0), (found["half"] or "").upper()
    if half and not 1 <= hour <= 12:
        return None
    hour = hour % 12 + (12 if half == "P" else 0) if half else hour
    month, day = said.get("month", said.get("iso_month", 0)), said.get("day", said.get("iso_day", 0))
    try:
        return datetime(year if year > 99 else 2000 + year, month, day, hour, said.get("minute", 0))  # noqa: DTZ001
    except ValueError:
        return None
