"""Values in which every field is filled, so that a field forgotten on the way is seen."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, date, datetime
from itertools import count
from typing import Any, TypeVar, get_args, get_type_hints

from paydesk.domain.money import Money

T = TypeVar("T")


def filled(kind: type[T], **fixed: Any) -> T:
    """Return a value with something in every field, different from all others. ``fixed`` sets some."""
    hints, numbers = get_type_hints(kind), count(1)
    made = {
        each.name: _some(hints[each.name], each.name, next(numbers))
        for each in fields(kind)  # type: ignore[arg-type]
        if each.name not in fixed
    }
    return kind(**made, **fixed)


def _some(hint: Any, name: str, number: int) -> Any:
    """Return a value of that type."""
    kind = next((one for one in get_args(hint) if one is not type(None)), hint)
    return {
        str: f"{name} {number}",
        Money: Money(number * 1_000),
        date: date(2026, 1, number),
        datetime: datetime(2026, 2, number, tzinfo=UTC),
        bool: True,
    }[kind]
