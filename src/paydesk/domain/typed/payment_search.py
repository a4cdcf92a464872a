"""Search terms of payments: what a payment is found by, and what a search text asks for.

A term is one letter for its kind, then only letters and digits. Those of ``payment_filter`` are among them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from paydesk.domain.invoices.search_terms import is_vocabulary, words_in
from paydesk.domain.money import AmountError, Money
from paydesk.domain.payment import Payment, State
from paydesk.domain.posting import PostingState
from paydesk.domain.tender import TenderKind
from paydesk.domain.typed.digits import digits_in
from paydesk.domain.typed.payment_filter import facets


class Kind(StrEnum):
    """The first letter of a term."""

    WORD = "w"
    """A word or number, found by its beginning."""
    AMOUNT = "a"
    """Whole cents."""
    WHOLE = "s"
    """A word that many payments share, found when it is typed in full: state, method, brand, person, desk.

    By its beginning, such a word would gather nearly all payments before the newest of them are known.
    """


VERSION = "3"
"""Of the terms. With another one, all payments are indexed anew."""

_LONGEST = 60
_MOST_TERMS = 120
_MOST_TYPED = 12

STATUS_WORDS = {
    State.HELD: "starting held",
    State.OFFERED: "waiting for payment offered link page open",
    State.CLOSING: "being taken back closing link page",
    State.SUBMITTED: "processing being charged",
    State.AUTHORIZED: "approved authorized",
    State.DECLINED: "declined decline",
    State.UNKNOWN: "unconfirmed no clear answer unclear unknown",
    State.RELEASED: "not charged released",
    State.NOT_CHARGED: "confirmed not charged proven",
    State.LATE: "late charge charged",
    State.VOIDING: "void pending being voided voiding",
    State.VOIDED: "voided void",
    State.SETTLED: "settled",
    State.PARTLY_REFUNDED: "partially partly refunded refund",
    State.REFUNDED: "refunded refund",
    State.RETURNED: "returned return by the bank",
    State.CHARGED_BACK: "charged back chargeback disputed dispute",
}
"""The words that the screen has for a state, and others for the same."""

_METHOD_WORDS = {
    TenderKind.CREDIT_CARD: "credit card",
    TenderKind.DEBIT_CARD: "debit card",
    TenderKind.ACH: "ach bank account",
}


def payment_terms(payment: Payment, void_number: str = "", posting: PostingState | None = None) -> str:
    """Return all terms of a payment, with a blank between two. Those of filters are never left out."""
    terms = [*facets(payment, posting), *_words(payment, void_number), *_amounts(payment), *_shared(payment)]
    return " ".join(list(dict.fromkeys(terms))[:_MOST_TERMS])


def _words(payment: Payment, void_number: str) -> Iterator[str]:
    draft, payer = payment.draft, payment.draft.payer
    for text in (payer.customer_name, payer.name):
        yield from (Kind.WORD + word for word in words_in(text))
    numbers = (
        payment.reference, payment.receipt_number, void_number, payment.last4, payer.customer_number,
        payment.authorization_code, draft.reference_value, *draft.invoice_numbers,
        *(line.policy_number for line in draft.lines),
    )  # fmt: skip
    for number in numbers:
        yield from (Kind.WORD + form for form in _forms(number))
    phone = digits_in(payer.phone)[-10:]
    yield from (Kind.WORD + phone[-length:] for length in (10, 7) if len(phone) >= length)


def _forms(number: str) -> Iterator[str]:
    """Yield a number from each of its parts to the end, each part, and those without leading zeros."""
    parts = words_in(number)
    for start, part in enumerate(parts):
        yield "".join(parts[start:])[:_LONGEST]
        yield from (part, part.lstrip("0") or part)
    if len(parts) == 2:  # R-000017 is typed as R-17, too
        yield parts[0] + (parts[1].lstrip("0") or parts[1])


def _amounts(payment: Payment) -> Iterator[str]:
    quote = payment.draft.quote
    amounts = [quote.total, quote.subtotal, *(line.amount for line in payment.draft.lines)]
    for amount in (payment.charged or quote.total, *amounts):
        yield f"{Kind.AMOUNT}{amount.cents}"


def _shared(payment: Payment) -> Iterator[str]:
    by_bank = payment.draft.kind is TenderKind.ACH
    words = STATUS_WORDS[payment.state]
    if by_bank and payment.state is State.AUTHORIZED:
        words = "submitted"  # and never approved: the bank may still return it
    desk = words_in(payment.desk)
    yield from (Kind.WHOLE + word for word in f"{words} {_METHOD_WORDS[payment.draft.kind]}".split())
    yield from (Kind.WHOLE + word for word in (*words_in(payment.user), *desk, "".join(desk)))
    yield from (Kind.WHOLE + word for word in words_in(payment.brand))


@dataclass(frozen=True, slots=True)
class Wanted:
    """Meaning of a search text: one term of each group, in the time from ``since`` to before ``until``.

    A term that ends with ``*`` is the beginning of one. A text without any meaning finds ``nothing``.
    """

    groups: tuple[tuple[str, ...], ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    nothing: bool = False

    @property
    def anything(self) -> bool:
        """True if every payment fits."""
        return not self.groups and self.since is None and not self.nothing

    def fits(self, terms: Set[str], at: datetime) -> bool:
        """Return True for a payment with these terms, taken at ``at`` (UTC)."""
        if self.nothing or (self.since and at < self.since) or (self.until and at >= self.until):
            return False
        return all(any(_has(terms, wanted) for wanted in group) for group in self.groups)

    def respelled(self, spellings: Callable[[str], Iterable[str]]) -> Wanted:
        """Return the same with other spellings of each name's word."""
        return replace(self, groups=tuple(_respelled(group, spellings) for group in self.groups))


def wanted_in(text: str) -> Wanted:
    """Return what a text asks for. Days are no part of it: see ``typed.days``."""
    groups = [group for token in _tokens(text) for group in _groups(token)]
    return Wanted(tuple(groups), nothing=bool(text.strip()) and not groups)


def _tokens(text: str) -> Sequence[str]:
    """Return the pieces between blanks, without the country code of a telephone number."""
    return [piece for piece in text[:400].split()[:_MOST_TYPED] if piece != "+1"]


def _groups(token: str) -> Sequence[tuple[str, ...]]:
    amount = _amount(token)
    if amount is not None and not token.isdigit():
        return [(f"{Kind.AMOUNT}{amount.cents}",)]
    parts = words_in(token)
    if any(sign.isdigit() for sign in token):  # R-000017 is one number, and Smith-Jones are two names
        parts = ["".join(parts)[:_LONGEST]]
    also = (f"{Kind.AMOUNT}{amount.cents}",) if amount is not None else ()
    return [(f"{Kind.WORD}{part}*", Kind.WHOLE + part, *also) for part in parts if part]


def _amount(token: str) -> Money | None:
    bare = token.removeprefix("$").rstrip(".")
    if not bare[:1].isdigit() or not bare.isascii():
        return None
    if token.startswith("$"):
        bare = bare.replace(",", "")  # while $1,449 is typed, its comma stands in odd places
    try:
        return Money.parse(bare)
    except AmountError:
        return None


def _has(terms: Set[str], wanted: str) -> bool:
    if not wanted.endswith("*"):
        return wanted in terms
    return any(term.startswith(wanted[:-1]) for term in terms)


def _respelled(group: tuple[str, ...], spellings: Callable[[str], Iterable[str]]) -> tuple[str, ...]:
    words = [term[1:-1] for term in group if term.startswith(Kind.WORD)]
    others = [other for word in words if is_vocabulary(word) for other in spellings(word)]
    return (*group, *(Kind.WORD + other for other in others))
