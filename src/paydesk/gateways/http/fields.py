"""Read another system's JSON, and check the type of each value."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal

from paydesk.domain.money import LARGEST_CENTS, Money

_NUMBER = re.compile(r"-?\d{1,12}(\.\d+)?")
_LONGEST_TEXT = 4000
_LARGEST_WHOLE = 10**18
_MOST_DOLLARS = Decimal(LARGEST_CENTS) / 100
_EXACT = Decimal(0)
_US_MOMENT = re.compile(
    r"(\d{1,2})[-/](\d{1,2})[-/](\d{4})(?: (\d{1,2}):(\d\d)(?::(\d\d))?(?: ?([AP])M)?)?", re.IGNORECASE
)
_FIRST_YEAR = 1901
"""First valid year. Earlier dates are the empty dates of databases (0001-01-01, 1900-01-01)."""


class WrongAnswer(Exception):
    """A field is missing or of the wrong kind. The message names the field, never its value."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


class Fields:
    """A JSON object. Names match in any case, and null counts as absent."""

    __slots__ = ("_held", "_where")

    def __init__(self, held: Mapping[str, object], where: str = "") -> None:
        self._held = {str(name).lower(): value for name, value in held.items() if value is not None}
        self._where = where

    def __repr__(self) -> str:
        return f"Fields({', '.join(self._held)})"

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._held

    def held(self) -> Mapping[str, object]:
        """Return all values by lower-case name, to inspect the whole answer."""
        return self._held

    def fingerprint(self) -> str:
        """Return a text that only an equal object has."""
        return repr(sorted(self._held.items()))

    def has_any(self) -> bool:
        """Return True if there is any field."""
        return bool(self._held)

    def text(self, name: str) -> str:
        """Return a text, or a whole number as text, stripped. Returns "" if absent."""
        value = self._held.get(name.lower(), "")
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise self.wrong(name)
        return self._short(name, value)

    def flag(self, name: str) -> bool | None:
        """Return true or false, or None if absent."""
        value = self._held.get(name.lower())
        if value is None or isinstance(value, bool):
            return value
        raise self.wrong(name)

    def money(self, name: str, *, text_too: bool = False, within: Decimal = _EXACT) -> Money | None:
        """Return dollars within PayDesk's limits, or None if absent.

        An amount less than ``within`` (dollars) off a cent is rounded to that cent. Without ``within`` it has
        to be exact to the cent.
        """
        dollars = self._dollars(name, text_too=text_too)
        if dollars is None:
            return None
        off = abs(dollars - round(dollars, 2))
        if off and off >= within:
            raise self.wrong(name)
        return Money.from_dollars(round(dollars, 2))

    def fraction(self, name: str) -> str:
        """Return a number of dollars that is not exact to the cent, as it was sent. Returns "" otherwise."""
        dollars = self._dollars(name, text_too=True)
        return "" if dollars is None or dollars == round(dollars, 2) else f"{dollars:f}"

    def _dollars(self, name: str, *, text_too: bool) -> Decimal | None:
        value = self._held.get(name.lower())
        if value is None:
            return None
        if text_too and isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
            value = Decimal(value.strip())
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            raise self.wrong(name)
        dollars = Decimal(value)
        if abs(dollars) > _MOST_DOLLARS:
            raise self.wrong(name)
        return dollars

    def moment(self, name: str) -> datetime | None:
        """Return a date and time, in UTC without a zone. Returns None if absent or an empty date."""
        text = self.text(name)
        if not text:
            return None
        moment = _moment(text)
        if moment is None:
            raise self.wrong(name)
        return moment if moment.year >= _FIRST_YEAR else None

    def day(self, name: str) -> date | None:
        """Return a calendar date without time and zone. Returns None if absent or an empty date."""
        moment = self.moment(name)
        return moment.date() if moment else None

    def inner(self, name: str) -> Fields:
        """Return the object of that name, or an empty one if absent."""
        value = self._held.get(name.lower(), {})
        if not isinstance(value, dict):
            raise self.wrong(name)
        return Fields(value, self._path(name))

    def rows(self, name: str, *, of_any_kind: bool = False) -> Iterator[Fields]:
        """Yield the objects of a list. Yields none if absent.

        ``of_any_kind`` also yields an item that is no object, as the object ``{"row": item}``.
        """
        value = self._held.get(name.lower(), [])
        if not isinstance(value, list):
            raise self.wrong(name)
        for at, item in enumerate(value):
            if not isinstance(item, dict) and not of_any_kind:
                raise self.wrong(f"{name}[{at}]")
            held = item if isinstance(item, dict) else {"row": item}
            yield Fields(held, self._path(f"{name}[{at}]"))

    def whole(self, name: str) -> int | None:
        """Return a whole number, or None if absent."""
        value = self._held.get(name.lower())
        if isinstance(value, bool) or not isinstance(value, int | None):
            raise self.wrong(name)
        if value is not None and abs(value) > _LARGEST_WHOLE:
            raise self.wrong(name)
        return value

    def wrong(self, name: str) -> WrongAnswer:
        """Return the error that names this field."""
        return WrongAnswer(self._path(name))

    def _path(self, name: str) -> str:
        return f"{self._where}.{name}" if self._where else name

    def _short(self, name: str, value: str | int) -> str:
        if abs(value) >= _LARGEST_WHOLE if isinstance(value, int) else len(value) > _LONGEST_TEXT:
            raise self.wrong(name)
        return str(value).strip()


def _moment(text: str) -> datetime | None:
    """Parse ISO 8601, ``MM-DD-YYYY HH:mm:ss`` or ``M/D/YYYY h:mm:ss AM``. Returns None for anything else.

    strptime is not used, because its AM and PM depend on the system's language.
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
