"""ZIPs, and the post codes of cards from other countries, as people type them."""

from __future__ import annotations

import re

_US_ZIP = re.compile(r"[0-9]{5}(?:[- ]?[0-9]{4})?")
_STATE_AND_ZIP = (
    r"(?:A[KLRZ]|C[AOT]|DC|DE(?![ -]?(?!19)[0-9]{5})|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]"
    r"|O[HKR]|PA|RI|S[CD]|T[NX]|UT|V[AT]|W[AIVY])[ -]?(?:[0-9]{5}|[0-9]{3,4})|USA?[ -]?[0-9-]+"
)
"""A ZIP behind its state, and one with a digit too few."""
_FOUR_DIGITS = re.compile(r"(?:A[LRZ]|MD|NE|PA|TN)[ -]?[0-9]{4}")
"""Albania, Argentina, Azerbaijan, Moldova, Niger, Panama and Tunisia: states have the same letters."""
_COUNTRY = r"(?:[A-Z]{2,3}[ -]?|[A-Z]-)"
_LETTERS = (
    r"[ABCEGHJ-NPRSTVXY][0-9][A-Z] ?-?[0-9][A-Z][0-9]"  # Canada: K1A 0B1
    r"|[A-Z]{1,2}[0-9][0-9A-Z]? ?-?[0-9][A-Z]{2}"  # United Kingdom: SW1A 1AA
    r"|[A-Z][0-9][0-9W] ?-?(?=[A-Z0-9]*[0-9])[A-Z0-9]{4}"  # Ireland: D02 X285
    r"|[0-9]{4} ?[A-Z]{2}"  # Netherlands: 1012 AB
    r"|[A-Z][0-9]{4} ?[A-Z]{3}"  # Argentina: C1425 DKA
    r"|[A-Z]{3} ?[0-9]{4}|[A-Z]{2} ?[0-9]{2}"  # Malta: VLT 1117, Bermuda: HM 12
    r"|[A-Z]{4} ?1ZZ|LC[0-9]{2} ?[0-9]{3}"  # British islands: TKCA 1ZZ, Saint Lucia: LC04 101
)
_FOREIGN = (
    rf"{_COUNTRY}?(?:{_LETTERS})"
    r"|KY[1-3][ -][0-9]{4}"  # Cayman Islands: KY1-1001
    r"|[0-9]{2}-[0-9]{3}|[0-9]{4}-[0-9]{3}|[0-9]{3}-[0-9]{4}"  # Poland, Portugal, Japan
    # A country first: AU 2000, D-10115, SE-113 51, BR 01310100
    rf"|{_COUNTRY}(?:[0-9]{{3,10}}|[0-9]{{2,5}}[ -][0-9]{{2,4}})"
)
"""Shapes of the Universal Postal Union's list that no ZIP with a mistake in it has."""


def is_us_zip(text: str) -> bool:
    """Return True for five digits, or nine."""
    return bool(_US_ZIP.fullmatch(text.strip()))


def is_foreign_post_code(text: str) -> bool:
    """Return True for a post code of another shape than a ZIP. Digits alone need their country first."""
    code = " ".join(text.upper().split())
    if re.fullmatch(_STATE_AND_ZIP, code) and not _FOUR_DIGITS.fullmatch(code):
        return False
    return bool(re.fullmatch(_FOREIGN, code))
