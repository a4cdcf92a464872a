"""Search terms: the text of a search field, and the terms that customers and invoices are indexed by.

Both are split into *terms*: one letter for the kind, then only letters and digits.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from paydesk.domain.invoices.invoice import Customer, Invoice
from paydesk.domain.money import AmountError, Money
from paydesk.domain.typed.numbers import scanned


class MatchedBy(StrEnum):
    """The part of a hit that matches the search text."""

    CUSTOMER_NUMBER = "customer number"
    INVOICE_NUMBER = "invoice number"
    NAME = "name"
    SIMILAR_NAME = "similar name"
    PHONE = "phone"
    POLICY = "policy number"
    AMOUNT = "amount"


class TermKind(StrEnum):
    """The first letter of a term."""

    NAME = "n"
    PHONE = "t"
    POLICY = "p"
    AMOUNT = "a"
    CUSTOMER = "k"
    INVOICE = "v"


_APOSTROPHES = str.maketrans("", "", "'’‘`´")
_LONGEST = 60
"""Most letters in one term. A longer word is found by its beginning."""
_MOST_WORDS = 12
_LETTERS_AND_DIGITS = re.compile(r"[^\W_]+")
_SHORTEST_POLICY = 3


def words_in(text: str) -> list[str]:
    """Return the words of a text for comparison: no case, no accents, only letters and digits."""
    if text.isascii():
        plain = text.lower().translate(_APOSTROPHES)
    else:
        spread = unicodedata.normalize("NFKD", text.translate(_APOSTROPHES)).casefold()
        plain = "".join(letter for letter in spread if not unicodedata.combining(letter))
    return _split(plain)


def _split(plain: str) -> list[str]:
    return [part[:_LONGEST] for part in _LETTERS_AND_DIGITS.findall(plain)]


def customer_terms(customer: Customer) -> str:
    """Return the terms of a customer: number, words of the name, telephone numbers."""
    terms = [TermKind.CUSTOMER + customer.number, *(TermKind.NAME + word for word in words_in(customer.name))]
    for phone in customer.phones:
        digits = re.sub(r"[^0-9]", "", phone)[-10:]
        terms += [TermKind.PHONE + digits[-length:] for length in (10, 7, 4) if len(digits) >= length]
    return _joined(terms)


def invoice_terms(invoice: Invoice) -> str:
    """Return the terms of an open invoice."""
    cents = (invoice.amount.cents, invoice.balance.cents)
    return invoice_terms_of(invoice.number, invoice.policy_number, cents)


def invoice_terms_of(number: str, policy_number: str, cents: Iterable[int]) -> str:
    """Return the terms of an invoice's fields: number, policy and each of its later parts, amounts."""
    parts = words_in(policy_number)
    policies = ("".join(parts[start:]) for start in range(len(parts)))
    terms = [TermKind.INVOICE + "".join(words_in(number))]
    terms += [TermKind.POLICY + policy[:_LONGEST] for policy in policies if len(policy) >= _SHORTEST_POLICY]
    terms += [f"{TermKind.AMOUNT}{abs(amount)}" for amount in cents]
    return _joined(terms)


def amount_term(amount: Money) -> str:
    """Return the term of an amount. A credit has the same term as a debt."""
    return f"{TermKind.AMOUNT}{abs(amount.cents)}"


def pieces_of(word: str) -> tuple[str, ...]:
    """Return pieces of a name's word. One typing error leaves at least one of them unchanged."""
    return tuple(dict.fromkeys((word[:2], word[1:3], word[-2:], word[:1] + word[-1:])))


def is_vocabulary(word: str) -> bool:
    """Return True if a misspelling of this word is worth finding."""
    return len(word) >= 4 and word.isalpha()


@dataclass(frozen=True, slots=True)
class Wanted:
    """A search text in each of its possible meanings. A meaning that does not fit is empty."""

    words: tuple[str, ...]
    digits: str
    """A customer, invoice or telephone number, or the beginning of one."""
    policy: str
    amount: Money | None

    @property
    def anything(self) -> bool:
        """True if there is something to search for."""
        return bool(self.words)


def wanted_in(text: str) -> Wanted:
    """Return every meaning of a search text. Any text has a result, even if it is empty."""
    text = scanned(text[:400])
    words = tuple(words_in(text))[:_MOST_WORDS]
    joined = "".join(words)[:_LONGEST]
    number = re.fullmatch(r"[\s#(+]*(\d[\d\s().+-]*?)\s*", text) if text.isascii() else None
    digits = re.sub(r"[^0-9]", "", number[1]) if number else ""
    if len(digits) == 11 and digits.startswith("1"):
        digits = digits[1:]  # drop a telephone number's country code
    policy = joined if len(joined) >= _SHORTEST_POLICY and any(one.isdigit() for one in joined) else ""
    return Wanted(words, digits[:20], policy, _amount(text))


def _amount(text: str) -> Money | None:
    if not re.fullmatch(r"\s*\$?\s*(\d{1,3}(,\d{3})*|\d{1,9})(\.\d{0,2})?\s*", text, re.ASCII):
        return None
    try:
        return Money.parse(text.strip().rstrip("."))
    except AmountError:
        return None


def _joined(terms: Iterable[str]) -> str:
    return " ".join(dict.fromkeys(terms))


def closeness(typed: Sequence[str], name: Sequence[str]) -> float:
    """Score 0 to 1 how well a name's words begin with the typed ones. 0 if a typed word matches none."""
    if not typed:
        return 0.0
    found = [max((_begins(word, other) for other in name), default=0.0) for word in typed]
    return sum(found) / len(found) if all(found) else 0.0


def _begins(typed: str, word: str) -> float:
    return 0.8 + 0.2 * len(typed) / len(word) if word.startswith(typed) else 0.0
