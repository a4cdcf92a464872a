"""A card number typed where it does not belong is taken out at once, and never looked up or kept."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QLineEdit

from paydesk.domain.tender import holds_card_number

SAID = "That looks like a card number. It was not looked up or kept."


def keep_cards_out(entry: QLineEdit, say: Callable[[str], None]) -> None:
    """Empty the field as soon as it holds what looks like a whole card number, and say so."""

    def look(text: str) -> None:
        if holds_card_number(text):
            entry.clear()
            say(SAID)

    entry.textEdited.connect(look)
