"""What a search field looks for, and what of a customer or an invoice it can be found by.

Both sides are cut into *terms*: one letter that says what it is, then letters and digits alone.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from paydesk.domain.invoice import Customer, Invoice
from paydesk.domain.money import AmountError, Money


class Mark(StrEnum):
    """The first letter of a term."""

    NAME = "n"
    PHONE = "t"
    POLICY = "p"
    AMOUNT = "a"
    CUSTOMER = "k"
    INVOICE = "v"


_APOSTROPHES = str.maketrans("", "", "'’‘`´")
_LONGEST = 60
"""Letters of one term; a longer word is found by its beginning."""
_MOST_WORDS = 12
_LETTERS_AND_DIGITS = re.compile(r"[^\W_]+")
_SHORTEST_POLICY = 3


def words_in(text: str) -> list[str]:
    """The words of a text as they are compared: case and accents off, letters and digits only."""
    if text.isascii():
        plain = text.lower().translate(_APOSTROPHES)
    else:
        spread = unicodedata.normalize("NFKD", text.translate(_APOSTROPHES)).casefold()
        plain = "".join(letter for letter in spread if not unicodedata.combining(letter))
    return _split(plain)


def _split(plain: str) -> list[str]:
    return [part[:_LONGEST] for part in _LETTERS_AND_DIGITS.findall(plain)]


def customer_terms(customer: Customer) -> str:
    """What a customer is found by: number, words of the name, telephone numbers."""
    terms = [Mark.CUSTOMER + customer.number, *(Mark.NAME + word for word in words_in(customer.name))]
    for phone in customer.phones:
        digits = re.sub(r"[^0-9]", "", phone)[-10:]
        terms += [Mark.PHONE + digits[-length:] for length in (10, 7, 4) if len(digits) >= length]
    return _joined(terms)


def invoice_terms(invoice: Invoice) -> str:
    """What an open invoice is found by: number, policy and each of its later parts, amounts."""
    parts = words_in(invoice.policy_number)
    policies = ("".join(parts[start:]) for start in range(len(parts)))
    terms = [Mark.INVOICE + "".join(words_in(invoice.number))]
    terms += [Mark.POLICY + policy[:_LONGEST] for policy in policies if len(policy) >= _SHORTEST_POLICY]
    terms += [amount_term(invoice.amount), amount_term(invoice.balance)]
    return _joined(terms)


def amount_term(amount: Money) -> str:
    """The term of an amount, a credit's like that of a debt."""
    return f"{Mark.AMOUNT}{abs(amount.cents)}"


def pieces_of(word: str) -> tuple[str, ...]:
    """Parts of a name's word of which one typing error leaves at least one as it was."""
    return tuple(dict.fromkeys((word[:2], word[1:3], word[-2:], word[:1] + word[-1:])))


def is_vocabulary(word: str) -> bool:
    """Whether a misspelling of this word is worth finding."""
    return len(word) >= 4 and word.isalpha()


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was typed, in every sense it can have; empty where it cannot be meant so."""

    words: tuple[str, ...]
    digits: str
    """A customer number, an invoice number or a telephone number, or the beginning of one."""
    policy: str
    amount: Money | None

    @property
    def anything(self) -> bool:
        """There is something to look for."""
        return bool(self.words)


def wanted_in(text: str) -> Wanted:
    """Every sense of what was typed; any text has a result, if an empty one."""
    words = tuple(words_in(text[:400]))[:_MOST_WORDS]
    joined = "".join(words)[:_LONGEST]
    number = re.fullmatch(r"[\s#(+]*(\d[\d\s().+-]*?)\s*", text) if text.isascii() else None
    digits = re.sub(r"[^0-9]", "", number[1]) if number else ""
    if len(digits) == 11 and digits.startswith("1"):
        digits = digits[1:]  # the country's code before a telephone number
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
    """How well a name's words begin with the typed ones: 0 to 1, and 0 when a typed one is nowhere."""
    if not typed:
        return 0.0
    found = [max((_begins(word, other) for other in name), default=0.0) for word in typed]
    return sum(found) / len(found) if all(found) else 0.0


def _begins(typed: str, word: str) -> float:
    return 0.8 + 0.2 * len(typed) / len(word) if word.startswith(typed) else 0.0
