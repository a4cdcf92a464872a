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
_DAY_FORMS = ("%Y-%m-%d", "%m-%d-%Y", "%m/%d/%Y")
_MOMENT_FORMS = (
    "%m-%d-%Y %H:%M:%S",
    "%m/%d/%Y %I:%M:%S %p",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%dT%H:%M:%S.%f",
    "%Y-%m-%d %H:%M:%S",
)


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

    def day(self, name: str) -> date | None:
        """A calendar date, any time of day cut off; None when absent."""
        text = self.text(name)
        return self._parsed(name, re.split(r"[T ]", text)[0], _DAY_FORMS).date() if text else None

    def moment(self, name: str) -> datetime | None:
        """A date and time, taken as UTC where no zone is given; None when absent."""
        text = self.text(name).removesuffix("Z")
        return self._parsed(name, text, _MOMENT_FORMS) if text else None

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

    def _parsed(self, name: str, text: str, forms: tuple[str, ...]) -> datetime:
        for form in forms:
            try:
                return datetime.strptime(text, form).replace(tzinfo=UTC)
            except ValueError:
                continue
        raise self.wrong(name)
