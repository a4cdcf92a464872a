"""Figures that a front office writes every day: dates, times, telephone numbers, amounts, ZIPs.

Other readers leave them out, so that none is taken for a part of a longer number.
"""

from __future__ import annotations

import re

_BEGIN = r"(?<![0-9])(?<![0-9][-/.,:])"
_END = r"(?![-/.,:]?[0-9])"
"""The figure ends there. The pieces of ``41-11-11-11-…`` are no dates."""

_MONTH, _DAY, _YEAR = r"(?:0?[1-9]|1[0-2])", r"(?:0?[1-9]|[12][0-9]|3[01])", r"(?:19|20)[0-9]{2}"
_NAMES = r"(?i:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[A-Za-z]*\.?"
_FORMS = (
    rf"{_NAMES} {_DAY}(?:st|nd|rd|th)?(?:,? {_YEAR})?|{_DAY} {_NAMES} {_YEAR}",
    rf"{_MONTH}(?P<slash>[-/.]){_DAY}(?P=slash)(?:{_YEAR}|[0-9]{{2}})",
    rf"{_YEAR}(?P<dash>[-/.]){_MONTH}(?P=dash){_DAY}",
    r"[0-2]?[0-9]:[0-5][0-9](?::[0-5][0-9](?:\.[0-9]{1,6})?)?",
    r"(?:\+?1[-. ]?)?(?:\([2-9][0-9]{2}\) ?|[2-9][0-9]{2}[-.])[2-9][0-9]{2}[-. ][0-9]{4}",
    r"\$ ?(?:[0-9]{1,9}|[0-9]{1,3}(?:,[0-9]{3}){1,3})(?:\.[0-9]{1,2})?",
    r"[0-9]{1,3}(?:,[0-9]{3}){0,3}\.[0-9]{2}",
    r"[0-9]{5}-[0-9]{4}",
)
_ANY = f"{_BEGIN}(?:{'|'.join(_FORMS)}){_END}"


def without_figures(text: str) -> str:
    """Return the text, equally long, with ``x`` in place of each date, time, phone, amount and ZIP+4."""
    return re.sub(_ANY, lambda found: "x" * len(found[0]), text)
