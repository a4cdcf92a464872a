"""Telephone numbers as identifiers: possible US numbers, compared without their extension."""

from __future__ import annotations

import re
from itertools import pairwise

_NANP = re.compile(r"(?!.11|222|333|444|555|666|777)[2-9][0-8][0-9](?!.11)[2-9][0-9]{6}")
"""Area code and exchange as the North American Numbering Plan allows them (ATIS-0300119). N11 is a service
such as 911, and no area has a code of three equal digits but 888, which is toll-free.
"""

_FILLER = re.compile(r".{3}(?:([0-9])\1{6}|5551212)")
"""Stands in a form that asks for a number: one digit repeated, or directory assistance."""


def us_numbers(text: str) -> frozenset[str]:
    """Return the ten digits of each possible US number in a text. A filler such as 000-000-0000 is none."""
    import phonenumbers  # a late import: it takes 20 ms, and few lookups need it

    found = phonenumbers.PhoneNumberMatcher(text, "US", leniency=phonenumbers.Leniency.POSSIBLE)
    numbers = {str(one.number.national_number) for one in found if one.number.country_code == 1}
    return frozenset(one for one in numbers if _NANP.fullmatch(one) and not _is_filler(one))


def _is_filler(number: str) -> bool:
    """Return True for a number that nobody has: it repeats a digit or two, or counts up or down."""
    steps = {(int(b) - int(a)) % 10 for a, b in pairwise(number)}
    return bool(_FILLER.fullmatch(number)) or len(set(number)) <= 2 or steps in ({1}, {9})
