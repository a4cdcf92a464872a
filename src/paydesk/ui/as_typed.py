"""How numbers take shape while they are typed: the new text of a field and where its caret belongs."""

from __future__ import annotations

from paydesk.domain.tender import digits_in, spaced

MOST_CARD_DIGITS = 24
"""More than any card has: a digit too many is shown and refused in words, never dropped in silence."""


def card_as_typed(text: str, caret: int) -> tuple[str, int]:
    """The digits in the groups printed on the card; the caret stays behind the digit it was behind."""
    digits = digits_in(text)[:MOST_CARD_DIGITS]
    shown = spaced(digits)
    return shown, _behind(shown, len(digits_in(text[:caret])))


def digits_as_typed(text: str, caret: int, most: int) -> tuple[str, int]:
    """At most ``most`` digits and nothing else."""
    digits = digits_in(text)[:most]
    return digits, min(len(digits_in(text[:caret])), len(digits))


def expiry_as_typed(text: str, caret: int, *, growing: bool) -> tuple[str, int]:
    """``MM/YY`` from ``0330``, ``3/30``, ``03/2030``; the slash comes by itself while ``growing``."""
    digits, before = digits_in(text), len(digits_in(text[:caret]))
    if growing and (digits[:1] > "1" or (len(digits) == 1 and text.rstrip().endswith("/"))):
        digits, before = "0" + digits, before + 1
    digits = digits[:6]
    if len(digits) == 6 and digits[2:4] == "20":
        digits, before = digits[:2] + digits[4:], before - 2
    slash = "/" if len(digits) > 2 or (growing and len(digits) == 2) else ""
    shown = digits[:2] + slash + digits[2:]
    return shown, len(shown) if before >= len(digits) else _behind(shown, before)


def _behind(shown: str, count: int) -> int:
    """The place in ``shown`` right behind its ``count``-th digit."""
    seen = 0
    for place, sign in enumerate(shown):
        if seen == count:
            return place
        seen += sign.isdigit()
    return len(shown)
