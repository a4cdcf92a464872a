"""Reading another's JSON: each value is checked for its type before it is believed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal

from paydesk.domain.money import LARGEST_CENTS, Money

_NUMBER = re.compile(r"-?\d{1,12}(\.\d+)?")
_LONGEST_TEXT = 4000
_MOST_DOLLARS = Decimal(LARGEST_CENTS) / 100
_US_MOMENT = re.compile(
    r"(\d{1,2})[-/](\d{1,2})[-/](\d{4})(?: (\d{1,2}):(\d\d)(?::(\d\d))?(?: ?([AP])M)?)?", re.IGNORECASE
)
_FIRST_YEAR = 1901
"""Dates before are the empty dates of databases (0001-01-01, 1900-01-01)."""


class WrongAnswer(Exception):
    """A field is missing or of the wrong kind; the message names the field, never its value."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


class Fields:
    """A JSON object; names are matched without regard to case, null counts as absent."""

    __slots__ = ("_held", "_where")

    def __init__(self, held: Mapping[str, object], where: str = "") -> None:
        self._held = {str(name).lower(): value for name, value in held.items() if value is not None}
        self._where = where

    def __repr__(self) -> str:
        return f"Fields({', '.join(self._held)})"

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._held

    def held(self) -> Mapping[str, object]:
        """All of it by names in small letters; for whoever has to look at what came."""
        return self._held

    def fingerprint(self) -> str:
        """A text that only an equal object has."""
        return repr(sorted(self._held.items()))

    def has_any(self) -> bool:
        """Whether there is any field at all."""
        return bool(self._held)

    def text(self, name: str) -> str:
        """Text or a whole number as text, stripped; "" when absent."""
        value = self._held.get(name.lower(), "")
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise self.wrong(name)
        return self._short(name, value)

    def flag(self, name: str) -> bool | None:
        """true or false; None when absent."""
        value = self._held.get(name.lower())
        if value is None or isinstance(value, bool):
            return value
        raise self.wrong(name)

    def money(self, name: str, *, text_too: bool = False) -> Money | None:
        """Dollars, exact to the cent, within what PayDesk handles; None when absent."""
        value = self._held.get(name.lower())
        if value is None:
            return None
        if text_too and isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
            value = Decimal(value.strip())
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            raise self.wrong(name)
        dollars = Decimal(value)
        if abs(dollars) > _MOST_DOLLARS or dollars != round(dollars, 2):
            raise self.wrong(name)
        return Money.from_dollars(dollars)

    def moment(self, name: str) -> datetime | None:
        """A date and time, taken as UTC where no zone is given; None when absent or an empty date."""
        text = self.text(name)
        if not text:
            return None
        moment = _moment(text)
        if moment is None:
            raise self.wrong(name)
        return moment if moment.year >= _FIRST_YEAR else None

    def day(self, name: str) -> date | None:
        """A calendar date, any time of day and zone cut off; None when absent or an empty date."""
        moment = self.moment(name)
        return moment.date() if moment else None

    def inner(self, name: str) -> Fields:
        """The object of that name; an empty one when absent."""
        value = self._held.get(name.lower(), {})
        if not isinstance(value, dict):
            raise self.wrong(name)
        return Fields(value, self._path(name))

    def rows(self, name: str) -> Iterator[Fields]:
        """The objects of a list; none when absent."""
        value = self._held.get(name.lower(), [])
        if not isinstance(value, list):
            raise self.wrong(name)
        for at, item in enumerate(value):
            if not isinstance(item, dict):
                raise self.wrong(f"{name}[{at}]")
            yield Fields(item, self._path(f"{name}[{at}]"))

    def whole(self, name: str) -> int | None:
        """A whole number; None when absent."""
        value = self._held.get(name.lower())
        if isinstance(value, bool) or not isinstance(value, int | None):
            raise self.wrong(name)
        return value

    def wrong(self, name: str) -> WrongAnswer:
        """The error that names this field."""
        return WrongAnswer(self._path(name))

    def _path(self, name: str) -> str:
        return f"{self._where}.{name}" if self._where else name

    def _short(self, name: str, value: str | int) -> str:
        if abs(value) >= 10**18 if isinstance(value, int) else len(value) > _LONGEST_TEXT:
            raise self.wrong(name)
        return str(value).strip()


def _moment(text: str) -> datetime | None:
    """ISO 8601, ``MM-DD-YYYY HH:mm:ss`` or ``M/D/YYYY h:mm:ss AM``; None for anything else.

    Not by strptime: its AM and PM depend on the language of the system.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return _us_moment(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _us_moment(text: str) -> datetime | None:
    found = _US_MOMENT.fullmatch(text)
    if found is None:
        return None
    month, day, year, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
    if found[7]:
        hour = hour % 12 + (12 if found[7].upper() == "P" else 0)
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None
