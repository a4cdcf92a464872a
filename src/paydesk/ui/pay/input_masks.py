"""Format numbers while they are typed, and mask those that need not be seen."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence

from paydesk.domain.typed.card_numbers import LONGEST, card_numbers_in
from paydesk.domain.typed.digits import digits_in
from paydesk.domain.typed.expiry import expiry_in

BULLET = "•"
"""Stands in the place of a digit that is not shown."""

_TAIL = 4
"""Last digits that may be shown (PCI DSS 4.0.1, 3.4.1)."""

_LONG = 12
"""Fewest digits of which the group being typed and the last four may be seen together."""

_MOST_EXPIRY_DIGITS = 8
"""Maximum digits in an expiry field: two more than any expiry has, so that one too many gets an error."""


def card_digits_in(text: str) -> str:
    """Return the digits of a text. Of a pasted line with one card number and more, only the number's."""
    digits = digits_in(text)
    if len(digits) > LONGEST and len(alone := card_numbers_in(text)) == 1:
        return alone[0]
    return digits


def masked(digits: Sequence[str], sizes: Sequence[int], typed_at: int | None) -> str:
    """Return the digits in groups of these sizes, with bullets in place of those that need not be seen.

    Seen are the group being typed, which has the digit before ``typed_at``, and the last four. Nobody types
    where that is None, and then the last four stand in one group. A short number never shows both, and so
    never all of it.
    """
    count = len(digits)
    tail = range(count - min(_TAIL, count // 2), count)
    if typed_at is None:
        *_, last = range(0), *_groups(count, sizes)
        return grouped(digits, (tail.start,) if last.start > tail.start else sizes, tail)
    typed = next((one for one in _groups(count, sizes) if typed_at <= one.stop), range(0))
    apart = count >= _LONG and typed.stop <= tail.start
    return grouped(digits, sizes, {*typed, *tail} if apart else typed)


def grouped(digits: Sequence[str], sizes: Sequence[int], seen: Container[int]) -> str:
    """Return the digits in groups of these sizes, the rest in one more. Those not seen are bullets."""
    return " ".join(
        "".join(digits[place] if place in seen else BULLET for place in group)
        for group in _groups(len(digits), sizes)
    )


def _groups(count: int, sizes: Sequence[int]) -> Iterator[range]:
    """Yield the places of each group that is not empty."""
    begin = 0
    for size in (*sizes, count):
        group = range(begin, min(begin + size, count))
        if group:
            yield group
        begin = group.stop


def digits_as_typed(text: str, caret: int, most: int) -> tuple[str, int]:
    """Return at most ``most`` digits and nothing else."""
    digits = digits_in(text)[:most]
    return digits, min(len(digits_in(text[:caret])), len(digits))


def expiry_as_typed(text: str, caret: int, *, growing: bool) -> tuple[str, int]:
    """Return ``MM/YY`` from any form that ``expiry_in`` reads. While ``growing``, add the slash."""
    whole = expiry_in(text) if growing else None
    if whole is not None:
        shown = f"{whole[0]:02d}/{whole[1] % 100:02d}"
        return shown, len(shown)
    digits, before = digits_in(text), len(digits_in(text[:caret]))
    if growing and (digits[:1] > "1" or (len(digits) == 1 and text.rstrip().endswith("/"))):
        digits, before = "0" + digits, before + 1
    digits = digits[:_MOST_EXPIRY_DIGITS]
    if len(digits) == 6 and digits[2:4] == "20":
        digits, before = digits[:2] + digits[4:], before - 2
    slash = "/" if len(digits) > 2 or (growing and len(digits) == 2) else ""
    shown = digits[:2] + slash + digits[2:]
    return shown, len(shown) if before >= len(digits) else place_behind(shown, before)


def place_behind(shown: str, count: int) -> int:
    """Return the position in ``shown`` directly behind its ``count``-th digit or bullet."""
    seen = 0
    for place, sign in enumerate(shown):
        if seen == count:
            return place
        seen += sign.isdigit() or sign == BULLET
    return len(shown)
