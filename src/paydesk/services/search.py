"""One search field: name, number, policy, telephone or amount, as typed; the best matches first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from rapidfuzz import process
from rapidfuzz.distance import OSA

from paydesk.domain.invoice import Customer, Invoice
from paydesk.domain.money import ZERO, Money
from paydesk.domain.searching import (
    Mark,
    Wanted,
    amount_term,
    closeness,
    invoice_terms,
    is_vocabulary,
    wanted_in,
    words_in,
)
from paydesk.services.ports import FoundBy

SHOWN = 20
"""How many hits are shown at most."""

_CANDIDATES = 100
_SPELLINGS = 6
_ENOUGH = 3
"""With so many names as typed, no misspelled one is looked for."""
_SHORTEST_BEGINNING = 2
_REMEMBERED = 200
"""Misspelled words whose meanings are kept: the words before the one that is being typed."""


class Why(StrEnum):
    """What of a hit fits what was typed."""

    CUSTOMER_NUMBER = "customer number"
    INVOICE_NUMBER = "invoice number"
    NAME = "name"
    SIMILAR_NAME = "similar name"
    PHONE = "phone"
    POLICY = "policy number"
    AMOUNT = "amount"


@dataclass(frozen=True, slots=True)
class Hit:
    """A customer, or one of the open invoices; ``fit`` is 1 for exactly what was typed, less for less.

    ``open_count`` and ``owed`` are the customer's open invoices as last seen, ``owed`` their sum.
    """

    why: Why
    fit: float
    customer_number: str
    customer_name: str
    invoice: Invoice | None = None
    open_count: int = 0
    owed: Money = ZERO


class Search:
    """Finds in what this ledger has seen of the agency system; never leaves this computer's ledger."""

    def __init__(self, index: FoundBy) -> None:
        self._index = index
        self._meant: dict[tuple[str, bool], tuple[str, ...]] = {}

    def find(self, text: str, limit: int = SHOWN) -> tuple[Hit, ...]:
        """The best hits for what was typed so far; any text has an answer, if an empty one."""
        wanted = wanted_in(text)
        if not wanted.anything:
            return ()
        hits = [*self._by_number(wanted), *self._by_amount(wanted), *self._by_policy(wanted)]
        if not wanted.digits or not hits:
            hits += self._by_name(wanted.words)
        return self._with_sums(_best(hits, limit))

    # ---- the senses of what was typed -----------------------------------------------------

    def _by_number(self, wanted: Wanted) -> Iterable[Hit]:
        digits = wanted.digits
        if not digits:
            return
        bare = digits.lstrip("0") or digits
        invoice, customer = [[Mark.INVOICE + bare]], [[Mark.CUSTOMER + bare]]
        yield from self._invoices(invoice, Why.INVOICE_NUMBER, 1.0, whole=True)
        yield from self._customers(customer, Why.CUSTOMER_NUMBER, 1.0, whole=True)
        if len(digits) >= _SHORTEST_BEGINNING:
            fit = 0.6 + 0.02 * len(digits)
            yield from self._invoices(invoice, Why.INVOICE_NUMBER, fit)
            yield from self._customers(customer, Why.CUSTOMER_NUMBER, fit - 0.05)
        if len(digits) >= 3:
            phone = [[Mark.PHONE + digits[:10]]]
            yield from self._customers(phone, Why.PHONE, 0.5 + 0.049 * min(len(digits), 10))

    def _by_amount(self, wanted: Wanted) -> Iterable[Hit]:
        if wanted.amount is None or wanted.amount == ZERO:
            return
        fit = 0.95 if wanted.amount.cents % 100 else 0.8
        found = self._index.invoices([[amount_term(wanted.amount)]], _CANDIDATES, whole=True)
        for invoice in found:
            if amount_term(wanted.amount) in (amount_term(invoice.balance), amount_term(invoice.amount)):
                yield _of_invoice(invoice, Why.AMOUNT, fit)

    def _by_policy(self, wanted: Wanted) -> Iterable[Hit]:
        if wanted.policy:
            term = Mark.POLICY + wanted.policy
            for invoice in self._index.invoices([[term]], _CANDIDATES):
                terms = invoice_terms(invoice).split()
                longest = max((len(one) for one in terms if one.startswith(term)), default=0)
                if longest:
                    yield _of_invoice(invoice, Why.POLICY, 0.7 + 0.28 * len(term) / longest)

    def _by_name(self, words: Sequence[str]) -> list[Hit]:
        groups = [[Mark.NAME + word] for word in words]
        found = {one.number: one for one in self._index.customers(groups, _CANDIDATES)}
        if len(words) == 1 and len(found) == _CANDIDATES:
            # Among ten thousand that begin with "jo", the ones called Jo must not be missed.
            found |= {one.number: one for one in self._index.customers(groups, _CANDIDATES, whole=True)}
        hits = [_of_customer(one, Why.NAME, closeness(words, words_in(one.name))) for one in found.values()]
        hits = [hit for hit in hits if hit.fit]
        return hits if len(hits) >= _ENOUGH else hits + self._by_similar_name(words)

    def _by_similar_name(self, words: Sequence[str]) -> list[Hit]:
        *before, last = words
        spellings = [*(self._spellings(word) for word in before), self._spellings(last, typing=True)]
        if all(len(one) == 1 for one in spellings):
            return []
        groups = [[Mark.NAME + word for word in one] for one in spellings]
        found = self._index.customers(groups, _CANDIDATES)
        fits = [(one, _similarity(words, words_in(one.name))) for one in found]
        return [_of_customer(one, Why.SIMILAR_NAME, 0.9 * fit) for one, fit in fits if fit]

    def _spellings(self, word: str, *, typing: bool = False) -> tuple[str, ...]:
        """The word as typed, and the words of names it may have been meant for, or begin."""
        if not is_vocabulary(word):
            return (word,)
        key = word, typing
        if key not in self._meant:
            if len(self._meant) >= _REMEMBERED:
                self._meant.clear()
            self._meant[key] = (word, *self._near(word, typing))
        return self._meant[key]

    def _near(self, word: str, typing: bool) -> list[str]:
        others = self._index.similar(word, None if typing else len(word) + 2)
        begun = [other[: len(word)] for other in others]
        # One letter more or less may stand at the cut: the exact measure follows for the few that are left.
        close = process.extract(word, begun, scorer=OSA.distance, score_cutoff=_allowed(word) + 1, limit=None)
        rated = sorted((-_likeness(word, others[place]), others[place]) for _, _, place in close)
        return [other for fit, other in rated[:_SPELLINGS] if fit < 0 and other != word]

    # ---- rows to hits ---------------------------------------------------------------------

    def _customers(
        self, terms: Sequence[Sequence[str]], why: Why, fit: float, *, whole: bool = False
    ) -> list[Hit]:
        found = self._index.customers(terms, SHOWN, whole=whole)
        return [_of_customer(one, why, fit) for one in found]

    def _invoices(
        self, terms: Sequence[Sequence[str]], why: Why, fit: float, *, whole: bool = False
    ) -> list[Hit]:
        found = self._index.invoices(terms, SHOWN, whole=whole)
        return [_of_invoice(one, why, fit) for one in found]

    def _with_sums(self, hits: Sequence[Hit]) -> tuple[Hit, ...]:
        sums = self._index.owed(sorted({hit.customer_number for hit in hits}))
        return tuple(
            replace(hit, open_count=sums[hit.customer_number][0], owed=sums[hit.customer_number][1])
            for hit in hits
        )


def _of_customer(customer: Customer, why: Why, fit: float) -> Hit:
    return Hit(why, fit, customer.number, customer.name)


def _of_invoice(invoice: Invoice, why: Why, fit: float) -> Hit:
    return Hit(why, fit, invoice.customer_number, invoice.customer_name, invoice)


def _best(hits: Iterable[Hit], limit: int) -> list[Hit]:
    """The best hit of every customer and invoice, best first; among equals by name and number."""
    best: dict[tuple[str, str], Hit] = {}
    for hit in hits:
        key = (hit.customer_number, hit.invoice.number if hit.invoice else "")
        if key not in best or hit.fit > best[key].fit:
            best[key] = hit
    ranked = sorted(best.items(), key=lambda item: (-item[1].fit, item[1].customer_name, item[0]))
    return [hit for _, hit in ranked[:limit]]


def _allowed(typed: str) -> int:
    """How many errors a word may have: two in a long one. Neighbours swapped are one."""
    return 1 if len(typed) <= 5 else 2


def _likeness(typed: str, word: str) -> float:
    """How like the word, or its beginning, what was typed is: 0 for too many errors."""
    allowed = _allowed(typed)
    whole = OSA.distance(typed, word, score_cutoff=allowed)
    if whole <= allowed:
        return 1 - whole / (len(typed) + 1)
    lengths = range(max(len(typed) - 1, 1), min(len(typed) + 1, len(word)) + 1)
    errors = min(
        (OSA.distance(typed, word[:length], score_cutoff=allowed) for length in lengths), default=allowed + 1
    )
    return 1 - (errors + 0.5) / (len(typed) + 1) if errors <= allowed else 0.0


def _similarity(typed: Sequence[str], name: Sequence[str]) -> float:
    found = [max((_fit(word, other) for other in name), default=0.0) for word in typed]
    return sum(found) / len(found) if found and all(found) else 0.0


def _fit(typed: str, word: str) -> float:
    exact = closeness([typed], [word])
    return exact or (_likeness(typed, word) if is_vocabulary(typed) else 0.0)
