"""No card data gets into the ledger: what a person wrote is refused here, whoever calls."""

from __future__ import annotations

from paydesk.domain.typed.card_numbers import any_holds_card_data
from paydesk.domain.typed.plain_texts import every_text
from paydesk.store.ledger import words


def refuse_card_data(*values: object) -> None:
    """Raise KnownError if a text in these values holds card data. Call it before anything is written."""
    if any_holds_card_data([text for value in values for text in every_text(value)]):
        raise words.card_data()
