"""Print docs/settings.md: every setting, from its declaration in paydesk.config.settings.

Usage: .venv/bin/python tools/settings_page.py > docs/settings.md (on Windows, .venv\\Scripts\\python)
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import MISSING, Field
from enum import StrEnum
from typing import Any, cast

from paydesk.config import settings
from paydesk.config.declare import Declared, declared

HEAD = """\
# Settings

`python tools/settings_page.py` prints this page from the declarations in `src/paydesk/config/settings.py`.

A live desk reads `settings.toml` in PayDesk's folder. `paydesk --basedir DIR` names that folder. Without
the option it is `%LOCALAPPDATA%\\PayDesk` on Windows, `~/Library/Application Support/PayDesk` on macOS and
`~/.local/share/PayDesk` on Linux. PayDesk reads the file when it starts and never changes it.
`paydesk doctor` names an entry that is wrong or missing.

The file is [TOML](https://toml.io). The entries of no table come first. Each table follows under its name
in brackets. This page and PayDesk's messages name an entry by its full key, like `ams360.read_timeout_s`.
In the file, the part before the dot is the table:

```toml
desk = "Front-1"

[agency]
name = "Elm Street Insurance"

[ams360]
agency_no = "9999999-1"
read_timeout_s = 45
```

* A live desk needs `agency.name`. Every other entry may be left out.
* `[fees]` needs all of `ach_limit`, `credit_card`, `debit_card` and `ach`. Without the table the desk opens
  and does not charge. With only some of the four it does not open.
* A **fee** is a table of `percent`, `fixed`, `minimum` and `maximum`, each optional, like
  `{ percent = "3.50", minimum = "1.00" }`. The fee is `percent` (0 to 100) of the amount plus `fixed`, at
  least `minimum` and at most `maximum`. Write `{ percent = "0" }` for a payment method without a fee.
* An **amount** is dollars and cents in quotes, like `"15000.00"`. A percentage is in quotes, too.
* `posting.channel = "ems"` needs `posting.bank_short_name`.
* Keys and passwords are not settings. `paydesk set-key` puts them into the system's keychain.
* A training desk does not read this file. Its `training.toml` may have a `[wsapi]` table with
  `employee_code`, `note_as` and `action`.
"""

KINDS = {
    "str": "text",
    "bool": "true or false",
    "int": "whole number",
    "float": "number",
    "tuple[str, ...]": "list of texts",
    "Mapping[str, str]": "table of texts",
    "Money | None": "amount",
    "FeeRule | None": "fee",
}
"""The kinds of settings by their annotations. An enum is a text that must be one of its values."""

DEFAULTS = {"user": "the login name on this computer"}
"""Defaults that depend on the computer, by key."""

COLUMNS = ("key", "kind", "default", "unit", "allowed", "meaning")


def page() -> str:
    """Return the page in Markdown."""
    groups: dict[str, list[tuple[str, ...]]] = {}
    for key, field, known in declared(settings.Settings):
        groups.setdefault(key.rpartition(".")[0], []).append(_row(key, field, known))
    return "\n".join([HEAD, *(line for name, rows in groups.items() for line in _table(name, rows))])


def _table(name: str, rows: list[tuple[str, ...]]) -> Iterator[str]:
    yield f"## {f'`[{name}]`' if name else 'No table'}\n"
    for cells in (COLUMNS, ("---",) * len(COLUMNS), *rows):
        yield f"| {' | '.join(cells)} |"
    yield ""


def _row(key: str, field: Field[Any], known: Declared) -> tuple[str, ...]:
    meaning = known.help.replace("``", "`")
    if known.aliases:
        meaning += f" Also read as `{'`, `'.join(known.aliases)}`."
    cells = f"`{key}`", _kind(field), _default(key, field), known.unit, _allowed(field, known), meaning
    return tuple(cell.replace("|", r"\|") for cell in cells)


def _kind(field: Field[Any]) -> str:
    return "text" if _enum(field) else KINDS[str(field.type)]


def _enum(field: Field[Any]) -> type[StrEnum] | None:
    """Return the enum of a setting's values, or None for another kind."""
    kind = getattr(settings, str(field.type), None)
    return kind if isinstance(kind, type) and issubclass(kind, StrEnum) else None


def _default(key: str, field: Field[Any]) -> str:
    """Return the default as the file would say it."""
    if key in DEFAULTS:
        return DEFAULTS[key]
    value = cast(Any, field.default_factory)() if field.default is MISSING else field.default
    match value:
        case None:
            return "not set"
        case bool():
            return f"`{str(value).lower()}`"
        case int() | float():
            return f"`{value:g}`"
        case str():
            return f'`"{value}"`'
        case tuple():
            return f"`{list(value)}`"
    return f"`{value}`"


def _allowed(field: Field[Any], known: Declared) -> str:
    """Return the values that are allowed, or ``""`` for all of the kind."""
    if enum := _enum(field):
        return ", ".join(f'`"{value}"`' for value in enum)
    if known.least is not None and known.most is not None:
        return f"{known.least:g} to {known.most:g}"
    refused = known.check("") if field.type == "str" else ""  # the sentence says what the text must be
    return refused.rpartition("; use ")[2]


if __name__ == "__main__":
    sys.stdout.buffer.write(page().encode())
