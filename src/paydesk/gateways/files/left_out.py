"""Lines of a report that hold no invoice: blank lines, titles, repeated headings, and totals."""

from __future__ import annotations

import re
import string
from collections.abc import Sequence

from paydesk.domain.invoices.columns import Header
from paydesk.domain.invoices.headings import aging_of, plain
from paydesk.domain.invoices.reading import DateOrder, LeftOut
from paydesk.gateways.files.titles import count_in, time_in
from paydesk.gateways.files.values import NUMBER, Unreadable, cents_of, invoice_number

TOTAL = re.compile(
    r"(?i)\W*((grand|sub|report|page|customer|agency|division|branch|final|overall|running|net|account|client"
    r"|insured|open)[ -]?)*(totals?|sums?)\b"
)
_TOTAL_ALONE = re.compile(
    r"(?i)\W*((grand|sub|report|page|customer|agency|division|branch|final|overall|account|client|insured|open)"
    r"[ -]?)*(totals?|sums?)( (due|balance|open|outstanding|receivables?|a/?r|for\b.*|of\b.*))?\W*"
    r"|.{1,80}\btotals?\W*"
)
_WORD_FOR_TOTAL = re.compile(
    r"(?i)\W*((grand|sub|report|page|customer|agency|division|branch|account|client|insured)[ -]?)*totals?\W*"
)
_LETTERS = string.ascii_letters + " :=#/&."
"""Letters of the words before a total in one cell."""
_PAGE = re.compile(
    r"(?i)\W*(page\b.*\d|end of\b|(printed|run|report|generated|exported|created|as of|as at|prepared)\b.*\d"
    r"|continued\b|\(?cont(inued|\.|'d)?\)?\W*$|\d{1,4}\W*of\W*\d{1,4}$|filters?\b"
    r"|sorted by\b|sort\b|criteria\b"
    r"|total (invoices|records|rows|items)\b|(invoices|records|rows|items|count)\b\W*\d"
    r"|number of\b|\d+ (open )?(invoices|records|rows|items)\b"
    r"|(customers|clients|accounts|policies)\W+\d[\d,]*\W*$"
    r"|copyright\b|\(c\)|©|confidential\b|\*+|-+$|=+$|_+$)"
)

_NOT_WHOLE = re.compile(
    r"(?i).*\b(?:truncated|incomplete|only the (?:first|last|top)|partial (?:list|results?|export)"
    r"|(?:rows|records|items|invoices|results) (?:are |were )?not|time[d]?[- ]?out|error|exception"
    r"|more (?:rows|records|items|invoices|results|pages)|(?:row|record|export|result) limit)\b"
    r"|\W*more\b\W*$"
)
"""Words of a report that lacks a part of its rows. They are no title: the line is refused."""


def is_number(text: str) -> bool:
    """Return True for an invoice number in any spelling."""
    if NUMBER.fullmatch(text):
        return True
    try:
        invoice_number(text)
    except Unreadable:
        return False
    return True


class LeftOuts:
    """Tells lines without an invoice from rows. Knows the titles above the headings."""

    def __init__(self, header: Header) -> None:
        self._again = {_plain(header.headings)}
        if header.below:
            self._again.add(_plain(header.below))
        self._titles: set[str] = set()

    def remember(self, texts: Sequence[str]) -> None:
        """Remember a line above the headings: each page may repeat it."""
        self._titles.update(text for text in texts if text)
        if any(texts):
            self._again.add(_plain(texts))

    def kind(
        self, texts: Sequence[str], number: str, *, has_amount: bool, second: bool = False
    ) -> LeftOut | None:
        """Return the kind of a line, or None for a row.

        ``number`` is the text in the invoice's column. ``second`` is True right below the headings, where
        they may go on: "Number", "($)".
        """
        if NUMBER.fullmatch(number):
            return None  # most rows, quickly
        filled = [text for text in texts if text]
        if not filled:
            return LeftOut.BLANK
        if _plain(texts) in self._again:
            return LeftOut.HEADING
        if (number and is_number(number)) or len(filled) > 40:
            return None
        if second and not any(char.isdigit() for text in filled for char in text):
            return LeftOut.HEADING
        labels = [text for text in filled if _TOTAL_ALONE.fullmatch(text)]
        if TOTAL.match(filled[0]) or (labels and number in ("", *labels)):
            return LeftOut.TOTAL
        if is_partial(filled):
            return None
        if len(filled) <= 3 and not has_amount and count_in(filled) is not None:
            return LeftOut.TITLE
        if len(filled) == 1 and not has_amount and aging_of(filled):
            return LeftOut.TITLE  # QuickBooks lists the invoices of each age below "31 - 60 days past due"
        if len(filled) == 1 and time_in([filled], DateOrder.MONTH_FIRST) is not None:
            return LeftOut.TITLE  # QuickBooks: Friday, July 31, 2026 09:15 AM GMT-05:00
        if (_PAGE.match(filled[0]) and not _is_row(filled, has_amount)) or self._is_repeated(filled):
            return LeftOut.TITLE
        wordy = len(filled) <= 2 and not any(char.isdigit() for text in filled for char in text)
        return LeftOut.TITLE if wordy and not has_amount else None

    def _is_repeated(self, filled: Sequence[str]) -> bool:
        return all(text in self._titles for text in filled)


def _is_row(filled: Sequence[str], has_amount: bool) -> bool:
    """Return True for a line that has more than a title: an amount and two other cells."""
    return has_amount and len(filled) > 2


def _plain(texts: Sequence[object]) -> tuple[str, ...]:
    words = [plain(text) for text in texts]
    while words and not words[-1]:
        words.pop()
    return tuple(words)


def is_word_for_total(text: str) -> bool:
    """Return True for a cell that says nothing but total."""
    return _WORD_FOR_TOTAL.fullmatch(text) is not None


def is_partial(texts: Sequence[str]) -> bool:
    """Return True for a line by which a file says that a part of it is missing."""
    return any(map(_NOT_WHOLE.match, texts))


def total_in(texts: Sequence[str]) -> int | None:
    """Return the cents of a line such as "Total open: $1,250.00", or None."""
    filled = [text for text in texts if text]
    if len(filled) != 1 or not TOTAL.match(filled[0]):
        return None
    try:
        return cents_of(filled[0].lstrip(_LETTERS))
    except Unreadable:
        return None


def is_amount(cell: object) -> bool:
    """Return True for a cell that holds an amount."""
    try:
        return cents_of(cell) is not None
    except Unreadable:
        return False
