"""Digits like those of a card number, in texts that were stored.

These rules are wider than those of the window's guard, and share no code with it, so that they find what the
guard misses. They report and change nothing, so a false alarm only costs somebody a look.
"""

from __future__ import annotations

import html
import json
import re
import unicodedata
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

_MAYBE = re.compile(r"\d(?:[^\dA-Za-z]*\d){12}|\d{4}(\D{1,12})\d{4,6}\1\d{4}", re.IGNORECASE)
_SAID = re.compile(
    r"\b(?:c\.?v\.?v\b\.?|cvv2?|cvc2|(?:cvc|cvn|cv2|security|verification) *code)(?: *(?:code|number|no))?"
    r"[\W_]{0,3}(?:(?:is|was)[\W_]{1,3})?(?:\d{3,4}|\d([ -])\d\1\d(?:\1\d)?)(?!\d)",
    re.IGNORECASE,
)
_TAGS = re.compile(r"<[^<>]*>")
_ESCAPED = re.compile(r"<[^<>]+>|&#?\w+|%[0-9a-f]{2}", re.IGNORECASE)
_LETTERS = re.compile(r"[^\W\d_]+")
_USUAL = re.compile(
    r"4\d{15}|5[1-5]\d{14}|(?:222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)\d{12}|3[47]\d{13}"
    r"|(?:6011|64[4-9]\d|65\d\d)\d{12}|35(?:2[89]|[3-8]\d)\d{12}|3(?:0[0-5]|[689]\d)\d{11}|62\d{14}(?:\d{3})?"
)
"""Networks of the US in their usual length."""
_ANY_NETWORK = re.compile(
    rf"{_USUAL.pattern}|4\d{{12}}(?:\d{{6}})?|3(?:0|6|8|9)\d{{12,17}}|35\d{{14,17}}|(?:5[0678]|6\d)\d{{11,17}}"
    r"|81\d{14,17}|220[0-4]\d{12,15}"
)
_FIRST_DIGITS = "234568"
"""One piece may also begin with an expiry."""
_EVEN_PIECES = re.compile(
    r"(?<!\d)(\d{4})(\D{1,12})(?:(\d{4})\2(\d{4})\2(\d{1,7})|(\d{6})\2(\d{4,5}))(?!\d)", re.IGNORECASE
)
"""Four digits, the same separator of any kind, and so on: ``4111x1111x1111x1111``. Or as on 4-6-5 cards."""
_FILLERS = "\u115f\u1160"
"""Letters of no width, once NFKC has folded their kin."""
_EXPIRY_BEFORE = re.compile(r"(?:(?:0[1-9]|1[0-2])[2-5]\d|[2-5]\d(?:0[1-9]|1[0-2]))(\d{14,16})")
_EXPIRY_BEHIND = re.compile(r"(\d{14,16})(?:(?:0[1-9]|1[0-2])[2-5]\d|[2-5]\d(?:0[1-9]|1[0-2]))(?:\d{3,4})?")
_MOMENT = (
    r"(?<![\d-])(?:19|20)\d\d-[01]\d-[0-3]\d"
    r"(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?(?!-?\d)"
)
_MACHINE_MADE = re.compile(
    rf"{_MOMENT}|(?<![0-9a-z])(?:[0-9a-f]{{8}}(?:-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}|[0-9a-f]{{32}}"
    r"|[0-9a-f]{40}|[0-9a-f]{64})(?![0-9a-z])",
    re.IGNORECASE,
)
"""Moments, UUIDs and hashes, as this program and the vendors write them."""
_EVERYDAY = re.compile(
    r"(?<![\d/.-])\d{1,2}([/.-])\d{1,2}\1(?:\d{4}|\d\d)(?![/.-]?\d)|(?<![\d:])\d?\d:\d\d(?::\d\d)?(?![:\d])"
    r"|(?<!\d)(?<!\d[-. ])\(?\d{3}\)?[-. ]\d{3}[-.]\d{4}(?![-.]?\d)|(?<![\d-])\d{5}-\d{4}(?!-?\d)"
    r"|\$ ?[\d,]{1,15}(?:\.\d\d)?(?![,\d])|(?<![\d.,])[\d,]{1,10}\.\d\d(?![.\d])"
)
"""Dates, times, telephone numbers, amounts and ZIPs: left out where the digits stand in odd pieces."""
_PRINTED = {
    (4, 6, 5), (4, 6, 4), (6, 13), (8, 8), (6, 4, 6), (6, 6, 4), (12, 4), (4, 12), (8, 4, 4),
    (4, 8, 4), (4, 4, 8), (2,) * 8,
}  # fmt: skip
"""Sizes of pieces as on cards and on the screens of their issuers, beside fours."""


def texts_in(stored: str) -> Iterator[tuple[str, str]]:
    """Yield every text in a column, with the name it has in a JSON document, or ``""``."""
    if stored[:1] in ("{", "["):
        try:
            yield from _walk("", json.loads(stored))
        except (ValueError, RecursionError):
            yield "", stored
    else:
        yield "", stored


def _walk(name: str, part: Any) -> Iterator[tuple[str, str]]:
    if isinstance(part, dict):
        for key, inner in part.items():
            yield "", key
            yield from _walk(key, inner)
    elif isinstance(part, list):
        for inner in part:
            yield from _walk(name, inner)
    elif isinstance(part, str):
        # A document may be kept as a text of another.
        yield from ((inner_name or name, text) for inner_name, text in texts_in(part))
    elif part is not None:
        yield name, str(part)


def looks_like_card(text: str) -> bool:
    """Return True if the text has digits with a network's beginning, its length and a right check digit.

    Or a security code that is called so.
    """
    return any(_seen(_folded(spelling)) for spelling in _unescaped(text))


def _unescaped(text: str) -> Iterator[str]:
    """Yield the text, and what is left of it without each layer of markup."""
    yield text
    for _ in range(4 if _ESCAPED.search(text) else 0):
        text = _TAGS.sub(" ", html.unescape(unquote(text)))
        yield text


def _seen(text: str) -> bool:
    if _SAID.search(text):
        return True
    plain = _MACHINE_MADE.sub("x", text) if _MAYBE.search(text) else ""
    if not _MAYBE.search(plain):
        return False
    even = ("".join(filter(None, found.group(1, 3, 4, 5, 6, 7))) for found in _EVEN_PIECES.finditer(plain))
    if any(_is_number(number, _ANY_NETWORK) for number in even):
        return True
    whole = (pieces for part in _LETTERS.split(plain) for pieces in _windows(part))
    odd = (pieces for part in _LETTERS.split(_EVERYDAY.sub("x", plain)) for pieces in _windows(part))
    return any(_whole(pieces) for pieces in whole) or any(_odd(pieces) for pieces in odd)


def _folded(text: str) -> str:
    """Return the text with each digit of any script as 0 to 9, and without characters of no width."""
    if text.isascii():
        return text
    signs = unicodedata.normalize("NFKC", text)
    shown = (sign for sign in signs if unicodedata.category(sign)[0] not in "MC" and sign not in _FILLERS)
    return "".join(
        "-" if unicodedata.category(sign) == "Lm" else str(unicodedata.digit(sign, sign)) for sign in shown
    )


def _windows(part: str) -> Iterator[list[str]]:
    """Yield neighboring pieces of digits with 13 digits or more, and at most 23 in one piece."""
    pieces = re.findall(r"\d+", part)
    for first in range(len(pieces)):
        count, network = 0, pieces[first][0] in _FIRST_DIGITS
        for last in range(first, min(first + 19, len(pieces)) if network else first + 1):
            count += len(pieces[last])
            if count >= 13:
                yield pieces[first : last + 1]
            if count > 19:
                break


def _whole(pieces: list[str]) -> bool:
    """Judge digits in one piece, in fours whose last may be shorter, or in another printed form."""
    sizes, digits = tuple(len(piece) for piece in pieces), "".join(pieces)
    if sizes == (4, 3, 3, 3) or set(sizes) == {1}:
        return _is_number(digits, _ANY_NETWORK)
    if sizes in _PRINTED:
        return _is_number(digits, _USUAL)
    if len(sizes) > 1 and (sizes[-1] > 4 or any(size != 4 for size in sizes[:-1])):
        return False
    beside = (_EXPIRY_BEHIND, _EXPIRY_BEFORE) if len(sizes) == 1 else ()
    glued = next((found for form in beside if (found := form.fullmatch(digits))), None)
    return _is_number(digits, _ANY_NETWORK) or (glued is not None and _is_number(glued[1], _USUAL))


def _odd(pieces: list[str]) -> bool:
    """Judge digits in other pieces. Several numbers of one length are a list of invoices."""
    sizes = {len(piece) for piece in pieces}
    if len(pieces) > 1 and len(sizes) == 1 and sizes & {5, 6, 7}:
        return False
    return _is_number("".join(pieces), _USUAL)


def _is_number(digits: str, networks: re.Pattern[str]) -> bool:
    if not networks.fullmatch(digits):
        return False
    doubled = sum(sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (doubled + sum(int(digit) for digit in digits[::-2])) % 10 == 0
