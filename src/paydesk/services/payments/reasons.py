"""The reason that a person gives for a void or an acknowledgement."""

from __future__ import annotations

from paydesk.domain.typed.card_numbers import holds_card_data
from paydesk.services.payments import words

LONGEST_REASON = 200


def checked_reason(why: str) -> str:
    """Return the reason on one line, cut. Raises KnownError if it is missing or holds a card number."""
    reason = " ".join(why.split())[:LONGEST_REASON]
    if not reason:
        raise words.reason_missing()
    if holds_card_data(why):
        raise words.card_number_in_reason()
    return reason
