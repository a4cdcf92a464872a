"""Find digits that could be a card number, in any text of the ledger."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from paydesk.store.tables import schema
from paydesk.store.verify.card_shapes import looks_like_card, texts_in

_FROM_OTHERS = {"processor_ref", "intent_token", "sink_ref", "charge", "source_id", "customer_source_id"}
"""Names of values from the vendors. One that is all digits may look like a card number by chance."""


@dataclass(frozen=True, slots=True)
class Place:
    """A text column of one row, and what it holds."""

    table: sa.Table
    key: tuple[Any, ...]
    column: str
    stored: str = field(repr=False)

    @property
    def row(self) -> str:
        """The row's key in words, without a part that is like a card number itself."""
        return ", ".join(str(part) for part in self.key if not looks_like_card(str(part)))


def card_numbers(connection: sa.Connection) -> Iterator[str]:
    """Yield a sentence for each place with something like a card number, without repeating it."""
    for place in places(connection):
        yield (
            f"{place.table.name} {place.row}: the column {place.column} holds digits like those of a card "
            "number. None may be kept."
        )


def places(connection: sa.Connection) -> Iterator[Place]:
    """Yield each place with something like a card number."""
    for table in schema.metadata.sorted_tables:
        texts = [column for column in table.columns if isinstance(column.type, sa.Text | schema.Words)]
        if not texts:
            continue
        keys = list(table.primary_key.columns)
        query = sa.select(*keys, *texts).execution_options(yield_per=1000)
        for row in connection.execute(query):
            for column, text in zip(texts, row[len(keys) :], strict=True):
                if text and is_found(column.name, text):
                    yield Place(table, tuple(row[: len(keys)]), column.name, text)


def is_found(column: str, stored: str) -> bool:
    """Return True if a stored text or document has something like a card number."""
    return any(
        looks_like_card(text)
        for name, text in texts_in(stored)
        if not ((name or column) in _FROM_OTHERS and text.isdigit())
    )
