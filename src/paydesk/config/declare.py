"""Settings declared once, as fields of dataclasses: the reader, the screens and the documents use these.

A field's name is its key, its annotation the type, its default the default. ``setting`` adds the rest.
``read`` builds the dataclass from a TOML table. For a wrong entry it names the full key and what the
value must be.
"""

from __future__ import annotations

import dataclasses
import math
import re
import types
import typing
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar, cast

from paydesk.domain.money import AmountError, Money
from paydesk.domain.typed.card_numbers import holds_card_data
from paydesk.domain.typed.plain_texts import one_line

T = TypeVar("T")


_PLAIN_NUMBER = re.compile(r"-?[0-9]{1,9}(\.[0-9]{1,9})?")
_LONGEST = 1_000
"""Most characters of a text."""


class BadSetting(Exception):
    """An entry that cannot be used. Its text is a sentence without the full stop."""


@dataclass(frozen=True, slots=True)
class Declared:
    """The facts of one setting beside its key, type and default."""

    help: str
    unit: str = ""
    least: float | None = None
    most: float | None = None
    aliases: tuple[str, ...] = ()
    """Other keys that ``read`` accepts."""
    clean: Callable[[Any], Any] = lambda value: value
    """Brings a value into the form that is kept."""
    check: Callable[[Any], str] = lambda _value: ""
    """Returns what the value must be instead, or ``""``."""


def setting(help: str, default: Any = MISSING, **more: Any) -> Any:
    """Declare a setting as a dataclass field. ``more`` are the fields of ``Declared``."""
    return field(default=default, metadata={"setting": Declared(help, **more)})


def table(kind: Callable[[], T], key: str = "") -> T:
    """Declare a nested table of settings. Without entries it has its defaults.

    ``key`` is its name in the file if that differs from the field's name.
    """
    return field(default_factory=kind, metadata={"table": key})


def declared(kind: type, name: str = "") -> Iterator[tuple[str, dataclasses.Field[Any], Declared]]:
    """Yield every setting of a dataclass and of its tables: the full key, the field, the declaration."""
    for one in dataclasses.fields(kind):
        key = _whole(name, one.metadata.get("table") or one.name)
        if "setting" in one.metadata:
            yield key, one, one.metadata["setting"]
        elif "table" in one.metadata:
            yield from declared(cast(type, one.default_factory), key)


def read(kind: type[T], raw: Mapping[str, Any], name: str = "") -> T:
    """Build the dataclass from a TOML table. Raises BadSetting for a wrong, unknown or missing entry."""
    kinds, values, left = typing.get_type_hints(kind), {}, dict(raw)
    for one in _entries(kind):
        known = one.metadata.get("setting", Declared(""))
        for key in (one.metadata.get("table") or one.name, *known.aliases):
            if key in left:
                values[one.name] = _value(kinds[one.name], left.pop(key), _whole(name, key), known)
                break
    if left:
        raise BadSetting(f"{_whole(name, next(iter(left)))} is not a setting PayDesk knows")
    return kind(**values)


def _whole(name: str, key: str) -> str:
    return f"{name}.{key}" if name else key


def _entries(kind: Any) -> list[dataclasses.Field[Any]]:
    """Return the fields that are entries. In a dataclass without declarations these are all fields."""
    every = dataclasses.fields(kind)
    return [one for one in every if {"setting", "table"} & set(one.metadata)] or list(every)


def _value(kind: Any, raw: Any, where: str, known: Declared) -> Any:
    value = known.clean(_converted(_without_none(kind), raw, where))
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        _check_bounds(value, where, known)
    if wrong := known.check(value):
        raise BadSetting(f"{where} {wrong}")
    return value


def _check_bounds(value: int | float | Decimal, where: str, known: Declared) -> None:
    """Raise for a number that is infinite, no number at all (NaN is within every bound), or out of bounds."""
    if not isinstance(value, int) and not math.isfinite(value):
        raise BadSetting(f"{where} must be a number")
    least, most = known.least, known.most
    if (least is not None and value < least) or (most is not None and value > most):
        raise BadSetting(f"{where} must be between {least:g} and {most:g}")


def _without_none(kind: Any) -> Any:
    """Return X of ``X | None``: an entry that is present is never None."""
    if isinstance(kind, types.UnionType):
        (kind,) = (one for one in typing.get_args(kind) if one is not types.NoneType)
    return kind


def _converted(kind: Any, raw: Any, where: str) -> Any:
    if dataclasses.is_dataclass(kind) and kind is not Money:
        return read(cast(type, kind), _of(dict, raw, where, "a table"), where)
    match typing.get_origin(kind) or kind:
        case origin if origin is tuple:
            values = _of(list, raw, where, "a list")
            if not all(isinstance(value, str) for value in values):
                raise BadSetting(f"{where} must be a list of texts")
            return tuple(_without_card(value, where) for value in values)
        case origin if origin is Mapping:
            if not all(isinstance(value, str) for value in _of(dict, raw, where, "a table").values()):
                raise BadSetting(f'{where} must be written like {{ "invoice.balance" = "openBalance" }}')
            return raw
        case origin if origin is bool:
            return _of(bool, raw, where, "true or false")
        case origin if origin is int:
            return _of(int, raw, where, "a whole number")
        case origin if origin is float:
            return _of(float, _floating(raw), where, "a number")
    return _from_text(kind, _of(str, raw, where, "a text in quotes").strip(), where)


def _floating(raw: Any) -> Any:
    """Return a whole number as a float. One larger than any float is infinite, which no bound allows."""
    if type(raw) is not int:
        return raw
    try:
        return float(raw)
    except OverflowError:
        return math.inf


def _from_text(kind: Any, text: str, where: str) -> Any:
    if kind is Money:
        try:
            return Money.parse(text)
        except AmountError:
            raise BadSetting(f'{where} must be an amount in quotes, like "15000.00"') from None
    if kind is Decimal:
        if not _PLAIN_NUMBER.fullmatch(text):  # Decimal("3_5") is 35, and Decimal("1e1") is 10
            raise BadSetting(f'{where} must be a number in quotes, like "3.50"')
        return Decimal(text)
    if issubclass(kind, StrEnum):
        if text not in list(kind):
            raise BadSetting(f"{where} must be one of {', '.join(kind)}")
        return kind(text)
    return _without_card(text, where)


def _without_card(text: str, where: str) -> str:
    text = one_line(text)
    if len(text) > _LONGEST:
        raise BadSetting(f"{where} must have at most {_LONGEST:,} characters")
    if holds_card_data(text):
        raise BadSetting(f"{where} holds what looks like a card number, which must not be stored")
    return text


def _of(kind: type[T], raw: Any, where: str, words: str) -> T:
    if type(raw) is not kind:
        raise BadSetting(f"{where} must be {words}")
    assert isinstance(raw, kind)
    return raw
