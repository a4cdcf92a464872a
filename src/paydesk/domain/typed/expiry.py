"""Read a card's expiry in the forms that people write: ``12/28``, ``1228``, ``2028-12``, ``Dec 2028``."""

from __future__ import annotations

import re

from paydesk.domain.typed.digits import plain_digits

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAME = rf"(?P<name>{'|'.join(_MONTHS)})[a-z]*\.?"
_BETWEEN = r"\s*[\W_]\s*"
_LABEL = (
    r"(?:(?:card|exp[a-z]*|valid|good|thru|through|until|to|on|ends?|date|mm|mo|yyyy|yy|yr)(?![a-z])[\W_]*)*"
)
_AROUND = re.compile(rf"[\W_]*{_LABEL}(.*?)[\W_]*{_LABEL}", re.DOTALL)
"""Signs and words around an expiry: quotes, brackets, ``exp. date (MM/YY)``."""
_LONGEST = 60
"""More characters than any expiry with its words has."""
_DAY = r"[0-9]{1,2}(?:st|nd|rd|th)?"
_FORMS = tuple(
    re.compile(form)
    for form in (
        rf"{_NAME}\s*[-/.,'’\s]*\s*(?P<year>[0-9]{{4}}|[0-9]{{2}})",
        rf"(?:{_NAME}\s*{_DAY}|{_DAY}[-/.\s]+{_NAME.replace('name', 'named')})[-/.,\s]+(?P<year>[0-9]{{4}})",
        rf"(?P<year>[0-9]{{4}}){_BETWEEN}{_NAME}",
        rf"(?P<month>[0-9]{{1,2}}){_BETWEEN}'?(?P<year>[0-9]{{4}}|[0-9]{{2}})",
        rf"(?P<year>20[0-9]{{2}}){_BETWEEN}(?P<month>[0-9]{{1,2}})(?:{_BETWEEN}[0-9]{{1,2}}(?:t[0-9:.z]+)?)?",
        r"(?P<month>[0-9]{1,2})(?P<by>[-/.])[0-9]{1,2}(?P=by)(?P<year>[0-9]{4}|[0-9]{2})",
        r"(?P<year>20[0-9]{2})(?P<month>0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])?",
        r"(?P<month>0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])(?P<year>20[0-9]{2})",
        r"(?P<month>[0-9]{2})(?P<year>[0-9]{4}|[0-9]{2})",
        r"(?P<month>[1-9])(?P<year>20[0-9]{2}|[0-9]{2})",
    )
)
"""In this order: ``122028`` is December 2028, and ``202812`` as well."""


def expiry_in(text: str) -> tuple[int, int] | None:
    """Return month and four-digit year, or None if it is no whole expiry. The month may be impossible."""
    around = _AROUND.fullmatch(plain_digits(text).lower()) if len(text) <= _LONGEST else None
    bare = around[1] if around else ""
    found = next((match for form in _FORMS if (match := form.fullmatch(bare))), None)
    if found is None:
        return None
    said = found.groupdict()
    name = said.get("name") or said.get("named")
    month = _MONTHS.index(name) + 1 if name else int(said["month"])
    year = int(said["year"])
    return month, year if year > 99 else 2000 + year
