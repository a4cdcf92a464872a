"""Tell the name of a business from that of a person. It is a proposal: a clerk decides."""

from __future__ import annotations

import re
import unicodedata


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_FORMS = _set(
    "inc incorporated llc lc llp lllp lp pllc pc pa plc ltd limited corp corporation co company companies"
    " trust estate assn association"
)
"""Legal forms, and words as good as one, in the states' own spelling."""

_TRADES = _set(
    "academy agency apartments associates auto autobody bakery bank bistro board boutique brewery"
    " brothers bros builders building cafe care catering center centre charter clinic"
    " club college condo condominium condominiums congregation construction consulting contracting"
    " contractors council county credit daycare deli dental dentistry department design diner diocese"
    " district electric electrical enterprise enterprises farms fellowship financial fitness florist"
    " foundation freight fund funeral furniture galleries gallery garage grocery hardware health"
    " healthcare hoa holdings home homes hospital hotel hvac inn industries insurance institute"
    " international investments janitorial jewelers laboratories labs landscaping landscape"
    " league library liquors logistics machine management manufacturing marina marketing media"
    " medical ministries ministry mortgage motors museum partners partnership parish pharmacy"
    " photography pizza plumbing preschool printing productions properties property realty rental rentals"
    " repair resort restaurant roofing salon schools security service services shop society software"
    " solutions sons sports storage store studio studios supply synagogue systems tavern technologies"
    " technology theater towing town township transport transportation travel trucking union university"
    " ventures veterinary warehouse welding works"
)
"""Trades and institutions that are hardly ever a surname."""

_BOTH = _set(
    "abbey bar builder chapel church city coffee farm grill group hall kitchen law marine market mission"
    " motel park parks post school temple village winery"
)
"""Surnames, too. They count in a name of three words or more."""

_MARKS = re.compile(r"[\u0300-\u036f]")
"""Accents, once they are apart from their letters."""

_INITIALS = re.compile(r"\b((?:[a-z]\.){2,})")


def is_business_name(name: str) -> bool:
    """Return True if the name is one of a business, an institution or a church.

    ``Last, First`` is a person, whatever the words are.
    """
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", name.lower()) if sign not in "'’")
    words = re.findall(r"\w+", _INITIALS.sub(_joined, _MARKS.sub("", plain)))
    if len(words) > 1 and _FORMS.intersection(words):
        return True
    known = _TRADES | _BOTH if len(words) > 2 else _TRADES
    return "," not in name and not known.isdisjoint(words)


def _joined(initials: re.Match[str]) -> str:
    """Return ``llc`` for ``l.l.c.``"""
    return initials.group(1).replace(".", "")
