"""Digits that could be a card number, in any text the ledger keeps."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from paydesk.store import schema

# 13 to 19 digits, as one or in groups of four and more (4-4-4-4, 4-6-5); dates and phone numbers have
# shorter groups. A card number begins with 2 to 6 (ISO/IEC 7812).
_RUN = re.compile(
    r"(?<![0-9A-Za-z])[2-6](?:\d{12,18}|\d{3,}(?:[ -]\d{4,}){1,3}(?:[ -]\d{1,4})?)(?![0-9A-Za-z])"
)
_ALONE = {("payment", "processor_ref"), ("payment", "intent_token"), ("posting", "sink_ref")}
"""Numbers others gave: where one is all digits, it may be a lucky one."""
_HASHES = {("event", "hash"), ("event", "prev_hash"), ("info", "value"), ("import_run", "digest")}
_NAMES = {"processor_ref", "intent_token", "sink_ref", "draft"}
"""The same in the body of an event."""


def card_numbers(connection: sa.Connection) -> Iterator[str]:
    """Where the ledger holds something like a card number, in sentences that do not repeat it."""
    for table in schema.metadata.sorted_tables:
        texts = [
            column
            for column in table.columns
            if isinstance(column.type, sa.Text | schema.Words) and (table.name, column.name) not in _HASHES
        ]
        if not texts:
            continue
        keys = list(table.primary_key.columns)
        query = sa.select(*keys, *texts).execution_options(yield_per=1000)
        for row in connection.execute(query):
            for column, text in zip(texts, row[len(keys) :], strict=True):
                if text and _found(table.name, column.name, text):
                    place = ", ".join(
                        str(part) for part in row[: len(keys)] if not looks_like_card(str(part))
                    )
                    yield (
                        f"{table.name} {place}: the column {column.name} holds digits like those of a card "
                        "number. None may be kept."
                    )


def _found(table: str, column: str, text: str) -> bool:
    if (table, column) in _ALONE and text.isdigit():
        return False
    if (table, column) == ("event", "body"):
        return any(looks_like_card(said) for said in _said(text))
    return looks_like_card(text)


def _said(body: str) -> Iterator[str]:
    try:
        detail: Any = json.loads(body)
    except ValueError:
        detail = None
    if not isinstance(detail, dict):
        yield body
        return
    for name, said in detail.items():
        if name not in _NAMES or not str(said).isalnum():
            yield from (str(name), str(said))


def looks_like_card(text: str) -> bool:
    """Whether the text holds 13 to 19 digits with a card's check digit."""
    return any(_is_number(re.sub(r"[ -]", "", run[0])) for run in _RUN.finditer(text))


def _is_number(digits: str) -> bool:
    if not 13 <= len(digits) <= 19:
        return False
    total = 0
    for place, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (1 + place % 2)
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0
