"""Search field for a name, number, policy, telephone or amount, as typed. The best matches come first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from rapidfuzz import process
from rapidfuzz.distance import OSA

from paydesk.domain.invoices.invoice import Customer, Invoice
from paydesk.domain.invoices.search_terms import (
    MatchedBy,
    TermKind,
    Wanted,
    amount_term,
    closeness,
    invoice_terms,
    is_vocabulary,
    wanted_in,
    words_in,
)
from paydesk.domain.invoices.selection import Row
from paydesk.domain.money import ZERO, Money, total
from paydesk.services.ports.cache import NO_SUMS, OpenSums, SearchIndex
from paydesk.services.ports.ledger import Ledger

SHOWN = 20
"""Maximum number of hits to show."""

_CANDIDATES = 100
_SPELLINGS = 6
_ENOUGH = 3
"""Number of exact name hits from which no misspelled name is searched for."""
_SHORTEST_BEGINNING = 2
_SHORTEST_PAID = 4
"""Digits from which the numbers of paid invoices are searched, of which a ledger holds many."""
_REMEMBERED = 200
"""Misspelled words to remember with their meanings, so that the words before the one being typed are not
searched again."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A customer, or an invoice. ``fit`` is 1 for an exact match, and less for a weaker one.

    ``sums`` are those of the customer's open invoices as last seen, without what this ledger's own payments
    took. ``being_paid`` counts those that a payment holds. ``row`` is the invoice with its ledger status.
    ``from_agency_system`` tells that this desk has not seen the customer, so that nothing is known of sums.
    """

    why: MatchedBy
    fit: float
    customer_number: str
    customer_name: str
    row: Row | None = None
    sums: OpenSums = NO_SUMS
    being_paid: int = 0
    from_agency_system: bool = False

    @property
    def balance(self) -> Money:
        """The balance owed, or below zero a credit."""
        if self.row is None:
            return self.sums.owed or -self.sums.credit
        return self.row.owed if self.row.invoice.balance < ZERO else max(self.row.owed, ZERO)

    @property
    def payment(self) -> str:
        """Reference of the payment that explains why the invoice cannot be paid, or ``""``."""
        row = self.row
        if row is None or row.status is None or row.payable or row.invoice.balance < ZERO:
            return ""
        return row.status.reference


class Search:
    """Search in what this ledger has seen of the agency system, and took itself. Never uses the network."""

    def __init__(self, index: SearchIndex, ledger: Ledger) -> None:
        self._index = index
        self._ledger = ledger
        self._meant: dict[tuple[str, bool], tuple[str, ...]] = {}

    def find(self, text: str, limit: int = SHOWN) -> tuple[Hit, ...]:
        """Return the best hits for the text typed so far. Any text has a result, even if it is empty."""
        wanted = wanted_in(text)
        if not wanted.anything:
            return ()
        hits = [*self._by_number(wanted), *self._by_amount(wanted), *self._by_policy(wanted)]
        if not wanted.digits or not hits:
            hits += self._by_name(wanted.words)
        return self._marked(_best(hits, limit))

    # ---- meanings of the text -------------------------------------------------------------

    def _by_number(self, wanted: Wanted) -> Iterable[Hit]:
        digits = wanted.digits
        if not digits:
            return
        bare = digits.lstrip("0") or digits
        invoice, customer = [[TermKind.INVOICE + bare]], [[TermKind.CUSTOMER + bare]]
        yield from self._invoices(invoice, MatchedBy.INVOICE_NUMBER, 1.0, whole=True)
        yield from self._customers(customer, MatchedBy.CUSTOMER_NUMBER, 1.0, whole=True)
        yield from self._closed(bare)
        if len(digits) >= _SHORTEST_BEGINNING:
            fit = 0.6 + 0.02 * len(digits)
            yield from self._invoices(invoice, MatchedBy.INVOICE_NUMBER, fit)
            yield from self._customers(customer, MatchedBy.CUSTOMER_NUMBER, fit - 0.05)
        if len(digits) >= 3:
            phone = [[TermKind.PHONE + digits[:10]]]
            yield from self._customers(phone, MatchedBy.PHONE, 0.5 + 0.049 * min(len(digits), 10))

    def _closed(self, digits: str) -> Iterable[Hit]:
        """Yield the closed invoice with that number, and those we took whose numbers begin with it."""
        exact = self._index.numbered(digits)
        if exact is not None:
            yield _of_invoice(exact, MatchedBy.INVOICE_NUMBER, 1.0)
        if len(digits) >= _SHORTEST_PAID:
            for invoice in self._index.paid(digits, SHOWN):
                fit = 0.59 + 0.02 * len(digits)  # below the open ones
                yield _of_invoice(invoice, MatchedBy.INVOICE_NUMBER, fit)

    def _by_amount(self, wanted: Wanted) -> Iterable[Hit]:
        if wanted.amount is None or wanted.amount == ZERO:
            return
        fit = 0.95 if wanted.amount.cents % 100 else 0.8
        found = self._index.invoices([[amount_term(wanted.amount)]], _CANDIDATES, whole=True)
        for invoice in found:
            if amount_term(wanted.amount) in (amount_term(invoice.balance), amount_term(invoice.amount)):
                yield _of_invoice(invoice, MatchedBy.AMOUNT, fit)

    def _by_policy(self, wanted: Wanted) -> Iterable[Hit]:
        if wanted.policy:
            term = TermKind.POLICY + wanted.policy
            for invoice in self._index.invoices([[term]], _CANDIDATES):
                terms = invoice_terms(invoice).split()
                longest = max((len(one) for one in terms if one.startswith(term)), default=0)
                if longest:
                    yield _of_invoice(invoice, MatchedBy.POLICY, 0.7 + 0.28 * len(term) / longest)

    def _by_name(self, words: Sequence[str]) -> list[Hit]:
        groups = [[TermKind.NAME + word] for word in words]
        found = {one.number: one for one in self._index.customers(groups, _CANDIDATES)}
        if len(words) == 1 and len(found) == _CANDIDATES:
            # Of ten thousand names that begin with "jo", the ones called Jo must be found.
            found |= {one.number: one for one in self._index.customers(groups, _CANDIDATES, whole=True)}
        hits = [
            _of_customer(one, MatchedBy.NAME, closeness(words, words_in(one.name))) for one in found.values()
        ]
        hits = [hit for hit in hits if hit.fit]
        return hits if len(hits) >= _ENOUGH else hits + self._by_similar_name(words)

    def _by_similar_name(self, words: Sequence[str]) -> list[Hit]:
        *before, last = words
        spellings = [*(self.spellings(word) for word in before), self.spellings(last, typing=True)]
        if all(len(one) == 1 for one in spellings):
            return []
        groups = [[TermKind.NAME + word for word in one] for one in spellings]
        found = self._index.customers(groups, _CANDIDATES)
        fits = [(one, _similarity(words, words_in(one.name))) for one in found]
        return [_of_customer(one, MatchedBy.SIMILAR_NAME, 0.9 * fit) for one, fit in fits if fit]

    def spellings(self, word: str, *, typing: bool = False) -> tuple[str, ...]:
        """Return the typed word, and the words of names that it may be a misspelling or a beginning of."""
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
        # The cut may include one letter more or less. The exact measure follows for the few that are left.
        close = process.extract(word, begun, scorer=OSA.distance, score_cutoff=_allowed(word) + 1, limit=None)
        rated = sorted((-_likeness(word, others[place]), others[place]) for _, _, place in close)
        return [other for fit, other in rated[:_SPELLINGS] if fit < 0 and other != word]

    # ---- rows to hits ---------------------------------------------------------------------

    def _customers(
        self, terms: Sequence[Sequence[str]], why: MatchedBy, fit: float, *, whole: bool = False
    ) -> list[Hit]:
        found = self._index.customers(terms, SHOWN, whole=whole)
        return [_of_customer(one, why, fit) for one in found]

    def _invoices(
        self, terms: Sequence[Sequence[str]], why: MatchedBy, fit: float, *, whole: bool = False
    ) -> list[Hit]:
        found = self._index.invoices(terms, SHOWN, whole=whole)
        return [_of_invoice(one, why, fit) for one in found]

    def _marked(self, hits: Sequence[Hit]) -> tuple[Hit, ...]:
        """Return the hits with the customers' sums and the ledger's statuses of the invoices."""
        if not hits:
            return ()
        numbers = sorted({hit.customer_number for hit in hits if hit.row is None})
        sums = self._index.sums(numbers)
        ours = self._index.with_payments(numbers)
        found = [hit.row.invoice for hit in hits if hit.row is not None]
        statuses = self._ledger.statuses([*ours, *found]) if ours or found else {}
        rows = [Row(invoice, statuses.get(invoice.number)) for invoice in ours]
        marked = []
        for hit in hits:
            if hit.row is not None:
                marked.append(replace(hit, row=replace(hit.row, status=statuses.get(hit.row.invoice.number))))
                continue
            theirs = [row for row in rows if row.invoice.customer_number == hit.customer_number]
            being_paid = sum(row.status is not None and row.status.being_paid for row in theirs)
            marked.append(replace(hit, sums=_less(sums[hit.customer_number], theirs), being_paid=being_paid))
        return tuple(marked)


def _less(sums: OpenSums, rows: Iterable[Row]) -> OpenSums:
    """Return the sums without what our payments took, which the balances do not contain yet."""
    debts = [row for row in rows if row.invoice.balance > ZERO]
    taken = total(row.invoice.balance - max(row.owed, ZERO) for row in debts)
    settled = sum(row.owed <= ZERO for row in debts)
    return replace(sums, count=sums.count - settled, owed=sums.owed - taken)


def _of_customer(customer: Customer, why: MatchedBy, fit: float) -> Hit:
    return Hit(why, fit, customer.number, customer.name)


def _of_invoice(invoice: Invoice, why: MatchedBy, fit: float) -> Hit:
    return Hit(why, fit, invoice.customer_number, invoice.customer_name, Row(invoice))


def _best(hits: Iterable[Hit], limit: int) -> list[Hit]:
    """Return the best hit of every customer and invoice, best first, and equals by name and number."""
    best: dict[tuple[str, str], Hit] = {}
    for hit in hits:
        key = (hit.customer_number, hit.row.invoice.number if hit.row else "")
        if key not in best or hit.fit > best[key].fit:
            best[key] = hit
    ranked = sorted(best.items(), key=lambda item: (-item[1].fit, item[1].customer_name, item[0]))
    return [hit for _, hit in ranked[:limit]]


def _allowed(typed: str) -> int:
    """Return the number of errors a word may have: two if it is long. Swapped neighbors count as one."""
    return 1 if len(typed) <= 5 else 2


def _likeness(typed: str, word: str) -> float:
    """Score how close the typed text is to the word or its beginning: 1 is exact, 0 has too many errors."""
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
