"""Search for a name in the agency system itself, for callers that this desk has never seen.

A hit reveals only name and number: the customer is opened by number and ZIP, like any other.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass

from paydesk.domain.invoices.search_terms import MatchedBy, closeness, wanted_in, words_in
from paydesk.services.invoices.search import Hit
from paydesk.services.ports.agency import NameSearch

SHOWN = 20
"""Most customers of the agency system to show."""
_LEAST_LETTERS = 3
_LONGEST = 60
_CONTAINED = 0.5


@dataclass(frozen=True, slots=True)
class AgencyHits:
    """Customers from the agency system, best first.

    ``more`` tells that it has others of that name. ``doubtful`` tells that it also answered with other names,
    so that it may not have searched by this one at all.
    """

    hits: tuple[Hit, ...]
    more: bool = False
    doubtful: bool = False


class AgencySearch:
    """Search by name over the network. ``source`` is the agency system, or files that cannot be asked."""

    def __init__(self, source: NameSearch) -> None:
        self._source = source

    def asks(self, text: str) -> bool:
        """Return True if the text is worth asking for: a word of three letters, or two of another script."""
        wanted = wanted_in(text)
        return not wanted.digits and any(_is_name(word) for word in wanted.words)

    def find(self, text: str, known: Container[str] = ()) -> AgencyHits:
        """Return the customers of that name, without those whose numbers are ``known``.

        Raises CannotSearch if the source has no search by name, and KnownError if it does not answer.
        """
        found = self._source.customers_named(" ".join(text.split())[:_LONGEST])
        words = words_in(text)
        hits, others = [], 0
        for customer in found.customers:
            fit = _fit(words, words_in(customer.name))
            others += not fit
            if fit and customer.number not in known:
                name = MatchedBy.NAME
                hits.append(Hit(name, fit, customer.number, customer.name, from_agency_system=True))
        hits.sort(key=lambda hit: (-hit.fit, hit.customer_name, hit.customer_number))
        more = found.more or len(hits) > SHOWN
        return AgencyHits(tuple(hits[:SHOWN]), more=more, doubtful=bool(others))


def _fit(typed: Sequence[str], name: Sequence[str]) -> float:
    """Score a name. Below one whose words begin with the typed ones is one that contains them anywhere."""
    joined = "".join(name)
    return closeness(typed, name) or (_CONTAINED if all(word in joined for word in typed) else 0.0)


def _is_name(word: str) -> bool:
    return word.isalpha() and len(word) >= (_LEAST_LETTERS if word.isascii() else 2)
