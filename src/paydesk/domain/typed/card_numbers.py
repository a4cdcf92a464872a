"""Find card data in free texts, however it is written. None may be stored there.

A card number has 13 to 19 digits, the check digit of ISO/IEC 7812, and first digits that a network issues.
Anything but letters and digits may stand between the digits. So may markup, or the same word in each gap of a
printed number: "dash". The rules about first digits, lengths and groups keep false alarms rare: one of ten
random numbers has a right check digit. Beside a security code, 13 digits or more are a card number whatever
they are: somebody mistyped it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from urllib.parse import unquote

from paydesk.domain.typed.digits import plain_digits
from paydesk.domain.typed.figures import without_figures

SHORTEST, LONGEST = 13, 19
"""Least and most digits of a card number (ISO/IEC 7812)."""

_LONG_PIECE = 5
"""Least digits of a piece that may be a number of its own: an invoice, a customer, a policy."""

_PRINTED = {
    *((4, 6, 5), (4, 6, 4), (6, 13), (8, 8), (6, 4, 6), (6, 6, 4), (12, 4), (4, 12), (8, 4, 4), (4, 4, 8)),
}
"""Sizes of pieces as cards and their issuers print them, beside fours (4-6-5: American Express)."""

REMOVED = "[card number removed]"
"""It has no digit, not even the last four: beside other digits, those would be a number again. And nobody
needs them: a receipt has the last four of the card that was charged, and should have no others."""

CODE_REMOVED = "[card detail removed]"

# The long patterns are compiled when they are first used: together they took 4 ms of a start.
_CODE = (
    r"(?i)(?:(?<![^\W\d_])(?:c\.?v\.?v\.?-?2?|cvc2?|cvn2|ccv2?|(?:security|verification|cv2) ?code)"
    r"(?: ?(?:code|number|no))?[^\w]{0,3}(?:(?:is|was|on|the|back)[^\w]{1,3}){0,4}"
    r"(?:[0-9]{3,4}|[0-9](?P<gap>[- ])[0-9](?P=gap)[0-9](?:(?P=gap)[0-9])?)(?![0-9])"
    r"|(?<![0-9])[0-9]{3,4} ?(?:\((?:cvv2?|cvc2?)\)"
    r"|is (?:the |her |his |my )?(?:cvv2?|cvc2?|security code)\b))"
)
"""A security code that the text itself calls so, also right behind a digit. Other words for it, such as CID,
are also of insurance.
"""

_WHOLE_RANGE = tuple(range(SHORTEST, LONGEST + 1))
_ALL_LENGTHS = frozenset(_WHOLE_RANGE)
_WIDTH = 4
"""Most first digits that tell a network."""

Lengths = Callable[[str], frozenset[int]]
"""Returns the lengths that count for a number's first digits."""


@dataclass(frozen=True, slots=True)
class Issued:
    """First digits, and the lengths of the cards that have them (ISO/IEC 7812 and the networks' tables)."""

    low: int
    high: int
    lengths: tuple[int, ...]
    usual: tuple[int, ...] = ()
    """Lengths that count in odd groups, too. Empty for ranges so wide that odd groups would often fit."""
    network: str = ""
    """The card network's name, where its first digits tell it."""

    def begins(self, number: Sequence[str]) -> bool:
        """Return True if the number has these first digits."""
        width = len(str(self.low))
        return len(number) >= width and self.low <= int("".join(number[:width])) <= self.high


_DINERS = (14, 15, 16, 17, 18, 19)
_SIXTEEN_AND_MORE = (16, 17, 18, 19)
_ISSUED = (
    Issued(4, 4, (13, 16, 19), (16,), "Visa"),
    Issued(51, 55, (16,), (16,), "Mastercard"),
    Issued(2221, 2720, (16,), (16,), "Mastercard"),
    Issued(34, 34, (15,), (15,), "American Express"),
    Issued(37, 37, (15,), (15,), "American Express"),
    Issued(6011, 6011, _SIXTEEN_AND_MORE, (16,), "Discover"),
    Issued(644, 659, _SIXTEEN_AND_MORE, (16,), "Discover"),
    Issued(300, 305, _DINERS, (14,), "Diners Club"),
    Issued(3095, 3095, _DINERS, (14,), "Diners Club"),
    Issued(36, 36, _DINERS, (14,), "Diners Club"),
    Issued(38, 39, _DINERS, (14,), "Diners Club"),
    Issued(3528, 3589, _SIXTEEN_AND_MORE, (16,), "JCB"),
    Issued(62, 62, _SIXTEEN_AND_MORE, (16, 19), "UnionPay"),
    Issued(81, 81, _SIXTEEN_AND_MORE, (), "UnionPay"),
    Issued(2200, 2204, _SIXTEEN_AND_MORE, (), "Mir"),
    Issued(5018, 5018, _WHOLE_RANGE, (), "Maestro"),
    Issued(5020, 5020, _WHOLE_RANGE, (), "Maestro"),
    Issued(5038, 5038, _WHOLE_RANGE, (), "Maestro"),
    Issued(6759, 6763, _WHOLE_RANGE, (), "Maestro"),
    Issued(50, 50, _WHOLE_RANGE),  # Verve, RuPay, Elo, Dankort
    Issued(56, 58, _WHOLE_RANGE),
    Issued(60, 69, _WHOLE_RANGE),
)
_YEAR, _MONTH = r"(?:2[4-9]|[3-5][0-9])", r"(?:0[1-9]|1[0-2])"
_GLUED = rf"(?:{_MONTH}{_YEAR}|{_YEAR}{_MONTH})(?:[0-9]{{3,4}})?"
"""An expiry, with or without a security code, directly behind a number."""

_BESIDE = (
    rf"(?i)(?<![^\W_])(?:exp|valid|good)[a-z]*\W{{0,3}}(?:(?:date|thru|until|to)\W{{0,3}})?"
    rf"{_MONTH}\W{{0,3}}(?:20)?[0-9]{{2}}(?![0-9])"
    r"|(?<![^\W_])(?:cid|cvc|cvn|cv2|csc|code|pin)\W{0,3}[0-9]{3,4}(?![0-9])"
)
"""An expiry, and a code by its shorter names: card data where a card number stands in the same text."""
_EXPIRY = rf"(?:(?:{_MONTH}|[1-9]\W)\W{{0,3}}(?:20)?{_YEAR}|20{_YEAR}\W{{1,3}}{_MONTH})(?![0-9])"
_ABOUT_CARD = (
    r"(?:\W{0,4}(?<![^\W\d_])(?:card|cc|no|num|number|exp[a-z]*|valid|good|thru|date|is|visa|mc|mastercard"
    r"|amex|discover)(?![^\W\d_])){0,3}\W{0,4}"
)
_RIGHT_BEFORE = (
    rf"(?i)(?<![0-9])(?<![0-9][-/.,])(?:(?:[0-9]{{3,4}}(?![0-9]){_ABOUT_CARD})?{_EXPIRY}"
    rf"(?:{_ABOUT_CARD}(?<![0-9])[0-9]{{3,4}})?|[0-9]{{3,4}}){_ABOUT_CARD}$"
)
"""An expiry and a code before a number, with nothing but words about the card behind them."""
_SIGNS = " \t\n-/.,:;|_()[]#*"

_KINDS = bytes(48 if 48 <= code < 58 else 32 for code in range(256))
_CODE_WORDS = ("cvv", "ccv", "cvc", "cvn", "cv2", "v.v", "cv.v", "ity code", "itycode", "ion code", "ioncode")
"""One of these is in whatever ``_CODE`` finds, and "cv", "v.v" or "code" in each of them."""
_BETWEEN = bytes(code for code in range(256) if not (code < 128 and chr(code).isalnum()))
"""For ``bytes.translate``: digits become 0, letters blank, all else goes. A pattern is ten times slower."""
_TOKENS = re.compile(r"[0-9]+|[^\W\d_]+")

_WORD_APART = (
    r"(?i)(?<![0-9])([0-9]{4})([^0-9]{1,9})([0-9]{4}|[0-9]{6})\2([0-9]{4,5})(?:\2([0-9]{1,7}))?(?![0-9])"
)
"""Groups as on a card, with the same word in each gap: ``4111 dash 1111 dash 1111 dash 1111``."""
_MAYBE_WORD_APART = re.compile(rb"0000( {1,9})(?:00)?0000\1")
"""The same in what ``_KINDS`` and ``_BETWEEN`` leave of a text."""
_APART = "x" * 10
"""Stands between joined texts. No word between the groups of a card is so long."""

_MARKUP = re.compile(r"<[^<>]{1,200}>|&#?[A-Za-z0-9]{2,}|%[0-9A-Fa-f]{2}")
_TAG = re.compile(r"<[^<>]{1,200}>")
_MOST_LAYERS = 3
"""Number of layers of markup that are taken off a text. An escaped escape has two."""


@dataclass(frozen=True, slots=True)
class _Found:
    number: str
    begin: int
    end: int
    usual: bool


def holds_card_data(text: str) -> bool:
    """Return True if a free text contains a whole card number or a security code. Neither may be stored."""
    return any(map(_holds, _spellings(text)))


def any_holds_card_data(texts: Sequence[str]) -> bool:
    """Return True if one of many texts contains card data. A million texts take 0.6 s."""
    joined = _APART.join(texts)
    if _may_hold(joined) or _marked_up(joined):
        return any(map(holds_card_data, texts))
    return not joined.isascii() and any(holds_card_data(text) for text in texts if not text.isascii())


def _spellings(text: str) -> Iterator[str]:
    """Yield the text with plain digits, and the same without markup."""
    plain = plain_digits(text)
    yield plain
    if not _marked_up(plain):
        return
    import html  # slow to import, and few texts have markup

    for _ in range(_MOST_LAYERS):
        marked, plain = plain, plain_digits(_TAG.sub(" ", html.unescape(unquote(plain))))
        if plain == marked:
            break
        yield plain


def _marked_up(text: str) -> bool:
    return ("<" in text or "%" in text or "&" in text) and _MARKUP.search(text) is not None


def _may_hold(text: str) -> bool:
    """Return True if enough digits follow one another, with anything but ASCII letters between them.

    Also if groups as on a card stand apart from one another, or if a word for a security code is there.
    """
    kinds = text.encode("ascii", "replace").translate(_KINDS, _BETWEEN)
    if b"0" * SHORTEST in kinds or _MAYBE_WORD_APART.search(kinds):
        return True
    return _may_say_code(text)


def _holds(plain: str) -> bool:
    return _may_hold(plain) and (next(_found(plain), None) is not None or re.search(_CODE, plain) is not None)


def _may_say_code(text: str) -> bool:
    lower = text.lower()
    maybe = "cv" in lower or "v.v" in lower or "code" in lower
    return maybe and any(word in lower for word in _CODE_WORDS)


def _says_code(plain: str) -> bool:
    return _may_say_code(plain) and re.search(_CODE, plain) is not None


def card_numbers_in(text: str) -> tuple[str, ...]:
    """Return the digits of each card number in a text. Those of an unusual length count only alone."""
    for plain in _spellings(text):
        if found := list(_found(plain)):
            usual = [one for one in found if one.usual]
            return tuple(dict.fromkeys(one.number for one in usual or found))
    return ()


def without_card_data(text: str) -> str:
    """Return the text up to its first card number, and a word for the rest: expiry and code stand behind it.

    An expiry or code before the number goes, too. A text without card data stays as it is.
    """
    while holds_card_data(text):  # markup may hide another number before the first one
        bare_first = reversed([*_spellings(text)])  # in markup, a number may be found only in part
        text = next(cut for plain in bare_first if (cut := _cut(plain)) != plain)
    return text


def _cut(plain: str) -> str:
    begin = min((one.begin for one in _found(plain)), default=None)
    if begin is not None:
        return _before(plain[:begin]) + REMOVED
    return _without_codes(plain) if _says_code(plain) else plain


def _before(plain: str) -> str:
    """Return what stands before a number, without codes and expiries."""
    bare = plain.rstrip(_SIGNS)
    found = re.search(_RIGHT_BEFORE, bare)
    if found is not None:
        words = re.sub(r"[0-9]+(?:\W{1,3}[0-9]+)*\W*", "", found[0]).rstrip()
        plain = bare[: found.start()] + words + (" " if words else "")
    return _without_codes(re.sub(_BESIDE, CODE_REMOVED, plain))


def _without_codes(plain: str) -> str:
    while re.search(_CODE, plain):  # a code may stand right behind another: "cvv 777cvv 737"
        plain = re.sub(_CODE, CODE_REMOVED, plain)
    return plain


def network_of(number: Sequence[str]) -> str:
    """Return the name of the card network whose numbers begin like this one, or ``""``."""
    return next((one.network for one in _ISSUED if one.begins(number)), "")


def _found(plain: str) -> Iterator[_Found]:
    """Yield each number: first those in one piece or in printed groups, then those in odd groups."""
    if not _may_hold(plain):
        return
    yield from _found_in_words(plain)
    mistyped = re.search(_CODE, plain) is not None
    for pieces in _runs(plain, _any_length if mistyped else _lengths):
        sizes = tuple(len(piece[0]) for piece in pieces)
        if _like_a_card(sizes):
            yield from _judged(pieces, odd=False, mistyped=mistyped)
        elif sizes in _PRINTED:
            yield from _judged(pieces, odd=True)
    for pieces in _runs(without_figures(plain), _usual_lengths):
        if not _in_a_row(tuple(len(piece[0]) for piece in pieces)):
            yield from _judged(pieces, odd=True)


def _found_in_words(plain: str) -> Iterator[_Found]:
    """Yield each number with the same word in each of its gaps."""
    for found in re.finditer(_WORD_APART, plain):
        digits = "".join(found.group(1, 3, 4)) + (found[5] or "")
        if SHORTEST <= len(digits) <= LONGEST and _issued(digits, odd=False):
            yield _Found(digits, found.start(), found.end(), _issued(digits, odd=True))


def _runs(plain: str, lengths_of: Lengths) -> Iterator[list[re.Match[str]]]:
    """Yield neighboring pieces of digits without letters between them, as long as a card that begins so."""
    pieces: list[re.Match[str]] = []
    for token in _TOKENS.finditer(plain):
        if token[0].isdigit():
            pieces.append(token)
        else:
            yield from _windows(pieces, lengths_of)
            pieces = []
    yield from _windows(pieces, lengths_of)


def _windows(pieces: list[re.Match[str]], lengths_of: Lengths) -> Iterator[list[re.Match[str]]]:
    """Look at the beginning first: a hostile text has a window at each digit, and no card at any."""
    for first in range(len(pieces)):
        lengths = lengths_of("".join(one[0] for one in pieces[first : first + _WIDTH])[:_WIDTH])
        digits = 0
        for last in range(first, len(pieces)) if lengths else ():
            digits += len(pieces[last][0])
            if digits in lengths or (last == first and digits > SHORTEST):
                yield pieces[first : last + 1]
            if digits > LONGEST:
                break


def _like_a_card(sizes: tuple[int, ...]) -> bool:
    """Return True for one piece, fours, 4-3-3-3 (old 13-digit cards) and digit after digit."""
    fours = all(size == 4 for size in sizes[:-1]) and sizes[-1] <= 4
    return len(sizes) == 1 or fours or sizes == (4, 3, 3, 3) or set(sizes) == {1}


def _in_a_row(sizes: tuple[int, ...]) -> bool:
    """Return True for long pieces of one length: invoices or policies in a row, and no card's groups."""
    return len(sizes) > 1 and sizes[0] >= _LONG_PIECE and len(set(sizes)) == 1


def _judged(pieces: list[re.Match[str]], *, odd: bool, mistyped: bool = False) -> Iterator[_Found]:
    """Yield the number that these pieces are. With ``mistyped``, the check digit and network do not count."""
    digits, begin, end = "".join(piece[0] for piece in pieces), pieces[0].start(), pieces[-1].end()
    if len(digits) <= LONGEST and (mistyped or _issued(digits, odd=odd)):
        yield _Found(digits, begin, end, _issued(digits, odd=True))
    for length in (16, 15, 14) if len(pieces) == 1 else ():
        number, rest = digits[:length], digits[length:]
        behind = pieces[0].string[end : end + 5]
        glued = re.fullmatch(_GLUED, rest) or (
            re.fullmatch(_MONTH, rest) and re.match(rf"[-/](?:20)?{_YEAR}", behind)
        )
        if glued and _issued(number, odd=True):
            yield _Found(number, begin, end, True)


def _issued(number: str, *, odd: bool) -> bool:
    """Return True if a network issues such numbers and the check digit is right."""
    lengths = (_usual_lengths if odd else _lengths)(number[:_WIDTH])
    return len(number) in lengths and has_check_digit(number)


@cache
def _lengths(beginning: str) -> frozenset[int]:
    """Return the lengths of all cards whose number begins with these four digits."""
    return frozenset(length for one in _ISSUED if one.begins(beginning) for length in one.lengths)


@cache
def _usual_lengths(beginning: str) -> frozenset[int]:
    """Return those lengths that count in odd groups, too."""
    return frozenset(length for one in _ISSUED if one.begins(beginning) for length in one.usual)


def _any_length(_beginning: str) -> frozenset[int]:
    """Return all lengths: beside a security code, the beginning does not count."""
    return _ALL_LENGTHS


def has_check_digit(number: Sequence[str]) -> bool:
    """Return True if the last digit is right (Luhn, ISO/IEC 7812-1 annex B)."""
    total = 0
    for place, digit in enumerate(reversed(number)):
        doubled = int(digit) * (1 + place % 2)
        total += doubled // 10 + doubled % 10
    return total % 10 == 0
