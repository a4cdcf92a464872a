"""Digits of any script as ASCII digits, and texts without the characters that nobody sees."""

from __future__ import annotations

import re
import unicodedata

_INVISIBLE = frozenset({"Cf", "Mn", "Me"})
"""Unicode categories that a screen shows as nothing, or as part of the character before."""
_BLANK_LETTERS = "\u115f\u1160\u3164\uffa0"
"""Letters that a screen shows as a blank: the fillers of Hangul."""


def plain_digits(text: str) -> str:
    """Return the text with every digit as 0 to 9, and without invisible characters.

    Takes full-width and Arabic digits, circled and raised ones, zero-width spaces and soft hyphens. Letters
    that look like a dash or a blank become one, such as the long sound sign of Japanese.
    """
    return text if text.isascii() else "".join(_plain(sign) for sign in text)


def _plain(sign: str) -> str:
    digit = unicodedata.digit(sign, None)
    if digit is not None:
        return str(digit)
    category = unicodedata.category(sign)
    if category in _INVISIBLE:
        return ""
    if category == "Lm" or sign in _BLANK_LETTERS:
        return "-" if category == "Lm" else " "
    plain = unicodedata.normalize("NFKC", sign)
    return plain if plain.isdecimal() else sign  # a circled eleven


def just_digits(text: str) -> str:
    """Return the digits of a text that has none but digits and separators, or ``""``."""
    plain = plain_digits(text)
    return "" if re.search(r"[^\W\d_]", plain) else digits_in(plain)


def digits_in(text: str) -> str:
    """Return only the digits of a text, those of other scripts as 0 to 9."""
    return re.sub(r"[^0-9]", "", plain_digits(text))
