"""Titles that say something about every row below them: their kind, their currency, or their scale."""

from __future__ import annotations

import re
from collections.abc import Sequence

from paydesk.gateways.files.status import Section, section_of
from paydesk.gateways.files.values import Unreadable, quoted

_FOREIGN_SIGN = re.compile(
    r"[€£¥₹₽₩₪₫₱฿]|\b(?:CAD|EUR|GBP|MXN|AUD|CHF|JPY|CNY|INR|BRL|NZD)\b|\b(?:C|CA|A|AU|NZ|HK|S)\$"
)
_FOREIGN_WORDS = re.compile(
    r"(?i)\b(?:canadian|australian|new zealand|hong kong|singapore) dollars?\b"
    r"|\b(?:euros?|pesos?|pounds sterling|yen)\b"
)
_FOREIGN_ALONE = re.compile(rf"\W*(?:{_FOREIGN_SIGN.pattern}|{_FOREIGN_WORDS.pattern[4:]})\W*", re.IGNORECASE)
_CURRENCY = re.compile(r"(?i)\b(?:currency|amounts?|figures|values|balances)\b")
_SCALE = re.compile(
    r"(?i)\b(?:in|usd|us\$|\$) ?(?:thousands|hundreds|millions|cents|000'?s?)\b"
    r"|\$ ?0{3}'?s?\b|\bthousands\b\W*$|\(cents\)"
)


class Sections:
    """Remembers a title, until another one of its kind."""

    def __init__(self, headings: Sequence[str]) -> None:
        """``headings`` are those of the amounts: they may name a currency or a scale, too."""
        self._always = next(filter(None, map(_of_amounts, headings)), "")
        self._here = ""
        self.direct = False
        """True below Direct Bill."""

    def title(self, texts: Sequence[str], *, above: bool = False) -> None:
        """Take a title. One ``above`` the headings holds for the whole file."""
        line = " ".join(filter(None, texts))
        names = _CURRENCY.search(line) or _SCALE.search(line) or _FOREIGN_ALONE.fullmatch(line)
        told = _of_amounts(line) if names else ""
        self._always = self._always or told
        section = section_of(line)
        if not above and section is not Section.OTHER:  # a page or a customer's name ends no section
            self.direct = section is Section.DIRECT_BILL
            self._here = line if section is Section.NOT_OWED else ""

    @property
    def hold(self) -> bool:
        """True if a title says something about the rows below it."""
        return bool(self._always or self._here or self.direct)

    def check(self) -> None:
        """Raise Unreadable for a row below a title by which it is no open invoice in dollars."""
        if self._always:
            raise Unreadable(f"the amounts are not in US dollars: {quoted(self._always)}")
        if self._here:
            raise Unreadable(f"it is below {quoted(self._here)}")


def _of_amounts(text: str) -> str:
    """Return the text if it names another currency, or another scale than dollars."""
    foreign = _FOREIGN_SIGN.search(text) or _FOREIGN_WORDS.search(text)
    return text if foreign or _SCALE.search(text) else ""
