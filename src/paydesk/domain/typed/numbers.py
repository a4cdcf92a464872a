"""Read the number of an invoice or a customer in what people type, paste and scan. Never a guess.

AMS360 numbers are whole numbers, so leading zeros do not count (AMS360 invoice table, InvNo). An agency with
several entities adds a suffix: ``50123-2``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from paydesk.domain.typed.card_numbers import holds_card_data
from paydesk.domain.typed.digits import plain_digits
from paydesk.domain.typed.figures import without_figures

_LARGEST = 2**31 - 1
"""Largest number. AMS360 keeps its numbers as 32-bit integers, so most telephone numbers are above it."""

_LEAST_DIGITS = 3
"""Fewest digits of a number that stands among words without being called an invoice."""

_SYMBOLOGY = re.compile(r"^\][A-Za-z][0-9A-Za-z](?=\W*(?:[A-Za-z]{1,8}\W*)?[0-9])")
"""The AIM identifier that a scanner may put before a code: ``]C1``, ``]d2`` (ISO/IEC 15424)."""

_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
"""Characters that a scanner may frame a code with: STX, ETX, GS, RS."""

_SUFFIX = r"(?:-([0-9]{1,2}))?(?![0-9])"
_ALONE = rf"(?i)[#\s]*(?:inv(?:oice)?[-#. ]*)?([0-9][0-9 ]*){_SUFFIX}\W*"
_WITH_ODD_SUFFIX = (
    rf"(?i)[#\s]*(?:inv(?:oice)?[-#. ]*)?([0-9]{{{_LEAST_DIGITS},}})(?:\s+-\s*|-\s+|\s*[_/]\s*)([0-9]{{1,2}})"
)
"""A number with what may be the suffix of an entity: ``50123 - 2``, ``50123_2``."""
_NAMED = (
    rf"(?i)(?:\binv(?:oice)?s?(?![a-z])[._\s]*(?:no\b\.?|num(?:ber)?s?\b\.?|nbr\b\.?|id\b)?\s*[:#-]*|(?<![\w#-])#)\s*"
    rf"([0-9][0-9 ]*){_SUFFIX}(?![/.,-]?[0-9]|-?[A-Za-z])"
)
_OTHER_THINGS = (
    r"(?i)\b(?:pol(?:icy)?|cust(?:omer)?|acc(?:oun)?t|che?c?k|ck|amount|amt|total|balance|claim|po|p\.o|phone|tel|fax|cell|zip|apt|suite|ste|unit"
    r"|receipt|usd|quote|ext)\b\.?\s*(?:no\b\.?|number\b|id\b)?\s*[:#-]*\s*[0-9][0-9-]*"
    r"|\b[2-9][0-9]{2} [2-9][0-9]{2} [0-9]{4}\b"
    r"|[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?|\b[0-9]+ ?(?:usd|dollars|%)"
)
"""Numbers of something else: ``policy 204417``, ``617 555 0142``, ``1,250``."""

_BEFORE_ITS_SIGN = frozenset(
    (
        *("and", "bill", "charge", "due", "for", "inv", "invoice", "invoices", "is", "no", "now", "number"),
        *("on", "pay", "paying", "please", "re", "the", "to"),
    )
)
"""Words that may stand before ``#50123``. After any other, as in ``Ticket #50123``, it is not clear."""
_WORD_BEFORE_SIGN = r"(?<![A-Za-z])([A-Za-z]+)[^\w#]*#\s*([0-9])"

_ADDRESS = (
    r"\b(?:A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI|S[CD]|T[NX]|UT"
    r"|V[AT]|W[AIVY]) [0-9]{5}\b"
    r"|\b[0-9]+ (?:[A-Za-z.]+ ){1,3}"
    r"(?i:st|street|ave|avenue|rd|road|dr|drive|blvd|ln|lane|way|ct|court|hwy|pkwy|pl)\b"
)

_LOOSE = rf"(?<![\w.,$/-])([0-9]{{{_LEAST_DIGITS},}}){_SUFFIX}(?![/.,-]?[0-9]|-?[A-Za-z])"
_RUN = re.compile(rf"(?<![0-9])[0-9]{{{_LEAST_DIGITS},}}(?![0-9])")


@dataclass(frozen=True, slots=True)
class Reading:
    """The number that a text means, or ``""``, and the ``others`` that stand in it, too."""

    number: str = ""
    others: tuple[str, ...] = ()

    @property
    def every(self) -> tuple[str, ...]:
        """Each number that the text may mean."""
        return tuple(one for one in (self.number, *self.others) if one)


def read_invoice_number(text: str) -> Reading:
    """Return the invoice number in a typed, pasted or scanned text, if it is clear which one that is.

    Takes ``50123``, ``# 50 123``, ``INV-050123``, ``50123-2``, and a pasted line that names the invoice.
    Dates, amounts and telephone numbers beside it are left out. ``INV-2026-50123`` is not clear.
    """
    plain = scanned(text)
    if holds_card_data(plain):
        return Reading()
    hidden = _without(_OTHER_THINGS, without_figures(plain))
    lines = [line for line in hidden.splitlines() if line.strip()]
    alone = next((found for line in lines if (found := re.fullmatch(_ALONE, line.strip()))), None)
    if alone is not None:
        return _listed(alone)
    odd = re.fullmatch(_WITH_ODD_SUFFIX, hidden.strip())
    if odd is not None and (number := _bare(odd[1])):
        return Reading("", (f"{number}-{odd[2]}", number))
    anothers = set(_numbers_of_others(hidden))
    called = [found for found in re.finditer(_NAMED, hidden) if found.start(1) not in anothers]
    named = [_listed(found, named=True) for found in called]
    loose = [_listed(found) for found in re.finditer(_LOOSE, hidden)]
    only_signs = all(found[0].startswith("#") for found in called)
    if only_signs and (anothers or (called and len(loose) > len(called))):
        return _one_of(_RUN.findall(hidden), clear=False)
    if named and len(named[0].number) >= _LEAST_DIGITS:
        every = dict.fromkeys(one for reading in (*named, *loose) for one in reading.every)
        return Reading(named[0].number, tuple(one for one in every if one != named[0].number))
    return _among_words(_without(_ADDRESS, hidden))


def invoice_number_in(text: str) -> str:
    """Return the number that ``read_invoice_number`` finds, or ``""`` if there is none or it is not clear."""
    return read_invoice_number(text).number


def customer_number_in(text: str) -> str:
    """Return the customer number in a typed text: digits, without ``#``, spaces or leading zeros."""
    found = re.fullmatch(
        r"(?i)[#\s]*(?:cust(?:omer)?\.?\s*(?:no\.?|number|#)?[-:\s#]*)?([0-9][0-9 ]*)\W*", scanned(text)
    )
    return _joined(found[1]) if found else ""


def _numbers_of_others(hidden: str) -> Iterator[int]:
    """Yield where each number with a sign begins whose word says that it is not an invoice's."""
    for found in re.finditer(_WORD_BEFORE_SIGN, hidden):
        word = found[1].lower()
        if word.strip("x") and word not in _BEFORE_ITS_SIGN:  # x stands for what is hidden
            yield found.start(2)


def _without(things: str, text: str) -> str:
    return re.sub(things, lambda found: "x" * len(found[0]), text)


def scanned(text: str) -> str:
    """Return the text with plain digits and hyphens, and without what a scanner puts around a code.

    Signs of a web address such as ``%20`` are read.
    """
    plain = _CONTROLS.sub(" ", plain_digits(unquote(text))).strip()
    return _SYMBOLOGY.sub("", plain if plain.isascii() else "".join(map(_hyphen, plain)))


def _hyphen(sign: str) -> str:
    return "-" if unicodedata.category(sign) == "Pd" or sign == "\u2212" else sign


def _listed(found: re.Match[str], *, named: bool = False) -> Reading:
    """Read digits with spaces: one number in groups, like ``50 123``, or several like ``50123 50140``."""
    suffix = f"-{found[2]}" if found[2] else ""
    number, groups = _joined(found[1]), found[1].split()
    if number or len(groups) == 1:
        return Reading(number and number + suffix)
    return _one_of(groups, clear=named or _alike(groups))


def _joined(digits: str) -> str:
    """Return one number from digits in groups of up to three, like ``50 123``, or ``""``."""
    groups = digits.split()
    if len(groups) > 1 and any(len(group) > 3 for group in groups):
        return ""
    return _bare("".join(groups))


def _bare(digits: str) -> str:
    number = digits.lstrip("0")
    return number if number and len(number) <= len(str(_LARGEST)) and int(number) <= _LARGEST else ""


def _alike(groups: list[str]) -> bool:
    """Return True for numbers as long as each other, and longer than a year: invoices in a row."""
    return len({len(group) for group in groups}) == 1 and len(groups[0]) > 4 and groups[0][0] != "0"


def _one_of(groups: list[str], *, clear: bool) -> Reading:
    numbers = tuple(dict.fromkeys(number for group in groups if (number := _bare(group))))
    return Reading(numbers[0], numbers[1:]) if clear and numbers else Reading("", numbers)


def _among_words(hidden: str) -> Reading:
    """Read a number among words that do not call it an invoice: it must stand free, and be the only one."""
    loose = list(re.finditer(_LOOSE, hidden))
    groups = _RUN.findall(re.sub(r"[A-Za-z]{1,4}-?[0-9]+(?:-[0-9]+)*", _not_invoices, hidden))
    if len(loose) == 1 == len(groups) and groups[0][0] != "0":
        return _listed(loose[0])
    clear = len(loose) == len(groups) > 1 and _alike(groups)
    return _one_of(groups or _RUN.findall(hidden), clear=clear)


def _not_invoices(found: re.Match[str]) -> str:
    """Hide a code with letters before its digits, such as a policy's, unless the letters say invoice."""
    return found[0] if found[0].lower().startswith("in") else "x" * len(found[0])
