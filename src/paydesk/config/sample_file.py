"""A settings file to begin with: every setting with its meaning, most of them commented out."""

from __future__ import annotations

import contextlib
import dataclasses
import json
from collections.abc import Iterator
from dataclasses import MISSING
from enum import StrEnum
from pathlib import Path
from typing import Any, cast

from paydesk.config.declare import Declared, declared
from paydesk.config.settings import Settings

_HEAD = """\
# The settings of this PayDesk. A line that begins with # does nothing: take the # away to use it.
# Keys and passwords do not belong here. They are kept in this computer's keychain.
"""

_EXAMPLES = {
    "user": '"Dana"',
    "ledger_url": '""',
    "fees.ach_limit": '"15000.00"',
    "fees.credit_card": '{ percent = "3.50" }',
    "fees.debit_card": '{ percent = "1.50" }',
    "fees.ach": '{ fixed = "3.00" }',
    "ams360.names": '{ "invoice.balance" = "openBalance" }',
}
"""Examples for settings without a default that says how they are written."""

_FILLED_IN = ("agency.name",)
"""Settings that a live desk needs, and that are therefore not commented out."""


def write_sample(path: Path) -> None:
    """Write a file to begin with. Leaves a file that exists as it is. Raises OSError."""
    with contextlib.suppress(FileExistsError), path.open("x", encoding="utf-8", newline="\n") as file:
        file.write(sample())


def sample() -> str:
    """Return the text of the file."""
    tables: dict[str, list[str]] = {}
    for key, entry, known in declared(Settings):
        table, _, name = key.rpartition(".")
        tables.setdefault(table, []).extend(_entry(key, name, entry, known))
    parts = [_HEAD, *tables.pop("", [])]
    for table, lines in tables.items():
        parts += ["", f"[{table}]", *lines]
    return "\n".join(parts) + "\n"


def _entry(key: str, name: str, entry: dataclasses.Field[Any], known: Declared) -> Iterator[str]:
    unit = f" In {known.unit}." if known.unit else ""
    yield f"\n# {known.help.replace('``', '')}{unit}"
    yield f"{'' if key in _FILLED_IN else '# '}{name} = {_EXAMPLES.get(key) or _default(entry)}"


def _default(entry: dataclasses.Field[Any]) -> str:
    """Return the default as the file writes it."""
    value = cast(Any, entry.default_factory)() if entry.default is MISSING else entry.default
    match value:
        case bool():
            return str(value).lower()
        case int() | float():
            return f"{value:g}"
        case StrEnum():
            return f'"{value.value}"'
        case tuple() if value:
            return json.dumps(list(value))
        case tuple():
            return '["1 Elm Street", "Avon, NY 14414"]'
    return json.dumps(str(value), ensure_ascii=False)
