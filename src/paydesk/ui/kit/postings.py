"""Words and colors of postings. The first screen shows none, so they are not among the other words."""

from __future__ import annotations

from paydesk.domain.payment import GIVEN_BACK
from paydesk.domain.posting import Posting, PostingState

_WORDS = {
    PostingState.WAITING: "Waiting",
    PostingState.POSTED: "Posted",
    PostingState.UNCLEAR: "Unconfirmed",
    PostingState.REFUSED: "Not posted",
    PostingState.BY_HAND: "Enter by hand",
    PostingState.WITHDRAWN: "Not needed",
}

_SHORT_WORDS = {**_WORDS, PostingState.BY_HAND: "By hand"}

TO_REVERSE = "To reverse"
REVERSED = "Reversed"

_TINTS = {
    PostingState.POSTED: "good",
    PostingState.WAITING: "ink",
    PostingState.WITHDRAWN: "muted",
    PostingState.UNCLEAR: "warning",
    PostingState.REFUSED: "danger",
    PostingState.BY_HAND: "link",
}


def word(of: Posting | None) -> str:
    """Return the state of a receipt's posting into the agency system, in a word."""
    if of is None:
        return "–"
    return REVERSED if _is_reversed(of) else _WORDS[of.state]


def short_word(of: Posting | None) -> str:
    """Return the same for a narrow column, or that the receipt is to be reversed."""
    if of is None:
        return "–"
    if is_to_reverse(of):
        return TO_REVERSE
    return REVERSED if _is_reversed(of) else _SHORT_WORDS[of.state]


def tint(of: Posting | None) -> str:
    """Return the color of the short word."""
    if of is None:
        return "muted"
    return "warning" if is_to_reverse(of) else _TINTS[of.state]


def is_to_reverse(of: Posting) -> bool:
    """Return True if the receipt is in the agency system, and its money went back."""
    return of.state is PostingState.POSTED and of.payment.state in GIVEN_BACK


def _is_reversed(of: Posting) -> bool:
    """Return True if the receipt was in the agency system, and is no longer owed to anybody there."""
    return of.state is PostingState.WITHDRAWN and of.posted_at is not None
