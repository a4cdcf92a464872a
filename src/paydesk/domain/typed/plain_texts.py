"""Texts from elsewhere as PayDesk keeps them: one line, nothing that steers a screen, no card data.

Vendors, files and people write them. A record that holds such texts calls ``tidy`` when it is made.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

from paydesk.domain.typed.card_numbers import any_holds_card_data, without_card_data

_TURNING = frozenset({"R", "AL", "AN"})
"""Bidirectional classes of characters that are written from right to left, or make others so."""

Texts = str | tuple[str, ...]
_TEXT_TYPES = ("str", "tuple[str, ...]")
_FIELDS: dict[type, tuple[str, ...]] = {}
"""The names of a record's fields, once they were looked for."""

_JOINERS = frozenset("\u200c\u200d")
"""Format characters that change how a name is written: Persian and Indic names need them, and emoji."""


def one_line(text: str) -> str:
    """Return the text without control and format characters, such as U+202E, which reverses what follows.

    Halves of surrogate pairs go, too: no database takes them. Line breaks and tabs become blanks.
    """
    if text.isprintable():
        return text
    kept = "".join(_kept(sign) for sign in text)
    return text if kept == text else " ".join(kept.split())


def _kept(sign: str) -> str:
    category = unicodedata.category(sign)
    if category in ("Zl", "Zp") or (category == "Cc" and sign.isspace()):
        return " "
    return "" if category in ("Cc", "Cf", "Cs") and sign not in _JOINERS else sign


def tidied(text: str) -> str:
    """Return the text on one line, and without card data."""
    return without_card_data(one_line(text))


def apart(name: str) -> str:
    """Isolate a name in a sentence of ours, so that it cannot reorder the words and amounts beside it.

    A name with nothing but left-to-right letters, digits and signs cannot, and stays as it is: in such a line
    every character has the same embedding level (UAX 9). Arabic digits can reorder without any letter.
    """
    plain = one_line(name)
    turns = any(unicodedata.bidirectional(sign) in _TURNING for sign in plain)
    return f"\u2068{plain}\u2069" if turns else plain


def is_key(text: str) -> bool:
    """Return True if another system's number or id can be kept as it is: no card data, and printable."""
    return bool(text) and text.isprintable() and not any_holds_card_data((text,))


def tidy(record: Any, *opaque: str) -> None:
    """Change each text of a frozen record to what ``tidied`` returns.

    Names in ``opaque`` are the sender's keys, and stay as they are. So is any later field.
    """
    held = _texts_of(record, opaque)
    texts = [text for one in held.values() for text in ((one,) if isinstance(one, str) else one)]
    if not "".join(texts).isprintable() or any_holds_card_data(texts):
        _change(record, held, tidied)


def straighten(record: Any) -> None:
    """Put each text of a frozen record on one line. The ledger refuses card data in it, and says so."""
    _change(record, _texts_of(record), one_line)


def _texts_of(record: Any, opaque: tuple[str, ...] = ()) -> dict[str, Texts]:
    return {name: getattr(record, name) for name in text_fields(type(record)) if name not in opaque}


def _change(record: Any, held: dict[str, Texts], made: Callable[[str], str]) -> None:
    for name, one in held.items():
        changed = made(one) if isinstance(one, str) else tuple(map(made, one))
        if changed != one:
            object.__setattr__(record, name, changed)


def text_fields(record: type) -> tuple[str, ...]:
    """Return the names of a dataclass's fields that hold a text, or a tuple of texts."""
    if record not in _FIELDS:
        _FIELDS[record] = tuple(one.name for one in fields(record) if one.type in _TEXT_TYPES)
    return _FIELDS[record]


def every_text(value: object) -> Iterator[str]:
    """Yield each text in a value: in dataclasses, mappings with their keys, and sequences. No enum is one."""
    if isinstance(value, str):
        if not isinstance(value, Enum):
            yield value
    elif is_dataclass(value):
        for one in fields(value):
            yield from every_text(getattr(value, one.name))
    elif isinstance(value, Mapping):
        yield from every_text([*value, *value.values()])
    elif isinstance(value, list | tuple | set | frozenset):
        for inner in value:
            yield from every_text(inner)
